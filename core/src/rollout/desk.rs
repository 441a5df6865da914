//! The calling thread: it hears the workers, tells the observer, and keeps the reports.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::batches::Part;
use super::course::Course;
use super::events::{Event, Moment, Observer, Stage};
use super::sender::{Heard, Message};
use crate::limit::Cancel;
use crate::node::Node;
use crate::report::{NodeReport, Outcome};

const TICK: Duration = Duration::from_millis(100);
/// How often a pause is broken off to see whether it still makes sense.
const LOOK: Duration = Duration::from_millis(20);

/// What is known of the nodes, and who is told.
pub(super) struct Desk<'a, 'o> {
    nodes: &'a [Node],
    cancel: &'a Cancel,
    observer: &'a mut Observer<'o>,
    began: Instant,
    batch: usize,
    reports: Vec<Option<NodeReport>>,
    is_done: Vec<bool>,
}

impl<'a, 'o> Desk<'a, 'o> {
    pub(super) fn new(nodes: &'a [Node], cancel: &'a Cancel, observer: &'a mut Observer<'o>) -> Self {
        let (reports, is_done) = (vec![None; nodes.len()], vec![false; nodes.len()]);
        Self { nodes, cancel, observer, began: Instant::now(), batch: 0, reports, is_done }
    }

    /// Says that a batch begins or has ended.
    pub(super) fn batch(&mut self, number: usize, of: usize, round: usize, part: &Part, moment: Moment) {
        self.batch = number;
        let since = self.began.elapsed();
        self.tell(Event::Batch { number, of, kind: part.kind, round, nodes: &part.nodes, since, moment });
    }

    /// Passes on what the workers say, until the last of them is done, and each time sees to it that there are enough.
    pub(super) fn listen(&mut self, heard: &Receiver<Heard>, fill: &mut dyn FnMut()) {
        loop {
            match heard.recv_timeout(TICK) {
                Ok(heard) => self.take(heard),
                Err(RecvTimeoutError::Timeout) => self.tell(Event::Tick),
                Err(RecvTimeoutError::Disconnected) => return,
            }
            fill();
        }
    }

    /// Lets time pass, unless there is nothing left to wait for.
    pub(super) fn pause(&mut self, span: Duration, course: &Course<'_>) {
        let began = Instant::now();
        let mut told = began;
        while course.check().is_ok() {
            let left = span.saturating_sub(began.elapsed());
            if left.is_zero() {
                return;
            }
            std::thread::sleep(left.min(LOOK));
            if told.elapsed() >= TICK {
                told = Instant::now();
                self.tell(Event::Tick);
            }
        }
    }

    /// A node that ended without a worker.
    pub(super) fn finish(&mut self, index: usize, report: NodeReport) {
        let batch = report.batch;
        let since = self.began.elapsed();
        self.tell_of(index, report.took, since, batch, Stage::Finished(&report));
        self.is_done[index] = true;
        self.reports[index] = Some(report);
    }

    /// How a node ended, as far as is known.
    pub(super) fn report(&self, index: usize) -> Option<&NodeReport> {
        self.reports[index].as_ref()
    }

    /// Whether a node has not ended for good.
    pub(super) fn is_open(&self, index: usize) -> bool {
        !self.is_done[index]
    }

    /// Whether some node ended so.
    pub(super) fn has(&self, outcome: Outcome) -> bool {
        self.reports.iter().flatten().any(|report| report.outcome == outcome)
    }

    /// The nodes that have not ended for good, in the order given.
    pub(super) fn open(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|index| self.is_open(*index)).collect()
    }

    /// The nodes that could not be reached so far and are to be tried again.
    pub(super) fn postponed(&self) -> Vec<usize> {
        self.open().into_iter().filter(|index| self.reports[*index].is_some()).collect()
    }

    /// All reports, in the order given.
    pub(super) fn into_reports(self) -> Vec<NodeReport> {
        self.reports.into_iter().flatten().collect()
    }

    fn take(&mut self, heard: Heard) {
        let Heard { index, at, elapsed, message } = heard;
        self.tell_of(index, elapsed, at.saturating_duration_since(self.began), self.batch, message.stage());
        match message {
            Message::Finished(report) => {
                self.is_done[index] = true;
                self.reports[index] = Some(*report);
            }
            Message::Postponed(report) => self.reports[index] = Some(*report),
            Message::Connecting | Message::Gathering | Message::Planned(_) | Message::Applying(_) => {}
        }
    }

    fn tell_of(&mut self, index: usize, elapsed: Duration, since: Duration, batch: usize, stage: Stage<'_>) {
        self.tell(Event::Node { index, name: &self.nodes[index].name, elapsed, since, batch, stage });
    }

    fn tell(&mut self, event: Event<'_>) {
        if (self.observer)(event) == ControlFlow::Break(()) {
            self.cancel.cancel();
        }
    }
}
