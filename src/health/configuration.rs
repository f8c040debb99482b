//! Whether the settings fit together: each alone was checked when it was read.

use ipnet::IpNet;
use url::Url;

use super::Check;
use crate::app::relying_party;
use crate::config::Config;

/// Looks at the settings.
pub fn examine(config: &Config) -> Vec<Check> {
    vec![address(config), passkeys(config), proxies(config)]
}

/// Whether people who open `base_url` can reach what listens.
fn address(config: &Config) -> Check {
    const NAME: &str = "Address";
    let (listen, base) = (config.listen, &config.base_url);
    let found = format!("listens on {listen}, answers as {base}");
    let Ok(url) = Url::parse(base) else {
        return Check::failure(
            NAME,
            found,
            "write `base_url` as `https://grantry.example.com`",
        );
    };
    let is_local = is_local(&url);
    let is_direct = url.port_or_known_default() == Some(listen.port());
    if is_local && !listen.ip().is_loopback() {
        let advice = "other machines can connect and cannot sign in: set `base_url` to the address that they use, or \
                      listen on 127.0.0.1";
        return Check::warning(NAME, found, advice);
    }
    if is_local && !is_direct {
        let advice = "nothing forwards between the two ports unless a proxy on this machine does: set `base_url` to \
                      the port that people open";
        return Check::warning(NAME, found, advice);
    }
    if !is_local && listen.ip().is_loopback() && config.trusted_proxies.is_empty() {
        let advice = "a proxy on this machine must forward to it: list it in `trusted_proxies`, so that the log shows \
                      people's addresses and not the proxy's";
        return Check::warning(NAME, found, advice);
    }
    Check::fine(NAME, found)
}

/// Browsers make passkeys on https, and on localhost.
fn passkeys(config: &Config) -> Check {
    const NAME: &str = "Passkeys";
    let base = &config.base_url;
    if let Err(error) = relying_party(base) {
        return Check::failure(NAME, error.to_string(), "correct `base_url`");
    }
    let host = Url::parse(base).ok();
    let is_local = host.as_ref().is_some_and(is_local);
    if base.starts_with("http://") && !is_local {
        let found = format!("browsers make no passkeys for {base}");
        let advice = "terminate TLS in front of Grantry and set `base_url` to its https address";
        return Check::failure(NAME, found, advice);
    }
    let host = host.and_then(|url| url.domain().map(str::to_owned));
    Check::fine(
        NAME,
        format!(
            "belong to {}, and are used from {base}",
            host.unwrap_or_default()
        ),
    )
}

/// Whoever is believed can write any address into the log and past conditions on addresses.
fn proxies(config: &Config) -> Check {
    const NAME: &str = "Trusted proxies";
    let networks = &config.trusted_proxies;
    let wide: Vec<_> = networks.iter().filter(|net| is_wide(net)).collect();
    if let Some(net) = wide.first() {
        let found = format!("`{net}` is believed: nearly anybody can name any address as theirs");
        let advice = "list the addresses of your own proxies in `trusted_proxies`";
        return Check::failure(NAME, found, advice);
    }
    if networks.is_empty() {
        return Check::fine(NAME, "nobody's `X-Forwarded-For` is believed");
    }
    let words: Vec<_> = networks.iter().map(ToString::to_string).collect();
    Check::fine(
        NAME,
        format!("`X-Forwarded-For` of {} is believed", words.join(", ")),
    )
}

/// Larger than any network of one's own: `10.0.0.0/8` and `fc00::/7` are the largest private ones.
fn is_wide(net: &IpNet) -> bool {
    match net {
        IpNet::V4(net) => net.prefix_len() < 8,
        IpNet::V6(net) => net.prefix_len() < 7,
    }
}

fn is_local(url: &Url) -> bool {
    url.domain()
        .is_some_and(|host| host == "localhost" || host.ends_with(".localhost"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Layers;
    use crate::health::Outcome;

    fn outcomes(settings: &[(&'static str, &str)]) -> Vec<Outcome> {
        let layers = settings
            .iter()
            .fold(Layers::default(), |layers, (name, value)| {
                layers
                    .flag(name, Some((*value).to_owned()))
                    .expect("the setting exists")
            });
        let config = layers.finish().expect("every setting fits");
        examine(&config).iter().map(|check| check.outcome).collect()
    }

    /// Settings, and what is said of each of the three.
    type Case<'a> = (&'a [(&'static str, &'a str)], [Outcome; 3]);

    #[test]
    fn settings_that_do_not_fit_together_are_told() {
        use Outcome::{Failure, Fine, Warning};
        let public = ("base_url", "https://grantry.example.com");
        let table: [Case<'_>; 7] = [
            (&[], [Fine, Fine, Fine]),
            (&[("listen", "0.0.0.0:8080")], [Warning, Fine, Fine]),
            (
                &[("base_url", "http://localhost:9000")],
                [Warning, Fine, Fine],
            ),
            (&[public], [Warning, Fine, Fine]),
            (
                &[public, ("trusted_proxies", "127.0.0.1")],
                [Fine, Fine, Fine],
            ),
            (
                &[
                    ("base_url", "http://grantry.example.com"),
                    ("listen", "0.0.0.0:80"),
                ],
                [Fine, Failure, Fine],
            ),
            (&[("trusted_proxies", "0.0.0.0/0")], [Fine, Fine, Failure]),
        ];
        for (settings, expected) in table {
            assert_eq!(outcomes(settings), expected, "{settings:?}");
        }
    }
}
