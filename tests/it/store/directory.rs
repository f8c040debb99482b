//! Accounts, memberships, who may choose whom, repositories and policies.

use grantry::domain::access::rights::{MemberRole, Relation};
use grantry::domain::account::AccountKind;
use grantry::domain::policy::setting::{Access, Approval, Limit, OrganizationLayer, in_force};
use grantry::domain::role::RepositoryRole;
use grantry::domain::token::TokenKind;
use grantry::store::{accounts, policies, repositories, rights};

use crate::world::World;

async fn choosable(world: &World, login: &str) -> Vec<(String, Relation)> {
    let user = world.user(login).await;
    let all = rights::list_choosable(&mut world.reader(), user).await;
    let all = all.expect("it is read").into_iter();
    all.map(|one| (one.login, one.relation)).collect()
}

fn named(pairs: &[(&str, Relation)]) -> Vec<(String, Relation)> {
    pairs
        .iter()
        .map(|(login, relation)| ((*login).to_owned(), *relation))
        .collect()
}

async fn selectable(world: &World, login: &str, owner: &str, search: &str) -> Vec<String> {
    let (user, owner) = (world.user(login).await, world.account(owner).await.id);
    let db = &mut world.reader();
    let relation = rights::find_choosable(db, user, owner)
        .await
        .expect("it is read");
    let relation = relation.expect("it can be chosen").relation;
    let picks = rights::list_selectable(db, user, owner, relation, search, 50).await;
    picks
        .expect("it is read")
        .into_iter()
        .map(|pick| pick.name)
        .collect()
}

on_every_database! {
    async fn a_login_ignores_case_and_belongs_to_one_kind(world: &World) {
        let db = &mut world.reader();
        let acme = accounts::find_login(db, "AcMe").await.expect("it is read").expect("it is there");
        assert_eq!((acme.login.as_str(), acme.kind), ("acme", AccountKind::Organization));
        assert_eq!(accounts::find_user(db, "acme").await.expect("it is read"), None);
        assert_eq!(accounts::find_organization(db, "ana").await.expect("it is read"), None);
        assert_eq!(accounts::find_login(db, "globex").await.expect("it is read"), None, "slugs are apart");
        assert!(accounts::find_slug(db, "Globex").await.expect("it is read").is_some());
    }

    async fn an_organization_is_reviewed_by_its_owners_and_a_user_by_nobody_else(world: &World) {
        let (acme, ana) = (world.organization("acme").await, world.user("ana").await);
        let db = &mut world.reader();
        let reviewers = accounts::list_reviewers(db, acme).await.expect("it is read");
        assert_eq!(reviewers, accounts::list_owners(db, acme).await.expect("it is read"));
        let reviewers = accounts::list_reviewers(db, ana).await.expect("it is read");
        let logins: Vec<_> = reviewers.iter().map(|member| member.login.as_str()).collect();
        assert_eq!(logins, ["ana"]);
    }

    async fn members_are_listed_by_login_and_a_role_replaces_the_one_before(world: &World) {
        let (acme, ana) = (world.organization("acme").await, world.user("ana").await);
        let members = accounts::list_members(&mut world.reader(), acme).await.expect("it is read");
        let logins: Vec<_> = members.iter().map(|member| member.login.as_str()).collect();
        assert_eq!(logins, ["ana", "ben", "mia", "olga", "sam"]);
        let now = world.clock_now();
        let db = &mut world.reader();
        accounts::put_member(db, acme, ana, MemberRole::Owner, now).await.expect("it is written");
        assert_eq!(accounts::find_role(db, acme, ana).await.expect("it is read"), Some(MemberRole::Owner));
        accounts::remove_member(db, acme, ana).await.expect("it is written");
        assert_eq!(accounts::find_role(db, acme, ana).await.expect("it is read"), None);
    }

    async fn a_user_may_choose_whom_they_have_a_relation_with(world: &World) {
        use Relation::{Collaborator, EnterpriseOwner, Member, Own, Owner, Sister};
        let table: [(&str, &[(&str, Relation)]); 6] = [
            ("ana", &[("ana", Own), ("acme", Member), ("labs", Member)]),
            ("olga", &[("olga", Own), ("acme", Owner), ("labs", Owner)]),
            ("dan", &[("dan", Own), ("acme", Sister), ("labs", Member)]),
            ("carl", &[("carl", Own), ("acme", Collaborator)]),
            ("eve", &[("eve", Own), ("acme", Sister), ("globex", EnterpriseOwner), ("labs", Sister)]),
            ("gus", &[("gus", Own)]),
        ];
        for (login, expected) in table {
            assert_eq!(choosable(world, login).await, named(expected), "{login}");
        }
    }

    async fn the_strongest_relation_counts_and_a_managed_user_is_a_sister_everywhere(world: &World) {
        let (web, ana, dan) = (world.repository("acme/web").await, world.user("ana").await, world.user("dan").await);
        let (now, db) = (world.clock_now(), &mut world.reader());
        for user in [ana, dan] {
            let role = RepositoryRole::Admin;
            repositories::put_collaborator(db, web, user, role, now).await.expect("it is written");
        }
        assert!(choosable(world, "ana").await.contains(&("acme".to_owned(), Relation::Member)));
        assert!(choosable(world, "dan").await.contains(&("acme".to_owned(), Relation::Collaborator)));
        assert!(choosable(world, "mia").await.contains(&("labs".to_owned(), Relation::Sister)));
    }

    async fn each_relation_selects_what_it_may(world: &World) {
        assert_eq!(selectable(world, "ana", "acme", "").await, ["api", "handbook", "site", "web"]);
        assert_eq!(selectable(world, "carl", "acme", "").await, ["web"]);
        assert_eq!(selectable(world, "dan", "acme", "").await, ["handbook"]);
        assert_eq!(selectable(world, "ana", "ana", "").await, ["dotfiles", "lab"]);
        assert_eq!(selectable(world, "ana", "acme", "E").await, ["site", "web"]);
        assert!(selectable(world, "ana", "acme", "%").await.is_empty(), "no wildcard");
        let (ana, acme) = (world.user("ana").await, world.organization("acme").await);
        let (web, probe) = (world.repository("acme/web").await, world.repository("labs/probe").await);
        let kept = rights::filter_selectable(&mut world.reader(), ana, acme, Relation::Member, &[web, probe]).await;
        assert_eq!(kept.expect("it is read"), [web], "another owner's repository is none of these");
    }

    async fn every_version_of_a_policy_stays_and_the_last_is_in_force(world: &World) {
        let (acme, kind) = (world.organization("acme").await, TokenKind::FineGrained);
        let layer = |days| OrganizationLayer {
            access: Access::Allow,
            approval: Approval::Required,
            lifetime: Limit::from_days(days),
        };
        let db = &mut world.reader();
        for days in [Some(30), None, Some(7)] {
            policies::insert(db, acme, kind, &layer(days), None, world.clock_now()).await.expect("it is saved");
        }
        let versions = policies::list_versions::<OrganizationLayer>(db, acme, kind).await.expect("it is read");
        assert_eq!(versions.iter().map(|saved| saved.version).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(in_force(&versions, world.clock_now()), Some(layer(Some(7))));
        let other = policies::list_versions::<OrganizationLayer>(db, acme, TokenKind::Classic).await;
        assert!(other.expect("it is read").is_empty(), "each kind has its own");
    }
}
