//! Minting, approving, denying and revoking, as short as a test wants it.

use grantry::actions::mint::{MintError, Minted};
use grantry::actions::refuse::ReviewError;
use grantry::actions::{approve, deny, mint, revoke_grant};
use grantry::domain::approval::Part;
use grantry::domain::audit::{Actor, Origin};
use grantry::domain::ids::{AccountId, GrantId, RequestId, TokenId};
use grantry::domain::permission::{Level, PermissionSet};
use grantry::domain::selection::Selection;
use grantry::domain::token::conditions::Conditions;
use grantry::domain::token::draft::{Draft, Wish};
use grantry::domain::token::expiry::Expiration;
use grantry::store::{grants, requests};

use super::World;

/// A token to be, with owners, repositories and permissions by name. What follows `owner` belongs to that owner.
#[derive(Debug, Clone)]
pub struct TokenDraft {
    name: String,
    expiration: Expiration,
    conditions: Conditions,
    justification: String,
    wants_rotation: bool,
    wishes: Vec<NamedWish>,
}

#[derive(Debug, Clone)]
struct NamedWish {
    owner: String,
    repositories: Repositories,
    permissions: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
enum Repositories {
    Public,
    All,
    Selected(Vec<String>),
}

/// A draft with this name that lives for 30 days.
pub fn draft(name: &str) -> TokenDraft {
    TokenDraft {
        name: name.to_owned(),
        expiration: Expiration::Days(30),
        conditions: Conditions::default(),
        justification: String::new(),
        wants_rotation: false,
        wishes: Vec::new(),
    }
}

impl TokenDraft {
    /// Also asks this owner: for public repositories, unless more is said.
    pub fn owner(mut self, login: &str) -> Self {
        self.wishes.push(NamedWish {
            owner: login.to_owned(),
            repositories: Repositories::Public,
            permissions: Vec::new(),
        });
        self
    }

    /// Every repository of the owner.
    pub fn all(self) -> Self {
        self.repositories(Repositories::All)
    }

    /// These repositories of the owner, by name.
    pub fn selected(self, names: &[&str]) -> Self {
        let names = names.iter().map(|&name| name.to_owned()).collect();
        self.repositories(Repositories::Selected(names))
    }

    fn repositories(mut self, repositories: Repositories) -> Self {
        self.last().repositories = repositories;
        self
    }

    /// A permission at the owner, by its slug and level.
    pub fn permission(mut self, slug: &str, level: &str) -> Self {
        let wanted = (slug.to_owned(), level.to_owned());
        self.last().permissions.push(wanted);
        self
    }

    /// Lives for so many days.
    pub fn days(mut self, days: u16) -> Self {
        self.expiration = Expiration::Days(days);
        self
    }

    /// Lives for ever.
    pub fn unlimited(mut self) -> Self {
        self.expiration = Expiration::Never;
        self
    }

    /// May rotate itself.
    pub fn rotating(mut self) -> Self {
        self.wants_rotation = true;
        self
    }

    /// Works only for clients in this range.
    pub fn only_address(mut self, range: &str) -> Self {
        let range = range.parse().expect("it is a range");
        self.conditions.addresses.push(range);
        self
    }

    /// Writes only branches that match.
    pub fn only_branch(mut self, pattern: &str) -> Self {
        self.conditions.branches.push(pattern.to_owned());
        self
    }

    /// Says why.
    pub fn because(mut self, justification: &str) -> Self {
        justification.clone_into(&mut self.justification);
        self
    }

    fn last(&mut self) -> &mut NamedWish {
        self.wishes.last_mut().expect("an owner was named first")
    }

