//! What was decided before, in sentences: of one token, or of a person's tokens, at this organization alone.

use crate::app::App;
use crate::domain::audit::Action;
use crate::domain::ids::AccountId;
use crate::domain::policy::Exempted;
use crate::domain::time::Timestamp;
use crate::domain::token::summary;
use crate::store::StoreError;
use crate::store::reviews::{self, Happening, HistoryOf};

/// The most that a page tells.
const LIMIT: i64 = 12;

/// One thing that happened, as a timeline tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The state it led to: the shape beside it.
    pub kind: &'static str,
    /// One sentence without its full stop.
    pub text: String,
    /// The reason given; may be empty.
    pub reason: String,
    /// When, in microseconds.
    pub at: i64,
    /// Whether it changed what the token may do here, or what it waits for.
    pub is_of_access: bool,
}

/// What happened to one token or person at an organization, newest first.
pub async fn list(app: &App, owner: AccountId, of: HistoryOf) -> Result<Vec<Step>, StoreError> {
    let mut db = app.context.store.reader();
    let happenings = reviews::list_history(&mut db, owner, of, LIMIT).await?;
    let names_tokens = matches!(of, HistoryOf::OtherTokens(..));
    Ok(happenings
        .iter()
        .filter_map(|happening| step(happening, names_tokens))
        .collect())
}

fn step(happening: &Happening, names_token: bool) -> Option<Step> {
    let data: serde_json::Value = serde_json::from_str(&happening.data).unwrap_or_default();
    let field = |name: &str| data[name].as_str().unwrap_or_default();
    let token = field("user_programmatic_access_name");
    let action = happening.action.parse().ok()?;
    let who = who(happening);
    let is_partial = !data["dropped_permissions"].is_null();
    let (kind, text) = match (action, names_token) {
        (Action::RequestCreate, true) => ("pending", format!("{who} asked for {token}")),
        (Action::RequestCreate, false) => ("pending", format!("{who} asked for access")),
        (Action::AccessGrant, _) if is_partial => {
            ("active", format!("{who} approved part of {token}"))
        }
        (Action::AccessGrant, _) => ("active", granted(&who, token, field("activation"))),
        (Action::RequestDeny, _) => ("denied", format!("{who} denied {token}")),
        (Action::RequestCancel, _) => ("none", format!("The request for {token} was cancelled")),
        (Action::AccessUpdate, _) => ("active", format!("{who} changed what {token} may do here")),
        (Action::AccessRevoke, _) => ("revoked", format!("{who} revoked {token}'s access")),
        (Action::ExemptionGive, _) => (
            "active",
            format!(
                "{who} exempted {token} from the {}{}",
                policy(field("policy")),
                until(field("until"))
            ),
        ),
        (Action::ExemptionEnd, _) => (
            "none",
            format!(
                "{who} took back {token}'s exemption from the {}",
                policy(field("policy"))
            ),
        ),
        (Action::TokenBlock, _) => ("blocked", format!("{who} blocked {token} here, for good")),
        _ => return None,
    };
    Some(Step {
        kind,
        text,
        reason: field("reason").to_owned(),
        at: happening.at.as_micros(),
        is_of_access: !matches!(
            action,
            Action::ExemptionGive | Action::ExemptionEnd | Action::TokenBlock
        ),
    })
}

fn who(happening: &Happening) -> String {
    match (&happening.actor, happening.actor_kind.as_str()) {
        (Some(login), _) => login.clone(),
        (None, "operator") => "The operator".to_owned(),
        (None, _) => "Grantry".to_owned(),
    }
}

/// What an exemption lifts, as sentences name it.
fn policy(word: &str) -> &'static str {
    word.parse().map_or("token policy", Exempted::title)
}

fn until(moment: &str) -> String {
    Timestamp::parse_rfc3339(moment)
        .map_or_else(String::new, |at| format!(" until {}", summary::date(at)))
}

fn granted(who: &str, token: &str, activation: &str) -> String {
    match activation {
        "by_policy" => format!("{token} began to work at once: no approval was needed"),
        "by_owner" => format!("{token} began to work at once: {who} is an owner"),
        _ => format!("{who} approved {token}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn happening(action: Action, actor: Option<&str>, data: &str) -> Happening {
        Happening {
            seq: 1,
            at: Timestamp::from_micros(7),
            action: action.as_str().to_owned(),
            actor: actor.map(str::to_owned),
            actor_kind: if actor.is_some() { "person" } else { "system" }.to_owned(),
            token_id: None,
            data: data.to_owned(),
        }
    }

    #[test]
    fn each_event_is_one_sentence_with_its_reason() {
        let data = r#"{"user_programmatic_access_name":"ci","reason":"Too much."}"#;
        let denied = step(&happening(Action::RequestDeny, Some("sam"), data), true);
        let denied = denied.expect("a denial is told");
        assert_eq!(
            (denied.kind, denied.text.as_str()),
            ("denied", "sam denied ci")
        );
        assert_eq!(denied.reason, "Too much.");
        let cancelled = step(&happening(Action::RequestCancel, None, data), false);
        assert_eq!(
            cancelled.map(|step| step.text).as_deref(),
            Some("The request for ci was cancelled")
        );
    }

    #[test]
    fn an_exemption_and_a_block_are_told_with_their_reason() {
        let told = |action, data: &str| step(&happening(action, Some("sam"), data), false);
        let data = r#"{"user_programmatic_access_name":"ci","policy":"lifetime","until":"2026-12-05T10:00:00Z","reason":"The release."}"#;
        let given = told(Action::ExemptionGive, data).expect("an exemption is told");
        assert_eq!(
            given.text,
            "sam exempted ci from the life limit until 5 Dec 2026"
        );
        assert_eq!(given.reason, "The release.");
        let ended = told(Action::ExemptionEnd, data).expect("its end is told");
        assert_eq!(
            ended.text,
            "sam took back ci's exemption from the life limit"
        );
        let blocked = told(Action::TokenBlock, data).expect("a block is told");
        assert_eq!(
            (blocked.kind, blocked.text.as_str()),
            ("blocked", "sam blocked ci here, for good")
        );
    }

    #[test]
    fn a_grant_that_nobody_reviewed_says_so() {
        let data = r#"{"user_programmatic_access_name":"ci","activation":"by_policy"}"#;
        let step = step(&happening(Action::AccessGrant, Some("ana"), data), false);
        assert_eq!(
            step.map(|step| step.text).as_deref(),
            Some("ci began to work at once: no approval was needed")
        );
    }
}
