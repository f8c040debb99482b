//! The operator or a site administrator makes a one-time link with which a person registers a passkey.

use sha2::{Digest, Sha256};

use super::Context;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;
use crate::store::{StoreError, Work, sign_in};

/// How long a link serves, in seconds.
pub const LINK_LIFE: i64 = 3_600;

/// What is kept of a one-time code.
pub fn code_hash(code: &str) -> Vec<u8> {
    Sha256::digest(code.as_bytes()).to_vec()
}

/// Makes the one live link of a user, in place of an earlier one: the code that stands in `/enroll/{code}`, and until
/// when it serves.
pub async fn create_link(
    context: &Context,
    origin: &Origin,
    user: AccountId,
    life_in_seconds: i64,
) -> Result<(String, Timestamp), StoreError> {
    let mut work = context.begin(origin).await?;
    let made = enter_link(context, &mut work, user, life_in_seconds).await?;
    context.commit(work).await?;
    Ok(made)
}

/// The same within a work.
pub(super) async fn enter_link(
    context: &Context,
    work: &mut Work,
    user: AccountId,
    life_in_seconds: i64,
) -> Result<(String, Timestamp), StoreError> {
    let code = context.entropy.code();
    let now = work.now();
    let expires_at = now.plus_seconds(life_in_seconds);
    sign_in::replace_enrolment(work, user, &code_hash(&code), now, expires_at).await?;
    work.audit(Event::new(Action::EnrolmentCreate).user(user));
    Ok((code, expires_at))
}
