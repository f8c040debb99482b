//! How people come in, prove again that it is them, and leave.

pub mod logout;
