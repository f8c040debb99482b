//! A token at one owner, as its page shows it: state, story, what waits, what it can do and what of that does not work
//! now.

use crate::domain::access::rights::Relation;
use crate::domain::approval::{Ask, GrantStanding};
use crate::domain::catalog::Catalog;
use crate::domain::ids::{RepositoryId, RequestId};
use crate::domain::policy::evaluate::Violation;
use crate::domain::policy::exemption::Exemption;
use crate::domain::time::Timestamp;
use crate::domain::token::edit::{Current, CurrentGrant};
use crate::domain::token::summary::{self, Part};
use crate::store::grants::{self, Grant};
use crate::store::requests::{self, Request};
use crate::store::tokens::Token;
use crate::store::{Db, StoreError, exceptions, repositories};
use crate::web::pages::tokens::edit::changes::{self, Line};
use crate::web::pages::tokens::one::history::{self, Happening};
use crate::web::pages::tokens::one::limits;
use crate::web::pages::tokens::standing::{Life, Place, Standing};

/// So many steps of a story are shown; the older ones are folded away.
const SHOWN: usize = 6;

/// One owner of the token.
#[derive(Debug)]
pub struct PlaceView {
    /// The owner's login.
    pub login: String,
    /// How the token stands there.
    pub standing: Standing,
    /// What it can do, did until then or asks for.
    pub sentences: Vec<String>,
    /// What the user is there.
    pub relation: &'static str,
    /// Which repositories, in words.
    pub selection: String,
    /// Their names.
    pub repositories: String,
    /// The permissions, each with its level.
    pub permissions: Vec<(String, &'static str)>,
    /// What is granted and does not work now, because the user lost it.
    pub limits: Vec<String>,
    /// What a policy that begins later will refuse.
    pub coming: Option<ComingView>,
    /// The request that waits.
    pub waits: Option<WaitView>,
    /// Whether the owner can be asked again for what was lost.
    pub may_ask_again: bool,
    /// What happened, newest first.
    pub history: Vec<Happening>,
    /// What happened before that.
    pub older: Vec<Happening>,
    /// What the token's user wishes for there.
    pub wished: Option<Ask>,
    /// What it gives now.
    pub given: Option<Ask>,
}

/// A policy ahead that will block the token.
#[derive(Debug)]
pub struct ComingView {
    /// From when.
    pub at: Timestamp,
    /// Who will allow what, as a sentence without its end.
    pub told: String,
    /// Whether a shorter life helps.
    pub can_regenerate: bool,
}

/// A request that waits.
#[derive(Debug)]
pub struct WaitView {
    /// Which.
    pub id: RequestId,
    /// Since when.
    pub since: Timestamp,
    /// Who can decide, as a sentence.
    pub who: String,
    /// What it adds to what the token has.
    pub lines: Vec<Line>,
    /// The justification.
    pub reason: String,
}

/// Loads a token at every owner.
pub async fn load(
    db: &mut impl Db,
    catalog: &'static Catalog,
    token: &Token,
    current: &Current,
    now: Timestamp,
) -> Result<Vec<PlaceView>, StoreError> {
    let rows = grants::list_of_token(db, token.id).await?;
    let exemptions = exceptions::list_of_token(db, token.id).await?;
    let mut views = Vec::new();
    for (row, grant) in rows.iter().zip(&current.grants) {
        let Some(place) = Place::load(db, token.user_id, row.owner_id, now).await? else {
            continue;
        };
        let case = Case {
            catalog,
            token,
            row,
            grant,
            place: &place,
            exemptions: &exemptions,
            now,
        };
        views.push(case.view(db).await?);
    }
    Ok(views)
}

/// A grant with everything that its view needs.
struct Case<'a> {
    catalog: &'static Catalog,
    token: &'a Token,
    row: &'a Grant,
    grant: &'a CurrentGrant,
    place: &'a Place,
    exemptions: &'a [Exemption],
    now: Timestamp,
}

