//! The pages of site administrators, and what they do to accounts.

use axum::http::StatusCode;
use grantry::actions::administer::{AdminError, Target, set_user};
use grantry::domain::access::rights::{MemberRole, Visibility};
use grantry::domain::administration::Refusal;
use grantry::domain::approval::{GrantState, RevokeCause};
use grantry::domain::audit::{Action, Actor, Origin};
use grantry::domain::ids::AccountId;
use grantry::store::{Change, Db as _, accounts, repositories};

use super::visitor::{Page, Visitor};
use crate::world::{Answer, World, draft};

/// Makes somebody a site administrator, as an import does.
async fn promote(world: &World, login: &str) -> AccountId {
    let origin = Origin::of(Actor::Operator);
    let mut account = world.account(login).await;
    account.site_admin = true;
    let mut work = world.context.begin(&origin).await.expect("a change begins");
    accounts::update(&mut work, &account)
        .await
        .expect("it is written");
    work.changed(Change::Account(account.id));
    world.context.commit(work).await.expect("it lasts");
    account.id
}

/// Gus, who belongs to nothing, runs the installation.
async fn administrator(world: &World) -> Visitor {
    promote(world, "gus").await;
    Visitor::confirmed(world, "gus").await
}

/// Presses a button of an account's page as it is now.
async fn press(visitor: &Visitor, path: &str, act: &str, fields: &[(&str, &str)]) -> Page {
    let rev = visitor.get(path).await.value("rev");
    let mut all = vec![("act", act), ("rev", rev.as_str())];
    all.extend_from_slice(fields);
    visitor.post(path, &all).await
}

async fn user_path(world: &World, login: &str) -> String {
    format!("/admin/users/{}", world.user(login).await)
}

/// How many events of this sort the person has caused.
async fn events(world: &World, action: Action, by: &str) -> i64 {
    let by = world.user(by).await;
    let statement = "SELECT COUNT(*) FROM audit_events WHERE action = $1 AND actor_id = $2 AND actor_kind = 'person'";
    let query = world
        .context
        .store
        .reader()
        .query(statement)
        .bind(action.as_str())
        .bind(by)
        .number()
        .await;
    query.expect("the log can be read")
}

#[track_caller]
fn done(page: &Page) {
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html);
    assert!(page.location.starts_with("/admin/"), "{}", page.location);
}

