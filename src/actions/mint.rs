//! Makes a fine-grained token: its secret, and a grant at each owner that works at once or waits for an owner.

use super::Context;
use crate::domain::approval::Cause;
use crate::domain::approval::request::Beginning;
use crate::domain::audit::{Action, Event, Origin};
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::permission::PermissionSet;
use crate::domain::policy::{Exemption, Spared};
use crate::domain::time::Timestamp;
use crate::domain::token::TokenKind;
use crate::domain::token::draft::{Choice, Draft, Field, Mistake, Plan, PlannedGrant, plan};
use crate::domain::token::secret::{self, Secret};
use crate::store::{
    self, Change, Db, StoreError, Work, accounts, forms, grants, members, requests, rights, tokens,
};

/// A token that was made, and its secret: the only time it is in the clear.
#[derive(Debug)]
pub struct Minted {
    /// The token.
    pub token: TokenId,
    /// To show once.
    pub secret: Secret,
    /// The plan that it follows.
    pub plan: Plan,
}

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
pub enum MintError {
    /// The draft has mistakes, each with its place.
    #[error("the token cannot be made as asked")]
    Mistakes(Vec<Mistake>),
    /// This form made a token before, and that token was used: its secret cannot be shown again.
    #[error("this form has already made a token")]
    AlreadyMade(TokenId),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Judges a draft without making anything: for the page that lists the answers.
pub async fn check(context: &Context, user: AccountId, draft: &Draft) -> Result<Plan, MintError> {
    judge(
        context,
        &mut context.store.reader(),
        user,
        draft,
        context.clock.now(),
    )
    .await
}

/// Makes the token. `form_number` is the hash of the form's one-time number: pressing twice replaces the unused secret
/// and makes no second token.
pub async fn mint(
    context: &Context,
    origin: &Origin,
    user: AccountId,
    draft: &Draft,
    form_number: Option<&[u8]>,
) -> Result<Minted, MintError> {
    let mut work = context.begin(origin).await?;
    // What the user may choose stays so until the token is there: whoever ends a membership at the same moment waits,
    // and then ends what the token holds.
    members::lock(&mut work, user).await?;
    let now = work.now();
    if let Some(number) = form_number
        && !forms::claim_number(&mut work, user, number, now).await?
    {
        let token = forms::find_number(&mut work, user, number).await?;
        return mint_again(context, work, token).await;
    }
    let plan = judge(context, &mut work, user, draft, now).await?;
    let minted = secret::mint(
        &context.token_prefix,
        TokenKind::FineGrained,
        None,
        &*context.entropy,
    );
    let token = tokens::insert(
        &mut work,
        &new_token(&minted.identifier, user, draft, &plan, now),
    )
    .await
    .map_err(|error| name_taken(error, draft))?;
    tokens::insert_secret(&mut work, token, minted.secret.hash(), now).await?;
    tokens::insert_conditions(&mut work, token, &draft.conditions).await?;
    if let Some(number) = form_number {
        forms::note_token(&mut work, user, number, token).await?;
    }
    let event = created(user, token, draft, &plan, now);
    work.audit(event.with("hashed_token", minted.secret.hash().to_base64()));
    for grant in &plan.grants {
        begin_grant(context, &mut work, user, token, draft, grant).await?;
    }
    work.changed(Change::Token(token));
    context.commit(work).await?;
    Ok(Minted {
        token,
        secret: minted.secret,
        plan,
    })
}

async fn judge(
    context: &Context,
    db: &mut impl Db,
    user: AccountId,
    draft: &Draft,
    now: Timestamp,
) -> Result<Plan, MintError> {
    let choices = choices(db, user, draft, now).await?;
    let mut mistakes = Vec::new();
    let limit = context.limits.tokens_per_user;
    let name = draft.name.trim();
    if tokens::is_name_taken(db, user, TokenKind::FineGrained, name).await? {
        mistakes.push(duplicate(name));
    }
    mistakes.extend(too_many(db, user, limit, now).await?);
    match plan(context.catalog, &context.limits, draft, &choices, now) {
        Ok(plan) if mistakes.is_empty() => Ok(plan),
        Ok(_) => Err(MintError::Mistakes(mistakes)),
        Err(others) => Err(MintError::Mistakes(
            mistakes.into_iter().chain(others).collect(),
        )),
    }
}

/// What is told of one token more than there may be.
pub(super) async fn too_many(
    db: &mut impl Db,
    user: AccountId,
    limit: usize,
    now: Timestamp,
) -> Result<Option<Mistake>, StoreError> {
    let live = tokens::count_live(db, user, now).await?;
    let is_full = usize::try_from(live).unwrap_or(usize::MAX) >= limit;
    Ok(is_full.then(|| Mistake {
        field: Field::Name,
        message: format!(
            "You have {limit} tokens, which is the most there may be: delete one first."
        ),
    }))
}

pub(super) fn duplicate(name: &str) -> Mistake {
    Mistake {
        field: Field::Name,
        message: format!("You have a token named `{name}` already: choose another name."),
    }
}

/// Two forms sent at once can both find a name free; the table's rule lets one of them in.
fn name_taken(error: StoreError, draft: &Draft) -> MintError {
    match error.as_database_error() {
        Some(rule) if rule.is_unique_violation() => {
            MintError::Mistakes(vec![duplicate(draft.name.trim())])
        }
        _ => MintError::Store(error),
    }
}

/// The owners that a draft names, as far as its user may choose them, with their policies now.
pub async fn choices(
    db: &mut impl Db,
    user: AccountId,
    draft: &Draft,
    now: Timestamp,
) -> Result<Vec<Choice>, StoreError> {
    let mut choices = Vec::new();
    for wish in &draft.wishes {
        let Some(owner) = rights::find_choosable(db, user, wish.owner).await? else {
            continue;
        };
        let listed: Vec<_> = wish.selection.listed().collect();
        let choosable =
            rights::filter_selectable(db, user, owner.id, owner.relation, &listed).await?;
        choices.push(Choice {
            choosable: choosable.into_iter().collect(),
            ..choice(db, user, owner, &[], now).await?
        });
    }
    Ok(choices)
}

/// An owner with its policy in force, nothing selected yet; `exemptions` are those of the token, where it exists already.
pub async fn choice(
    db: &mut impl Db,
    user: AccountId,
    owner: rights::Choosable,
    exemptions: &[Exemption],
    now: Timestamp,
) -> Result<Choice, StoreError> {
    let kind = TokenKind::FineGrained;
    let policy =
        rights::find_policy(db, owner.kind, owner.id, owner.governed_by, kind, now).await?;
    let is_enterprise_owner = match owner.governed_by {
        Some(enterprise) => {
            use crate::domain::access::rights::MemberRole;
            accounts::find_role(db, enterprise, user).await? == Some(MemberRole::Owner)
        }
        None => false,
    };
    let place = (owner.id, owner.governed_by);
    Ok(Choice {
        spared: Spared::by(exemptions, place, is_enterprise_owner, now),
        owner: owner.id,
        login: owner.login,
        relation: owner.relation,
        policy,
        choosable: std::collections::BTreeSet::new(),
    })
}

fn new_token<'a>(
    identifier: &'a str,
    user: AccountId,
    draft: &'a Draft,
    plan: &Plan,
    now: Timestamp,
) -> tokens::NewToken<'a> {
    tokens::NewToken {
        identifier,
        user,
        kind: TokenKind::FineGrained,
        name: draft.name.trim(),
        description: draft.description.trim(),
        starts_at: now,
        expires_at: plan.lifetime.end_from(now),
        wants_rotation: draft.wants_rotation,
    }
}

