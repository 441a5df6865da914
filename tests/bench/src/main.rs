//! The push benchmark: the same work by regconf and by other tools, on the same real sshd nodes, in turn. What is
//! measured and how is told below the tables that it prints.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod alone;
mod arguments;
mod bench;
mod check;
mod floor;
mod job;
mod measure;
mod nodes;
mod ours;
mod peers;
mod procfs;
mod table;

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use std::time::Instant;

use arguments::{Bench, Task, USAGE};
use bench::Place;
use floor::Asks;
use job::{Job, Result};

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("regconf-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all went well.
fn run() -> Result<bool> {
    match arguments::read()? {
        Task::Help => println!("{USAGE}"),
        Task::Drive(word) => drive(&word)?,
        Task::Meter(out, command) => measure::meter(&out, &command)?,
        Task::Bench(bench) => return with_own_mounts(&bench),
    }
    Ok(true)
}

/// What the drivers of this program do. Those that push say how long it took.
fn drive(word: &str) -> Result<()> {
    if word == "merge" {
        return merge();
    }
    let (job, began) = (Job::of_environment()?, Instant::now());
    match word {
        "floor" => floor::push(&job, Asks::Nothing)?,
        "asking-floor" => floor::push(&job, Asks::Engine)?,
        "ours" => ours::push(&job)?,
        _ => return Err(format!("{word:?} is nothing that can be done").into()),
    }
    println!("{{\"seconds\": {}}}", began.elapsed().as_secs_f64());
    Ok(())
}

/// The merge for those that have none of their own: from standard input; status 3 where there is nothing to do.
fn merge() -> Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    match job::merged(&text)? {
        Some(after) => print!("{after}"),
        None => std::process::exit(3),
    }
    Ok(())
}

/// Says that this process has mounts of its own, which end with it.
const OWN_MOUNTS: &str = "REGCONF_BENCH_OWN_MOUNTS";

fn with_own_mounts(bench: &Bench) -> Result<bool> {
    if !rustix::process::geteuid().is_root() {
        return Err("the nodes need root: run it as root".into());
    }
    if std::env::var_os(OWN_MOUNTS).is_some() {
        return compare(bench);
    }
    let mut command = Command::new("unshare");
    command.arg("--mount").arg(std::env::current_exe()?).args(std::env::args_os().skip(1)).env(OWN_MOUNTS, "1");
    Err(format!("unshare (of util-linux): {}", command.exec()).into())
}

fn compare(bench: &Bench) -> Result<bool> {
    let place = Place::make(bench)?;
    println!("# Push benchmark\n\n{}", about(bench, &place));
    if bench.alone || bench.memory {
        if bench.alone {
            println!("{}", alone::alone(&place)?);
        }
        if bench.memory {
            println!("{}", alone::memory(bench, &place)?);
        }
        return Ok(true);
    }
    let mut out = std::fs::File::create(&bench.out)?;
    let runs = bench::compare(bench, &place, &mut out, &mut |text| eprintln!("{text}"))?;
    println!("{}", table::tables(bench, &runs));
    let faults: Vec<_> =
        runs.iter().filter_map(|run| Some(format!("* {}: {}", run.peer, run.fault.as_ref()?))).collect();
    println!("Runs that were not right, which count for nothing above: {}\n{}", faults.len(), faults.join("\n"));
    Ok(faults.is_empty())
}

/// What the figures are.
fn about(bench: &Bench, place: &Place) -> String {
    let build = if cfg!(debug_assertions) { "\nThis is a debug build, whose figures say nothing.\n" } else { "" };
    let containerd =
        if ours::has_containerd() { "\nThis machine has containerd; regconf sets docker only.\n" } else { "" };
    let peers: Vec<_> = bench.peers.iter().map(|peer| format!("* {}: {}\n", peer.name, peer.about)).collect();
    format!(
        "{} processors for client and nodes together; {} runs, medians; {} nodes at once. Client CPU is user and system time of all \
         processes of the driver, what it leaves running included; its RSS is the peak of its largest process. Node CPU \
         is that of the servers and all below them, by {}.\n{build}{containerd}\n",
        std::thread::available_parallelism().map_or(1, usize::from),
        bench.runs,
        bench.parallel,
        place.cpu.method(),
    ) + &peers.concat()
}
