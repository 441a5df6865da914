//! Which nodes had the same end.

use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;

use super::{NodeReport, Outcome, Report};
use crate::error::Error;
use crate::plan::{Activation, Plan};

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
    let mut places = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for node in &report.nodes {
        let group = alone(node);
        let key = (group.outcome, group.diff.clone(), group.activations.clone(), group.error.clone());
        let place = *places.entry(key).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.nodes.push(node.name.clone()),
            None => groups.push(group),
        }
    }
    Groups(groups)
}

fn alone(node: &NodeReport) -> Group {
    let plan = node.plan.as_ref();
    Group {
        outcome: node.outcome,
        diff: plan.map(Plan::diff).unwrap_or_default(),
        activations: plan.map(|plan| plan.activations.clone()).unwrap_or_default(),
        error: node.error.as_ref().map(Error::to_string),
        nodes: vec![node.name.clone()],
    }
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
