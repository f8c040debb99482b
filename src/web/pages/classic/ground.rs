//! Everything that a user's classic tokens can come upon, and what stands against them there: judged by the very rule
//! that the gate applies, and told in words. Whoever stands against a token in several places is told once.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::access::rights::Relation;
use crate::domain::account::AccountKind;
use crate::domain::ids::AccountId;
use crate::domain::policy::evaluate::{Exposure, Violation, stands_against};
use crate::domain::policy::exemption::{Exemption, Spared};
use crate::domain::policy::setting::{Access, Limit};
use crate::domain::policy::{Effective, Source};
use crate::domain::time::{DAY, Timestamp};
use crate::domain::token::TokenKind;
use crate::domain::token::expiry::Lifetime;
use crate::domain::token::summary;
use crate::store::own_tokens::{self, Bar};
use crate::store::rights::{self, Choosable};
use crate::store::{Db, StoreError, accounts, home};

/// So many places are named in a sentence; more are counted.
const NAMED: usize = 4;

/// The owners that a user's classic tokens reach, with the policies that govern them.
#[derive(Debug)]
pub struct Ground {
    places: Vec<Place>,
    now: Timestamp,
}

/// One owner under policies.
#[derive(Debug)]
struct Place {
    owner: AccountId,
    login: String,
    /// Whether it is the user's own account.
    is_own: bool,
    enterprise: Option<(AccountId, String)>,
    policy: Effective,
    is_of_a_member: bool,
    is_enterprise_owner: bool,
}

/// A policy that stands against a token, with everywhere it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// What is violated.
    pub violation: Violation,
    /// Who set it: an organization or an enterprise.
    pub setter: AccountId,
    /// Its name.
    pub setter_login: String,
    /// Where, by name; empty where the setter stands for itself alone.
    pub places: Vec<String>,
}

impl Obstacle {
    /// The limit, if that is what stands against the token.
    pub const fn limit(&self) -> Option<u16> {
        match self.violation {
            Violation::Lifetime { days, .. } => Some(days),
            Violation::Access(_) => None,
        }
    }

    /// The policy as a sentence.
    pub fn sentence(&self) -> String {
        format!("{}.", self.clause())
    }

    /// The same without its full stop.
    pub fn clause(&self) -> String {
        let (who, places) = (&self.setter_login, self.at());
        match self.limit() {
            None => format!("{who} does not allow classic tokens{places}"),
            Some(days) => format!("{who} allows classic tokens for at most {days} days{places}"),
        }
    }

    /// Everywhere it stands against a token, in words.
    pub fn whereabouts(&self) -> String {
        if self.places.is_empty() {
            self.setter_login.clone()
        } else {
            several(&self.places)
        }
    }

    fn at(&self) -> String {
        if self.places.is_empty() {
            String::new()
        } else {
            format!(" at {}", several(&self.places))
        }
    }
}

/// Names, as many as a sentence bears.
fn several(names: &[String]) -> String {
    if names.len() <= NAMED {
        return summary::join(names);
    }
    let more = names.len() - (NAMED - 1);
    let first = names.iter().take(NAMED - 1).cloned();
    let all: Vec<_> = first.chain([format!("{more} more")]).collect();
    summary::join(&all)
}

impl Ground {
    /// Loads the owners that a user's classic tokens reach. Other organizations of an enterprise count where a token was
    /// used: else nobody thinks of them.
    pub async fn load(
        db: &mut impl Db,
        user: AccountId,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let visited = own_tokens::list_owners_of_use(db, user).await?;
        let visited: BTreeSet<_> = visited.into_iter().map(|(id, _)| id).collect();
        let mut reached = rights::list_choosable(db, user).await?;
        reached.retain(|at| at.relation != Relation::Sister || visited.contains(&at.id));
        let owners = reached.iter().map(|at| (at.id, (at.kind, at.governed_by)));
        let kind = TokenKind::Classic;
        let policies = home::find_policies_at(db, kind, owners.collect(), now).await?;
        let member_of = accounts::list_enterprises_of(db, user).await?;
        let above: Vec<_> = reached.iter().filter_map(|at| at.governed_by).collect();
        let above = accounts::list_by_ids(db, &above).await?;
        let above: BTreeMap<_, _> = above.into_iter().map(|at| (at.id, at.login)).collect();
        let owned = accounts::list_belongings(db, user).await?;
        let owned: BTreeSet<_> = owned
            .into_iter()
            .filter(|at| at.kind == AccountKind::Enterprise)
            .map(|at| at.account_id)
            .collect();
        let place = |at: Choosable| {
            let is_owned = at.governed_by.is_some_and(|id| owned.contains(&id));
            let is_member = at.governed_by.is_some_and(|id| member_of.contains(&id));
            Some(Place {
                policy: *policies.get(&at.id)?,
                is_own: at.relation == Relation::Own,
                enterprise: at
                    .governed_by
                    .and_then(|id| Some((id, above.get(&id)?.clone()))),
                is_of_a_member: is_member || at.relation != Relation::Collaborator,
                is_enterprise_owner: is_owned,
                owner: at.id,
                login: at.login,
            })
        };
        Ok(Self {
            places: reached.into_iter().filter_map(place).collect(),
            now,
        })
    }

