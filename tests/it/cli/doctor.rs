//! `grantry doctor`: what it finds, what it says to do, and how it ends.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use super::{Answered, Place};

/// The line of a check.
#[track_caller]
fn line<'a>(answered: &'a Answered, name: &str) -> &'a str {
    let found = answered
        .out
        .lines()
        .find(|line| line.get(6..).is_some_and(|rest| rest.starts_with(name)));
    found.unwrap_or_else(|| panic!("no check `{name}` in {}", answered.out))
}

#[test]
fn a_good_installation_has_nothing_wrong() {
    let place = Place::with_directory();
    let found = place.run(&["doctor"]);
    assert_eq!(found.code, 0, "{}{}", found.out, found.err);
    assert!(found.err.starts_with("nothing is wrong"), "{}", found.err);
    for name in [
        "Settings",
        "Address",
        "Passkeys",
        "Trusted proxies",
        "Data folder",
        "Git",
        "Database",
        "Tables",
        "Integrity",
        "Audit log",
        "Clock",
        "Services",
    ] {
        assert!(
            line(&found, name).starts_with("ok    "),
            "{}",
            line(&found, name)
        );
    }
    assert!(
        line(&found, "Site administrators").starts_with("warn  "),
        "nobody is one"
    );
    assert!(
        line(&found, "Mail").contains("wait in the database"),
        "it says where messages are"
    );
}

#[test]
fn an_empty_folder_is_no_failure_and_stays_empty() {
    let place = Place::empty();
    let found = place.run(&["doctor"]);
    assert_eq!(found.code, 0, "{}{}", found.out, found.err);
    assert!(line(&found, "Data folder").contains("is not there"));
    assert!(line(&found, "Database").contains("is not there"));
    assert_eq!(
        std::fs::read_dir(place.path())
            .expect("it is there")
            .count(),
        0,
        "looking makes nothing"
    );
}

#[test]
fn settings_that_cannot_be_used_are_told() {
    let place = Place::empty();
    place.write("grantry.toml", "listen = \"here\"\n");
    let found = place.run(&["doctor", "--config", "grantry.toml"]);
    assert_eq!(found.code, 1, "{}{}", found.out, found.err);
    let told = line(&found, "Settings");
    assert!(
        told.starts_with("fail  ") && told.contains("`listen`") && told.contains("correct it"),
        "{told}"
    );
    place.write(
        "grantry.toml",
        "trusted_proxies = [\"0.0.0.0/0\"]\nbase_url = \"http://grantry.example.com\"\n",
    );
    let found = place.run(&["doctor", "--config", "grantry.toml"]);
    assert_eq!(found.code, 1, "{}{}", found.out, found.err);
    assert!(line(&found, "Trusted proxies").contains("list the addresses of your own proxies"));
    assert!(line(&found, "Passkeys").contains("https"));
    assert!(found.err.contains("2 things are wrong"), "{}", found.err);
}

#[test]
fn a_folder_that_others_can_enter_is_told_with_the_command_that_closes_it() {
    let place = Place::with_directory();
    let data = place.path().join("grantry-data");
    std::fs::set_permissions(&data, Permissions::from_mode(0o755)).expect("it is ours");
    let found = place.run(&["doctor"]);
    assert_eq!(found.code, 1, "{}{}", found.out, found.err);
    assert!(line(&found, "Data folder").ends_with("run `chmod 700 grantry-data`"));
    assert!(found.err.contains("wrong"), "{}", found.err);
}

#[test]
fn a_database_that_is_none_and_one_that_cannot_be_reached_are_told() {
    let place = Place::with_directory();
    let data = place.path().join("grantry-data");
    for file in ["grantry.db", "grantry.db-wal", "grantry.db-shm"] {
        drop(std::fs::remove_file(data.join(file)));
    }
    std::fs::write(
        data.join("grantry.db"),
        "this is no database, whatever its name says; ".repeat(50),
    )
    .expect("it is writable");
    let found = place.run(&["doctor"]);
    assert_eq!(found.code, 1, "{}{}", found.out, found.err);
    assert!(line(&found, "Database").starts_with("fail  "));
    let found = place.run(&[
        "doctor",
        "--database-url",
        "postgres://nobody:hush@127.0.0.1:1/none",
    ]);
    assert_eq!(found.code, 1, "{}{}", found.out, found.err);
    assert!(line(&found, "Database").contains("cannot be reached"));
    assert!(!found.out.contains("hush"), "a password is not repeated");
}

#[test]
fn it_has_help_and_refuses_what_it_does_not_know() {
    let place = Place::empty();
    let help = place.run(&["doctor", "--help"]);
    assert_eq!(help.code, 0);
    assert!(
        help.out.contains("changes nothing") && help.out.contains("Ends with 0"),
        "{}",
        help.out
    );
    place
        .run(&["doctor", "--deep"])
        .is_refused("see `grantry doctor --help`");
}
