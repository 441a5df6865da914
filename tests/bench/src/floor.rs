//! The floor: the least that a push by libssh2 takes. Threads that each own a session, a poll loop with `TCP_QUICKACK`,
//! and one channel: its command prints the file and then, if a script comes, runs that, which writes and reloads docker.
//!
//! It keeps no lock, checks nothing before or after, rolls nothing back and knows one node's shape only. As
//! [`Asks::Engine`] it also asks what any push must ask that does not want to break a node: how docker runs, whether it
//! takes the file, and whether it has read it. That is what the engine's own programs cost, and nothing else.

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64ct::{Base64, Encoding};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::sockopt::set_tcp_quickack;
use ssh2::{BlockDirections, Channel, ErrorCode, MethodType, Session};

use crate::job::{CONFIG, Job, Result, merged};

/// What ends the file; no JSON ends so.
const READ: &str = "\n@read\n";
const DONE: &str = "@done\n";
/// What the engine is asked before, about the new file, and after.
const ASK: &str = "systemctl show docker >/dev/null && docker info --format '{{json .RegistryConfig}}' >/dev/null && ";
const JUDGE: &str = "dockerd --validate --config-file /etc/docker/daemon.json.new >/dev/null </dev/null; ";
const VERIFY: &str = "docker info --format '{{json .RegistryConfig}}' >/dev/null </dev/null; ";
/// How many nodes are worked on at once if the job does not say.
const PARALLEL: usize = 256;
/// How long one node may take.
const DEADLINE: Duration = Duration::from_secs(120);
/// `LIBSSH2_ERROR_EAGAIN`.
const WOULD_BLOCK: ErrorCode = ErrorCode::Session(-37);

/// What a node is asked beside its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asks {
    Nothing,
    Engine,
}

/// Pushes to all nodes.
///
/// # Errors
/// How the first of them failed.
pub(crate) fn push(job: &Job, asks: Asks) -> Result<()> {
    ssh2::init();
    let driver = Driver { job, asks, key: std::fs::read_to_string(&job.key)?, known: known_hosts(job)? };
    let (next, fault) = (AtomicUsize::new(0), Mutex::new(None));
    let parallel = if job.parallel == 0 { PARALLEL } else { job.parallel };
    std::thread::scope(|scope| {
        for _ in 0..parallel.min(job.hosts.len()) {
            let work = || {
                while let Some(host) = job.hosts.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(error) = driver.push(host) {
                        let mut fault = fault.lock().unwrap_or_else(PoisonError::into_inner);
                        fault.get_or_insert_with(|| format!("{host}: {error}"));
                    }
                }
            };
            // A thread that cannot be made leaves its nodes to the others.
            let _ = std::thread::Builder::new().stack_size(512 * 1024).spawn_scoped(scope, work);
        }
    });
    match fault.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(fault) => Err(fault.into()),
        None if next.load(Ordering::Relaxed) < job.hosts.len() => Err("no thread can be started".into()),
        None => Ok(()),
    }
}

/// The keys of the servers, by `[address]:port`, each as `known_hosts` has it.
fn known_hosts(job: &Job) -> Result<HashMap<String, String>> {
    let text = std::fs::read_to_string(&job.known_hosts)?;
    let pair = |line: &str| {
        let mut words = line.split(' ');
        Some((words.next()?.to_owned(), words.nth(1)?.to_owned()))
    };
    Ok(text.lines().filter_map(pair).collect())
}

struct Driver<'a> {
    job: &'a Job,
    asks: Asks,
    key: String,
    known: HashMap<String, String>,
}

impl Driver<'_> {
    fn push(&self, host: &str) -> Result<()> {
        let link = Link::connect(host, self.job.port)?;
        link.drive(|session| session.clone().handshake())?;
        self.check_host_key(host, &link.session)?;
        link.drive(|session| session.userauth_pubkey_memory("root", None, &self.key, None))?;
        let channel = link.drive(Session::channel_session)?;
        link.converse(channel, self.asks)
    }

    fn check_host_key(&self, host: &str, session: &Session) -> Result<()> {
        let name = format!("[{host}]:{}", self.job.port);
        let (key, _) = session.host_key().ok_or("no host key")?;
        match self.known.get(&name) {
            Some(known) if *known == Base64::encode_string(key) => Ok(()),
            _ => Err(format!("the host key of {name} is not in known_hosts").into()),
        }
    }
}

