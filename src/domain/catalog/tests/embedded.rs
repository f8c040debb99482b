//! What the catalog that Grantry brings with it says.

use crate::domain::catalog::{Catalog, GITHUB};
use crate::domain::permission::{Group, Level, PermissionSet};
use crate::domain::role::{LeastRole, OwnerRole, RepositoryRole};
use crate::domain::scope::ScopeSet;

#[test]
fn the_embedded_catalog_has_no_mistakes() {
    if let Err(errors) = Catalog::parse(GITHUB) {
        panic!("{errors}");
    }
}

#[test]
fn the_embedded_catalog_holds_the_published_permissions_and_our_ten() {
    let catalog = Catalog::github();
    assert_eq!(catalog.permissions().len(), 88 + 10);
    let counts = Group::ALL.map(|group| catalog.permissions_of(group).count());
    assert_eq!(
        counts,
        [34, 38, 20, 6],
        "repository, organization, account, enterprise"
    );
    assert_eq!(catalog.scopes().len(), 49);
}

#[test]
fn each_group_offers_its_levels() {
    let catalog = Catalog::github();
    let offering = |group, level| {
        let permissions = catalog.permissions_of(group);
        permissions
            .filter(|permission| permission.level(level).is_some())
            .count()
    };
    let counts = Group::ALL.map(|group| Level::ALL.map(|level| offering(group, level)));
    assert_eq!(
        counts,
        [[32, 31, 0], [38, 33, 2], [17, 14, 0], [6, 5, 0]],
        "read, write and admin of repository, organization, account, enterprise"
    );
}

#[test]
fn every_permission_says_what_it_allows() {
    for permission in Catalog::github().permissions() {
        let slug = &permission.slug;
        assert!(permission.sentence.ends_with('.'), "{slug}: a sentence");
        assert!(
            !permission.title.is_empty() && !permission.levels.is_empty(),
            "{slug}"
        );
        for rule in &permission.levels {
            let starts_small = rule
                .can
                .starts_with(|first: char| first.is_ascii_lowercase());
            assert!(
                starts_small && !rule.can.ends_with('.'),
                "{slug}: `can` goes on a sentence: {}",
                rule.can
            );
        }
    }
}

#[test]
fn levels_are_offered_in_order_and_take_no_smaller_role_or_phrase() {
    for permission in Catalog::github().permissions() {
        for pair in permission.levels.windows(2) {
            assert!(pair[0].level < pair[1].level, "{}", permission.slug);
            assert_ne!(pair[0].can, pair[1].can, "{}", permission.slug);
            let rises = match (pair[0].least_role, pair[1].least_role) {
                (LeastRole::Repository(low), LeastRole::Repository(high)) => low <= high,
                (LeastRole::Organization(low), LeastRole::Organization(high)) => low <= high,
                (low, high) => low == high,
            };
            assert!(rises, "{}", permission.slug);
        }
    }
}

#[test]
fn least_roles_are_those_of_the_rules() {
    use RepositoryRole::{Admin, Read, Write};
    let least = |slug: &str, level| {
        let permission = Catalog::github()
            .find_permission(slug)
            .expect("a permission");
        permission
            .level(level)
            .expect("an offered level")
            .least_role
    };
    assert_eq!(least("issues", Level::Read), LeastRole::Repository(Read));
    assert_eq!(
        least("contents", Level::Write),
        LeastRole::Repository(Write)
    );
    for slug in ["administration", "repository_hooks", "secrets"] {
        assert_eq!(
            least(slug, Level::Write),
            LeastRole::Repository(Admin),
            "{slug}"
        );
    }
    assert_eq!(
        least("members", Level::Read),
        LeastRole::Organization(OwnerRole::Member)
    );
    assert_eq!(
        least("members", Level::Write),
        LeastRole::Organization(OwnerRole::Owner)
    );
    assert_eq!(
        least("organization_administration", Level::Read),
        LeastRole::Organization(OwnerRole::Owner)
    );
    assert_eq!(least("gists", Level::Write), LeastRole::SelfOnly);
    assert_eq!(
        least("enterprise_policies", Level::Read),
        LeastRole::EnterpriseOwner
    );
}

#[test]
fn managing_tokens_takes_no_classic_scope() {
    let management = [
        "organization_personal_access_tokens",
        "organization_personal_access_token_requests",
        "enterprise_policies",
        "enterprise_credentials",
    ];
    for permission in Catalog::github().permissions() {
        let is_management = management.contains(&permission.slug.as_str());
        for rule in &permission.levels {
            assert_eq!(
                rule.scopes.is_empty(),
                is_management,
                "{} {}",
                permission.slug,
                rule.level
            );
        }
    }
}

#[test]
fn any_repository_permission_brings_metadata() {
    let catalog = Catalog::github();
    let id = |slug: &str| catalog.find_permission(slug).expect("a permission").id;
    let held: PermissionSet = [(id("issues"), Level::Write)].into_iter().collect();
    assert!(
        catalog
            .with_automatic(&held)
            .holds(id("metadata"), Level::Read)
    );
    let held: PermissionSet = [(id("members"), Level::Read)].into_iter().collect();
    assert_eq!(catalog.with_automatic(&held), held);
    assert!(catalog.with_automatic(&PermissionSet::new()).is_empty());
}

#[test]
fn a_public_repository_takes_the_smaller_scope_too() {
    let catalog = Catalog::github();
    let contents = catalog
        .find_permission("contents")
        .expect("a permission")
        .id;
    let public_repo = catalog.scope_set(&["public_repo"]).expect("a scope");
    let is_enough = |is_public| {
        catalog.is_scope_enough(
            public_repo,
            catalog.scopes_for(contents, Level::Write, is_public),
        )
    };
    assert!(is_enough(true));
    assert!(!is_enough(false));
    assert!(
        !catalog.is_scope_enough(public_repo, ScopeSet::new()),
        "nothing accepted means nobody"
    );
    assert_eq!(catalog.scope_set(&["repo", "nope"]), Err("nope"));
}
