//! A token: a credential of one user with a life, one or more secrets and, where it is fine-grained, one grant per
//! resource owner.

pub mod classic;
pub mod conditions;
pub mod draft;
pub mod edit;
pub mod expiry;
pub mod rotation;
pub mod secret;
pub mod summary;

words! {
    /// Which of the two models a token follows.
    TokenKind {
        /// Limited to owners, repositories and permissions.
        FineGrained = "fine_grained",
        /// Limited by scopes alone; reaches everything its user reaches.
        Classic = "classic",
    }
}

words! {
    /// Whether a token may still be used at all, its life aside.
    TokenState {
        /// Until its life ends.
        Live = "live",
        /// Never again.
        Ended = "ended",
    }
}

words! {
    /// Why a token ended before its life did.
    EndedReason {
        /// Its user deleted it.
        Deleted = "deleted",
        /// The operator revoked it on the command line.
        Revoked = "revoked",
        /// Its secret was reported as leaked.
        Leaked = "leaked",
        /// A guarded service to which it was shown revoked it.
        Service = "service",
        /// It was not used for too long.
        Unused = "unused",
    }
}

words! {
    /// What a secret is to its token.
    SecretRole {
        /// The one to use.
        Current = "current",
        /// The one before, still accepted for a while during a rotation.
        Overlapping = "overlapping",
        /// Replaced; never accepted again.
        Retired = "retired",
    }
}

impl TokenKind {
    /// The middle word of token strings: `grantry_pat_…`, `grantry_cls_…`.
    pub const fn infix(self) -> &'static str {
        match self {
            Self::FineGrained => "pat",
            Self::Classic => "cls",
        }
    }

    /// The name of the kind in sentences.
    pub const fn title(self) -> &'static str {
        match self {
            Self::FineGrained => "fine-grained personal access token",
            Self::Classic => "personal access token (classic)",
        }
    }

    /// The name of the kind in the published fields of the audit log.
    pub const fn published(self) -> &'static str {
        match self {
            Self::FineGrained => "Fine-grained personal access token",
            Self::Classic => "Personal access token (classic)",
        }
    }
}
