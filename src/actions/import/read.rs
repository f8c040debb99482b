//! From the text of a directory file to a [`Directory`], or every mistake that can be seen without a database.

pub(super) mod services;

use toml::de::{DeTable, DeValue};

use super::directory::{
    At, Collaborator, Directory, EnterpriseEntry, IssueEntry, Mistake, OrganizationEntry, Place,
    Policies, PolicyEntry, RepositoryEntry, UserEntry,
};
use super::source::{Reader, Table};
use crate::actions::issues::{LONGEST_BODY, LONGEST_TITLE};
use crate::domain::policy::setting::Limit;
use crate::domain::profile;
use crate::domain::token::expiry::LONGEST_DAYS;

/// The longest login, slug or repository name that is read at all; the rules of names say more.
const LONGEST_NAME: usize = 200;

/// The longest description of a repository, in characters.
const LONGEST_DESCRIPTION: usize = 350;

/// The longest path of a repository to copy, in characters.
const LONGEST_PATH: usize = 4_096;

impl Directory {
    /// Reads the text of a directory file.
    ///
    /// # Errors
    /// Every mistake with its place, in the order of the file.
    pub fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
        let mut reader = Reader::of(text);
        let root = DeTable::parse(text).map_err(|error| vec![syntax(&reader, &error)])?;
        let mut root = Reader::root(root.get_ref());
        let directory = Self {
            users: each(&mut reader, &mut root, "users", user),
            enterprises: each(&mut reader, &mut root, "enterprises", enterprise),
            organizations: each(&mut reader, &mut root, "organizations", organization),
            repositories: each(&mut reader, &mut root, "repositories", repository),
            issues: each(&mut reader, &mut root, "issues", issue),
            services: each(&mut reader, &mut root, "services", services::service),
        };
        reader.finish(
            &root,
            &[
                "users",
                "enterprises",
                "organizations",
                "repositories",
                "issues",
                "services",
            ],
        );
        if reader.mistakes.is_empty() {
            return Ok(directory);
        }
        reader.mistakes.sort();
        Err(reader.mistakes)
    }
}

fn syntax(reader: &Reader, error: &toml::de::Error) -> Mistake {
    let line = error.span().map_or(1, |span| reader.line(span.start));
    Mistake {
        place: Place {
            line,
            table: String::new(),
            key: String::new(),
        },
        message: format!("this is not TOML: {}", error.message()),
    }
}

/// One entry, if it could be read, and the keys that it knows.
type Read<T> = (Option<T>, &'static [&'static str]);

fn each<'t, T>(
    reader: &mut Reader,
    root: &mut Table<'t>,
    name: &str,
    read: fn(&mut Reader, &mut Table<'t>) -> Read<T>,
) -> Vec<T> {
    let mut entries = Vec::new();
    for mut table in reader.tables(root, name) {
        let (entry, known) = read(reader, &mut table);
        reader.finish(&table, known);
        entries.extend(entry);
    }
    entries
}

fn user(reader: &mut Reader, table: &mut Table<'_>) -> Read<UserEntry> {
    let login = reader.required(table, "login", LONGEST_NAME);
    let name = title(reader, table, "name");
    let email = email(reader, table);
    let site_admin = reader.flag(table, "site_admin");
    let suspended = reader.flag(table, "suspended");
    let entry = login.map(|login| UserEntry {
        login,
        name,
        email,
        site_admin,
        suspended,
    });
    (
        entry,
        &["login", "name", "email", "site_admin", "suspended"],
    )
}

fn title(reader: &mut Reader, table: &mut Table<'_>, key: &str) -> Option<String> {
    let text = reader.line_of_text(table, key, profile::LONGEST)?;
    if text.value.trim().is_empty() {
        reader.add(
            text.place,
            "the text is empty: write it out, or leave the key away",
        );
        return None;
    }
    Some(text.value)
}

fn email(reader: &mut Reader, table: &mut Table<'_>) -> Option<String> {
    let text = reader.line_of_text(table, "email", profile::LONGEST)?;
    if profile::is_email(&text.value) {
        return Some(text.value);
    }
    let message = format!(
        "`{}` is no email address such as `ana@example.com`",
        text.value
    );
    reader.add(text.place, message);
    None
}

fn enterprise(reader: &mut Reader, table: &mut Table<'_>) -> Read<EnterpriseEntry> {
    let slug = reader.required(table, "slug", LONGEST_NAME);
    let name = title(reader, table, "name");
    let owners = reader.texts(table, "owners");
    let managed_users = reader.texts(table, "managed_users");
    let policies = policies(reader, table, true);
    let entry = slug.map(|slug| EnterpriseEntry {
        slug,
        name,
        owners,
        managed_users,
        policies,
    });
    (
        entry,
        &["slug", "name", "owners", "managed_users", "policy"],
    )
}

