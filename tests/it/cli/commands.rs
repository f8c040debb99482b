//! Each command: what it does, and how it refuses.

use std::io::Write as _;
use std::process::Stdio;

use super::{Answered, Place};

#[test]
fn an_import_says_what_changed_and_the_second_one_that_nothing_did() {
    let place = Place::empty();
    place.write("directory.toml", super::DIRECTORY);
    let foreseen = place.run(&["import", "--dry-run", "directory.toml"]);
    assert!(foreseen.err.contains("would be made"), "{}", foreseen.err);
    let first = place.run(&["import", "directory.toml"]);
    assert_eq!((first.code, &first.out), (0, &foreseen.out));
    assert!(
        first.out.contains("new private repository `acme/web`"),
        "{}",
        first.out
    );
    let second = place.run(&["import", "directory.toml"]);
    assert_eq!((second.code, second.out.as_str()), (0, ""));
    assert!(second.err.contains("nothing to change"), "{}", second.err);
}

#[test]
fn an_import_names_every_mistake_with_its_line() {
    let place = Place::empty();
    place.write(
        "bad.toml",
        "[[users]]\nlogin = \"a b\"\nmail = \"x\"\n[[teams]]\n",
    );
    let refused = place.run(&["import", "bad.toml"]);
    refused.is_refused("bad.toml: line 3, [[users]] number 1: there is no key `mail`");
    refused.is_refused("there is no key `teams`");
    refused.is_refused("nothing was imported");
    place
        .run(&["import", "absent.toml"])
        .is_refused("`absent.toml` cannot be read");
}

#[test]
fn a_link_is_printed_alone_and_names_its_end() {
    let place = Place::with_directory();
    let link = place.run(&["link", "ana", "--base-url", "https://grantry.example.com"]);
    assert_eq!(link.code, 0, "{}", link.err);
    let (base, code) = link.out.trim().rsplit_once('/').expect("it is an address");
    assert_eq!(base, "https://grantry.example.com/enroll");
    assert_eq!(code.len(), 32);
    assert!(link.err.contains("(1 hour)"), "{}", link.err);
    place
        .run(&["link", "nobody"])
        .is_refused("there is no user `nobody`");
    place.run(&["link"]).is_refused("see `grantry link --help`");
}

#[test]
fn a_secret_is_printed_alone_and_never_again() {
    let place = Place::with_directory();
    let words = "token create --user ana --name ci --owner acme --repo acme/web --permission contents=read --owner ana \
                 --all --expires 7d --reason why";
    let made = place.run(&words.split_whitespace().collect::<Vec<_>>());
    assert_eq!(made.code, 0, "{}", made.err);
    let secret = made.out.trim();
    assert_eq!(secret.len(), 77);
    assert!(
        made.err
            .contains("at acme: waits until an owner approves it"),
        "{}",
        made.err
    );
    assert!(made.err.contains("at ana: works now"), "{}", made.err);
    for words in [
        vec!["token", "list"],
        vec!["token", "show", "1"],
        vec!["token", "show", secret],
    ] {
        let shown = place.run(&words);
        assert_eq!(shown.code, 0, "{}", shown.err);
        assert!(
            shown.out.contains(&secret[12..34]),
            "the identifier is shown"
        );
        assert!(
            !format!("{}{}", shown.out, shown.err).contains(&secret[35..]),
            "the secret is not"
        );
    }
    let shown = place.run(&["token", "show", "1"]).out;
    for expected in [
        "at acme: pending",
        "contents=read",
        "asked because why",
        "at ana: active",
    ] {
        assert!(shown.contains(expected), "{expected} is not in {shown}");
    }
}

#[test]
fn the_rules_of_the_console_hold_on_the_command_line() {
    let place = Place::with_directory();
    let create = |rest: &str| {
        let words = format!("token create --user ana --name ci {rest}");
        place.run(&words.split_whitespace().collect::<Vec<_>>())
    };
    create("").is_refused("a token needs at least one owner");
    create("--repo web --owner acme").is_refused("`--repo` belongs to an owner");
    create("--owner nobody --all")
        .is_refused("there is no user, organization or enterprise `nobody`");
    create("--owner acme --repo none").is_refused("`acme` has no repository `none`");
    create("--owner acme --all --public").is_refused("choose one of");
    create("--owner acme --all --permission issues").is_refused("write it as NAME=LEVEL");
    create("--owner acme --all --permission issues=all").is_refused("`all` is not a level");
    create("--owner acme --all --permission magic=read")
        .is_refused("there is no permission `magic`");
    create("--owner acme --all --expires soon").is_refused("--expires: `soon` is no expiration");
    create("--owner acme --all --expires none")
        .is_refused("--expires: acme allows tokens for at most 366 days");
    create("--owner acme --public --classic").is_refused("cannot be used with");
    create("--classic --scope everything").is_refused("there is no scope `everything`");
    create("--classic").is_refused("a classic token needs at least one scope");
    create("--classic --scope repo --expires 400d")
        .is_refused("--expires: Choose an expiration 1 to 366 days from today");
    create("--classic --scope repo --expires soon")
        .is_refused("--expires: `soon` is no expiration");
    create("--scope repo --owner ana --all").is_refused("--classic");
    assert!(
        place
            .run(&["token", "list"])
            .err
            .contains("no live token fits")
    );
}

