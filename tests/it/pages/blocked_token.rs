//! What a holder reads of a token that a policy blocks: on its page and in the refusal itself.

use grantry::domain::policy::setting::{EnterpriseAccess, EnterpriseLayer};
use grantry::domain::policy::wish::{LifetimeWish, PolicyWish};
use grantry::domain::policy::{Limit, OrganizationLayer};
use grantry::domain::token::TokenKind;

use super::visitor::Visitor;
use crate::people::policy::{globex_says, save};
use crate::policies::ahead::begin_at;
use crate::world::World;

const LIST: &str = "/settings/personal-access-tokens";
const ISSUES: &str = "/repos/acme/web/issues";

fn globex(change: impl FnOnce(&mut EnterpriseLayer)) -> EnterpriseLayer {
    let mut layer = EnterpriseLayer::default_for(TokenKind::FineGrained);
    change(&mut layer);
    layer
}

on_every_database! {
    async fn a_limit_of_the_enterprise_is_told_with_the_way_out(world: &World) {
        let minted = world.approved("issues", "read").await;
        globex_says(world, globex(|layer| layer.lifetime = Limit::Days(7))).await;
        let ana = Visitor::confirmed(world, "ana").await;
        let page = ana.get(&format!("{LIST}/{}", minted.token)).await;
        for words in [
            "Blocked by policy",
            "globex, the enterprise of acme, allows tokens for at most 7 days; this one lives longer.",
            "Regenerate it with at most 7 days",
        ] {
            assert!(page.has(words), "{words}: {}", page.html);
        }
        let refused = world.get(minted.secret.reveal(), ISSUES).await;
        let expected = format!(
            "globex, the enterprise of acme, allows tokens for at most 7 days; this one lives longer. Regenerate it with \
             an earlier end: http://localhost:8080{LIST}/{}/regenerate.",
            minted.token
        );
        assert_eq!(refused.json()["message"], expected.as_str());
        let regenerate = ana.get(&format!("{LIST}/{}/regenerate", minted.token)).await;
        assert!(regenerate.has("value=\"7\" checked"), "the life that is allowed is chosen: {}", regenerate.html);
    }

    async fn a_restriction_of_the_enterprise_names_its_owners(world: &World) {
        let minted = world.approved("issues", "read").await;
        globex_says(world, globex(|layer| layer.access = EnterpriseAccess::Restrict)).await;
        let ana = Visitor::confirmed(world, "ana").await;
        let page = ana.get(&format!("{LIST}/{}", minted.token)).await;
        let words = "globex, the enterprise of acme, does not allow fine-grained tokens. Ask an owner of globex: eve.";
        assert!(page.has(words), "{}", page.html);
        assert!(!page.has("Regenerate it with at most"), "no life would help: {}", page.html);
        let refused = world.get(minted.secret.reveal(), ISSUES).await;
        let expected = format!(
            "globex, the enterprise of acme, does not allow access by fine-grained tokens. Ask an owner of globex: eve. \
             Your token: http://localhost:8080{LIST}/{}.",
            minted.token
        );
        assert_eq!(refused.json()["message"], expected.as_str());
    }

    async fn a_page_says_since_when_a_policy_blocks_without_a_break(world: &World) {
        let minted = world.approved("issues", "read").await;
        world.pass_days(3);
        let strict = |days| PolicyWish { lifetime: Some(LifetimeWish::Days(days)), ..PolicyWish::default() };
        save(world, "olga", strict(14)).await.expect("olga owns acme");
        world.pass_days(2);
        save(world, "olga", strict(7)).await.expect("olga owns acme");
        let ana = Visitor::confirmed(world, "ana").await;
        let page = ana.get(&format!("{LIST}/{}", minted.token)).await;
        assert!(page.has("acme allows tokens for at most 7 days"), "{}", page.html);
        assert!(page.has("Blocked here since 4 Oct 2026."), "{}", page.html);
    }

    async fn what_a_policy_ahead_will_stop_is_told_on_the_page_and_at_home(world: &World) {
        let minted = world.approved("issues", "read").await;
        let (acme, now) = (world.organization("acme").await, world.clock_now());
        let strict = OrganizationLayer {
            lifetime: Limit::Days(7),
            ..OrganizationLayer::default_for(TokenKind::FineGrained)
        };
        begin_at(world, acme, TokenKind::FineGrained, strict, now.plus_days(5)).await;
        let ana = Visitor::confirmed(world, "ana").await;
        let path = format!("{LIST}/{}", minted.token);
        let page = ana.get(&path).await;
        for words in [
            "A policy will stop it here on 6 Oct 2026",
            "From then on acme allows tokens for at most 7 days.",
            "Regenerate it with a shorter life",
        ] {
            assert!(page.has(words), "{words}: {}", page.html);
        }
        assert!(!page.has("Blocked by policy"), "it works until then: {}", page.html);
        let home = ana.get("/").await;
        assert!(home.has("Acme will allow tokens for at most 7 days at acme, and this one lives longer."), "{}", home.html);
        let ben = Visitor::confirmed(world, "ben").await;
        assert!(!ben.get("/").await.has("Policies ahead"), "it concerns no token of ben's");
        world.pass_days(5);
        let page = Visitor::signed_in(world, "ana").await.get(&path).await;
        assert!(page.has("Blocked here since 6 Oct 2026."), "{}", page.html);
        assert!(!page.has("A policy will stop it"), "it has begun: {}", page.html);
    }
}
