//! From a presented string to a token (step 1 of the decision).

use std::sync::Arc;

use super::{Gate, Unavailable, resolve};
use crate::domain::access::decision::{Reason, Refusal};
use crate::domain::ids::TokenId;
use crate::domain::token::secret::{self, SecretHash};
use crate::store::snapshots::{self, Snapshot};

/// What a presented string turned out to be.
#[derive(Debug, Clone)]
pub enum Credential {
    /// None was presented.
    Anonymous,
    /// It is not of our form, or unknown. Only counted ([`Gate::unknown_count`]): there is no token to record it for.
    Unknown,
    /// A token that is expired, revoked, retired, or whose user is suspended. Outside it looks like an unknown one;
    /// the reason is kept for the holder and the log.
    Dead(Arc<Snapshot>),
    /// A token that may be judged.
    Good {
        /// The key under which it was found, to look again after a change.
        hash: Option<SecretHash>,
        /// What is known of it.
        snapshot: Arc<Snapshot>,
        /// The login of its user.
        login: String,
    },
}

impl Credential {
    /// The token, where it may be judged.
    pub fn snapshot(&self) -> Option<&Snapshot> {
        match self {
            Self::Good { snapshot, .. } => Some(snapshot),
            Self::Anonymous | Self::Unknown | Self::Dead(_) => None,
        }
    }

    /// The token that the string belongs to, good or dead.
    pub fn token(&self) -> Option<&Snapshot> {
        match self {
            Self::Good { snapshot, .. } | Self::Dead(snapshot) => Some(snapshot),
            Self::Anonymous | Self::Unknown => None,
        }
    }

    /// The login of the user behind it.
    pub fn login(&self) -> &str {
        match self {
            Self::Good { login, .. } => login,
            Self::Anonymous | Self::Unknown | Self::Dead(_) => "",
        }
    }

    /// The refusal that needs no further question.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Unknown | Self::Dead(_) => Some(Refusal::bare(Reason::BadCredentials)),
            Self::Anonymous | Self::Good { .. } => None,
        }
    }
}

pub(super) async fn authenticate(
    gate: &Gate,
    presented: Option<&str>,
) -> Result<Credential, Unavailable> {
    let Some(text) = presented else {
        return Ok(Credential::Anonymous);
    };
    match secret::read(&gate.token_prefix, text) {
        Some(presented) => by_hash(gate, presented.hash).await,
        None => Ok(Credential::Unknown),
    }
}

/// Looks at a good credential again: a change may have ended it since it was presented.
pub(super) async fn refresh(
    gate: &Gate,
    credential: &Credential,
) -> Result<Credential, Unavailable> {
    match credential {
        Credential::Good {
            hash: Some(hash), ..
        } => by_hash(gate, *hash).await,
        other => Ok(other.clone()),
    }
}

async fn by_hash(gate: &Gate, hash: SecretHash) -> Result<Credential, Unavailable> {
    match snapshot(gate, hash).await? {
        Some(snapshot) => known(gate, Some(hash), snapshot).await,
        None => Ok(Credential::Unknown),
    }
}

/// A token by its id, as its current secret would prove it: for explanations, which nobody presents a secret for.
pub(super) async fn by_token(
    gate: &Gate,
    token: TokenId,
) -> Result<Option<Credential>, Unavailable> {
    let found = snapshots::find_by_token(&mut gate.store.reader(), gate.catalog, token).await?;
    match found {
        Some(snapshot) => known(gate, None, Arc::new(snapshot)).await.map(Some),
        None => Ok(None),
    }
}

async fn known(
    gate: &Gate,
    hash: Option<SecretHash>,
    snapshot: Arc<Snapshot>,
) -> Result<Credential, Unavailable> {
    let user = resolve::account(gate, snapshot.facts.user).await?;
    let user = user.filter(|user| !user.account.is_suspended());
    match user {
        Some(user) if snapshot.is_good(gate.clock.now()) => Ok(Credential::Good {
            hash,
            snapshot,
            login: user.account.login.clone(),
        }),
        _ => Ok(Credential::Dead(snapshot)),
    }
}

async fn snapshot(gate: &Gate, hash: SecretHash) -> Result<Option<Arc<Snapshot>>, Unavailable> {
    if let Some(known) = gate.memory.snapshot(&hash) {
        return Ok(Some(known));
    }
    let epoch = gate.memory.epoch();
    let found = snapshots::find_by_hash(&mut gate.store.reader(), gate.catalog, hash)
        .await?
        .map(Arc::new);
    if let Some(found) = &found {
        gate.memory.keep_snapshot(epoch, hash, Arc::clone(found));
    }
    Ok(found)
}
