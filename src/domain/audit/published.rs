//! An entry in the published form: what the API, exports and streams write.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value};

use super::{Action, ActorKind, Entry};
use crate::domain::ids::{AccountId, RepositoryId, TokenId};
use crate::domain::token::TokenKind;

/// What the numbers in some entries are called now. What is gone keeps the name it had.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Logins and slugs.
    pub accounts: HashMap<AccountId, String>,
    /// Which of these are people: what they own is no organization's.
    pub people: HashSet<AccountId>,
    /// Full names.
    pub repositories: HashMap<RepositoryId, String>,
    /// Kinds and names of tokens.
    pub tokens: HashMap<TokenId, (TokenKind, String)>,
}

impl Names {
    /// The login of an account; empty where there is none.
    pub fn login(&self, id: Option<AccountId>) -> &str {
        let found = id.and_then(|id| self.accounts.get(&id));
        found.map_or("", String::as_str)
    }

    /// The full name of an entry's repository: the one it has, or the one it had.
    pub fn repository<'a>(&'a self, entry: &'a Entry) -> &'a str {
        let now = entry.repository.and_then(|id| self.repositories.get(&id));
        now.map(String::as_str).or(entry.text("repo")).unwrap_or("")
    }

    /// The name of an entry's token: the one it was recorded with, or the one it has.
    pub fn token<'a>(&'a self, entry: &'a Entry) -> &'a str {
        let recorded = entry.text("user_programmatic_access_name");
        let now = entry.token.and_then(|id| self.tokens.get(&id));
        recorded
            .or(now.map(|(_, name)| name.as_str()))
            .unwrap_or("")
    }
}

/// The entry as a JSON object, its fields in the order of the alphabet. Fields that say nothing are left out.
pub fn published(entry: &Entry, names: &Names) -> Map<String, Value> {
    // What was recorded comes first: no field of it may stand for one of the common fields.
    let mut fields = entry.data.clone();
    let kinds = [TokenKind::FineGrained, TokenKind::Classic];
    let recorded = entry.text("programmatic_access_type");
    if let Some(kind) = kinds.iter().find(|kind| recorded == Some(kind.title())) {
        fields.insert(
            "programmatic_access_type".to_owned(),
            kind.published().into(),
        );
    }
    let millis = entry.at.as_micros().div_euclid(1_000);
    fields.insert("@timestamp".to_owned(), millis.into());
    fields.insert("created_at".to_owned(), millis.into());
    fields.insert("_document_id".to_owned(), entry.key.document_id().into());
    fields.insert("action".to_owned(), entry.action.as_str().into());
    let mut put = |name: &str, value: Value| match value {
        Value::Null => {}
        Value::String(text) if text.is_empty() => {}
        value => {
            fields.insert(name.to_owned(), value);
        }
    };
    put("actor", actor(entry, names).into());
    put("actor_id", entry.actor.user.map(AccountId::get).into());
    put("actor_ip", entry.address.clone().into());
    put("user", names.login(entry.user).into());
    put("user_id", entry.user.map(AccountId::get).into());
    let organization = entry.owner.filter(|id| {
        let is_enterprise = entry.enterprise == Some(*id);
        !is_enterprise && !names.people.contains(id)
    });
    put("org", names.login(organization).into());
    put("org_id", organization.map(AccountId::get).into());
    put("business", names.login(entry.enterprise).into());
    put("business_id", entry.enterprise.map(AccountId::get).into());
    let repository = names.repository(entry);
    put("repo", repository.into());
    put("repository", repository.into());
    put("repo_id", entry.repository.map(RepositoryId::get).into());
    put(
        "repository_id",
        entry.repository.map(RepositoryId::get).into(),
    );
    let token = entry.token.or(entry.actor.token);
    put("token_id", token.map(TokenId::get).into());
    let by_another = entry.actor.token.filter(|by| token != Some(*by));
    put("actor_token_id", by_another.map(TokenId::get).into());
    if let Some((kind, name)) = token.and_then(|id| names.tokens.get(&id)) {
        put("programmatic_access_type", kind.published().into());
        if entry.text("user_programmatic_access_name").is_none() && entry.token.is_some() {
            put("user_programmatic_access_name", name.as_str().into());
        }
    }
    let action: Option<Action> = entry.action.parse().ok();
    let operation = action.map(|action| action.operation().as_str());
    put("operation_type", operation.into());
    put("user_agent", entry.user_agent.clone().into());
    put("request_id", entry.request_id.clone().into());
    let sorted: BTreeMap<_, _> = fields.into_iter().collect();
    sorted.into_iter().collect()
}

