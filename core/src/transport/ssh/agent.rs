//! A gate in front of an SSH agent.
//!
//! libssh2 talks to an agent with calls that block for ever, and an agent may ask a person first. So it is given a
//! socket of ours, and a thread carries the bytes on until the limit says stop: then the call ends with an error.

use std::io::{ErrorKind as Io, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tempfile::TempDir;

use super::TICK;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::Limit;

/// The gate. Its thread ends when libssh2 closes its end, or when the limit does.
pub(super) struct Gate {
    path: PathBuf,
    // Holds the socket; nobody else may enter it.
    _folder: TempDir,
}

impl Gate {
    /// Opens a gate to the agent at this socket; the inner error says why it cannot be reached.
    pub(super) fn open(agent: &str, limit: &Limit) -> Result<Result<Self, String>> {
        let folder = tempfile::Builder::new().prefix("regconf-").tempdir().map_err(|error| no_gate(&error))?;
        let path = folder.path().join("agent");
        let listener = UnixListener::bind(&path).map_err(|error| no_gate(&error))?;
        let (sender, receiver) = channel();
        let (agent, carried) = (agent.to_owned(), limit.clone());
        let work = move || carry(Path::new(&agent), &listener, &sender, &carried);
        let spawned = std::thread::Builder::new().name("regconf-agent".to_owned()).spawn(work);
        spawned.map_err(|error| no_gate(&error))?;
        let reached = reached(&receiver, limit)?;
        Ok(reached.map(|()| Self { path, _folder: folder }))
    }

    /// The socket for libssh2.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

fn no_gate(error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("no socket can be made to speak with the agent: {error}"))
}

fn reached(receiver: &Receiver<std::io::Result<()>>, limit: &Limit) -> Result<Result<(), String>> {
    loop {
        match receiver.recv_timeout(limit.left()?.min(TICK)) {
            Ok(connected) => return Ok(connected.map_err(|error| error.to_string())),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(Err("the thread ended".to_owned())),
        }
    }
}

fn carry(agent: &Path, listener: &UnixListener, sender: &Sender<std::io::Result<()>>, limit: &Limit) {
    let agent = match UnixStream::connect(agent) {
        Ok(agent) => agent,
        Err(error) => return drop(sender.send(Err(error))),
    };
    if sender.send(Ok(())).is_err() {
        return;
    }
    let Some(client) = accept(listener, limit) else { return };
    let _ = pump(&client, &agent, limit);
    // Only our half is closed, and the other is read on: else libssh2 could be killed by a signal while it writes.
    let _ = client.shutdown(Shutdown::Write);
    let _ = std::io::copy(&mut &client, &mut std::io::sink());
}

fn accept(listener: &UnixListener, limit: &Limit) -> Option<UnixStream> {
    while limit.left().is_ok() {
        if wait(&mut [PollFd::new(listener, PollFlags::IN)]).is_ok_and(|count| count > 0) {
            return listener.accept().ok().map(|(client, _)| client);
        }
    }
    None
}

/// Carries bytes both ways until one side ends or the limit does.
fn pump(client: &UnixStream, agent: &UnixStream, limit: &Limit) -> std::io::Result<()> {
    let mut buffer = [0; 4096];
    // Messages are far smaller than a socket's buffer; whoever does not even take them is not waited for.
    for stream in [client, agent] {
        stream.set_write_timeout(Some(TICK))?;
    }
    while limit.left().is_ok() {
        let mut polled = [PollFd::new(client, PollFlags::IN), PollFd::new(agent, PollFlags::IN)];
        wait(&mut polled)?;
        let ready = polled.map(|fd| !fd.revents().is_empty());
        for (is_ready, mut from, mut to) in [(ready[0], client, agent), (ready[1], agent, client)] {
            if is_ready {
                match from.read(&mut buffer)? {
                    0 => return Ok(()),
                    count => to.write_all(&buffer[..count])?,
                }
            }
        }
    }
    Ok(())
}

fn wait(polled: &mut [PollFd<'_>]) -> std::io::Result<usize> {
    match poll(polled, Timespec::try_from(TICK).ok().as_ref()).map_err(std::io::Error::from) {
        Err(error) if error.kind() == Io::Interrupted => Ok(0),
        done => done,
    }
}
