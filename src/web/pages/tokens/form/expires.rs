//! The choices of an end: the presets, none and a day, each with what it means under the limits of the chosen owners.

use super::answers::Answers;
use super::desk::Desk;
use crate::domain::time::Timestamp;
use crate::domain::token::expiry::{DEFAULT_DAYS, LONGEST_DAYS, Lifetime, PRESETS};
use crate::domain::token::summary;

/// A choice of expiration.
#[derive(Debug)]
pub struct ExpiresView {
    /// Its value.
    pub value: String,
    /// Its name.
    pub label: String,
    /// When the token would end, or why it cannot be chosen.
    pub consequence: String,
    /// Whether it is chosen.
    pub is_chosen: bool,
    /// Whether a policy keeps it from being chosen.
    pub is_off: bool,
}

/// Chooses an expiration where none is chosen, or where an owner's limit was passed by choosing that owner; the latter
/// is told.
pub fn settle_expiration(desk: &Desk, answers: &mut Answers) -> Option<String> {
    let limit = desk.limit(answers);
    let days = limit.map_or(DEFAULT_DAYS, |(days, _)| days.min(DEFAULT_DAYS));
    let told = match answers.expiration().map(|end| end.lifetime(desk.now)) {
        Ok(Ok(lifetime)) => {
            let (most, login) = limit.filter(|(most, _)| lifetime > Lifetime::days(*most))?;
            Some(format!(
                "{login} allows tokens for at most {most} days: the end was set to {days} days from now."
            ))
        }
        Err(_) if answers.expires.is_empty() => None,
        Ok(Err(_)) | Err(_) => return None,
    };
    choose_days(answers, days, desk.now);
    told
}

/// Chooses an end after so many days, as a preset where there is one.
pub fn choose_days(answers: &mut Answers, days: u16, now: Timestamp) {
    if PRESETS.contains(&days) {
        answers.expires = days.to_string();
        return;
    }
    "custom".clone_into(&mut answers.expires);
    answers.expires_on = now.plus_days(i64::from(days)).date().to_string();
}

/// The choices, as answered.
pub fn draw_expires(
    answers: &Answers,
    limit: Option<(u16, &str)>,
    now: Timestamp,
) -> Vec<ExpiresView> {
    let preset = |days: u16| {
        let value = days.to_string();
        let is_chosen = answers.expires == value;
        let over = limit.filter(|(limit, _)| days > *limit);
        let end = summary::date(now.plus_days(i64::from(days)));
        ExpiresView {
            label: format!("{days} days"),
            consequence: over.map_or(format!("Ends {end}."), |(limit, login)| {
                format!("{login} allows at most {limit} days.")
            }),
            is_off: over.is_some() && !is_chosen,
            is_chosen,
            value,
        }
    };
    let is_custom = answers.expires == "custom";
    let is_never = answers.expires == "none";
    let most = limit.map_or(LONGEST_DAYS, |(days, _)| days);
    let last = summary::date(now.plus_days(i64::from(most)));
    let mut choices: Vec<_> = PRESETS.into_iter().map(preset).collect();
    choices.push(ExpiresView {
        value: "none".to_owned(),
        label: "No end".to_owned(),
        consequence: limit.map_or(
            "It works until you delete it.".to_owned(),
            |(days, login)| format!("{login} allows at most {days} days."),
        ),
        is_chosen: is_never,
        is_off: limit.is_some() && !is_never,
    });
    choices.push(ExpiresView {
        value: "custom".to_owned(),
        label: "On a day of your choice".to_owned(),
        consequence: format!("At the latest {last}."),
        is_chosen: is_custom,
        is_off: false,
    });
    choices
}

/// What the choice is about, and who limits it.
pub fn expires_help(limit: Option<(u16, &str)>) -> String {
    let why = "A token that ends soon does less harm when it is lost.";
    limit.map_or(why.to_owned(), |(days, login)| {
        format!("{why} {login} allows tokens for at most {days} days.")
    })
}
