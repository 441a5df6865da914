//! What the command line asks for.

use std::path::PathBuf;
use std::time::Duration;

use lexopt::Parser;
use lexopt::prelude::{Long, Short, ValueExt};
use regconf::Options;

pub(crate) const USAGE: &str = "\
Usage: push                                    show it on three nodes inside this process
       push --nodes FILE --settings FILE ...   push to your nodes

  --nodes FILE              who to reach: JSON, or one [user@]host[:port] a line
  --settings FILE           what is wanted, as JSON
  --dry-run                 only find out what there is to do
  --parallel N              how many nodes at once; 0, as without it, means all, at most 256
  --parallel-restart N      how many of them may restart an engine at once
  --canary N                change so many first, and go on only if they end well
  --batch N|P%              how many are changed together, after the canary
  --pause SECONDS           how long to wait between two batches
  --max-failures N|P%       begin no other node when more than that have failed
  --unreachable WHAT        nodes that cannot be reached: fail (the usual), skip, retry or retry:ROUNDS:SECONDS
  --journal FILE            write down how each node ended; called again, do only what is left
  --pull IMAGE              let each node pull this image at the end; may be repeated
  --probe                   let each node ask the registries what answers there
  --assume ENGINE=VERSION   an engine's version, for folders that cannot be asked; may be repeated
  --json                    print the report as JSON
  --help                    print this

Exit code: 0 all as wanted, 1 some node failed, 2 it could not begin, 3 changes are pending (--dry-run)";

/// What is to be done.
pub(crate) enum Task {
    Help,
    Demo,
    Fleet(Box<Fleet>),
}

/// A push to nodes from a list.
#[derive(Default)]
pub(crate) struct Fleet {
    pub(crate) nodes: PathBuf,
    pub(crate) settings: PathBuf,
    pub(crate) options: Options,
    pub(crate) json: bool,
}

/// Reads the arguments of this process.
pub(crate) fn read() -> Result<Task, lexopt::Error> {
    let mut parser = Parser::from_env();
    let mut fleet = Fleet::default();
    let mut is_empty = true;
    while let Some(argument) = parser.next()? {
        is_empty = false;
        match argument {
            Short('h') | Long("help") => return Ok(Task::Help),
            Long("nodes") => fleet.nodes = parser.value()?.into(),
            Long("settings") => fleet.settings = parser.value()?.into(),
            Long("json") => fleet.json = true,
            Long(name) => {
                let name = name.to_owned();
                option(&name, &mut parser, &mut fleet.options)?;
            }
            _ => return Err(argument.unexpected()),
        }
    }
    if is_empty {
        return Ok(Task::Demo);
    }
    if fleet.nodes.as_os_str().is_empty() || fleet.settings.as_os_str().is_empty() {
        return Err("give both --nodes and --settings".into());
    }
    Ok(Task::Fleet(Box::new(fleet)))
}

/// An argument that says how the nodes are worked on.
fn option(name: &str, parser: &mut Parser, options: &mut Options) -> Result<(), lexopt::Error> {
    match name {
        "dry-run" => options.dry_run = true,
        "parallel" => options.parallel = parser.value()?.parse()?,
        "parallel-restart" => options.parallel_apply = parser.value()?.parse()?,
        "canary" => options.canary = parser.value()?.parse()?,
        "batch" => options.batch = parser.value()?.parse()?,
        "pause" => options.pause = Duration::from_secs(parser.value()?.parse::<u32>()?.into()),
        "max-failures" => options.max_failures = Some(parser.value()?.parse()?),
        "unreachable" => options.unreachable = parser.value()?.parse()?,
        "journal" => options.journal = Some(parser.value()?.into()),
        "pull" => options.verify_pull.push(parser.value()?.parse()?),
        "probe" => options.probe = true,
        "assume" => options.assume.push(parser.value()?.parse_with(assumption)?),
        _ => return Err(Long(name).unexpected()),
    }
    Ok(())
}

fn assumption(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((engine, version)) if !engine.is_empty() && !version.is_empty() => Ok((engine.into(), version.into())),
        _ => Err("write ENGINE=VERSION, such as containerd=1.7.24".into()),
    }
}
