//! The form of a policy: what was typed or chosen, and each mistake at its field.

use crate::domain::policy::setting::{Limit, OrganizationLayer};
use crate::domain::policy::wish::{LifetimeWish, PolicyField, PolicyMistake, PolicyWish};
use crate::domain::token::TokenKind;
use crate::web::form::Fields;

/// What the form holds, as texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// The version that the page showed.
    pub version: String,
    /// `allow` or `restrict`; empty where the enterprise fixes it.
    pub access: String,
    /// `required` or `not_required`; empty where the enterprise fixes it, and for classic tokens.
    pub approval: String,
    /// `default`, `none` or `days`.
    pub lifetime: String,
    /// The number of days.
    pub days: String,
    /// Fields with what is wrong with each.
    pub errors: Vec<(&'static str, String)>,
}

impl Typed {
    /// The form of what is set now.
    pub fn of(kind: TokenKind, version: i64, own: OrganizationLayer) -> Self {
        let default = OrganizationLayer::default_for(kind).lifetime;
        let (lifetime, days) = match own.lifetime {
            limit if limit == default => ("default", String::new()),
            Limit::Unlimited => ("none", String::new()),
            Limit::Days(days) => ("days", days.to_string()),
        };
        Self {
            version: version.to_string(),
            access: own.access.as_str().to_owned(),
            approval: own.approval.as_str().to_owned(),
            lifetime: lifetime.to_owned(),
            days,
            errors: Vec::new(),
        }
    }

    /// The form as it was sent, or as it waited for a confirmation.
    pub fn sent(fields: &Fields) -> Self {
        let text = |name| fields.get(name).to_owned();
        Self {
            version: text("version"),
            access: text("access"),
            approval: text("approval"),
            lifetime: text("lifetime"),
            days: text("days").trim().to_owned(),
            errors: Vec::new(),
        }
    }

    /// What is asked for; or each field that cannot be read, with what is wrong with it.
    pub fn wish(&self) -> Result<PolicyWish, Vec<(&'static str, String)>> {
        let mut errors = Vec::new();
        let mut note = |field, message: &str| errors.push((field, message.to_owned()));
        let access = choice(&self.access).unwrap_or_else(|()| {
            note(
                "access",
                "Choose whether such tokens can reach the organization.",
            );
            None
        });
        let approval = choice(&self.approval).unwrap_or_else(|()| {
            note(
                "approval",
                "Choose whether an owner must approve such tokens.",
            );
            None
        });
        let lifetime = match (self.lifetime.as_str(), self.days.parse()) {
            ("default", _) => Some(LifetimeWish::Default),
            ("none", _) => Some(LifetimeWish::Unlimited),
            ("days", Ok(days)) => Some(LifetimeWish::Days(days)),
            ("days", Err(_)) => {
                note("days", NO_DAYS);
                None
            }
            _ => {
                note("lifetime", "Choose how long such tokens may live.");
                None
            }
        };
        if errors.is_empty() {
            Ok(PolicyWish {
                access,
                approval,
                lifetime,
            })
        } else {
            Err(errors)
        }
    }

    /// The version that the page showed.
    pub fn shown(&self) -> Option<i64> {
        self.version.parse().ok()
    }

    /// The message at a field; empty where there is none.
    pub fn error(&self, field: &str) -> &str {
        let found = self.errors.iter().find(|(at, _)| *at == field);
        found.map_or("", |(_, message)| message.as_str())
    }

    /// The mistakes as the summary on top of the form lists them.
    pub fn summary(&self) -> Vec<(&'static str, &str)> {
        self.errors
            .iter()
            .map(|(field, message)| (*field, message.as_str()))
            .collect()
    }
}

const NO_DAYS: &str = "Write the number of days, from 1 to 366.";

fn choice<T: std::str::FromStr>(text: &str) -> Result<Option<T>, ()> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| ())
}

/// A mistake as its field shows it; `enterprise` is the name of the one that stands above.
pub fn message(mistake: PolicyMistake, enterprise: &str) -> (&'static str, String) {
    match mistake {
        PolicyMistake::Fixed(field) => (
            field.as_str(),
            format!(
                "{enterprise} fixes this for all of its organizations. Ask an owner of {enterprise}."
            ),
        ),
        PolicyMistake::NoApproval => (
            PolicyField::Approval.as_str(),
            "Classic tokens are never subject to approval.".to_owned(),
        ),
        PolicyMistake::NotInRange => ("days", NO_DAYS.to_owned()),
        PolicyMistake::Wider { limit } => (
            "days",
            format!("{enterprise} allows at most {limit} days: write {limit} or less."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::setting::{Access, Approval};

    const FINE: TokenKind = TokenKind::FineGrained;

    #[test]
    fn what_is_set_reads_back_as_it_is() {
        let own = OrganizationLayer {
            access: Access::Restrict,
            approval: Approval::NotRequired,
            lifetime: Limit::Days(30),
        };
        let wish = Typed::of(FINE, 3, own).wish().expect("it is sound");
        assert_eq!(wish.access, Some(Access::Restrict));
        assert_eq!(wish.approval, Some(Approval::NotRequired));
        assert_eq!(wish.lifetime, Some(LifetimeWish::Days(30)));
        let default = Typed::of(FINE, 0, OrganizationLayer::default_for(FINE));
        assert_eq!(
            (default.lifetime.as_str(), default.days.as_str()),
            ("default", "")
        );
        let classic = Typed::of(
            TokenKind::Classic,
            0,
            OrganizationLayer::default_for(TokenKind::Classic),
        );
        assert_eq!(
            classic.lifetime, "default",
            "none is the default of classic tokens"
        );
    }

    #[test]
    fn every_field_that_cannot_be_read_says_so() {
        let typed = Typed::sent(&Fields::parse("access=x&approval=y&lifetime=z&days=1"));
        let fields: Vec<_> = typed
            .wish()
            .expect_err("nothing of it can be read")
            .into_iter()
            .map(|(field, _)| field)
            .collect();
        assert_eq!(fields, ["access", "approval", "lifetime"]);
        for days in ["", "a", "1.5", "99999999999999999999"] {
            let typed = Typed::sent(&Fields::parse(&format!("lifetime=days&days={days}")));
            let errors = typed.wish().expect_err("it is no number");
            assert_eq!(errors, [("days", NO_DAYS.to_owned())], "{days}");
        }
    }
}
