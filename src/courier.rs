//! The one way in which Grantry calls other servers: webhooks, collectors, anchors.
//!
//! An address that an operator or an owner typed could point into the machine or its network. So its host is looked up
//! here, every address found must be a public one (unless the configuration allows others), and the connection goes to
//! exactly the addresses that were checked: a name that means something else a moment later gains nothing. Redirects
//! are answers, not ways; proxies of the environment are not used; an answer's body is not read beyond a little.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use sha2::Sha256;
use url::{Host, Url};

use crate::domain::audit::seal::hex;

/// How long a call may take, from the look-up of the name to the answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why something was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Undelivered {
    /// The address leads where no call may go.
    #[error("`{0}` is an address of this machine or of a private network")]
    Private(String),
    /// The address cannot be called at all.
    #[error("`{0}` is no address that can be called: it begins with `https://` or `http://`")]
    NoAddress(String),
    /// The receiver answered, and did not take it.
    #[error("the receiver answered {0}")]
    Refused(u16),
    /// No answer came.
    #[error("no answer came: {0}")]
    NoAnswer(String),
}

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    body: Vec<u8>,
    content_type: &'static str,
    headers: Vec<(&'static str, String)>,
}

impl Parcel {
    /// A JSON text.
    pub const fn json(body: Vec<u8>) -> Self {
        Self {
            body,
            content_type: "application/json",
            headers: Vec::new(),
        }
    }

    /// JSON objects, one a line.
    pub const fn json_lines(body: Vec<u8>) -> Self {
        Self {
            body,
            content_type: "application/x-ndjson",
            headers: Vec::new(),
        }
    }

    /// With a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With `X-Hub-Signature-256`: by it the receiver knows who sent the body, and that it is whole.
    #[must_use]
    pub fn signed(self, secret: &[u8]) -> Self {
        let signature = signature(secret, &self.body);
        self.with("X-Hub-Signature-256", signature)
    }
}

/// The published signature of a body: `sha256=` and the HMAC in hexadecimal.
pub fn signature(secret: &[u8], body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret);
    let mut mac = mac.expect("a key of any length fits");
    mac.update(body);
    format!("sha256={}", hex(&mac.finalize().into_bytes()))
}

/// Calls other servers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Courier {
    client: reqwest::Client,
    allows_private: bool,
}

impl Courier {
    /// A courier; one that `allows_private` also goes to addresses of this machine and its networks.
    ///
    /// # Errors
    /// The system has no use for TLS.
    pub fn new(allows_private: bool) -> Result<Self, reqwest::Error> {
        install_ring();
        let client = reqwest::Client::builder()
            .user_agent(concat!("Grantry/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .no_proxy()
            .timeout(PATIENCE)
            .dns_resolver(Arc::new(Guarded { allows_private }))
            .build()?;
        Ok(Self {
            client,
            allows_private,
        })
    }

    /// Sends something; taken means an answer from 200 to 299.
    pub async fn send(&self, url: &Url, parcel: &Parcel) -> Result<(), Undelivered> {
        check(url, self.allows_private)?;
        let request = self.client.post(url.clone());
        let request = request.header("Content-Type", parcel.content_type);
        let request = parcel
            .headers
            .iter()
            .fold(request, |request, (name, value)| {
                request.header(*name, value)
            });
        let answer = request.body(parcel.body.clone()).send().await;
        let answer = answer.map_err(|error| unanswered(url, &error))?;
        let status = answer.status();
        if status.is_success() {
            Ok(())
        } else {
            Err(Undelivered::Refused(status.as_u16()))
        }
    }
}

/// TLS by *ring*, once for the whole program; whoever was first has won.
fn install_ring() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// What went wrong, without the address: it can hold a secret.
fn unanswered(url: &Url, error: &reqwest::Error) -> Undelivered {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(some) = cause {
        if some.is::<PrivateAddress>() {
            return Undelivered::Private(url.host_str().unwrap_or_default().to_owned());
        }
        cause = some.source();
    }
    let words = match () {
        () if error.is_timeout() => "it took too long",
        () if error.is_connect() => "the receiver cannot be reached",
        () => "the connection broke off",
    };
    Undelivered::NoAnswer(words.to_owned())
}

/// Refuses what needs no look-up to be refused.
pub fn check(url: &Url, allows_private: bool) -> Result<(), Undelivered> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Undelivered::NoAddress(url.scheme().to_owned()));
    }
    let address = match url.host() {
        None => return Err(Undelivered::NoAddress(url.scheme().to_owned())),
        // A name is looked at when it is looked up.
        Some(Host::Domain(_)) => return Ok(()),
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
    };
    if allows_private || is_public(address) {
        Ok(())
    } else {
        Err(Undelivered::Private(address.to_string()))
    }
}

