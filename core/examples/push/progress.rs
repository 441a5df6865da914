//! Says on stderr what happens on the nodes while it happens.

use std::io::{self, IsTerminal, Write};
use std::ops::ControlFlow;
use std::time::Duration;

use regconf::{BatchKind, Event, Moment, Node, NodeReport, Stage};

use crate::show::{BOLD, GREEN, RED, harmless, painted, wants_colour};

/// Prints a line for each stage that a node comes to.
pub(crate) struct Progress {
    width: usize,
    is_terminal: bool,
    is_coloured: bool,
}

impl Progress {
    pub(crate) fn new(nodes: &[Node]) -> Self {
        let width = nodes.iter().map(|node| node.name.chars().count()).max().unwrap_or(0);
        let is_terminal = io::stderr().is_terminal();
        Self { width, is_terminal, is_coloured: wants_colour(is_terminal) }
    }

    /// Takes an event. Nodes that are not begun yet are left alone when nobody can read the lines any more.
    pub(crate) fn hear(&mut self, event: Event<'_>) -> ControlFlow<()> {
        // Between events there is a tick ten times a second: the place to ask whether the user wants to stop.
        let told = match event {
            Event::Node { name, since, stage, .. } => self.stage(name, since, &stage),
            Event::Batch { number, of, kind, nodes, since, moment: Moment::Begins, .. } if of > 1 => {
                self.batch(&format!("batch {number} of {of}"), kind, nodes.len(), since)
            }
            _ => Ok(()),
        };
        match told {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }

    fn stage(&self, name: &str, since: Duration, stage: &Stage<'_>) -> io::Result<()> {
        text(stage).map_or(Ok(()), |(colour, text)| self.line(name, since, colour, &text))
    }

    fn batch(&self, batch: &str, kind: BatchKind, nodes: usize, since: Duration) -> io::Result<()> {
        let what = match kind {
            BatchKind::Canary => ", the canary",
            BatchKind::ControlPlane => ", control plane",
            _ => "",
        };
        self.line("", since, BOLD, &format!("{batch}{what}, nodes: {nodes}"))
    }

    fn line(&self, name: &str, since: Duration, colour: &str, text: &str) -> io::Result<()> {
        let text = if self.is_terminal { harmless(text) } else { text.to_owned() };
        let text = if self.is_coloured { painted(colour, &text) } else { text };
        writeln!(io::stderr(), "{:6.2} s  {name:width$}  {text}", since.as_secs_f64(), width = self.width)
    }
}

/// What to say of a stage, and in which colour.
fn text(stage: &Stage<'_>) -> Option<(&'static str, String)> {
    match stage {
        Stage::Connecting => Some(("", "connecting".to_owned())),
        Stage::Gathering => Some(("", "reading its files".to_owned())),
        Stage::Planned(plan) if plan.is_empty() => Some(("", "has all that is wanted".to_owned())),
        Stage::Planned(plan) => Some(("", format!("files to change: {}", plan.changes.len()))),
        Stage::Applying(step) => Some(("", (*step).to_owned())),
        Stage::Postponed(_) => Some((RED, "cannot be reached now, is tried again later".to_owned())),
        Stage::Finished(report) => Some(finished(report)),
        // Stages that later versions of the library may add.
        _ => None,
    }
}

/// The outcome, and the first line of what went wrong; the table has the rest.
fn finished(report: &NodeReport) -> (&'static str, String) {
    let colour = if report.outcome.is_good() { GREEN } else { RED };
    match report.error.as_ref().map(ToString::to_string) {
        Some(error) => (colour, format!("{}: {}", report.outcome, error.lines().next().unwrap_or_default())),
        None => (colour, report.outcome.to_string()),
    }
}
