//! The path template of an endpoint: its pieces, and what they name.

use super::model::TargetTemplate;
use crate::domain::permission::Group;

/// Parameters that hold a path or a ref: a slash inside them is part of the name.
const PATH_OR_REF: [&str; 8] = [
    "path", "dir", "ref", "branch", "tag", "basehead", "base", "head",
];

/// One segment of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Matches exactly these characters.
    Literal(String),
    /// Matches any one segment.
    Parameter(String),
    /// Matches one or more segments; always the last piece.
    Rest(String),
}

/// A parsed path template, such as `/repos/{owner}/{repo}/contents/{path}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    pub(super) pieces: Vec<Piece>,
}

impl Template {
    /// Parses a template. With `spans`, its last parameter matches several segments; `{path}` at the end always does.
    pub(super) fn parse(text: &str, spans: bool) -> Result<Self, String> {
        let rest = text
            .strip_prefix('/')
            .ok_or_else(|| format!("`{text}` is no path; start it with `/`"))?;
        let segments = rest.split('/').filter(|_| !rest.is_empty());
        let mut pieces = segments
            .map(|segment| piece(segment, text))
            .collect::<Result<Vec<_>, _>>()?;
        let mut seen = Vec::new();
        for name in pieces.iter().filter_map(Piece::parameter) {
            if seen.contains(&name) {
                return Err(format!(
                    "`{{{name}}}` stands twice in `{text}`; give each parameter a name of its own"
                ));
            }
            seen.push(name);
        }
        span_last(&mut pieces, spans, text)?;
        Ok(Self { pieces })
    }

    /// Is there a parameter of this name?
    pub(super) fn has_parameter(&self, name: &str) -> bool {
        self.pieces
            .iter()
            .any(|piece| piece.parameter() == Some(name))
    }

    /// What the path names, in path order; `groups` are those of the permissions that the endpoint needs.
    pub(super) fn targets(&self, groups: &[Group]) -> Vec<TargetTemplate> {
        let mut targets: Vec<_> = (0..self.pieces.len())
            .filter_map(|at| self.target_at(at, groups))
            .collect();
        let names_account = targets
            .iter()
            .any(|target| matches!(target, TargetTemplate::Account { .. }));
        let owns = targets
            .iter()
            .any(|target| target.owns_repositories() || target.fits(Group::Repository));
        let is_own = self.pieces.first() == Some(&Piece::Literal("user".to_owned()));
        let needs_own_account = groups.contains(&Group::Account) && !names_account;
        let lists_own = is_own && groups.contains(&Group::Repository) && !owns;
        if needs_own_account || lists_own {
            targets.push(TargetTemplate::Account { param: None });
        }
        targets
    }

    fn target_at(&self, at: usize, groups: &[Group]) -> Option<TargetTemplate> {
        let parameter = |at: usize| self.pieces.get(at).and_then(Piece::parameter);
        if let (Some(owner), Some(name)) = (parameter(at), parameter(at + 1))
            && owner.ends_with("owner")
        {
            return Some(TargetTemplate::Repository {
                owner_param: owner.to_owned(),
                name_param: name.to_owned(),
            });
        }
        let Piece::Literal(word) = &self.pieces[at] else {
            return None;
        };
        let param = parameter(at + 1)?.to_owned();
        let at_account = groups
            .iter()
            .any(|group| matches!(group, Group::Account | Group::Repository));
        match word.as_str() {
            "orgs" | "organizations" => Some(TargetTemplate::Organization { param }),
            "enterprises" => Some(TargetTemplate::Enterprise { param }),
            "users" if at == 0 && at_account => {
                Some(TargetTemplate::Account { param: Some(param) })
            }
            "users" if at == 0 => Some(TargetTemplate::User { param }),
            _ => None,
        }
    }
}

impl Piece {
    /// The name of the parameter, if it is one.
    pub(super) fn parameter(&self) -> Option<&str> {
        match self {
            Self::Literal(_) => None,
            Self::Parameter(name) | Self::Rest(name) => Some(name),
        }
    }

    /// May its value hold a decoded `/`, `;` or `%`?
    pub(super) fn holds_path_or_ref(&self) -> bool {
        self.parameter()
            .is_some_and(|name| PATH_OR_REF.contains(&name))
    }
}

