//! A token's use day by day, for a chart that is drawn on the server and the tables behind it.

use crate::domain::catalog::Catalog;
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::time::{DAY, Timestamp};
use crate::store::records::{self, UseRow};
use crate::store::{Db, StoreError};
use crate::web::filters::{counted, grouped};

/// So many days are shown, today's included.
const DAYS: i64 = 30;
/// The height of the drawing, in its own units.
const HEIGHT: i64 = 80;

/// A token's use in the last 30 days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// Every day, oldest first, also those without a call.
    pub days: Vec<DayUse>,
    /// Every permission that was used or asked for, most used first.
    pub permissions: Vec<PermissionUse>,
    /// Calls that went on.
    pub allowed: i64,
    /// Calls that did not.
    pub refused: i64,
    /// Calls that went on today and yesterday (UTC).
    pub recent: i64,
}

/// One day, with its bar in the units of the drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayUse {
    /// The first moment of the day, in microseconds.
    pub at: i64,
    /// Calls that went on.
    pub allowed: i64,
    /// Calls that did not.
    pub refused: i64,
    /// Where the bar stands.
    pub x: i64,
    /// The height of its part for calls that went on.
    pub allowed_height: i64,
    /// The height of its part for calls that did not.
    pub refused_height: i64,
}

/// One permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionUse {
    /// Its title.
    pub title: String,
    /// Calls that went on with it.
    pub allowed: i64,
    /// Calls that did not.
    pub refused: i64,
    /// When it was first used or asked for, of the days that are shown.
    pub first_at: Timestamp,
    /// When it was last.
    pub last_at: Timestamp,
    /// Where the last call came from; empty where that is not known.
    pub address: String,
}

/// The first of the days that are shown, by its number.
pub fn first_day(now: Timestamp) -> i64 {
    now.day_number() - DAYS + 1
}

impl Usage {
    /// Finds a token's use: at one owner, which is all that this owner may see, or everywhere, for its user.
    pub async fn find(
        db: &mut impl Db,
        catalog: &Catalog,
        token: TokenId,
        owner: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let rows = records::list_use(db, token, owner, first_day(now)).await?;
        Ok(Self::new(catalog, &rows, now))
    }

    /// Puts the rows of the last 30 days together.
    fn new(catalog: &Catalog, rows: &[UseRow], now: Timestamp) -> Self {
        let days = days(rows, first_day(now));
        let recent = days.iter().rev().take(2).map(|day| day.allowed).sum();
        Self {
            permissions: permissions(catalog, rows),
            allowed: days.iter().map(|day| day.allowed).sum(),
            refused: days.iter().map(|day| day.refused).sum(),
            recent,
            days,
        }
    }

    /// Whether a call went on with the permission of this title.
    pub fn has_used(&self, title: &str) -> bool {
        let mut permissions = self.permissions.iter();
        permissions.any(|one| one.title == title && one.allowed > 0)
    }

    /// Whether there was no call at all.
    pub fn is_empty(&self) -> bool {
        self.allowed + self.refused == 0
    }

    /// The drawing in words, for those who do not see it.
    pub fn label(&self) -> String {
        let allowed = counted(self.allowed, "call", "calls");
        format!("{allowed} allowed, {} refused", grouped(self.refused))
    }

    /// The days on which something happened, newest first.
    pub fn busy_days(&self) -> impl Iterator<Item = &DayUse> {
        self.days
            .iter()
            .rev()
            .filter(|day| day.allowed + day.refused > 0)
    }
}

fn days(rows: &[UseRow], first: i64) -> Vec<DayUse> {
    let counts: Vec<(i64, i64)> = (first..first + DAYS)
        .map(|day| {
            let of_day = rows.iter().filter(|row| row.day == day);
            of_day.fold((0, 0), |(allowed, refused), row| {
                (allowed + row.allowed, refused + row.refused)
            })
        })
        .collect();
    let most = counts.iter().map(|(allowed, refused)| allowed + refused);
    let most = most.max().unwrap_or(0).max(1);
    (first..)
        .zip(counts)
        .map(|(day, (allowed, refused))| DayUse {
            at: day.saturating_mul(DAY),
            allowed,
            refused,
            x: (day - first) * 10,
            allowed_height: height(allowed, most),
            refused_height: height(refused, most),
        })
        .collect()
}

/// The height of a part of a bar; where something happened it can be seen.
fn height(count: i64, most: i64) -> i64 {
    if count == 0 {
        return 0;
    }
    (count * (HEIGHT - 4) / most).max(2)
}

