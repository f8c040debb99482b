//! The compact line of an endpoint: sets of permissions, then flags and options.
//!
//! `"contents:write | contents:write + workflows:write public role=write"`: `|` separates sets of which one
//! is enough, `+` the permissions of one set, `@2` after a level looks that permission up at the second target, `@0`
//! at nothing that the path names.

use std::str::FromStr;

use super::model::{Freedom, Need, TargetTemplate};
use crate::domain::permission::Level;

const FLAGS: &str = "`public`, `free`, `open`, `closed` and `spans`";
const OPTIONS: &str = "`targets=`, `scopes=` and `role=`";

/// A permission in a set, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WrittenNeed<'t> {
    pub(super) slug: &'t str,
    pub(super) level: Level,
    /// Index into the targets where the line says which; [`Need::NOWHERE`] for `@0`.
    pub(super) target: Option<usize>,
}

/// An endpoint's line, as written: nothing in it has been looked up.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Line<'t> {
    pub(super) sets: Vec<Vec<WrittenNeed<'t>>>,
    pub(super) public: bool,
    pub(super) freedom: Freedom,
    pub(super) spans: bool,
    pub(super) targets: Option<Vec<TargetTemplate>>,
    /// Empty for `scopes=none`.
    pub(super) scopes: Option<Vec<&'t str>>,
    pub(super) role: Option<&'t str>,
}

impl<'t> Line<'t> {
    /// Reads a line, with every mistake that it has.
    pub(super) fn parse(text: &'t str) -> (Self, Vec<String>) {
        let mut line = Self::default();
        let mut mistakes = Vec::new();
        let at = sets_end(text);
        let (sets, tail) = text.split_at(at);
        for word in tail.split_whitespace() {
            if let Err(mistake) = line.apply(word) {
                mistakes.push(mistake);
            }
        }
        for set in sets.split('|').filter(|_| !sets.trim().is_empty()) {
            let (needs, wrong): (Vec<_>, Vec<_>) =
                set.split('+').map(need).partition(Result::is_ok);
            line.sets.push(needs.into_iter().flatten().collect());
            mistakes.extend(wrong.into_iter().filter_map(Result::err));
        }
        (line, mistakes)
    }

    fn apply(&mut self, word: &'t str) -> Result<(), String> {
        match word.split_once('=') {
            None => self.flag(word),
            Some(("targets", "none")) => put(&mut self.targets, Vec::new(), word),
            Some(("targets", list)) => put(
                &mut self.targets,
                list.split(',').map(target).collect::<Result<_, _>>()?,
                word,
            ),
            Some(("scopes", "none")) => put(&mut self.scopes, Vec::new(), word),
            Some(("scopes", list)) => put(&mut self.scopes, list.split(',').collect(), word),
            Some(("role", role)) => put(&mut self.role, role, word),
            Some((option, _)) => Err(format!(
                "`{option}=` is no option of an endpoint; the options are {OPTIONS}"
            )),
        }
    }

    fn flag(&mut self, word: &str) -> Result<(), String> {
        let flag = match word {
            "public" => &mut self.public,
            "free" => return self.free(word, Freedom::Free),
            "open" => return self.free(word, Freedom::Open),
            "closed" => return self.free(word, Freedom::Closed),
            "spans" => &mut self.spans,
            _ => {
                return Err(format!(
                    "`{word}` is no flag of an endpoint; the flags are {FLAGS}, and permissions go before them"
                ));
            }
        };
        if std::mem::replace(flag, true) {
            return Err(format!("`{word}` stands twice; once is enough"));
        }
        Ok(())
    }

    fn free(&mut self, word: &str, freedom: Freedom) -> Result<(), String> {
        match std::mem::replace(&mut self.freedom, freedom) {
            Freedom::Bound => Ok(()),
            Freedom::Free | Freedom::Open | Freedom::Closed => Err(format!(
                "`{word}` is a second of `free`, `open` and `closed`; keep one"
            )),
        }
    }
}

/// Where the sets end: before the first word that is neither a need, nor an operator, nor joined to one.
fn sets_end(text: &str) -> usize {
    let is_set = |word: &str| !word.contains('=') && word.contains([':', '|', '+']);
    let mut end = 0;
    let mut joined = false;
    for word in text.split_whitespace() {
        if !is_set(word) && !joined {
            break;
        }
        joined = word.ends_with(['|', '+']);
        end = word.as_ptr() as usize - text.as_ptr() as usize + word.len();
    }
    end
}

fn need(text: &str) -> Result<WrittenNeed<'_>, String> {
    let text = text.trim();
    if text.split_whitespace().nth(1).is_some() {
        return Err(format!(
            "put `+` (both) or `|` (either) between the permissions of `{text}`"
        ));
    }
    let (permission, target) = match text.split_once('@') {
        Some((permission, number)) => (permission, Some(target_number(number)?)),
        None => (text, None),
    };
    let (slug, level) = permission
        .split_once(':')
        .ok_or_else(|| format!("`{text}` names no permission; write `permission:level`"))?;
    let level = Level::from_str(level).map_err(|error| error.to_string())?;
    Ok(WrittenNeed {
        slug,
        level,
        target,
    })
}

