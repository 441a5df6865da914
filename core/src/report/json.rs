//! The report for programs.

use serde_json::{Value, json};

use super::per_plan::PerPlan;
use super::{Group, NodeReport, Report, Timing};
use crate::plan::Plan;

/// Goes up when a reader of the older form could stumble.
const VERSION: u32 = 1;

pub(super) fn report(report: &Report) -> Value {
    let plans = PerPlan::of_all(&report.nodes, Plan::to_json);
    let nodes = report.nodes.iter().map(|node| entry(node, plans.of(node)));
    let mut out = json!({
        "version": VERSION,
        "nodes": null,
        "groups": report.groups().iter().map(group).collect::<Vec<_>>(),
        "stopped": report.stopped,
    });
    // Put in place: the macro would copy all of it.
    out["nodes"] = nodes.collect();
    out
}

pub(super) fn node(node: &NodeReport) -> Value {
    entry(node, node.plan.as_deref().map(Plan::to_json))
}

/// A node's entry with what its plan is as JSON.
fn entry(node: &NodeReport, plan: Option<Value>) -> Value {
    let mut out = json!({
        "name": node.name,
        "address": node.address,
        "outcome": node.outcome,
        "resumed": node.resumed,
        "tolerated": node.is_tolerated,
        "batch": node.batch,
        "plan": null,
        "verified": node.verified().collect::<Vec<_>>(),
        "error": node.error,
        "pulls": node.pulls,
        "probes": node.probes,
        "seconds": node.took.as_secs_f64(),
        "timing": timing(&node.timing),
    });
    out["plan"] = plan.into();
    out
}

fn timing(timing: &Timing) -> Value {
    json!({
        "connect": timing.connect.as_secs_f64(),
        "gather": timing.gather.as_secs_f64(),
        "plan": timing.plan.as_secs_f64(),
        "wait": timing.wait.as_secs_f64(),
        "apply": timing.apply.as_secs_f64(),
        "verify": timing.verify.as_secs_f64(),
    })
}

/// Its diff stands with its nodes.
fn group(group: &Group) -> Value {
    json!({ "outcome": group.outcome, "nodes": group.nodes })
}
