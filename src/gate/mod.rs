//! The gate: what a presented secret may do now.
//!
//! API, git and every later door ask here, so they agree by construction. A question passes four rooms:
//!
//! 1. [`authenticate`]: the string's form and checksum, then one look into memory by its hash;
//! 2. [`resolve`]: the names in the call become facts, from memory where it has them;
//! 3. the pure decision of [`crate::domain::access::decision`];
//! 4. [`record`]: the decision is written down, in groups, before the answer leaves.
//!
//! [`memory`] is dropped on every change that touches it: in this process before the change is acknowledged, in others
//! through the change feed ([`feed`]). When the feed has not been heard for a second, the gate answers
//! [`Unavailable`] instead of trusting what it remembers.

pub mod authenticate;
pub mod call;
pub mod effective;
pub mod explain;
pub mod feed;
pub mod memory;
pub mod presented;
pub mod record;
pub mod resolve;
pub mod services;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

pub use authenticate::Credential;
pub use call::{Call, Ruling};
pub use memory::Memory;
pub use record::{Mode, Recorder};
pub use resolve::Resolved;
pub use services::GuardedService;

use crate::clock::Clock;
use crate::domain::access::decision::{self, Basis, Decision, Reason, Refusal};
use crate::domain::catalog::Catalog;
use crate::domain::token::secret;
use crate::store::repositories::Repository;
use crate::store::unknown_secrets::Unknown;
use crate::store::{Change, Store, StoreError};

/// The gate cannot know now: never an allow.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// Changes made elsewhere have not been heard for too long.
    #[error("the change feed has not been heard for more than a second")]
    Deaf,
    /// The database failed.
    #[error("the database failed: {0}")]
    Store(#[from] StoreError),
    /// The decision could not be written down.
    #[error("the decision could not be recorded: {0}")]
    Unrecorded(String),
}

/// Decides calls. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Gate {
    store: Store,
    memory: Arc<Memory>,
    recorder: Recorder,
    catalog: &'static Catalog,
    clock: Arc<dyn Clock>,
    token_prefix: Arc<str>,
    base_url: Arc<str>,
    unknown: Arc<UnknownCounts>,
}

/// How many presented strings were no token of ours, since the start and since they were last written down.
#[derive(Debug, Default)]
struct UnknownCounts {
    all: AtomicU64,
    malformed: AtomicI64,
    unknown: AtomicI64,
}

impl Gate {
    /// A gate over a store, with the memory that the store's changes are announced to.
    pub fn new(
        store: Store,
        memory: Arc<Memory>,
        recorder: Recorder,
        catalog: &'static Catalog,
        clock: Arc<dyn Clock>,
        token_prefix: &str,
        base_url: &str,
    ) -> Self {
        Self {
            store,
            memory,
            recorder,
            catalog,
            clock,
            token_prefix: token_prefix.into(),
            base_url: base_url.into(),
            unknown: Arc::default(),
        }
    }

    /// How many presented strings were malformed or unknown since the server started. They are not recorded one by one:
    /// there is no token to record them for, and anybody can send any number of them.
    pub fn unknown_count(&self) -> u64 {
        self.unknown.all.load(Ordering::Relaxed)
    }

    /// What was counted since it was last taken, to be written down by day.
    pub fn take_unknown(&self) -> Unknown {
        Unknown {
            malformed: self.unknown.malformed.swap(0, Ordering::Relaxed),
            unknown: self.unknown.unknown.swap(0, Ordering::Relaxed),
        }
    }

    /// Counts again what could not be written down.
    pub fn give_back_unknown(&self, counts: Unknown) {
        let counted = &self.unknown;
        counted
            .malformed
            .fetch_add(counts.malformed, Ordering::Relaxed);
        counted.unknown.fetch_add(counts.unknown, Ordering::Relaxed);
    }

    fn count_unknown(&self, presented: Option<&str>) {
        let is_ours =
            presented.is_some_and(|text| secret::read(&self.token_prefix, text).is_some());
        let counted = if is_ours {
            &self.unknown.unknown
        } else {
            &self.unknown.malformed
        };
        counted.fetch_add(1, Ordering::Relaxed);
        self.unknown.all.fetch_add(1, Ordering::Relaxed);
    }

