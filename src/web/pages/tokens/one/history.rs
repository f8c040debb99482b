//! What happened to a token at one owner, as a short story: made, asked, approved in part, denied, revoked, edited,
//! regenerated, left. Told from the audit log, so that nothing that was overtaken later is lost.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::approval::{Activation, Cause};
use crate::domain::audit::Action;
use crate::domain::catalog::Catalog;
use crate::domain::ids::{AccountId, RequestId, TokenId};
use crate::domain::time::Timestamp;
use crate::domain::token::summary;
use crate::store::token_story::{self, StoryRow};
use crate::store::{Db, StoreError, accounts, requests};

/// How many steps are told.
const STEPS: i64 = 100;

/// One step of the story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// When.
    pub at: Timestamp,
    /// The name of its shape and colour.
    pub kind: &'static str,
    /// What happened, as a sentence.
    pub text: String,
    /// What somebody wrote with it; empty for nothing.
    pub quote: String,
}

/// What the sentences need beside an event.
#[derive(Debug)]
struct Teller<'a> {
    owner: &'a str,
    user: AccountId,
    people: BTreeMap<AccountId, String>,
    causes: BTreeMap<i64, Cause>,
    dropped: BTreeMap<i64, Vec<String>>,
}

/// Loads the story of a token of a user at an owner, newest first.
pub async fn load(
    db: &mut impl Db,
    catalog: &Catalog,
    (token, user): (TokenId, AccountId),
    (owner, login): (AccountId, &str),
) -> Result<Vec<Happening>, StoreError> {
    let rows = token_story::list(db, token, owner, STEPS).await?;
    let actors: Vec<_> = rows.iter().filter_map(|row| row.actor_id).collect();
    let people = accounts::list_by_ids(db, &actors).await?;
    let people = people.into_iter().map(|person| (person.id, person.login));
    let mut teller = Teller {
        owner: login,
        user,
        people: people.collect(),
        causes: BTreeMap::new(),
        dropped: BTreeMap::new(),
    };
    for row in &rows {
        let Some(request) = request_id(&data(row)) else {
            continue;
        };
        match row.action.parse() {
            Ok(Action::RequestCreate) => {
                if let Some(found) = requests::find(db, RequestId::new(request)).await? {
                    teller.causes.insert(request, found.cause);
                }
            }
            Ok(Action::AccessGrant) => {
                let dropped = dropped(db, catalog, RequestId::new(request)).await?;
                teller.dropped.insert(request, dropped);
            }
            _ => {}
        }
    }
    Ok(rows.iter().filter_map(|row| teller.tell(row)).collect())
}

/// What approving a request left out, in words.
async fn dropped(
    db: &mut impl Db,
    catalog: &Catalog,
    request: RequestId,
) -> Result<Vec<String>, StoreError> {
    let mut words = Vec::new();
    for (slug, asked, granted) in token_story::list_dropped_permissions(db, request).await? {
        let title = catalog
            .find_permission(&slug)
            .map_or(slug.as_str(), |permission| &permission.title);
        words.push(match granted {
            Some(level) => format!("{title}: {asked} (it got {level})"),
            None => format!("{title}: {asked}"),
        });
    }
    words.extend(token_story::list_dropped_repositories(db, request).await?);
    Ok(words)
}

fn data(row: &StoryRow) -> Value {
    serde_json::from_str(&row.data).unwrap_or_default()
}

fn request_id(data: &Value) -> Option<i64> {
    data["user_programmatic_access_request_id"].as_i64()
}

