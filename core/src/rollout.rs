//! Many nodes: their plans, and carrying them out.

mod events;
mod pool;

pub use events::{Event, Observer, Stage};

use std::time::{Duration, Instant};

use crate::engine;
use crate::error::{Error, ErrorKind, Result};
use crate::facts::Facts;
use crate::limit::{Cancel, Limit};
use crate::node::Node;
use crate::plan::Plan;
use crate::remote::{Applied, Remote};
use crate::report::{NodeReport, Outcome, Report};
use crate::settings::Settings;
use crate::transport::{Connector, Reach};

use events::Sender;

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
    let plans =
        pool::run(nodes, options, observer, |_, node, events| match Visit::new(node, options, events).plan(settings) {
            Ok((_, plan)) => planned(node, plan),
            Err(error) => NodeReport::failed(&node.name, error),
        });
    Rollout { nodes: nodes.to_vec(), plans }
}

/// Makes each node as the settings say: connects once, plans, and carries the plan out at once.
///
/// What happened to a node is in the report; one node's trouble never touches another.
pub fn push(nodes: &[Node], settings: &Settings, options: &Options, observer: &mut Observer<'_>) -> Report {
    let nodes = pool::run(nodes, options, observer, |_, node, events| {
        let visit = Visit::new(node, options, events);
        match visit.plan(settings) {
            Ok((_, plan)) if plan.is_empty() || options.dry_run => planned(node, plan),
            Ok((mut remote, plan)) => visit.apply(&mut remote, plan),
            Err(error) => NodeReport::failed(&node.name, error),
        }
    });
    Report { nodes }
}

fn planned(node: &Node, plan: Plan) -> NodeReport {
    let outcome = if plan.is_empty() { Outcome::Unchanged } else { Outcome::Pending };
    NodeReport::new(&node.name, outcome).with_plan(plan)
}

/// One node's turn.
struct Visit<'a> {
    node: &'a Node,
    options: &'a Options,
    events: &'a Sender,
    deadline: Instant,
}

impl<'a> Visit<'a> {
    fn new(node: &'a Node, options: &'a Options, events: &'a Sender) -> Self {
        Self { node, options, events, deadline: Instant::now() + options.deadline }
    }

    fn limit(&self, doing: &'static str) -> Limit {
        Limit::new(doing, self.deadline.saturating_duration_since(Instant::now()), &self.options.cancel)
    }

    fn connect(&self) -> Result<Remote<'a>> {
        self.events.send(events::Message::Connecting);
        let limit = Limit::new("connecting", self.options.connect_timeout, &self.options.cancel);
        limit.left()?;
        let transport = self.options.connector.connect(self.node, &limit)?;
        Remote::open(self.node, transport, &self.limit("becoming root"))
    }

    fn plan(&self, settings: &Settings) -> Result<(Remote<'a>, Plan)> {
        let mut remote = self.connect()?;
        self.events.send(events::Message::Gathering);
        let known = if self.node.root == "/" { Facts::of_live_node() } else { Facts::default() };
        let assumed = engine::assume(known, &self.options.assume)?;
        let facts = remote.gather(assumed, |facts| engine::wants(settings, facts), &self.limit("reading its files"))?;
        let plan = engine::plan(settings, &facts)?;
        self.events.send(events::Message::Planned(plan.clone()));
        Ok((remote, plan))
    }

    fn apply(&self, remote: &mut Remote<'_>, plan: Plan) -> NodeReport {
        let step = |step: &str| self.events.send(events::Message::Applying(step.to_owned()));
        let applied = remote.apply(&plan, &self.options.cancel, step);
        let (outcome, error) = match applied {
            Applied::Done => (Outcome::Changed, None),
            Applied::Failed(error) if error.kind() == ErrorKind::Cancelled => (Outcome::NotTried, Some(error)),
            Applied::Failed(error) => (Outcome::Failed, Some(error)),
            Applied::RolledBack(error) => (Outcome::RolledBack, Some(error)),
            Applied::Unknown(error) => (Outcome::Unknown, Some(error)),
        };
        NodeReport { error, ..NodeReport::new(&self.node.name, outcome).with_plan(plan) }
    }
}

/// A fault of this library on one node is that node's failure.
fn fault(node: &Node, panic: &(dyn std::any::Any + Send)) -> NodeReport {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    let error = Error::new(ErrorKind::Internal, format!("a fault of this library: {text}"));
    NodeReport { error: Some(error), ..NodeReport::new(&node.name, Outcome::Unknown) }
}
