//! One call from its first node to its last: batch by batch, then those that could not be reached before.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Options;
use super::batches::{Part, Sizes};
use super::course::Course;
use super::desk::Desk;
use super::events::{BatchKind, Moment, Observer};
use super::journal::Journal;
use super::options::Unreachable;
use super::pool;
use super::queue::Queue;
use super::sender::{Message, Sender};
use super::shared::Plans;
use super::turn::{IDLE, Turn};
use crate::error::{Error, ErrorKind, Result};
use crate::node::Node;
use crate::report::{NodeReport, Outcome, Report};
use crate::settings::Settings;

/// What a call is about.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) nodes: &'a [Node],
    pub(super) settings: &'a Settings,
    pub(super) options: &'a Options,
    /// Whether nodes are changed. If not, all of them are looked at, at once.
    pub(super) changes: bool,
}

/// Does the work for each node.
pub(super) fn run<W>(call: Call<'_>, observer: &mut Observer<'_>, work: W) -> Report
where
    W: Fn(&Turn<'_>) -> NodeReport + Sync,
{
    let mut desk = Desk::new(call.nodes, &call.options.cancel, observer);
    let stopped = match Run::new(call, &work) {
        Ok(run) => {
            run.batches(&mut desk);
            run.end(&mut desk)
        }
        Err(error) => {
            none(call.nodes, &error, &mut desk);
            Some(error)
        }
    };
    Report { nodes: desk.into_reports(), stopped }
}

/// Nothing can be begun.
fn none(nodes: &[Node], error: &Error, desk: &mut Desk<'_, '_>) {
    for (index, node) in nodes.iter().enumerate() {
        let report = NodeReport { error: Some(error.clone()), ..NodeReport::new(&node.name, Outcome::NotTried) };
        desk.finish(index, NodeReport { address: node.place(), ..report });
    }
}

/// What the batches of a call have in common.
struct Run<'a, W> {
    call: Call<'a>,
    work: &'a W,
    course: Course<'a>,
    journal: Option<Journal>,
    plans: Plans,
}

/// Where a run is.
struct At {
    number: usize,
    of: usize,
    round: usize,
}

