//! A connection over a program's standard streams (`ProxyCommand`), for ways that only others know.

use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::failure::Failure;
use super::fault;
use super::wire::{Carrier, Wire, pair};
use crate::error::{Error, ErrorKind, Result};
use crate::node::Node;

/// How much of its errors is kept.
const MOST_ERRORS: usize = 4096;
/// How long its last words are waited for, when the connection has ended.
const LAST_WORDS: Duration = Duration::from_millis(300);
/// How long it may take to end when it is told to.
const FAREWELL: Duration = Duration::from_secs(1);

/// A program that carries a connection. It is ended when this is dropped, and with it all that it started.
struct Program {
    name: String,
    child: Option<Child>,
    errors: Arc<Errors>,
}

/// What it said on its standard error so far, and whether that has ended.
#[derive(Default)]
struct Errors {
    said: Mutex<(Vec<u8>, bool)>,
    ended: Condvar,
}

/// Starts the node's program.
pub(super) fn start(node: &Node) -> Result<Wire, Failure> {
    let words = expand(node)?;
    let [name, arguments @ ..] = &words[..] else {
        return Err(Error::new(ErrorKind::Internal, "there is no program to start").into());
    };
    let unusable =
        |error: &std::io::Error| Error::new(ErrorKind::Connect, format!("{name} cannot be started: {error}"));
    let (ours, theirs) = pair().map_err(|error| unusable(&error))?;
    let theirs = OwnedFd::from(theirs);
    let input = theirs.try_clone().map_err(|error| unusable(&error))?;
    let mut command = Command::new(name);
    command.args(arguments).stdin(input).stdout(theirs).stderr(Stdio::piped());
    // A group of its own: it is ended as a whole, and a key pressed at a terminal does not end it.
    let mut child = command.process_group(0).spawn().map_err(|error| {
        unusable(&error).with_key("proxy_command").with_hint("name a program that is installed, by its path")
    })?;
    drop(command);
    let errors = Arc::<Errors>::default();
    let pipe = child.stderr.take();
    let program = Program { name: name.clone(), child: Some(child), errors: Arc::clone(&errors) };
    let listener = std::thread::Builder::new().name("regconf-proxy".to_owned());
    listener.spawn(move || errors.listen(pipe)).map_err(|error| unusable(&error))?;
    Ok(Wire::carried(ours, program))
}

/// The words with address, port and user in them.
fn expand(node: &Node) -> Result<Vec<String>> {
    let port = node.port.to_string();
    let word = |word: &String| {
        let mut out = String::new();
        let mut rest = word.chars();
        while let Some(c) = rest.next() {
            match (c, (c == '%').then(|| rest.next()).flatten()) {
                ('%', Some('h')) => out.push_str(harmless(&node.address)?),
                ('%', Some('p')) => out.push_str(&port),
                ('%', Some('r')) => out.push_str(harmless(&node.user)?),
                ('%', Some('%')) => out.push('%'),
                ('%', other) => return Err(unknown_token(other)),
                (c, _) => out.push(c),
            }
        }
        Ok(out)
    };
    node.proxy_command.iter().map(word).collect()
}

/// The program may be a shell, and the text may come from a list that others write.
fn harmless(text: &str) -> Result<&str> {
    if text.chars().all(|c| c.is_alphanumeric() || "._-:%".contains(c)) {
        return Ok(text);
    }
    let error = Error::invalid(format!("{text:?} may not become part of a command")).with_key("proxy_command");
    Err(error.with_hint("only letters, digits and . _ - : % may"))
}

fn unknown_token(token: Option<char>) -> Error {
    let token = token.map(String::from).unwrap_or_default();
    let error = Error::invalid(format!("%{token} stands for nothing")).with_key("proxy_command");
    error.with_hint("%h is the address, %p the port, %r the user, %% a percent sign")
}

impl Errors {
    fn listen(&self, pipe: Option<impl Read>) {
        let mut buffer = [0; 1024];
        let mut pipe = pipe;
        while let Some(count) = pipe.as_mut().and_then(|pipe| pipe.read(&mut buffer).ok()).filter(|count| *count > 0) {
            let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
            // The last words tell most.
            said.0.extend_from_slice(&buffer[..count]);
            let excess = said.0.len().saturating_sub(MOST_ERRORS);
            said.0.drain(..excess);
        }
        self.said.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
        self.ended.notify_all();
    }

    /// All that was said, or what was said until now if it goes on.
    fn last_words(&self) -> String {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.ended.wait_timeout_while(said, LAST_WORDS, |said| !said.1);
        let (said, _) = waited.unwrap_or_else(PoisonError::into_inner);
        // Shown to people, who need the end of it.
        let text = &said.0[said.0.len().saturating_sub(200)..];
        fault::clean(text)
    }
}

impl Carrier for Program {
    /// What it complained about.
    fn why_it_ended(&self) -> Option<String> {
        let said = self.errors.last_words();
        let name = &self.name;
        Some(match &said[..] {
            "" => format!("the connection was over {name}"),
            said => format!("the connection was over {name}, which said: {said}"),
        })
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let group = Pid::from_child(&child);
        let _ = kill_process_group(group, Signal::TERM);
        // A program that does not listen is not waited for here.
        let reaper = std::thread::Builder::new().name("regconf-reaper".to_owned());
        let _ = reaper.spawn(move || {
            let start = Instant::now();
            while start.elapsed() < FAREWELL && is_running(group) {
                std::thread::sleep(Duration::from_millis(10));
            }
            // What it started may outlive it. Until it is waited for, its number is not given to others.
            let _ = kill_process_group(group, Signal::KILL);
            let _ = child.wait();
        });
    }
}

/// Whether a child runs, without taking note of its end.
fn is_running(child: Pid) -> bool {
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    matches!(waitid(WaitId::Pid(child), look), Ok(None))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn expanded(word: &str, address: &str) -> Result<Vec<String>> {
        let mut node = Node::new("ops@n1:2222").unwrap();
        address.clone_into(&mut node.address);
        node.proxy_command = vec![word.to_owned()];
        expand(&node)
    }

    #[test]
    fn words_name_the_node() {
        assert_eq!(expanded("%r@%h:%p 100%%", "n1").unwrap(), ["ops@n1:2222 100%"]);
        assert_eq!(expanded("%h", "fe80::1%eth0").unwrap(), ["fe80::1%eth0"]);
        assert!(expanded("%x", "n1").unwrap_err().to_string().contains("%x stands for nothing"));
        assert!(expanded("a%", "n1").is_err());
    }

    #[test]
    fn an_address_cannot_become_a_command() {
        for address in ["a;b", "$(id)", "`id`", "a b", "a'b", "a|b"] {
            let error = expanded("nc %h", address).unwrap_err();
            assert!(error.to_string().contains("may not become part of a command"), "{error}");
        }
    }
}
