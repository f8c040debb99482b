//! The form of a policy: what was typed or chosen, and each mistake at its field.

use chrono::NaiveDate;

use crate::actions::save_policy::Wish;
use crate::domain::account::AccountKind;
use crate::domain::policy::enterprise_wish::EnterpriseWish;
use crate::domain::policy::setting::{Layer, Limit, OrganizationLayer};
use crate::domain::policy::start::{Start, StartMistake};
use crate::domain::policy::wish::{LifetimeWish, PolicyField, PolicyMistake, PolicyWish};
use crate::domain::token::TokenKind;
use crate::web::form::Fields;

/// What the form holds, as texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// The version that the page showed.
    pub version: String,
    /// A word for access; empty where the enterprise fixes it.
    pub access: String,
    /// A word for approval; empty where the enterprise fixes it, and for classic tokens.
    pub approval: String,
    /// `default`, `none` or `days`.
    pub lifetime: String,
    /// The number of days.
    pub days: String,
    /// `yes` where an enterprise's limit spares its owners.
    pub exempt: String,
    /// `yes` where the risk for managed users is accepted.
    pub risk: String,
    /// `date` for a chosen day; anything else that is empty or `now` begins at once.
    pub start: String,
    /// The chosen day.
    pub date: String,
    /// The digest of the preview that was looked at.
    pub looked: String,
    /// Fields with what is wrong with each.
    pub errors: Vec<(&'static str, String)>,
}

