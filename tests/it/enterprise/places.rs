//! The pages of an enterprise's organizations and people.

use axum::http::StatusCode;
use grantry::domain::account::AccountKind;
use grantry::domain::policy::Limit;
use grantry::domain::policy::setting::{
    Access, EnterpriseAccess, EnterpriseApproval, EnterpriseLayer,
};
use grantry::domain::token::TokenKind;
use grantry::store::policies::NewVersion;
use grantry::store::{Change, accounts, policies};

use super::{DELEGATED, ORGANIZATIONS, PEOPLE, at_labs, globex_says, of_mia};
use crate::pages::visitor::{Page, Visitor};
use crate::policies::{classic, layer, read, set};
use crate::world::World;

/// The row of one organization or person.
fn row<'a>(page: &'a Page, login: &str) -> &'a str {
    let name = format!("person-login\">{login}<");
    let rows = page.html.split("<tr>").skip(1);
    rows.into_iter()
        .find(|row| row.contains(&name))
        .unwrap_or_else(|| panic!("no row of {login}: {}", page.html))
}

/// Many organizations, so that the list has several pages.
async fn crowd(world: &World, count: usize) {
    let (origin, globex) = (world.person("eve").await, world.enterprise("globex").await);
    let mut work = world.context.begin(&origin).await.expect("a change begins");
    for number in 0..count {
        let login = format!("team-{number:03}");
        let new = accounts::NewAccount {
            kind: AccountKind::Organization,
            login: &login,
            name: "One of Many",
            email: None,
            passkey_handle: None,
            created_at: work.now(),
        };
        let id = accounts::insert(&mut work, &new)
            .await
            .expect("it is entered");
        let account = accounts::find(&mut work, id).await.expect("it is read");
        let mut account = account.expect("it was just entered");
        account.enterprise_id = Some(globex);
        accounts::update(&mut work, &account)
            .await
            .expect("it is changed");
    }
    work.changed(Change::Unknown);
    world.context.commit(work).await.expect("it lasts");
}

