//! Nodes that had the same end. The library's own groups are made from plans, which a report that was read has not.

use std::fmt;

use pyo3::prelude::*;
use regconf::Outcome;

use crate::convert::Many;
use crate::node_report::{NodeReport, OutcomeName};
use crate::plan::Activation;
use crate::record::record;

record!(
    /// Nodes that had the same end. Its text is for people.
    Group {
        /// How they ended.
        outcome: OutcomeName,
        /// What was or is to be changed on each of them, as a unified diff without secrets; empty if there is nothing.
        diff: String,
        /// What was or is to be activated on each of them.
        activations: Many<Activation>,
        /// The text of the error that each of them had.
        error: Option<String>,
        /// Their names, in the order given.
        nodes: Many<String>,
    }

    fn __str__(&self) -> String {
        self.to_string()
    }
);

/// The groups of these nodes; the first of each stand in the order given.
pub(crate) fn of<'a>(nodes: impl Iterator<Item = &'a NodeReport>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for node in nodes {
        let group = alone(node);
        let key = (group.outcome.0.clone(), group.diff.clone(), format!("{:?}", units(&group)), group.error.clone());
        let place = *places.entry(key).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(known) => known.nodes.0.extend(group.nodes.0),
            None => groups.push(group),
        }
    }
    groups
}

fn units(group: &Group) -> Vec<(&str, &str, &str)> {
    group.activations.0.iter().map(|a| (a.unit.as_str(), a.action.0.as_str(), a.manager.as_str())).collect()
}

fn alone(node: &NodeReport) -> Group {
    let entry = node.entry();
    Group {
        outcome: OutcomeName(entry.outcome.name().to_owned()),
        diff: node.diffs(),
        activations: Many(node.activated()),
        error: entry.error.as_ref().map(|fault| fault.text().to_owned()),
        nodes: Many(vec![entry.name.clone()]),
    }
}

/// How many there are of each outcome, such as `2 changed, 1 failed`; in the order of their first.
pub(crate) fn counts(outcomes: impl Iterator<Item = Outcome>) -> String {
    let mut counts: Vec<(Outcome, usize)> = Vec::new();
    for outcome in outcomes {
        match counts.iter_mut().find(|(known, _)| *known == outcome) {
            Some((_, count)) => *count += 1,
            None => counts.push((outcome, 1)),
        }
    }
    counts.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}: {}", self.nodes.0.len(), self.outcome.0, self.nodes.0.join(", "))?;
        if let Some(error) = &self.error {
            error.lines().try_for_each(|line| writeln!(f, "    {line}"))?;
        }
        f.write_str(&self.diff)?;
        self.activations.0.iter().try_for_each(|told| writeln!(f, "{} {}", told.action.0, told.unit))
    }
}
