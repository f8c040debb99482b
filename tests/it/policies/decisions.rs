//! Policies in every decision: what a preview names is what is blocked, single tokens can be spared or blocked, and
//! undoing a policy gives back exactly what it took.

use grantry::actions::block_classic::{BlockError, block_classic};
use grantry::actions::exempt_token::{ExemptError, Wish, end_exemption, exempt_token};
use grantry::actions::preview_policy::preview_policy;
use grantry::actions::regenerate;
use grantry::domain::access::decision::Reason;
use grantry::domain::ids::AccountId;
use grantry::domain::policy::exemption::ExemptionMistake;
use grantry::domain::policy::setting::{
    Access, EnterpriseAccess, EnterpriseApproval, EnterpriseLayer,
};
use grantry::domain::policy::{Exempted, Layer, Limit};
use grantry::domain::token::TokenKind;
use grantry::domain::token::expiry::Expiration;
use grantry::store::exemption_lists::{self, Filter, Given, Part};
use grantry::store::{accounts, exceptions};

use super::{approved, classic, layer, read, set};
use crate::world::{Answer, World};

/// The exemptions that an organization gave and that count now.
async fn in_force(world: &World, scope: AccountId) -> Vec<Given> {
    let filter = Filter {
        part: Part::InForce,
        search: String::new(),
        now: world.clock_now(),
    };
    let found = exemption_lists::list(&mut world.reader(), scope, &filter, (None, None), 10).await;
    found.expect("they are read")
}

