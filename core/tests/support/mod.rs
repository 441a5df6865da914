//! What nodes are made of in tests.
#![allow(unused_imports)]

pub(crate) mod accounts;
pub(crate) mod password;
pub(crate) mod saboteur;
pub(crate) mod sshd;

pub(crate) use sshd::{Agent, Builder, Sshd, keygen, next_address, user};
