//! A shell that is none, for tests of what is built on a transport.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use super::{Limit, Listener, Stream, Transport};
use crate::error::{Error, ErrorKind, Result};

type Answer = Box<dyn FnMut(&str) -> Option<Vec<u8>> + Send>;

/// A transport that answers as its function says: what was sent goes in, what the shell would say comes out;
/// `None` ends the connection.
pub struct Fake {
    answer: Answer,
    waiting: VecDeque<u8>,
}

impl Fake {
    /// A transport with this function behind it. The command that starts the shell is the first that it gets.
    pub fn new(answer: impl FnMut(&str) -> Option<Vec<u8>> + Send + 'static) -> Self {
        Self { answer: Box::new(answer), waiting: VecDeque::new() }
    }
}

impl Transport for Fake {
    fn start(&mut self, command: &str, limit: &Limit) -> Result<()> {
        limit.left()?;
        match (self.answer)(command) {
            Some(said) => {
                self.waiting.extend(said);
                Ok(())
            }
            None => Err(Error::new(ErrorKind::Connect, "the connection was closed")),
        }
    }

    /// Nothing goes with the command, so that the function need not take it apart.
    fn longest_command(&self) -> usize {
        0
    }

    fn converse(&mut self, input: &[u8], listener: &mut Listener<'_>, limit: &Limit) -> Result<()> {
        limit.left()?;
        let mut ended = false;
        if !input.is_empty() {
            match (self.answer)(&String::from_utf8_lossy(input)) {
                Some(said) => self.waiting.extend(said),
                None => ended = true,
            }
        }
        let said: Vec<u8> = self.waiting.drain(..).collect();
        if listener(Stream::Out, &said)?.is_break() {
            return Ok(());
        }
        match listener(Stream::End, &[])? {
            ControlFlow::Break(()) => Ok(()),
            ControlFlow::Continue(()) if ended => Err(Error::new(ErrorKind::Connect, "the connection was lost")),
            ControlFlow::Continue(()) => Err(Error::new(ErrorKind::Timeout, "nothing more is said")),
        }
    }
}
