//! The choices of an end for a classic token. No policy keeps one from being chosen: each says where it will be refused,
//! and those that are refused nowhere come first.

use super::ground::{Ground, Obstacle};
use crate::domain::policy::exemption::Exemption;
use crate::domain::time::Timestamp;
use crate::domain::token::expiry::{DEFAULT_DAYS, Expiration, Lifetime, PRESETS};
use crate::domain::token::summary;
use crate::web::pages::tokens::form::{Answers, ExpiresView, choose_days};

/// What stands against a life, for one token or for one to be.
#[derive(Debug, Clone, Copy)]
pub struct Limits<'a> {
    /// Where it is used.
    pub ground: &'a Ground,
    /// What the token is spared.
    pub exemptions: &'a [Exemption],
    /// The moment from which it lives.
    pub now: Timestamp,
}

impl Limits<'_> {
    /// Chooses the usual life, or the longest that is refused nowhere.
    pub fn choose_usual(&self, answers: &mut Answers) {
        let shortest = self.ground.shortest(self.exemptions);
        let days = shortest.map_or(DEFAULT_DAYS, |most| most.min(DEFAULT_DAYS));
        choose_days(answers, days, self.now);
    }

    /// Chooses the longest life that is refused nowhere, where the chosen one is refused somewhere.
    pub fn choose_compliant(&self, answers: &mut Answers) {
        let lifetime = answers.expiration().ok();
        let lifetime = lifetime.and_then(|end| end.lifetime(self.now).ok());
        let is_refused = lifetime.is_none_or(|lifetime| !self.against(lifetime).is_empty());
        if let Some(days) = self.ground.shortest(self.exemptions).filter(|_| is_refused) {
            self.choose(answers, days);
        }
    }

    /// Chooses so many days: as one of the choices where there is such a one.
    pub fn choose(&self, answers: &mut Answers, days: u16) {
        if self.offered().contains(&days) {
            answers.expires = days.to_string();
        } else {
            choose_days(answers, days, self.now);
        }
    }

    /// The limits that stand against a life.
    pub fn against(&self, lifetime: Lifetime) -> Vec<Obstacle> {
        let mut found = self.ground.obstacles(lifetime, self.exemptions);
        found.retain(|obstacle| obstacle.limit().is_some());
        found
    }

    /// The numbers of days that are offered by name: the presets, and the longest life that is refused nowhere.
    fn offered(&self) -> Vec<u16> {
        let mut days = PRESETS.to_vec();
        days.extend(self.ground.shortest(self.exemptions));
        days.sort_unstable();
        days.dedup();
        days
    }

    /// The choices, as answered.
    pub fn draw(&self, answers: &Answers) -> Vec<ExpiresView> {
        let mut choices: Vec<_> = self.offered().into_iter().map(Choice::Days).collect();
        choices.push(Choice::Never);
        // Stable: among those refused somewhere, and among the others, the shorter life comes first.
        choices.sort_by_key(|choice| !self.against(choice.lifetime()).is_empty());
        choices.push(Choice::Custom);
        let views = choices.into_iter();
        views.map(|choice| self.view(choice, answers)).collect()
    }

    fn view(&self, choice: Choice, answers: &Answers) -> ExpiresView {
        let (value, label) = choice.words();
        let ends = match choice {
            Choice::Days(days) => {
                let end = self.now.plus_days(i64::from(days));
                format!("Ends {}.", summary::date(end))
            }
            Choice::Never => "It works until you delete it.".to_owned(),
            Choice::Custom => "At most 366 days from today.".to_owned(),
        };
        let refused = match choice {
            Choice::Custom => Vec::new(),
            _ => self.against(choice.lifetime()),
        };
        let refused = refused.iter().map(refusal);
        ExpiresView {
            is_chosen: answers.expires == value,
            consequence: std::iter::once(ends)
                .chain(refused)
                .collect::<Vec<_>>()
                .join(" "),
            value,
            label,
            is_off: false,
        }
    }
}

/// Where a life will be refused, as a sentence.
fn refusal(obstacle: &Obstacle) -> String {
    let days = obstacle.limit().unwrap_or_default();
    format!(
        "Refused at {}: at most {days} days.",
        obstacle.whereabouts()
    )
}

#[derive(Debug, Clone, Copy)]
enum Choice {
    Days(u16),
    Never,
    Custom,
}

impl Choice {
    const fn lifetime(self) -> Lifetime {
        match self {
            Self::Days(days) => Lifetime::days(days),
            Self::Never | Self::Custom => Lifetime::Unlimited,
        }
    }

    fn words(self) -> (String, String) {
        match self {
            Self::Days(days) => (
                days.to_string(),
                crate::web::filters::counted(i64::from(days), "day", "days"),
            ),
            Self::Never => ("none".to_owned(), "No end".to_owned()),
            Self::Custom => ("custom".to_owned(), "On a day of your choice".to_owned()),
        }
    }
}

/// The number of days that an address asks for, if they can be chosen.
pub fn asked_days(text: &str) -> Option<u16> {
    let Ok(Expiration::Days(days)) = Expiration::parse(text) else {
        return None;
    };
    let range = 1..=crate::domain::token::expiry::LONGEST_DAYS;
    range.contains(&days).then_some(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_795_176_000_000_000);

    fn labels(limit: u16) -> Vec<(String, bool)> {
        let ground = Ground::of_one("acme", limit);
        let limits = Limits {
            ground: &ground,
            exemptions: &[],
            now: NOW,
        };
        let drawn = limits.draw(&Answers::default()).into_iter();
        drawn
            .map(|view| (view.label, view.consequence.contains("Refused at acme")))
            .collect()
    }

    #[test]
    fn what_is_refused_nowhere_comes_first_and_nothing_is_off() {
        let table: [(u16, &[&str], &[&str]); 2] = [
            (
                30,
                &["7 days", "30 days"],
                &["60 days", "90 days", "No end"],
            ),
            (
                14,
                &["7 days", "14 days"],
                &["30 days", "60 days", "90 days", "No end"],
            ),
        ];
        for (limit, free, refused) in table {
            let free = free.iter().map(|label| ((*label).to_owned(), false));
            let refused = refused.iter().map(|label| ((*label).to_owned(), true));
            let custom = [("On a day of your choice".to_owned(), false)];
            let expected: Vec<_> = free.chain(refused).chain(custom).collect();
            assert_eq!(labels(limit), expected, "{limit}");
        }
    }

    #[test]
    fn a_life_that_is_refused_becomes_the_longest_that_is_not() {
        let ground = Ground::of_one("acme", 45);
        let limits = Limits {
            ground: &ground,
            exemptions: &[],
            now: NOW,
        };
        for (chosen, expected) in [("90", "45"), ("none", "45"), ("", "45"), ("7", "7")] {
            let mut answers = Answers {
                expires: chosen.to_owned(),
                ..Answers::default()
            };
            limits.choose_compliant(&mut answers);
            assert_eq!(answers.expires, expected, "{chosen}");
        }
    }

    #[test]
    fn an_address_asks_for_days_that_can_be_chosen() {
        for (text, days) in [
            ("30", Some(30)),
            ("366", Some(366)),
            ("0", None),
            ("367", None),
            ("none", None),
            ("x", None),
        ] {
            assert_eq!(asked_days(text), days, "{text}");
        }
    }
}
