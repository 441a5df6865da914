//! What the command line asks for.

use lexopt::Parser;
use lexopt::prelude::{Long, Short, Value, ValueExt};

use crate::Fault;
use crate::client::Job;
use crate::farm::Farm;
use crate::parts::{PARTS, Wanted};

pub(crate) const USAGE: &str = "\
Usage: regconf-scale [--nodes N,N,...] [--parallel N] [--part NAME]...

  --nodes N,N,...   how many nodes; 100,1000,10000 if not said otherwise
  --parallel N      how many of them at once; 256 if not said otherwise
  --part NAME       measure only this: cost, hashed, connections, hang, slow, shell; may be repeated
  --help            print this";

/// What is to be done.
pub(crate) enum Task {
    Help,
    Measure(Wanted),
    /// In a process of its own: the nodes.
    Farm(Farm),
    /// In a process of its own: one call.
    Client(Box<Job>),
}

/// Reads the arguments of this process.
pub(crate) fn read() -> Result<Task, Fault> {
    let mut parser = Parser::from_env();
    let mut wanted = Wanted::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(Task::Help),
            Long("nodes") => wanted.nodes = numbers(&parser.value()?.string()?)?,
            Long("parallel") => wanted.parallel = parser.value()?.parse()?,
            Long("part") => wanted.parts.push(part(&parser.value()?.string()?)?),
            Value(word) if word == "farm" => return Ok(Task::Farm(serde_json::from_str(&parser.value()?.string()?)?)),
            Value(word) if word == "client" => {
                return Ok(Task::Client(serde_json::from_str(&parser.value()?.string()?)?));
            }
            _ => return Err(argument.unexpected().into()),
        }
    }
    Ok(Task::Measure(wanted))
}

fn numbers(text: &str) -> Result<Vec<usize>, Fault> {
    let number = |word: &str| word.parse().map_err(|_| format!("{word:?} is not a number of nodes").into());
    text.split(',').map(number).collect()
}

fn part(name: &str) -> Result<&'static str, Fault> {
    let found = PARTS.iter().find(|(known, _)| *known == name).map(|(known, _)| *known);
    found.ok_or_else(|| format!("{name:?} is not measured").into())
}
