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
    /// When connections were lost, of late.
    lost: Vec<Instant>,
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
                    drop(state);
                    return self.connect(shared, limit);
                }
                Turn::Wait => {
                    let wait = limit.left().map_err(|error| self.named(error))?.min(TICK);
                    state = self.changed.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
    }

    /// Connects to the jump host itself, while others wait for that.
    fn connect(&self, shared: &SshShared, limit: &Limit) -> Result<Arc<Lane>, Failure> {
        let connected = self.begin(shared, limit).map_err(|error| self.named(error));
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
                if error.kind() != ErrorKind::Cancelled {
                    state.failed = Some((error.clone(), Instant::now()));
                }
                Err(error.into())
            }
        }
    }

    fn begin(&self, shared: &SshShared, limit: &Limit) -> Result<Arc<Lane>> {
        let [before @ .., host] = &self.jump[..] else {
            return Err(Error::new(ErrorKind::Internal, "there is no jump host"));
        };
        let link = session::open(host, before, shared, limit)?;
        Lane::start(link, &host.name)
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
        let may_connect = self.lanes.is_empty() || (waited > PATIENCE && self.lanes.len() < MOST_LANES);
        Ok(if may_connect { Turn::Connect } else { Turn::Wait })
    }

    /// Takes out the lanes that ended or hang, and what is too long ago.
    fn forget(&mut self) {
        let lost = self.lanes.iter().filter(|lane| lane.is_lost()).count();
        self.lost.extend(std::iter::repeat_n(Instant::now(), lost));
        self.lanes.retain(|lane| lane.is_usable());
        self.lost.retain(|when| when.elapsed() < WINDOW);
        self.failed.take_if(|(_, since)| since.elapsed() >= WINDOW);
    }
}