impl Teller<'_> {
    fn tell(&self, row: &StoryRow) -> Option<Happening> {
        let data = data(row);
        let said = data["reason"].as_str().unwrap_or_default();
        let (kind, text, quote) = match row.action.parse().ok()? {
            Action::TokenCreate => ("none", "You made the token.".to_owned(), ""),
            Action::RequestCreate => ("pending", self.asked(&data), said),
            Action::AccessGrant => ("active", self.granted(row, &data), said),
            Action::RequestDeny => ("denied", format!("{} denied it.", self.who(row)), said),
            Action::RequestCancel => ("none", self.cancelled(row, said), ""),
            Action::AccessUpdate => ("active", self.changed(row), ""),
            Action::AccessRevoke => return Some(self.revoked(row, said)),
            Action::TokenUpdate => (
                "none",
                "You changed its name, description or conditions.".to_owned(),
                "",
            ),
            Action::TokenRegenerate => ("none", self.regenerated(row), ""),
            _ => return None,
        };
        Some(Happening {
            at: row.at,
            kind,
            text,
            quote: quote.to_owned(),
        })
    }

    fn who(&self, row: &StoryRow) -> String {
        let login = row.actor_id.and_then(|id| self.people.get(&id));
        login.map_or_else(|| "The server".to_owned(), Clone::clone)
    }

    fn is_own(&self, row: &StoryRow) -> bool {
        row.actor_id == Some(self.user)
    }

    fn asked(&self, data: &Value) -> String {
        let owner = self.owner;
        let cause = request_id(data).and_then(|id| self.causes.get(&id));
        match cause {
            Some(Cause::Widening) => format!("You asked {owner} for more."),
            Some(Cause::Again) => format!("You asked {owner} again."),
            Some(Cause::New) | None => format!("You asked {owner} for access."),
        }
    }

    fn granted(&self, row: &StoryRow, data: &Value) -> String {
        let owner = self.owner;
        if let Some(request) = request_id(data) {
            let who = self.who(row);
            let mut dropped = self.dropped.get(&request).cloned().unwrap_or_default();
            if data["dropped_selection"] == "all" {
                dropped.push("all repositories".to_owned());
            }
            return if dropped.is_empty() {
                format!("{who} approved it.")
            } else {
                format!(
                    "{who} approved part of it, without {}.",
                    summary::join(&dropped)
                )
            };
        }
        let activation = data["activation"]
            .as_str()
            .and_then(|word| word.parse().ok());
        match activation {
            Some(Activation::ByOwner) => "It worked at once: nobody else decides here.".to_owned(),
            _ => format!("It worked at once: {owner} asks for no approval of this."),
        }
    }

    fn cancelled(&self, row: &StoryRow, why: &str) -> String {
        if self.is_own(row) && why == "the user withdrew it" {
            return "You withdrew the request.".to_owned();
        }
        if why.is_empty() {
            return "The request was withdrawn.".to_owned();
        }
        format!("The request was withdrawn: {why}.")
    }

    fn changed(&self, row: &StoryRow) -> String {
        if self.is_own(row) {
            "You changed what it may do; that applied at once.".to_owned()
        } else {
            format!("{} changed what it may do.", self.who(row))
        }
    }

    fn revoked(&self, row: &StoryRow, said: &str) -> Happening {
        let owner = self.owner;
        let (text, quote) = match said {
            "the owner was taken out of the token" => {
                (format!("You took {owner} out of the token."), "")
            }
            "the relation to the owner ended" => (
                format!("What you were to {owner} ended, and its access with it."),
                "",
            ),
            _ if self.is_own(row) => ("You revoked it.".to_owned(), said),
            _ => (format!("{} revoked it.", self.who(row)), said),
        };
        Happening {
            at: row.at,
            kind: "revoked",
            text,
            quote: quote.to_owned(),
        }
    }

    fn regenerated(&self, row: &StoryRow) -> String {
        if self.is_own(row) {
            "You regenerated its secret.".to_owned()
        } else {
            "Its secret was regenerated.".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: AccountId = AccountId::new(1);
    const OLGA: AccountId = AccountId::new(2);

    fn teller() -> Teller<'static> {
        let people = [(ANA, "ana"), (OLGA, "olga")];
        Teller {
            owner: "acme",
            user: ANA,
            people: people.map(|(id, login)| (id, login.to_owned())).into(),
            causes: [(5, Cause::Widening), (6, Cause::Again)].into(),
            dropped: [(6, vec!["Contents: write".to_owned(), "acme/api".to_owned()])].into(),
        }
    }

    fn told(action: Action, actor: Option<AccountId>, data: &str) -> Option<String> {
        let row = StoryRow {
            at: Timestamp::from_micros(1),
            action: action.as_str().to_owned(),
            actor_id: actor,
            data: data.to_owned(),
        };
        teller().tell(&row).map(|step| step.text)
    }

    #[test]
    fn each_step_says_who_did_what() {
        use Action as A;
        let table = [
            (A::TokenCreate, Some(ANA), "{}", "You made the token."),
            (
                A::RequestCreate,
                Some(ANA),
                r#"{"user_programmatic_access_request_id":4}"#,
                "You asked acme for access.",
            ),
            (
                A::RequestCreate,
                Some(ANA),
                r#"{"user_programmatic_access_request_id":5}"#,
                "You asked acme for more.",
            ),
            (
                A::RequestCreate,
                Some(ANA),
                r#"{"user_programmatic_access_request_id":6}"#,
                "You asked acme again.",
            ),
            (
                A::AccessGrant,
                Some(OLGA),
                r#"{"user_programmatic_access_request_id":5}"#,
                "olga approved it.",
            ),
            (
                A::AccessGrant,
                Some(OLGA),
                r#"{"user_programmatic_access_request_id":6}"#,
                "olga approved part of it, without Contents: write and acme/api.",
            ),
            (
                A::AccessGrant,
                Some(ANA),
                r#"{"activation":"by_policy"}"#,
                "It worked at once: acme asks for no approval of this.",
            ),
            (A::RequestDeny, Some(OLGA), "{}", "olga denied it."),
            (
                A::RequestCancel,
                Some(ANA),
                r#"{"reason":"the user withdrew it"}"#,
                "You withdrew the request.",
            ),
            (
                A::AccessRevoke,
                Some(OLGA),
                r#"{"reason":"Stolen."}"#,
                "olga revoked it.",
            ),
            (
                A::AccessRevoke,
                Some(ANA),
                r#"{"reason":"the owner was taken out of the token"}"#,
                "You took acme out of the token.",
            ),
            (
                A::AccessRevoke,
                Some(OLGA),
                r#"{"reason":"the relation to the owner ended"}"#,
                "What you were to acme ended, and its access with it.",
            ),
            (
                A::TokenRegenerate,
                Some(ANA),
                "{}",
                "You regenerated its secret.",
            ),
        ];
        for (action, actor, data, words) in table {
            assert_eq!(
                told(action, actor, data).as_deref(),
                Some(words),
                "{action} {data}"
            );
        }
        assert_eq!(told(A::UserLogin, Some(ANA), "{}"), None);
    }
}
