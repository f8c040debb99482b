//! Makes a classic token: scopes in place of grants, and never an approval (DOMAIN §2.5).

use super::Context;
use super::mint::{MintError, replace_secret, too_many};
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::scope::ScopeSet;
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::classic::{self, Dropped, simplify};
use crate::domain::token::draft::{Field, Mistake, capitalized};
use crate::domain::token::expiry::{Expiration, Lifetime};
use crate::domain::token::secret::{self, Secret};
use crate::store::{Change, Db, StoreError, Work, forms, tokens};

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
    /// Scopes that were dropped, because another one includes them. Empty where the form was sent again: the first time
    /// said it.
    pub dropped: Vec<Dropped>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// Says what is wrong with a draft, without making anything.
pub async fn check(
    context: &Context,
    user: AccountId,
    draft: &ClassicDraft,
) -> Result<(), MintError> {
    let mut db = context.store.reader();
    let now = context.clock.now();
    judge(context, &mut db, user, draft, now).await.map(drop)
}

/// Makes the token. No policy refuses it here: policies count for each use.
pub async fn mint_classic(
    context: &Context,
    origin: &Origin,
    user: AccountId,
    draft: &ClassicDraft,
) -> Result<MintedClassic, MintError> {
    let work = context.begin(origin).await?;
    mint(context, work, user, draft, None).await
}

/// Makes the token that a form asks for. `number` is the hash of the form's one-time number: pressing twice replaces the
/// unused secret and makes no second token.
pub async fn mint_classic_once(
    context: &Context,
    origin: &Origin,
    user: AccountId,
    draft: &ClassicDraft,
    number: &[u8],
) -> Result<MintedClassic, MintError> {
    let mut work = context.begin(origin).await?;
    let now = work.now();
    if forms::claim_number(&mut work, user, number, now).await? {
        return mint(context, work, user, draft, Some(number)).await;
    }
    let token = forms::find_number(&mut work, user, number).await?;
    mint_again(context, work, token).await
}

async fn mint(
    context: &Context,
    mut work: Work,
    user: AccountId,
    draft: &ClassicDraft,
    number: Option<&[u8]>,
) -> Result<MintedClassic, MintError> {
    let now = work.now();
    let lifetime = judge(context, &mut work, user, draft, now).await?;
    let expires_at = lifetime.end_from(now);
    let (scopes, dropped) = simplify(context.catalog, draft.scopes);
    let (token, secret) = insert(context, &mut work, user, draft, expires_at).await?;
    let names = classic::names(context.catalog, scopes);
    tokens::insert_scopes(&mut work, token, &names).await?;
    if let Some(number) = number {
        forms::note_token(&mut work, user, number, token).await?;
    }
    let event = Event::new(Action::TokenCreate)
        .user(user)
        .token(token)
        .with("user_programmatic_access_name", draft.note.trim())
        .with(
            "programmatic_access_type",
            "Personal access token (classic)",
        )
        .with("hashed_token", secret.hash().to_base64())
        .with("token_scopes", names.join(", "))
        .with("expires_at", expires_at.map(Timestamp::to_rfc3339));
    work.audit(event);
    work.changed(Change::Token(token));
    context.commit(work).await?;
    Ok(MintedClassic {
        token,
        secret,
        dropped,
        expires_at,
    })
}

/// Enters the token and its secret.
async fn insert(
    context: &Context,
    work: &mut Work,
    user: AccountId,
    draft: &ClassicDraft,
    expires_at: Option<Timestamp>,
) -> Result<(TokenId, Secret), MintError> {
    let (kind, now) = (TokenKind::Classic, work.now());
    let minted = secret::mint(&context.token_prefix, kind, None, &*context.entropy);
    let note = draft.note.trim();
    let new = tokens::NewToken {
        identifier: &minted.identifier,
        user,
        kind,
        name: note,
        description: "",
        starts_at: now,
        expires_at,
        wants_rotation: false,
    };
    let token = tokens::insert(work, &new)
        .await
        .map_err(|error| note_taken(error, note))?;
    tokens::insert_secret(work, token, minted.secret.hash(), now).await?;
    Ok((token, minted.secret))
}

/// Two forms sent at once can both find a note free; the table's rule lets one of them in.
fn note_taken(error: StoreError, note: &str) -> MintError {
    match error.as_database_error() {
        Some(rule) if rule.is_unique_violation() => MintError::Mistakes(vec![classic::taken(note)]),
        _ => MintError::Store(error),
    }
}

/// The same form pressed again.
async fn mint_again(
    context: &Context,
    work: Work,
    token: TokenId,
) -> Result<MintedClassic, MintError> {
    let (found, secret) = replace_secret(context, work, TokenKind::Classic, token).await?;
    Ok(MintedClassic {
        token,
        secret,
        dropped: Vec::new(),
        expires_at: found.expires_at,
    })
}

async fn judge(
    context: &Context,
    db: &mut impl Db,
    user: AccountId,
    draft: &ClassicDraft,
    now: Timestamp,
) -> Result<Lifetime, MintError> {
    let mut mistakes = classic::mistakes(&draft.note, draft.scopes);
    let note = draft.note.trim();
    if tokens::is_name_taken(db, user, TokenKind::Classic, note).await? {
        mistakes.push(classic::taken(note));
    }
    mistakes.extend(too_many(db, user, context.limits.tokens_per_user, now).await?);
    match draft.expiration.lifetime(now) {
        Ok(lifetime) if mistakes.is_empty() => Ok(lifetime),
        Ok(_) => Err(MintError::Mistakes(mistakes)),
        Err(error) => {
            mistakes.push(Mistake {
                field: Field::Expiration,
                message: capitalized(&error.to_string()),
            });
            Err(MintError::Mistakes(mistakes))
        }
    }
}
