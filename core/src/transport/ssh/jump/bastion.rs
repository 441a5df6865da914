//! One jump host, and the connections to it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::super::SshShared;
use super::super::failure::Failure;
use super::super::session;
use super::lane::{Lane, Opened, Opening};
use super::turnstile::Turnstile;
use crate::error::{Error, ErrorKind, Result};
use crate::node::Node;
use crate::transport::{Limit, TICK};

/// libssh2 can ask for one channel at a time in a connection, and a jump host answers only when the node has, or when it
/// gives a dead one up after two minutes. Who waits longer than this gets a connection of his own, for others must not
/// wait for dead nodes.
const PATIENCE: Duration = Duration::from_secs(1);
/// How many connections to one jump host may wait for nodes.
const MOST_LANES: usize = 32;
/// How long no further connection is begun after one that failed, while others work.
const REST: Duration = Duration::from_secs(5);
/// A connection that was lost is made anew once in this time; what refused us is not asked again for so long.
const WINDOW: Duration = Duration::from_secs(60);

/// A jump host, reached through the ones before it.
pub(super) struct Bastion {
    /// The way to it; it is the last.
    jump: Vec<Arc<Node>>,
    state: Mutex<State>,
    changed: Condvar,
    turnstile: Turnstile,
}

#[derive(Default)]
struct State {
    lanes: Vec<Arc<Lane>>,
    /// Whether somebody is connecting.
    is_connecting: bool,
    /// When connections were lost, of late. Those that are lost together count as one.
    lost: Vec<Instant>,
    /// How often that was in all.
    generation: usize,
    /// When one more connection could not be made.
    grew_in_vain: Option<Instant>,
    /// Why it cannot be reached, and since when.
    failed: Option<(Error, Instant)>,
}

/// What there is to do for who wants a lane.
enum Turn {
    Take(Arc<Lane>),
    Connect,
    Wait,
}

impl Bastion {
    pub(super) fn new(jump: Vec<Arc<Node>>) -> Self {
        Self { jump, state: Mutex::default(), changed: Condvar::new(), turnstile: Turnstile::default() }
    }

    /// Whether this is the way through these hosts.
    pub(super) fn is_for(&self, jump: &[Arc<Node>]) -> bool {
        self.jump == jump
    }

    pub(super) fn turnstile(&self) -> &Turnstile {
        &self.turnstile
    }

    /// Opens a channel to the node.
    pub(super) fn open(&self, node: &Node, shared: &SshShared, limit: &Limit) -> Result<Opened, Failure> {
        let lane = self.take(shared, limit)?;
        let opening = Opening::new(&lane, limit);
        let outcome = opening.open(&node.address, node.port);
        // Whatever came of it, others may have their turn.
        drop(opening);
        self.changed.notify_all();
        outcome
    }

    /// A lane that nobody else is opening a channel in.
    fn take(&self, shared: &SshShared, limit: &Limit) -> Result<Arc<Lane>, Failure> {
        let start = Instant::now();
        let mut state = self.lock();
        loop {
            match state.turn(start.elapsed(), self.name())? {
                Turn::Take(lane) => return Ok(lane),
                Turn::Connect => {
                    state.is_connecting = true;
                    let generation = state.generation;
                    drop(state);
                    return self.connect(generation, shared, limit);
                }
                Turn::Wait => {
                    let wait = limit.left().map_err(|error| self.named(error))?.min(TICK);
                    state = self.changed.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
    }

    /// Connects to the jump host itself, while others wait for that.
    fn connect(&self, generation: usize, shared: &SshShared, limit: &Limit) -> Result<Arc<Lane>, Failure> {
        let start = Instant::now();
        let connected = self.begin(generation, shared, limit).map_err(|error| self.named(error));
        let mut state = self.lock();
        state.is_connecting = false;
        self.changed.notify_all();
        match connected {
            Ok(lane) => {
                state.failed = None;
                state.lanes.push(Arc::clone(&lane));
                Ok(lane)
            }
            Err(error) => {
                state.note_failure(&error, start.elapsed());
                Err(error.into())
            }
        }
    }

    fn begin(&self, generation: usize, shared: &SshShared, limit: &Limit) -> Result<Arc<Lane>> {
        let [before @ .., host] = &self.jump[..] else {
            return Err(Error::new(ErrorKind::Internal, "there is no jump host"));
        };
        let link = session::open(host, before, shared, limit)?;
        Lane::start(link, &host.name, generation)
    }

    fn name(&self) -> &str {
        self.jump.last().map_or("", |host| &host.name)
    }

    fn named(&self, error: Error) -> Error {
        error.context(format!("jump host {}", self.name()))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn turn(&mut self, waited: Duration, name: &str) -> Result<Turn> {
        self.forget();
        if let Some(lane) = self.lanes.iter().find(|lane| lane.is_free()) {
            lane.occupy();
            return Ok(Turn::Take(Arc::clone(lane)));
        }
        if self.is_connecting {
            return Ok(Turn::Wait);
        }
        if let Some((error, _)) = &self.failed {
            return Err(error.clone());
        }
        if self.lost.len() > 1 {
            let error = Error::new(ErrorKind::Connect, "the connection to it was lost twice within a minute");
            return Err(error.context(format!("jump host {name}")));
        }
        let may_grow = self.lanes.len() < MOST_LANES && self.grew_in_vain.is_none_or(|when| when.elapsed() > REST);
        let may_connect = self.lanes.is_empty() || (waited > PATIENCE && may_grow);
        Ok(if may_connect { Turn::Connect } else { Turn::Wait })
    }

    /// Takes out the lanes that ended or hang, and what is too long ago.
    fn forget(&mut self) {
        let generation = self.generation;
        if self.lanes.iter().any(|lane| lane.is_lost() && lane.generation == generation) {
            self.generation += 1;
            self.lost.push(Instant::now());
        }
        self.lanes.retain(|lane| lane.is_usable());
        self.lost.retain(|when| when.elapsed() < WINDOW);
        self.failed.take_if(|(_, since)| since.elapsed() >= WINDOW);
    }

    /// Remembers why the jump host cannot be reached, unless that says nothing of it: others work, or there was little
    /// time for it.
    fn note_failure(&mut self, error: &Error, took: Duration) {
        let is_late = error.kind() == ErrorKind::Timeout && took < REST;
        match error.kind() {
            ErrorKind::Cancelled => {}
            _ if !self.lanes.is_empty() => self.grew_in_vain = Some(Instant::now()),
            _ if is_late => {}
            _ => self.failed = Some((error.clone(), Instant::now())),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn failed(kind: ErrorKind, seconds: u64) -> State {
        let mut state = State::default();
        state.note_failure(&Error::new(kind, "x"), Duration::from_secs(seconds));
        state
    }

    #[test]
    fn what_says_something_of_the_jump_host_is_told_to_all() {
        let tells = |kind, seconds| failed(kind, seconds).turn(Duration::ZERO, "j").is_err();
        assert!(tells(ErrorKind::Authentication, 0) && tells(ErrorKind::Connect, 0) && tells(ErrorKind::Timeout, 15));
        assert!(!tells(ErrorKind::Timeout, 1) && !tells(ErrorKind::Cancelled, 15));
    }

    #[test]
    fn a_failure_is_forgotten_after_a_while() {
        let mut state = failed(ErrorKind::Connect, 0);
        state.failed.as_mut().unwrap().1 = Instant::now().checked_sub(WINDOW).unwrap();
        assert!(matches!(state.turn(Duration::ZERO, "j"), Ok(Turn::Connect)));
    }
}
