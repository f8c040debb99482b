//! Numbers that stand for things. Everything refers to accounts and repositories by id, never by name: a name can be
//! given to something else, an id is never used again.

macro_rules! ids {
    ($($(#[$about:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// The id with this number.
            pub const fn new(number: i64) -> Self { Self(number) }

            /// Its number, as the database and the API write it.
            pub const fn get(self) -> i64 { self.0 }
        }

        impl From<$name> for i64 {
            fn from(id: $name) -> Self { id.0 }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> { text.parse().map(Self) }
        }
    )+};
}

ids! {
    /// A user, an organization or an enterprise.
    AccountId,
    /// A repository; never reused, so that a grant cannot follow a name to another repository.
    RepositoryId,
    /// A token; `token_id` in JSON, the audit log and headers.
    TokenId,
    /// One secret of a token.
    SecretId,
    /// What a token may do at one resource owner.
    GrantId,
    /// A wish for a grant, or for widening one.
    RequestId,
    /// A passkey.
    PasskeyId,
    /// An issue in a repository.
    IssueId,
    /// A comment below an issue.
    CommentId,
    /// A service that Grantry guards.
    ServiceId,
    /// One secret of a service.
    ServiceSecretId,
}
