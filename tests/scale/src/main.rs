//! What regconf costs for a node, with a hundred nodes and with ten thousand.
//!
//! ```text
//! cargo run --release -p regconf-scale
//! ```
//!
//! The nodes are SSH servers in a process of their own, on as many addresses of this machine's loopback network, and
//! each measured call runs in a new process, so that what is measured is the client alone. The figures come as Markdown.
//!
//! Where to look: `parts.rs` says what is measured, `client.rs` measures one call, `farm.rs` and `canned.rs` are the
//! nodes, `fixture.rs` makes keys and lists.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod arguments;
mod canned;
mod client;
mod farm;
mod fixture;
mod meter;
mod parts;
mod process;
mod table;

use std::process::ExitCode;

use arguments::{Task, USAGE};

/// Why nothing could be measured.
type Fault = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let task = match arguments::read() {
        Ok(task) => task,
        Err(error) => {
            eprintln!("regconf-scale: {error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let done = match task {
        Task::Help => {
            println!("{USAGE}");
            Ok(())
        }
        Task::Measure(wanted) => parts::run(&wanted),
        Task::Farm(plan) => farm::run(&plan),
        Task::Client(job) => client::run(&job),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("regconf-scale: {error}");
            ExitCode::FAILURE
        }
    }
}