    /// One organization with a limit for classic tokens, of which the user is a member.
    #[cfg(test)]
    pub fn of_one(login: &str, days: u16) -> Self {
        use crate::domain::policy::effective;
        use crate::domain::policy::setting::{Approval, OrganizationLayer};
        let own = OrganizationLayer {
            access: Access::Allow,
            approval: Approval::NotRequired,
            lifetime: Limit::Days(days),
        };
        let place = Place {
            owner: AccountId::new(1),
            login: login.to_owned(),
            is_own: false,
            enterprise: None,
            policy: effective(TokenKind::Classic, None, Some(own)),
            is_of_a_member: true,
            is_enterprise_owner: false,
        };
        Self {
            places: vec![place],
            now: Timestamp::from_micros(1_795_176_000_000_000),
        }
    }

    /// Everything that stands against a token of this life.
    pub fn obstacles(&self, lifetime: Lifetime, exemptions: &[Exemption]) -> Vec<Obstacle> {
        let mut found = Vec::<Obstacle>::new();
        for place in &self.places {
            let Some(obstacle) = place.obstacle(lifetime, exemptions, self.now) else {
                continue;
            };
            let same = found.iter_mut().find(|known| {
                (known.setter, known.violation) == (obstacle.setter, obstacle.violation)
            });
            match same {
                Some(known) => known.places.extend(obstacle.places),
                None => found.push(obstacle),
            }
        }
        found
    }

    /// The shortest of the limits that stand against a token without an end, in days.
    pub fn shortest(&self, exemptions: &[Exemption]) -> Option<u16> {
        let obstacles = self.obstacles(Lifetime::Unlimited, exemptions);
        obstacles.iter().filter_map(Obstacle::limit).min()
    }

    /// What the policies refuse, for lists that are filtered by it.
    pub fn bars(&self) -> Vec<Bar> {
        self.places.iter().filter_map(Place::bar).collect()
    }

    /// Where an exemption lifts everything that would stand against a token of this life.
    pub fn spared(&self, lifetime: Lifetime, exemptions: &[Exemption]) -> Vec<AccountId> {
        let free = self.places.iter().filter(|place| {
            let found = place.obstacle(lifetime, exemptions, self.now);
            found.is_none()
        });
        free.map(|place| place.owner).collect()
    }
}

impl Place {
    fn obstacle(
        &self,
        lifetime: Lifetime,
        exemptions: &[Exemption],
        now: Timestamp,
    ) -> Option<Obstacle> {
        let enterprise = self.enterprise.as_ref().map(|(id, _)| *id);
        let exposure = Exposure {
            kind: TokenKind::Classic,
            lifetime,
            is_of_a_member: self.is_of_a_member,
            spared: Spared::by(
                exemptions,
                (self.owner, enterprise),
                self.is_enterprise_owner,
                now,
            ),
        };
        let violation = stands_against(&self.policy, &exposure)?;
        let (Violation::Access(source) | Violation::Lifetime { source, .. }) = violation;
        let above = self
            .enterprise
            .as_ref()
            .filter(|(id, _)| source == Source::Enterprise && *id != self.owner);
        let (setter, setter_login) =
            above.map_or((self.owner, &self.login), |(id, login)| (*id, login));
        Some(Obstacle {
            violation,
            setter,
            setter_login: setter_login.clone(),
            places: above.iter().map(|_| self.name()).collect(),
        })
    }

    fn name(&self) -> String {
        if self.is_own {
            "your own account".to_owned()
        } else {
            self.login.clone()
        }
    }

