//! Importing the directory, on every database: idempotent, all or nothing, and what follows for tokens.

use std::path::Path;

use grantry::actions::import::{Directory, ImportError, Options, Report, import};
use grantry::domain::access::decision::Reason;
use grantry::domain::approval::{GrantState, RevokeCause};
use grantry::domain::audit::{Actor, Origin};
use grantry::store::accounts::find_login;
use grantry::store::{grants, issues, repositories, requests};

use crate::world::{Answer, World, draft};

async fn run(world: &World, text: &str, dry_run: bool) -> Result<Report, ImportError> {
    let directory = Directory::parse(text).map_err(ImportError::Mistakes)?;
    let options = Options {
        dry_run,
        overwrites_policies: false,
    };
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

on_every_database! {
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
