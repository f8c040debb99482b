//! The tokens that a change touches, a page at a time: named only as far as they are shown.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::app::App;
use crate::domain::ids::AccountId;
use crate::domain::policy::Source;
use crate::domain::policy::evaluate::Violation;
use crate::domain::policy::preview::{Effect, Touched};
use crate::domain::time::Timestamp;
use crate::store::accounts::{self, Account};
use crate::store::subjects::{self, Named};
use crate::store::{Db, StoreError};
use crate::web::error::PageResult;
use crate::web::filters::counted;

/// So many rows are on a page.
const ON_A_PAGE: usize = 50;

/// A token that a change touches, at one owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The token and its user.
    pub named: Named,
    /// Where it reaches.
    pub owner: String,
    /// When it was last used there.
    pub last_used_at: Option<Timestamp>,
    /// What becomes of it.
    pub effect: Effect,
    /// Who sets the policy that stands against it.
    pub set_by: String,
}

impl Row {
    /// What becomes of the token and why, in a sentence.
    pub fn why(&self) -> String {
        match self.effect {
            Effect::Freed => "Works again.".to_owned(),
            Effect::Blocked(Violation::Access(_)) => {
                format!("Blocked: {} restricts such tokens.", self.set_by)
            }
            Effect::Blocked(Violation::Lifetime { days, .. }) => format!(
                "Blocked: it lives longer than {} allows, {}.",
                self.set_by,
                counted(i64::from(days), "day", "days")
            ),
        }
    }

    /// Its whole life in words.
    pub fn life(&self) -> String {
        let Some(end) = self.named.expires_at else {
            return "No end".to_owned();
        };
        let micros = end.micros_since(self.named.starts_at);
        let days = micros.div_euclid(crate::domain::time::DAY);
        format!("Lives {}", counted(days, "day", "days"))
    }
}

/// Which part of a list a page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pages {
    page: usize,
    length: usize,
    /// The address of the page before; empty where there is none.
    pub before: String,
    /// The address of the page after; empty where there is none.
    pub after: String,
}

impl Pages {
    /// Reads the number of a page of a list of this length; none where there is no such page. `list` is its address.
    pub fn read(number: &str, length: usize, list: &str) -> Option<Self> {
        let count = length.div_ceil(ON_A_PAGE).max(1);
        let page = if number.is_empty() {
            1
        } else {
            number.parse().ok()?
        };
        let address = |page: usize| format!("{list}&page={page}");
        (1..=count).contains(&page).then(|| Self {
            page,
            length,
            before: if page > 1 {
                address(page - 1)
            } else {
                String::new()
            },
            after: if page < count {
                address(page + 1)
            } else {
                String::new()
            },
        })
    }

    /// The places in the list that the page shows.
    pub fn range(&self) -> Range<usize> {
        let begin = (self.page - 1) * ON_A_PAGE;
        begin..(begin + ON_A_PAGE).min(self.length)
    }
}

/// Rows with the names of their tokens, people and owners. A token that went meanwhile is left out.
pub async fn named(app: &App, touched: &[&Touched]) -> PageResult<Vec<Row>> {
    Ok(read(&mut app.context.store.reader(), touched).await?)
}

/// The same for lists that are written a batch at a time.
pub async fn read(db: &mut impl Db, touched: &[&Touched]) -> Result<Vec<Row>, StoreError> {
    let tokens: Vec<_> = touched.iter().map(|one| one.subject.token).collect();
    let names = subjects::name_tokens(db, &tokens).await?;
    let accounts = accounts_of(db, touched).await?;
    let rows = touched.iter().filter_map(|one| {
        let owner = accounts.get(&one.subject.owner)?;
        Some(Row {
            named: names.get(&one.subject.token)?.clone(),
            owner: owner.login.clone(),
            last_used_at: one.subject.last_used_at,
            effect: one.effect,
            set_by: set_by(one.effect, owner, &accounts),
        })
    });
    Ok(rows.collect())
}

/// The owners in these rows, and the enterprises above them.
async fn accounts_of(
    db: &mut impl Db,
    touched: &[&Touched],
) -> Result<BTreeMap<AccountId, Account>, StoreError> {
    let mut owners: Vec<_> = touched.iter().map(|one| one.subject.owner).collect();
    owners.sort_unstable();
    owners.dedup();
    let mut found = accounts::list_by_ids(db, &owners).await?;
    let mut above: Vec<_> = found.iter().filter_map(Account::governed_by).collect();
    above.sort_unstable();
    above.dedup();
    found.extend(accounts::list_by_ids(db, &above).await?);
    Ok(found
        .into_iter()
        .map(|account| (account.id, account))
        .collect())
}

fn set_by(effect: Effect, owner: &Account, accounts: &BTreeMap<AccountId, Account>) -> String {
    let source = match effect {
        Effect::Freed => return String::new(),
        Effect::Blocked(Violation::Access(source) | Violation::Lifetime { source, .. }) => source,
    };
    let above = owner.governed_by().and_then(|id| accounts.get(&id));
    match (source, above) {
        (Source::Enterprise, Some(above)) => above.name.clone(),
        (Source::Enterprise | Source::Organization | Source::Default, _) => owner.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_one_another_and_there_is_none_beyond_the_last() {
        let read = |number, length| Pages::read(number, length, "/list?a=1");
        let first = read("", 120).expect("there is a first page");
        assert_eq!(first.range(), 0..50);
        assert_eq!(
            (first.before.as_str(), first.after.as_str()),
            ("", "/list?a=1&page=2")
        );
        let last = read("3", 120).expect("there is a third page");
        assert_eq!(last.range(), 100..120);
        assert_eq!(
            (last.before.as_str(), last.after.as_str()),
            ("/list?a=1&page=2", "")
        );
        assert_eq!(read("", 0).map(|page| page.range()), Some(0..0));
        assert_eq!(read("1", 50).map(|page| page.after), Some(String::new()));
        for bad in ["0", "4", "-1", "x", "1.5", "99999999999999999999"] {
            assert_eq!(read(bad, 120), None, "{bad}");
        }
    }
}
