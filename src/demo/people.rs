//! The people of the sample enterprise, and what to look at as each of them.

/// A sample person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// Their login.
    pub login: &'static str,
    /// Who they are and what to look at.
    pub part: &'static str,
}

/// Everybody, those first whom to try first.
pub const PEOPLE: &[Person] = &[
    Person {
        login: "olga",
        part: "owns acme and labs: approve or deny what waits at acme",
    },
    Person {
        login: "ana",
        part: "develops at acme and labs: has tokens in several states, decides on dan's at ana/lab, mint another",
    },
    Person {
        login: "sam",
        part: "also owns acme: decides the same requests, has a classic token",
    },
    Person {
        login: "ben",
        part: "member of acme: one token waits, one was revoked with a reason",
    },
    Person {
        login: "mia",
        part: "member of acme and field, managed by globex: its policy holds at home too",
    },
    Person {
        login: "dan",
        part: "member of labs: one token has expired, one outlives what labs allows, one waits for ana",
    },
    Person {
        login: "carl",
        part: "outside collaborator on acme/web: waits for an owner",
    },
    Person {
        login: "eve",
        part: "owns the enterprise globex: its organizations, people and every token that reaches them",
    },
    Person {
        login: "ida",
        part: "runs this installation: people, organizations and health under /admin",
    },
    Person {
        login: "gus",
        part: "belongs to nothing: sees public repositories only",
    },
];
