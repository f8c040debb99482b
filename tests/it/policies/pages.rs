//! The policy pages of both levels: questions, previews, days, and what is asked again.

use axum::http::StatusCode;
use grantry::store::Db as _;

use super::{approved, classic, read};
use crate::pages::visitor::{Page, Visitor};
use crate::world::{Answer, World, draft};

const ACME: &str = "/organizations/acme/settings/personal-access-tokens";
const GLOBEX: &str = "/enterprises/globex/settings/personal-access-tokens";

type Sent<'a> = Vec<(&'a str, &'a str)>;

fn fields<'a>(version: &'a str, access: &'a str, lifetime: &'a str, days: &'a str) -> Sent<'a> {
    let approval = if access == "delegate" {
        "delegate"
    } else {
        "required"
    };
    vec![
        ("version", version),
        ("access", access),
        ("approval", approval),
        ("lifetime", lifetime),
        ("days", days),
    ]
}

fn and<'a>(mut fields: Sent<'a>, more: &[(&'a str, &'a str)]) -> Sent<'a> {
    fields.extend_from_slice(more);
    fields
}

fn query(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

fn preview(fields: &[(&str, &str)]) -> String {
    format!("{ACME}/preview?{}", query(fields))
}

/// How many versions were saved, of whatever policy, beside the one of the sample directory.
async fn versions(world: &World) -> i64 {
    let mut db = world.reader();
    let count = db.query("SELECT COUNT(*) - 1 FROM policies").number().await;
    count.expect("policies can be counted")
}

fn holds(page: &Page, texts: &[&str]) {
    for text in texts {
        assert!(page.has(text), "`{text}` is not in {}", page.html);
    }
}

on_every_database! {
    async fn an_enterprise_owner_reads_each_question_with_what_follows_for_the_organizations(world: &World) {
        approved(world, "job", 30).await;
        let eve = Visitor::confirmed(world, "eve").await;
        let page = eve.get(GLOBEX).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.html);
        holds(&page, &[
            "Can fine-grained tokens reach the organizations of Globex?", "now 2 let them in and 0 restrict them",
            "1 token of 1 person works there now", "Require approval", "1 does not require it now", "Disable approval",
            "Exempt administrators", "I accept the risk of interruption", "Nobody has saved it yet",
        ]);
        let classic = eve.get(&format!("{GLOBEX}?tab=classic")).await;
        holds(&classic, &["Can classic tokens reach the organizations of Globex?", "The default: no limit of the enterprise"]);
        assert!(!classic.has("Must an owner approve"), "classic tokens are never approved");
    }

    async fn the_pages_do_not_exist_for_anybody_else(world: &World) {
        for (base, strangers) in [(GLOBEX, ["olga", "ana", "mia", "gus"]), (ACME, ["eve", "ana", "carl", "gus"])] {
            for login in strangers {
                let visitor = Visitor::confirmed(world, login).await;
                for path in ["", "/preview?version=0&lifetime=default", "/preview/export?format=csv&lifetime=default"] {
                    let page = visitor.get(&format!("{base}{path}")).await;
                    assert_eq!(page.status, StatusCode::NOT_FOUND, "{login} {base}{path}");
                }
                for path in ["", "/preview", "/take-back"] {
                    let sent = visitor.post(&format!("{base}{path}"), &fields("0", "restrict", "default", "")).await;
                    assert_eq!(sent.status, StatusCode::NOT_FOUND, "{login} {base}{path}");
                }
            }
        }
        assert_eq!(versions(world).await, 0);
    }

    async fn an_enterprise_owner_restricts_previews_and_saves(world: &World) {
        let (_, secret) = approved(world, "job", 30).await;
        assert_eq!(read(world, &secret).await, Answer::Allowed);
        let eve = Visitor::confirmed(world, "eve").await;
        let wish = [("version", "0"), ("access", "restrict"), ("approval", "delegate"), ("lifetime", "default")];
        let direct = eve.post(GLOBEX, &wish).await;
        assert!(direct.location.starts_with(&format!("{GLOBEX}/preview?")), "it blocks a token in use: {}", direct.location);
        assert_eq!(versions(world).await, 0, "a look comes first");
        let asked = eve.post(GLOBEX, &and(wish.to_vec(), &[("act", "preview")])).await;
        assert_eq!(asked.location, direct.location);
        let page = eve.get(&asked.location).await;
        holds(&page, &[
            "each organization says whether tokens reach it", "tokens reach no organization",
            "It blocks 1 token of 1 person.", "1 was used in the last 7 days.", ">job<", "ana", "acme",
            "Blocked: Globex restricts such tokens.", "Export as CSV",
        ]);
        assert_eq!(read(world, &secret).await, Answer::Allowed, "a look changes nothing");
        let looked = page.value("looked");
        let saved = eve.post(&format!("{GLOBEX}/preview"), &and(wish.to_vec(), &[("looked", &looked)])).await;
        assert_eq!((saved.status, saved.location.as_str()), (StatusCode::SEE_OTHER, GLOBEX), "{}", saved.html);
        let page = eve.get(GLOBEX).await;
        holds(&page, &["Saved. From the next call on, at Globex: tokens reach no organization", "In force: Restrict access, set by Globex."]);
        assert!(matches!(read(world, &secret).await, Answer::Refused(_)));
        let olga = Visitor::confirmed(world, "olga").await;
        holds(&olga.get(ACME).await, &["set by your enterprise", "Set by Globex."]);
    }

    async fn what_it_blocks_changed_since_the_look_and_is_shown_again(world: &World) {
        let (_, secret) = approved(world, "first", 60).await;
        assert_eq!(read(world, &secret).await, Answer::Allowed);
        let olga = Visitor::confirmed(world, "olga").await;
        let wish = fields("0", "allow", "days", "30");
        let looked = olga.get(&preview(&wish)).await.value("looked");
        approved(world, "second", 60).await;
        let path = format!("{ACME}/preview");
        let late = olga.post(&path, &and(wish.clone(), &[("looked", &looked)])).await;
        assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.html);
        holds(&late, &["What this would block has changed since you looked", "It blocks 2 tokens of 1 person.", ">second<"]);
        let foreign = olga.post(&path, &and(wish.clone(), &[("looked", "x")])).await;
        assert_eq!(foreign.status, StatusCode::CONFLICT);
        let unlooked = olga.post(&path, &wish).await;
        assert_eq!(unlooked.location, preview(&wish), "the look is where that leads");
        assert_eq!(versions(world).await, 0, "nothing was saved");
        let looked = late.value("looked");
        let saved = olga.post(&path, &and(wish, &[("looked", &looked)])).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.html);
        assert_eq!(versions(world).await, 1);
    }

    async fn the_second_of_two_savers_is_shown_what_changed_and_can_save_on_top_of_it(world: &World) {
        let (olga, sam) = (Visitor::confirmed(world, "olga").await, Visitor::confirmed(world, "sam").await);
        approved(world, "job", 60).await;
        let first = sam.post(ACME, &fields("0", "allow", "days", "30")).await;
        assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.html);
        let wish = fields("0", "restrict", "default", "");
        for path in [ACME.to_owned(), format!("{ACME}/preview")] {
            let late = olga.post(&path, &wish).await;
            assert_eq!(late.status, StatusCode::CONFLICT, "{path}: {}", late.html);
            holds(&late, &[
                "sam saved it on 1 Oct 2026 at 12:00 UTC", "Before: tokens reach it, an owner approves them first, and they live at most 366 days.",
                "Now: tokens reach it, an owner approves them first, and they live at most 30 days.", "tokens do not reach it",
            ]);
            assert_eq!(late.value("version"), "1", "the next save follows what is there now");
        }
        assert_eq!(versions(world).await, 1, "nothing of it was saved");
        let again = olga.post(&format!("{ACME}/preview"), &fields("1", "restrict", "default", "")).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.html);
        assert_eq!(versions(world).await, 2);
    }

    async fn a_policy_is_previewed_as_of_its_day_and_waits_for_it(world: &World) {
        approved(world, "short", 3).await;
        approved(world, "long", 60).await;
        let olga = Visitor::confirmed(world, "olga").await;
        let wish = fields("0", "restrict", "default", "");
        let dated = and(wish.clone(), &[("start", "date"), ("date", "2026-10-05")]);
        let now = olga.get(&preview(&wish)).await;
        holds(&now, &["It blocks 2 tokens of 1 person.", "With the next call after it is saved", "From 2026-10-02 on"]);
        let then = olga.get(&preview(&dated)).await;
        holds(&then, &["It blocks 1 token of 1 person.", "5 Oct 2026, at 00:00 UTC", "Save it to begin on 5 Oct 2026", ">long<"]);
        assert!(!then.has(">short<"), "it will have ended by then");
        let looked = then.value("looked");
        let saved = olga.post(&format!("{ACME}/preview"), &and(dated, &[("looked", &looked)])).await;
        assert_eq!(saved.location, ACME, "{}", saved.html);
        let page = olga.get(ACME).await;
        holds(&page, &[
            "Saved. From 5 Oct 2026 on, at Acme: tokens do not reach it", "From 5 Oct 2026 on", "Saved by olga. Until then it only reports.",
            "In force: Yes, the default.", "Nobody has saved it yet",
        ]);
        assert_eq!(page.value("version"), "1");
        let report = olga.get(&format!("{ACME}/preview?ahead=1")).await;
        holds(&report, &["A policy ahead", "It blocks 1 token of 1 person.", ">long<", "Take it back"]);
        assert!(!report.has("name=\"looked\""), "there is nothing to save");

        let taken = olga.post(&format!("{ACME}/take-back"), &[("version", "1")]).await;
        assert_eq!(taken.location, ACME, "{}", taken.html);
        let page = olga.get(ACME).await;
        holds(&page, &["Taken back: nothing changes on 5 Oct 2026."]);
        assert!(!page.has("Until then it only reports"), "{}", page.html);
        let gone = olga.get(&format!("{ACME}/preview?ahead=1")).await;
        assert_eq!(gone.status, StatusCode::CONFLICT);
        let again = olga.post(&format!("{ACME}/take-back"), &[("version", "1")]).await;
        assert_eq!(again.status, StatusCode::CONFLICT);
    }

    async fn what_is_ahead_can_be_previewed_and_taken_back_for_classic_tokens_alike(world: &World) {
        let (_, secret) = classic(world, "ana").await;
        assert_eq!(read(world, &secret).await, Answer::Allowed);
        let eve = Visitor::confirmed(world, "eve").await;
        let wish = [
            ("tab", "classic"), ("version", "0"), ("access", "restrict"), ("lifetime", "default"),
            ("start", "date"), ("date", "2026-10-02"),
        ];
        let page = eve.get(&format!("{GLOBEX}/preview?{}", query(&wish))).await;
        holds(&page, &[">old job<", "It blocks 1 token of 1 person."]);
        let looked = page.value("looked");
        let sent = eve.post(&format!("{GLOBEX}/preview"), &and(wish.to_vec(), &[("looked", &looked)])).await;
        assert_eq!(sent.location, format!("{GLOBEX}?tab=classic"), "{}", sent.html);
        assert!(!eve.get(GLOBEX).await.has("Until then it only reports"), "the other kind has none");
        let report = eve.get(&format!("{GLOBEX}/preview?tab=classic&ahead=1")).await;
        holds(&report, &[">old job<"]);
        let taken = eve.post(&format!("{GLOBEX}/take-back"), &[("tab", "classic"), ("version", "1")]).await;
        assert_eq!(taken.location, format!("{GLOBEX}?tab=classic"), "{}", taken.html);
    }

    async fn a_limit_for_managed_users_is_refused_at_its_field_until_the_risk_is_accepted(world: &World) {
        let eve = Visitor::confirmed(world, "eve").await;
        let wish = fields("0", "delegate", "days", "90");
        let preview = format!("{GLOBEX}/preview");
        for path in [GLOBEX, &preview] {
            let refused = eve.post(path, &wish).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
            holds(&refused, &["id=\"risk-error\"", "This limit may stop what managed users do."]);
        }
        assert_eq!(versions(world).await, 0, "nothing was saved");
        let look = eve.get(&format!("{preview}?{}", query(&wish))).await;
        holds(&look, &["I accept the risk of interruption"]);
        let exempt = eve.get(&format!("{preview}?{}", query(&and(wish.clone(), &[("exempt", "yes")])))).await;
        assert!(!exempt.has("I accept the risk"), "administrators are exempt");
        let accepted = eve.post(&preview, &and(wish, &[("risk", "yes")])).await;
        assert_eq!(accepted.status, StatusCode::SEE_OTHER, "{}", accepted.html);
        let again = eve.post(GLOBEX, &fields("1", "delegate", "days", "90")).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER, "it is no shorter than before: {}", again.html);
    }

    async fn what_cannot_be_read_is_told_at_its_field_and_nothing_is_saved(world: &World) {
        let olga = Visitor::confirmed(world, "olga").await;
        let on = |date| and(fields("0", "restrict", "default", ""), &[("start", "date"), ("date", date)]);
        let table = [
            (fields("0", "perhaps", "default", ""), "Choose whether such tokens can reach it."),
            (fields("0", "allow", "soon", ""), "Choose how long such tokens may live."),
            (fields("0", "allow", "days", "0"), "Write the number of days, from 1 to 366."),
            (fields("0", "allow", "days", "x"), "Write the number of days, from 1 to 366."),
            (on(""), "Write the day as `2026-12-31`"),
            (on("5 Oct"), "Write the day as `2026-12-31`"),
            (on("2026-02-30"), "Write the day as `2026-12-31`"),
            (on("2026-10-01"), "That day has begun already."),
            (on("1999-01-01"), "That day has begun already."),
            (on("2027-10-03"), "Choose a day at most 366 days ahead."),
            (and(fields("0", "allow", "default", ""), &[("start", "soon")]), "Choose from when it is to count."),
        ];
        for (sent, message) in table {
            let page = olga.get(&preview(&sent)).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{sent:?}");
            holds(&page, &[message, "<ul><li><a href=\"#"]);
            let page = olga.post(&format!("{ACME}/preview"), &sent).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{sent:?}");
            holds(&page, &[message]);
            let file = olga.get(&format!("{ACME}/preview/export?format=csv&{}", query(&sent))).await;
            assert_eq!(file.status, StatusCode::UNPROCESSABLE_ENTITY, "{sent:?}");
            holds(&file, &[message]);
        }
        let wish = fields("0", "restrict", "default", "");
        for place in ["0", "2", "-1", "x", "99999999999999999999"] {
            let page = olga.get(&preview(&and(wish.clone(), &[("page", place)]))).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{place}");
        }
        for version in ["", "x", "1.5", "99999999999999999999"] {
            let sent = fields(version, "restrict", "default", "");
            for page in [olga.get(&preview(&sent)).await, olga.post(ACME, &sent).await, olga.post(&format!("{ACME}/take-back"), &sent).await] {
                assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{version}");
            }
        }
        for ahead in ["", "0", "x", "-1"] {
            let page = olga.get(&format!("{ACME}/preview?ahead={ahead}")).await;
            assert_eq!(page.status, StatusCode::CONFLICT, "{ahead}");
        }
        for format in ["", "xml"] {
            let file = olga.get(&format!("{ACME}/preview/export?format={format}&{}", query(&wish))).await;
            assert_eq!(file.status, StatusCode::UNPROCESSABLE_ENTITY, "{format}");
        }
        assert_eq!(versions(world).await, 0, "nothing was saved");
    }

    async fn a_file_names_what_the_preview_names_and_an_organizations_only_its_own(world: &World) {
        approved(world, "=job", 60).await;
        let wish = draft("elsewhere").owner("labs").selected(&["probe"]).permission("issues", "read");
        world.mint("ana", wish).await;
        let (olga, eve) = (Visitor::confirmed(world, "olga").await, Visitor::confirmed(world, "eve").await);
        let wish = fields("0", "restrict", "default", "");
        let file = olga.get(&format!("{ACME}/preview/export?format=csv&{}", query(&wish))).await;
        assert_eq!(file.status, StatusCode::OK, "{}", file.html);
        holds(&file, &["token_id,token,user,owner,", ",'=job,ana,acme,", ",blocked,policy_access,,Acme"]);
        assert!(!file.has("elsewhere") && !file.has("labs"), "{}", file.html);
        let above = [("version", "0"), ("access", "restrict"), ("approval", "delegate"), ("lifetime", "default"), ("format", "json")];
        let file = eve.get(&format!("{GLOBEX}/preview/export?{}", query(&above))).await;
        let rows: serde_json::Value = serde_json::from_str(&file.html).expect("it is JSON");
        let owners: Vec<_> = rows.as_array().into_iter().flatten().map(|row| row["owner"].as_str()).collect();
        assert_eq!(owners.len(), 2);
        assert!(owners.contains(&Some("acme")) && owners.contains(&Some("labs")), "{rows}");
        assert_eq!(rows[0]["set_by"], "Globex");
    }

    async fn a_long_list_is_paged_and_no_row_is_left_out_or_told_twice(world: &World) {
        for number in 0..26 {
            for user in ["ana", "dan"] {
                let wish = draft(&format!("job{number:02}-{user}")).owner("labs").selected(&["probe"]);
                world.mint(user, wish.permission("issues", "read")).await;
            }
        }
        let olga = Visitor::confirmed(world, "olga").await;
        let wish = query(&fields("1", "restrict", "default", ""));
        let base = "/organizations/labs/settings/personal-access-tokens";
        let first = olga.get(&format!("{base}/preview?{wish}")).await;
        holds(&first, &["It blocks 52 tokens of 2 people.", "52 rows", "rel=\"next\""]);
        let second = olga.get(&format!("{base}/preview?{wish}&page=2")).await;
        holds(&second, &["rel=\"prev\""]);
        for number in 0..26 {
            for user in ["ana", "dan"] {
                let name = format!(">job{number:02}-{user}<");
                assert!(first.has(&name) != second.has(&name), "{name}");
            }
        }
        let file = olga.get(&format!("{base}/preview/export?format=csv&{wish}")).await;
        assert_eq!(file.html.lines().count(), 53, "a head, and every row");
    }

    async fn saving_from_the_preview_asks_for_a_confirmation_and_shows_it_again(world: &World) {
        approved(world, "job", 60).await;
        let olga = Visitor::signed_in(world, "olga").await;
        let wish = fields("0", "restrict", "default", "");
        let dated = and(wish, &[("start", "date"), ("date", "2026-10-05")]);
        let sent = olga.post(&format!("{ACME}/preview"), &dated).await;
        assert!(sent.location.starts_with("/sudo?draft="), "{}", sent.location);
        let code = sent.location.trim_start_matches("/sudo?draft=");
        let page = olga.get(&format!("{ACME}/preview?draft={code}")).await;
        holds(&page, &["Save it to begin on 5 Oct 2026", ">job<"]);
        let take_back = olga.post(&format!("{ACME}/take-back"), &[("version", "1")]).await;
        assert!(take_back.location.starts_with("/sudo?draft="), "{}", take_back.location);
        assert_eq!(versions(world).await, 0, "nothing happened");
    }
}