on_every_database! {
    async fn a_preview_names_exactly_what_the_policy_then_blocks(world: &World) {
        let (short, short_secret) = approved(world, "short", 7).await;
        let (long, long_secret) = approved(world, "long", 60).await;
        assert_eq!(read(world, &long_secret).await, Answer::Allowed);
        let acme = world.organization("acme").await;
        let (kind, now) = (TokenKind::FineGrained, world.clock_now());
        let strict = layer(Access::Allow, Limit::Days(30));
        let proposed = Layer::Organization(strict);
        let found = preview_policy(&world.context, acme, kind, proposed, now).await.expect("it is asked");
        let named: Vec<_> = found.blocked.iter().map(|touched| touched.subject.token).collect();
        assert_eq!(named, [long]);
        assert_eq!((found.blocked_people(), found.blocked_in_use(now)), (1, 1));
        assert!(found.needs_a_look(now));
        assert_eq!(read(world, &long_secret).await, Answer::Allowed, "a look changes nothing");

        set(world, kind, &strict).await;
        assert_eq!(read(world, &long_secret).await, Answer::Refused(Reason::PolicyLifetime));
        assert_eq!(read(world, &short_secret).await, Answer::Allowed);

        let open = Layer::Organization(layer(Access::Allow, Limit::Days(366)));
        let back = preview_policy(&world.context, acme, kind, open, now).await.expect("it is asked");
        assert_eq!((back.freed_tokens(), back.blocked_tokens()), (1, 0));
        set(world, kind, &layer(Access::Allow, Limit::Days(366))).await;
        assert_eq!(read(world, &long_secret).await, Answer::Allowed, "nothing was revoked");
        assert_ne!(short, long);
    }

    async fn an_enterprises_restriction_is_previewed_over_all_its_organizations(world: &World) {
        let (token, secret) = approved(world, "job", 30).await;
        let (globex, now) = (world.enterprise("globex").await, world.clock_now());
        let restricted = EnterpriseLayer {
            access: EnterpriseAccess::Restrict,
            approval: EnterpriseApproval::Delegate,
            lifetime: Limit::Days(366),
            exempts_administrators: false,
        };
        let kind = TokenKind::FineGrained;
        let proposed = Layer::Enterprise(restricted);
        let found = preview_policy(&world.context, globex, kind, proposed, now).await.expect("it is asked");
        let named: Vec<_> = found.blocked.iter().map(|touched| touched.subject.token).collect();
        assert_eq!(named, [token]);
        assert!(!found.needs_a_look(now), "it was never used");
        assert_eq!(read(world, &secret).await, Answer::Allowed);
    }

    async fn an_exemption_spares_one_token_until_its_date(world: &World) {
        let (token, secret) = approved(world, "spared", 60).await;
        let (_, other) = approved(world, "other", 60).await;
        set(world, TokenKind::FineGrained, &layer(Access::Restrict, Limit::Days(30))).await;
        assert_eq!(read(world, &secret).await, Answer::Refused(Reason::PolicyAccess));
        let acme = world.organization("acme").await;
        let olga = world.person("olga").await;
        let until = world.clock_now().plus_days(5);
        let wish = |policy| Wish { token, policy, until, reason: "the release waits for it" };
        exempt_token(&world.context, &olga, acme, &wish(Exempted::Access)).await.expect("olga owns acme");
        assert_eq!(read(world, &secret).await, Answer::Refused(Reason::PolicyLifetime), "the limit still counts");
        exempt_token(&world.context, &olga, acme, &wish(Exempted::Lifetime)).await.expect("olga owns acme");
        assert_eq!(read(world, &secret).await, Answer::Allowed);
        assert_eq!(read(world, &other).await, Answer::Refused(Reason::PolicyAccess));
        world.pass_days(5);
        assert_eq!(read(world, &secret).await, Answer::Refused(Reason::PolicyAccess), "its date has come");
    }

    async fn an_exemption_that_is_taken_back_counts_no_more(world: &World) {
        let (token, secret) = approved(world, "spared", 30).await;
        set(world, TokenKind::FineGrained, &layer(Access::Restrict, Limit::Unlimited)).await;
        let (acme, olga) = (world.organization("acme").await, world.person("olga").await);
        let now = world.clock_now();
        let wish = Wish { token, policy: Exempted::Access, until: now.plus_days(30), reason: "soon gone" };
        exempt_token(&world.context, &olga, acme, &wish).await.expect("olga owns acme");
        let given = in_force(world, acme).await;
        assert_eq!((given.len(), given[0].reason.as_str()), (1, "soon gone"));
        assert_eq!(given[0].given_by.as_deref(), Some("olga"));
        end_exemption(&world.context, &olga, acme, given[0].id).await.expect("it counts");
        assert_eq!(read(world, &secret).await, Answer::Refused(Reason::PolicyAccess));
        let again = end_exemption(&world.context, &olga, acme, given[0].id).await;
        assert!(matches!(again, Err(ExemptError::Over)), "once is enough");
    }

    async fn an_exemption_is_refused_and_nothing_is_written(world: &World) {
        let (token, _) = approved(world, "job", 30).await;
        let (acme, labs) = (world.organization("acme").await, world.organization("labs").await);
        let (olga, ana) = (world.person("olga").await, world.person("ana").await);
        let now = world.clock_now();
        let wish = Wish { token, policy: Exempted::Access, until: now.plus_days(1), reason: "why not" };
        let by_member = exempt_token(&world.context, &ana, acme, &wish).await;
        assert!(matches!(by_member, Err(ExemptError::NotAnOwner)));
        let elsewhere = exempt_token(&world.context, &olga, labs, &wish).await;
        assert!(matches!(elsewhere, Err(ExemptError::NotFound)), "it does not reach labs");
        let over = Wish { until: now, reason: " ", ..wish };
        let Err(ExemptError::Mistakes(mistakes)) = exempt_token(&world.context, &olga, acme, &over).await else {
            panic!("it would end before it began");
        };
        assert_eq!(mistakes, [ExemptionMistake::Over, ExemptionMistake::NoReason]);
        for scope in [acme, labs] {
            assert_eq!(in_force(world, scope).await, []);
        }
    }

    async fn a_classic_token_that_was_used_here_can_be_blocked_here_for_good(world: &World) {
        let (token, secret) = classic(world, "ana").await;
        let (acme, olga) = (world.organization("acme").await, world.person("olga").await);
        let unseen = block_classic(&world.context, &olga, acme, token, "").await;
        assert!(matches!(unseen, Err(BlockError::NotFound)), "it was never used here");
        assert_eq!(read(world, &secret).await, Answer::Allowed);
        let by_member = block_classic(&world.context, &world.person("ben").await, acme, token, "").await;
        assert!(matches!(by_member, Err(BlockError::NotAnOwner)));
        block_classic(&world.context, &olga, acme, token, "use a fine-grained one").await.expect("olga owns acme");
        assert_eq!(read(world, &secret).await, Answer::Refused(Reason::BlockedHere));
        assert_eq!(world.answer(&secret, "GET", "/repos/acme/site").await, Answer::Allowed, "public reads stay");
        assert_eq!(world.answer(&secret, "GET", "/repos/ana/lab").await, Answer::Allowed, "elsewhere it works");
        let again = block_classic(&world.context, &olga, acme, token, "").await;
        assert!(matches!(again, Err(BlockError::AlreadyBlocked)));
        let blocks = exceptions::list_blocks(&mut world.reader(), token).await.expect("they are read");
        assert_eq!(blocks[0].owner_login, "acme");
        assert_eq!(blocks[0].reason, "use a fine-grained one");
    }

    async fn a_preview_of_classic_tokens_names_those_that_were_used_here(world: &World) {
        let (used, secret) = classic(world, "ana").await;
        let (_, _unused) = classic(world, "ben").await;
        assert_eq!(read(world, &secret).await, Answer::Allowed);
        let (acme, kind) = (world.organization("acme").await, TokenKind::Classic);
        let now = world.clock_now();
        for strict in [layer(Access::Restrict, Limit::Unlimited), layer(Access::Allow, Limit::Days(90))] {
            let proposed = Layer::Organization(strict);
            let found = preview_policy(&world.context, acme, kind, proposed, now).await.expect("it is asked");
            let named: Vec<_> = found.blocked.iter().map(|touched| touched.subject.token).collect();
            assert_eq!(named, [used], "{strict:?}");
            set(world, kind, &strict).await;
            assert!(matches!(read(world, &secret).await, Answer::Refused(_)), "{strict:?}");
            set(world, kind, &layer(Access::Allow, Limit::Unlimited)).await;
            assert_eq!(read(world, &secret).await, Answer::Allowed);
        }
    }

    async fn a_preview_leaves_out_whose_token_only_reads_in_public_or_works_nowhere(world: &World) {
        let (stranger, secret) = classic(world, "gus").await;
        assert_eq!(world.answer(&secret, "GET", "/repos/acme/site").await, Answer::Allowed);
        let (suspended, secret) = classic(world, "ben").await;
        assert_eq!(read(world, &secret).await, Answer::Allowed);
        let mut ben = world.account("ben").await;
        ben.suspended_at = Some(world.clock_now());
        accounts::update(&mut world.reader(), &ben).await.expect("it is saved");
        let (acme, now) = (world.organization("acme").await, world.clock_now());
        let strict = Layer::Organization(layer(Access::Restrict, Limit::Unlimited));
        let found = preview_policy(&world.context, acme, TokenKind::Classic, strict, now).await.expect("it is asked");
        let named: Vec<_> = found.blocked.iter().map(|touched| touched.subject.token).collect();
        assert!(!named.contains(&stranger) && !named.contains(&suspended), "{named:?}");
    }

    async fn an_exempt_token_gets_a_new_life_as_long_as_it_had(world: &World) {
        let (token, secret) = approved(world, "long", 60).await;
        set(world, TokenKind::FineGrained, &layer(Access::Allow, Limit::Days(30))).await;
        assert_eq!(read(world, &secret).await, Answer::Refused(Reason::PolicyLifetime));
        let (acme, olga) = (world.organization("acme").await, world.person("olga").await);
        let date = world.clock_now().plus_days(10);
        let wish = Wish { token, policy: Exempted::Lifetime, until: date, reason: "the release" };
        exempt_token(&world.context, &olga, acme, &wish).await.expect("olga owns acme");
        let (ana, user) = (world.person("ana").await, world.user("ana").await);
        let again = regenerate::Wish {
            form_number: b"again".to_vec(),
            expiration: Expiration::Days(60),
            overlap: None,
        };
        let made = regenerate::regenerate(&world.context, &ana, user, token, &again).await.expect("it is exempt");
        assert_eq!(read(world, made.secret.reveal()).await, Answer::Allowed);
        world.pass_days(10);
        assert_eq!(read(world, made.secret.reveal()).await, Answer::Refused(Reason::PolicyLifetime), "its date has come");
    }
}
