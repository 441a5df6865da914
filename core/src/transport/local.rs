//! A shell on this machine.

use std::io::{ErrorKind as Io, Read, Write};
use std::ops::ControlFlow;
use std::process::{Child, Command, Stdio};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::ioctl_fionbio;

use super::{Limit, Listener, Stream, TICK, Transport};
use crate::error::{Error, ErrorKind, Result};

/// A shell on this machine, for the node that the program itself runs on, and for folders that hold a system.
#[derive(Debug, Default)]
pub struct Local {
    child: Option<Child>,
}

impl Local {
    /// Not started yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Transport for Local {
    fn start(&mut self, command: &str, _limit: &Limit) -> Result<()> {
        let mut shell = Command::new("/bin/sh");
        shell.arg("-c").arg(command).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = shell.spawn().map_err(|e| Error::new(ErrorKind::Io, format!("/bin/sh cannot be started: {e}")))?;
        for pipe in [
            child.stdin.as_ref().map(|p| ioctl_fionbio(p, true)),
            child.stdout.as_ref().map(|p| ioctl_fionbio(p, true)),
            child.stderr.as_ref().map(|p| ioctl_fionbio(p, true)),
        ] {
            pipe.transpose().map_err(|e| failed("set up", &e.into()))?;
        }
        self.child = Some(child);
        Ok(())
    }

    /// Linux takes 128 KiB for one word.
    fn longest_command(&self) -> usize {
        100_000
    }

    fn converse(&mut self, input: &[u8], listener: &mut Listener<'_>, limit: &Limit) -> Result<()> {
        let Some(child) = self.child.as_mut() else {
            return Err(Error::new(ErrorKind::Internal, "the shell was not started"));
        };
        let mut rest = input;
        let mut buffer = [0; 16 << 10];
        loop {
            limit.left()?;
            wait(child, !rest.is_empty())?;
            write_some(child, &mut rest)?;
            let out = read_some(child.stdout.as_mut(), &mut buffer)?;
            if let Some(count) = out.filter(|count| *count > 0)
                && listener(Stream::Out, &buffer[..count])?.is_break()
            {
                return Ok(());
            }
            let err = read_some(child.stderr.as_mut(), &mut buffer)?;
            if let Some(count) = err.filter(|count| *count > 0)
                && listener(Stream::Err, &buffer[..count])?.is_break()
            {
                return Ok(());
            }
            if (out, err) == (Some(0), Some(0)) {
                return match listener(Stream::End, &[])? {
                    ControlFlow::Break(()) => Ok(()),
                    ControlFlow::Continue(()) => Err(Error::new(ErrorKind::Command, "the shell ended too early")),
                };
            }
        }
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // At the end of its input the shell ends by itself, in the middle of a change only when that is done.
            drop(child.stdin.take());
            std::thread::spawn(move || child.wait());
        }
    }
}

fn wait(child: &Child, writing: bool) -> Result<()> {
    let mut pipes = Vec::with_capacity(3);
    pipes.extend(child.stdout.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
    pipes.extend(child.stderr.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
    pipes.extend(child.stdin.as_ref().filter(|_| writing).map(|pipe| PollFd::new(pipe, PollFlags::OUT)));
    let tick = Timespec { tv_sec: 0, tv_nsec: i64::from(TICK.subsec_nanos()) };
    match poll(&mut pipes, Some(&tick)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(e) => Err(failed("waited for", &e.into())),
    }
}

fn write_some(child: &mut Child, rest: &mut &[u8]) -> Result<()> {
    let Some(pipe) = child.stdin.as_mut().filter(|_| !rest.is_empty()) else { return Ok(()) };
    match pipe.write(rest) {
        Ok(count) => *rest = &rest[count..],
        Err(e) if matches!(e.kind(), Io::WouldBlock | Io::Interrupted) => {}
        // The shell has ended; what it said last is still to be read.
        Err(e) if e.kind() == Io::BrokenPipe => *rest = &[],
        Err(e) => return Err(failed("written to", &e)),
    }
    Ok(())
}

/// How much was read; `None` if there is nothing yet, 0 at the end.
fn read_some(pipe: Option<&mut impl Read>, buffer: &mut [u8]) -> Result<Option<usize>> {
    match pipe.map_or(Ok(0), |pipe| pipe.read(buffer)) {
        Ok(count) => Ok(Some(count)),
        Err(e) if matches!(e.kind(), Io::WouldBlock | Io::Interrupted) => Ok(None),
        Err(e) => Err(failed("read from", &e)),
    }
}

fn failed(what: &str, error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("the shell's pipes cannot be {what}: {error}"))
}
