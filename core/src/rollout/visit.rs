//! One node's turn: connecting, planning, carrying out.

use std::time::Instant;

use super::Options;
use super::sender::{Message, Sender};
use crate::engine;
use crate::error::{ErrorKind, Result};
use crate::facts::Facts;
use crate::limit::Limit;
use crate::node::Node;
use crate::plan::Plan;
use crate::remote::{Applied, Remote};
use crate::report::{NodeReport, Outcome, Phase};
use crate::settings::Settings;

/// One node's turn.
pub(super) struct Visit<'a> {
    node: &'a Node,
    options: &'a Options,
    events: &'a Sender,
    deadline: Instant,
}

impl<'a> Visit<'a> {
    pub(super) fn new(node: &'a Node, options: &'a Options, events: &'a Sender) -> Self {
        Self { node, options, events, deadline: Instant::now() + options.deadline }
    }

    fn limit(&self, doing: &'static str) -> Limit {
        Limit::new(doing, self.deadline.saturating_duration_since(Instant::now()), &self.options.cancel)
    }

    pub(super) fn connect(&self) -> Result<Remote<'a>> {
        self.events.send(Message::Connecting);
        let limit = Limit::new("connecting", self.options.connect_timeout, &self.options.cancel);
        limit.left()?;
        let transport = self.options.connector.connect(self.node, &limit)?;
        self.events.enter(Phase::Gather);
        Remote::open(self.node, transport, &self.limit("becoming root"))
    }

    pub(super) fn plan(&self, settings: &Settings) -> Result<(Remote<'a>, Plan)> {
        let mut remote = self.connect()?;
        self.events.send(Message::Gathering);
        let known = if self.node.root == "/" { Facts::of_live_node() } else { Facts::default() };
        let assumed = engine::assume(known, &self.options.assume)?;
        let facts = remote.gather(assumed, |facts| engine::wants(settings, facts), &self.limit("reading its files"))?;
        self.events.enter(Phase::Plan);
        let plan = engine::plan(settings, &facts)?;
        self.events.send(Message::Planned(plan.clone()));
        Ok((remote, plan))
    }

    pub(super) fn apply(&self, remote: &mut Remote<'_>, plan: Plan) -> NodeReport {
        let step = |step: &str| self.events.send(Message::Applying(step.to_owned()));
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

/// What there is to do on a node that was only asked.
pub(super) fn planned(node: &Node, plan: Plan) -> NodeReport {
    let outcome = if plan.is_empty() { Outcome::Unchanged } else { Outcome::Pending };
    NodeReport::new(&node.name, outcome).with_plan(plan)
}