impl<'a, W: Fn(&Turn<'_>) -> NodeReport + Sync> Run<'a, W> {
    fn new(call: Call<'a>, work: &'a W) -> Result<Self> {
        let Call { nodes, options, .. } = call;
        let path = options.journal.as_ref().filter(|_| call.changes);
        Ok(Self {
            call,
            work,
            course: Course::new(options, nodes.len(), call.changes),
            journal: path.map(|path| Journal::open(path, call.settings)).transpose()?,
            plans: Plans::default(),
        })
    }

    fn batches(&self, desk: &mut Desk<'_, '_>) {
        self.take_from_journal(desk);
        let Call { nodes, options, changes, .. } = self.call;
        let sizes = if changes { Sizes::new(options, nodes.len()) } else { Sizes::all() };
        let all: Vec<_> = (0..nodes.len()).collect();
        let mut at = At { number: 0, of: 0, round: 0 };
        self.parts(&all, sizes, &mut at, desk);
        for round in 1..=options.unreachable.rounds() {
            let postponed = desk.postponed();
            if postponed.is_empty() || self.course.check().is_err() {
                return;
            }
            desk.pause(options.unreachable.wait(), &self.course);
            at.round = round;
            self.parts(&postponed, sizes.without_canary(), &mut at, desk);
        }
    }

    /// The batches of one round, as long as nodes may be begun.
    fn parts(&self, nodes: &[usize], sizes: Sizes, at: &mut At, desk: &mut Desk<'_, '_>) {
        let is_last = |index: usize| self.call.changes && self.call.nodes[index].is_control_plane();
        let parts = sizes.parts(nodes, is_last);
        at.of += parts.len();
        let mut is_first = true;
        for part in parts {
            at.number += 1;
            let open = part.nodes.iter().copied().filter(|index| desk.is_open(*index));
            let left = Part { nodes: open.collect(), ..part };
            if left.nodes.is_empty() {
                continue;
            }
            if !is_first && self.call.changes {
                desk.pause(self.call.options.pause, &self.course);
            }
            is_first = false;
            if self.course.check().is_err() {
                return;
            }
            self.part(&left, at, desk);
            if left.kind == BatchKind::Canary {
                self.judge(&part.nodes, desk);
            }
        }
    }

    fn part(&self, part: &Part, at: &At, desk: &mut Desk<'_, '_>) {
        desk.batch(at.number, at.of, at.round, part, Moment::Begins);
        let is_last = at.round == self.call.options.unreachable.rounds();
        let queue = Queue::new(&part.nodes, pool::width(self.call.options.parallel, self.call.nodes.len()));
        let work = |index, channel| self.turn(&Sender::new(index, channel, &queue), at.number, is_last);
        if let Err(error) = pool::run(&queue, work, |heard, fill| desk.listen(heard, fill)) {
            self.course.stop(format!("no thread can be started: {error}"), "see to this machine's limits");
        }
        desk.batch(at.number, at.of, at.round, part, Moment::Ended);
    }

    /// On a worker's thread: one node's turn from its beginning to its end. One that may not be begun any more is left
    /// for [`end`](Self::end).
    fn turn(&self, events: &Sender<'_>, batch: usize, is_last: bool) {
        if self.course.check().is_err() {
            return;
        }
        let index = events.index();
        let node = &self.call.nodes[index];
        let Call { options, .. } = self.call;
        let turn = Turn { index, node, options, events, course: &self.course, idle: IDLE };
        let done = catch_unwind(AssertUnwindSafe(|| (self.work)(&turn)));
        let mut report = done.unwrap_or_else(|panic| fault(node, &*panic));
        events.close(&mut report);
        report.batch = batch;
        report.plan = report.plan.map(|plan| self.plans.share(plan));
        let is_unreachable = report.outcome == Outcome::Unreachable;
        if is_unreachable && !is_last && events.has_tried() {
            report.address = node.place();
            return events.send(Message::Postponed(Box::new(report)));
        }
        self.settle(node, &mut report);
        events.send(Message::Finished(Box::new(report)));
    }

    /// Counts a node that has ended, and writes it down.
    fn settle(&self, node: &Node, report: &mut NodeReport) {
        report.address = node.place();
        report.is_tolerated =
            report.outcome == Outcome::Unreachable && self.call.options.unreachable == Unreachable::Skip;
        self.course.count(report);
        if let Some(journal) = &self.journal
            && let Err(error) = journal.record(node, self.call.settings, report)
        {
            self.course.stop(error.to_string(), "make room for the journal and push again");
        }
    }

    /// What earlier calls have done is not done again.
    fn take_from_journal(&self, desk: &mut Desk<'_, '_>) {
        let Some(journal) = &self.journal else { return };
        for (index, node) in self.call.nodes.iter().enumerate() {
            if let Some(outcome) = journal.done(node, self.call.settings) {
                let report = NodeReport { resumed: true, ..NodeReport::new(&node.name, outcome) };
                desk.finish(index, NodeReport { address: node.place(), ..report });
            }
        }
    }

    /// A canary that fails, or of which none ends well, stops the rest.
    fn judge(&self, canary: &[usize], desk: &Desk<'_, '_>) {
        let report = |index: &usize| desk.report(*index);
        let ended = canary.iter().filter(|index| !desk.is_open(**index)).filter_map(report);
        let mut bad = ended.filter(|report| report.is_failure() && report.outcome != Outcome::NotTried);
        if let Some(bad) = bad.next() {
            self.course.stop(format!("the canary {} ended {}", bad.name, bad.outcome), "see to it and push again");
        } else if !canary.iter().filter_map(report).any(|report| report.outcome.is_good()) {
            self.course.stop("no node of the canary could be reached", "choose other nodes for it, or see to these");
        }
    }

    /// Ends the nodes that no worker has ended; why some were not begun, if there are any.
    fn end(&self, desk: &mut Desk<'_, '_>) -> Option<Error> {
        let why = self.course.check().err();
        for index in desk.open() {
            let node = &self.call.nodes[index];
            let begun = desk.report(index).cloned();
            let mut report = begun.unwrap_or_else(|| {
                let why = why.clone().unwrap_or_else(|| Error::new(ErrorKind::Internal, "a worker was lost"));
                NodeReport { error: Some(why), ..NodeReport::new(&node.name, Outcome::NotTried) }
            });
            self.settle(node, &mut report);
            desk.finish(index, report);
        }
        why.filter(|_| desk.has(Outcome::NotTried))
    }
}

/// A fault of this library on one node is that node's failure.
fn fault(node: &Node, panic: &(dyn std::any::Any + Send)) -> NodeReport {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    let error = Error::new(ErrorKind::Internal, format!("a fault of this library: {text}"));
    NodeReport { error: Some(error), ..NodeReport::new(&node.name, Outcome::Unknown) }
}
