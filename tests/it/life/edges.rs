//! Every edge and every refusal of grants and requests, walked beside the model; and random walks, much longer.

use std::collections::HashSet;

use grantry::actions::ask_again::AskAgainError;
use grantry::actions::mint::Minted;
use grantry::actions::refuse::ReviewError;
use grantry::actions::set_member::set_member;
use grantry::actions::withdraw::WithdrawError;
use grantry::domain::access::decision::Reason;
use grantry::domain::access::rights::MemberRole;
use grantry::domain::approval::GrantStanding;
use grantry::domain::policy::setting::{Approval, Limit};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::actors::WEB;
use super::machine::{ACTS, Act, Machine, Wish};
use crate::world::{Answer, World};

/// The shortest way to every place that the model can reach.
fn places() -> Vec<(Machine, Vec<Act>)> {
    let mut found = vec![(Machine::new(), Vec::new()), suspended()];
    let mut seen: HashSet<_> = found.iter().map(|(machine, _)| word(*machine)).collect();
    let mut next = 0;
    while let Some((machine, way)) = found.get(next).cloned() {
        for act in moves() {
            if let Some(after) = machine.after(act)
                && seen.insert(word(after))
            {
                found.push((after, [way.as_slice(), &[act]].concat()));
            }
        }
        next += 1;
    }
    found
}

/// A grant that worked without approval until one was required and its user was demoted.
fn suspended() -> (Machine, Vec<Act>) {
    let way = [
        Act::Require(false),
        Act::Edit(None),
        Act::Edit(Some(Wish::Read)),
        Act::Require(true),
        Act::Demote,
    ];
    let end = way.iter().fold(Machine::new(), |machine, act| {
        machine.after(*act).expect("none of these is refused")
    });
    (end, way.to_vec())
}

/// Every act on a token; random walks change the policy as well.
fn moves() -> impl Iterator<Item = Act> {
    let on_token = |act: &Act| !matches!(act, Act::Require(_));
    ACTS.into_iter().filter(on_token)
}

fn word(machine: Machine) -> String {
    format!("{:?}", machine.place())
}

/// Does an act for real. False where it was refused by a rule.
async fn act(world: &World, minted: &Minted, name: &str, act: Act) -> bool {
    let token = minted.token;
    match act {
        Act::Approve => reviewed(world.approve("olga", minted).await),
        Act::Deny => reviewed(world.deny("sam", minted, "no").await),
        Act::Revoke => reviewed(world.revoke("sam", minted, "gone").await),
        Act::Withdraw => match world.withdraw(token).await {
            Err(WithdrawError::Store(error)) => panic!("{error}"),
            other => other.is_ok(),
        },
        Act::AskAgain => match world.ask_again(token, "acme").await {
            Err(AskAgainError::Store(error)) => panic!("{error}"),
            other => other.is_ok(),
        },
        Act::Edit(wish) => {
            let form = wish.map_or_else(|| crate::world::draft(name), |wish| wish.form(name));
            world
                .edit(token, form)
                .await
                .expect("every wish here is sound");
            true
        }
        Act::Demote => {
            role(world, MemberRole::Member, MemberRole::Owner).await;
            role(world, MemberRole::Owner, MemberRole::Member).await;
            true
        }
        Act::Require(required) => {
            require(world, required).await;
            true
        }
    }
}

fn reviewed(result: Result<(), ReviewError>) -> bool {
    match result {
        Err(ReviewError::Store(error)) => panic!("{error}"),
        other => other.is_ok(),
    }
}

async fn role(world: &World, shown: MemberRole, role: MemberRole) {
    let (acme, ana) = (world.organization("acme").await, world.user("ana").await);
    let origin = world.person("olga").await;
    set_member(&world.context, &origin, acme, ana, Some(shown), role)
        .await
        .expect("olga may");
}

async fn require(world: &World, required: bool) {
    let approval = if required {
        Approval::Required
    } else {
        Approval::NotRequired
    };
    world.policy("acme", approval, Limit::Unlimited).await;
}

/// What is stored and what the gate answers agree with the model.
async fn agrees(world: &World, minted: &Minted, machine: Machine, said: &str) {
    let stored = world.state(minted.token, "acme").await;
    assert_eq!(stored, (machine.grant, Some(machine.latest)), "{said}");
    let ability = |wish| match machine.standing() {
        GrantStanding::Active if machine.given() >= Some(wish) => Answer::Allowed,
        GrantStanding::Active => Answer::Refused(Reason::MissingPermission),
        GrantStanding::Pending => Answer::Refused(Reason::Pending),
        GrantStanding::Denied => Answer::Refused(Reason::Denied),
        GrantStanding::Revoked => Answer::Refused(Reason::Revoked),
        GrantStanding::None => Answer::Refused(Reason::NoGrant),
    };
    let secret = minted.secret.reveal();
    for (method, wish) in [("GET", Wish::Read), ("POST", Wish::Write)] {
        let answer = world.answer(secret, method, WEB).await;
        assert_eq!(answer, ability(wish), "{method} after {said}");
    }
}

/// Does an act beside the model, and compares.
async fn step(world: &World, minted: &Minted, name: &str, machine: Machine, next: Act) -> Machine {
    let after = machine.after(next);
    let went = act(world, minted, name, next).await;
    assert_eq!(went, after.is_some(), "{next:?} in {machine:?}");
    after.unwrap_or(machine)
}

async fn walk(world: &World, name: &str, way: &[Act]) {
    require(world, true).await;
    let minted = world.mint("ana", Wish::Read.form(name)).await;
    let mut machine = Machine::new();
    for (place, next) in way.iter().enumerate() {
        machine = step(world, &minted, name, machine, *next).await;
        agrees(world, &minted, machine, &format!("{:?}", &way[..=place])).await;
    }
    world.end(minted.token).await;
}

on_shared_databases! {
    async fn every_edge_and_every_refusal_is_as_the_model_says(world: &World) {
        for (place, (machine, way)) in places().into_iter().enumerate() {
            for (number, next) in moves().enumerate() {
                let name = format!("t{place}-{number}");
                let minted = world.mint("ana", Wish::Read.form(&name)).await;
                for done in &way {
                    act(world, &minted, &name, *done).await;
                }
                let after = step(world, &minted, &name, machine, next).await;
                agrees(world, &minted, after, &format!("{way:?} and {next:?}")).await;
                world.end(minted.token).await;
            }
        }
    }

    async fn random_walks_never_leave_the_model(world: &World) {
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let walks = proptest::collection::vec(proptest::sample::select(ACTS.to_vec()), 25);
        for number in 0..8 {
            let way = walks.new_tree(&mut runner).expect("walks can be made").current();
            walk(world, &format!("walk {number}"), &way).await;
        }
    }
}

#[test]
fn the_model_reaches_every_state_of_grants_and_requests() {
    use grantry::domain::approval::{GrantState, RequestState};
    let places = places();
    for grant in GrantState::ALL {
        let found = places.iter().any(|(machine, _)| machine.grant == *grant);
        assert!(found, "{grant}");
    }
    for request in RequestState::ALL {
        let found = places.iter().any(|(machine, _)| machine.latest == *request);
        assert!(found, "{request}");
    }
}