fn piece(segment: &str, template: &str) -> Result<Piece, String> {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let is_literal = |word: &str| {
        !matches!(word, "" | "." | "..")
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    };
    match segment
        .strip_prefix('{')
        .and_then(|inner| inner.strip_suffix('}'))
    {
        Some(name) if is_name(name) => Ok(Piece::Parameter(name.to_owned())),
        None if is_literal(segment) => Ok(Piece::Literal(segment.to_owned())),
        _ => Err(format!(
            "`{segment}` in `{template}` is neither a plain word nor one whole `{{parameter}}`"
        )),
    }
}

fn span_last(pieces: &mut [Piece], spans: bool, template: &str) -> Result<(), String> {
    let last = pieces.last_mut();
    let can_span = last.as_ref().is_some_and(|last| last.holds_path_or_ref());
    if spans && !can_span {
        return Err(format!(
            "`spans` needs `{template}` to end with a path or a ref: one of {{{}}}",
            PATH_OR_REF.join("}, {")
        ));
    }
    if let Some(piece) = last
        && let Piece::Parameter(name) = piece
        && (spans || name == "path")
    {
        *piece = Piece::Rest(std::mem::take(name));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(template: &str, groups: &[Group]) -> Vec<TargetTemplate> {
        Template::parse(template, false)
            .expect("a good template")
            .targets(groups)
    }

    fn repository(owner: &str, name: &str) -> TargetTemplate {
        TargetTemplate::Repository {
            owner_param: owner.to_owned(),
            name_param: name.to_owned(),
        }
    }

    fn organization() -> TargetTemplate {
        TargetTemplate::Organization {
            param: "org".to_owned(),
        }
    }

    #[test]
    fn a_template_names_its_targets_in_path_order() {
        use Group::{Account, Organization, Repository};
        let account = |param: Option<&str>| TargetTemplate::Account {
            param: param.map(str::to_owned),
        };
        let table = [
            (
                "/repos/{owner}/{repo}/issues",
                vec![Repository],
                vec![repository("owner", "repo")],
            ),
            (
                "/orgs/{org}/members",
                vec![Organization],
                vec![organization()],
            ),
            (
                "/organizations/{org}/x",
                vec![Organization],
                vec![organization()],
            ),
            (
                "/orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}",
                vec![Organization, Repository],
                vec![organization(), repository("owner", "repo")],
            ),
            (
                "/repos/{template_owner}/{template_repo}/generate",
                vec![Repository],
                vec![repository("template_owner", "template_repo")],
            ),
            (
                "/user/starred/{owner}/{repo}",
                vec![Account],
                vec![repository("owner", "repo"), account(None)],
            ),
            (
                "/enterprises/{enterprise}/x",
                vec![],
                vec![TargetTemplate::Enterprise {
                    param: "enterprise".to_owned(),
                }],
            ),
            ("/user/repos", vec![Repository], vec![account(None)]),
            ("/user/keys", vec![Account], vec![account(None)]),
            ("/gists", vec![Account], vec![account(None)]),
            ("/user", vec![], vec![]),
            (
                "/users/{username}",
                vec![],
                vec![TargetTemplate::User {
                    param: "username".to_owned(),
                }],
            ),
            (
                "/users/{username}/gpg_keys",
                vec![Account],
                vec![account(Some("username"))],
            ),
            (
                "/orgs/{org}/organization-roles/users/{username}",
                vec![Organization],
                vec![organization()],
            ),
        ];
        for (template, groups, expected) in table {
            assert_eq!(targets(template, &groups), expected, "{template}");
        }
    }

    #[test]
    fn only_a_last_path_or_a_marked_ref_spans_segments() {
        let last = |text: &str, spans| {
            Template::parse(text, spans).map(|template| template.pieces.last().cloned())
        };
        assert_eq!(
            last("/contents/{path}", false),
            Ok(Some(Piece::Rest("path".to_owned())))
        );
        assert_eq!(
            last("/commits/{ref}", false),
            Ok(Some(Piece::Parameter("ref".to_owned())))
        );
        assert_eq!(
            last("/git/ref/{ref}", true),
            Ok(Some(Piece::Rest("ref".to_owned())))
        );
        assert!(last("/issues/{issue_number}", true).is_err());
        assert!(last("/issues", true).is_err());
    }

    #[test]
    fn a_template_that_no_path_can_match_is_refused() {
        for text in [
            "repos", "/a/", "//", "/a//b", "/{}", "/{A}", "/x{a}", "/{a}x", "/a b", "/..",
            "/{a}/{a}", "/%41",
        ] {
            assert!(Template::parse(text, false).is_err(), "{text}");
        }
    }
}