fn created(user: AccountId, token: TokenId, draft: &Draft, plan: &Plan, now: Timestamp) -> Event {
    Event::new(Action::TokenCreate)
        .user(user)
        .token(token)
        .with("user_programmatic_access_name", draft.name.trim())
        .with(
            "programmatic_access_type",
            "Fine-grained personal access token",
        )
        .with(
            "expires_at",
            plan.lifetime.end_from(now).map(Timestamp::to_rfc3339),
        )
}

/// Enters one grant: working at once, or with a request that waits.
async fn begin_grant(
    context: &Context,
    work: &mut Work,
    user: AccountId,
    token: TokenId,
    draft: &Draft,
    planned: &PlannedGrant,
) -> Result<(), StoreError> {
    let now = work.now();
    let activation = match planned.beginning {
        Beginning::Active(activation) => Some(activation),
        Beginning::Pending => None,
    };
    let new = grants::NewGrant {
        token,
        owner: planned.owner,
        relation: planned.relation,
        activation,
        ask: &planned.ask,
        at: now,
    };
    let grant = grants::insert(work, context.catalog, &new).await?;
    let owner = accounts::find(work, planned.owner)
        .await?
        .ok_or(store::StoreError::RowNotFound)?;
    let event = |action| {
        Event::new(action)
            .user(user)
            .token(token)
            .owner(planned.owner)
            .enterprise(owner.governed_by())
            .with("user_programmatic_access_name", draft.name.trim())
            .with(
                "repository_selection",
                planned.ask.selection.kind().as_str(),
            )
            .with(
                "permissions",
                super::refuse::permissions_json(context.catalog, &planned.ask.permissions),
            )
    };
    if let Some(activation) = activation {
        work.audit(event(Action::AccessGrant).with("activation", activation.as_str()));
        return Ok(());
    }
    let request = requests::NewRequest {
        grant,
        grant_rev: 1,
        owner: planned.owner,
        cause: Cause::New,
        ask: &planned.ask,
        before: &PermissionSet::new(),
        reason: draft.justification.trim(),
        at: now,
    };
    let request = requests::insert(work, context.catalog, &request).await?;
    let reviewers = reviewers(work, planned.owner).await?;
    let event = event(Action::RequestCreate)
        .with("user_programmatic_access_request_id", request.get())
        .with("reason", draft.justification.trim());
    work.audit_and_tell(event, reviewers);
    Ok(())
}

