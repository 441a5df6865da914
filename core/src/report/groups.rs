//! Which nodes had the same end.

use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::per_plan::PerPlan;
use super::{Outcome, Report};
use crate::error::Error;
use crate::plan::Activation;

/// Nodes that had the same end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Group {
    /// How they ended.
    pub outcome: Outcome,
    /// What was or is to be changed on each of them, as a unified diff without secrets; empty if there is nothing.
    pub diff: String,
    /// What was or is to be activated on each of them.
    pub activations: Vec<Activation>,
    /// The error that each of them had.
    pub error: Option<String>,
    /// Their names, in the order given.
    pub nodes: Vec<String>,
}

/// All groups of a report. As text for people: a line for each group and, where something changes, its diff.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups(Vec<Group>);

pub(super) fn of(report: &Report) -> Groups {
    let diffs = PerPlan::of_all(&report.nodes, |plan| Arc::from(plan.diff()));
    let mut places = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for node in &report.nodes {
        let plan = node.plan.as_ref();
        let diff: Arc<str> = diffs.of(node).unwrap_or_default();
        let activations = plan.map_or(&[][..], |plan| &plan.activations);
        let error = node.error.as_ref().map(Error::to_string);
        let key = (node.outcome, Arc::clone(&diff), activations, error.clone());
        let place = *places.entry(key).or_insert(groups.len());
        if place == groups.len() {
            let (diff, activations) = (diff.to_string(), activations.to_vec());
            groups.push(Group { outcome: node.outcome, diff, activations, error, nodes: Vec::new() });
        }
        groups[place].nodes.push(node.name.clone());
    }
    Groups(groups)
}

impl Deref for Groups {
    type Target = [Group];

    fn deref(&self) -> &[Group] {
        &self.0
    }
}

impl fmt::Display for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|group| write!(f, "{group}"))
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.nodes.len();
        writeln!(f, "{count} {}: {}", self.outcome, self.nodes.join(", "))?;
        if let Some(error) = &self.error {
            error.lines().try_for_each(|line| writeln!(f, "    {line}"))?;
        }
        f.write_str(&self.diff)?;
        self.activations.iter().try_for_each(|activation| writeln!(f, "{} {}", activation.action, activation.unit))
    }
}