impl Case<'_> {
    async fn view(&self, db: &mut impl Db) -> Result<PlaceView, StoreError> {
        let latest = requests::find_latest(db, self.row.id).await?;
        let shown = match self.shown() {
            Some(ask) => ask.clone(),
            None => grants::load_ask(db, self.catalog, self.row).await?,
        };
        let names = repository_names(db, &shown).await?;
        let login = self.grant.login.clone();
        let part = Part {
            owner: &login,
            repositories: &names,
            ask: &shown,
        };
        let identity = (self.token.id, self.token.user_id);
        let at = (self.row.owner_id, login.as_str());
        let mut history = history::load(db, self.catalog, identity, at).await?;
        let older = history.split_off(history.len().min(SHOWN));
        let mut standing = self.standing(latest.as_ref());
        if standing.state == "blocked"
            && let Some(since) = self.place.blocked_since(self.life(), self.exemptions)
        {
            let since = format!(" Blocked here since {}.", summary::date(since));
            standing.reason.push_str(&since);
        }
        let is_expired = self.token.is_expired(self.now);
        let limits = match &self.grant.given {
            Some(given) => {
                limits::find(db, self.catalog, self.token.user_id, self.place, given).await?
            }
            None => Vec::new(),
        };
        Ok(PlaceView {
            sentences: summary::sentences(self.catalog, &part),
            relation: relation_words(self.row.relation),
            selection: summary::selection(shown.selection.kind(), names.len()),
            repositories: names.join(", "),
            permissions: permissions(self.catalog, &shown),
            limits,
            coming: self.coming(),
            waits: self.waits(db, latest).await?,
            may_ask_again: !is_expired && self.grant.pending.is_none() && self.grant.lost.is_some(),
            history,
            older,
            wished: self.grant.wished().cloned(),
            given: self.grant.given.clone(),
            standing,
            login,
        })
    }

    /// What the page tells of: what works; else what waits, or what was lost.
    fn shown(&self) -> Option<&Ask> {
        self.grant.given.as_ref().or(self.grant.wished())
    }

    fn standing(&self, latest: Option<&Request>) -> Standing {
        if self.token.is_expired(self.now) {
            return Standing::expired(
                "The token's life is over: it works nowhere. Regenerate it to go on.",
            );
        }
        let standing = GrantStanding::of(self.row.state, latest.map(|request| request.state));
        let said = match standing {
            GrantStanding::Revoked => self.row.reason.as_str(),
            _ => latest.map_or("", |request| request.decision_reason.as_str()),
        };
        self.place
            .standing(standing, self.life().span(), self.exemptions, said)
    }

    const fn life(&self) -> Life {
        Life {
            starts_at: self.token.starts_at,
            expires_at: self.token.expires_at,
        }
    }

    /// What a policy that begins later changes here; nothing where nothing works that it could block.
    fn coming(&self) -> Option<ComingView> {
        self.grant.given.as_ref()?;
        let (coming, told) = self.place.coming(self.life(), self.exemptions)?;
        Some(ComingView {
            at: coming.at,
            told,
            can_regenerate: matches!(coming.violation, Violation::Lifetime { .. }),
        })
    }

    async fn waits(
        &self,
        db: &mut impl Db,
        latest: Option<Request>,
    ) -> Result<Option<WaitView>, StoreError> {
        let (Some(asked), Some(request)) = (&self.grant.pending, latest) else {
            return Ok(None);
        };
        let given = self.grant.given.as_ref();
        let listed = given
            .into_iter()
            .chain([asked])
            .flat_map(|ask| ask.selection.listed());
        let listed: Vec<_> = listed.collect();
        let found = repositories::list_by_ids(db, &listed).await?;
        let names = found
            .into_iter()
            .map(|found| (found.id, found.full_name()))
            .collect();
        let lines = changes::lines(self.catalog, &names, given, Some(asked)).into_iter();
        Ok(Some(WaitView {
            id: request.id,
            since: request.created_at,
            who: summary::approval(&self.grant.login, &self.place.reviewers),
            lines: lines.filter(|line| line.kind != "dropped").collect(),
            reason: request.reason,
        }))
    }
}

async fn repository_names(db: &mut impl Db, ask: &Ask) -> Result<Vec<String>, StoreError> {
    let ids: Vec<RepositoryId> = ask.selection.listed().collect();
    let found = repositories::list_by_ids(db, &ids).await?;
    Ok(found
        .iter()
        .map(repositories::Repository::full_name)
        .collect())
}

fn permissions(catalog: &Catalog, ask: &Ask) -> Vec<(String, &'static str)> {
    ask.permissions
        .iter()
        .map(|(id, level)| (catalog.permission(id).title.clone(), level.as_str()))
        .collect()
}

const fn relation_words(relation: Relation) -> &'static str {
    match relation {
        Relation::Own => "Yourself",
        Relation::Owner => "An owner",
        Relation::Member => "A member",
        Relation::Collaborator => "An outside collaborator",
        Relation::Sister => "A member of another organization of its enterprise",
        Relation::EnterpriseOwner => "An owner of the enterprise",
    }
}
