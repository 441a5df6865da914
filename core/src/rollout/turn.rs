//! What a worker does for one node.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Options;
use super::course::Course;
use super::sender::Sender;
use super::visit::{Visit, planned};
use crate::node::Node;
use crate::plan::{Action, Plan};
use crate::remote::Remote;
use crate::report::{NodeReport, Outcome, Phase};
use crate::settings::Settings;

/// A connection that was silent for so long while its node waited for its turn to restart may be dead without anybody
/// having noticed, and a change must not be begun over it.
pub(super) const IDLE: Duration = Duration::from_secs(20);

/// One node's turn, and what it has in common with the others'.
#[derive(Clone, Copy)]
pub(super) struct Turn<'a> {
    pub(super) index: usize,
    pub(super) node: &'a Node,
    pub(super) options: &'a Options,
    pub(super) events: &'a Sender<'a>,
    pub(super) course: &'a Course<'a>,
    /// How long a connection may be silent before a change.
    pub(super) idle: Duration,
}

impl<'a> Turn<'a> {
    /// Finds out what there is to do.
    pub(super) fn survey(&self, settings: &Settings) -> NodeReport {
        self.visit().survey(settings).unwrap_or_else(|error| NodeReport::failed(&self.node.name, error))
    }

    /// Finds out what there is to do, and does it over the same connection.
    pub(super) fn push(&self, settings: &Settings) -> NodeReport {
        if self.options.dry_run {
            return self.survey(settings);
        }
        let visit = self.visit();
        match visit.begin(settings) {
            Ok(mut begun) if begun.plan.is_empty() => {
                let mut report = NodeReport { probes: begun.probes, ..planned(self.node, begun.plan) };
                visit.verify(&mut begun.remote, settings, &mut report);
                report
            }
            Ok(begun) => {
                let done = self.carry_out(&visit, Some(begun.remote), begun.plan, settings);
                NodeReport { probes: begun.probes, ..done }
            }
            Err(error) => NodeReport::failed(&self.node.name, error),
        }
    }

    /// Does what was found out before.
    pub(super) fn apply(&self, before: &NodeReport, settings: &Settings) -> NodeReport {
        match &before.plan {
            Some(plan) if before.outcome == Outcome::Pending => {
                let visit = self.visit();
                match visit.connect() {
                    Ok(remote) => self.carry_out(&visit, Some(remote), Arc::clone(plan), settings),
                    Err(error) => NodeReport::failed(&self.node.name, error).with_plan(Arc::clone(plan)),
                }
            }
            _ if before.outcome == Outcome::Unchanged => {
                let mut report = before.clone();
                self.visit().verify_anew(settings, &mut report);
                report
            }
            _ => before.clone(),
        }
    }

    fn visit(&self) -> Visit<'a> {
        Visit::new(self.node, self.options, self.events)
    }

    /// Waits for this node's turn to restart, if the change restarts something, and carries it out.
    fn carry_out(
        &self,
        visit: &Visit<'a>,
        mut remote: Option<Remote<'a>>,
        plan: Arc<Plan>,
        settings: &Settings,
    ) -> NodeReport {
        self.events.enter(Phase::Wait);
        let since = Instant::now();
        let restarts = plan.activations.iter().any(|activation| activation.action == Action::Restart);
        let _permits = match self.course.permits(restarts) {
            Ok(permits) => permits,
            Err(error) => return NodeReport::failed(&self.node.name, error).with_plan(plan),
        };
        if since.elapsed() >= self.idle {
            remote = None;
        }
        match remote.map_or_else(|| self.visit().connect(), Ok) {
            Ok(mut remote) => {
                self.events.enter(Phase::Apply);
                let mut report = visit.apply(&mut remote, plan);
                drop(remote);
                visit.verify_anew(settings, &mut report);
                report
            }
            Err(error) => NodeReport::failed(&self.node.name, error).with_plan(plan),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::sync_channel;

    use super::*;
    use crate::error::Result;
    use crate::plan::FileChange;
    use crate::rollout::queue::Queue;
    use crate::transport::{Connector, Fake, Limit, Transport};

    /// Counts connections, to a shell that says of every change that it is done.
    struct Counting(Arc<AtomicUsize>);

    impl Connector for Counting {
        fn connect(&self, _: &Node, _: &Limit) -> Result<Box<dyn Transport>> {
            self.0.fetch_add(1, Ordering::SeqCst);
            let mut nonce = String::new();
            Ok(Box::new(Fake::new(move |said| match said.split_once("echo @") {
                Some((_, rest)) if nonce.is_empty() => {
                    rest.split(' ').next().unwrap_or_default().clone_into(&mut nonce);
                    Some(Vec::new())
                }
                _ => Some(format!("@{nonce} end done none 0\n\n").into_bytes()),
            })))
        }
    }

    #[test]
    fn a_link_that_was_silent_for_long_is_not_trusted_with_a_change() {
        let node = Node::new("n1").unwrap();
        let mut plan = Plan::default();
        plan.change(FileChange::new("/etc/x", None, Some(b"x".to_vec())));
        let before = NodeReport::new("n1", Outcome::Pending).with_plan(Arc::new(plan));
        for (idle, connections) in [(Duration::ZERO, 2), (IDLE, 1)] {
            let count = Arc::new(AtomicUsize::new(0));
            let options = Options { connector: Box::new(Counting(Arc::clone(&count))), ..Options::default() };
            let (channel, _heard) = sync_channel(64);
            let queue = Queue::new(&[], 1);
            let (events, course) = (Sender::new(0, channel, &queue), Course::new(&options, 1, true));
            let turn = Turn { index: 0, node: &node, options: &options, events: &events, course: &course, idle };
            assert_eq!(turn.apply(&before, &Settings::default()).outcome, Outcome::Changed);
            assert_eq!(count.load(Ordering::SeqCst), connections);
        }
    }
}
