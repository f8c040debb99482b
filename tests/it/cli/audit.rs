//! `grantry audit`, as an operator and a script meet it.

use super::Place;

#[test]
fn a_log_that_nobody_touched_is_found_whole() {
    let place = Place::with_directory();
    place.token();
    let verified = place.run(&["audit", "verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
    assert!(verified.out.starts_with("ok "), "{}", verified.out);
    assert!(
        verified.err.contains("(100 %)"),
        "it says how far it is: {}",
        verified.err
    );
}

#[test]
fn an_export_ends_with_a_seal_that_later_checks_compare_with() {
    let place = Place::with_directory();
    place.token();
    let exported = place.run(&["audit", "export"]);
    assert_eq!(exported.code, 0, "{}", exported.err);
    let lines: Vec<serde_json::Value> = exported
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is an object"))
        .collect();
    let (last, entries) = lines.split_last().expect("there is something");
    assert!(entries.iter().any(|entry| entry["action"] == "user.create"));
    assert_eq!(last["action"], "audit_log.head");
    place.write("anchor.jsonl", &format!("{}\n", last["head"]));
    let verified = place.run(&["audit", "verify", "--anchor", "anchor.jsonl"]);
    assert_eq!(verified.code, 0, "{}", verified.err);
    assert!(
        verified.out.contains("compared with 1 seals"),
        "{}",
        verified.out
    );
    let mut forged = last["head"].clone();
    forged["events"]["count"] = 99_999.into();
    place.write("anchor.jsonl", &forged.to_string());
    let refused = place.run(&["audit", "verify", "--anchor", "anchor.jsonl"]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("was not made with"), "{}", refused.err);
}

#[test]
fn an_export_can_be_a_table_and_begin_late() {
    let place = Place::with_directory();
    let table = place.run(&["audit", "export", "--format", "csv"]);
    assert_eq!(table.code, 0, "{}", table.err);
    assert!(
        table.out.starts_with("@timestamp,_document_id,action"),
        "{}",
        table.out
    );
    let late = place.run(&["audit", "export", "--since", "2999-01-01"]);
    assert_eq!(late.out.lines().count(), 1, "only the head: {}", late.out);
}

#[test]
fn what_cannot_be_read_is_named() {
    let place = Place::with_directory();
    place
        .run(&["audit", "verify", "--anchor", "absent.jsonl"])
        .is_refused("`absent.jsonl` cannot be read");
    place.write("nonsense.jsonl", "nonsense\n");
    place
        .run(&["audit", "verify", "--anchor", "nonsense.jsonl"])
        .is_refused("holds a line that is no seal");
    place
        .run(&["audit", "export", "--since", "soon"])
        .is_refused("soon");
    place
        .run(&["audit", "export", "--format", "pdf"])
        .is_refused("pdf");
}
