//! What is measured.

use crate::Fault;
use crate::client::Job;
use crate::farm::{Farm, Hang, Shell};
use crate::fixture::{self, Fixture, Names};
use crate::process::{Running, call};
use crate::table::{
    ACTIVE, CALLER, CPU, Column, ENDS, EVENTS, IDLE, JOURNAL, KEPT, LAST_WELL, PEAK, REPORT, REPORT_PEAK, REPORT_TIME,
    Row, THREADS, WAITING, WALL, WHAT, flatness, print,
};

/// What the caller wants to know.
pub(crate) struct Wanted {
    pub(crate) nodes: Vec<usize>,
    pub(crate) parallel: usize,
    /// Names of [`PARTS`]; all if empty.
    pub(crate) parts: Vec<&'static str>,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { nodes: vec![100, 1_000, 10_000], parallel: 256, parts: Vec::new() }
    }
}

type Part = fn(&Wanted, &Fixture) -> Result<(), Fault>;

/// What can be measured, by its name.
pub(crate) const PARTS: [(&str, Part); 6] = [
    ("cost", cost),
    ("hashed", hashed),
    ("connections", connections),
    ("hang", hang),
    ("slow", slow),
    ("shell", shell),
];

/// What is told of a call.
const USUAL: [Column; 12] =
    [WHAT, WALL, CPU, CALLER, IDLE, PEAK, KEPT, THREADS, EVENTS, REPORT, REPORT_TIME, REPORT_PEAK];

/// Measures what is wanted, and prints it.
pub(crate) fn run(wanted: &Wanted) -> Result<(), Fault> {
    let fixture = Fixture::new()?;
    let is_wanted = |name: &&str| wanted.parts.is_empty() || wanted.parts.contains(name);
    PARTS.iter().filter(|(name, _)| is_wanted(name)).try_for_each(|(_, part)| part(wanted, &fixture))
}

/// The cost of a node, which must not grow with their number.
fn cost(wanted: &Wanted, fixture: &Fixture) -> Result<(), Fault> {
    let nodes = Running::start(&farm(fixture, Shell::Canned, Hang::Never, 0))?;
    let (mut rows, mut journals) = (Vec::new(), Vec::new());
    for count in &wanted.nodes {
        let job = job(wanted, fixture.list(*count, nodes.port, Names::Plain)?);
        rows.push(measured(format!("{count} nodes"), *count, &job)?);
        let journal = fixture.path("journal");
        fixture::remove(&journal)?;
        journals.push(measured(format!("{count} nodes"), *count, &Job { journal: Some(journal), ..job })?);
    }
    print("Cost of a node", &USUAL, &rows);
    println!("\n{}", flatness(&rows));
    print("With a journal", &[WHAT, WALL, CPU, CALLER, JOURNAL, ENDS], &journals);
    Ok(())
}

/// The same where names in `known_hosts` are hashed: each line must be asked for each node.
fn hashed(wanted: &Wanted, fixture: &Fixture) -> Result<(), Fault> {
    let nodes = Running::start(&farm(fixture, Shell::Canned, Hang::Never, 0))?;
    let row = |count: &usize| {
        let job = job(wanted, fixture.list(*count, nodes.port, Names::Hashed)?);
        measured(format!("{count} nodes"), *count, &job)
    };
    let rows = wanted.nodes.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    print("Hashed names in known_hosts", &[WHAT, WALL, CPU, PEAK, ENDS], &rows);
    Ok(())
}

/// What an open connection takes: as many nodes as are worked on at once, all of them waiting for an answer.
fn connections(wanted: &Wanted, fixture: &Fixture) -> Result<(), Fault> {
    let nodes = Running::start(&farm(fixture, Shell::Canned, Hang::Never, 4_000))?;
    let row = |count: &usize| {
        let job = Job { parallel: *count, ..job(wanted, fixture.list(*count, nodes.port, Names::Plain)?) };
        measured(format!("{count} at once"), *count, &job)
    };
    let rows = [64, 256, 512].iter().map(row).collect::<Result<Vec<_>, _>>()?;
    print("Open connections", &[WHAT, WALL, CPU, PEAK, ACTIVE, THREADS, ENDS], &rows);
    Ok(())
}

/// One node in a hundred hangs: it costs its own deadline.
fn hang(wanted: &Wanted, fixture: &Fixture) -> Result<(), Fault> {
    let hangs =
        [("none hangs", Hang::Never), ("1 in 100 at once", Hang::AtOnce), ("1 in 100 after login", Hang::AfterLogin)];
    let mut rows = Vec::new();
    for (what, hang) in hangs {
        // Their time is that of the network, not that of this machine's processors.
        let nodes = Running::start(&farm(fixture, Shell::Canned, hang, 1_000))?;
        let count = wanted.nodes.iter().copied().max().unwrap_or_default();
        let list = fixture.list(count, nodes.port, Names::Plain)?;
        let job = Job { limits: Some((15, 30)), ..job(wanted, list) };
        rows.push(measured(what.to_owned(), count, &job)?);
    }
    print("Nodes that hang, with 15 s to connect and 30 s in all", &[WHAT, WALL, LAST_WELL, CPU, THREADS, ENDS], &rows);
    Ok(())
}

/// An observer that takes its time.
fn slow(wanted: &Wanted, fixture: &Fixture) -> Result<(), Fault> {
    let nodes = Running::start(&farm(fixture, Shell::Canned, Hang::Never, 0))?;
    let count = wanted.nodes.iter().copied().max().unwrap_or_default().min(1_000);
    let row = |sleep: &u64| {
        let job = Job { sleep: *sleep, ..job(wanted, fixture.list(count, nodes.port, Names::Plain)?) };
        measured(format!("{count} nodes, {sleep} ms an event"), count, &job)
    };
    let rows = [0, 5].iter().map(row).collect::<Result<Vec<_>, _>>()?;
    print("A slow observer", &[WHAT, WALL, CPU, CALLER, EVENTS, WAITING, ENDS], &rows);
    Ok(())
}

/// Real work: `sh` on each node, and files below a folder of its own.
fn shell(wanted: &Wanted, fixture: &Fixture) -> Result<(), Fault> {
    let nodes = Running::start(&farm(fixture, Shell::Real, Hang::Never, 0))?;
    let row = |count: usize| {
        let job = job(wanted, fixture.list_with_roots(count, nodes.port)?);
        measured(format!("{count} nodes"), count, &job)
    };
    let counts = wanted.nodes.iter().copied().filter(|count| *count <= 1_000);
    let rows = counts.map(row).collect::<Result<Vec<_>, _>>()?;
    print("With a real shell on each node", &[WHAT, WALL, CPU, PEAK, EVENTS, ENDS], &rows);
    Ok(())
}

fn farm(fixture: &Fixture, shell: Shell, hang: Hang, hold: u64) -> Farm {
    Farm { host_key: fixture.host_key.clone(), login: fixture.login.clone(), shell, hang, hold }
}

fn job(wanted: &Wanted, nodes: std::path::PathBuf) -> Job {
    Job { nodes, parallel: wanted.parallel, ..Job::default() }
}

fn measured(what: String, nodes: usize, job: &Job) -> Result<Row, Fault> {
    eprintln!("{what} ...");
    Ok(Row { what, nodes, figures: call(job)? })
}
