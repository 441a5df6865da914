//! A worker's end of the channel, and its watch.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use super::events::Stage;
use super::queue::Queue;
use crate::error::ErrorKind;
use crate::plan::Plan;
use crate::report::{NodeReport, Outcome, Phase, Timing};

/// A stage on its way from a worker to the calling thread.
pub(super) enum Message {
    Connecting,
    Gathering,
    Planned(Arc<Plan>),
    Applying(String),
    Postponed(Box<NodeReport>),
    Finished(Box<NodeReport>),
}

impl Message {
    pub(super) fn stage(&self) -> Stage<'_> {
        match self {
            Self::Connecting => Stage::Connecting,
            Self::Gathering => Stage::Gathering,
            Self::Planned(plan) => Stage::Planned(plan),
            Self::Applying(step) => Stage::Applying(step),
            Self::Postponed(report) => Stage::Postponed(report),
            Self::Finished(report) => Stage::Finished(report),
        }
    }
}

/// What was said of which node, when, and how long its turn had lasted then.
pub(super) struct Heard {
    pub(super) index: usize,
    pub(super) at: Instant,
    pub(super) elapsed: Duration,
    pub(super) message: Message,
}

/// A worker's end of the channel for one node's turn.
pub(super) struct Sender<'a> {
    index: usize,
    began: Instant,
    channel: SyncSender<Heard>,
    queue: &'a Queue<'a>,
    watch: RefCell<Watch>,
}

/// The phase that a step belongs to, by its first word.
fn phase(step: &str) -> Phase {
    match step.split(' ').next() {
        Some("probe") => Phase::Gather,
        Some("verify" | "pull") => Phase::Verify,
        _ => Phase::Apply,
    }
}

/// How long each phase has taken.
struct Watch {
    has_tried: bool,
    phase: Phase,
    since: Instant,
    timing: Timing,
}

impl<'a> Sender<'a> {
    /// A turn that begins now.
    pub(super) fn new(index: usize, channel: SyncSender<Heard>, queue: &'a Queue<'a>) -> Self {
        let began = Instant::now();
        let watch = Watch { has_tried: false, phase: Phase::Connect, since: began, timing: Timing::default() };
        Self { index, began, channel, queue, watch: RefCell::new(watch) }
    }

    /// The node's place in the list.
    pub(super) fn index(&self) -> usize {
        self.index
    }

    /// The receiver lives as long as any worker, so nothing is lost.
    pub(super) fn send(&self, message: Message) {
        match &message {
            Message::Connecting => {
                self.watch.borrow_mut().has_tried = true;
                self.enter(Phase::Connect);
            }
            Message::Planned(_) => self.enter(Phase::Wait),
            Message::Applying(step) => self.enter(phase(step)),
            Message::Gathering => self.enter(Phase::Gather),
            Message::Postponed(_) | Message::Finished(_) => {}
        }
        let at = Instant::now();
        // Who waits for the observer does not wait for a node.
        self.queue.is_over(self.index);
        let _ = self.channel.send(Heard { index: self.index, at, elapsed: at - self.began, message });
        self.await_node();
    }

    /// Another phase of the node's turn begins.
    pub(super) fn enter(&self, phase: Phase) {
        let mut watch = self.watch.borrow_mut();
        let now = Instant::now();
        if phase != watch.phase {
            self.queue.is_heard(self.index);
        }
        let (was, spent) = (watch.phase, now - watch.since);
        watch.timing.add(was, spent);
        (watch.phase, watch.since) = (phase, now);
        drop(watch);
        self.await_node();
    }

    /// From now on the node is expected to say something soon, unless it is being changed, which takes what it takes.
    fn await_node(&self) {
        if matches!(self.watch.borrow().phase, Phase::Connect | Phase::Gather) {
            self.queue.is_awaited(self.index);
        }
    }

    /// Whether the node was tried to be reached in this turn.
    pub(super) fn has_tried(&self) -> bool {
        self.watch.borrow().has_tried
    }

    /// Writes down how long it took, and tells a node that could not be reached from one that failed.
    pub(super) fn close(&self, report: &mut NodeReport) {
        let phase = self.watch.borrow().phase;
        self.enter(phase);
        report.timing = self.watch.borrow().timing;
        report.took = self.began.elapsed();
        let kind = report.error.as_ref().map(crate::Error::kind);
        let is_lost = match kind {
            Some(ErrorKind::Connect) => phase != Phase::Apply && phase != Phase::Verify,
            Some(ErrorKind::Timeout) => phase == Phase::Connect,
            _ => false,
        };
        if report.outcome == Outcome::Failed && is_lost {
            report.outcome = Outcome::Unreachable;
        }
    }
}
