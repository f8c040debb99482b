//! What a change of policies would block or free, before it is saved: asked of the same rule that the gate applies, so
//! that the saved effect equals the preview (DOMAIN §4).

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::evaluate::{Exposure, Violation, stands_against};
use super::layers::Effective;
use super::setting::Layer;
use super::start::Start;
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;

/// How many days back a use counts as recent: what was used since then will be missed.
pub const RECENT_DAYS: i64 = 7;

/// A token that reaches an owner, as far as policies are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Which.
    pub token: TokenId,
    /// Whose.
    pub user: AccountId,
    /// What it reaches.
    pub owner: AccountId,
    /// How policies see it there at the moment of the preview.
    pub exposure: Exposure,
    /// When it was last used there.
    pub last_used_at: Option<Timestamp>,
}

/// What becomes of a token at an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It works there, and would not.
    Blocked(Violation),
    /// A policy stands against it there, and none would.
    Freed,
}

/// One token that a change touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// The token, where it reaches.
    pub subject: Subject,
    /// What becomes of it.
    pub effect: Effect,
}

/// Everything that a change would block or free.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preview {
    /// What would stop working, last used first.
    pub blocked: Vec<Touched>,
    /// What would work again, last used first.
    pub freed: Vec<Touched>,
}

/// The policies in force at one owner before and after a change; none where nobody governs it.
pub type Pair = (Option<Effective>, Option<Effective>);

/// What a change does to tokens; `policies` gives what is in force at an owner before and after it.
pub fn preview(
    subjects: impl IntoIterator<Item = Subject>,
    policies: impl Fn(AccountId) -> Pair,
) -> Preview {
    let mut found = Preview::default();
    for subject in subjects {
        match effect(&subject.exposure, &policies(subject.owner)) {
            Some(effect @ Effect::Blocked(_)) => found.blocked.push(Touched { subject, effect }),
            Some(Effect::Freed) => found.freed.push(Touched {
                subject,
                effect: Effect::Freed,
            }),
            None => {}
        }
    }
    found.blocked.sort_by_key(place);
    found.freed.sort_by_key(place);
    found
}

/// The last used first, then by ids: the same subjects always stand in the same order.
fn place(touched: &Touched) -> (i64, TokenId, AccountId) {
    let used = touched
        .subject
        .last_used_at
        .map_or(i64::MIN, Timestamp::as_micros);
    (
        used.saturating_neg(),
        touched.subject.token,
        touched.subject.owner,
    )
}

fn effect(token: &Exposure, (before, after): &Pair) -> Option<Effect> {
    let stands = |policy: &Option<Effective>| {
        policy
            .as_ref()
            .and_then(|policy| stands_against(policy, token))
    };
    match (stands(before), stands(after)) {
        (None, Some(violation)) => Some(Effect::Blocked(violation)),
        (Some(_), None) => Some(Effect::Freed),
        (None, None) | (Some(_), Some(_)) => None,
    }
}

impl Preview {
    /// How many tokens would stop working somewhere.
    pub fn blocked_tokens(&self) -> usize {
        distinct(self.blocked.iter().map(|touched| touched.subject.token))
    }

    /// Of how many people they are.
    pub fn blocked_people(&self) -> usize {
        distinct(self.blocked.iter().map(|touched| touched.subject.user))
    }

    /// How many of them were used in the last [`RECENT_DAYS`] days where they would be blocked.
    pub fn blocked_in_use(&self, now: Timestamp) -> usize {
        let recent = self
            .blocked
            .iter()
            .filter(|touched| is_recent(&touched.subject, now));
        distinct(recent.map(|touched| touched.subject.token))
    }

    /// How many tokens would work again somewhere.
    pub fn freed_tokens(&self) -> usize {
        distinct(self.freed.iter().map(|touched| touched.subject.token))
    }

    /// Whether nobody may save the change without having looked at what it blocks.
    pub fn needs_a_look(&self, now: Timestamp) -> bool {
        self.blocked_in_use(now) > 0
    }

    /// Everybody whose tokens would stop working somewhere.
    pub fn blocked_users(&self) -> BTreeSet<AccountId> {
        self.blocked
            .iter()
            .map(|touched| touched.subject.user)
            .collect()
    }

    /// What a save hands in as proof of the look: of another change, or with other tokens blocked, the digest is
    /// another. Uses do not change it.
    pub fn digest(&self, of: &Looked) -> String {
        let mut pairs: Vec<_> = self
            .blocked
            .iter()
            .map(|touched| (touched.subject.token.get(), touched.subject.owner.get()))
            .collect();
        pairs.sort_unstable();
        let mut digest = Sha256::new();
        digest.update(of.line());
        for (token, owner) in pairs {
            digest.update(token.to_be_bytes());
            digest.update(owner.to_be_bytes());
        }
        let bytes = digest.finalize();
        URL_SAFE_NO_PAD.encode(&bytes[..16])
    }
}

/// The change that somebody looked at: a look at one is no look at another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looked {
    /// Whose policy.
    pub scope: AccountId,
    /// For which kind of token.
    pub kind: TokenKind,
    /// What is proposed.
    pub proposed: Layer,
    /// From when.
    pub start: Start,
}

