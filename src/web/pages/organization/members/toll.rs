//! What a change of membership costs, in sentences: before it is made, and after.

use crate::actions::end_relation::{Consequence, Fate};
use crate::domain::token::summary;
use crate::web::filters::counted;

/// So many tokens are named; more are counted.
const NAMED: usize = 5;

/// What becomes of a person's tokens at one owner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Toll {
    revoked: Vec<String>,
    cancelled: Vec<String>,
    suspended: Vec<String>,
}

impl Toll {
    /// Sorts consequences by what they are.
    pub fn of<'a>(consequences: impl IntoIterator<Item = &'a Consequence>) -> Self {
        let mut toll = Self::default();
        for consequence in consequences {
            let names = match consequence.fate {
                Fate::Revoked => &mut toll.revoked,
                Fate::Cancelled => &mut toll.cancelled,
                Fate::Suspended => &mut toll.suspended,
            };
            names.push(consequence.name.clone());
        }
        toll
    }

    /// What will happen, a sentence each; `owner` is where.
    pub fn ahead(&self, owner: &str) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.revoked.is_empty() {
            lines.push(format!(
                "{} {} access to {owner} for good: {}.",
                tokens(&self.revoked),
                if self.revoked.len() == 1 {
                    "loses its"
                } else {
                    "lose their"
                },
                named(&self.revoked)
            ));
        }
        if !self.cancelled.is_empty() {
            lines.push(format!(
                "{} at {owner} {} cancelled: {}.",
                requests(&self.cancelled),
                if self.cancelled.len() == 1 {
                    "is"
                } else {
                    "are"
                },
                named(&self.cancelled)
            ));
        }
        if !self.suspended.is_empty() {
            lines.push(format!(
                "{} that nobody reviewed {} working at {owner} until an owner approves: {}.",
                tokens(&self.suspended),
                if self.suspended.len() == 1 {
                    "stops"
                } else {
                    "stop"
                },
                named(&self.suspended)
            ));
        }
        lines
    }

    /// What happened, in a few words behind a sentence; empty where nothing did.
    pub fn past(&self) -> String {
        let mut parts = Vec::new();
        if !self.revoked.is_empty() {
            let lost = if self.revoked.len() == 1 {
                "lost its access"
            } else {
                "lost their access"
            };
            parts.push(format!("{} {lost}", tokens(&self.revoked)));
        }
        if !self.cancelled.is_empty() {
            let were = if self.cancelled.len() == 1 {
                "was"
            } else {
                "were"
            };
            parts.push(format!("{} {were} cancelled", requests(&self.cancelled)));
        }
        if !self.suspended.is_empty() {
            let wait = if self.suspended.len() == 1 {
                "waits"
            } else {
                "wait"
            };
            parts.push(format!("{} {wait} for a review", tokens(&self.suspended)));
        }
        if parts.is_empty() {
            String::new()
        } else {
            format!(" {}.", summary::join(&parts))
        }
    }
}

fn tokens(names: &[String]) -> String {
    counted(number(names), "token", "tokens")
}

fn requests(names: &[String]) -> String {
    counted(number(names), "request", "requests")
}

fn number(names: &[String]) -> i64 {
    i64::try_from(names.len()).unwrap_or(i64::MAX)
}

fn named(names: &[String]) -> String {
    if names.len() <= NAMED {
        return summary::join(names);
    }
    let mut some = names[..NAMED - 1].to_vec();
    some.push(format!("{} more", names.len() + 1 - NAMED));
    summary::join(&some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{AccountId, TokenId};

    fn toll(fates: &[Fate]) -> Toll {
        let all: Vec<_> = (1..)
            .zip(fates)
            .map(|(id, fate)| Consequence {
                token: TokenId::new(id),
                name: format!("t{id}"),
                owner: AccountId::new(1),
                fate: *fate,
            })
            .collect();
        Toll::of(&all)
    }

    #[test]
    fn what_ends_is_named_before_and_counted_after() {
        let both = toll(&[Fate::Revoked, Fate::Revoked, Fate::Cancelled]);
        assert_eq!(
            both.ahead("Acme"),
            [
                "2 tokens lose their access to Acme for good: t1 and t2.",
                "1 request at Acme is cancelled: t3."
            ]
        );
        assert_eq!(
            both.past(),
            " 2 tokens lost their access and 1 request was cancelled."
        );
        let demoted = toll(&[Fate::Suspended]);
        assert_eq!(
            demoted.ahead("Acme"),
            ["1 token that nobody reviewed stops working at Acme until an owner approves: t1."]
        );
        assert_eq!(demoted.past(), " 1 token waits for a review.");
    }

    #[test]
    fn nothing_costs_nothing_and_many_are_counted() {
        assert_eq!(toll(&[]).ahead("Acme"), Vec::<String>::new());
        assert_eq!(toll(&[]).past(), "");
        let many = toll(&[Fate::Revoked; 7]);
        assert!(many.ahead("Acme")[0].ends_with("t1, t2, t3, t4 and 3 more."));
    }
}
