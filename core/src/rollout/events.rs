//! What is heard while nodes are worked on.

use std::ops::ControlFlow;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use crate::plan::Plan;
use crate::report::NodeReport;

/// Something that happened on a node, or just time passing.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Comes at least every 100 ms while nothing else does, so that the caller can cancel.
    Tick,
    /// Something happened on a node.
    #[non_exhaustive]
    Node {
        /// The node's place in the list that was given.
        index: usize,
        /// The node's name.
        name: &'a str,
        /// The time since the node's turn began.
        elapsed: Duration,
        /// What happened.
        stage: Stage<'a>,
    },
}

/// How far a node has come.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Stage<'a> {
    /// It is being connected to.
    Connecting,
    /// Logged in; its files are being read.
    Gathering,
    /// It is known what there is to do.
    Planned(&'a Plan),
    /// A step of the change begins, such as `stage` or `restart containerd`.
    Applying(&'a str),
    /// The node's turn is over.
    Finished(&'a NodeReport),
}

/// Hears events on the thread that called, one at a time. `Break` cancels: nodes in the middle of their change finish,
/// no other is begun.
pub type Observer<'a> = dyn FnMut(Event<'_>) -> ControlFlow<()> + 'a;

/// A stage on its way from a worker to the calling thread.
pub(super) enum Message {
    Connecting,
    Gathering,
    Planned(Plan),
    Applying(String),
    Finished(Box<NodeReport>),
}

impl Message {
    pub(super) fn stage(&self) -> Stage<'_> {
        match self {
            Self::Connecting => Stage::Connecting,
            Self::Gathering => Stage::Gathering,
            Self::Planned(plan) => Stage::Planned(plan),
            Self::Applying(step) => Stage::Applying(step),
            Self::Finished(report) => Stage::Finished(report),
        }
    }
}

/// A worker's end of the channel.
pub(super) struct Sender {
    pub(super) index: usize,
    pub(super) began: std::time::Instant,
    pub(super) channel: SyncSender<(usize, Duration, Message)>,
}

impl Sender {
    /// The receiver lives as long as any worker, so nothing is lost.
    pub(super) fn send(&self, message: Message) {
        let _ = self.channel.send((self.index, self.began.elapsed(), message));
    }
}
