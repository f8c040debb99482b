//! Writes down that somebody takes a part of a log away.

use super::Context;
use crate::domain::audit::{Action, Event, LogOf, Origin};
use crate::store::{StoreError, accounts};

/// Records an export before it begins; `phrase` is what is looked for, `format` the form of the file.
pub async fn export_log(
    context: &Context,
    origin: &Origin,
    log: LogOf,
    phrase: &str,
    format: &str,
) -> Result<(), StoreError> {
    let mut work = context.begin(origin).await?;
    let event = Event::new(Action::LogExport)
        .with("phrase", phrase)
        .with("format", format);
    let event = match log {
        LogOf::Organization(id) => {
            let organization = accounts::find(&mut work, id).await?;
            let enterprise = organization.and_then(|organization| organization.governed_by());
            event.owner(id).enterprise(enterprise)
        }
        LogOf::Enterprise(id) => event.owner(id).enterprise(Some(id)),
        LogOf::Person(id) => event.user(id),
    };
    work.audit(event);
    context.commit(work).await
}
