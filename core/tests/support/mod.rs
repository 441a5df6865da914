//! What nodes are made of in tests.
#![allow(
    dead_code,
    unused_imports,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc
)]

pub(crate) mod accounts;
pub(crate) mod password;
pub(crate) mod saboteur;
pub(crate) mod sshd;

pub(crate) use sshd::{Agent, Builder, Sshd, keygen, next_address, user};
