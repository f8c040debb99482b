//! Whether the database answers, has its tables, is whole, and is not ahead of the clock.

use super::files::database_file;
use super::{Check, Depth, size_words};
use crate::clock::Clock;
use crate::domain::time::Timestamp;
use crate::store::health::{self, Steps};
use crate::store::{Reader, Store, StoreError, administration, records};

const NAME: &str = "Database";
/// How far the clock may be behind the database: two machines never agree to the second.
const TOLERANCE: i64 = 2;

/// Opens the database, if it is there: looking must not make one.
pub async fn open(url: &str) -> Result<Store, Check> {
    if let Some(file) = database_file(url)
        && !file.exists()
    {
        let found = format!("`{}` is not there", file.display());
        let advice =
            "the first start of the server makes it; if it was there before, check `database_url`";
        return Err(Check::warning(NAME, found, advice));
    }
    Store::open(url).await.map_err(|error| unreachable(&error))
}

fn unreachable(error: &StoreError) -> Check {
    let found = format!("the database cannot be reached: {error}");
    let advice = "check `database_url`, and whether the database runs and lets this machine in";
    Check::failure(NAME, found, advice)
}

/// Looks at an open database.
pub async fn examine(store: &Store, clock: &dyn Clock, depth: Depth) -> Vec<Check> {
    let mut db = store.reader();
    let mut checks = vec![reach(store, &mut db).await];
    let steps = match health::find_steps(store).await {
        Ok(steps) => steps,
        Err(error) => {
            checks.push(unreachable(&error));
            return checks;
        }
    };
    checks.push(migrations(&steps));
    if !steps.is_complete() {
        return checks;
    }
    if depth == Depth::Thorough {
        checks.push(told(integrity(store).await));
    }
    checks.push(told(log(&mut db).await));
    checks.push(told(time(&mut db, clock).await));
    checks.push(told(people(&mut db).await));
    checks.push(told(mail(&mut db, clock.now()).await));
    checks
}

/// A check that the database itself cut short is a finding too.
fn told(check: Result<Check, StoreError>) -> Check {
    check.unwrap_or_else(|error| unreachable(&error))
}

async fn reach(store: &Store, db: &mut Reader) -> Check {
    match health::find_size(store, db).await {
        Ok(bytes) => {
            let size = size_words(u64::try_from(bytes).unwrap_or_default());
            Check::fine(NAME, format!("{} answers and holds {size}", store.kind()))
        }
        Err(error) => unreachable(&error),
    }
}

fn migrations(steps: &Steps) -> Check {
    const NAME: &str = "Tables";
    let (known, missing) = (steps.known, steps.missing);
    if steps.is_broken {
        let found =
            "a migration was cut off in the middle, or is not the one that this program holds";
        let advice = "restore a backup, and start this version of the program on it";
        return Check::failure(NAME, found, advice);
    }
    if steps.unknown > 0 {
        let found = format!(
            "the database is {} newer than this program",
            number(steps.unknown, "step")
        );
        return Check::failure(NAME, found, "run the newer version of Grantry");
    }
    if missing > 0 {
        let found = format!("{missing} of {known} migrations are missing");
        return Check::warning(
            NAME,
            found,
            "start `grantry serve`: it brings the tables up to date",
        );
    }
    Check::fine(NAME, format!("all {known} migrations are in"))
}

fn number(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

async fn integrity(store: &Store) -> Result<Check, StoreError> {
    const NAME: &str = "Integrity";
    let problems = health::find_damage(store).await?;
    Ok(match problems.first() {
        None => Check::fine(NAME, "the database finds no damage in itself"),
        Some(first) => Check::failure(
            NAME,
            format!("the database is damaged: {first}"),
            "stop the server, keep a copy of the files, and restore a backup",
        ),
    })
}

/// The head of each chain must be its last row: a log that was cut or added to by hand does not fit.
async fn log(db: &mut Reader) -> Result<Check, StoreError> {
    const NAME: &str = "Audit log";
    let head = health::find_log_head(db).await?;
    Ok(if head.fits {
        Check::fine(
            NAME,
            format!("{} events, and its end is as its head says", head.events),
        )
    } else {
        let found =
            "the end of the log is not what its head says: rows were changed or taken out by hand";
        Check::failure(
            NAME,
            found,
            "find out who wrote to the database, and restore a backup",
        )
    })
}

async fn time(db: &mut Reader, clock: &dyn Clock) -> Result<Check, StoreError> {
    const NAME: &str = "Clock";
    let (now, latest) = (clock.machine(), records::latest(db).await?);
    Ok(if now.plus_seconds(TOLERANCE) < latest {
        let behind = latest.micros_since(now) / 1_000_000;
        let found = format!(
            "this machine's clock is {behind} seconds behind the latest time in the database"
        );
        let advice = "set the clock by NTP; until then Grantry tells the later time";
        Check::failure(NAME, found, advice)
    } else {
        Check::fine(
            NAME,
            format!(
                "{}, not behind the database",
                now.to_utc().format("%Y-%m-%d %H:%M UTC")
            ),
        )
    })
}

/// Whether somebody can run the installation in the console.
async fn people(db: &mut Reader) -> Result<Check, StoreError> {
    const NAME: &str = "Site administrators";
    let (admins, able) = health::count_site_admins(db).await?;
    Ok(match (admins, able) {
        (0, _) => Check::warning(
            NAME,
            "nobody is a site administrator",
            "import a user with `site_admin = true` (docs/directory.md)",
        ),
        (_, 0) => Check::warning(
            NAME,
            "no site administrator has a passkey",
            "make a link with `grantry link LOGIN`",
        ),
        (_, able) => Check::fine(
            NAME,
            format!(
                "{} can sign in",
                number(
                    usize::try_from(able).unwrap_or(usize::MAX),
                    "site administrator"
                )
            ),
        ),
    })
}

async fn mail(db: &mut Reader, now: Timestamp) -> Result<Check, StoreError> {
    let waiting = administration::count_all(db, now).await?.outbox;
    let found =
        format!("no mail server is set: {waiting} notices wait in the database (table `outbox`)");
    let advice = "nothing is lost; people see what concerns them on their pages";
    Ok(Check::warning("Mail", found, advice))
}
