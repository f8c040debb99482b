//! Why an act was not done, as a page that says what happened and leads back; mistakes go back to their fields.

use super::account_path;
use crate::actions::administer::{AdminError, Mistake};
use crate::domain::administration::Refusal;
use crate::store::accounts::Account;
use crate::web::error::PageError;

/// The mistakes to show at their fields, or the page that says why nothing was done.
pub fn undone(account: &Account, error: AdminError) -> Result<Vec<Mistake>, PageError> {
    match error {
        AdminError::Mistakes(mistakes) => Ok(mistakes),
        AdminError::NotFound | AdminError::NotAllowed => Err(PageError::NotFound),
        AdminError::Moved => Err(conflict(
            account,
            "This account changed meanwhile",
            "Nothing was changed. Somebody changed it after you opened its page: look at it as it is now, then decide \
             again.",
        )),
        AdminError::Refused(refusal) => Err(refused(account, refusal)),
        AdminError::Store(cause) => Err(cause.into()),
    }
}

fn refused(account: &Account, refusal: Refusal) -> PageError {
    let login = &account.login;
    let (title, text) = match refusal {
        Refusal::Already => {
            let text = format!("Nothing was changed: {login} is already as you want it.");
            return conflict(account, "It is so already", &text);
        }
        Refusal::Yourself => (
            "Nobody does this to themselves",
            "Nothing was changed. Ask another site administrator to do it: so the installation never loses its last \
             one. Where you are the only one, make somebody else a site administrator first."
                .to_owned(),
        ),
        Refusal::Suspended => (
            "The person is suspended",
            format!("Nothing was changed. Lift the suspension of {login} first."),
        ),
        Refusal::LastOwner => (
            "The last owner stays",
            format!(
                "Nothing was changed. Nobody else could act for {login}: name another owner first."
            ),
        ),
        Refusal::OwnersDecide => (
            "Owners choose owners",
            format!("Nothing was changed. An owner of {login} decides who else owns it."),
        ),
    };
    PageError::Unprocessable {
        title: title.to_owned(),
        text,
        back: back(account),
    }
}

fn conflict(account: &Account, title: &str, text: &str) -> PageError {
    PageError::Conflict {
        title: title.to_owned(),
        text: text.to_owned(),
        back: back(account),
    }
}

fn back(account: &Account) -> (String, String) {
    (
        format!("Open {}", account.login),
        account_path(account.kind, account.id),
    )
}
