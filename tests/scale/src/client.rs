//! One call, measured, in a process that does nothing else.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use regconf::{Event, Options, Registry, Report, Settings, Stage};
use serde::{Deserialize, Serialize};

use crate::{Fault, meter};

/// What is called.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Job {
    pub(crate) nodes: PathBuf,
    pub(crate) parallel: usize,
    pub(crate) journal: Option<PathBuf>,
    /// Seconds for connecting, and for all that comes before a change.
    pub(crate) limits: Option<(u64, u64)>,
    /// How long the observer sleeps at each event, in milliseconds.
    pub(crate) sleep: u64,
}

/// What it took.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Figures {
    /// How many nodes ended how.
    pub(crate) ends: BTreeMap<String, usize>,
    pub(crate) wall: f64,
    /// When the last node ended that ended well.
    pub(crate) last_well: f64,
    pub(crate) cpu: f64,
    /// Of this the calling thread, without the observer's sleep.
    pub(crate) caller: f64,
    /// KiB: before the list was read, after it, at most during the call, after it, and while the report was written.
    pub(crate) memory: [u64; 5],
    pub(crate) threads: u64,
    pub(crate) events: usize,
    /// How many events had happened and were not yet heard, at most.
    pub(crate) waiting: usize,
    pub(crate) report_bytes: usize,
    pub(crate) report_seconds: f64,
    pub(crate) journal_bytes: u64,
}

/// Makes the call and prints its figures as one line of JSON.
pub(crate) fn run(job: &Job) -> Result<(), Fault> {
    // What is loaded once, whatever the number of nodes.
    drop((regconf::inventory::parse("{\"nodes\": [{\"address\": \"127.0.0.1\"}]}")?, options(job)));
    let before = meter::resident()?;
    let nodes = regconf::inventory::load(&job.nodes)?;
    let options = options(job);
    let settings = settings()?;
    let idle = meter::resident()?;
    let mut ear = Ear::new(Duration::from_millis(job.sleep));
    let (cpu, caller) = (meter::of_process(), meter::of_thread());
    let report = regconf::push(&nodes, &settings, &options, &mut |event| ear.hear(&event));
    let cpu = meter::of_process().saturating_sub(cpu);
    let caller = meter::of_thread().saturating_sub(caller);
    let mut figures = ear.figures();
    (figures.cpu, figures.caller) = (cpu.as_secs_f64(), caller.as_secs_f64());
    let (peak, after) = (meter::peak()?, meter::resident()?);
    let began = Instant::now();
    figures.report_bytes = report.to_json().to_string().len();
    figures.report_seconds = began.elapsed().as_secs_f64();
    figures.memory = [before, idle, peak, after, meter::peak()?];
    figures.journal_bytes = job.journal.as_ref().map_or(Ok(0), |path| path.metadata().map(|about| about.len()))?;
    figures.ends = ends(&report);
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}

fn options(job: &Job) -> Options {
    let mut options = Options::default();
    (options.parallel, options.journal) = (job.parallel, job.journal.clone());
    if let Some((connect, deadline)) = job.limits {
        options.connect_timeout = Duration::from_secs(connect);
        options.deadline = Duration::from_secs(deadline);
    }
    options
}

fn settings() -> Result<Settings, Fault> {
    let registry = Registry::new("my-registry.com")?.endpoint("http://192.168.30.56:5000")?;
    Ok(Settings::default().ensure(registry)?)
}

fn ends(report: &Report) -> BTreeMap<String, usize> {
    let mut ends = BTreeMap::new();
    for node in &report.nodes {
        *ends.entry(node.outcome.to_string()).or_default() += 1;
    }
    ends
}

/// Hears the events of a call.
struct Ear {
    sleep: Duration,
    began: Instant,
    /// When each event happened and when it was heard.
    times: Vec<(Duration, Duration)>,
    last_well: Duration,
    threads: u64,
}

impl Ear {
    fn new(sleep: Duration) -> Self {
        Self { sleep, began: Instant::now(), times: Vec::new(), last_well: Duration::ZERO, threads: 0 }
    }

    fn hear(&mut self, event: &Event<'_>) -> ControlFlow<()> {
        match event {
            Event::Node { since, stage, .. } => {
                self.times.push((*since, self.began.elapsed()));
                if let Stage::Finished(report) = stage
                    && report.outcome.is_good()
                {
                    self.last_well = *since;
                }
                std::thread::sleep(self.sleep);
            }
            Event::Tick => {}
            _ => return ControlFlow::Continue(()),
        }
        // Reading what the system says costs more than an event does.
        if matches!(event, Event::Tick) || self.times.len().is_multiple_of(128) {
            self.threads = self.threads.max(meter::threads().unwrap_or_default());
        }
        ControlFlow::Continue(())
    }

    fn figures(&self) -> Figures {
        Figures {
            wall: self.began.elapsed().as_secs_f64(),
            last_well: self.last_well.as_secs_f64(),
            threads: self.threads,
            events: self.times.len(),
            waiting: most_waiting(&self.times),
            ..Figures::default()
        }
    }
}

/// Of events in the order in which they were heard: how many had happened and were not heard, at the worst moment.
fn most_waiting(times: &[(Duration, Duration)]) -> usize {
    let mut happened: Vec<_> = times.iter().map(|(happened, _)| *happened).collect();
    happened.sort_unstable();
    let waiting = times.iter().enumerate().map(|(heard, (_, now))| happened.partition_point(|at| at <= now) - heard);
    waiting.max().unwrap_or_default()
}