/// Whom to tell of a request at an owner: those who decide it.
pub(super) async fn reviewers(
    db: &mut impl Db,
    owner: AccountId,
) -> Result<Vec<AccountId>, StoreError> {
    let found = accounts::list_reviewers(db, owner).await?;
    Ok(found.into_iter().map(|member| member.user_id).collect())
}

/// The same form pressed again.
async fn mint_again(context: &Context, work: Work, token: TokenId) -> Result<Minted, MintError> {
    let (found, secret) = replace_secret(context, work, TokenKind::FineGrained, token).await?;
    let plan = stored_plan(context, token, &found).await?;
    Ok(Minted {
        token,
        secret,
        plan,
    })
}

/// Replaces the secret of a token that a form made before, where nobody used it; and commits.
pub(super) async fn replace_secret(
    context: &Context,
    mut work: Work,
    kind: TokenKind,
    token: TokenId,
) -> Result<(tokens::Token, Secret), MintError> {
    let now = work.now();
    let found = tokens::find(&mut work, token)
        .await?
        .filter(|found| found.kind == kind && found.is_usable(now));
    let Some(found) = found else {
        return Err(MintError::AlreadyMade(token));
    };
    if !tokens::retire_unused_secret(&mut work, token).await? {
        return Err(MintError::AlreadyMade(token));
    }
    let minted = secret::mint(
        &context.token_prefix,
        found.kind,
        Some(&found.identifier),
        &*context.entropy,
    );
    tokens::insert_secret(&mut work, token, minted.secret.hash(), now).await?;
    let event = Event::new(Action::TokenRegenerate)
        .user(found.user_id)
        .token(token);
    work.audit(
        event
            .with("user_programmatic_access_name", found.name.as_str())
            .with("reason", "form sent again"),
    );
    work.changed(Change::Token(token));
    context.commit(work).await?;
    Ok((found, minted.secret))
}

/// The plan that the first press carried out, read back from what it wrote.
async fn stored_plan(
    context: &Context,
    token: TokenId,
    found: &tokens::Token,
) -> Result<Plan, StoreError> {
    use crate::domain::approval::{GrantState, request::Beginning};
    use crate::domain::token::expiry::Lifetime;
    let mut db = context.store.reader();
    let mut planned = Vec::new();
    for grant in grants::list_of_token(&mut db, token).await? {
        let pending = requests::find_pending(&mut db, grant.id).await?;
        let ask = match &pending {
            Some(request) => requests::load_ask(&mut db, context.catalog, request).await?,
            None => grants::load_ask(&mut db, context.catalog, &grant).await?,
        };
        let beginning = match (grant.state, grant.activation) {
            (GrantState::Active, Some(activation)) => Beginning::Active(activation),
            _ => Beginning::Pending,
        };
        planned.push(PlannedGrant {
            owner: grant.owner_id,
            relation: grant.relation,
            ask,
            beginning,
        });
    }
    Ok(Plan {
        lifetime: Lifetime::between(found.starts_at, found.expires_at),
        grants: planned,
    })
}
