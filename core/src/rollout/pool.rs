//! Workers for nodes.

use std::io::Result as IoResult;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, Scope};

use super::queue::Queue;
use super::sender::Heard;

/// A worker waits for its node most of the time; more of them than this gain nothing.
const WIDEST: usize = 256;
/// Workers hold no large things on their stacks.
const STACK: usize = 1 << 20;
/// How many events may wait for the observer before workers wait for it too.
const WAITING: usize = 1024;

/// How many nodes are worked on at once, of so many; `parallel` of 0 is as many as there are.
pub(super) fn width(parallel: usize, nodes: usize) -> usize {
    let widest = if parallel == 0 { WIDEST } else { parallel };
    widest.clamp(1, nodes.max(1))
}

/// Does the work for each node of the queue, while this thread listens until all are done. The listener calls what it
/// is given each time that it has heard something, and from time to time.
///
/// # Errors
/// When not even one thread can be started; then nothing was done.
pub(super) fn run(
    queue: &Queue<'_>,
    work: impl Fn(usize, SyncSender<Heard>) + Sync,
    listen: impl FnOnce(&Receiver<Heard>, &mut dyn FnMut()),
) -> IoResult<()> {
    let work = |channel: &SyncSender<Heard>| {
        while let Some(index) = queue.next() {
            work(index, channel.clone());
            queue.is_over(index);
        }
    };
    std::thread::scope(|scope| {
        // Both are dropped if the listener panics: nobody waits for it, and no other node is begun.
        let (channel, heard) = sync_channel(WAITING);
        let _closing = Closing(queue);
        let mut crew = Crew { scope, queue, work: &work, channel: Some(channel), size: 0 };
        crew.fill().or_else(|error| if crew.size == 0 { Err(error) } else { Ok(()) })?;
        // Without stand-ins it only takes longer.
        listen(&heard, &mut || drop(crew.fill()));
        Ok(())
    })
}

/// The workers of a run.
struct Crew<'s, 'e, 'q, W> {
    scope: &'s Scope<'s, 'e>,
    queue: &'e Queue<'q>,
    work: &'e W,
    /// For those who come later; `None` when there is nothing left to begin, so that the listener hears of the end.
    channel: Option<SyncSender<Heard>>,
    size: usize,
}

impl<W: Fn(&SyncSender<Heard>) + Sync> Crew<'_, '_, '_, W> {
    /// Starts the workers that are missing.
    fn fill(&mut self) -> IoResult<()> {
        let Some(channel) = self.channel.take() else { return Ok(()) };
        let mut fault = None;
        let is_more_to_do = self.queue.fill(|| {
            let (work, channel) = (self.work, channel.clone());
            let builder = Builder::new().name(format!("regconf-{}", self.size)).stack_size(STACK);
            let started = builder.spawn_scoped(self.scope, move || work(&channel));
            self.size += usize::from(started.is_ok());
            started.map_err(|error| fault = Some(error)).is_ok()
        });
        self.channel = Some(channel).filter(|_| is_more_to_do);
        fault.map_or(Ok(()), Err)
    }
}

/// Begins no other node when dropped.
struct Closing<'a>(&'a Queue<'a>);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}