on_every_database! {
    async fn organizations_show_what_is_in_force_where_it_comes_from_and_where_they_differ(world: &World) {
        world.approved("issues", "read").await;
        at_labs(world, "sensor").await;
        let (_, secret) = classic(world, "sam").await;
        read(world, &secret).await;
        let eve = Visitor::confirmed(world, "eve").await;
        let page = eve.get(ORGANIZATIONS).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.html);
        let acme = row(&page, "acme");
        for text in ["Allowed", "Approval required", "At most 366 days", "(default)", "5 people", "1 fine-grained token<", "1 classic token used lately"] {
            assert!(acme.contains(text), "{text}: {acme}");
        }
        assert!(!acme.contains("Differs"), "{acme}");
        let labs = row(&page, "labs");
        for text in ["No approval needed", "At most 90 days", "(organization)", "Differs", "3 people"] {
            assert!(labs.contains(text), "{text}: {labs}");
        }
        globex_says(world, TokenKind::FineGrained, EnterpriseLayer {
            approval: EnterpriseApproval::Require,
            lifetime: Limit::Days(30),
            ..DELEGATED
        }).await;
        globex_says(world, TokenKind::Classic, EnterpriseLayer { access: EnterpriseAccess::Restrict, ..DELEGATED }).await;
        let page = eve.get(ORGANIZATIONS).await;
        let labs = row(&page, "labs");
        for text in ["Approval required", "At most 30 days", "(enterprise)", "Restricted"] {
            assert!(labs.contains(text), "{text}: {labs}");
        }
        assert!(!labs.contains("Differs"), "the enterprise decides: {labs}");
        set(world, TokenKind::FineGrained, &layer(Access::Restrict, Limit::Days(7))).await;
        let page = eve.get(ORGANIZATIONS).await;
        assert_eq!(row(&page, "acme").matches("Differs").count(), 2, "access and life: {}", row(&page, "acme"));
    }

    async fn a_policy_that_begins_later_gets_a_remark(world: &World) {
        let (origin, acme) = (world.person("olga").await, world.organization("acme").await);
        let mut work = world.context.begin(&origin).await.expect("a change begins");
        let version = NewVersion {
            scope: acme,
            kind: TokenKind::Classic,
            follows: 0,
            layer: layer(Access::Restrict, Limit::Unlimited).into(),
            effective_at: work.now().plus_days(9),
            saved_by: None,
            saved_at: work.now(),
            risk_by: None,
        };
        assert!(policies::append(&mut work, &version).await.expect("it is saved"));
        world.context.commit(work).await.expect("it lasts");
        let eve = Visitor::confirmed(world, "eve").await;
        let page = eve.get(ORGANIZATIONS).await;
        assert!(row(&page, "acme").contains("10 Oct 2026") && row(&page, "acme").contains("another policy for classic tokens"), "{}", page.html);
        assert!(!row(&page, "acme").contains("Restricted"), "not yet");
    }

    async fn organizations_are_searched_sorted_and_paged(world: &World) {
        crowd(world, 110).await;
        let eve = Visitor::confirmed(world, "eve").await;
        let first = eve.get(ORGANIZATIONS).await;
        assert!(first.has("112 organizations") && first.has(">acme<") && !first.has(">team-060<"), "{}", first.html);
        let found = eve.get(&format!("{ORGANIZATIONS}?q=TEAM-10")).await;
        assert!(found.has(">team-109<") && !found.has(">acme<"), "{}", found.html);
        let taken = eve.get(&format!("{ORGANIZATIONS}?q=_")).await;
        assert!(taken.has("No organization here is called that"), "it is taken by the letter: {}", taken.html);
        let second = eve.get(&format!("{ORGANIZATIONS}?after=team-047")).await;
        assert!(second.has(">team-048<") && second.has(">team-097<") && !second.has(">team-098<"), "{}", second.html);
        let back = eve.get(&format!("{ORGANIZATIONS}?before=team-048")).await;
        assert!(back.has(">acme<") && back.has(">team-047<") && !back.has(">team-048<"), "{}", back.html);
        let turned = eve.get(&format!("{ORGANIZATIONS}?sort=-login")).await;
        assert!(turned.has(">team-109<") && !turned.has(">acme<"), "{}", turned.html);
        let nowhere = eve.get(&format!("{ORGANIZATIONS}?sort=age&after=x")).await;
        assert_eq!(nowhere.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn people_are_told_with_roles_account_and_tokens(world: &World) {
        world.approved("issues", "read").await;
        at_labs(world, "sensor").await;
        of_mia(world, "mine", 30).await;
        let eve = Visitor::confirmed(world, "eve").await;
        let page = eve.get(PEOPLE).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.html);
        for (login, texts) in [
            ("ana", &["Member of Acme", "Member of Labs", "2 tokens<", "Their own"][..]),
            ("eve", &["Owner of the enterprise", "None"][..]),
            ("mia", &["managed", "Member of Acme", "1 token<"][..]),
            ("olga", &["Owner of Acme", "Owner of Labs"][..]),
        ] {
            for text in texts {
                assert!(row(&page, login).contains(text), "{login} {text}: {}", row(&page, login));
            }
        }
        for outside in ["carl", "gus"] {
            assert!(!page.has(&format!(">{outside}<")), "an outside collaborator belongs to no enterprise");
        }
    }

    async fn people_are_filtered_each_by_each(world: &World) {
        let eve = Visitor::confirmed(world, "eve").await;
        let everybody = ["ana", "ben", "dan", "eve", "mia", "olga", "sam"];
        for (query, expected) in [
            ("", &everybody[..]),
            ("show=managed", &["mia"][..]),
            ("show=unmanaged", &["ana", "ben", "dan", "eve", "olga", "sam"][..]),
            ("show=owners", &["eve"][..]),
            ("show=organization-owners", &["olga", "sam"][..]),
            ("show=suspended", &[][..]),
            ("organization=LABS", &["ana", "dan", "olga"][..]),
            ("organization=acme&show=organization-owners", &["olga", "sam"][..]),
            ("organization=labs&show=managed", &[][..]),
            ("q=AN", &["ana", "dan"][..]),
            ("q=%25", &[][..]),
            ("sort=-login&q=a", &["ana", "dan", "mia", "olga", "sam"][..]),
            ("sort=age", &everybody[..]),
            ("after=mia", &["olga", "sam"][..]),
            ("before=dan", &["ana", "ben"][..]),
        ] {
            let page = eve.get(&format!("{PEOPLE}?{query}")).await;
            assert_eq!(page.status, StatusCode::OK, "{query}");
            let listed: Vec<_> = everybody.iter().filter(|login| page.has(&format!("person-login\">{login}<"))).copied().collect();
            assert_eq!(listed, expected, "{query}: {}", page.html);
        }
        for (query, field) in [("show=robots", "show"), ("organization=nowhere", "organization"), ("organization=ana", "organization")] {
            let page = eve.get(&format!("{PEOPLE}?{query}")).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
            assert!(page.has(&format!("id=\"{field}-error\"")), "{query}: {}", page.html);
        }
        let nowhere = eve.get(&format!("{PEOPLE}?sort=age&before=1")).await;
        assert_eq!(nowhere.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn one_person_shows_roles_and_tokens_by_login_or_number(world: &World) {
        at_labs(world, "sensor").await;
        let eve = Visitor::confirmed(world, "eve").await;
        let ana = world.user("ana").await;
        for id in ["ana", "ANA", &ana.to_string()] {
            let page = eve.get(&format!("{PEOPLE}/{id}")).await;
            assert_eq!(page.status, StatusCode::OK, "{id}");
            for text in ["Member of Acme", "Member of Labs", ">sensor</a>", "labs/probe", "Belongs to Globex"] {
                assert!(page.has(text), "{text}: {}", page.html);
            }
        }
        let mia = eve.get(&format!("{PEOPLE}/mia")).await;
        assert!(mia.has("Managed by Globex") && mia.has("No token of mia reaches"), "{}", mia.html);
        for id in ["carl", "gus", "acme", "0", "nobody", "99999999999999999999"] {
            assert_eq!(eve.get(&format!("{PEOPLE}/{id}")).await.status, StatusCode::NOT_FOUND, "{id}");
        }
    }
}
