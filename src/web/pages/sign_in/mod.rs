//! How people come in, prove again that it is them, and leave.

pub mod enroll;
pub mod login;
pub mod logout;
pub mod recovery;
pub mod sudo;
