//! Workers for nodes.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::sender::Heard;
use crate::error::{Error, ErrorKind, Result};

/// A worker waits for its node most of the time; more of them than this gain nothing.
const WIDEST: usize = 256;
/// Workers hold no large things on their stacks.
const STACK: usize = 1 << 20;
/// How many events may wait for the observer before workers wait for it too.
const WAITING: usize = 1024;

/// As many threads as nodes may be worked on at once.
pub(super) struct Pool(ThreadPool);

impl Pool {
    /// Threads for so many nodes; `parallel` of 0 is as many as there are.
    pub(super) fn new(parallel: usize, nodes: usize) -> Result<Self> {
        let widest = if parallel == 0 { WIDEST } else { parallel };
        let builder = ThreadPoolBuilder::new().num_threads(widest.clamp(1, nodes.max(1))).stack_size(STACK);
        let pool = builder.thread_name(|i| format!("regconf-{i}")).build();
        pool.map(Self).map_err(|error| Error::new(ErrorKind::Io, format!("no threads can be started: {error}")))
    }

    /// Does the work for each of the nodes, begun in this order, while this thread listens until all are done.
    pub(super) fn run(
        &self,
        nodes: &[usize],
        work: impl Fn(usize, SyncSender<Heard>) + Sync,
        listen: impl FnOnce(&Receiver<Heard>),
    ) {
        let (channel, heard) = sync_channel(WAITING);
        self.0.in_place_scope_fifo(|scope| {
            for index in nodes {
                let (channel, work) = (channel.clone(), &work);
                scope.spawn_fifo(move |_| work(*index, channel));
            }
            drop(channel);
            listen(&heard);
        });
    }
}