#[test]
fn a_classic_token_drops_redundant_scopes_and_says_so() {
    let place = Place::with_directory();
    let words = "token create --user ana --name old --classic --scope repo --scope public_repo --expires none";
    let made = place.run(&words.split(' ').collect::<Vec<_>>());
    assert!(made.out.starts_with("grantry_cls_") && made.out.trim().len() == 77);
    assert!(
        made.err
            .contains("`public_repo` was dropped: `repo` includes it"),
        "{}",
        made.err
    );
    assert!(
        place
            .run(&["token", "show", "1"])
            .out
            .contains("scopes      repo")
    );
}

#[test]
fn a_token_is_revoked_by_its_secret_on_stdin() {
    let place = Place::with_directory();
    let secret = place.token();
    let mut child = place
        .command(&["token", "revoke", "-", "--reason", "it leaked"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut input = child.stdin.take().expect("stdin is a pipe");
    writeln!(input, "{secret}").expect("the program reads");
    drop(input);
    let revoked = Answered::of(&child.wait_with_output().expect("the program ends"));
    assert_eq!(
        (revoked.code, revoked.out.as_str()),
        (0, "token 1 (`own`) is revoked\n")
    );
    place
        .run(&["token", "revoke", "1"])
        .is_refused("has ended already (revoked)");
    place
        .run(&["token", "revoke", "99"])
        .is_refused("there is no token 99");
    let refused = place.run(&["token", "show", "grantry_pat_wrong"]);
    refused.is_refused("this names no token");
    assert!(
        !refused.err.contains("grantry_pat_wrong"),
        "what may be a secret is not repeated"
    );
}

#[test]
fn every_command_has_help_and_takes_a_configuration() {
    let place = Place::empty();
    for words in [
        "serve",
        "demo",
        "import",
        "link",
        "token create",
        "token list",
        "token show",
        "token revoke",
    ] {
        let mut words: Vec<_> = words.split(' ').collect();
        words.push("--help");
        let help = place.run(&words);
        assert_eq!(help.code, 0);
        assert!(help.out.contains("--config <FILE>"), "{}", help.out);
    }
    place.write("grantry.toml", "colour = \"red\"\n");
    place
        .run(&["token", "list", "--config", "grantry.toml"])
        .is_refused("unknown setting `colour`");
    place.run(&["tokens"]).is_refused("see `grantry --help`");
}

#[test]
fn the_example_in_the_documents_can_be_imported_as_it_is() {
    let place = Place::empty();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/directory.example.toml");
    let imported = place.run(&["import", example]);
    assert_eq!(imported.code, 0, "{}", imported.err);
    assert!(imported.out.contains("acme/web"), "{}", imported.out);
}

#[test]
fn the_catalog_is_listed_searched_and_checked_without_settings() {
    let place = Place::empty();
    let listed = place.run(&["catalog", "list"]);
    assert_eq!(listed.code, 0, "{}", listed.err);
    assert!(listed.out.contains("organization_personal_access_tokens"));
    let found = place.run(&[
        "catalog",
        "list",
        "endpoints",
        "--search",
        "POST /repos/acme/web/issues",
    ]);
    let lines: Vec<_> = found.out.lines().collect();
    assert_eq!((found.code, lines.len()), (0, 2), "{}", found.out);
    assert!(lines[1].contains("/repos/{owner}/{repo}/issues") && lines[1].contains("issues=write"));
    let bad = place.run(&["catalog", "list", "endpoints", "--search", "/user/../orgs"]);
    assert_eq!((bad.code, bad.out.as_str()), (2, ""));
    assert!(bad.err.contains("more than one way"), "{}", bad.err);

    place.write("mine.toml", "[endpoints]\n\"GET /x\" = \"\"\n");
    let checked = place.run(&["catalog", "check", "mine.toml"]);
    assert_eq!((checked.code, checked.out.as_str()), (2, ""));
    assert!(
        checked.err.contains("line 2: `GET /x` needs no permission"),
        "{}",
        checked.err
    );
    place.write("mine.toml", "[endpoints]\n\"GET /x\" = \"free\"\n");
    let checked = place.run(&["catalog", "check", "mine.toml"]);
    assert_eq!(checked.code, 0, "{}", checked.err);
    assert_eq!(place.run(&["catalog", "check", "none.toml"]).code, 2);
}