    /// The same with ids in place of names.
    pub async fn resolve(&self, world: &World) -> Draft {
        let mut wishes = Vec::new();
        for wish in &self.wishes {
            wishes.push(wish.resolve(world).await);
        }
        Draft {
            name: self.name.clone(),
            description: String::new(),
            expiration: self.expiration,
            justification: self.justification.clone(),
            wants_rotation: self.wants_rotation,
            conditions: self.conditions.clone(),
            wishes,
        }
    }
}

impl NamedWish {
    async fn resolve(&self, world: &World) -> Wish {
        let selection = match &self.repositories {
            Repositories::Public => Selection::Public,
            Repositories::All => Selection::All,
            Repositories::Selected(names) => {
                let mut chosen = std::collections::BTreeSet::new();
                for name in names {
                    chosen.insert(world.repository(&format!("{}/{name}", self.owner)).await);
                }
                Selection::Selected(chosen)
            }
        };
        let owner = match self.owner.as_str() {
            "globex" => world.enterprise("globex").await,
            login => world.account(login).await.id,
        };
        Wish {
            owner,
            selection,
            permissions: world.permissions(&self.permissions),
        }
    }
}

impl World {
    fn permissions(&self, wanted: &[(String, String)]) -> PermissionSet {
        let mut set = PermissionSet::new();
        for (slug, level) in wanted {
            let permission = self.context.catalog.find_permission(slug);
            let permission = permission.unwrap_or_else(|| panic!("no permission `{slug}`"));
            let level: Level = level.parse().expect("it is a level");
            set.insert(permission.id, level);
        }
        set
    }

    /// Somebody in the console.
    pub async fn person(&self, login: &str) -> Origin {
        Origin::of(Actor::Person(self.user(login).await))
    }

    /// Makes a token, which must succeed.
    pub async fn mint(&self, user: &str, token: TokenDraft) -> Minted {
        let minted = self.try_mint(user, &token).await;
        minted.unwrap_or_else(|error| panic!("{user} cannot make {token:?}: {error:?}"))
    }

    /// Makes a token, or not.
    pub async fn try_mint(&self, user: &str, token: &TokenDraft) -> Result<Minted, MintError> {
        let draft = token.resolve(self).await;
        let (origin, user) = (self.person(user).await, self.user(user).await);
        mint::mint(&self.context, &origin, user, &draft, None).await
    }

    /// A token of ana for `acme/web`, approved by olga.
    pub async fn approved(&self, slug: &str, level: &str) -> Minted {
        let wish = draft("approved").owner("acme").selected(&["web"]);
        let minted = self.mint("ana", wish.permission(slug, level)).await;
        self.approve("olga", &minted).await.expect("it waits");
        minted
    }

    /// The grant of a token at an organization.
    pub async fn grant(&self, token: TokenId, owner: &str) -> grants::Grant {
        let owner = self.account(owner).await.id;
        let all = grants::list_of_token(&mut self.reader(), token).await;
        let mut all = all.expect("grants can be read").into_iter();
        all.find(|grant| grant.owner_id == owner)
            .expect("the token has a grant there")
    }

    /// The waiting request of a token at an owner.
    pub async fn request(&self, token: TokenId, owner: &str) -> Option<RequestId> {
        let grant = self.grant(token, owner).await.id;
        let pending = requests::find_pending(&mut self.reader(), grant).await;
        pending
            .expect("requests can be read")
            .map(|request| request.id)
    }

    /// Approves what was last asked of acme.
    pub async fn approve(&self, by: &str, minted: &Minted) -> Result<(), ReviewError> {
        let (owner, request, origin, by) = self.review(by, minted).await;
        approve::approve(&self.context, &origin, owner, request, by, "", &Part::Whole).await
    }

    /// Denies what was last asked of acme.
    pub async fn deny(&self, by: &str, minted: &Minted, why: &str) -> Result<(), ReviewError> {
        let (owner, request, origin, by) = self.review(by, minted).await;
        deny::deny(&self.context, &origin, owner, request, by, why).await
    }

    async fn review(&self, by: &str, minted: &Minted) -> (AccountId, RequestId, Origin, AccountId) {
        let grant = self.grant(minted.token, "acme").await;
        let asked = requests::list_of_grant(&mut self.reader(), grant.id).await;
        let asked = asked.expect("requests can be read");
        (
            grant.owner_id,
            asked.last().expect("acme was asked").id,
            self.person(by).await,
            self.user(by).await,
        )
    }

    /// Revokes the grant at acme.
    pub async fn revoke(&self, by: &str, minted: &Minted, why: &str) -> Result<(), ReviewError> {
        let grant: GrantId = self.grant(minted.token, "acme").await.id;
        let owner = self.organization("acme").await;
        let (origin, by) = (self.person(by).await, self.user(by).await);
        revoke_grant::revoke_grant(&self.context, &origin, owner, grant, by, why).await
    }
}
