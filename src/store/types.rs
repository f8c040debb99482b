//! How values of the domain stand in columns: ids and moments as numbers, enums as words.

use sqlx::{Database, Decode, Type};

use super::Value;
use crate::domain::access::rights::{BasePermission, MemberRole, Relation, Visibility};
use crate::domain::account::AccountKind;
use crate::domain::approval::{Activation, Cause, GrantState, RequestState, RevokeCause};
use crate::domain::audit::ActorKind;
use crate::domain::ids::{
    AccountId, CommentId, GrantId, IssueId, PasskeyId, RepositoryId, RequestId, SecretId,
    ServiceId, ServiceSecretId, TokenId,
};
use crate::domain::permission::Level;
use crate::domain::policy::Exempted;
use crate::domain::policy::setting::{Access, Approval, EnterpriseAccess, EnterpriseApproval};
use crate::domain::role::RepositoryRole;
use crate::domain::selection::SelectionKind;
use crate::domain::service::Proxy;
use crate::domain::time::Timestamp;
use crate::domain::token::conditions::ConditionKind;
use crate::domain::token::secret::SecretHash;
use crate::domain::token::{EndedReason, SecretRole, TokenKind, TokenState};

type DecodeError = Box<dyn std::error::Error + Send + Sync>;

macro_rules! column {
    ($name:ty, $stored:ty, |$value:ident| $read:expr) => {
        impl<DB: Database> Type<DB> for $name
        where
            $stored: Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                <$stored as Type<DB>>::type_info()
            }

            fn compatible(info: &DB::TypeInfo) -> bool {
                <$stored as Type<DB>>::compatible(info)
            }
        }

        impl<'r, DB: Database> Decode<'r, DB> for $name
        where
            $stored: Decode<'r, DB>,
        {
            fn decode(value: DB::ValueRef<'r>) -> Result<Self, DecodeError> {
                let $value = <$stored as Decode<'r, DB>>::decode(value)?;
                $read
            }
        }
    };
}

macro_rules! numbers {
    ($($name:ty: $read:path, $write:path;)+) => {$(
        column!($name, i64, |value| Ok($read(value)));

        impl From<$name> for Value {
            fn from(value: $name) -> Self { Self::Int(Some($write(value))) }
        }

        impl From<Option<$name>> for Value {
            fn from(value: Option<$name>) -> Self { Self::Int(value.map($write)) }
        }
    )+};
}

macro_rules! words {
    ($($name:ty),+ $(,)?) => {$(
        column!($name, String, |value| Ok(value.parse()?));

        impl From<$name> for Value {
            fn from(value: $name) -> Self { Self::Text(Some(value.as_str().to_owned())) }
        }

        impl From<Option<$name>> for Value {
            fn from(value: Option<$name>) -> Self { Self::Text(value.map(|value| value.as_str().to_owned())) }
        }
    )+};
}

numbers! {
    AccountId: AccountId::new, AccountId::get;
    RepositoryId: RepositoryId::new, RepositoryId::get;
    TokenId: TokenId::new, TokenId::get;
    SecretId: SecretId::new, SecretId::get;
    GrantId: GrantId::new, GrantId::get;
    RequestId: RequestId::new, RequestId::get;
    PasskeyId: PasskeyId::new, PasskeyId::get;
    IssueId: IssueId::new, IssueId::get;
    CommentId: CommentId::new, CommentId::get;
    ServiceId: ServiceId::new, ServiceId::get;
    ServiceSecretId: ServiceSecretId::new, ServiceSecretId::get;
    Timestamp: Timestamp::from_micros, Timestamp::as_micros;
}

column!(SecretHash, Vec<u8>, |value| {
    let bytes = value.try_into().map_err(|_| "a hash has 32 bytes")?;
    Ok(SecretHash::from_bytes(bytes))
});

words! {
    ActorKind, AccountKind, TokenKind, TokenState, EndedReason, SecretRole, SelectionKind, ConditionKind, Visibility, MemberRole,
    BasePermission, Relation, GrantState, RequestState, Cause, Activation, RevokeCause, Access, Approval,
    EnterpriseAccess, EnterpriseApproval, Exempted, RepositoryRole, Level, Proxy,
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(Some(value.clone()))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}

impl From<Option<&str>> for Value {
    fn from(value: Option<&str>) -> Self {
        Self::Text(value.map(str::to_owned))
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        Self::Text(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(Some(value.to_vec()))
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(Some(value))
    }
}

impl From<SecretHash> for Value {
    fn from(value: SecretHash) -> Self {
        Self::Bytes(Some(value.as_bytes().to_vec()))
    }
}
