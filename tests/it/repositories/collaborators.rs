//! Roles on a repository: given, changed, taken away.

use grantry::actions::repositories::RepositoryError;
use grantry::domain::approval::{GrantState, RequestState};
use grantry::domain::repository::Field;
use grantry::domain::role::RepositoryRole::{Admin, Read, Write};
use grantry::store::{reach, repositories, requests};

use super::deeds::wrong;
use crate::world::{Answer, World, draft};

on_every_database! {
    async fn a_role_counts_from_the_next_call_on(world: &World) {
        let minted = world.mint("ana", draft("mine").owner("ana").all().permission("issues", "read")).await;
        assert_eq!(world.answer(minted.secret.reveal(), "GET", "/repos/ana/lab/issues").await, Answer::Allowed);
        assert_eq!(world.share("ana", "ana/lab", "gus", Read).await.expect("gus gets it"), None);
        assert_eq!(world.share("ana", "ana/lab", "GUS", Write).await.expect("and more"), Some(Read));
        let lab = world.find("ana/lab").await.expect("it is there");
        let gus = world.user("gus").await;
        let role = async || reach::find_role(&mut world.reader(), gus, &lab).await.expect("it is read");
        assert_eq!(role().await, Some(Write));
        assert!(world.unshare("ana", "ana/lab", "gus").await.expect("it is taken"));
        assert_eq!(role().await, None);
        assert!(!world.unshare("ana", "ana/lab", "gus").await.expect("there is nothing left"));
        assert_eq!((world.recorded("repo.update_member").await, world.recorded("repo.remove_member").await), (2, 1));
    }

    async fn nobody_gets_a_role_that_cannot_have_one(world: &World) {
        for login in ["", "nobody", "labs", "ana"] {
            let found = wrong(world.share("ana", "ana/lab", login, Read).await);
            assert_eq!(found, [Field::Person], "{login}");
        }
        let lab = world.repository("ana/lab").await;
        let all = repositories::list_collaborators(&mut world.reader(), lab).await.expect("it is read");
        assert!(all.is_empty());
    }

    async fn only_an_admin_says_who_has_a_role(world: &World) {
        for (by, repository) in [("carl", "acme/web"), ("ana", "acme/web"), ("gus", "ana/lab")] {
            let refused = world.share(by, repository, "dan", Admin).await;
            assert!(
                matches!(refused, Err(RepositoryError::NotAllowed | RepositoryError::NotFound)),
                "{by}: {refused:?}"
            );
            assert!(world.unshare(by, repository, "carl").await.is_err(), "{by}");
        }
        let web = world.repository("acme/web").await;
        let all = repositories::list_collaborators(&mut world.reader(), web).await.expect("it is read");
        assert_eq!(all.len(), 1, "carl alone, as before");
        assert_eq!(all[0].role, Write);
    }

    async fn the_last_role_ends_what_tokens_held_and_asked(world: &World) {
        let wish = |name| draft(name).owner("acme").selected(&["web"]).permission("issues", "read");
        let works = world.mint("carl", wish("works")).await;
        world.approve("olga", &works).await.expect("it waits");
        let waits = world.mint("carl", wish("waits")).await;
        world.share("olga", "acme/api", "carl", Read).await.expect("a second role");
        world.unshare("olga", "acme/api", "carl").await.expect("it is taken");
        assert_eq!(world.grant(works.token, "acme").await.state, GrantState::Active, "one role is left");
        world.unshare("olga", "acme/web", "carl").await.expect("it is taken");
        assert_eq!(world.grant(works.token, "acme").await.state, GrantState::Revoked);
        let grant = world.grant(waits.token, "acme").await;
        let all = requests::list_of_grant(&mut world.reader(), grant.id).await.expect("it is read");
        assert_eq!(all[0].state, RequestState::Cancelled);
        world.share("olga", "acme/web", "carl", Read).await.expect("carl is back");
        assert_eq!(world.grant(works.token, "acme").await.state, GrantState::Revoked, "coming back revives nothing");
    }

    async fn the_list_of_people_says_why_each_is_there(world: &World) {
        let web = world.find("acme/web").await.expect("it is there");
        let acme = world.account("acme").await;
        let list = async |people, search: &str, after: &str, limit| {
            let page = reach::PeoplePage { search, after, limit, offset: 0 };
            let all = reach::list_people(&mut world.reader(), &web, acme.base_permission, people, page).await;
            let all = all.expect("it is read").into_iter();
            all.map(|person| (person.login.clone(), person.role(&web, acme.base_permission))).collect::<Vec<_>>()
        };
        let named = |pairs: &[(&str, _)]| pairs.iter().map(|(login, role)| ((*login).to_owned(), Some(*role))).collect::<Vec<_>>();
        let everybody = [("ana", Read), ("ben", Read), ("carl", Write), ("mia", Read), ("olga", Admin), ("sam", Admin)];
        assert_eq!(list(reach::People::Everybody, "", "", 50).await, named(&everybody));
        assert_eq!(list(reach::People::Everybody, "", "ben", 2).await, named(&everybody[2..4]));
        assert_eq!(list(reach::People::Everybody, "AN", "", 50).await, named(&everybody[..1]));
        assert!(list(reach::People::Everybody, "%", "", 50).await.is_empty(), "no wildcard");
        assert_eq!(list(reach::People::Outside, "", "", 50).await, named(&everybody[2..3]));
    }
}