fn target_number(number: &str) -> Result<usize, String> {
    match number.parse::<usize>() {
        Ok(counted) => Ok(counted.checked_sub(1).unwrap_or(Need::NOWHERE)),
        Err(_) => Err(format!(
            "`@{number}` counts the targets of the path from 1; `@0` is none of them"
        )),
    }
}

fn target(text: &str) -> Result<TargetTemplate, String> {
    let (kind, param) = text.split_once(':').unwrap_or((text, ""));
    let param = param.to_owned();
    match kind {
        "account" => Ok(TargetTemplate::Account {
            param: (!param.is_empty()).then_some(param),
        }),
        "organization" => Ok(TargetTemplate::Organization { param }),
        "enterprise" => Ok(TargetTemplate::Enterprise { param }),
        "user" => Ok(TargetTemplate::User { param }),
        "repository" => param
            .split_once('/')
            .map(|(owner, name)| TargetTemplate::Repository {
                owner_param: owner.to_owned(),
                name_param: name.to_owned(),
            })
            .ok_or_else(|| format!("`{text}` lacks a parameter; write `repository:owner/repo`")),
        _ => Err(format!(
            "`{text}` is no target; use `repository:owner/repo`, `organization:org`, `enterprise:enterprise`, `account`, `account:username`, `user:username` or `none`"
        )),
    }
}

fn put<T>(option: &mut Option<T>, value: T, word: &str) -> Result<(), String> {
    match option.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!(
            "`{word}` is a second value for the same option; keep one"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Level::{Read, Write};

    fn good(text: &str) -> Line<'_> {
        let (line, mistakes) = Line::parse(text);
        assert_eq!(mistakes, Vec::<String>::new(), "{text}");
        line
    }

    fn need(slug: &str, level: Level) -> WrittenNeed<'_> {
        WrittenNeed {
            slug,
            level,
            target: None,
        }
    }

    #[test]
    fn a_bar_separates_sets_and_a_plus_their_permissions() {
        for text in [
            "a:write | a:write + b:read",
            "a:write|a:write+b:read",
            "a:write| a:write +b:read",
        ] {
            assert_eq!(
                good(text).sets,
                [
                    vec![need("a", Write)],
                    vec![need("a", Write), need("b", Read)]
                ],
                "{text}"
            );
        }
    }

    #[test]
    fn flags_and_options_follow_the_sets() {
        let line = good(
            "a:read public role=triage scopes=repo,gist targets=repository:owner/repo,account",
        );
        assert!(line.public && line.freedom == Freedom::Bound && !line.spans);
        assert_eq!(line.role, Some("triage"));
        assert_eq!(line.scopes, Some(vec!["repo", "gist"]));
        assert_eq!(line.targets.map(|targets| targets.len()), Some(2));
        assert_eq!(good("free scopes=none").scopes, Some(Vec::new()));
        assert!(good("").sets.is_empty());
        assert_eq!(good("closed").freedom, Freedom::Closed);
    }

    #[test]
    fn a_need_can_name_its_target() {
        assert_eq!(good("a:read@2").sets[0][0].target, Some(1));
        assert_eq!(good("a:read@0").sets[0][0].target, Some(Need::NOWHERE));
    }

    #[test]
    fn each_mistake_says_what_to_write() {
        let table = [
            ("a:none", "`none` is not a level"),
            ("a:read b:read", "put `+` (both) or `|` (either)"),
            ("a:read | public", "`public` names no permission"),
            ("a:read + + b:read", "names no permission"),
            ("a:read@x", "counts the targets of the path from 1"),
            ("a:read listing", "`listing` is no flag"),
            (
                "free free",
                "`free` is a second of `free`, `open` and `closed`",
            ),
            (
                "free open",
                "`open` is a second of `free`, `open` and `closed`",
            ),
            ("public public", "`public` stands twice"),
            ("a:read colour=red", "`colour=` is no option"),
            ("a:read role=read role=write", "second value"),
            ("a:read targets=moon", "`moon` is no target"),
            ("a:read targets=repository:owner", "lacks a parameter"),
        ];
        for (text, expected) in table {
            let (_, mistakes) = Line::parse(text);
            assert!(
                mistakes.iter().any(|mistake| mistake.contains(expected)),
                "{text}: {mistakes:?}"
            );
        }
    }

    #[test]
    fn every_mistake_of_a_line_is_found() {
        let (_, mistakes) = Line::parse("a:none + b shiny role");
        assert_eq!(mistakes.len(), 4, "{mistakes:?}");
    }
}
