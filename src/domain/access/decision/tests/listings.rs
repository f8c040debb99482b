//! Step 7 for routes that need a repository permission and name no repository.

use super::*;

fn organization() -> Target<'static> {
    Target::Organization(acme())
}

fn sees(selection: Selection) -> TokenFacts {
    token([GrantFacts {
        selection,
        ..grant(ACME).holds(&[("metadata", Level::Read), ("issues", Level::Read)])
    }])
}

const SEARCH: &str = "GET /orgs/{org}/search";

#[test]
fn our_own_api_lists_for_everybody_and_filters_item_by_item() {
    for token in [
        token([]),
        sees(Selection::All),
        sees(Selection::Public),
        classic(&[]),
    ] {
        let list = ask(LIST).of(organization());
        assert_eq!(list.by(&token), Ok(Basis::PublicRead));
        assert_eq!(
            ask(SEARCH).of(organization()).by(&token),
            Ok(Basis::Listing)
        );
    }
    assert_eq!(
        ask(SEARCH).of(Target::Missing).by(&sees(Selection::All)),
        Err(Reason::NotFound)
    );
}

#[test]
fn a_door_lists_only_for_all() {
    let owner = Target::Organization(OwnerFacts {
        role: Some(MemberRole::Owner),
        ..acme()
    });
    let list = ask(LIST).of(owner).at(SERVICE);
    assert_eq!(
        list.by(&sees(Selection::All)),
        allowed(ACME, "metadata", Level::Read)
    );
    for selection in [Selection::Public, Selection::Selected([WEB].into())] {
        assert_eq!(
            list.by(&sees(selection.clone())),
            Err(Reason::NotTargeted),
            "{selection:?}"
        );
    }
}

#[test]
fn a_member_does_not_list_at_a_door_what_only_an_owner_is_sure_to_see() {
    let list = ask(LIST).of(organization()).at(SERVICE);
    assert_eq!(list.by(&sees(Selection::All)), Err(Reason::MissingRole));
}

#[test]
fn a_service_that_filters_by_itself_lists_for_any_selection() {
    let list = ask(LIST).of(organization()).at(FILTERING);
    for selection in [
        Selection::All,
        Selection::Public,
        Selection::Selected([WEB].into()),
    ] {
        assert_eq!(
            list.by(&sees(selection)),
            allowed(ACME, "metadata", Level::Read)
        );
    }
    assert_eq!(
        list.by(&token([grant(ACME)])),
        Err(Reason::MissingPermission)
    );
}

#[test]
fn creating_a_repository_needs_all_at_every_door() {
    let owner = Target::Organization(OwnerFacts {
        role: Some(MemberRole::Owner),
        ..acme()
    });
    let runs = grant(ACME).holds(&[("administration", Level::Write)]);
    for door in [Door::Api, SERVICE, FILTERING] {
        let create = ask(CREATE).of(owner).at(door);
        assert!(create.by(&token([runs.clone()])).is_ok(), "{door:?}");
        let selected = token([runs.clone().selected(&[WEB])]);
        assert_eq!(create.by(&selected), Err(Reason::NotTargeted), "{door:?}");
    }
    let member = ask(CREATE).of(organization());
    assert_eq!(member.by(&token([runs])), Err(Reason::MissingRole));
}

#[test]
fn a_route_without_an_owner_is_not_targeted() {
    let call = ask(LIST).at(SERVICE);
    for token in [sees(Selection::All), classic(&["repo"])] {
        assert_eq!(call.by(&token), Err(Reason::NotTargeted));
    }
}

#[test]
fn a_set_that_needs_no_repository_is_enough_without_all() {
    let call = ask("GET /orgs/{org}/either").of(organization()).at(SERVICE);
    let people = grant(ACME)
        .selected(&[WEB])
        .holds(&[("members", Level::Read)]);
    assert_eq!(
        call.by(&token([people])),
        allowed(ACME, "members", Level::Read)
    );
    let issues = grant(ACME)
        .selected(&[WEB])
        .holds(&[("issues", Level::Read)]);
    assert_eq!(call.by(&token([issues])), Err(Reason::MissingPermission));
}
