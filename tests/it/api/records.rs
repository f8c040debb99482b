//! Every decision about a known token is written down before its answer leaves.

use grantry::store::{Db as _, tokens};

use crate::world::World;

async fn count_refusals(world: &World, reason: &str) -> i64 {
    let count = "SELECT COUNT(*) FROM refusals WHERE reason = $1";
    world
        .reader()
        .query(count)
        .bind(reason)
        .number()
        .await
        .expect("refusals can be read")
}

on_every_database! {
    async fn refusals_of_a_known_token_are_kept_with_their_reason(world: &World) {
        let minted = world.approved("issues", "read").await;
        let token = minted.secret.reveal();
        for (path, reason) in [
            ("/repos/acme/web/contents", "missing_permission"),
            ("/repos/acme//web", "bad_path"),
            ("/repos/acme/nope", "not_found"),
            ("/nope", "not_found"),
        ] {
            let before = count_refusals(world, reason).await;
            assert_eq!(world.get(token, path).await.refusal().1, reason, "{path}");
            assert_eq!(count_refusals(world, reason).await, before + 1, "{path}");
        }
        let used = tokens::find_last_use(&mut world.reader(), minted.token, None).await;
        assert_eq!(used.expect("uses can be read"), None, "a refusal is no use");
    }

    async fn unknown_strings_are_not_kept(world: &World) {
        assert_eq!(world.get("grantry_pat_x", "/user").await.status, 401);
        assert_eq!(world.get("", "/repos/acme/web").await.status, 404);
        assert_eq!(count_refusals(world, "bad_credentials").await, 0);
        assert_eq!(count_refusals(world, "not_found").await, 0);
    }

    async fn an_allow_is_the_last_use(world: &World) {
        let minted = world.approved("issues", "read").await;
        world.pass_seconds(60);
        assert_eq!(world.get(minted.secret.reveal(), "/repos/acme/web/issues").await.status, 200);
        let acme = world.organization("acme").await;
        let used = tokens::find_last_use(&mut world.reader(), minted.token, Some(acme)).await;
        assert_eq!(used.expect("uses can be read"), Some(crate::world::BEGINNING.plus_seconds(60)));
    }
}