impl Looked {
    /// It all in a line; nothing in it can hold a line's end.
    fn line(&self) -> String {
        let Self {
            scope,
            kind,
            proposed,
            start,
        } = self;
        format!("{scope} {kind} {} {start}\n", proposed.digest())
    }
}

fn is_recent(subject: &Subject, now: Timestamp) -> bool {
    let since = now.plus_days(-RECENT_DAYS);
    subject.last_used_at.is_some_and(|at| at >= since)
}

fn distinct<Id: Ord>(ids: impl Iterator<Item = Id>) -> usize {
    ids.collect::<BTreeSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::setting::{Access, Approval, EnterpriseLayer, OrganizationLayer};
    use crate::domain::policy::{Limit, Spared, effective};
    use crate::domain::token::expiry::Lifetime;

    const NOW: Timestamp = Timestamp::from_micros(100 * 86_400 * 1_000_000);
    const ACME: AccountId = AccountId::new(1);

    fn policy(access: Access, lifetime: Limit) -> Effective {
        let layer = OrganizationLayer {
            access,
            approval: Approval::Required,
            lifetime,
        };
        effective(TokenKind::FineGrained, None, Some(layer))
    }

    fn subject(token: i64, user: i64, days: u16, used_days_ago: Option<i64>) -> Subject {
        Subject {
            token: TokenId::new(token),
            user: AccountId::new(user),
            owner: ACME,
            exposure: Exposure {
                kind: TokenKind::FineGrained,
                lifetime: Lifetime::days(days),
                is_of_a_member: true,
                spared: Spared::default(),
            },
            last_used_at: used_days_ago.map(|days| NOW.plus_days(-days)),
        }
    }

    fn shorten(to: u16) -> Preview {
        let subjects = [
            subject(1, 10, 30, Some(1)),
            subject(2, 10, 90, Some(7)),
            subject(3, 11, 90, Some(8)),
            subject(4, 12, 91, None),
        ];
        preview(subjects, |_| {
            (
                Some(policy(Access::Allow, Limit::Unlimited)),
                Some(policy(Access::Allow, Limit::Days(to))),
            )
        })
    }

    #[test]
    fn a_limit_blocks_longer_lives_and_says_how_many_were_in_use() {
        let found = shorten(60);
        assert_eq!((found.blocked_tokens(), found.blocked_people()), (3, 3));
        assert_eq!(
            found.blocked_in_use(NOW),
            1,
            "seven days ago still counts, eight do not"
        );
        let order: Vec<_> = found
            .blocked
            .iter()
            .map(|touched| touched.subject.token.get())
            .collect();
        assert_eq!(order, [2, 3, 4], "last used first");
        assert!(found.needs_a_look(NOW));
        assert!(
            !shorten(90).needs_a_look(NOW),
            "what it blocks was never used"
        );
        assert_eq!(shorten(91), Preview::default(), "at the limit is allowed");
    }

    #[test]
    fn undoing_a_change_frees_exactly_what_it_blocked() {
        let (open, strict) = (
            policy(Access::Allow, Limit::Unlimited),
            policy(Access::Restrict, Limit::Days(1)),
        );
        let subjects = || [subject(1, 10, 30, None), subject(2, 11, 1, None)];
        let there = preview(subjects(), |_| (Some(open), Some(strict)));
        let back = preview(subjects(), |_| (Some(strict), Some(open)));
        let tokens =
            |list: &[Touched]| -> Vec<_> { list.iter().map(|one| one.subject.token).collect() };
        assert_eq!(tokens(&there.blocked), tokens(&back.freed));
        assert_eq!((there.freed_tokens(), back.blocked_tokens()), (0, 0));
    }

    fn looked(days: u16) -> Looked {
        Looked {
            scope: ACME,
            kind: TokenKind::FineGrained,
            proposed: Layer::Organization(OrganizationLayer {
                access: Access::Allow,
                approval: Approval::Required,
                lifetime: Limit::Days(days),
            }),
            start: Start::Now,
        }
    }

    #[test]
    fn the_digest_names_what_is_blocked_and_not_its_uses() {
        let digest = |preview: &Preview| preview.digest(&looked(60));
        assert_ne!(digest(&shorten(60)), digest(&shorten(90)));
        assert_eq!(digest(&shorten(60)), digest(&shorten(60)));
        let later = preview(
            [
                subject(2, 10, 90, Some(0)),
                subject(3, 11, 90, None),
                subject(4, 12, 91, None),
            ],
            |_| {
                (
                    Some(policy(Access::Allow, Limit::Unlimited)),
                    Some(policy(Access::Allow, Limit::Days(60))),
                )
            },
        );
        assert_eq!(
            digest(&later),
            digest(&shorten(60)),
            "uses do not change it"
        );
    }

    #[test]
    fn a_look_at_one_change_is_no_look_at_another() {
        let (found, look) = (Preview::default(), looked(60));
        let tomorrow = NOW.plus_days(1).date();
        let others = [
            looked(59),
            Looked {
                scope: AccountId::new(2),
                ..look
            },
            Looked {
                kind: TokenKind::Classic,
                ..look
            },
            Looked {
                start: Start::On(tomorrow),
                ..look
            },
            Looked {
                proposed: Layer::Enterprise(EnterpriseLayer::default_for(look.kind)),
                ..look
            },
        ];
        for other in others {
            assert_ne!(found.digest(&look), found.digest(&other), "{other:?}");
        }
    }
}
