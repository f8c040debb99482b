//! The call that is to be explained, as typed and as understood.

use std::net::IpAddr;

use crate::api::operation::is_served;
use crate::domain::access::decision::{Door, Workflows};
use crate::domain::access::writing::{self, Written};
use crate::domain::catalog::{Catalog, Endpoint, MatchError, Method, TargetTemplate};
use crate::domain::token::conditions::Branches;
use crate::git::workflows::is_workflow;
use crate::web::form::Fields;

/// Where the REST API stands; an address is often copied with it.
const PREFIX: &str = "/api/v3";
/// The method that only reads.
const READ: &str = "GET";
/// The longest text that a field takes, in bytes.
const LONGEST: usize = 512;

/// The calls that can be chosen: the value of each, and its words.
pub const CALLS: [(&str, &str); 7] = [
    ("GET", "GET"),
    ("POST", "POST"),
    ("PUT", "PUT"),
    ("PATCH", "PATCH"),
    ("DELETE", "DELETE"),
    ("fetch", "git clone or fetch"),
    ("push", "git push"),
];

/// What was typed.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// One of [`CALLS`].
    pub call: String,
    /// A path, or for git a repository.
    pub path: String,
    /// Where the call comes from; empty for where the visitor is.
    pub address: String,
    /// The branch that is written; empty where none is known.
    pub branch: String,
}

