//! Which nodes had the same end.

use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;

use super::{NodeReport, Outcome, Report};
use crate::error::Error;
use crate::plan::Plan;

/// Nodes that had the same end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Group {
    /// How they ended.
    pub outcome: Outcome,
    /// What was or is to be changed on each of them, as a unified diff without secrets; empty if there is nothing.
    pub diff: String,
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
        let (diff, error) = (node.plan.as_ref().map(Plan::diff).unwrap_or_default(), node.error.as_ref());
        let error = error.map(Error::to_string);
        let key = (node.outcome, diff.clone(), error.clone());
        let place = *places.entry(key).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.nodes.push(node.name.clone()),
            None => groups.push(alone(node, diff, error)),
        }
    }
    Groups(groups)
}

fn alone(node: &NodeReport, diff: String, error: Option<String>) -> Group {
    Group { outcome: node.outcome, diff, error, nodes: vec![node.name.clone()] }
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
        f.write_str(&self.diff)
    }
}
