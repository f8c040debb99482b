//! The part of `grantry token create` in which order counts: each `--owner` begins a grant, and what follows belongs
//! to it.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

/// What is asked of one owner, as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TypedWish {
    /// The owner's login or slug.
    pub(super) owner: String,
    /// Every `--repo`.
    pub(super) repositories: Vec<String>,
    /// Whether `--all` was given.
    pub(super) all: bool,
    /// Whether `--public` was given.
    pub(super) public: bool,
    /// Every `--permission`.
    pub(super) permissions: Vec<String>,
}

/// What is asked of every owner, in the order typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct TypedWishes(pub(super) Vec<TypedWish>);

fn text(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name(value)
        .action(ArgAction::Append)
        .help_heading("Grants")
        .help(help)
}

/// A flag that can be given once for each owner.
fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .action(ArgAction::Append)
        .num_args(0)
        .default_missing_value("true")
        .help_heading("Grants")
        .help(help)
}

impl Args for TypedWishes {
    fn augment_args(command: Command) -> Command {
        command
            .arg(text(
                "owner",
                "LOGIN",
                "Begin a grant at this user, organization or enterprise; what follows belongs to it",
            ))
            .arg(text(
                "repo",
                "NAME",
                "Name a repository of the owner; may be repeated",
            ))
            .arg(flag(
                "all",
                "Every repository of the owner, also those to come",
            ))
            .arg(flag(
                "public",
                "Public repositories only, to read [default where no repository is named]",
            ))
            .arg(text(
                "permission",
                "NAME=LEVEL",
                "Ask for a permission, such as contents=read; may be repeated",
            ))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for TypedWishes {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut words: Vec<(usize, &'static str, String)> = Vec::new();
        for name in ["owner", "repo", "all", "public", "permission"] {
            let indices = matches.indices_of(name).into_iter().flatten();
            let values = matches.get_many::<String>(name).into_iter().flatten();
            words.extend(
                indices
                    .zip(values)
                    .map(|(at, value)| (at, name, value.clone())),
            );
        }
        words.sort();
        let mut wishes = Self::default();
        for (_, name, value) in words {
            wishes.take(name, value)?;
        }
        Ok(wishes)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl TypedWishes {
    fn take(&mut self, name: &str, value: String) -> Result<(), clap::Error> {
        if name == "owner" {
            self.0.push(TypedWish {
                owner: value,
                ..TypedWish::default()
            });
            return Ok(());
        }
        let Some(wish) = self.0.last_mut() else {
            let message =
                format!("`--{name}` belongs to an owner: write `--owner LOGIN` before it");
            return Err(clap::Error::raw(
                clap::error::ErrorKind::MissingRequiredArgument,
                message,
            ));
        };
        match name {
            "repo" => wish.repositories.push(value),
            "all" => wish.all = true,
            "public" => wish.public = true,
            _ => wish.permissions.push(value),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<TypedWishes, clap::Error> {
        let command = TypedWishes::augment_args(Command::new("create"));
        let matches = command.try_get_matches_from(std::iter::once(&"create").chain(words))?;
        TypedWishes::from_arg_matches(&matches)
    }

    #[test]
    fn what_follows_an_owner_belongs_to_it() {
        let wishes = read(&[
            "--owner",
            "acme",
            "--repo",
            "web",
            "--repo",
            "api",
            "--permission",
            "issues=read",
            "--owner",
            "labs",
            "--all",
            "--permission",
            "contents=read",
            "--owner",
            "ana",
            "--public",
        ]);
        let wishes = wishes.expect("the words fit").0;
        assert_eq!(wishes.len(), 3);
        assert_eq!(wishes[0].repositories, ["web", "api"]);
        assert_eq!(wishes[0].permissions, ["issues=read"]);
        assert!(!wishes[0].all && wishes[1].all && !wishes[2].all);
        assert_eq!(wishes[1].permissions, ["contents=read"]);
        assert!(wishes[2].public && !wishes[1].public);
    }

    #[test]
    fn what_comes_before_every_owner_is_refused() {
        let error = read(&["--all", "--owner", "acme"]).expect_err("it belongs to nobody");
        assert!(
            error
                .to_string()
                .contains("write `--owner LOGIN` before it"),
            "{error}"
        );
    }
}
