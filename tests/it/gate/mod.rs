//! The gate with real databases: what it forgets and hears, what it writes down, and who wins a race.

mod hearing;
mod races;
mod recording;
