//! Many nodes: their plans, and carrying them out.

mod events;
mod pool;
mod visit;

pub use events::{Event, Observer, Stage};

use std::time::Duration;

use crate::error::{Error, ErrorKind};
use crate::limit::Cancel;
use crate::node::Node;
use crate::report::{NodeReport, Outcome, Report};
use crate::settings::Settings;
use crate::transport::{Connector, Reach};

use visit::{Visit, planned};

/// How a fleet is worked on.
#[non_exhaustive]
pub struct Options {
    /// How many nodes are worked on at once; 0 means as many as there are, at most 256.
    pub parallel: usize,
    /// How long connecting and logging in to one node may take; 15 s if not said otherwise.
    pub connect_timeout: Duration,
    /// How long one node may take until its change begins; 2 minutes if not said otherwise. A change that has begun ends.
    pub deadline: Duration,
    /// The caller's word to stop.
    pub cancel: Cancel,
    /// Whether only to find out what there is to do.
    pub dry_run: bool,
    /// Versions of engines, such as `("containerd", "1.7.24")`, where an engine is found but cannot be asked, as in a
    /// folder that holds a system.
    pub assume: Vec<(String, String)>,
    /// How nodes are reached; by SSH and, for [`Node::local`], directly, if not said otherwise.
    pub connector: Box<dyn Connector>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            parallel: 0,
            connect_timeout: Duration::from_secs(15),
            deadline: Duration::from_secs(120),
            cancel: Cancel::new(),
            dry_run: false,
            assume: Vec::new(),
            connector: Box::new(Reach::default()),
        }
    }
}

/// The plans of many nodes, not carried out yet.
#[derive(Debug)]
pub struct Rollout {
    nodes: Vec<Node>,
    plans: Vec<NodeReport>,
}

impl Rollout {
    /// What each node needs, and why some cannot be planned for.
    pub fn report(&self) -> Report {
        Report { nodes: self.plans.clone() }
    }

    /// Carries the plans out. A file that has changed since then stops its node with [`ErrorKind::Stale`].
    pub fn apply(&self, options: &Options, observer: &mut Observer<'_>) -> Report {
        let nodes = pool::run(&self.nodes, options, observer, |index, node, events| {
            let planned = &self.plans[index];
            match &planned.plan {
                Some(plan) if planned.outcome == Outcome::Pending => {
                    let visit = Visit::new(node, options, events);
                    match visit.connect() {
                        Ok(mut remote) => visit.apply(&mut remote, plan.clone()),
                        Err(error) => NodeReport::failed(&node.name, error).with_plan(plan.clone()),
                    }
                }
                _ => planned.clone(),
            }
        });
        Report { nodes }
    }
}

/// Finds out what each node needs, and changes nothing.
pub fn survey(nodes: &[Node], settings: &Settings, options: &Options, observer: &mut Observer<'_>) -> Rollout {
    let plans = pool::run(nodes, options, observer, |_, node, events| {
        match Visit::new(node, options, events).survey(settings) {
            Ok(plan) => planned(node, plan),
            Err(error) => NodeReport::failed(&node.name, error),
        }
    });
    Rollout { nodes: nodes.to_vec(), plans }
}

/// Makes each node as the settings say: connects once, plans, and carries the plan out at once.
///
/// What happened to a node is in the report; one node's trouble never touches another.
pub fn push(nodes: &[Node], settings: &Settings, options: &Options, observer: &mut Observer<'_>) -> Report {
    let nodes = pool::run(nodes, options, observer, |_, node, events| {
        let visit = Visit::new(node, options, events);
        let done = if options.dry_run {
            visit.survey(settings).map(|plan| planned(node, plan))
        } else {
            visit.begin(settings).map(|(mut remote, plan)| {
                if plan.is_empty() { planned(node, plan) } else { visit.apply(&mut remote, plan) }
            })
        };
        done.unwrap_or_else(|error| NodeReport::failed(&node.name, error))
    });
    Report { nodes }
}

/// A fault of this library on one node is that node's failure.
fn fault(node: &Node, panic: &(dyn std::any::Any + Send)) -> NodeReport {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    let error = Error::new(ErrorKind::Internal, format!("a fault of this library: {text}"));
    NodeReport { error: Some(error), ..NodeReport::new(&node.name, Outcome::Unknown) }
}
