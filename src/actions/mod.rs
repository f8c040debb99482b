//! What can be done, one verb a file. Each reads like the sentence it implements: load, decide (in the domain), write,
//! audit, commit, then effects.
//!
//! Whoever calls an action has shown the right to: console pages hold an extractor's witness, the API holds a gate's
//! ruling, the command line is the operator. What can change between that and the write is checked again inside the
//! action's transaction.

pub mod add_passkey;
pub mod administer;
pub mod approve;
pub mod ask_again;
pub mod block_classic;
pub mod cancel_policy;
mod cases;
pub mod change_profile;
pub mod change_repository;
pub mod comments;
pub mod create_link;
pub mod create_repository;
pub mod cut_off;
pub mod delete_repository;
pub mod delete_token;
pub mod deny;
mod departure;
pub mod edit_classic;
pub mod edit_token;
pub mod end_relation;
pub mod end_sessions;
pub mod enroll;
pub mod exempt_token;
pub mod export_log;
pub mod import;
pub mod issues;
pub mod make_recovery_codes;
pub mod membership;
pub mod mint;
pub mod mint_classic;
mod own_token;
mod policy_event;
pub mod preview_policy;
pub mod recover;
pub mod refuse;
pub mod regenerate;
pub mod remove_collaborator;
pub mod remove_member;
pub mod remove_outside_collaborator;
pub mod remove_passkey;
pub mod rename_passkey;
pub mod report_leak;
pub mod repositories;
pub mod review_many;
pub mod revoke_by_service;
pub mod revoke_grant;
pub mod revoke_token;
pub mod rotate;
pub mod save_policy;
pub mod services;
pub mod set_base_permission;
pub mod set_collaborator;
pub mod set_member;
pub mod sign_in;
pub mod sweep;
pub mod throttle;
pub mod tidy_repositories;
pub mod withdraw;
pub mod write_file;

use std::sync::Arc;

use crate::clock::Clock;
use crate::domain::audit::Origin;
use crate::domain::catalog::Catalog;
use crate::domain::token::draft::Limits;
use crate::entropy::Entropy;
use crate::gate::Memory;
use crate::store::{Store, StoreError, Work};

/// What every action works with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Permissions and endpoints.
    pub catalog: &'static Catalog,
    /// The gate's memory, which drops what a change touches before the change is acknowledged.
    pub memory: Arc<Memory>,
    /// How much of everything there may be.
    pub limits: Limits,
    /// The first word of token strings.
    pub token_prefix: Arc<str>,
}

impl Context {
    /// Begins a change made by `origin`.
    pub async fn begin(&self, origin: &Origin) -> Result<Work, StoreError> {
        Work::begin(&self.store, self.clock.now(), origin.clone()).await
    }

    /// Makes a change last, and lets memory drop what it touched.
    pub async fn commit(&self, work: Work) -> Result<(), StoreError> {
        let committed = work.commit().await?;
        self.memory.forget(&committed.changes);
        Ok(())
    }
}