/// A mistake: the field, and what is wrong.
pub type Mistake = (&'static str, String);

/// A call that can be judged.
#[derive(Debug)]
pub struct Asked {
    /// The endpoint; none where the catalog has no such one.
    pub endpoint: Option<&'static Endpoint>,
    /// What its path holds.
    pub parameters: Vec<(String, String)>,
    /// The method as records write it.
    pub method: &'static str,
    /// The path as records write it.
    pub path: String,
    /// Where it comes from, where that was typed.
    pub address: Option<IpAddr>,
    branches: Vec<String>,
    /// What it writes, as a door before another service tells it; none where our own doors judge it.
    guarded: Option<(Written, Workflows)>,
}

impl Typed {
    /// Takes the fields of the form.
    pub fn of(query: &Fields) -> Self {
        let text = |name| query.get(name).trim().to_owned();
        Self {
            call: text("call"),
            path: text("path"),
            address: text("address"),
            branch: text("branch"),
        }
    }

    /// Whether nothing was asked yet.
    pub const fn is_empty(&self) -> bool {
        self.call.is_empty() && self.path.is_empty()
    }

    /// The form's address for a call that was recorded; none for one that cannot be chosen.
    pub fn recorded(method: &str, path: &str) -> Option<Fields> {
        let (call, path) = match method {
            "GIT" => path.rsplit_once(' ').map(|(path, call)| (call, path))?,
            "HEAD" => ("GET", path),
            other => (other, path),
        };
        let is_known = CALLS.iter().any(|(known, _)| *known == call);
        is_known.then(|| Fields::new([("call", call), ("path", path)]))
    }

    /// Understands what was typed.
    ///
    /// # Errors
    /// Every mistake with its field.
    pub fn read(&self, catalog: &'static Catalog) -> Result<Asked, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        for (field, text) in [("path", &self.path), ("branch", &self.branch)] {
            if let Some(mistake) = unreadable(text) {
                mistakes.push((field, mistake));
            }
        }
        let address = match (self.address.as_str(), self.address.parse::<IpAddr>()) {
            ("", _) => None,
            (_, Ok(address)) => Some(address),
            (_, Err(_)) => {
                let message =
                    "Type one address, such as 192.0.2.7, or leave it empty for your own.";
                mistakes.push(("address", message.to_owned()));
                None
            }
        };
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let named = self.named(catalog).map_err(|mistake| vec![mistake])?;
        Ok(Asked {
            address,
            branches: (!self.branch.is_empty())
                .then(|| self.branch.clone())
                .into_iter()
                .collect(),
            ..named
        })
    }

    fn named(&self, catalog: &'static Catalog) -> Result<Asked, Mistake> {
        match self.call.as_str() {
            "fetch" => self.git(catalog.git_fetch()),
            "push" => self.git(catalog.git_push()),
            word => self.http(catalog, word),
        }
    }

    fn git(&self, endpoint: Option<&'static Endpoint>) -> Result<Asked, Mistake> {
        let told = || {
            (
                "path",
                "Type the repository as owner/name, such as acme/web.".to_owned(),
            )
        };
        let full_name = self.path.trim_matches('/');
        let full_name = full_name.strip_suffix(".git").unwrap_or(full_name);
        let (owner, name) = full_name.split_once('/').ok_or_else(told)?;
        if owner.is_empty() || name.is_empty() || name.contains('/') {
            return Err(told());
        }
        let target = endpoint.and_then(|endpoint| endpoint.targets.first());
        let Some(TargetTemplate::Repository {
            owner_param,
            name_param,
        }) = target
        else {
            return Err(told());
        };
        Ok(Asked {
            parameters: vec![
                (owner_param.clone(), owner.to_owned()),
                (name_param.clone(), name.to_owned()),
            ],
            endpoint,
            method: "GIT",
            path: format!("{owner}/{name} {}", self.call),
            address: None,
            branches: Vec::new(),
            guarded: None,
        })
    }

    fn http(&self, catalog: &'static Catalog, word: &str) -> Result<Asked, Mistake> {
        let methods = Method::ALL
            .into_iter()
            .filter(|method| *method != Method::Git);
        let method = methods.map(Method::as_str).find(|known| *known == word);
        let method =
            method.ok_or_else(|| ("call", "Choose a method or a git command.".to_owned()))?;
        let below = self
            .path
            .strip_prefix(PREFIX)
            .filter(|below| below.starts_with('/'));
        let path = below.unwrap_or(&self.path);
        if !path.starts_with('/') {
            let message = "Type the path of the call, such as /repos/acme/web/issues.";
            return Err(("path", message.to_owned()));
        }
        let found = match catalog.match_endpoint(method, path) {
            Ok(found) => Some(found),
            Err(MatchError::UnknownEndpoint) => None,
            Err(MatchError::BadPath(_)) => {
                let message = "This path could be read in more than one way, so every call to it is refused: write it \
                               without empty segments, `.`, `..` and encoded slashes.";
                return Err(("path", message.to_owned()));
            }
        };
        let endpoint = found.as_ref().map(|found| catalog.endpoint(found.endpoint));
        let value = |name: &str| found.as_ref().and_then(|found| found.parameter(name));
        let value = |name: &str| value(name).unwrap_or_default();
        let guarded = endpoint.filter(|endpoint| !is_served(endpoint));
        let guarded = guarded.map(|endpoint| {
            let is_read = method == READ;
            let branch = writing::branch(catalog, endpoint, is_read, value);
            (branch, writing::workflows(endpoint, is_read, value))
        });
        let parameters = found.iter().flat_map(|found| &found.parameters);
        Ok(Asked {
            parameters: parameters
                .map(|(name, value)| ((*name).to_owned(), value.to_string()))
                .collect(),
            endpoint,
            method,
            path: path.split('?').next().unwrap_or(path).to_owned(),
            address: None,
            branches: Vec::new(),
            guarded,
        })
    }
}

/// Why a text cannot be a path or a branch.
fn unreadable(text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return Some(format!("Type at most {LONGEST} characters."));
    }
    let has_control = text.chars().any(char::is_control);
    has_control.then(|| "This holds characters that cannot be seen: type it anew.".to_owned())
}

impl Asked {
    /// Who would judge it: our own doors where they serve the call, else a door before another service.
    pub fn door(&self) -> Door {
        match (self.method, self.is_guarded()) {
            ("GIT", _) => Door::Git,
            (_, false) => Door::Api,
            (_, true) => Door::Service { filters: false },
        }
    }

    /// Whether another service serves it, behind a door.
    pub const fn is_guarded(&self) -> bool {
        self.guarded.is_some()
    }

    /// Whether it only reads.
    pub fn is_read(&self) -> bool {
        self.method == READ || self.path.ends_with(" fetch")
    }