/// A field with what is wrong with it.
pub type Errors = Vec<(&'static str, String)>;

impl Typed {
    /// The form of what is set now.
    pub fn of(kind: TokenKind, version: i64, own: Layer) -> Self {
        let default = OrganizationLayer::default_for(kind).lifetime;
        let (access, approval, limit, exempts) = own.values();
        let (lifetime, days) = match limit {
            limit if limit == default => ("default", String::new()),
            Limit::Unlimited => ("none", String::new()),
            Limit::Days(days) => ("days", days.to_string()),
        };
        Self {
            version: version.to_string(),
            access: access.to_owned(),
            approval: approval.to_owned(),
            lifetime: lifetime.to_owned(),
            days,
            exempt: if exempts { "yes" } else { "" }.to_owned(),
            ..Self::default()
        }
    }

    /// The form as it was sent, as an address says it, or as it waited for a confirmation.
    pub fn sent(fields: &Fields) -> Self {
        let text = |name| fields.get(name).to_owned();
        Self {
            version: text("version"),
            access: text("access"),
            approval: text("approval"),
            lifetime: text("lifetime"),
            days: text("days").trim().to_owned(),
            exempt: text("exempt"),
            risk: text("risk"),
            start: text("start"),
            date: text("date").trim().to_owned(),
            looked: text("looked"),
            errors: Vec::new(),
        }
    }

    /// What an address or a hidden part of a form repeats of it: everything but the start and what was accepted.
    pub fn wanted(&self, kind: TokenKind) -> Vec<(&'static str, &str)> {
        let tab = match kind {
            TokenKind::FineGrained => "",
            TokenKind::Classic => "classic",
        };
        let all = [
            ("tab", tab),
            ("version", self.version.as_str()),
            ("access", &self.access),
            ("approval", &self.approval),
            ("lifetime", &self.lifetime),
            ("days", &self.days),
            ("exempt", &self.exempt),
        ];
        all.into_iter()
            .filter(|(_, text)| !text.is_empty())
            .collect()
    }

    /// The same with the start: the query of a preview.
    pub fn query(&self, kind: TokenKind) -> Fields {
        let start = [("start", self.start.as_str()), ("date", &self.date)];
        let start = start.into_iter().filter(|(_, text)| !text.is_empty());
        Fields::new(self.wanted(kind).into_iter().chain(start))
    }

    /// What is asked for at a level; or each field that cannot be read, with what is wrong with it.
    pub fn wish(&self, level: AccountKind) -> Result<Wish, Errors> {
        let mut errors = Vec::new();
        let lifetime = self.lifetime_wish(&mut errors);
        let wish = match level {
            AccountKind::Enterprise => Wish::Enterprise(EnterpriseWish {
                access: choice(&self.access, NO_ACCESS, &mut errors),
                approval: choice(&self.approval, NO_APPROVAL, &mut errors),
                lifetime,
                exempts_administrators: Some(self.exempt == "yes"),
            }),
            AccountKind::Organization | AccountKind::User => Wish::Organization(PolicyWish {
                access: choice(&self.access, NO_ACCESS, &mut errors),
                approval: choice(&self.approval, NO_APPROVAL, &mut errors),
                lifetime,
            }),
        };
        if errors.is_empty() {
            Ok(wish)
        } else {
            errors.sort_by_key(|(field, _)| PLACES.iter().position(|place| place == field));
            Err(errors)
        }
    }

    fn lifetime_wish(&self, errors: &mut Errors) -> Option<LifetimeWish> {
        let (field, message) = match (self.lifetime.as_str(), self.days.parse()) {
            ("default", _) => return Some(LifetimeWish::Default),
            ("none", _) => return Some(LifetimeWish::Unlimited),
            ("days", Ok(days)) => return Some(LifetimeWish::Days(days)),
            ("days", Err(_)) => ("days", NO_DAYS),
            _ => ("lifetime", "Choose how long such tokens may live."),
        };
        errors.push((field, message.to_owned()));
        None
    }

    /// From when it is to count; or what is wrong with the day.
    pub fn start(&self) -> Result<Start, Errors> {
        match (self.start.as_str(), self.date.parse::<NaiveDate>()) {
            ("" | "now", _) => Ok(Start::Now),
            ("date", Ok(date)) => Ok(Start::On(date)),
            ("date", Err(_)) => Err(vec![("date", NO_DATE.to_owned())]),
            _ => Err(vec![(
                "start",
                "Choose from when it is to count.".to_owned(),
            )]),
        }
    }

    /// The version that the page showed.
    pub fn shown(&self) -> Option<i64> {
        self.version.parse().ok()
    }

    /// Whether the risk for managed users is accepted.
    pub fn accepts_risk(&self) -> bool {
        self.risk == "yes"
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

/// The fields from top to bottom, as the summary of mistakes lists them.
const PLACES: [&str; 4] = ["access", "approval", "lifetime", "days"];

const NO_ACCESS: (&str, &str) = ("access", "Choose whether such tokens can reach it.");
const NO_APPROVAL: (&str, &str) = (
    "approval",
    "Choose whether an owner must approve such tokens.",
);
const NO_DAYS: &str = "Write the number of days, from 1 to 366.";
const NO_DATE: &str = "Write the day as `2026-12-31`: from tomorrow on, at most 366 days ahead.";

/// One of the words of a field; nothing where the field was not there to choose from.
fn choice<T: std::str::FromStr>(
    text: &str,
    (field, message): (&'static str, &str),
    errors: &mut Errors,
) -> Option<T> {
    if text.is_empty() {
        return None;
    }
    let read = text.parse().ok();
    if read.is_none() {
        errors.push((field, message.to_owned()));
    }
    read
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
        PolicyMistake::RiskNotAccepted => (
            PolicyField::Risk.as_str(),
            "This limit may stop what managed users do. Accept that, or exempt administrators."
                .to_owned(),
        ),
        PolicyMistake::Start(StartMistake::Begun) => (
            "date",
            "That day has begun already. Choose tomorrow (UTC) or later.".to_owned(),
        ),
        PolicyMistake::Start(StartMistake::TooFar) => {
            ("date", "Choose a day at most 366 days ahead.".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::EnterpriseLayer;
    use crate::domain::policy::setting::{Access, Approval, EnterpriseAccess};

    const FINE: TokenKind = TokenKind::FineGrained;
    const ORGANIZATION: AccountKind = AccountKind::Organization;

    #[test]
    fn what_is_set_reads_back_as_it_is() {
        let own = OrganizationLayer {
            access: Access::Restrict,
            approval: Approval::NotRequired,
            lifetime: Limit::Days(30),
        };
        let wish = Typed::of(FINE, 3, own.into()).wish(ORGANIZATION);
        let expected = PolicyWish {
            access: Some(Access::Restrict),
            approval: Some(Approval::NotRequired),
            lifetime: Some(LifetimeWish::Days(30)),
        };
        assert_eq!(wish, Ok(Wish::Organization(expected)));
        let default = Typed::of(FINE, 0, OrganizationLayer::default_for(FINE).into());
        assert_eq!(
            (default.lifetime.as_str(), default.days.as_str()),
            ("default", "")
        );
        let classic = OrganizationLayer::default_for(TokenKind::Classic).into();
        let classic = Typed::of(TokenKind::Classic, 0, classic);
        assert_eq!(
            classic.lifetime, "default",
            "none is the default of classic tokens"
        );
    }

    #[test]
    fn what_an_enterprise_sets_reads_back_also_from_an_address() {
        let own = EnterpriseLayer {
            access: EnterpriseAccess::Restrict,
            exempts_administrators: true,
            lifetime: Limit::Unlimited,
            ..EnterpriseLayer::default_for(FINE)
        };
        let typed = Typed::of(FINE, 3, own.into());
        let again = Typed::sent(&Fields::parse(&typed.query(FINE).encode()));
        assert_eq!(again, typed);
        let expected = EnterpriseWish {
            access: Some(EnterpriseAccess::Restrict),
            approval: Some(own.approval),
            lifetime: Some(LifetimeWish::Unlimited),
            exempts_administrators: Some(true),
        };
        assert_eq!(
            again.wish(AccountKind::Enterprise),
            Ok(Wish::Enterprise(expected))
        );
        assert!(
            again.wish(ORGANIZATION).is_err(),
            "an organization does not delegate"
        );
    }

    #[test]
    fn every_field_that_cannot_be_read_says_so() {
        let typed = Typed::sent(&Fields::parse("access=x&approval=y&lifetime=z&days=1"));
        let errors = typed
            .wish(ORGANIZATION)
            .expect_err("nothing of it can be read");
        let fields: Vec<_> = errors.into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["access", "approval", "lifetime"]);
        for days in ["", "a", "1.5", "99999999999999999999"] {
            let typed = Typed::sent(&Fields::parse(&format!("lifetime=days&days={days}")));
            let errors = typed.wish(ORGANIZATION).expect_err("it is no number");
            assert_eq!(errors, [("days", NO_DAYS.to_owned())], "{days}");
        }
    }

    #[test]
    fn a_day_is_read_as_the_calendar_writes_it() {
        let start = |query: &str| Typed::sent(&Fields::parse(query)).start();
        let day = NaiveDate::from_ymd_opt(2026, 12, 5).expect("it is a day");
        assert_eq!(start("start=date&date=2026-12-05"), Ok(Start::On(day)));
        assert_eq!(start("start=now&date=2026-12-05"), Ok(Start::Now));
        assert_eq!(start(""), Ok(Start::Now));
        for bad in ["", "5 Dec", "2026-02-30", "99999999-01-01"] {
            let told = start(&format!("start=date&date={bad}"));
            assert_eq!(told, Err(vec![("date", NO_DATE.to_owned())]), "{bad}");
        }
        assert!(start("start=soon").is_err());
    }
}
