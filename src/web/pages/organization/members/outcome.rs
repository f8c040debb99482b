//! Why somebody's role stays as it is, as a page that says what happened and leads back.

use super::{frame, person_path, role_word};
use crate::actions::membership::MemberError;
use crate::app::App;
use crate::domain::access::membership::MembershipRefusal;
use crate::domain::audit::Action;
use crate::store::accounts::Account;
use crate::store::members::{self, Act};
use crate::web::error::{PageError, PageResult};

/// The page of a refusal; who was first is read again.
pub async fn refused(
    app: &App,
    organization: &Account,
    user: &Account,
    error: MemberError,
) -> PageError {
    let refusal = match error {
        MemberError::NotFound => return PageError::NotFound,
        MemberError::Store(cause) => return cause.into(),
        MemberError::Refused(refusal) => refusal,
    };
    match words(app, organization, user, refusal).await {
        Ok(page) | Err(page) => page,
    }
}

async fn words(
    app: &App,
    organization: &Account,
    user: &Account,
    refusal: MembershipRefusal,
) -> PageResult<PageError> {
    let (name, login) = (&organization.name, &user.login);
    let to_person = (
        format!("Open {login} in {name}"),
        person_path(&organization.login, user.id),
    );
    let to_people = (
        format!("Back to the people of {name}"),
        frame::people_path(&organization.login),
    );
    Ok(match refusal {
        MembershipRefusal::NotAnOwner => PageError::NotFound,
        MembershipRefusal::LastOwner => PageError::Conflict {
            title: format!("{login} is the last owner of {name}"),
            text: "Nobody else who can sign in would be left to decide requests and set policies. Nothing was \
                   changed: make somebody else an owner first."
                .to_owned(),
            back: to_people,
        },
        MembershipRefusal::Suspended => PageError::Conflict {
            title: format!("{login} is suspended"),
            text: "A suspended person can be given nothing. Nothing was changed: ask a site administrator to lift the \
                   suspension first."
                .to_owned(),
            back: to_people,
        },
        MembershipRefusal::Moved { now } => {
            let actions = [Action::MemberAdd, Action::MemberUpdate, Action::MemberRemove];
            let mut db = app.context.store.reader();
            let act = members::find_last_act(&mut db, organization.id, Some(user.id), &actions).await?;
            let is = match now {
                Some(_) => format!("{login} is now: {}.", role_word(now).to_lowercase()),
                None => format!("{login} is no member of {name} now."),
            };
            PageError::Conflict {
                title: format!("The role of {login} changed since you opened the page"),
                text: format!("{}{is} What you chose was not done.", by(act.as_ref())),
                back: if now.is_some() { to_person } else { to_people },
            }
        }
    })
}

/// `sam changed it on 2 Dec 2026 at 10:02 UTC. `
pub fn by(act: Option<&Act>) -> String {
    act.map_or_else(String::new, |act| {
        let by = act.by.as_deref().unwrap_or("The operator");
        let at = act.at.to_utc().format("%-d %b %Y at %H:%M UTC");
        format!("{by} changed it on {at}. ")
    })
}
