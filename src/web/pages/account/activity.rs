//! What happened to a person's own account, a sentence each.

use serde_json::Value;

use crate::domain::audit::Action;
use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;
use crate::store::activity::{self, ActivityRow};
use crate::store::{Db, StoreError};
use crate::web::browser_name;

/// What is shown: how people come in, and what they come in with.
const ACTIONS: [Action; 15] = [
    Action::UserLogin,
    Action::UserLogout,
    Action::UserConfirm,
    Action::UserUpdate,
    Action::UserSuspend,
    Action::UserUnsuspend,
    Action::PasskeyRegister,
    Action::PasskeyRename,
    Action::PasskeyRemove,
    Action::SessionEnd,
    Action::RecoveryCodesCreate,
    Action::RecoveryCodeUse,
    Action::RecoveryCodeRefuse,
    Action::EnrolmentCreate,
    Action::EnrolmentUse,
];
/// How far it looks back, in days.
const DAYS: i64 = 90;
/// How many events are shown.
const SHOWN: i64 = 12;

/// One event.
pub struct Activity {
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub sentence: String,
    /// From where and with what; empty where nobody's browser did it.
    pub from: String,
}

/// The latest events about a person's account, newest first.
pub async fn list(
    db: &mut impl Db,
    user: AccountId,
    now: Timestamp,
) -> Result<Vec<Activity>, StoreError> {
    let since = now.plus_days(-DAYS);
    let rows = activity::list_of_user(db, user, &ACTIONS, since, SHOWN).await?;
    Ok(rows.iter().map(Activity::new).collect())
}

impl Activity {
    fn new(row: &ActivityRow) -> Self {
        let browser = browser_name::in_words(row.user_agent.as_deref());
        Self {
            at: row.at,
            sentence: sentence(row),
            from: match &row.address {
                Some(address) => format!("{address}, {browser}"),
                None => String::new(),
            },
        }
    }
}

fn sentence(row: &ActivityRow) -> String {
    let data: Value = serde_json::from_str(&row.data).unwrap_or_default();
    let passkey = data["passkey"].as_str().unwrap_or("a passkey");
    let by = if row.actor_kind == "person" {
        "You"
    } else {
        "The people who run this installation"
    };
    match row.action.parse::<Action>() {
        Ok(Action::UserLogin) => match data["passkey"].as_str() {
            Some(passkey) => format!("You signed in with {passkey}."),
            None => "You signed in without a passkey.".to_owned(),
        },
        Ok(Action::UserLogout) => "You signed out.".to_owned(),
        Ok(Action::UserConfirm) => "You confirmed that it is you.".to_owned(),
        Ok(Action::UserUpdate) => format!("{by} changed your profile."),
        Ok(Action::UserSuspend) => "Your account was suspended.".to_owned(),
        Ok(Action::UserUnsuspend) => "The suspension of your account was lifted.".to_owned(),
        Ok(Action::PasskeyRegister) => format!("You added the passkey {passkey}."),
        Ok(Action::PasskeyRename) => {
            let was = data["passkey_was"].as_str().unwrap_or_default();
            format!("You renamed the passkey {was} to {passkey}.")
        }
        Ok(Action::PasskeyRemove) => format!("You removed the passkey {passkey}."),
        Ok(Action::SessionEnd) => "You ended other sessions of yours.".to_owned(),
        Ok(Action::RecoveryCodesCreate) => "You made new recovery codes.".to_owned(),
        Ok(Action::RecoveryCodeUse) => "A recovery code of yours was used.".to_owned(),
        Ok(Action::RecoveryCodeRefuse) => {
            "Somebody tried to get in with a recovery code that was not right.".to_owned()
        }
        Ok(Action::EnrolmentCreate) => {
            "A link was made with which you can register a passkey.".to_owned()
        }
        Ok(Action::EnrolmentUse) => "A link was used to register a passkey.".to_owned(),
        _ => "Something changed in your account.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(action: &str, actor_kind: &str, data: &str) -> ActivityRow {
        ActivityRow {
            at: Timestamp::from_micros(0),
            action: action.to_owned(),
            actor_kind: actor_kind.to_owned(),
            address: None,
            user_agent: None,
            data: data.to_owned(),
        }
    }

    #[test]
    fn every_action_that_is_shown_has_a_sentence_of_its_own() {
        for action in ACTIONS {
            let told = sentence(&row(action.as_str(), "person", "{}"));
            assert_ne!(told, "Something changed in your account.", "{action}");
        }
    }

    #[test]
    fn a_sentence_names_the_passkey_and_who_did_it() {
        let told = sentence(&row("user.login", "person", r#"{"passkey":"Phone"}"#));
        assert_eq!(told, "You signed in with Phone.");
        let told = sentence(&row("user.update", "operator", "{}"));
        assert_eq!(
            told,
            "The people who run this installation changed your profile."
        );
    }
}