/// Whether an address is one of the open internet: not of this machine, a link, a private network, a cloud's own
/// services, a test range or a group.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let is_shared = first == 100 && (64..128).contains(&second);
    let is_for_protocols = (first, second, third) == (192, 0, 0);
    let is_for_measuring = first == 198 && (18..20).contains(&second);
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_broadcast()
        || address.is_multicast();
    !(is_special || first == 0 || first >= 240 || is_shared || is_for_protocols || is_for_measuring)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // An IPv4 address in other clothes is judged as what it is.
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let [first, second, ..] = address.segments();
    // 2000::/3 is all that is given out; within it stand ranges that lead elsewhere (6to4, Teredo, documentation).
    let is_given_out = first & 0xe000 == 0x2000;
    let leads_elsewhere =
        first == 0x2002 || (first == 0x2001 && (second < 0x0200 || second == 0x0db8));
    is_given_out && !leads_elsewhere && first != 0x3fff
}

/// A name that means a private address.
#[derive(Debug, thiserror::Error)]
#[error("the name means an address of this machine or of a private network")]
struct PrivateAddress;

/// Looks names up and gives back what may be called: one private address among them spoils the name.
#[derive(Debug)]
struct Guarded {
    allows_private: bool,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let allows_private = self.allows_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            let is_private = |address: &SocketAddr| !is_public(address.ip());
            if !allows_private && found.iter().any(is_private) {
                return Err(PrivateAddress.into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_open_internet_are_called() {
        for text in [
            "1.1.1.1",
            "93.184.215.14",
            "2606:4700::1111",
            "2a00:1450:4001::1",
        ] {
            assert!(is_public(text.parse().expect(text)), "{text}");
        }
        for text in [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
        ] {
            assert!(!is_public(text.parse().expect(text)), "{text}");
        }
    }

    #[test]
    fn an_address_is_refused_before_anything_is_looked_up() {
        let check = |text: &str, allows| check(&Url::parse(text).expect(text), allows);
        assert!(check("https://collector.example/x", false).is_ok());
        for text in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://[::1]:80/",
            "https://169.254.169.254/latest",
        ] {
            assert!(
                matches!(check(text, false), Err(Undelivered::Private(_))),
                "{text}"
            );
            assert!(check(text, true).is_ok(), "{text}");
        }
        assert!(matches!(
            check("file:///etc/passwd", true),
            Err(Undelivered::NoAddress(_))
        ));
    }

    #[test]
    fn a_signature_is_the_published_one() {
        // The example of the published documentation of webhooks.
        assert_eq!(
            signature(b"It's a Secret to Everybody", b"Hello, World!"),
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        );
    }

    #[tokio::test]
    async fn a_name_that_means_this_machine_is_not_called() {
        let courier = Courier::new(false).expect("a client");
        let url = Url::parse("http://localhost:9/").expect("an address");
        let refused = courier.send(&url, &Parcel::json(Vec::new())).await;
        assert!(
            matches!(refused, Err(Undelivered::Private(_))),
            "{refused:?}"
        );
    }
}
