//! Workers for nodes, and the calling thread that listens to them.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use rayon::ThreadPoolBuilder;

use super::events::{Event, Message, Observer, Sender};
use super::{Options, fault};
use crate::error::{Error, ErrorKind};
use crate::node::Node;
use crate::report::NodeReport;

/// A worker waits for its node most of the time; more of them than this gain nothing.
const WIDEST: usize = 256;
/// Workers hold no large things on their stacks.
const STACK: usize = 1 << 20;
const TICK: Duration = Duration::from_millis(100);

type Heard = (usize, Duration, Message);

/// Does the work for each node in a pool of its own, while this thread passes what is heard to the observer.
pub(super) fn run(
    nodes: &[Node],
    options: &Options,
    observer: &mut Observer<'_>,
    work: impl Fn(usize, &Node, &Sender) -> NodeReport + Sync,
) -> Vec<NodeReport> {
    let widest = if options.parallel == 0 { WIDEST } else { options.parallel };
    let builder = ThreadPoolBuilder::new().num_threads(widest.clamp(1, nodes.len().max(1))).stack_size(STACK);
    let pool = match builder.thread_name(|i| format!("regconf-{i}")).build() {
        Ok(pool) => pool,
        Err(error) => return all_failed(nodes, &error.to_string()),
    };
    let (channel, heard) = sync_channel::<Heard>(1024);
    let mut reports: Vec<Option<NodeReport>> = vec![None; nodes.len()];
    pool.in_place_scope_fifo(|scope| {
        for (index, node) in nodes.iter().enumerate() {
            let (channel, work) = (channel.clone(), &work);
            scope.spawn_fifo(move |_| {
                let sender = Sender { index, began: Instant::now(), channel };
                let done = catch_unwind(AssertUnwindSafe(|| work(index, node, &sender)));
                let mut report = done.unwrap_or_else(|panic| fault(node, &*panic));
                report.took = sender.began.elapsed();
                sender.send(Message::Finished(Box::new(report)));
            });
        }
        drop(channel);
        listen(&heard, nodes, options, observer, &mut reports);
    });
    let missing = |node: &Node| NodeReport::failed(&node.name, Error::new(ErrorKind::Internal, "a worker was lost"));
    reports.into_iter().zip(nodes).map(|(report, node)| report.unwrap_or_else(|| missing(node))).collect()
}

/// Until the last worker is done.
fn listen(
    heard: &Receiver<Heard>,
    nodes: &[Node],
    options: &Options,
    observer: &mut Observer<'_>,
    reports: &mut [Option<NodeReport>],
) {
    let mut tell = |event: Event<'_>| {
        if observer(event) == ControlFlow::Break(()) {
            options.cancel.cancel();
        }
    };
    loop {
        match heard.recv_timeout(TICK) {
            Ok((index, elapsed, message)) => {
                tell(Event::Node { index, name: &nodes[index].name, elapsed, stage: message.stage() });
                if let Message::Finished(report) = message {
                    reports[index] = Some(*report);
                }
            }
            Err(RecvTimeoutError::Timeout) => tell(Event::Tick),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn all_failed(nodes: &[Node], why: &str) -> Vec<NodeReport> {
    let error = Error::new(ErrorKind::Io, format!("no threads can be started: {why}"));
    nodes.iter().map(|node| NodeReport::failed(&node.name, error.clone())).collect()
}
