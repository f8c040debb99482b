//! Importing the directory, on every database: idempotent, all or nothing, and what follows for tokens.

use std::path::Path;

use grantry::actions::import::{Directory, ImportError, Options, Report, import};
use grantry::domain::access::decision::Reason;
use grantry::domain::approval::{GrantState, RevokeCause};
use grantry::domain::audit::{Actor, Origin};
use grantry::domain::policy::Limit;
use grantry::domain::policy::setting::{EnterpriseAccess, EnterpriseApproval, EnterpriseLayer};
use grantry::domain::token::TokenKind;
use grantry::store::accounts::{self, find_login};
use grantry::store::{grants, issues, policies, repositories, requests};

use crate::world::{Answer, World, draft};

async fn run(world: &World, text: &str, dry_run: bool) -> Result<Report, ImportError> {
    let options = Options {
        dry_run,
        overwrites_policies: false,
    };
    run_with(world, text, options).await
}

async fn run_with(world: &World, text: &str, options: Options) -> Result<Report, ImportError> {
    let directory = Directory::parse(text).map_err(ImportError::Mistakes)?;
    let origin = Origin::of(Actor::Operator);
    let layout = &world.app.git.layout;
    import(
        &world.context,
        layout,
        &origin,
        &directory,
        Path::new(""),
        options,
    )
    .await
}

async fn imported(world: &World, text: &str) -> Vec<String> {
    run(world, text, false)
        .await
        .expect("the file is sound")
        .changes
}

