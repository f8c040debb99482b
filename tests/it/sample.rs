//! The world that the other tests live in.

use grantry::domain::access::decision::Reason;

use crate::world::{Answer, World, draft};

on_every_database! {
    /// The main job in five lines: pending, approved, revoked.
    async fn a_token_waits_works_and_is_taken_back(world: &World) {
        let wish = draft("ci").owner("acme").selected(&["web"]);
        let minted = world.mint("ana", wish.permission("issues", "read")).await;
        let secret = minted.secret.reveal();
        let issues = "/repos/acme/web/issues";
        let pending = world.answer(secret, "GET", issues).await;
        assert_eq!(pending, Answer::Refused(Reason::Pending));
        world.approve("olga", &minted).await.expect("it waits");
        assert_eq!(world.answer(secret, "GET", issues).await, Answer::Allowed);
        let contents = world.answer(secret, "GET", "/repos/acme/web/contents").await;
        assert_eq!(contents, Answer::Refused(Reason::MissingPermission));
        world.revoke("sam", &minted, "the job is gone").await.expect("it works");
        let revoked = world.answer(secret, "GET", issues).await;
        assert_eq!(revoked, Answer::Refused(Reason::Revoked));
    }
}