fn permissions(catalog: &Catalog, rows: &[UseRow]) -> Vec<PermissionUse> {
    let mut found: Vec<(&str, PermissionUse)> = Vec::new();
    for row in rows {
        let slug = row.permission.as_str();
        let at = found.iter().position(|(known, _)| *known == slug);
        let at = at.unwrap_or_else(|| {
            let title = title(catalog, slug);
            found.push((
                slug,
                PermissionUse {
                    title,
                    allowed: 0,
                    refused: 0,
                    first_at: row.first_at,
                    last_at: row.last_at,
                    address: row.address.clone(),
                },
            ));
            found.len() - 1
        });
        found[at].1.add(row);
    }
    let mut uses: Vec<_> = found.into_iter().map(|(_, one)| one).collect();
    uses.sort_by_key(|one| std::cmp::Reverse((one.allowed, one.refused)));
    uses
}

impl PermissionUse {
    fn add(&mut self, row: &UseRow) {
        self.allowed += row.allowed;
        self.refused += row.refused;
        self.first_at = self.first_at.min(row.first_at);
        if row.last_at > self.last_at {
            self.last_at = row.last_at;
            self.address.clone_from(&row.address);
        }
    }
}

fn title(catalog: &Catalog, slug: &str) -> String {
    if slug.is_empty() {
        return "None was needed or held".to_owned();
    }
    catalog
        .find_permission(slug)
        .map_or_else(|| slug.to_owned(), |permission| permission.title.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_795_176_000_000_000);

    fn row(days_ago: i64, permission: &str, allowed: i64, refused: i64) -> UseRow {
        UseRow {
            day: NOW.day_number() - days_ago,
            owner_id: 1,
            permission: permission.to_owned(),
            allowed,
            refused,
            first_at: NOW.plus_days(-days_ago),
            last_at: NOW.plus_days(-days_ago).plus_seconds(60),
            address: format!("192.0.2.{days_ago}"),
        }
    }

    #[test]
    fn a_permission_tells_its_first_and_last_call_and_where_that_came_from() {
        let rows = [
            row(9, "issues", 1, 0),
            row(2, "issues", 1, 0),
            row(5, "issues", 0, 1),
        ];
        let usage = Usage::new(Catalog::github(), &rows, NOW);
        let issues = &usage.permissions[0];
        assert_eq!(issues.first_at, NOW.plus_days(-9));
        assert_eq!(issues.last_at, NOW.plus_days(-2).plus_seconds(60));
        assert_eq!(issues.address, "192.0.2.2");
    }

    #[test]
    fn thirty_days_are_told_also_those_without_a_call() {
        let rows = [
            row(0, "issues", 3, 0),
            row(1, "issues", 2, 1),
            row(2, "contents", 9, 0),
        ];
        let usage = Usage::new(Catalog::github(), &rows, NOW);
        assert_eq!(usage.days.len(), 30);
        assert_eq!((usage.allowed, usage.refused, usage.recent), (14, 1, 5));
        assert_eq!(usage.busy_days().count(), 3);
        assert_eq!(usage.permissions[0].title, "Contents");
        assert_eq!(usage.label(), "14 calls allowed, 1 refused");
    }

    #[test]
    fn rows_of_a_day_add_up_whatever_the_permission() {
        let rows = [row(0, "issues", 3, 1), row(0, "contents", 4, 0)];
        let usage = Usage::new(Catalog::github(), &rows, NOW);
        let today = &usage.days[29];
        assert_eq!((today.allowed, today.refused), (7, 1));
        assert_eq!(today.at, NOW.day_number() * DAY);
    }

    #[test]
    fn a_token_without_a_call_has_nothing_to_draw() {
        let usage = Usage::new(Catalog::github(), &[], NOW);
        assert!(usage.is_empty());
        assert_eq!(usage.busy_days().count(), 0);
    }

    #[test]
    fn the_busiest_day_fills_the_drawing_and_a_single_call_can_be_seen() {
        let rows = [row(0, "issues", 1, 0), row(3, "issues", 7_000, 3_000)];
        let usage = Usage::new(Catalog::github(), &rows, NOW);
        let busiest = &usage.days[26];
        assert!(busiest.allowed_height + busiest.refused_height <= HEIGHT);
        assert_eq!(usage.days[29].allowed_height, 2);
        assert_eq!(usage.days[0].allowed_height, 0);

        let rows = [row(0, "issues", 100_000, 1)];
        let stacked = &Usage::new(Catalog::github(), &rows, NOW).days[29];
        assert!(stacked.allowed_height + stacked.refused_height <= HEIGHT);
    }
}
