//! People who act on tokens, as short as a test wants it.

use grantry::actions::ask_again::{AskAgainError, ask_again};
use grantry::actions::delete_token::delete_token;
use grantry::actions::edit_token::{self, EditError, edit_token};
use grantry::actions::mint::Minted;
use grantry::actions::refuse::ReviewError;
use grantry::actions::regenerate::{self, RegenerateError, Regenerated, regenerate};
use grantry::actions::withdraw::{WithdrawError, withdraw};
use grantry::actions::{approve, deny, revoke_grant};
use grantry::domain::approval::part::Part;
use grantry::domain::approval::{Ask, GrantStanding, GrantState, RequestState};
use grantry::domain::ids::{RequestId, TokenId};
use grantry::domain::policy::setting::{Access, Approval, Limit, OrganizationLayer};
use grantry::domain::token::TokenKind;
use grantry::domain::token::edit::{Current, EditPlan, OwnerOutcome};
use grantry::domain::token::expiry::Expiration;
use grantry::domain::token::rotation::Overlap;
use grantry::store::{Change, grants, policies, requests};

use crate::world::{TokenDraft, World, draft};

/// Issues of `acme/web`.
pub const WEB: &str = "/repos/acme/web/issues";

/// A token named `ci` that reads issues of `acme/web`.
pub fn reading() -> TokenDraft {
    let wish = draft("ci").owner("acme").selected(&["web"]);
    wish.permission("issues", "read")
}

/// The same, but it writes them.
pub fn writing() -> TokenDraft {
    let wish = draft("ci").owner("acme").selected(&["web"]);
    wish.permission("issues", "write")
}

/// A token named `ci` that does nothing at any owner.
pub fn nothing() -> TokenDraft {
    draft("ci")
}

/// A new life.
#[derive(Debug, Clone, Copy)]
pub struct Life {
    pub days: u16,
    pub overlap: Option<u16>,
    pub form: u8,
}

/// A new life of so many days; the old secret stops now.
pub const fn life(days: u16) -> Life {
    Life {
        days,
        overlap: None,
        form: 1,
    }
}

impl Life {
    /// The old secret goes on for so many hours.
    pub const fn overlap(self, hours: u16) -> Self {
        Self {
            overlap: Some(hours),
            ..self
        }
    }

    /// Sent by the form with this number.
    pub const fn form(self, number: u8) -> Self {
        Self {
            form: number,
            ..self
        }
    }
}

impl World {
    /// A token of ana that reads issues of `acme/web`, and waits.
    pub async fn waiting(&self) -> Minted {
        self.mint("ana", reading()).await
    }

    /// The same, approved by olga.
    pub async fn active(&self) -> Minted {
        let minted = self.waiting().await;
        self.approve("olga", &minted).await.expect("it waits");
        minted
    }

    /// The token as ana's form shows it.
    pub async fn current(&self, token: TokenId) -> Current {
        let user = self.user("ana").await;
        let found = edit_token::load(&self.context, user, token).await;
        found.expect("it can be read").expect("ana has it")
    }

    /// Ana edits her token.
    pub async fn edit(&self, token: TokenId, wish: TokenDraft) -> Result<EditPlan, EditError> {
        let rev = self.current(token).await.rev;
        self.edit_shown(token, rev, wish).await
    }

    /// Ana edits her token with a form that was shown at a version.
    pub async fn edit_shown(
        &self,
        token: TokenId,
        rev: i64,
        wish: TokenDraft,
    ) -> Result<EditPlan, EditError> {
        let draft = wish.resolve(self).await;
        let (origin, user) = (self.person("ana").await, self.user("ana").await);
        edit_token(&self.context, &origin, user, token, rev, &draft).await
    }

    /// Ana edits her token, which must go, and this is what it does at the only owner that it touches.
    pub async fn edited(&self, token: TokenId, wish: TokenDraft) -> OwnerOutcome {
        let plan = self.edit(token, wish).await.expect("the edit is sound");
        plan.owners.first().expect("an owner is named").outcome
    }

    /// Ana regenerates her token.
    pub async fn regenerate(
        &self,
        token: TokenId,
        life: Life,
    ) -> Result<Regenerated, RegenerateError> {
        let (origin, user) = (self.person("ana").await, self.user("ana").await);
        let wish = regenerate::Wish {
            form_number: vec![life.form; 32],
            expiration: Expiration::Days(life.days),
            overlap: life
                .overlap
                .map(|hours| Overlap::hours(hours).expect("it fits")),
        };
        regenerate(&self.context, &origin, user, token, &wish).await
    }

    /// Ana asks an owner again.
    pub async fn ask_again(&self, token: TokenId, owner: &str) -> Result<RequestId, AskAgainError> {
        let (origin, user) = (self.person("ana").await, self.user("ana").await);
        let owner = self.account(owner).await.id;
        ask_again(&self.context, &origin, user, token, owner, "please").await
    }

