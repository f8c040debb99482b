//! What a holder reads of a token that a policy blocks: on its page and in the refusal itself.

use grantry::domain::policy::Limit;
use grantry::domain::policy::setting::{EnterpriseAccess, EnterpriseLayer};
use grantry::domain::token::TokenKind;

use super::visitor::Visitor;
use crate::people::policy::globex_says;
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
}
