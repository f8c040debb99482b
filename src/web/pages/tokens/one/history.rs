//! What happened to a token at one owner, as a short story: asked, approved, denied, revoked.

use std::collections::BTreeMap;

use crate::domain::approval::{Activation, Cause, RequestState, RevokeCause};
use crate::domain::ids::AccountId;
use crate::domain::time::Timestamp;
use crate::store::grants::Grant;
use crate::store::requests::Request;

/// One step of the story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// When.
    pub at: Timestamp,
    /// The name of its shape and colour.
    pub kind: &'static str,
    /// What happened, as a sentence.
    pub text: String,
    /// What somebody wrote with it; empty for nothing.
    pub quote: String,
}

/// Tells the story, newest first. `people` are the logins of those who decided.
pub fn tell(
    owner: &str,
    grant: &Grant,
    requests: &[Request],
    people: &BTreeMap<AccountId, String>,
) -> Vec<Happening> {
    let who = |id: Option<AccountId>| {
        let login = id.and_then(|id| people.get(&id));
        login.map_or_else(|| format!("An owner of {owner}"), Clone::clone)
    };
    let mut story = Vec::new();
    for request in requests {
        story.push(asked(owner, request));
        story.extend(decided(request, &who));
    }
    story.extend(begun(owner, grant));
    story.extend(ended(owner, grant, &who));
    story.reverse();
    // Steps of one moment keep the order in which they follow from each other.
    story.sort_by_key(|step| std::cmp::Reverse(step.at));
    story
}

fn asked(owner: &str, request: &Request) -> Happening {
    let text = match request.cause {
        Cause::New => format!("You asked {owner} for access."),
        Cause::Widening => format!("You asked {owner} for more."),
        Cause::Again => format!("You asked {owner} again."),
    };
    Happening {
        at: request.created_at,
        kind: "pending",
        text,
        quote: request.reason.clone(),
    }
}

fn decided(request: &Request, who: &impl Fn(Option<AccountId>) -> String) -> Option<Happening> {
    let who = who(request.decided_by);
    let (kind, text) = match request.state {
        RequestState::Pending => return None,
        RequestState::Approved => ("active", format!("{who} approved it.")),
        RequestState::Denied => ("denied", format!("{who} denied it.")),
        RequestState::Cancelled => ("none", "The request was withdrawn.".to_owned()),
    };
    Some(Happening {
        at: request.decided_at?,
        kind,
        text,
        quote: request.decision_reason.clone(),
    })
}

fn begun(owner: &str, grant: &Grant) -> Option<Happening> {
    let text = match grant.activation? {
        Activation::Reviewed => return None,
        Activation::ByOwner => "It worked at once: nobody else decides here.".to_owned(),
        Activation::ByPolicy => format!("It worked at once: {owner} asks for no approval of this."),
    };
    Some(Happening {
        at: grant.activated_at?,
        kind: "active",
        text,
        quote: String::new(),
    })
}

fn ended(
    owner: &str,
    grant: &Grant,
    who: &impl Fn(Option<AccountId>) -> String,
) -> Option<Happening> {
    let text = match grant.ended_cause? {
        RevokeCause::Owner => format!("{} revoked it.", who(grant.decided_by)),
        RevokeCause::Left => format!("Your relation to {owner} ended, and its access with it."),
        RevokeCause::TokenEnded => "The token ended.".to_owned(),
        RevokeCause::Removed => format!("You took {owner} out of the token."),
    };
    Some(Happening {
        at: grant.ended_at?,
        kind: "revoked",
        text,
        quote: grant.reason.clone(),
    })
}