fn organization(reader: &mut Reader, table: &mut Table<'_>) -> Read<OrganizationEntry> {
    let login = reader.required(table, "login", LONGEST_NAME);
    let name = title(reader, table, "name");
    let enterprise = reader.line_of_text(table, "enterprise", LONGEST_NAME);
    let owners = reader.texts(table, "owners");
    let members = reader.texts(table, "members");
    let base_permission = reader.word(table, "base_permission").map(|word| word.value);
    let policies = policies(reader, table, false);
    let entry = login.map(|login| OrganizationEntry {
        login,
        name,
        enterprise,
        owners,
        members,
        base_permission,
        policies,
    });
    let known = &[
        "login",
        "name",
        "enterprise",
        "owners",
        "members",
        "base_permission",
        "policy",
    ];
    (entry, known)
}

fn policies<A, B>(reader: &mut Reader, table: &mut Table<'_>, may_exempt: bool) -> Policies<A, B>
where
    A: std::str::FromStr<Err: std::fmt::Display>,
    B: std::str::FromStr<Err: std::fmt::Display>,
{
    let Some((mut policy, _)) = reader.inner_table(table, "policy") else {
        return Policies {
            fine_grained: None,
            classic: None,
        };
    };
    let fine_grained = policy_of(reader, &mut policy, "fine_grained", may_exempt, true);
    let classic = policy_of(reader, &mut policy, "classic", may_exempt, false);
    reader.finish(&policy, &["fine_grained", "classic"]);
    Policies {
        fine_grained,
        classic,
    }
}

fn policy_of<A, B>(
    reader: &mut Reader,
    policy: &mut Table<'_>,
    kind: &str,
    may_exempt: bool,
    has_approval: bool,
) -> Option<At<PolicyEntry<A, B>>>
where
    A: std::str::FromStr<Err: std::fmt::Display>,
    B: std::str::FromStr<Err: std::fmt::Display>,
{
    let (mut table, place) = reader.inner_table(policy, kind)?;
    let access = reader.word(&mut table, "access").map(|word| word.value);
    let approval = if has_approval {
        reader.word(&mut table, "approval").map(|word| word.value)
    } else {
        None
    };
    let lifetime = lifetime(reader, &mut table);
    let exempt_administrators = if may_exempt {
        reader.flag(&mut table, "exempt_administrators")
    } else {
        None
    };
    let mut known = vec!["access", "max_lifetime_days"];
    if has_approval {
        known.push("approval");
    }
    if may_exempt {
        known.push("exempt_administrators");
    }
    reader.finish(&table, &known);
    let value = PolicyEntry {
        access,
        approval,
        lifetime,
        exempt_administrators,
    };
    Some(At { value, place })
}

fn lifetime(reader: &mut Reader, table: &mut Table<'_>) -> Option<At<Limit>> {
    let expected = format!("write a whole number of days from 1 to {LONGEST_DAYS}, or \"none\"");
    reader.value(table, "max_lifetime_days", &expected, |value| match value {
        DeValue::Integer(days) => {
            let days: u16 = days.as_str().parse().ok()?;
            (1..=LONGEST_DAYS)
                .contains(&days)
                .then_some(Limit::Days(days))
        }
        DeValue::String(word) if word == "none" => Some(Limit::Unlimited),
        _ => None,
    })
}

fn repository(reader: &mut Reader, table: &mut Table<'_>) -> Read<RepositoryEntry> {
    let owner = reader.required(table, "owner", LONGEST_NAME);
    let name = reader.required(table, "name", LONGEST_NAME);
    let description = reader
        .line_of_text(table, "description", LONGEST_DESCRIPTION)
        .map(|text| text.value);
    let visibility = reader.word(table, "visibility");
    let collaborators = collaborators(reader, table);
    let source = reader.required_if_there(table, "source", LONGEST_PATH);
    let entry = owner.zip(name).map(|(owner, name)| RepositoryEntry {
        owner,
        name,
        description,
        visibility,
        collaborators,
        source,
    });
    let known = &[
        "owner",
        "name",
        "description",
        "visibility",
        "collaborators",
        "source",
    ];
    (entry, known)
}

fn collaborators(reader: &mut Reader, table: &mut Table<'_>) -> Option<Vec<Collaborator>> {
    let tables = reader.inner_tables(table, "collaborators")?;
    let mut people = Vec::new();
    for mut table in tables {
        let user = reader.required(&mut table, "user", LONGEST_NAME);
        let written = reader.required(&mut table, "role", LONGEST_NAME);
        let role = written.and_then(|role| match role.value.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                let message = format!("{error}");
                reader.add(role.place, message);
                None
            }
        });
        reader.finish(&table, &["user", "role"]);
        people.extend(
            user.zip(role)
                .map(|(user, role)| Collaborator { user, role }),
        );
    }
    Some(people)
}

