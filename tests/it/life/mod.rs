//! The whole life of a fine-grained token, from its making to its end: every move of grants and requests, every refusal,
//! and who wins when two act at once.

mod actors;
mod asking;
mod edges;
mod edits;
mod machine;
mod owners;
mod races;
mod rights;
mod rotations;
