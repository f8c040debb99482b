//! What a person says of themselves: a name, an email address, and names for passkeys.

/// The longest name of a person or organization in sentences, and the longest email address, in characters.
pub const LONGEST: usize = 255;
/// The longest name of a passkey, in characters.
pub const LONGEST_PASSKEY: usize = 60;
/// How many passkeys a person may have.
pub const MOST_PASSKEYS: usize = 20;

/// Checks a person's name; spaces around it are cut off.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub fn name(typed: &str) -> Result<&str, &'static str> {
    let name = typed.trim();
    if name.is_empty() {
        Err("Write the name that other people see.")
    } else if name.chars().count() > LONGEST {
        Err("A name has at most 255 characters.")
    } else if name.contains(char::is_control) {
        Err("A name is one line of plain text.")
    } else {
        Ok(name)
    }
}

/// Checks an email address; none is fine.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub fn email(typed: &str) -> Result<Option<&str>, &'static str> {
    let email = typed.trim();
    if email.is_empty() {
        Ok(None)
    } else if email.chars().count() > LONGEST {
        Err("An email address has at most 255 characters.")
    } else if is_email(email) {
        Ok(Some(email))
    } else {
        Err("An email address looks like `ana@example.com`.")
    }
}

/// Whether a text has the form of an email address: something on either side of one `@`, and nothing that could end a
/// mail's header.
pub fn is_email(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
        && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control())
}

/// Checks a passkey's name; one that is empty becomes `My passkey`.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub fn passkey_name(typed: &str) -> Result<&str, &'static str> {
    let name = typed.trim();
    if name.is_empty() {
        Ok("My passkey")
    } else if name.chars().count() > LONGEST_PASSKEY {
        Err("The name of a passkey has at most 60 characters.")
    } else if name.contains(char::is_control) {
        Err("The name of a passkey is one line of plain text.")
    } else {
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_line_of_at_most_255_characters() {
        assert_eq!(name("  Ana Lima "), Ok("Ana Lima"));
        assert!(name(" ").is_err());
        assert!(name(&"é".repeat(255)).is_ok());
        assert!(name(&"é".repeat(256)).is_err());
        assert!(name("Ana\nLima").is_err());
    }

    #[test]
    fn an_email_address_has_two_sides() {
        assert_eq!(email(""), Ok(None));
        assert_eq!(email(" ana@example.test "), Ok(Some("ana@example.test")));
        for wrong in [
            "ana",
            "@example.test",
            "ana@",
            "a@b@c",
            "ana lima@example.test",
            "a@b\u{0}",
        ] {
            assert!(email(wrong).is_err(), "{wrong:?}");
        }
        assert!(email(&format!("{}@x.test", "a".repeat(255))).is_err());
    }

    #[test]
    fn a_passkey_without_a_name_gets_one_and_a_long_one_is_refused() {
        assert_eq!(passkey_name(" "), Ok("My passkey"));
        assert_eq!(passkey_name("Phone"), Ok("Phone"));
        assert!(passkey_name(&"x".repeat(60)).is_ok());
        assert!(passkey_name(&"x".repeat(61)).is_err());
    }
}