fn issue(reader: &mut Reader, table: &mut Table<'_>) -> Read<IssueEntry> {
    let repository = reader.required(table, "repository", 2 * LONGEST_NAME);
    let author = reader.required(table, "author", LONGEST_NAME);
    let title = reader.required(table, "title", LONGEST_TITLE);
    let body = reader.text(table, "body");
    if let Some(body) = &body
        && body.value.chars().count() > LONGEST_BODY
    {
        reader.add(
            body.place.clone(),
            format!("the text is longer than {LONGEST_BODY} characters"),
        );
    }
    let entry = repository
        .zip(author)
        .zip(title)
        .map(|((repository, author), title)| IssueEntry {
            repository,
            author,
            title,
            body: body.map(|body| body.value).unwrap_or_default(),
        });
    (entry, &["repository", "author", "title", "body"])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(text: &str) -> Vec<String> {
        Directory::parse(text)
            .expect_err("the text has mistakes")
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn what_is_absent_is_not_read_as_empty() {
        let directory = Directory::parse("[[organizations]]\nlogin = \"acme\"\nmembers = []\n");
        let directory = directory.expect("it can be read");
        assert_eq!(directory.organizations[0].owners, None);
        let members = directory.organizations[0].members.as_ref();
        assert_eq!(members.map(|members| members.value.len()), Some(0));
    }

    #[test]
    fn every_mistake_is_named_with_its_place_at_once() {
        let text = "\
[[users]]
login = \"ana\"
email = \"ana\"
sitadmin = true
[[users]]
name = \"Ben\"
[[organizations]]
login = \"acme\"
base_permission = \"owner\"
policy.classic = { approval = \"required\", max_lifetime_days = 0 }
[[repositories]]
owner = \"acme\"
name = \"web\"
collaborators = [{ user = \"carl\", role = \"boss\" }]
[[teams]]
";
        let found = mistakes(text).join("\n");
        for expected in [
            "line 3, [[users]] number 1, key `email`: `ana` is no email address",
            "line 4, [[users]] number 1: there is no key `sitadmin`",
            "line 5, [[users]] number 2: `login` is missing",
            "line 9, [[organizations]] number 1, key `base_permission`: `owner` is not one of",
            "there is no key `approval`: known are `access`, `max_lifetime_days`",
            "key `max_lifetime_days`: write a whole number of days from 1 to 366, or \"none\"",
            "key `role`: `boss` is not a role",
            "there is no key `teams`",
        ] {
            assert!(found.contains(expected), "{expected} is not in\n{found}");
        }
    }

    #[test]
    fn a_service_is_read_with_what_is_absent_left_open() {
        let directory =
            Directory::parse("[[services]]\nname = \"edge\"\nproxy = \"forwarded\"\nhosts = []\n");
        let directory = directory.expect("it can be read");
        let service = &directory.services[0];
        assert_eq!(
            service.proxy,
            Some(crate::domain::service::Proxy::Forwarded)
        );
        assert_eq!(
            service.hosts.as_ref().map(|hosts| hosts.value.len()),
            Some(0)
        );
        assert_eq!((&service.owners, service.filters), (&None, None));
        let found = mistakes("[[services]]\nname = \"edge\"\nproxy = \"nginx\"\nsecret = \"x\"\n")
            .join("\n");
        assert!(found.contains("key `proxy`: `nginx` is not"), "{found}");
        assert!(found.contains("there is no key `secret`"), "{found}");
    }

    #[test]
    fn a_text_that_is_not_toml_names_the_line() {
        let found = mistakes("[[users]]\nlogin = ana\n");
        assert!(
            found[0].starts_with("line 2: this is not TOML"),
            "{found:?}"
        );
    }

    #[test]
    fn limits_are_days_or_none() {
        let text = "[[enterprises]]\nslug = \"globex\"\n\
            policy.fine_grained = { max_lifetime_days = 366 }\npolicy.classic = { max_lifetime_days = \"none\" }\n";
        let directory = Directory::parse(text).expect("it can be read");
        let policies = &directory.enterprises[0].policies;
        let limit = |policy: &Option<At<PolicyEntry<_, _>>>| {
            let policy = policy.as_ref().expect("it is stated");
            policy.value.lifetime.as_ref().map(|limit| limit.value)
        };
        assert_eq!(limit(&policies.fine_grained), Some(Limit::Days(366)));
        assert_eq!(limit(&policies.classic), Some(Limit::Unlimited));
    }
}