fn actor<'a>(entry: &Entry, names: &'a Names) -> &'a str {
    match (names.login(entry.actor.user), entry.actor.kind) {
        ("", ActorKind::Operator) => "operator",
        ("", ActorKind::System) => "system",
        (login, _) => login,
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::entry;
    use super::*;

    fn names() -> Names {
        Names {
            accounts: [(1, "olga"), (2, "ana"), (3, "acme"), (4, "globex")]
                .map(|(id, login)| (AccountId::new(id), login.to_owned()))
                .into(),
            repositories: [(RepositoryId::new(6), "acme/web".to_owned())].into(),
            tokens: [(TokenId::new(5), (TokenKind::FineGrained, "ci".to_owned()))].into(),
            ..Names::default()
        }
    }

    #[test]
    fn the_published_fields_say_who_what_where_and_with_which_token() {
        let mut entry = entry("personal_access_token.access_granted");
        entry.data.insert("reason".to_owned(), "fine".into());
        let expected = serde_json::json!({
            "@timestamp": 1_790_856_000_000_i64, "created_at": 1_790_856_000_000_i64, "_document_id": "e7",
            "action": "personal_access_token.access_granted", "operation_type": "create",
            "actor": "olga", "actor_id": 1, "actor_ip": "192.0.2.1", "user": "ana", "user_id": 2,
            "org": "acme", "org_id": 3, "business": "globex", "business_id": 4,
            "repo": "acme/web", "repository": "acme/web", "repo_id": 6, "repository_id": 6,
            "token_id": 5, "programmatic_access_type": "Fine-grained personal access token",
            "user_programmatic_access_name": "ci", "reason": "fine", "user_agent": "curl", "request_id": "r",
        });
        assert_eq!(Value::Object(published(&entry, &names())), expected);
    }

    #[test]
    fn what_a_person_owns_is_no_organizations() {
        let entry = entry("repo.create");
        let mut names = names();
        names.people.insert(AccountId::new(3));
        let fields = published(&entry, &names);
        assert!(!fields.contains_key("org") && !fields.contains_key("org_id"));
    }

    #[test]
    fn nothing_recorded_can_pass_for_a_common_field() {
        let mut entry = entry("repo.create");
        entry.data.insert("actor".to_owned(), "mallory".into());
        entry.data.insert("_document_id".to_owned(), "e1".into());
        let fields = published(&entry, &names());
        assert_eq!(
            (&fields["actor"], &fields["_document_id"]),
            (&"olga".into(), &"e7".into())
        );
    }

    #[test]
    fn what_is_unknown_or_absent_is_left_out() {
        let mut entry = entry("from.the_future");
        (entry.user, entry.owner, entry.enterprise) = (None, None, None);
        (entry.token, entry.repository) = (None, None);
        entry.actor.user = None;
        entry.actor.kind = ActorKind::Operator;
        (entry.address, entry.user_agent, entry.request_id) = (None, None, None);
        let fields = published(&entry, &names());
        let keys: Vec<_> = fields.keys().map(String::as_str).collect();
        assert_eq!(
            keys,
            [
                "@timestamp",
                "_document_id",
                "action",
                "actor",
                "created_at"
            ]
        );
        assert_eq!(fields["actor"], "operator");
    }
}
