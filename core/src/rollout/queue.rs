//! Which node is begun next, and how many workers there are to begin it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a node may be silent before another is begun beside it.
const PATIENCE: Duration = Duration::from_secs(5);
/// And how many times as long as others lately were: where this machine or the network is slow, more nodes at once would
/// make it slower.
const USUAL_TIMES: u32 = 4;
/// How often it is looked whether one is.
const LOOK: Duration = Duration::from_millis(100);

/// Nodes that wait for a worker, in their order.
///
/// A worker whose node does not say a word gets a stand-in, so that nodes that hang take only their own time. There are
/// at most as many stand-ins as workers, and no longer than they are needed.
pub(super) struct Queue<'a> {
    nodes: &'a [usize],
    width: usize,
    patience: Duration,
    state: Mutex<State>,
}

struct State {
    /// How many nodes have been begun.
    begun: usize,
    workers: usize,
    /// Since when nodes are waited for that do not have to take their time.
    silent: HashMap<usize, Instant>,
    /// How long nodes lately were silent before they spoke.
    usual: Duration,
    looked: Instant,
    stand_ins: usize,
}

impl<'a> Queue<'a> {
    /// Nodes, so many of which are worked on at once.
    pub(super) fn new(nodes: &'a [usize], width: usize) -> Self {
        let state = State {
            begun: 0,
            workers: 0,
            silent: HashMap::new(),
            usual: Duration::ZERO,
            looked: Instant::now(),
            stand_ins: 0,
        };
        Self { nodes, width: width.min(nodes.len()), patience: PATIENCE, state: Mutex::new(state) }
    }

    /// The next node for a worker; `None` ends the worker.
    pub(super) fn next(&self) -> Option<usize> {
        let mut state = self.lock();
        let next = self.nodes.get(state.begun).filter(|_| state.workers <= self.width + state.stand_ins);
        match next {
            Some(_) => state.begun += 1,
            None => state.workers -= 1,
        }
        next.copied()
    }

    /// Whether there are nodes left to begin; `hire` is called for each worker that is missing, and says whether it came.
    pub(super) fn fill(&self, mut hire: impl FnMut() -> bool) -> bool {
        loop {
            let mut state = self.lock();
            if state.begun == self.nodes.len() {
                return false;
            }
            if state.looked.elapsed() >= LOOK {
                state.looked = Instant::now();
                let patience = self.patience.max(state.usual * USUAL_TIMES);
                let silent = state.silent.values().filter(|since| since.elapsed() >= patience).count();
                state.stand_ins = silent.min(self.width);
            }
            if state.workers >= self.width + state.stand_ins {
                return true;
            }
            state.workers += 1;
            drop(state);
            if !hire() {
                self.lock().workers -= 1;
                return true;
            }
        }
    }

    /// From now on a word of this node is waited for.
    pub(super) fn is_awaited(&self, node: usize) {
        self.lock().silent.insert(node, Instant::now());
    }

    /// This node has spoken.
    pub(super) fn is_heard(&self, node: usize) {
        let mut state = self.lock();
        if let Some(since) = state.silent.remove(&node) {
            state.usual = (state.usual * 7 + since.elapsed()) / 8;
        }
    }

    /// This node's turn is over, whether it has spoken or not.
    pub(super) fn is_over(&self, node: usize) {
        self.lock().silent.remove(&node);
    }

    /// Begins no other node.
    pub(super) fn close(&self) {
        self.lock().begun = self.nodes.len();
    }

    /// What is behind the lock is always whole: nothing is done under it that could panic.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many workers are hired.
    fn hired(queue: &Queue<'_>) -> usize {
        let mut hired = 0;
        queue.fill(|| {
            hired += 1;
            true
        });
        hired
    }

    #[test]
    fn a_silent_node_has_a_stand_in_until_it_speaks() {
        let nodes: Vec<_> = (0..10).collect();
        let queue = Queue { patience: Duration::ZERO, ..Queue::new(&nodes, 2) };
        assert_eq!(hired(&queue), 2);
        assert_eq!((queue.next(), queue.next(), hired(&queue)), (Some(0), Some(1), 0));
        queue.is_awaited(0);
        queue.is_awaited(1);
        std::thread::sleep(LOOK);
        assert_eq!(hired(&queue), 2);
        assert_eq!((queue.next(), queue.next()), (Some(2), Some(3)));
        queue.is_awaited(2);
        queue.is_awaited(3);
        std::thread::sleep(LOOK);
        assert_eq!(hired(&queue), 0, "never more than twice as many");
        for node in 0..4 {
            queue.is_over(node);
        }
        std::thread::sleep(LOOK);
        assert_eq!(hired(&queue), 0);
        assert_eq!([queue.next(), queue.next()], [None, None], "two workers are too many by now");
        assert_eq!((queue.next(), queue.next()), (Some(4), Some(5)));
    }

    #[test]
    fn where_all_are_slow_no_stand_in_helps() {
        let nodes = [0, 1, 2, 3];
        let queue = Queue { patience: Duration::ZERO, ..Queue::new(&nodes, 1) };
        assert_eq!((hired(&queue), queue.next()), (1, Some(0)));
        queue.lock().usual = Duration::from_secs(600);
        queue.is_awaited(0);
        std::thread::sleep(LOOK);
        assert_eq!(hired(&queue), 0);
        (0..100).for_each(|_| {
            queue.is_heard(0);
            queue.is_awaited(0);
        });
        std::thread::sleep(LOOK);
        assert_eq!(hired(&queue), 1, "they are quick by now");
    }

    #[test]
    fn no_worker_is_hired_for_nothing() {
        let queue = Queue::new(&[7], 256);
        assert_eq!(hired(&queue), 1);
        assert_eq!((queue.next(), queue.next()), (Some(7), None));
        assert!(!queue.fill(|| true));
        let nodes = [1, 2];
        let queue = Queue::new(&nodes, 1);
        assert!(queue.fill(|| false), "the nodes are still there");
        queue.fill(|| true);
        queue.close();
        assert_eq!(queue.next(), None);
    }
}
