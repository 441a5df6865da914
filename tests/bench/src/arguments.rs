//! What the command line asks for.

use std::path::{Path, PathBuf};

use lexopt::Parser;
use lexopt::prelude::{Long, Short, Value, ValueExt};

use crate::job::Result;
use crate::peers::{PEERS, Peer, named};

pub(crate) const USAGE: &str = "\
Usage: tests/bench/push [OPTION...]

  --nodes N,...      to how many nodes; 10,50,100,200 if not said otherwise
  --peers NAME,...   who; all if not said otherwise
  --runs N           how often each; 3 if not said otherwise
  --parallel N       how many nodes at once; 50 if not said otherwise
  --out FILE         where each run goes as a line of JSON; results.jsonl in the folder of --work if not said otherwise
  --work FOLDER      where the nodes are; target/bench if not said otherwise
  --alone            one node at a time, 30 times, by floor and regconf
  --memory           what a session takes of memory, by floor and regconf, of the largest of --nodes
  --help             print this

It needs root. Exit code: 0 all runs were right, 1 some were not, or it could not begin";

/// What is to be done.
pub(crate) enum Task {
    Help,
    /// By a driver: this word.
    Drive(String),
    Meter(PathBuf, Vec<String>),
    Bench(Bench),
}

/// A comparison.
pub(crate) struct Bench {
    pub(crate) counts: Vec<usize>,
    pub(crate) peers: Vec<Peer>,
    pub(crate) runs: usize,
    pub(crate) parallel: usize,
    pub(crate) out: PathBuf,
    pub(crate) work: PathBuf,
    pub(crate) alone: bool,
    pub(crate) memory: bool,
}

/// Reads the command line.
pub(crate) fn read() -> Result<Task> {
    let mut parser = Parser::from_env();
    let work = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench");
    let mut bench = Bench {
        counts: vec![10, 50, 100, 200],
        peers: PEERS.to_vec(),
        runs: 3,
        parallel: 50,
        out: PathBuf::new(),
        work,
        alone: false,
        memory: false,
    };
    while let Some(argument) = parser.next()? {
        match argument {
            Long("nodes") => {
                let counts = list(&parser.value()?.string()?);
                bench.counts = counts.iter().map(|word| positive(word)).collect::<Result<_>>()?;
            }
            Long("peers") => bench.peers = named(&list(&parser.value()?.string()?))?,
            Long("runs") => bench.runs = positive(&parser.value()?.string()?)?,
            Long("parallel") => bench.parallel = positive(&parser.value()?.string()?)?,
            Long("out") => bench.out = std::path::absolute(PathBuf::from(parser.value()?))?,
            Long("work") => bench.work = std::path::absolute(PathBuf::from(parser.value()?))?,
            Long("alone") => bench.alone = true,
            Long("memory") => bench.memory = true,
            Long("help") | Short('h') => return Ok(Task::Help),
            Value(what) if what == "meter" => return meter(&mut parser),
            Value(what) => return Ok(Task::Drive(what.string()?)),
            other => return Err(other.unexpected().into()),
        }
    }
    if bench.out.as_os_str().is_empty() {
        bench.out = bench.work.join("results.jsonl");
    }
    Ok(Task::Bench(bench))
}

fn meter(parser: &mut Parser) -> Result<Task> {
    let mut words = parser.raw_args()?.map(ValueExt::string).collect::<std::result::Result<Vec<_>, _>>()?.into_iter();
    let out = words.next().ok_or("meter wants a file and a command")?;
    Ok(Task::Meter(out.into(), words.collect()))
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::to_owned).collect()
}

fn positive(word: &str) -> Result<usize> {
    match word.parse() {
        Ok(number @ 1..) => Ok(number),
        _ => Err(format!("{word:?} is no number above 0").into()),
    }
}
