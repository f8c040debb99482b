//! Names of accounts, repositories and tokens: which are allowed, and when two are the same (DOMAIN "Names").

/// Words that begin addresses of the console or the API and so can name no account.
const RESERVED: &[&str] = &[
    "about",
    "account",
    "accounts",
    "admin",
    "api",
    "apps",
    "assets",
    "catalog",
    "docs",
    "enroll",
    "enterprise",
    "enterprises",
    "explore",
    "favicon",
    "gate",
    "healthz",
    "help",
    "home",
    "issues",
    "login",
    "logout",
    "meta",
    "new",
    "notifications",
    "oauth",
    "organization",
    "organizations",
    "orgs",
    "repos",
    "search",
    "settings",
    "signin",
    "signup",
    "site",
    "static",
    "styleguide",
    "sudo",
    "user",
    "users",
    "well-known",
];

/// Why a name cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing was written.
    #[error("a name is needed")]
    Empty,
    /// More characters than fit.
    #[error("`{name}` is too long: at most {limit} characters")]
    TooLong {
        /// What was written.
        name: String,
        /// How many characters fit.
        limit: usize,
    },
    /// A character that addresses cannot carry.
    #[error("`{name}` holds `{found}`: use only letters, digits and {others}")]
    Character {
        /// What was written.
        name: String,
        /// The first character that is not allowed.
        found: char,
        /// The other characters that are.
        others: &'static str,
    },
    /// A place where `-` or `.` is not allowed.
    #[error(
        "`{0}` cannot be used: a name does not start or end with `-`, is not `.` or `..` and does not end in `.git`"
    )]
    Shape(String),
    /// A word that addresses use.
    #[error("`{0}` is kept for addresses of Grantry: choose another name")]
    Reserved(String),
}

/// The form in which names are compared: names ignore case.
pub fn key(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// Checks the login of a user or organization, or the slug of an enterprise.
pub fn check_login(login: &str) -> Result<(), NameError> {
    check(login, 39, |c| c.is_ascii_alphanumeric() || c == '-', "`-`")?;
    if RESERVED.contains(&key(login).as_str()) {
        return Err(NameError::Reserved(login.to_owned()));
    }
    Ok(())
}

/// Checks the name of a repository.
pub fn check_repository(name: &str) -> Result<(), NameError> {
    check(
        name,
        100,
        |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'),
        "`-`, `_`, `.`",
    )?;
    let dots = name == "." || name == "..";
    let is_git_folder = key(name)
        .rsplit_once('.')
        .is_some_and(|(_, ending)| ending == "git");
    if dots || is_git_folder {
        return Err(NameError::Shape(name.to_owned()));
    }
    Ok(())
}

/// Checks the name of a guarded service.
pub fn check_service(name: &str) -> Result<(), NameError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    check(name, 39, allowed, "`-`, `_`")
}

fn check(
    name: &str,
    limit: usize,
    allowed: fn(char) -> bool,
    others: &'static str,
) -> Result<(), NameError> {
    if name.is_empty() {
        return Err(NameError::Empty);
    }
    if name.chars().count() > limit {
        return Err(NameError::TooLong {
            name: name.chars().take(limit).collect(),
            limit,
        });
    }
    if let Some(found) = name.chars().find(|c| !allowed(*c)) {
        return Err(NameError::Character {
            name: name.to_owned(),
            found,
            others,
        });
    }
    if name.starts_with('-') || name.ends_with('-') {
        return Err(NameError::Shape(name.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_keep_to_letters_digits_and_inner_dashes() {
        for good in ["ana", "Acme", "a", "a-b", "x1"] {
            assert_eq!(check_login(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "-a",
            "a-",
            "a_b",
            "a.b",
            "a b",
            "ä",
            "settings",
            "API",
            &"a".repeat(40),
        ] {
            assert!(check_login(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn repository_names_also_take_dots_and_underscores() {
        for good in ["web", ".github", "a_b", "a.b", &"r".repeat(100)] {
            assert_eq!(check_repository(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            ".",
            "..",
            "web.git",
            "WEB.GIT",
            "a/b",
            "-x",
            &"r".repeat(101),
        ] {
            assert!(check_repository(bad).is_err(), "{bad}");
        }
    }
}
