//! What a repository may be called, say of itself and be seen by (DOMAIN §1 and "Names"): the rules that console, API and
//! imports share.

use super::access::rights::Visibility;
use super::names::{self, NameError};

/// The longest description, in characters.
pub const LONGEST_DESCRIPTION: usize = 350;

/// For so many days a name that was freed is kept back: whoever still uses it must not meet another repository there.
pub const NAME_KEPT_DAYS: i64 = 90;

words! {
    /// What a mistake is about, by the name of its field.
    Field {
        /// The name.
        Name = "name",
        /// The description.
        Description = "description",
        /// Who can read it.
        Visibility = "visibility",
        /// The person who would get a role.
        Person = "person",
        /// The role.
        Role = "role",
    }
}

/// Something about a repository that cannot be as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// What it is about.
    pub field: Field,
    /// What is wrong and what would be right, as a sentence.
    pub message: String,
}

impl Mistake {
    /// A mistake in a field.
    pub fn new(field: Field, message: impl Into<String>) -> Self {
        Self {
            field,
            message: message.into(),
        }
    }
}

/// What is wrong with a name, if anything.
pub fn check_name(name: &str) -> Option<Mistake> {
    let error = names::check_repository(name).err()?;
    let message = match error {
        NameError::Empty => "A repository needs a name.".to_owned(),
        other => format!("{other}."),
    };
    Some(Mistake::new(Field::Name, message))
}

/// What is wrong with a description, if anything.
pub fn check_description(text: &str) -> Option<Mistake> {
    let length = text.chars().count();
    let message = if length > LONGEST_DESCRIPTION {
        format!("The description has {length} characters; {LONGEST_DESCRIPTION} fit.")
    } else if text.chars().any(char::is_control) {
        "The description holds a line break or a character that cannot be shown: take it out."
            .to_owned()
    } else {
        return None;
    };
    Some(Mistake::new(Field::Description, message))
}

/// What is wrong with a visibility, if anything: only an enterprise has insiders.
pub fn check_visibility(
    owner: &str,
    has_enterprise: bool,
    visibility: Visibility,
) -> Option<Mistake> {
    let is_alone = visibility == Visibility::Internal && !has_enterprise;
    is_alone.then(|| {
        let message = format!(
            "Only members of an enterprise see an internal repository, and {owner} belongs to none: choose private or \
             public."
        );
        Mistake::new(Field::Visibility, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_says_what_would_be_right() {
        for (name, words) in [
            ("", "needs a name"),
            ("a b", "holds ` `"),
            ("web.git", "does not end in `.git`"),
        ] {
            let mistake = check_name(name).expect("it is none");
            assert!(mistake.message.contains(words), "{mistake:?}");
        }
        assert_eq!(check_name("web"), None);
    }

    #[test]
    fn a_description_is_one_line_that_fits() {
        assert_eq!(check_description(&"ä".repeat(350)), None);
        assert!(check_description(&"ä".repeat(351)).is_some());
        assert!(check_description("one\ntwo").is_some());
    }

    #[test]
    fn only_an_enterprise_has_insiders() {
        use Visibility::{Internal, Private, Public};
        for (has_enterprise, visibility, is_fine) in [
            (false, Internal, false),
            (true, Internal, true),
            (false, Private, true),
            (false, Public, true),
        ] {
            let found = check_visibility("ana", has_enterprise, visibility);
            assert_eq!(found.is_none(), is_fine, "{has_enterprise} {visibility}");
        }
    }
}
