//! Pushes registry settings to nodes over SSH.
//!
//! ```text
//! cargo run --release --example push
//! ```
//!
//! Without arguments it needs nothing but this machine: it starts three SSH servers inside its own process, each with
//! a temporary folder that looks like a node, with the containerd and docker configs of other people in it. Then it
//!
//! 1. pushes `my-registry.com`, served by `http://192.168.30.56:5000`, to all three at once,
//! 2. prints what changed in their files, and a table of how it went,
//! 3. pushes the same again, and fails unless nothing is left to change.
//!
//! No root is needed, no service is touched, and the folders are gone afterwards.
//!
//! With `--nodes FILE --settings FILE` it does the same to your own nodes; `--help` shows the rest.
//!
//! Where to look: `demo.rs` uses the library in Rust, `fleet.rs` from files. `progress.rs` hears what happens on the
//! nodes, `show.rs` prints plans and reports. `sshd.rs` and `systems.rs` only make the pretended nodes.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod arguments;
mod demo;
mod fleet;
mod progress;
mod show;
mod sshd;
mod systems;

use std::process::ExitCode;

use arguments::{Task, USAGE};

/// Why nothing could be begun.
type Fault = Box<dyn std::error::Error>;

/// How it ended, as the exit code of the process.
#[derive(Clone, Copy)]
enum Ending {
    AsWanted = 0,
    NodesFailed = 1,
    Unusable = 2,
    Pending = 3,
}

fn main() -> ExitCode {
    let task = match arguments::read() {
        Ok(task) => task,
        Err(error) => {
            eprintln!("push: {error}\n\n{USAGE}");
            return ExitCode::from(Ending::Unusable as u8);
        }
    };
    let ending = match task {
        Task::Help => {
            println!("{USAGE}");
            Ok(Ending::AsWanted)
        }
        Task::Demo => demo::run(),
        Task::Fleet(fleet) => fleet::run(&fleet),
    };
    let ending = ending.unwrap_or_else(|error| {
        eprintln!("push: {error}");
        Ending::Unusable
    });
    ExitCode::from(ending as u8)
}
