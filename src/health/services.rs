//! Whether the guarded services can ask: through a proxy that is believed, or with a secret that counts.

use super::Check;
use crate::clock::Clock;
use crate::config::Config;
use crate::store::services::{self, ServiceRow};
use crate::store::{Store, StoreError};

const NAME: &str = "Services";

/// Looks at every service. Nothing where the database does not answer: its own check says so.
pub async fn examine(config: &Config, store: &Store, clock: &dyn Clock) -> Option<Check> {
    let rows: Result<Vec<ServiceRow>, StoreError> =
        services::list_rows(&mut store.reader(), clock.now()).await;
    rows.ok()
        .map(|rows| judge(&rows, !config.trusted_proxies.is_empty()))
}

fn judge(rows: &[ServiceRow], believes_proxies: bool) -> Check {
    let without: Vec<_> = rows
        .iter()
        .filter(|row| row.secrets == 0)
        .map(|row| format!("`{}`", row.name))
        .collect();
    let without = without.join(", ");
    match (rows.is_empty(), without.is_empty(), believes_proxies) {
        (true, ..) => Check::fine(NAME, "none is guarded"),
        (false, false, false) => Check::failure(
            NAME,
            format!("nobody can ask for {without}: no secret counts and no proxy is trusted"),
            "make a secret under Site administration, or list the proxy in `trusted_proxies`",
        ),
        (false, false, true) => Check::warning(
            NAME,
            format!("no secret of {without} counts: its proxy can ask, the service itself cannot"),
            "make a secret under Site administration if the service asks about tokens",
        ),
        (false, true, false) => Check::warning(
            NAME,
            "no proxy is trusted: every proxy must send its service's secret",
            "list your proxies in `trusted_proxies`, or see docs/guard for the header with the secret",
        ),
        (false, true, true) => Check::fine(NAME, format!("{} guarded", rows.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ServiceId;
    use crate::domain::service::Proxy;
    use crate::domain::time::Timestamp;
    use crate::health::Outcome;

    fn row(secrets: i64) -> ServiceRow {
        ServiceRow {
            id: ServiceId::new(1),
            name: "edge".to_owned(),
            proxy: Proxy::Original,
            filters: false,
            hosts: 0,
            owners: 0,
            secrets,
            created_at: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn a_service_that_nobody_can_ask_for_is_a_failure() {
        use Outcome::{Failure, Fine, Warning};
        let table = [
            (vec![], false, Fine),
            (vec![row(1)], true, Fine),
            (vec![row(1)], false, Warning),
            (vec![row(1), row(0)], true, Warning),
            (vec![row(1), row(0)], false, Failure),
        ];
        for (rows, believes, expected) in table {
            let check = judge(&rows, believes);
            assert_eq!(check.outcome, expected, "{check:?}");
        }
    }
}
