//! The C ABI as its users have it: installed by cargo-c, found by pkg-config, called by C programs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]

#[path = "with_c/abi.rs"]
mod abi;
#[path = "with_c/programs.rs"]
mod programs;
#[path = "with_c/readme.rs"]
mod readme;
#[path = "../../../core/tests/support/sshd.rs"]
mod sshd;
#[path = "with_c/stage.rs"]
mod stage;
#[path = "with_c/three_nodes.rs"]
mod three_nodes;