on_every_database! {
    /// For everybody else, owners of everything included, the pages do not exist, and nothing happens by them.
    async fn for_others_the_pages_do_not_exist(world: &World) {
        let ana = user_path(world, "ana").await;
        let acme = format!("/admin/organizations/{}", world.organization("acme").await);
        let globex = format!("/admin/enterprises/{}", world.enterprise("globex").await);
        let pages = ["/admin/users", "/admin/users/new", "/admin/organizations", "/admin/organizations/new",
            "/admin/enterprises", "/admin/enterprises/new", "/admin/health", &ana, &acme, &globex];
        for login in ["ana", "olga", "eve"] {
            let other = Visitor::confirmed(world, login).await;
            for path in pages {
                assert_eq!(other.get(path).await.status, StatusCode::NOT_FOUND, "{login} {path}");
            }
            for (path, fields) in [
                (ana.as_str(), vec![("act", "suspend"), ("rev", "1")]),
                (acme.as_str(), vec![("act", "rename"), ("rev", "2"), ("login", "mine")]),
                (globex.as_str(), vec![("act", "add_owner"), ("rev", "1"), ("owner", "ana")]),
                ("/admin/users/new", vec![("login", "new"), ("name", "New")]),
            ] {
                assert_eq!(other.post(path, &fields).await.status, StatusCode::NOT_FOUND, "{login} {path}");
            }
        }
        assert!(!world.account("ana").await.is_suspended());
        assert!(accounts::find_login(&mut world.reader(), "new").await.expect("it is read").is_none());
        let gus = administrator(world).await;
        for path in pages {
            assert_eq!(gus.get(path).await.status, StatusCode::OK, "{path}");
        }
        for path in ["/admin/users/999999", "/admin/users/x", &ana.replace("users", "organizations")] {
            assert_eq!(gus.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    }

    /// A new user comes with a link that is shown in that answer alone.
    async fn a_new_user_comes_with_a_link(world: &World) {
        let gus = administrator(world).await;
        let typed = [("login", "nina"), ("name", "Nina Roy"), ("email", "nina@example.test")];
        let page = gus.post("/admin/users/new", &typed).await;
        assert_eq!((page.status, page.cache_control.as_str()), (StatusCode::OK, "no-store"), "{}", page.html);
        assert!(page.has("http://localhost:8080/enroll/") && page.has("Nina Roy has an account"), "{}", page.html);
        let nina = world.account("nina").await;
        assert_eq!((nina.name.as_str(), nina.email.as_deref()), ("Nina Roy", Some("nina@example.test")));
        assert!(!nina.site_admin && nina.passkey_handle.is_some());
        assert!(!gus.get(&user_path(world, "nina").await).await.has("/enroll/"), "it is shown once");
        assert_eq!(events(world, Action::UserCreate, "gus").await, 1);
        assert_eq!(events(world, Action::EnrolmentCreate, "gus").await, 1);
        for (login, name, email, words) in [
            ("NINA", "Nina", "", "is taken"),
            ("acme", "Acme", "", "is taken"),
            ("a b", "A", "", "use only letters"),
            ("settings", "S", "", "is kept for addresses"),
            ("", "N", "", "Write the name that addresses will carry."),
            ("new", " ", "", "Write the name that other people see."),
            ("new", "N", "nowhere", "An email address looks like"),
        ] {
            let page = gus.post("/admin/users/new", &[("login", login), ("name", name), ("email", email)]).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{login}");
            assert!(page.has(words) && page.has(&format!("value=\"{login}\"")), "{words}: {}", page.html);
        }
        assert!(accounts::find_login(&mut world.reader(), "new").await.expect("it is read").is_none());
        assert_eq!(events(world, Action::UserCreate, "gus").await, 1, "nothing else was made");
    }

    /// Organizations and enterprises are made with an owner, who is never the administrator.
    async fn what_is_made_has_an_owner_who_is_somebody_else(world: &World) {
        let gus = administrator(world).await;
        let new = "/admin/organizations/new";
        for (owner, enterprise, words) in [
            ("gus", "", "You cannot give yourself a role"),
            ("nobody", "", "There is no user `nobody`"),
            ("", "", "Write the person&#39;s login."),
            ("ana", "nowhere", "There is no enterprise `nowhere`"),
        ] {
            let typed = [("login", "tools"), ("name", "Tools"), ("owner", owner), ("enterprise", enterprise)];
            let page = gus.post(new, &typed).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{owner}");
            assert!(page.has(words), "{words}: {}", page.html);
        }
        assert!(accounts::find_login(&mut world.reader(), "tools").await.expect("it is read").is_none());
        done(&gus.post(new, &[("login", "tools"), ("name", "Tools"), ("owner", "ana"), ("enterprise", "globex")]).await);
        let tools = world.account("tools").await;
        assert_eq!(tools.enterprise_id, Some(world.enterprise("globex").await));
        let role = accounts::find_role(&mut world.reader(), tools.id, world.user("ana").await).await;
        assert_eq!(role.expect("it is read"), Some(MemberRole::Owner));
        done(&gus.post("/admin/enterprises/new", &[("login", "initech"), ("name", "Initech"), ("owner", "ben")]).await);
        let initech = world.enterprise("initech").await;
        let role = accounts::find_role(&mut world.reader(), initech, world.user("ben").await).await;
        assert_eq!(role.expect("it is read"), Some(MemberRole::Owner));
        assert_eq!(events(world, Action::OrganizationCreate, "gus").await, 1);
        assert_eq!(events(world, Action::EnterpriseAddOwner, "gus").await, 1);
        let gus = world.user("gus").await;
        let belongings = accounts::list_belongings(&mut world.reader(), gus).await.expect("they are read");
        assert!(belongings.is_empty(), "an administrator has no role on anything");
    }

    /// A renamed account keeps its tokens; its old name leads nowhere and is kept back, but for itself.
    async fn a_rename_keeps_tokens_working_and_the_name_back(world: &World) {
        let token = world.mint("ana", draft("own").owner("ana").all().permission("issues", "read")).await;
        let secret = token.secret.reveal();
        assert_eq!(world.answer(secret, "GET", "/repos/ana/lab/issues").await, Answer::Allowed);
        let gus = administrator(world).await;
        let path = user_path(world, "ana").await;
        for (login, words) in [("ben", "is taken"), ("acme", "is taken"), ("-x", "does not start"), ("ana", "already")] {
            let page = press(&gus, &path, "rename", &[("login", login)]).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{login}");
            assert!(page.has(words), "{words}: {}", page.html);
        }
        assert_eq!(world.answer(secret, "GET", "/repos/ana/lab/issues").await, Answer::Allowed);
        done(&press(&gus, &path, "rename", &[("login", "anna")]).await);
        assert_eq!(world.answer(secret, "GET", "/repos/anna/lab/issues").await, Answer::Allowed);
        assert_ne!(world.answer(secret, "GET", "/repos/ana/lab/issues").await, Answer::Allowed);
        assert_eq!(events(world, Action::UserRename, "gus").await, 1);
        let refused = gus.post("/admin/users/new", &[("login", "ana"), ("name", "Other")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.has("is kept back until"), "{}", refused.html);
        let ben = user_path(world, "ben").await;
        let refused = press(&gus, &ben, "rename", &[("login", "Ana")]).await;
        assert!(refused.has("is kept back until"), "{}", refused.html);
        done(&press(&gus, &path, "rename", &[("login", "ana")]).await);
        assert_eq!(world.answer(secret, "GET", "/repos/ana/lab/issues").await, Answer::Allowed);
    }

    /// After 90 days a freed name is anybody's again.
    async fn a_freed_name_is_free_after_ninety_days(world: &World) {
        promote(world, "gus").await;
        let acme = format!("/admin/organizations/{}", world.organization("acme").await);
        let gus = Visitor::confirmed(world, "gus").await;
        done(&press(&gus, &acme, "rename", &[("login", "apex")]).await);
        let reserved = async || {
            let now = world.clock_now();
            let kind = grantry::domain::account::AccountKind::Organization;
            accounts::is_name_reserved(&mut world.reader(), kind, "ACME", now).await.expect("it is read")
        };
        assert!(reserved().await);
        world.pass_days(89);
        assert!(reserved().await);
        world.pass_days(1);
        assert!(!reserved().await);
    }

    /// A suspension ends everything at once; lifting it brings back what has not ended.
    async fn a_suspended_person_is_out_and_comes_back(world: &World) {
        let token = world.approved("issues", "read").await;
        let waits = world.mint("ana", draft("waits").owner("acme").selected(&["api"]).permission("issues", "read")).await;
        let secret = token.secret.reveal();
        let ana = Visitor::confirmed(world, "ana").await;
        assert_eq!(ana.get("/").await.status, StatusCode::OK);
        assert_eq!(world.answer(secret, "GET", "/repos/acme/web/issues").await, Answer::Allowed);
        let gus = administrator(world).await;
        let path = user_path(world, "ana").await;
        let page = gus.get(&path).await;
        assert!(page.has("2 tokens of ana stop working at once, 1 session ends, and 1 request that waits is cancelled."), "{}", page.html);
        done(&press(&gus, &path, "suspend", &[]).await);
        assert!(world.account("ana").await.is_suspended());
        assert_ne!(world.answer(secret, "GET", "/repos/acme/web/issues").await, Answer::Allowed);
        assert!(world.request(waits.token, "acme").await.is_none(), "it was cancelled");
        let out = ana.get("/").await;
        assert_eq!((out.status, out.location.as_str()), (StatusCode::SEE_OTHER, "/login"));
        assert_eq!(events(world, Action::UserSuspend, "gus").await, 1);
        for act in ["suspend", "promote", "link"] {
            let refused = press(&gus, &path, act, &[]).await;
            assert!(refused.status.is_client_error(), "{act}");
        }
        done(&press(&gus, &path, "unsuspend", &[]).await);
        assert_eq!(world.answer(secret, "GET", "/repos/acme/web/issues").await, Answer::Allowed);
        assert!(world.request(waits.token, "acme").await.is_none(), "it stays cancelled");
        assert_eq!(ana.get("/").await.status, StatusCode::SEE_OTHER, "the session is gone for good");
        assert_eq!(events(world, Action::UserUnsuspend, "gus").await, 1);
        assert_eq!(events(world, Action::UserPromote, "gus").await, 0);
    }

    /// Nobody takes their own administration away or suspends themselves, so that one administrator always stays.
    async fn the_last_administrator_stays(world: &World) {
        let gus = administrator(world).await;
        let own = user_path(world, "gus").await;
        for act in ["demote", "suspend"] {
            let page = press(&gus, &own, act, &[]).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{act}");
            assert!(page.has("Nobody does this to themselves"), "{}", page.html);
        }
        let account = world.account("gus").await;
        assert!(account.site_admin && !account.is_suspended());
        let ana = user_path(world, "ana").await;
        done(&press(&gus, &ana, "promote", &[]).await);
        assert!(world.account("ana").await.site_admin);
        let other = Visitor::confirmed(world, "ana").await;
        done(&press(&other, &own, "demote", &[]).await);
        assert_eq!(gus.get("/admin/users").await.status, StatusCode::NOT_FOUND, "at the next request");
        assert_eq!((events(world, Action::UserPromote, "gus").await, events(world, Action::UserDemote, "ana").await), (1, 1));
    }

    /// An organization that leaves its enterprise closes what was internal, and ends what only the enterprise gave.
    async fn leaving_an_enterprise_closes_what_was_internal(world: &World) {
        let sister = world.mint("dan", draft("sister").owner("acme").selected(&["handbook"]).permission("contents", "read")).await;
        world.approve("olga", &sister).await.expect("it waits");
        let secret = sister.secret.reveal();
        assert_eq!(world.answer(secret, "GET", "/repos/acme/handbook/contents/x").await, Answer::Allowed);
        let member = world.approved("issues", "read").await;
        let gus = administrator(world).await;
        let path = format!("/admin/organizations/{}", world.organization("acme").await);
        assert!(gus.get(&path).await.has("1 internal repository becomes private"));
        let page = press(&gus, &path, "move", &[("enterprise", "nowhere")]).await;
        assert!(page.has("There is no enterprise `nowhere`"), "{}", page.html);
        let page = press(&gus, &path, "move", &[("enterprise", "globex")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(world.answer(secret, "GET", "/repos/acme/handbook/contents/x").await, Answer::Allowed);
        done(&press(&gus, &path, "move", &[("enterprise", "")]).await);
        assert_eq!(world.account("acme").await.enterprise_id, None);
        let handbook = world.repository("acme/handbook").await;
        let handbook = repositories::find(&mut world.reader(), handbook).await.expect("it is read");
        assert_eq!(handbook.expect("it is there").visibility, Visibility::Private);
        assert_ne!(world.answer(secret, "GET", "/repos/acme/handbook/contents/x").await, Answer::Allowed);
        let grant = world.grant(sister.token, "acme").await;
        assert_eq!((grant.state, grant.ended_cause), (GrantState::Revoked, Some(RevokeCause::Left)));
        assert_eq!(world.grant(member.token, "acme").await.state, GrantState::Active, "a member stays one");
        assert_eq!(events(world, Action::EnterpriseRemoveOrganization, "gus").await, 1);
        done(&press(&gus, &path, "move", &[("enterprise", "globex")]).await);
        assert_eq!(world.grant(sister.token, "acme").await.state, GrantState::Revoked, "coming back revives nothing");
        assert_eq!(events(world, Action::EnterpriseAddOrganization, "gus").await, 1);
    }

    /// Owners of an enterprise are added and taken away, but never the last who can act.
    async fn the_last_owner_of_an_enterprise_stays(world: &World) {
        let gus = administrator(world).await;
        let globex = world.enterprise("globex").await;
        let path = format!("/admin/enterprises/{globex}");
        let (eve, ben) = (world.user("eve").await, world.user("ben").await);
        let remove = async |user: AccountId| press(&gus, &path, "remove_owner", &[("user", &user.to_string())]).await;
        let page = remove(eve).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has("The last owner stays"), "{}", page.html);
        for (owner, words) in [("gus", "You cannot give yourself a role"), ("eve", "owns it already"), ("acme", "There is no user")] {
            let page = press(&gus, &path, "add_owner", &[("owner", owner)]).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{owner}");
            assert!(page.has(words), "{words}: {}", page.html);
        }
        done(&press(&gus, &path, "add_owner", &[("owner", "ben")]).await);
        done(&remove(eve).await);
        let role = async |user| accounts::find_role(&mut world.reader(), globex, user).await.expect("it is read");
        assert_eq!((role(eve).await, role(ben).await), (None, Some(MemberRole::Owner)));
        assert!(remove(ben).await.has("The last owner stays"));
        assert_eq!(events(world, Action::EnterpriseAddOwner, "gus").await, 1);
        assert_eq!(events(world, Action::EnterpriseRemoveOwner, "gus").await, 1);
    }

    /// Owners of an organization choose owners, unless none of them can act.
    async fn an_organization_gets_an_owner_only_where_nobody_can_act(world: &World) {
        let gus = administrator(world).await;
        let labs = world.organization("labs").await;
        let path = format!("/admin/organizations/{labs}");
        let page = press(&gus, &path, "add_owner", &[("owner", "dan")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has("Owners choose owners"), "{}", page.html);
        let olga = user_path(world, "olga").await;
        assert!(gus.get(&olga).await.has("Nobody else can act for:"));
        done(&press(&gus, &olga, "suspend", &[]).await);
        assert!(gus.get(&path).await.has("Every owner is suspended or gone"));
        done(&press(&gus, &path, "add_owner", &[("owner", "dan")]).await);
        let role = accounts::find_role(&mut world.reader(), labs, world.user("dan").await).await;
        assert_eq!(role.expect("it is read"), Some(MemberRole::Owner));
    }

    /// Whoever acts on what is out of date reads that it is, and nothing happens.
    async fn an_act_on_an_outdated_page_is_refused(world: &World) {
        let gus = administrator(world).await;
        let path = user_path(world, "ana").await;
        let rev = gus.get(&path).await.value("rev");
        let first = [("act", "describe"), ("rev", &rev), ("name", "Ana L."), ("email", "")];
        done(&gus.post(&path, &first).await);
        let late = gus.post(&path, &[("act", "suspend"), ("rev", &rev)]).await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        assert!(late.has("This account changed meanwhile"), "{}", late.html);
        let ana = world.account("ana").await;
        assert_eq!((ana.name.as_str(), ana.is_suspended()), ("Ana L.", false));
        for fields in [vec![("act", "explode"), ("rev", "1")], vec![("act", "suspend"), ("rev", "x")]] {
            assert_eq!(gus.post(&path, &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
    }

    /// An old sign-in is asked for the passkey first; what was typed waits.
    async fn acts_ask_for_a_confirmation_first(world: &World) {
        promote(world, "gus").await;
        let gus = Visitor::signed_in(world, "gus").await;
        let path = user_path(world, "ana").await;
        let asked = press(&gus, &path, "rename", &[("login", "anna")]).await;
        let draft = asked.location.strip_prefix("/sudo?").expect("it asks first").to_owned();
        assert!(gus.get(&asked.location).await.has("give ana another login"));
        assert_eq!(gus.get(&format!("{path}?{draft}")).await.value("login"), "anna", "what was typed waits");
        assert_eq!(world.account("ana").await.login, "ana");
        for act in ["suspend", "promote", "link"] {
            let asked = press(&gus, &path, act, &[]).await;
            assert!(asked.location.starts_with("/sudo?"), "{act}: {}", asked.location);
        }
        let account = world.account("ana").await;
        assert!(!account.site_admin && !account.is_suspended());
        assert_eq!(events(world, Action::EnrolmentCreate, "gus").await, 0);
    }

    /// Lists are searched, filtered, sorted and read a page at a time.
    async fn lists_are_searched_filtered_and_read_in_pages(world: &World) {
        let gus = administrator(world).await;
        let page = gus.get("/admin/users?q=OLG").await;
        assert!(page.has(">olga</a>") && page.has("1 user<") && !page.has(">ana</a>"), "{}", page.html);
        let page = gus.get("/admin/users?state=site_admin").await;
        assert!(page.has(">gus</a>") && page.has("1 user<"), "{}", page.html);
        assert!(gus.get("/admin/users?state=suspended").await.has("Nobody matches"));
        let page = gus.get("/admin/users?enterprise=globex").await;
        assert!(page.has(">mia</a>") && page.has("1 user<"), "{}", page.html);
        assert!(gus.get("/admin/organizations?enterprise=globex").await.has("2 organizations"));
        for bad in ["state=odd", "sort=odd", "enterprise=nowhere"] {
            let page = gus.get(&format!("/admin/users?{bad}")).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
        }
        enter_many(world, 60).await;
        for sort in ["login", "newest"] {
            let mut seen = 0;
            let mut path = format!("/admin/users?sort={sort}");
            loop {
                let page = gus.get(&path).await;
                seen += page.html.matches("data-label=\"User\"").count();
                match link(&page, "next") {
                    Some(next) => path = next,
                    None => break,
                }
            }
            assert_eq!(seen, 69, "{sort}: each is shown once");
            let first = link(&gus.get(&path).await, "prev").expect("there is a page before");
            assert_eq!(gus.get(&first).await.html.matches("data-label=\"User\"").count(), 50);
        }
    }

    /// The page says how the installation does, in words.
    async fn health_is_told_in_words(world: &World) {
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(world.folder(), private).expect("it is ours");
        let gus = administrator(world).await;
        world.approved("issues", "read").await;
        let page = gus.get("/admin/health").await;
        assert_eq!(page.status, StatusCode::OK);
        for text in ["Change feed", "Recorder", "In order", " migrations are in", "git version", "Passkeys",
            "Audit log", "Disk space", "Mail", "Grantry 0."] {
            assert!(page.has(text), "{text}: {}", page.html);
        }
        assert!(!page.has("things are wrong"), "{}", page.html);
    }

    /// Refusals keep the menu of whoever is signed in, with the request's id and a way back.
    async fn refusals_keep_the_menu_of_who_is_signed_in(world: &World) {
        let ana = Visitor::confirmed(world, "ana").await;
        let missing = ana.get("/no/such/page").await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND);
        let hidden = ana.get("/admin/users").await;
        let method = ana.post("/settings/profile/nothing", &[]).await;
        for page in [&missing, &hidden, &method] {
            for text in ["action=\"/logout\"", "name=\"csrf\"", "Request id", "Back to what waits for you", ">Profile</a>"] {
                assert!(page.has(text), "{text}: {}", page.html);
            }
            assert!(!page.has("Site administration"), "{}", page.html);
        }
        let gus = administrator(world).await;
        assert!(gus.get("/no/such/page").await.has("<a href=\"/admin/users\">Site administration</a>"));
    }
}

on_shared_databases! {
    /// Two administrators who take each other's administration away at once: exactly one does.
    async fn of_two_administrators_one_stays(world: &World) {
        let (gus, ana) = (promote(world, "gus").await, promote(world, "ana").await);
        let target = async |login| Target::of(&world.account(login).await);
        let (on_gus, on_ana) = (target("gus").await, target("ana").await);
        let (by_gus, by_ana) = (world.person("gus").await, world.person("ana").await);
        let (first, second) = tokio::join!(
            set_user::set_site_admin(&world.context, &by_gus, gus, on_ana, false),
            set_user::set_site_admin(&world.context, &by_ana, ana, on_gus, false),
        );
        let (lost, won): (Vec<_>, Vec<_>) = [first, second].into_iter().partition(Result::is_err);
        assert_eq!((lost.len(), won.len()), (1, 1), "{lost:?}");
        assert!(matches!(lost[0], Err(AdminError::NotAllowed)), "{lost:?}");
        let left = [world.account("gus").await, world.account("ana").await];
        assert_eq!(left.iter().filter(|account| account.site_admin).count(), 1);
        let own = set_user::set_site_admin(&world.context, &by_gus, gus, target("gus").await, false).await;
        assert!(matches!(own, Err(AdminError::Refused(Refusal::Yourself | Refusal::Already) | AdminError::NotAllowed)), "{own:?}");
    }
}

/// The address of the page beside.
fn link(page: &Page, rel: &str) -> Option<String> {
    let (_, rest) = page.html.split_once(&format!("rel=\"{rel}\" href=\""))?;
    let address = rest.split('"').next()?;
    Some(address.replace("&amp;", "&").replace("&#38;", "&"))
}

async fn enter_many(world: &World, count: usize) {
    let origin = Origin::of(Actor::Operator);
    let mut work = world.context.begin(&origin).await.expect("a change begins");
    for number in 0..count {
        let login = format!("many{number}");
        let new = accounts::NewAccount {
            kind: grantry::domain::account::AccountKind::User,
            login: &login,
            name: "One of many",
            email: None,
            passkey_handle: Some(login.clone()),
            created_at: work.now(),
        };
        accounts::insert(&mut work, &new)
            .await
            .expect("it is entered");
    }
    world.context.commit(work).await.expect("it lasts");
}