const SMALL: &str = "\
[[users]]
login = \"zoe\"
name = \"Zoe\"
[[organizations]]
login = \"shop\"
owners = [\"zoe\"]
members = [\"ana\"]
policy.fine_grained = { approval = \"not_required\", max_lifetime_days = 30 }
[[repositories]]
owner = \"shop\"
name = \"till\"
collaborators = [{ user = \"gus\", role = \"write\" }]
[[issues]]
repository = \"shop/till\"
author = \"zoe\"
title = \"It rings\"
";

/// Every key that an enterprise has.
const ENTERPRISE: &str = "\
[[enterprises]]
slug = \"globex\"
owners = [\"eve\", \"sam\"]
managed_users = [\"ben\"]
policy.fine_grained = { access = \"allow\", approval = \"require\", max_lifetime_days = 30, exempt_administrators = true }
policy.classic = { access = \"restrict\", max_lifetime_days = \"none\", exempt_administrators = false }
[[organizations]]
login = \"acme\"
policy.classic = { access = \"allow\", max_lifetime_days = 90 }
";

async fn globex_sets(world: &World, kind: TokenKind) -> (i64, Option<EnterpriseLayer>) {
    let globex = world.enterprise("globex").await;
    let now = world.clock_now();
    let found = policies::find_standing(&mut world.reader(), globex, kind, now).await;
    let found = found.expect("policies can be read");
    (found.number, found.in_force.map(|saved| saved.layer))
}

on_every_database! {
    /// Owners, managed users and policies of both kinds.
    async fn every_key_of_an_enterprise_is_imported_once(world: &World) {
        assert_eq!(imported(world, ENTERPRISE).await.len(), 6, "an owner, two managed users, three policies");
        let expected = EnterpriseLayer {
            access: EnterpriseAccess::Allow,
            approval: EnterpriseApproval::Require,
            lifetime: Limit::Days(30),
            exempts_administrators: true,
        };
        assert_eq!(globex_sets(world, TokenKind::FineGrained).await, (1, Some(expected)));
        let classic = globex_sets(world, TokenKind::Classic).await.1.expect("it was set");
        assert_eq!((classic.access, classic.lifetime), (EnterpriseAccess::Restrict, Limit::Unlimited));
        let globex = world.enterprise("globex").await;
        for (login, managed) in [("ben", Some(globex)), ("mia", None), ("ana", None)] {
            assert_eq!(world.account(login).await.managed_by, managed, "{login}");
        }
        let owners = accounts::list_owners(&mut world.reader(), globex).await.expect("they are read");
        let owners: Vec<_> = owners.into_iter().map(|owner| owner.login).collect();
        assert_eq!(owners, ["eve", "sam"]);
        assert_eq!(imported(world, ENTERPRISE).await, Vec::<String>::new());
    }

    /// What somebody changed in the console stays, unless the operator says otherwise.
    async fn a_policy_that_was_changed_elsewhere_stays_unless_it_is_overwritten(world: &World) {
        imported(world, ENTERPRISE).await;
        let (globex, origin) = (world.enterprise("globex").await, world.person("eve").await);
        let own = EnterpriseLayer { lifetime: Limit::Days(7), ..EnterpriseLayer::default_for(TokenKind::Classic) };
        let mut work = world.context.begin(&origin).await.expect("a change begins");
        let now = work.now();
        policies::insert(&mut work, globex, TokenKind::Classic, &own, None, now).await.expect("it is saved");
        world.context.commit(work).await.expect("it lasts");
        let narrower = ENTERPRISE.replace("max_lifetime_days = 90", "max_lifetime_days = 7");
        let report = run(world, &narrower, false).await.expect("the file is sound");
        assert!(report.left.iter().any(|line| line.contains("--overwrite-policies")), "{:?}", report.left);
        assert_eq!(globex_sets(world, TokenKind::Classic).await, (2, Some(own)));
        let options = Options { dry_run: false, overwrites_policies: true };
        run_with(world, &narrower, options).await.expect("the file is sound");
        let now = globex_sets(world, TokenKind::Classic).await.1.expect("it is set");
        assert_eq!((now.access, now.lifetime), (EnterpriseAccess::Restrict, Limit::Unlimited));
    }

    /// A value that no policy has is named with its line and key, and nothing of the file is entered.
    async fn a_bad_value_of_a_policy_is_named_by_its_line(world: &World) {
        for (good, bad, told) in [
            ("access = \"restrict\"", "access = \"maybe\"", "access"),
            ("approval = \"require\"", "approval = \"required\"", "approval"),
            ("max_lifetime_days = 30", "max_lifetime_days = 367", "max_lifetime_days"),
            ("exempt_administrators = true", "exempt_administrators = \"yes\"", "exempt_administrators"),
        ] {
            let text = ENTERPRISE.replacen(good, bad, 1);
            let refused = run(world, &text, false).await.expect_err(bad);
            let ImportError::Mistakes(mistakes) = refused else { panic!("{refused:?}") };
            let line = 1 + text.lines().position(|line| line.contains(bad)).expect("it is there");
            let first = mistakes[0].to_string();
            assert!(first.contains(&format!("line {line}")) && first.contains(told), "{bad}: {first}");
        }
        let wider = ENTERPRISE.replace("max_lifetime_days = \"none\"", "max_lifetime_days = 60");
        let refused = run(world, &wider, false).await.expect_err("90 days is wider than 60");
        assert!(format!("{refused:?}").contains("90 days is more than enterprise"), "{refused:?}");
        assert_eq!(globex_sets(world, TokenKind::FineGrained).await, (0, None));
        assert_eq!(world.account("ben").await.managed_by, None);
    }

    /// The same file again changes nothing; a dry run changes nothing either.
    async fn importing_twice_changes_nothing_the_second_time(world: &World) {
        let foreseen = run(world, SMALL, true).await.expect("the file is sound");
        assert!(find_login(&mut world.reader(), "zoe").await.expect("it reads").is_none());
        assert_eq!(imported(world, SMALL).await, foreseen.changes);
        assert_eq!(imported(world, SMALL).await, Vec::<String>::new());
        let till = world.repository("shop/till").await;
        let all = issues::StateFilter::All;
        let found = issues::list(&mut world.reader(), till, all, 10, 0).await.expect("it reads");
        assert_eq!(found.len(), 1);
        assert!(world.app.git.layout.repository(till.get()).join("HEAD").exists());
    }

    /// One mistake anywhere, and nothing is entered.
    async fn a_file_with_a_mistake_enters_nothing(world: &World) {
        let text = format!("{SMALL}[[repositories]]\nowner = \"shop\"\nname = \"copy\"\nsource = \"nowhere\"\n");
        let refused = run(world, &text, false).await.expect_err("there is nothing to copy");
        let ImportError::Mistakes(mistakes) = refused else { panic!("{refused:?}") };
        assert!(mistakes[0].to_string().contains("key `source`: `nowhere` cannot be copied"), "{mistakes:?}");
        assert!(find_login(&mut world.reader(), "zoe").await.expect("it reads").is_none());
        let folder = world.app.git.layout.repositories();
        let left = std::fs::read_dir(folder).map_or(0, Iterator::count);
        assert_eq!(left, 0, "what was made aside is gone");
    }

    /// Leaving revokes for good; coming back revives nothing.
    async fn grants_end_when_their_user_leaves(world: &World) {
        let wish = draft("ci").owner("acme").selected(&["web"]).permission("issues", "read");
        let minted = world.mint("ana", wish).await;
        world.approve("olga", &minted).await.expect("it waits");
        let waiting = draft("more").owner("acme").selected(&["api"]).permission("issues", "read");
        let waiting = world.mint("ana", waiting).await;
        let without = "[[organizations]]\nlogin = \"acme\"\nmembers = [\"ben\", \"mia\"]\n";
        imported(world, without).await;
        let grant = grants::list_of_token(&mut world.reader(), minted.token).await.expect("it reads").remove(0);
        assert_eq!((grant.state, grant.ended_cause), (GrantState::Revoked, Some(RevokeCause::Left)));
        let grant = grants::list_of_token(&mut world.reader(), waiting.token).await.expect("it reads").remove(0);
        let pending = requests::find_pending(&mut world.reader(), grant.id).await.expect("it reads");
        assert_eq!(pending, None);
        let back = "[[organizations]]\nlogin = \"acme\"\nmembers = [\"ana\", \"ben\", \"mia\"]\n";
        imported(world, back).await;
        let answer = world.answer(minted.secret.reveal(), "GET", "/repos/acme/web/issues").await;
        assert_eq!(answer, Answer::Refused(Reason::Revoked));
    }

    /// What nobody reviewed waits for a review once its user is no owner.
    async fn an_owners_grant_waits_when_the_owner_is_demoted(world: &World) {
        let wish = draft("ops").owner("acme").all().permission("issues", "read");
        let minted = world.mint("sam", wish).await;
        let secret = minted.secret.reveal();
        assert_eq!(world.answer(secret, "GET", "/repos/acme/web/issues").await, Answer::Allowed);
        let demoted = "[[organizations]]\nlogin = \"acme\"\nowners = [\"olga\"]\nmembers = [\"ana\", \"ben\", \"mia\", \"sam\"]\n";
        imported(world, demoted).await;
        let answer = world.answer(secret, "GET", "/repos/acme/web/issues").await;
        assert_eq!(answer, Answer::Refused(Reason::Pending));
        world.approve("olga", &minted).await.expect("it waits for a review");
        assert_eq!(world.answer(secret, "GET", "/repos/acme/web/issues").await, Answer::Allowed);
    }

    /// A suspended person's tokens are dead until the suspension is lifted.
    async fn a_suspended_users_tokens_are_dead(world: &World) {
        let wish = draft("own").owner("ana").all().permission("issues", "read");
        let minted = world.mint("ana", wish).await;
        let path = "/repos/ana/lab/issues";
        imported(world, "[[users]]\nlogin = \"ana\"\nsuspended = true\n").await;
        let dead = world.answer(minted.secret.reveal(), "GET", path).await;
        assert_ne!(dead, Answer::Allowed);
        imported(world, "[[users]]\nlogin = \"ana\"\nsuspended = false\n").await;
        assert_eq!(world.answer(minted.secret.reveal(), "GET", path).await, Answer::Allowed);
    }

    /// Leaving the enterprise hides what was readable in it.
    async fn internal_repositories_that_leave_their_enterprise_become_private(world: &World) {
        imported(world, "[[organizations]]\nlogin = \"acme\"\nenterprise = \"\"\n").await;
        let id = world.repository("acme/handbook").await;
        let found = repositories::find(&mut world.reader(), id).await.expect("it reads").expect("it is there");
        assert_eq!(found.visibility.as_str(), "private");
    }

    /// A file of a whole company fits into one transaction.
    async fn thousands_of_people_are_imported_at_once(world: &World) {
        let people: Vec<_> = (0..3_000).map(|n| format!("[[users]]\nlogin = \"p{n}\"\n")).collect();
        let people = people.concat();
        assert_eq!(imported(world, &people).await.len(), 3_000);
    }
}
