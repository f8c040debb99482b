//! The rows that were chosen in a list: each with the version that its row showed, so that nothing is decided that
//! nobody saw.

use crate::actions::review_many::Shown;
use crate::store::listings::Entry;
use crate::web::form::Fields;

/// The name of the check boxes.
pub const FIELD: &str = "chosen";

/// What a check box sends: `ID-VERSION`.
pub fn value(entry: &Entry) -> String {
    format!("{}-{}", entry.id, entry.grant_rev)
}

/// Everything that was chosen; what cannot be read is left out, as nobody's page sends it.
pub fn read<Id>(fields: &Fields, id: impl Fn(i64) -> Id) -> Vec<Shown<Id>> {
    let shown = |text: &str| {
        let (number, rev) = text.split_once('-')?;
        Some(Shown {
            id: id(number.parse().ok()?),
            rev: Some(rev.parse().ok()?),
        })
    };
    fields.all(FIELD).into_iter().filter_map(shown).collect()
}

/// The chosen rows as an address or hidden fields write them.
pub fn fields<Id: Copy>(chosen: &[Shown<Id>], number: impl Fn(Id) -> i64) -> Vec<(String, String)> {
    let field = |one: &Shown<Id>| {
        let rev = one.rev.unwrap_or_default();
        (FIELD.to_owned(), format!("{}-{rev}", number(one.id)))
    };
    chosen.iter().map(field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_with_the_version_that_it_showed() {
        let sent = Fields::parse("chosen=7-2&chosen=x&chosen=9&chosen=8-1&chosen=1-2-3");
        let chosen = read(&sent, |id| id);
        let shown: Vec<_> = chosen.iter().map(|one| (one.id, one.rev)).collect();
        assert_eq!(shown, [(7, Some(2)), (8, Some(1))]);
        assert_eq!(
            fields(&chosen, |id| id),
            [
                ("chosen".to_owned(), "7-2".to_owned()),
                ("chosen".to_owned(), "8-1".to_owned())
            ]
        );
    }
}
