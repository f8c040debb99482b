use super::*;
use crate::domain::permission::Level;
use crate::domain::time::Timestamp;
use crate::web::form::Fields;

const ANA: AccountId = AccountId::new(1);
const ACME: AccountId = AccountId::new(7);
const NOW: Timestamp = Timestamp::from_micros(1_795_176_000_000_000);

fn read(form: &str) -> Answers {
    Answers::read(&Fields::parse(form), Catalog::github(), &[ANA, ACME])
}

#[test]
fn a_whole_form_becomes_a_draft() {
    let answers = read(
        "csrf=x&step=check&number=n&name=ci&description=d&owner=7&selection-7=selected&repository-7=3&repository-7=4\
         &permission-7-issues=read&permission-7-contents=none&expires=30&expires-on=&justification=because",
    );
    let (draft, mistakes) = answers.draft(NOW);
    assert_eq!(mistakes, []);
    assert_eq!(draft.name, "ci");
    assert_eq!(draft.justification, "because");
    assert_eq!(draft.expiration, Expiration::Days(30));
    let [wish] = draft.wishes.as_slice() else {
        panic!("one owner")
    };
    assert_eq!(wish.owner, ACME);
    let chosen = [3, 4].map(RepositoryId::new).into();
    assert_eq!(wish.selection, Selection::Selected(chosen));
    let issues = Catalog::github()
        .find_permission("issues")
        .expect("it exists");
    assert_eq!(wish.permissions.level_of(issues.id), Some(Level::Read));
    assert_eq!(wish.permissions.len(), 1);
}

#[test]
fn every_answer_that_means_nothing_is_a_mistake_at_its_place() {
    let table = [
        ("owner=9", Field::Owners),
        ("owner=acme", Field::Owners),
        ("owner=7&owner=7", Field::Owners),
        ("selection-9=all", Field::Owners),
        ("permission-x-issues=read", Field::Owners),
        ("colour=red", Field::Owners),
        ("owner=7&selection-7=some", Field::Repositories(ACME)),
        (
            "owner=7&selection-7=all&selection-7=all",
            Field::Repositories(ACME),
        ),
        ("owner=7&repository-7=web", Field::Repositories(ACME)),
        ("owner=7&permission-7-issues=huge", Field::Permissions(ACME)),
        (
            "owner=7&permission-7-metadata=write",
            Field::Permissions(ACME),
        ),
        (
            "owner=7&permission-7-everything=read",
            Field::Permissions(ACME),
        ),
        ("name=a&name=b", Field::Name),
        ("expires=30&expires=60", Field::Expiration),
    ];
    for (form, field) in table {
        let answers = read(form);
        let places: Vec<_> = answers
            .mistakes
            .iter()
            .map(|mistake| mistake.field)
            .collect();
        assert_eq!(places, [field], "{form}: {:?}", answers.mistakes);
    }
}

#[test]
fn an_expiration_is_days_a_date_or_none() {
    let table = [
        ("expires=7", Ok(Expiration::Days(7))),
        ("expires=none", Ok(Expiration::Never)),
        ("expires=", Err("Choose when the token ends.")),
        (
            "expires=custom",
            Err("Choose the day on which the token ends."),
        ),
        (
            "expires=custom&expires-on=soon",
            Err("`soon` is no date: write it as 2027-01-31."),
        ),
        ("expires=never", Err("`never` is none of the choices.")),
    ];
    for (form, expected) in table {
        let found = read(form).expiration();
        assert_eq!(found, expected.map_err(str::to_owned), "{form}");
    }
    let date = read("expires=custom&expires-on=2026-12-20").expiration();
    assert!(matches!(date, Ok(Expiration::On(_))), "{date:?}");
}

#[test]
fn what_is_answered_about_an_owner_that_is_not_chosen_counts_for_nothing() {
    let answers = read("owner=1&selection-7=all&permission-7-issues=write");
    assert_eq!(answers.mistakes, []);
    assert!(answers.section(ACME).is_none());
    assert_eq!(
        answers.section(ANA).map(Section::selection),
        Some(Selection::Public)
    );
}

#[test]
fn owners_stand_in_the_order_of_the_form() {
    let answers = read("owner=7&owner=1");
    let owners: Vec<_> = answers
        .sections
        .iter()
        .map(|section| section.owner)
        .collect();
    assert_eq!(owners, [ANA, ACME]);
}
