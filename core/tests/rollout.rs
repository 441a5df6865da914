//! Many nodes: the order in which they are changed, how many at a time, and when no other is begun.
#![allow(clippy::unwrap_used)]

#[path = "rollout/batches.rs"]
mod batches;
#[path = "rollout/cancel.rs"]
mod cancel;
#[path = "rollout/fleet.rs"]
mod fleet;
#[path = "rollout/journal.rs"]
mod journal;
#[path = "support/schema.rs"]
mod published;
#[path = "rollout/report.rs"]
mod report;
#[path = "rollout/scale.rs"]
mod scale;
#[path = "rollout/schema.rs"]
mod schema;
#[path = "rollout/thresholds.rs"]
mod thresholds;
#[path = "rollout/unreachable.rs"]
mod unreachable;

use std::ops::ControlFlow;

use regconf::{Event, Node, Options, Outcome, Report};

/// A push that nobody listens to.
fn push(nodes: &[Node], options: &Options) -> Report {
    regconf::push(nodes, &fleet::settings(), options, &mut silent)
}

fn silent(_: Event<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn count(report: &Report, outcome: Outcome) -> usize {
    report.nodes.iter().filter(|node| node.outcome == outcome).count()
}

fn error(report: &Report, index: usize) -> String {
    report.nodes[index].error.as_ref().unwrap().to_string()
}
