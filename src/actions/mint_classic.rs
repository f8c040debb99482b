//! Makes a classic token: scopes in place of grants, and never an approval (DOMAIN §2.5).

use super::Context;
use super::mint::MintError;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::scope::ScopeSet;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::draft::{Field, LONGEST_NAME, Mistake};
use crate::domain::token::expiry::{Expiration, Lifetime};
use crate::domain::token::secret::{self, Secret};
use crate::store::{Change, Db, tokens};

/// A classic token as its user wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassicDraft {
    /// What it is for: a classic token's name.
    pub note: String,
    /// What it may do.
    pub scopes: ScopeSet,
    /// When it ends.
    pub expiration: Expiration,
}

/// A classic token that was made, and its secret: the only time it is in the clear.
#[derive(Debug)]
pub struct MintedClassic {
    /// The token.
    pub token: TokenId,
    /// To show once.
    pub secret: Secret,
    /// The scopes that were kept.
    pub scopes: ScopeSet,
    /// Scopes that were dropped, because another one includes them.
    pub dropped: Vec<String>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// Makes the token.
pub async fn mint_classic(
    context: &Context,
    origin: &Origin,
    user: AccountId,
    draft: &ClassicDraft,
) -> Result<MintedClassic, MintError> {
    let mut work = context.begin(origin).await?;
    let now = work.now();
    let lifetime = judge(context, &mut work, user, draft, now).await?;
    let scopes = draft.scopes.without_redundant(context.catalog.scopes());
    let minted = secret::mint(
        &context.token_prefix,
        TokenKind::Classic,
        None,
        &*context.entropy,
    );
    let note = draft.note.trim();
    let expires_at = lifetime.end_from(now);
    let new = tokens::NewToken {
        identifier: &minted.identifier,
        user,
        kind: TokenKind::Classic,
        name: note,
        description: "",
        starts_at: now,
        expires_at,
        wants_rotation: false,
    };
    let token = tokens::insert(&mut work, &new).await?;
    tokens::insert_secret(&mut work, token, minted.secret.hash(), now).await?;
    let names = names(context, scopes);
    tokens::insert_scopes(&mut work, token, &names).await?;
    let event = Event::new(Action::TokenCreate)
        .user(user)
        .token(token)
        .with("user_programmatic_access_name", note)
        .with(
            "programmatic_access_type",
            "Personal access token (classic)",
        )
        .with("token_scopes", names.join(", "))
        .with("expires_at", expires_at.map(Timestamp::to_rfc3339));
    work.audit(event);
    work.changed(Change::Token(token));
    context.commit(work).await?;
    let dropped = draft.scopes.iter().filter(|scope| !scopes.contains(*scope));
    Ok(MintedClassic {
        token,
        secret: minted.secret,
        scopes,
        dropped: names_of(context, dropped),
        expires_at,
    })
}

fn names(context: &Context, scopes: ScopeSet) -> Vec<&'static str> {
    let named = scopes.iter().map(|scope| context.catalog.scope(scope));
    named.map(|scope| scope.name.as_str()).collect()
}

fn names_of(
    context: &Context,
    scopes: impl Iterator<Item = crate::domain::scope::ScopeId>,
) -> Vec<String> {
    scopes
        .map(|scope| context.catalog.scope(scope).name.clone())
        .collect()
}

async fn judge(
    context: &Context,
    db: &mut impl Db,
    user: AccountId,
    draft: &ClassicDraft,
    now: Timestamp,
) -> Result<Lifetime, MintError> {
    let mut mistakes = note_mistakes(&draft.note);
    let note = draft.note.trim();
    if tokens::is_name_taken(db, user, TokenKind::Classic, note).await? {
        let message = format!(
            "There is a classic token with the note `{note}` already: choose another note."
        );
        mistakes.push(Mistake {
            field: Field::Name,
            message,
        });
    }
    let limit = context.limits.tokens_per_user;
    if usize::try_from(tokens::count_live(db, user, now).await?).unwrap_or(usize::MAX) >= limit {
        let message =
            format!("There are {limit} tokens, which is the most there may be: delete one first.");
        mistakes.push(Mistake {
            field: Field::Name,
            message,
        });
    }
    match draft.expiration.lifetime(now) {
        Ok(lifetime) if mistakes.is_empty() => Ok(lifetime),
        Ok(_) => Err(MintError::Mistakes(mistakes)),
        Err(error) => {
            mistakes.push(Mistake {
                field: Field::Expiration,
                message: error.to_string(),
            });
            Err(MintError::Mistakes(mistakes))
        }
    }
}

fn note_mistakes(note: &str) -> Vec<Mistake> {
    let note = note.trim();
    let length = note.chars().count();
    let problem = match length {
        0 => Some("Give the token a note, such as the job that will use it.".to_owned()),
        _ if length > LONGEST_NAME => Some(format!(
            "The note has {length} characters; {LONGEST_NAME} fit."
        )),
        _ if note.chars().any(char::is_control) => {
            Some("The note holds a character that cannot be shown: type it again.".to_owned())
        }
        _ => None,
    };
    let mistake = problem.map(|message| Mistake {
        field: Field::Name,
        message,
    });
    mistake.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_says_something_short_that_can_be_shown() {
        assert_eq!(note_mistakes(" nightly build "), []);
        for bad in ["", "  ", "a\u{7}b", &"n".repeat(41)] {
            assert_eq!(note_mistakes(bad).len(), 1, "{bad:?}");
        }
    }
}