/// A session that never blocks, and its socket.
struct Link {
    session: Session,
    socket: TcpStream,
    began: Instant,
}

impl Link {
    fn connect(host: &str, port: u16) -> Result<Self> {
        let address = SocketAddr::new(host.parse()?, port);
        let socket = TcpStream::connect_timeout(&address, DEADLINE)?;
        socket.set_nodelay(true)?;
        socket.set_nonblocking(true)?;
        let mut session = Session::new()?;
        session.set_tcp_stream(socket.try_clone()?);
        session.set_blocking(false);
        // With others in the list a server with a certificate would show that.
        session.method_pref(MethodType::HostKey, "ssh-ed25519")?;
        Ok(Self { session, socket, began: Instant::now() })
    }

    /// Tries a step until it does not block.
    fn drive<T>(&self, mut step: impl FnMut(&Session) -> std::result::Result<T, ssh2::Error>) -> Result<T> {
        loop {
            match step(&self.session) {
                Err(error) if error.code() == WOULD_BLOCK => self.wait()?,
                done => return Ok(done?),
            }
        }
    }

    fn wait(&self) -> Result<()> {
        let left = DEADLINE.checked_sub(self.began.elapsed()).ok_or("it takes too long")?;
        let mut events = PollFlags::IN;
        let blocked = self.session.block_directions();
        events.set(PollFlags::OUT, matches!(blocked, BlockDirections::Outbound | BlockDirections::Both));
        set_tcp_quickack(&self.socket, true)?;
        poll(&mut [PollFd::new(&self.socket, events)], Timespec::try_from(left).ok().as_ref())?;
        Ok(())
    }

    /// Reads the file, and sends the script if there is anything to do.
    fn converse(&self, mut channel: Channel, asks: Asks) -> Result<()> {
        let ask = if asks == Asks::Engine { ASK } else { "" };
        self.drive(|_| channel.exec(&format!("{ask}cat {CONFIG} && printf '\\n@read\\n' && read -r go && exec sh")))?;
        let said = self.read_until(&mut channel, READ)?;
        let text = said.strip_suffix(READ).ok_or("the file did not come whole")?;
        if let Some(after) = merged(text)? {
            self.write(&mut channel, script(&after, asks).as_bytes())?;
            self.read_until(&mut channel, DONE)?;
        }
        let _ = self.session.disconnect(None, "done", None);
        // Dropping the channel would wait for the shell, which waits for us.
        Ok(self.socket.shutdown(std::net::Shutdown::Both)?)
    }

    fn read_until(&self, channel: &mut Channel, mark: &str) -> Result<String> {
        let (mut said, mut buffer) = (Vec::new(), [0; 16 * 1024]);
        while !said.ends_with(mark.as_bytes()) {
            match channel.read(&mut buffer) {
                Ok(0) => return Err(format!("ended early: {}", String::from_utf8_lossy(&said)).into()),
                Ok(count) => said.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.wait()?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(String::from_utf8(said)?)
    }

    fn write(&self, channel: &mut Channel, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            match channel.write(bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.wait()?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// A line for which the login shell waits, and what is to be done: the file is written beside the old one, which becomes
/// its backup, and docker is reloaded. One fork for each program.
fn script(after: &str, asks: Asks) -> String {
    let after = after.replace('\'', "'\\''");
    let [judge, verify] = if asks == Asks::Engine { [JUDGE, VERIFY] } else { [""; 2] };
    format!(
        "go\nset -e; printf %s '{after}' >{CONFIG}.new; {judge}ln -f {CONFIG} {CONFIG}.bak; mv {CONFIG}.new {CONFIG}\n\
         systemctl reload docker </dev/null; {verify}echo @done\n"
    )
}