    /// Ana takes her last request at acme back.
    pub async fn withdraw(&self, token: TokenId) -> Result<(), WithdrawError> {
        let request = self.latest(token, "acme").await.expect("acme was asked").id;
        let (origin, user) = (self.person("ana").await, self.user("ana").await);
        withdraw(&self.context, &origin, user, request).await
    }

    /// Ana deletes her token.
    pub async fn end(&self, token: TokenId) -> bool {
        let (origin, user) = (self.person("ana").await, self.user("ana").await);
        let deleted = delete_token(&self.context, &origin, user, token).await;
        deleted.expect("the database works")
    }

    /// Approves what was last asked of an owner.
    pub async fn approve_at(
        &self,
        owner: &str,
        by: &str,
        token: TokenId,
    ) -> Result<(), ReviewError> {
        let request = self.latest(token, owner).await.expect("it was asked").id;
        self.approve_shown(owner, by, request).await
    }

    /// Approves a request that a page showed, whatever has become of it.
    pub async fn approve_shown(
        &self,
        owner: &str,
        by: &str,
        request: RequestId,
    ) -> Result<(), ReviewError> {
        let (origin, by) = (self.person(by).await, self.user(by).await);
        let owner = self.account(owner).await.id;
        approve::approve(&self.context, &origin, owner, request, by, "", &Part::Whole).await
    }

    /// Denies what was last asked of an owner.
    pub async fn deny_at(&self, owner: &str, by: &str, token: TokenId) -> Result<(), ReviewError> {
        let request = self.latest(token, owner).await.expect("it was asked").id;
        let (origin, by) = (self.person(by).await, self.user(by).await);
        let owner = self.account(owner).await.id;
        deny::deny(&self.context, &origin, owner, request, by, "no").await
    }

    /// Revokes a token's grant at an owner.
    pub async fn revoke_at(
        &self,
        owner: &str,
        by: &str,
        token: TokenId,
    ) -> Result<(), ReviewError> {
        let grant = self.grant(token, owner).await.id;
        let (origin, by) = (self.person(by).await, self.user(by).await);
        let owner = self.account(owner).await.id;
        revoke_grant::revoke_grant(&self.context, &origin, owner, grant, by, "").await
    }

    /// The last request of a token at an owner.
    pub async fn latest(&self, token: TokenId, owner: &str) -> Option<requests::Request> {
        let grant = self.grant(token, owner).await.id;
        let found = requests::find_latest(&mut self.reader(), grant).await;
        found.expect("requests can be read")
    }

    /// How a grant and its last request are stored.
    pub async fn state(&self, token: TokenId, owner: &str) -> (GrantState, Option<RequestState>) {
        let latest = self.latest(token, owner).await;
        let state = self.grant(token, owner).await.state;
        (state, latest.map(|request| request.state))
    }

    /// How a grant stands, in the word people see.
    pub async fn standing(&self, token: TokenId, owner: &str) -> GrantStanding {
        let (state, latest) = self.state(token, owner).await;
        GrantStanding::of(state, latest)
    }

    /// What a grant gives, whether it works or not.
    pub async fn gives(&self, token: TokenId, owner: &str) -> Ask {
        let grant = self.grant(token, owner).await;
        let ask = grants::load_ask(&mut self.reader(), self.context.catalog, &grant).await;
        ask.expect("grants can be read")
    }

    /// What the last request asks for.
    pub async fn asked(&self, token: TokenId, owner: &str) -> Ask {
        let request = self.latest(token, owner).await.expect("it was asked");
        let ask = requests::load_ask(&mut self.reader(), self.context.catalog, &request).await;
        ask.expect("requests can be read")
    }

    /// The policy of an organization from now on.
    pub async fn policy(&self, login: &str, approval: Approval, lifetime: Limit) {
        let organization = self.organization(login).await;
        let layer = OrganizationLayer {
            access: Access::Allow,
            approval,
            lifetime,
        };
        let origin = self.person("olga").await;
        let mut work = self.context.begin(&origin).await.expect("a change begins");
        let (kind, now) = (TokenKind::FineGrained, work.now());
        policies::insert(&mut work, organization, kind, &layer, None, now)
            .await
            .expect("it is saved");
        work.changed(Change::Account(organization));
        self.context.commit(work).await.expect("it lasts");
    }

    /// How many events of an action the log holds about a token.
    pub async fn count_events(&self, token: TokenId, action: &str) -> i64 {
        use grantry::store::Db as _;
        self.reader()
            .query("SELECT COUNT(*) FROM audit_events WHERE token_id = $1 AND action = $2")
            .bind(token)
            .bind(action)
            .number()
            .await
            .expect("the log can be read")
    }
}
