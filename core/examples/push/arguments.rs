//! What the command line asks for.

use std::path::PathBuf;

use lexopt::prelude::{Long, Short, ValueExt};

pub(crate) const USAGE: &str = "\
Usage: push                                    show it on three nodes inside this process
       push --nodes FILE --settings FILE ...   push to your nodes

  --nodes FILE              who to reach: JSON, or one [user@]host[:port] a line
  --settings FILE           what is wanted, as JSON
  --dry-run                 only find out what there is to do
  --parallel N              how many nodes at once; 0, as without it, means all, at most 256
  --assume ENGINE=VERSION   an engine's version, for folders that cannot be asked; may be repeated
  --json                    print the report as JSON
  --help                    print this

Exit code: 0 all as wanted, 1 some node failed, 2 it could not begin, 3 changes are pending (--dry-run)";

/// What is to be done.
pub(crate) enum Task {
    Help,
    Demo,
    Fleet(Fleet),
}

/// A push to nodes from a list.
#[derive(Default)]
pub(crate) struct Fleet {
    pub(crate) nodes: PathBuf,
    pub(crate) settings: PathBuf,
    pub(crate) dry_run: bool,
    pub(crate) parallel: usize,
    pub(crate) assume: Vec<(String, String)>,
    pub(crate) json: bool,
}

/// Reads the arguments of this process.
pub(crate) fn read() -> Result<Task, lexopt::Error> {
    let mut parser = lexopt::Parser::from_env();
    let mut fleet = Fleet::default();
    let mut is_empty = true;
    while let Some(argument) = parser.next()? {
        is_empty = false;
        match argument {
            Short('h') | Long("help") => return Ok(Task::Help),
            Long("nodes") => fleet.nodes = parser.value()?.into(),
            Long("settings") => fleet.settings = parser.value()?.into(),
            Long("dry-run") => fleet.dry_run = true,
            Long("parallel") => fleet.parallel = parser.value()?.parse()?,
            Long("assume") => fleet.assume.push(parser.value()?.parse_with(assumption)?),
            Long("json") => fleet.json = true,
            _ => return Err(argument.unexpected()),
        }
    }
    if is_empty {
        return Ok(Task::Demo);
    }
    if fleet.nodes.as_os_str().is_empty() || fleet.settings.as_os_str().is_empty() {
        return Err("give both --nodes and --settings".into());
    }
    Ok(Task::Fleet(fleet))
}

fn assumption(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((engine, version)) if !engine.is_empty() && !version.is_empty() => Ok((engine.into(), version.into())),
        _ => Err("write ENGINE=VERSION, such as containerd=1.7.24".into()),
    }
}
