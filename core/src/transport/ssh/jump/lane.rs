//! A connection to a jump host, and the thread that owns it.

use std::io::Write;
use std::mem::MaybeUninit;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use libssh2_sys::LIBSSH2_ERROR_EAGAIN;
use rustix::event::{PollFd, PollFlags};
use socket2::Socket;
use ssh2::{Channel, ErrorCode};

use super::super::failure::Failure;
use super::super::fault;
use super::super::link::Link;
use super::super::wire::pair;
use super::pipe::{Pipe, Step, is_half_sent};
use crate::error::{Error, ErrorKind, Result};
use crate::limit::Cancel;
use crate::transport::{Limit, TICK};

/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(30);
/// How long the thread waits at most, so that it sees that it is idle, and that a server is silent.
const NAP: Duration = Duration::from_secs(1);
/// How long libssh2 may stay in one round of calls. A jump host that never stops sending is hung up on.
const ROUND: Duration = Duration::from_secs(20);

/// What became of a connection, for the sessions that went through it.
#[derive(Default)]
pub(super) struct Fate(Mutex<Option<End>>);

#[derive(Clone)]
struct End {
    why: String,
    was_idle: bool,
}

/// The outer end of a lane, which opens channels: one at a time.
pub(super) struct Lane {
    name: String,
    /// How often the jump host had been lost when this was begun.
    pub(super) generation: usize,
    requests: Sender<Request>,
    /// A byte in it wakes the thread; its end tells it to finish.
    bell: Socket,
    fate: Arc<Fate>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    is_occupied: bool,
    /// A channel was asked for and given up; until it is there, no other can be.
    hangs: bool,
}

/// A channel that is asked for.
struct Request {
    address: String,
    port: u16,
    socket: Socket,
    reply: SyncSender<Result<(), Failure>>,
}

/// A channel that is open: the end for the node's session.
pub(super) struct Opened {
    pub(super) socket: Socket,
    pub(super) fate: Arc<Fate>,
}

/// The turn of one node to open a channel. The lane is free again when this is dropped, unless it hangs.
pub(super) struct Opening<'a> {
    lane: &'a Lane,
    limit: &'a Limit,
}

impl Fate {
    /// Why the connection ended; `None` while it has not.
    pub(super) fn told(&self) -> Option<String> {
        self.end().map(|end| end.why)
    }

    fn end(&self) -> Option<End> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn tell(&self, end: End) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
    }
}

impl Lane {
    /// Takes a session over. The lane is occupied by who made it.
    pub(super) fn start(link: Link, name: &str, generation: usize) -> Result<Arc<Self>> {
        let no_lane =
            |error: std::io::Error| Error::new(ErrorKind::Internal, format!("no thread can be started: {error}"));
        let (bell, heard) = pair().map_err(no_lane)?;
        heard.set_nonblocking(true).map_err(no_lane)?;
        let (requests, received) = channel();
        let fate = Arc::<Fate>::default();
        let work = Work {
            name: name.to_owned(),
            link,
            requests: received,
            bell: heard,
            opening: None,
            pipes: Vec::new(),
            stuck: None,
            used: Instant::now(),
        };
        let told = Arc::clone(&fate);
        let thread = std::thread::Builder::new().name("regconf-jump".to_owned());
        thread.spawn(move || work.run(&told)).map_err(no_lane)?;
        let state = Mutex::new(State { is_occupied: true, hangs: false });
        Ok(Arc::new(Self { name: name.to_owned(), generation, requests, bell, fate, state }))
    }

    /// Whether it may be occupied.
    pub(super) fn is_free(&self) -> bool {
        self.is_usable() && !self.lock().is_occupied
    }

    /// Takes it for one opening.
    pub(super) fn occupy(&self) {
        self.lock().is_occupied = true;
    }

    /// Whether it can still open channels.
    pub(super) fn is_usable(&self) -> bool {
        self.fate.end().is_none() && !self.lock().hangs
    }

    /// Whether its connection ended while it was needed.
    pub(super) fn is_lost(&self) -> bool {
        self.fate.end().is_some_and(|end| !end.was_idle)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lost(&self) -> Failure {
        let why = self.fate.told().unwrap_or_else(|| format!("the connection to the jump host {} was lost", self.name));
        Failure::passing(Error::new(ErrorKind::Connect, why))
    }
}

impl<'a> Opening<'a> {
    pub(super) fn new(lane: &'a Lane, limit: &'a Limit) -> Self {
        Self { lane, limit }
    }

    /// Opens a channel to a port, as the jump host sees it.
    pub(super) fn open(&self, address: &str, port: u16) -> Result<Opened, Failure> {
        let lane = self.lane;
        let (ours, theirs) = pair().map_err(|error| {
            Error::new(ErrorKind::Io, format!("no socket can be made for the jump host {}: {error}", lane.name))
        })?;
        theirs.set_nonblocking(true).map_err(|error| Error::new(ErrorKind::Io, error.to_string()))?;
        let (reply, replied) = sync_channel(1);
        let request = Request { address: address.to_owned(), port, socket: theirs, reply };
        lane.requests.send(request).map_err(|_| lane.lost())?;
        let _ = (&lane.bell).write(&[0]);
        self.reply(&replied)??;
        Ok(Opened { socket: ours, fate: Arc::clone(&lane.fate) })
    }

    fn reply(&self, replied: &Receiver<Result<(), Failure>>) -> Result<Result<(), Failure>, Failure> {
        loop {
            let left = self.limit.left().map_err(|error| {
                self.lane.lock().hangs = true;
                let error = error.context(format!("jump host {}", self.lane.name));
                error.with_hint("the node does not answer it: the machine is off, or a firewall drops the packets")
            })?;
            match replied.recv_timeout(left.min(TICK)) {
                Ok(reply) => return Ok(reply),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(self.lane.lost()),
            }
        }
    }
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        self.lane.lock().is_occupied = false;
    }
}