    /// Which branches it writes: of what we serve, only files and pushes write any. Before another service only the path
    /// tells, whatever was typed.
    pub fn branches(&self) -> Branches<'_> {
        match &self.guarded {
            None => self.own_branches(),
            Some((Written::Nothing, _)) => Branches::None,
            Some((Written::Unknown, _)) => Branches::Unknown,
            Some((Written::Branch(name), _)) => Branches::Known(std::slice::from_ref(name)),
        }
    }

    fn own_branches(&self) -> Branches<'_> {
        let writes = self
            .endpoint
            .is_some_and(|endpoint| endpoint.conditional.is_some());
        match (writes, self.branches.is_empty()) {
            (false, _) => Branches::None,
            (true, true) => Branches::Unknown,
            (true, false) => Branches::Known(&self.branches),
        }
    }

    /// Whether the path names a workflow file; what a push holds is not asked.
    pub fn workflows(&self) -> Workflows {
        if let Some((_, workflows)) = self.guarded {
            return workflows;
        }
        let mut parameters = self.parameters.iter();
        if parameters.any(|(name, value)| name == "path" && is_workflow(value)) {
            Workflows::Touched
        } else {
            Workflows::Untouched
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(call: &str, path: &str) -> Result<Asked, Vec<Mistake>> {
        let typed = Typed {
            call: call.to_owned(),
            path: path.to_owned(),
            ..Typed::default()
        };
        typed.read(Catalog::github())
    }

    #[test]
    fn a_call_and_a_git_command_are_understood() {
        let asked = read("GET", "/api/v3/repos/acme/web/issues?state=open").expect("a call");
        assert_eq!(asked.path, "/repos/acme/web/issues");
        assert!(asked.endpoint.is_some() && asked.is_read());
        let asked = read("push", "/acme/web.git").expect("a push");
        assert_eq!(
            (asked.method, asked.path.as_str()),
            ("GIT", "acme/web push")
        );
        assert!(!asked.is_read() && asked.branches() == Branches::Unknown);
        assert!(
            read("GET", "/no/such/path")
                .expect("a path")
                .endpoint
                .is_none()
        );
    }

    #[test]
    fn what_a_guarded_call_writes_is_told_as_its_door_tells_it() {
        let tree = read("POST", "/repos/acme/web/git/trees").expect("a call");
        assert!(tree.is_guarded() && tree.branches() == Branches::Unknown);
        let reference = read("DELETE", "/repos/acme/web/git/refs/heads%2Fmain").expect("a call");
        assert_eq!(reference.branches(), Branches::Known(&["main".to_owned()]));
        let label = read("POST", "/repos/acme/web/labels").expect("a call");
        assert!(label.is_guarded() && label.branches() == Branches::None);
    }

    #[test]
    fn each_mistake_is_told_at_its_field() {
        let long = "/".repeat(600);
        for (call, path, field) in [
            ("", "/user", "call"),
            ("TRACE", "/user", "call"),
            ("GIT", "/user", "call"),
            ("GET", "", "path"),
            ("GET", "user", "path"),
            ("GET", "/user/../orgs", "path"),
            ("GET", "/repos/acme/web%2Fissues", "path"),
            ("GET", "/user\u{7}", "path"),
            ("GET", long.as_str(), "path"),
            ("push", "acme", "path"),
            ("push", "acme/web/issues", "path"),
        ] {
            let mistakes = read(call, path).expect_err("a mistake");
            assert_eq!(mistakes[0].0, field, "{call} {path}: {mistakes:?}");
        }
        let typed = Typed {
            call: "GET".to_owned(),
            path: "/user".to_owned(),
            address: "nowhere".to_owned(),
            branch: String::new(),
        };
        let mistakes = typed.read(Catalog::github()).expect_err("a mistake");
        assert_eq!(mistakes[0].0, "address");
    }

    #[test]
    fn a_recorded_call_leads_back_to_the_form() {
        let encoded = |method, path| Typed::recorded(method, path).map(|fields| fields.encode());
        assert_eq!(
            encoded("HEAD", "/user").as_deref(),
            Some("call=GET&path=%2Fuser")
        );
        assert_eq!(
            encoded("GIT", "acme/web push").as_deref(),
            Some("call=push&path=acme%2Fweb")
        );
        assert_eq!(encoded("TRACE", "/user"), None);
    }
}