    fn bar(&self) -> Option<Bar> {
        let spared = Spared::from(self.is_enterprise_owner);
        let limit = self.policy.lifetime(spared).value;
        let longest = match (self.policy.access(spared).value, limit) {
            (Access::Restrict, _) => None,
            (Access::Allow, Limit::Days(days)) if self.is_of_a_member => {
                Some(i64::from(days) * DAY)
            }
            (Access::Allow, _) => return None,
        };
        Some(Bar {
            owner: self.owner,
            longest,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::effective;
    use crate::domain::policy::setting::{
        Approval, EnterpriseAccess, EnterpriseApproval, EnterpriseLayer, OrganizationLayer,
    };

    const NOW: Timestamp = Timestamp::from_micros(1_795_176_000_000_000);
    const GLOBEX: AccountId = AccountId::new(9);

    fn place(id: i64, login: &str, own: OrganizationLayer, above: EnterpriseLayer) -> Place {
        Place {
            owner: AccountId::new(id),
            login: login.to_owned(),
            is_own: false,
            enterprise: Some((GLOBEX, "globex".to_owned())),
            policy: effective(TokenKind::Classic, Some(above), Some(own)),
            is_of_a_member: true,
            is_enterprise_owner: false,
        }
    }

    const fn own(access: Access, lifetime: Limit) -> OrganizationLayer {
        OrganizationLayer {
            access,
            approval: Approval::NotRequired,
            lifetime,
        }
    }

    const fn above(access: EnterpriseAccess, lifetime: Limit) -> EnterpriseLayer {
        EnterpriseLayer {
            access,
            approval: EnterpriseApproval::Delegate,
            lifetime,
            exempts_administrators: false,
        }
    }

    fn told(places: Vec<Place>, lifetime: Lifetime) -> Vec<String> {
        let ground = Ground { places, now: NOW };
        let found = ground.obstacles(lifetime, &[]);
        found.iter().map(Obstacle::sentence).collect()
    }

    #[test]
    fn an_obstacle_names_who_set_it_the_limit_and_where() {
        use EnterpriseAccess::{Delegate, Restrict};
        let (open, free) = (Limit::Unlimited, own(Access::Allow, Limit::Unlimited));
        let table: [(OrganizationLayer, EnterpriseLayer, Lifetime, &[&str]); 5] = [
            (free, above(Delegate, open), Lifetime::Unlimited, &[]),
            (
                own(Access::Restrict, open),
                above(Delegate, open),
                Lifetime::days(7),
                &["acme does not allow classic tokens."],
            ),
            (
                free,
                above(Restrict, open),
                Lifetime::days(7),
                &["globex does not allow classic tokens at acme."],
            ),
            (
                own(Access::Allow, Limit::Days(30)),
                above(Delegate, Limit::Days(90)),
                Lifetime::days(31),
                &["acme allows classic tokens for at most 30 days."],
            ),
            (
                free,
                above(Delegate, Limit::Days(90)),
                Lifetime::days(90),
                &[],
            ),
        ];
        for (own, above, lifetime, expected) in table {
            assert_eq!(told(vec![place(1, "acme", own, above)], lifetime), expected);
        }
    }

    #[test]
    fn whoever_stands_in_the_way_in_many_places_is_told_once() {
        let strict = above(EnterpriseAccess::Delegate, Limit::Days(30));
        let free = own(Access::Allow, Limit::Unlimited);
        let names = ["a1", "a2", "a3", "a4", "a5", "a6"];
        let places = (1..)
            .zip(names)
            .map(|(id, login)| place(id, login, free, strict));
        let all: Vec<_> = places.collect();
        assert_eq!(
            told(all, Lifetime::Unlimited),
            ["globex allows classic tokens for at most 30 days at a1, a2, a3 and 3 more."]
        );
    }

    #[test]
    fn a_limit_is_no_business_of_those_the_user_does_not_belong_to() {
        let strict = own(Access::Allow, Limit::Days(30));
        let open = above(EnterpriseAccess::Delegate, Limit::Unlimited);
        let stranger = Place {
            is_of_a_member: false,
            ..place(1, "acme", strict, open)
        };
        assert_eq!(stranger.bar(), None);
        assert_eq!(told(vec![stranger], Lifetime::Unlimited), [""; 0]);
        let member = place(1, "acme", strict, open);
        assert_eq!(member.bar().and_then(|bar| bar.longest), Some(30 * DAY));
    }
}