    /// The catalog it decides by.
    pub const fn catalog(&self) -> &'static Catalog {
        self.catalog
    }

    /// What writes decisions down.
    pub const fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// Finds out what a presented string is. Nothing is looked up for a string that is not of our form.
    pub async fn authenticate(&self, presented: Option<&str>) -> Result<Credential, Unavailable> {
        self.check_hearing()?;
        let credential = authenticate::authenticate(self, presented).await?;
        if matches!(credential, Credential::Unknown) {
            self.count_unknown(presented);
        }
        Ok(credential)
    }

    /// Decides a call and writes the decision down before it is given.
    pub async fn decide(
        &self,
        credential: &Credential,
        call: &Call<'_>,
    ) -> Result<Ruling, Unavailable> {
        let ruling = self.judge(credential, call).await?;
        self.write_down(&ruling, credential, call).await?;
        Ok(ruling)
    }

    /// Refuses a call that cannot be judged, such as one with a bad path, and writes that down; a bad credential is
    /// refused as such before anything else is said.
    pub async fn refuse(
        &self,
        credential: &Credential,
        call: &Call<'_>,
        reason: Reason,
    ) -> Result<Ruling, Unavailable> {
        self.check_hearing()?;
        let now = authenticate::refresh(self, credential).await?;
        let refusal = now.refusal().unwrap_or(Refusal::bare(reason));
        let ruling = Ruling::refused(refusal, now);
        self.write_down(&ruling, credential, call).await?;
        Ok(ruling)
    }

    async fn write_down(
        &self,
        ruling: &Ruling,
        credential: &Credential,
        call: &Call<'_>,
    ) -> Result<(), Unavailable> {
        let Some(record) = ruling.record(self, credential, call) else {
            return Ok(());
        };
        let is_first_use = record.is_first_use();
        let token = record.token;
        self.recorder.record(record).await?;
        // The secret before this one ended with the commit; memory may not answer for it any more.
        if is_first_use {
            self.memory.forget(&[Change::Token(token)]);
        }
        Ok(())
    }

    /// Judges one repository of a list as if it had been asked for by its name, without recording it. `call` is the
    /// call that reads one repository.
    pub async fn judge_repository(
        &self,
        credential: &Credential,
        call: &Call<'_>,
        repository: &Arc<Repository>,
    ) -> Result<Ruling, Unavailable> {
        loop {
            self.check_hearing()?;
            let epoch = self.memory.epoch();
            let credential = authenticate::refresh(self, credential).await?;
            let user = credential.snapshot().map(|snapshot| snapshot.facts.user);
            let target = resolve::known_repository(self, user, Arc::clone(repository)).await?;
            let ruling = self.conclude(credential, call, vec![target]);
            if self.memory.epoch() == epoch {
                return Ok(ruling);
            }
        }
    }

    /// Decides a call without recording it: for lists, dry runs and explanations.
    ///
    /// When memory drops something while the call is judged, it is judged again: what was revoked before the answer
    /// counts as revoked.
    pub async fn judge(
        &self,
        credential: &Credential,
        call: &Call<'_>,
    ) -> Result<Ruling, Unavailable> {
        loop {
            self.check_hearing()?;
            let epoch = self.memory.epoch();
            let ruling = self.judge_once(credential, call).await?;
            if self.memory.epoch() == epoch {
                return Ok(ruling);
            }
        }
    }

    async fn judge_once(
        &self,
        credential: &Credential,
        call: &Call<'_>,
    ) -> Result<Ruling, Unavailable> {
        let credential = authenticate::refresh(self, credential).await?;
        if let Some(refusal) = credential.refusal() {
            return Ok(Ruling::refused(refusal, credential));
        }
        let user = credential.snapshot().map(|snapshot| snapshot.facts.user);
        let targets = resolve::targets(self, user, call).await?;
        Ok(self.conclude(credential, call, targets))
    }

    /// The decision about a call whose targets are known.
    fn conclude(&self, credential: Credential, call: &Call<'_>, targets: Vec<Resolved>) -> Ruling {
        if let Some(refusal) = credential.refusal() {
            return Ruling::refused(refusal, credential);
        }
        let borrowed: Vec<_> = targets.iter().map(Resolved::target).collect();
        let question = call.question(&borrowed, self.clock.now());
        let token = credential.snapshot().map(|snapshot| &snapshot.facts);
        let decision = decision::decide(self.catalog, &question, token);
        drop(borrowed);
        Ruling {
            decision,
            targets,
            credential,
        }
    }

    fn check_hearing(&self) -> Result<(), Unavailable> {
        if self.memory.hears() {
            Ok(())
        } else {
            Err(Unavailable::Deaf)
        }
    }
}

/// The permission that a decision used, as records and headers name it; empty where none was.
pub fn permission_used(catalog: &Catalog, decision: &Decision) -> String {
    match decision {
        Decision::Allow(allow) => match allow.basis {
            Basis::Grant {
                permission, level, ..
            }
            | Basis::Scope {
                permission, level, ..
            } => {
                format!("{}:{}", catalog.permission(permission).slug, level.as_str())
            }
            Basis::PublicRead | Basis::Free | Basis::Listing => String::new(),
        },
        Decision::Refuse(refusal) => {
            let need = refusal.needed.first().and_then(|set| set.first());
            need.map_or_else(String::new, |need| {
                format!(
                    "{}:{}",
                    catalog.permission(need.permission).slug,
                    need.level.as_str()
                )
            })
        }
    }
}
