//! One node's turn: connecting, planning, carrying out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Options;
use super::sender::{Message, Sender};
use crate::engine;
use crate::error::{Error, ErrorKind, Result};
use crate::facts::Facts;
use crate::limit::Limit;
use crate::node::Node;
use crate::plan::Plan;
use crate::probe::Probe;
use crate::remote::{Applied, Remote};
use crate::report::{NodeReport, Outcome, Phase};
use crate::settings::Settings;

/// One node's turn.
pub(super) struct Visit<'a> {
    pub(super) node: &'a Node,
    pub(super) options: &'a Options,
    events: &'a Sender<'a>,
    deadline: Instant,
}

impl<'a> Visit<'a> {
    pub(super) fn new(node: &'a Node, options: &'a Options, events: &'a Sender<'a>) -> Self {
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

    /// What there is to do; only looks.
    pub(super) fn survey(&self, settings: &Settings) -> Result<NodeReport> {
        let mut remote = self.connect()?;
        let facts = self.gather(&mut remote, settings)?;
        let mut plan = plan(&remote, settings, &facts);
        if remote.past().is_left {
            let left = "a change was cut off here; the next push puts it right before anything else";
            plan = plan.map_err(|error| error.context(left));
            if let Ok(plan) = &mut plan {
                plan.note(NODE, None, left);
            }
        }
        let mut report = planned(self.node, self.planned(plan?));
        report.probes = self.probe(&mut remote, settings)?;
        Ok(report)
    }

    /// What there is to do, and the connection to do it on. What was cut off before is put right first.
    pub(super) fn begin(&self, settings: &Settings) -> Result<Begun<'a>> {
        let mut remote = self.connect()?;
        let mut facts = self.gather(&mut remote, settings)?;
        if remote.past().is_left {
            remote.settle("", &self.options.cancel, |step| self.hear(step))?;
            facts = self.gather(&mut remote, settings)?;
        }
        let plan = self.planned(plan(&remote, settings, &facts)?);
        let probes = self.probe(&mut remote, settings)?;
        Ok(Begun { remote, plan, probes })
    }

    pub(super) fn gather(&self, remote: &mut Remote<'_>, settings: &Settings) -> Result<Facts> {
        self.events.send(Message::Gathering);
        let known = if self.node.root == "/" { Facts::of_live_node() } else { Facts::default() };
        let known = engine::direct(known, &self.node.engines, &self.node.config_paths)?;
        let assumed = engine::assume(known, &self.options.assume)?;
        let (guesses, limit) = (engine::guesses(&assumed), self.limit("reading its files"));
        let facts = remote.gather(assumed, |facts| engine::wants(settings, facts), &guesses, &limit)?;
        self.events.enter(Phase::Plan);
        Ok(facts)
    }

    fn planned(&self, plan: Plan) -> Arc<Plan> {
        let plan = Arc::new(plan);
        self.events.send(Message::Planned(Arc::clone(&plan)));
        plan
    }

    pub(super) fn hear(&self, step: &str) {
        self.events.send(Message::Applying(step.to_owned()));
    }

    pub(super) fn apply(&self, remote: &mut Remote<'_>, mut plan: Arc<Plan>) -> NodeReport {
        let mut applied = remote.apply(&plan, &self.options.cancel, |step| self.hear(step));
        if let Applied::CutOff(error) = applied {
            let (settled, notes) = self.ask_how_it_ended(remote.nonce(), error);
            applied = settled;
            remote.add_notes(notes);
        }
        for text in remote.take_notes() {
            Arc::make_mut(&mut plan).note(NODE, None, text);
        }
        let (outcome, error) = match applied {
            Applied::Done => (Outcome::Changed, None),
            Applied::Failed(error) if error.kind() == ErrorKind::Cancelled => (Outcome::NotTried, Some(error)),
            Applied::Failed(error) => (Outcome::Failed, Some(error)),
            Applied::RolledBack(error) => (Outcome::RolledBack, Some(error)),
            Applied::Unknown(error) | Applied::CutOff(error) => (Outcome::Unknown, Some(error)),
        };
        NodeReport { error, ..NodeReport::new(&self.node.name, outcome).with_plan(plan) }
    }

    /// Connects anew after the connection broke in the middle: the node ends a change by itself, and knows how.
    fn ask_how_it_ended(&self, nonce: &str, error: Error) -> (Applied, Vec<String>) {
        for wait in RECONNECTS {
            if !self.options.cancel.is_quiet_for(wait) {
                break;
            }
            let Ok(mut remote) = self.connect() else { continue };
            match remote.settle(nonce, &self.options.cancel, |step| self.hear(step)) {
                Ok(Some(applied)) => return (applied, remote.take_notes()),
                Ok(None) => return (Applied::Failed(error.context("nothing was changed")), Vec::new()),
                Err(_) => {}
            }
        }
        let hint = "the node ends it by itself; the next push puts right what was cut off, and tells";
        (Applied::Unknown(error.context("it is not known how the change ended").with_hint(hint)), Vec::new())
    }
}

/// A node that was looked at and may be changed.
pub(super) struct Begun<'a> {
    pub(super) remote: Remote<'a>,
    pub(super) plan: Arc<Plan>,
    pub(super) probes: Vec<Probe>,
}

/// What a note is about that is about no engine.
const NODE: &str = "node";

/// How long to wait before each try to reach a node again.
const RECONNECTS: [Duration; 5] = [
    Duration::from_millis(100),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(8),
    Duration::from_secs(20),
];

fn plan(remote: &Remote<'_>, settings: &Settings, facts: &Facts) -> Result<Plan> {
    let mut plan = engine::plan(settings, facts)?;
    if let Some(last) = &remote.past().last {
        plan.note(NODE, None, format!("the last change here did not end well: {last}"));
    }
    Ok(plan)
}

/// What there is to do on a node that was only asked.
pub(super) fn planned(node: &Node, plan: Arc<Plan>) -> NodeReport {
    let outcome = if plan.is_empty() { Outcome::Unchanged } else { Outcome::Pending };
    NodeReport::new(&node.name, outcome).with_plan(plan)
}
