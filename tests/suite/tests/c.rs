//! The C ABI as its users have it: installed by cargo-c, found by pkg-config, called by C programs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]

#[path = "c/abi.rs"]
mod abi;
#[path = "c/programs.rs"]
mod programs;
#[path = "c/readme.rs"]
mod readme;
#[path = "../../../core/tests/support/sshd.rs"]
mod sshd;
#[path = "c/stage.rs"]
mod stage;
#[path = "c/three_nodes.rs"]
mod three_nodes;
