//! Which git operation an HTTP request is: the smart protocol has four, and everything else is refused.

use axum::http::Method;

/// The two programs of the smart protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Clone and fetch: reads.
    UploadPack,
    /// Push: writes.
    ReceivePack,
}

impl Service {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::UploadPack => "git-upload-pack",
            Self::ReceivePack => "git-receive-pack",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::UploadPack, Self::ReceivePack]
            .into_iter()
            .find(|service| service.name() == name)
    }
}

/// One request of the smart protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GitOperation {
    /// `GET info/refs?service=…`: what refs there are. Every git command starts with it.
    Advertise(Service),
    /// `POST git-upload-pack` or `POST git-receive-pack`: the exchange itself.
    Exchange(Service),
}

impl GitOperation {
    /// Reads an operation from the method, the path below the repository (`info/refs`) and the raw query.
    ///
    /// `None` for anything else, the dumb protocol and its loose files included: those would hand out objects
    /// without telling which operation asks.
    pub fn parse(method: &Method, tail: &str, query: Option<&str>) -> Option<Self> {
        match (method, tail) {
            (&Method::GET, "info/refs") => requested_service(query?).map(Self::Advertise),
            (&Method::POST, tail) => Service::from_name(tail).map(Self::Exchange),
            _ => None,
        }
    }

    /// The program that is asked for; a push already shows in its first request.
    pub fn service(self) -> Service {
        match self {
            Self::Advertise(service) | Self::Exchange(service) => service,
        }
    }

    /// Whether this belongs to a push.
    pub fn is_write(self) -> bool {
        self.service() == Service::ReceivePack
    }

    pub(super) fn method(self) -> &'static str {
        match self {
            Self::Advertise(_) => "GET",
            Self::Exchange(_) => "POST",
        }
    }

    pub(super) fn tail(self) -> &'static str {
        match self {
            Self::Advertise(_) => "info/refs",
            Self::Exchange(service) => service.name(),
        }
    }

    pub(super) fn query(self) -> String {
        match self {
            Self::Advertise(service) => format!("service={}", service.name()),
            Self::Exchange(_) => String::new(),
        }
    }
}

/// The one `service` of a query; a repeated one names nothing, so that no two readers can differ.
fn requested_service(query: &str) -> Option<Service> {
    let mut named = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == "service");
    let (_, service) = named.next()?;
    if named.next().is_some() {
        return None;
    }
    Service::from_name(&service)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(method: &Method, tail: &str, query: Option<&str>) -> Option<GitOperation> {
        GitOperation::parse(method, tail, query)
    }

    #[test]
    fn the_four_requests_of_the_smart_protocol_are_known() {
        let get = Method::GET;
        let post = Method::POST;
        let advertise = |name| parse(&get, "info/refs", Some(name));
        assert_eq!(
            advertise("service=git-upload-pack"),
            Some(GitOperation::Advertise(Service::UploadPack))
        );
        assert_eq!(
            advertise("service=git-receive-pack"),
            Some(GitOperation::Advertise(Service::ReceivePack))
        );
        assert_eq!(
            parse(&post, "git-upload-pack", None),
            Some(GitOperation::Exchange(Service::UploadPack))
        );
        assert_eq!(
            parse(&post, "git-receive-pack", None),
            Some(GitOperation::Exchange(Service::ReceivePack))
        );
    }

    #[test]
    fn the_dumb_protocol_is_not_an_operation() {
        for tail in ["info/refs", "HEAD", "objects/info/packs", "config"] {
            assert_eq!(parse(&Method::GET, tail, None), None, "{tail}");
        }
        assert_eq!(
            parse(
                &Method::GET,
                "info/refs",
                Some("service=git-upload-archive")
            ),
            None
        );
    }

    #[test]
    fn a_repeated_service_names_nothing() {
        let query = "service=git-upload-pack&service=git-receive-pack";
        assert_eq!(parse(&Method::GET, "info/refs", Some(query)), None);
    }

    #[test]
    fn a_push_shows_in_its_first_request() {
        assert!(GitOperation::Advertise(Service::ReceivePack).is_write());
        assert!(!GitOperation::Exchange(Service::UploadPack).is_write());
    }
}