/// The inner end of a lane.
struct Work {
    name: String,
    link: Link,
    requests: Receiver<Request>,
    bell: Socket,
    opening: Option<Request>,
    pipes: Vec<Pipe>,
    /// Whose call must be made again before any other.
    stuck: Option<Stuck>,
    /// When there was a pipe last.
    used: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stuck {
    Opening,
    Pipe(usize),
}

/// Whether there will be more requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Demand {
    Goes,
    Ended,
}

impl Work {
    fn run(mut self, fate: &Fate) {
        let name = self.name.clone();
        fate.tell(match self.work() {
            Ok(()) => {
                End { why: format!("the connection to the jump host {name} was not used any more"), was_idle: true }
            }
            Err(error) => {
                let why = format!("the connection to the jump host {name} was lost: {}", error.message());
                End { why, was_idle: false }
            }
        });
    }

    /// Until nobody needs it any more, or it is lost.
    fn work(&mut self) -> Result<()> {
        loop {
            let demand = self.take_request();
            let has_moved = self.round()?;
            if self.opening.is_some() || !self.pipes.is_empty() {
                self.used = Instant::now();
            }
            let is_over = demand == Demand::Ended && self.pipes.is_empty();
            if is_over || self.used.elapsed() > IDLE {
                return Ok(());
            }
            if !has_moved {
                if self.stuck.is_none() {
                    self.link.feel_pulse()?;
                }
                self.wait()?;
            }
        }
    }

    fn take_request(&mut self) -> Demand {
        if let Some(opening) = &self.opening {
            // Who has given up leaves a lane that nobody asks for anything any more.
            return if is_closed(&opening.socket) { Demand::Ended } else { Demand::Goes };
        }
        match self.requests.try_recv() {
            Ok(request) => self.opening = Some(request),
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => return Demand::Ended,
        }
        Demand::Goes
    }

    /// Does what can be done now, and says whether there may be more.
    fn round(&mut self) -> Result<bool> {
        let limit = Limit::new("carrying", ROUND, &Cancel::new());
        let _underway = self.link.limited(&limit);
        let mut has_moved = false;
        if let Some(stuck) = self.stuck.take() {
            has_moved |= match stuck {
                Stuck::Opening => open(&self.link, &mut self.opening, &mut self.pipes, &mut self.stuck)?,
                Stuck::Pipe(at) => step(&self.link, at, &mut self.pipes, &mut self.stuck)?,
            };
        }
        if self.stuck.is_none() && self.opening.is_some() {
            has_moved |= open(&self.link, &mut self.opening, &mut self.pipes, &mut self.stuck)?;
        }
        // From the last to the first, for those that are over are taken out.
        for at in (0..self.pipes.len()).rev() {
            if self.stuck.is_none() {
                has_moved |= step(&self.link, at, &mut self.pipes, &mut self.stuck)?;
            }
        }
        Ok(has_moved && self.stuck.is_none())
    }

    fn wait(&self) -> Result<()> {
        let listens = self.opening.is_some() || self.pipes.iter().any(Pipe::listens);
        let mut polled = vec![PollFd::new(&self.bell, PollFlags::IN)];
        if self.stuck.is_none() {
            polled.extend(self.pipes.iter().map(Pipe::polled));
        }
        self.link.poll(listens, &mut polled, NAP)?;
        let is_rung = polled[0].revents().contains(PollFlags::IN);
        drop(polled);
        if is_rung {
            let _ = std::io::Read::read(&mut &self.bell, &mut [0; 16]);
        }
        Ok(())
    }
}

/// Whether the other end of a socket is.
fn is_closed(socket: &Socket) -> bool {
    socket.peek(&mut [MaybeUninit::uninit()]).is_ok_and(|count| count == 0)
}

fn open(link: &Link, opening: &mut Option<Request>, pipes: &mut Vec<Pipe>, stuck: &mut Option<Stuck>) -> Result<bool> {
    let Some(request) = opening.take() else { return Ok(false) };
    let session = link.session();
    match session.channel_direct_tcpip(&request.address, request.port, None) {
        Ok(channel) => answer(request, Ok(channel), pipes),
        Err(error) if error.code() == ErrorCode::Session(LIBSSH2_ERROR_EAGAIN) => {
            if is_half_sent(session) {
                *stuck = Some(Stuck::Opening);
            }
            *opening = Some(request);
            return Ok(false);
        }
        Err(error) if fault::is_closed(&error) => return Err(fault::lost(error.message())),
        Err(error) => answer(request, Err(error), pipes),
    }
    Ok(true)
}

fn answer(request: Request, outcome: Result<Channel, ssh2::Error>, pipes: &mut Vec<Pipe>) {
    let Request { address, port, socket, reply } = request;
    let reached = match outcome {
        Ok(channel) => {
            pipes.push(Pipe::new(channel, socket));
            Ok(())
        }
        Err(error) => Err(fault::no_tunnel(&error, &address, port)),
    };
    // Who has given up does not listen; the pipe then ends at once, for the other end of its socket is closed.
    let _ = reply.send(reached);
}

fn step(link: &Link, at: usize, pipes: &mut Vec<Pipe>, stuck: &mut Option<Stuck>) -> Result<bool> {
    match pipes[at].step(link.session()).map_err(|error| fault::lost(error.message()))? {
        Step::Still => Ok(false),
        Step::Moved => Ok(true),
        Step::Stuck => {
            *stuck = Some(Stuck::Pipe(at));
            Ok(false)
        }
        Step::Over => {
            pipes.remove(at);
            Ok(true)
        }
    }
}
