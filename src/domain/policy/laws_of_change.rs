//! The laws of changing a policy (DOMAIN §4): nothing happens before its instant, then exactly what the preview said, and
//! undoing it restores exactly what was before.

use super::ahead::{SavedVersions, violation_ahead};
use super::evaluate::{Exposure, stands_against};
use super::laws::{KINDS, enterprises, organizations, tokens};
use super::preview::{Preview, Subject, Touched, preview};
use super::setting::{
    Access, Approval, EnterpriseAccess, EnterpriseApproval, EnterpriseLayer, OrganizationLayer,
    Version,
};
use super::{Effective, Limit, effective};
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;

const NOW: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);
const INSTANT: Timestamp = NOW.plus_days(5);

fn version<Layer>(version: i64, effective_at: Timestamp, layer: Layer) -> Version<Layer> {
    Version {
        version,
        effective_at,
        layer,
    }
}

/// A strict change at each level.
fn strict_layers() -> (EnterpriseLayer, OrganizationLayer) {
    let above = EnterpriseLayer {
        access: EnterpriseAccess::Restrict,
        approval: EnterpriseApproval::Require,
        lifetime: Limit::Days(7),
        exempts_administrators: false,
    };
    let own = OrganizationLayer {
        access: Access::Restrict,
        approval: Approval::Required,
        lifetime: Limit::Days(7),
    };
    (above, own)
}

/// What is saved where an owner changes what was set to a strict layer from an instant on: at one level or the other.
fn changes(
    above: Option<EnterpriseLayer>,
    own: Option<OrganizationLayer>,
) -> impl Iterator<Item = SavedVersions> {
    let (strict_above, strict_own) = strict_layers();
    let begun = NOW.plus_days(-1);
    let before = SavedVersions {
        above: above.map(|layer| vec![version(1, begun, layer)]),
        own: Some(
            own.map(|layer| version(1, begun, layer))
                .into_iter()
                .collect(),
        ),
    };
    let by_organization = {
        let mut saved = before.clone();
        let versions = saved.own.get_or_insert_default();
        versions.push(version(2, INSTANT, strict_own));
        saved
    };
    let by_enterprise = above.map(|_| {
        let mut saved = before;
        let versions = saved.above.get_or_insert_default();
        versions.push(version(2, INSTANT, strict_above));
        saved
    });
    std::iter::once(by_organization).chain(by_enterprise)
}

fn everywhere(mut ask: impl FnMut(TokenKind, &Effective, &SavedVersions)) {
    for kind in KINDS {
        for above in enterprises() {
            for own in organizations() {
                let before = effective(kind, above, own);
                for saved in changes(above, own) {
                    ask(kind, &before, &saved);
                }
            }
        }
    }
}

/// The tokens that are enough to tell policies apart: those without exemptions and those with all of them.
fn some_tokens(kind: TokenKind) -> Vec<Exposure> {
    let all = tokens(kind).into_iter();
    all.filter(|token| token.spared.enterprise_access == token.spared.organization_access)
        .filter(|token| token.spared.enterprise_lifetime == token.spared.organization_lifetime)
        .collect()
}

fn between(kind: TokenKind, before: Effective, after: Effective) -> Preview {
    let subjects = (1..).zip(some_tokens(kind)).map(|(id, exposure)| Subject {
        token: TokenId::new(id),
        user: AccountId::new(id),
        owner: AccountId::new(1),
        exposure,
        last_used_at: None,
    });
    preview(subjects, |_| (Some(before), Some(after)))
}

#[test]
fn a_version_ahead_changes_nothing_before_its_instant_and_is_the_preview_at_it() {
    everywhere(|kind, before, saved| {
        let at = |moment| saved.in_force(kind, moment).expect("it is governed");
        for moment in [NOW, INSTANT.plus_micros(-1)] {
            assert_eq!(at(moment), *before, "{saved:?}");
        }
        let after = at(INSTANT);
        let found = between(kind, *before, after);
        let blocked: Vec<_> = found
            .blocked
            .iter()
            .map(|one| &one.subject.exposure)
            .collect();
        for token in some_tokens(kind) {
            let works = stands_against(before, &token).is_none();
            let stands = stands_against(&after, &token);
            assert_eq!(
                blocked.contains(&&token),
                works && stands.is_some(),
                "{saved:?}"
            );
            // Whose token it is was told exactly that.
            let told = violation_ahead(saved, kind, NOW, |_| Some(token));
            assert_eq!(
                told.map(|coming| coming.violation),
                stands.filter(|_| works)
            );
        }
    });
}

#[test]
fn undoing_a_change_restores_exactly_what_it_took() {
    everywhere(|kind, before, saved| {
        let strict = saved.in_force(kind, INSTANT).expect("it is governed");
        let there = between(kind, *before, strict);
        let back = between(kind, strict, *before);
        assert_eq!(names(&there.blocked), names(&back.freed), "{saved:?}");
        assert_eq!(names(&there.freed), names(&back.blocked), "{saved:?}");
    });
}

#[test]
fn a_stricter_version_frees_nothing() {
    everywhere(|kind, before, saved| {
        let strict = saved.in_force(kind, INSTANT).expect("it is governed");
        let found = between(kind, *before, strict);
        assert_eq!(found.freed, [], "{saved:?}");
    });
}

fn names(list: &[Touched]) -> Vec<TokenId> {
    list.iter().map(|one| one.subject.token).collect()
}
