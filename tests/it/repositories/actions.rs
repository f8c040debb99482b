//! Creating, changing and deleting: what each does, and that a refusal leaves everything as it was.

use grantry::actions::change_repository::{Edit, change_repository};
use grantry::actions::create_repository::Draft;
use grantry::actions::repositories::RepositoryError;
use grantry::actions::tidy_repositories::tidy_repositories;
use grantry::domain::access::rights::Visibility;
use grantry::domain::ids::RepositoryId;
use grantry::domain::repository::Field;
use grantry::domain::role::RepositoryRole;
use grantry::git::repository::Repository as GitRepository;

use super::deeds::{private, wrong};
use crate::world::World;

fn to(visibility: Visibility) -> Edit {
    Edit {
        visibility: Some(visibility),
        ..Edit::default()
    }
}

on_every_database! {
    async fn an_owner_creates_a_repository_with_its_bare_one(world: &World) {
        let created = world.create("olga", "acme", &private("New.Thing")).await.expect("it is created");
        assert_eq!(created.full_name(), "acme/New.Thing");
        assert_eq!(world.repository("ACME/new.thing").await, created.id, "names ignore case");
        let git = GitRepository::at(world.app.git.layout.repository(created.id.get()));
        assert_eq!(git.default_branch().await.expect("it is there"), "main");
        assert_eq!(world.folders(), (1, 0), "nothing is left aside");
        assert_eq!(world.recorded("repo.create").await, 1);
        let mine = world.create("gus", "gus", &private("own")).await.expect("an account is its user's");
        assert_eq!(mine.full_name(), "gus/own");
    }

    async fn a_readme_makes_the_first_commit(world: &World) {
        let draft = Draft { has_readme: true, description: "Says hello.".to_owned(), ..private("hello") };
        let created = world.create("ana", "ana", &draft).await.expect("it is created");
        let git = GitRepository::at(world.app.git.layout.repository(created.id.get()));
        let commit = git.find_commit("main").await.expect("there is a commit");
        assert_eq!((commit.author.name.as_str(), commit.message.as_str()), ("Ana", "Initial commit"));
    }

    async fn only_owners_create_and_nothing_is_left_of_a_refusal(world: &World) {
        for (by, owner) in [("ana", "acme"), ("carl", "acme"), ("eve", "acme"), ("ana", "ben")] {
            let refused = world.create(by, owner, &private("new")).await;
            assert!(matches!(refused, Err(RepositoryError::NotAllowed)), "{by} at {owner}: {refused:?}");
        }
        assert_eq!(world.folders(), (0, 0));
        assert_eq!(world.recorded("repo.create").await, 0);
        assert!(world.find("acme/new").await.is_none() && world.find("ben/new").await.is_none());
    }

    async fn every_mistake_in_a_draft_is_told_at_its_field(world: &World) {
        let draft = |name: &str, description: &str, visibility| Draft {
            name: name.to_owned(),
            description: description.to_owned(),
            visibility,
            has_readme: false,
        };
        let long = "x".repeat(351);
        let everything = draft("-", &long, Visibility::Internal);
        let found = wrong(world.create("ana", "ana", &everything).await);
        assert_eq!(found, [Field::Name, Field::Description, Field::Visibility]);
        for name in ["", "..", "a b", "x.git", "dotfiles", "DOTFILES"] {
            let found = wrong(world.create("ana", "ana", &private(name)).await);
            assert_eq!(found, [Field::Name], "{name}");
        }
        assert_eq!(world.folders(), (0, 0));
        let inside = draft("inside", "", Visibility::Internal);
        world.create("olga", "acme", &inside).await.expect("acme is in an enterprise");
        world.create("mia", "mia", &inside).await.expect("a managed user is in one too");
    }

    async fn a_rename_keeps_the_old_name_back_from_all_but_itself(world: &World) {
        let id = world.repository("acme/web").await;
        world.rename("olga", "acme/web", "site2").await.expect("it is renamed");
        assert!(world.find("acme/web").await.is_none());
        assert_eq!(world.repository("acme/site2").await, id);
        assert_eq!(wrong(world.create("olga", "acme", &private("Web")).await), [Field::Name]);
        assert_eq!(wrong(world.rename("olga", "acme/api", "web").await), [Field::Name]);
        world.rename("olga", "acme/site2", "web").await.expect("it takes its own name back");
        assert_eq!(wrong(world.create("olga", "acme", &private("site2")).await), [Field::Name]);
        world.pass_days(90);
        world.create("olga", "acme", &private("site2")).await.expect("90 days are over");
        assert_eq!(world.recorded("repo.rename").await, 2);
    }

    async fn another_spelling_is_no_other_name(world: &World) {
        let renamed = world.rename("olga", "acme/web", "Web").await.expect("it is renamed");
        assert_eq!(renamed.name, "Web");
        world.rename("olga", "acme/Web", "web").await.expect("and back at once");
    }

    async fn only_an_admin_changes_and_a_refusal_changes_nothing(world: &World) {
        let before = world.find("acme/web").await;
        for by in ["ana", "carl"] {
            let refused = world.change(by, "acme/web", &to(Visibility::Public)).await;
            assert!(matches!(refused, Err(RepositoryError::NotAllowed)), "{by}: {refused:?}");
        }
        for by in ["gus", "dan", "eve"] {
            let refused = world.change(by, "acme/web", &to(Visibility::Public)).await;
            assert!(matches!(refused, Err(RepositoryError::NotFound)), "{by}: {refused:?}");
            let refused = world.delete(by, "acme/web").await;
            assert!(matches!(refused, Err(RepositoryError::NotFound)), "{by}: {refused:?}");
        }
        let refused = world.delete("ana", "acme/web").await;
        assert!(matches!(refused, Err(RepositoryError::NotAllowed)), "{refused:?}");
        assert_eq!(world.find("acme/web").await, before);
        world.share("olga", "acme/web", "carl", RepositoryRole::Admin).await.expect("carl gets it");
        let edit = Edit { description: Some("By carl".to_owned()), ..Edit::default() };
        let changed = world.change("carl", "acme/web", &edit).await.expect("an admin changes it");
        assert_eq!((changed.description.as_str(), changed.visibility), ("By carl", Visibility::Private));
    }

    async fn a_page_that_is_out_of_date_changes_nothing(world: &World) {
        let shown = world.find("acme/web").await.expect("it is there");
        world.change("sam", "acme/web", &to(Visibility::Internal)).await.expect("sam is first");
        let (origin, olga) = (world.person("olga").await, world.user("olga").await);
        let edit = to(Visibility::Public);
        let late = change_repository(&world.context, &origin, olga, shown.id, Some(shown.rev), &edit).await;
        assert!(matches!(late, Err(RepositoryError::Moved)), "{late:?}");
        let now = world.find("acme/web").await.expect("it is there");
        assert_eq!(now.visibility, Visibility::Internal);
    }

    async fn only_an_enterprise_has_internal_repositories(world: &World) {
        assert_eq!(wrong(world.change("ana", "ana/lab", &to(Visibility::Internal)).await), [Field::Visibility]);
        world.change("olga", "acme/web", &to(Visibility::Internal)).await.expect("acme is in one");
        assert_eq!(world.recorded("repo.access").await, 1);
    }

    async fn a_deleted_repository_takes_its_folder_and_its_name_with_it(world: &World) {
        let created = world.create("olga", "acme", &private("gone")).await.expect("it is created");
        world.delete("olga", "acme/gone").await.expect("it is deleted");
        assert_eq!(world.folders(), (0, 0));
        assert!(world.find("acme/gone").await.is_none());
        assert_eq!(wrong(world.create("olga", "acme", &private("gone")).await), [Field::Name]);
        world.pass_days(91);
        let again = world.create("olga", "acme", &private("gone")).await.expect("the name is free");
        assert_ne!(again.id, created.id, "an id is never given again");
        assert_eq!(world.recorded("repo.destroy").await, 1);
    }

    async fn what_a_crash_left_is_tidied_and_nothing_else(world: &World) {
        let kept = world.create("olga", "acme", &private("kept")).await.expect("it is created");
        let layout = &world.app.git.layout;
        let orphan = layout.repository(kept.id.get() + 1_000);
        std::fs::create_dir_all(&orphan).expect("it is writable");
        std::fs::create_dir_all(layout.repositories().join("new-abc")).expect("it is writable");
        let tidy = async || tidy_repositories(&world.context, layout).await.expect("it is read");
        assert_eq!(tidy().await, 0, "it may belong to a change that is under way");
        world.pass_days(400);
        assert_eq!(tidy().await, 2);
        assert_eq!(world.folders(), (1, 0));
        assert!(layout.repository(kept.id.get()).exists());
    }
}

on_shared_databases! {
    async fn of_two_who_take_a_name_at_once_one_gets_it(world: &World) {
        let (first, second) = (private("both"), private("both"));
        let (one, other) = tokio::join!(
            world.create("olga", "acme", &first),
            world.create("sam", "acme", &second),
        );
        let (won, lost) = if one.is_ok() { (one, other) } else { (other, one) };
        let won = won.expect("one gets it");
        assert_eq!(wrong(lost), [Field::Name]);
        assert_eq!(world.folders(), (1, 0));
        assert_eq!(world.repository("acme/both").await, won.id);
        assert_ne!(won.id, RepositoryId::new(0));
    }
}
