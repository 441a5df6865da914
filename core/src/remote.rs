//! One node: its facts, and a plan carried out on it.

mod heard;
mod privilege;

use std::ops::ControlFlow;
use std::time::Duration;

use crate::advice::advice;
use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Answer, Facts, Guess, Query};
use crate::limit::{Cancel, Limit};
use crate::node::Node;
use crate::plan::Plan;
use crate::redact;
use crate::reply::{Frame, Frames};
use crate::script;
use crate::transport::{Stream, Transport};

use heard::Heard;
use privilege::{Asking, ended_early};

/// How often engines may ask for more; each time is a round trip. Seven are needed for a daemon with a config file of
/// its own that imports a folder of files, one of which names the folder of the hosts; more, for files that import others.
pub(crate) const ROUNDS: usize = 16;
/// How long an apply may take beyond what is left of the node's time: it is not cut off in the middle.
const FINISHING: Duration = Duration::from_secs(600);

/// A shell with the rights that are needed, on one node.
pub(crate) struct Remote<'a> {
    node: &'a Node,
    transport: Box<dyn Transport>,
    nonce: String,
    frames: Frames,
    /// Whether there is a shell. It is started with the first script, where that can be.
    has_begun: bool,
    /// What the node says of changes before this one.
    past: Past,
    notes: Vec<String>,
}

/// What is known of earlier changes on a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Past {
    /// Whether one was cut off and is to be put right.
    pub(crate) is_left: bool,
    /// How the last one ended, unless well.
    pub(crate) last: Option<String>,
}

/// What a command came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) text: String,
}

/// How a plan ended on a node.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    Done,
    /// Nothing was changed.
    Failed(Error),
    /// It was changed, and put back.
    RolledBack(Error),
    /// It was changed and could not be put back.
    Unknown(Error),
    /// The connection is gone; how it ended is to be asked.
    CutOff(Error),
}

/// How a change ended; `None` if the node knows of none.
pub(crate) type Settled = Option<Applied>;

impl<'a> Remote<'a> {
    /// Becomes root if that needs a password.
    pub(crate) fn open(node: &'a Node, transport: Box<dyn Transport>, limit: &Limit) -> Result<Self> {
        let nonce = nonce();
        let asking = Asking::of(node, &nonce)?;
        let frames = Frames::new(&nonce);
        let mut remote =
            Self { node, transport, nonce, frames, has_begun: false, past: Past::default(), notes: Vec::new() };
        if let Some(asking) = asking {
            remote.begin(limit)?;
            remote.give_password(&asking, limit)?;
        }
        Ok(remote)
    }

    fn begin(&mut self, limit: &Limit) -> Result<()> {
        self.has_begun = true;
        self.transport.start(&script::start(self.node, &self.nonce), limit)
    }

    /// Starts the shell with a script that holds no secrets, for the node's users see the words of a command. Whether
    /// there is a way to do so.
    fn begins_with(&mut self, script: &str, limit: &Limit) -> Result<bool> {
        let command = script::start_with(self.node, script).filter(|_| !self.has_begun);
        let Some(command) = command.filter(|command| command.len() <= self.transport.longest_command()) else {
            return Ok(false);
        };
        self.has_begun = true;
        self.transport.start(&command, limit)?;
        Ok(true)
    }

    /// Asks the node until the engines want no more. What they are likely to want then is asked at once.
    pub(crate) fn gather(
        &mut self,
        mut facts: Facts,
        wants: impl Fn(&Facts) -> Vec<Query>,
        guesses: &[Guess],
        limit: &Limit,
    ) -> Result<Facts> {
        let mut guesses = if self.node.root == "/" { guesses } else { &[] };
        for _ in 0..ROUNDS {
            let open = |query: &Query| self.is_askable(query);
            let queries: Vec<_> = wants(&facts).into_iter().filter(open).collect();
            if queries.is_empty() {
                return Ok(facts);
            }
            for (query, answer) in self.ask(queries, std::mem::take(&mut guesses), limit)? {
                facts.insert(query, answer);
            }
        }
        Err(Error::new(ErrorKind::Internal, "the engines keep asking"))
    }

    /// What the node said of earlier changes when it was asked for its facts.
    pub(crate) fn past(&self) -> &Past {
        &self.past
    }

    /// The word by which the node knows a change made by this connection.
    pub(crate) fn nonce(&self) -> &str {
        &self.nonce
    }

    /// What is to be known of a change that was carried out or put right.
    pub(crate) fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// Adds what another connection heard of this one's change.
    pub(crate) fn add_notes(&mut self, mut notes: Vec<String>) {
        self.notes.append(&mut notes);
    }

    /// Carries a plan out. `step` hears what is being done.
    pub(crate) fn apply(&mut self, plan: &Plan, cancel: &Cancel, step: impl FnMut(&str)) -> Applied {
        if cancel.is_cancelled() {
            return Applied::Failed(Error::new(ErrorKind::Cancelled, "cancelled before anything was changed"));
        }
        let script = script::apply(plan, &self.node.root, &self.nonce);
        match self.change(&script, cancel, step) {
            Ok(end) => ended(&end),
            Err(error) => Applied::CutOff(error),
        }
    }

    /// Puts right what was cut off, and tells how the change ended that a connection with this nonce began.
    pub(crate) fn settle(&mut self, asked: &str, cancel: &Cancel, step: impl FnMut(&str)) -> Result<Settled> {
        let script = script::settle(asked, &self.node.root, &self.nonce);
        let end = self.change(&script, cancel, step)?;
        Ok(if end.words.get(1).is_some_and(|word| word == "none") { None } else { Some(ended(&end)) })
    }

    /// Runs commands, each for so many seconds at most; `None` for one that the node does not have.
    pub(crate) fn run(&mut self, commands: &[(Vec<String>, u64)], limit: &Limit) -> Result<Vec<Option<Ran>>> {
        let script = script::run(commands, &self.node.root, &self.nonce);
        let mut all = vec![None; commands.len()];
        self.converse(&script, limit, |frame| {
            let word = |i: usize| frame.words.get(i).map_or("", String::as_str);
            let slot = word(0).parse::<usize>().ok().and_then(|index| all.get_mut(index));
            if let (Some(slot), "ran", Ok(status)) = (slot, word(1), word(2).parse()) {
                *slot = Some(Ran { status, text: redact::secrets(&frame.message()) });
            }
            word(0) == "end"
        })?;
        Ok(all)
    }

    /// From here on the node finishes or goes back by itself; to leave it alone only hides how it ended, so that is done
    /// for [`Cancel::abandon`] alone.
    fn change(&mut self, script: &str, cancel: &Cancel, mut step: impl FnMut(&str)) -> Result<Frame> {
        let limit = Limit::of_change("applying", FINISHING, cancel);
        let (mut end, mut notes) = (None, Vec::new());
        let heard = self.converse(script, &limit, |frame| {
            match frame.words.first().map(String::as_str) {
                Some("step") => step(&frame.words[1..].join(" ")),
                Some("note") => notes.push(frame.message()),
                Some("end") => end = Some(frame),
                _ => {}
            }
            end.is_some()
        });
        self.notes.append(&mut notes);
        match (end, heard) {
            (Some(end), _) => Ok(end),
            (None, Err(error)) => Err(error),
            (None, Ok(())) => Err(Error::new(ErrorKind::Command, "the change ended without a word")),
        }
    }

    /// A folder with a system in it has no services and runs no programs.
    fn is_askable(&self, query: &Query) -> bool {
        self.node.root == "/" || matches!(query, Query::File(_) | Query::Dir(_))
    }

    fn ask(&mut self, queries: Vec<Query>, guesses: &[Guess], limit: &Limit) -> Result<Vec<(Query, Answer)>> {
        let script = script::gather(&queries, guesses, &self.node.root, &self.nonce);
        let mut heard = Heard::new(queries.len() + guesses.len());
        if self.begins_with(&script, limit)? {
            self.listen(b"", limit, |frame| heard.take(frame))?;
        } else {
            self.converse(&script, limit, |frame| heard.take(frame))?;
        }
        if let Some(fault) = heard.fault {
            return Err(Error::new(ErrorKind::Io, fault.message()).with_hint("check the node's root"));
        }
        self.check_user(heard.user.as_deref())?;
        self.past = heard.past;
        let more = heard.answers.split_off(queries.len()).into_iter().zip(guesses);
        let mut pairs = heard.also;
        pairs.extend(more.filter_map(|(answer, guess)| Some((guess.query()?, answer?))));
        for (query, answer) in queries.into_iter().zip(heard.answers) {
            match answer {
                Some(answer) => pairs.push((query, answer)),
                None => return Err(Error::new(ErrorKind::Command, format!("the node gave no answer to {query:?}"))),
            }
        }
        Ok(pairs)
    }

    fn check_user(&self, uid: Option<&str>) -> Result<()> {
        if self.node.root != "/" || uid == Some("0") {
            return Ok(());
        }
        let user = &self.node.user;
        Err(Error::new(ErrorKind::Privilege, format!("{user} is not root on the node"))
            .with_hint("log in as root, or set \"become\": \"sudo\""))
    }

    /// Sends a script and hands its answers to `hear` until that has heard enough.
    fn converse(&mut self, script: &str, limit: &Limit, hear: impl FnMut(Frame) -> bool) -> Result<()> {
        if !self.has_begun {
            self.begin(limit)?;
        }
        self.listen(script.as_bytes(), limit, hear)
    }

    /// The same with what the shell has been told already.
    fn listen(&mut self, input: &[u8], limit: &Limit, mut hear: impl FnMut(Frame) -> bool) -> Result<()> {
        let (frames, become_root) = (&mut self.frames, self.node.become_root);
        let mut has_answered = false;
        let done = self.transport.converse(
            input,
            &mut |stream, bytes| {
                match stream {
                    Stream::Out => frames.push(bytes),
                    Stream::Err => frames.push_noise(bytes),
                    Stream::End => return Err(ended_early(&frames.noise(), become_root)),
                }
                while let Some(frame) = frames.next()? {
                    has_answered = true;
                    if hear(frame) {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Ok(ControlFlow::Continue(()))
            },
            limit,
        );
        done.map_err(|error| match error.kind() {
            ErrorKind::Timeout if !has_answered => error.with_hint(SILENT),
            _ => error,
        })
    }

    /// Waits for the question or, where there is none, for the shell; answers the question once.
    fn give_password(&mut self, asking: &Asking<'_>, limit: &Limit) -> Result<()> {
        if self.is_ready_or_asked(b"", &asking.prompt, 1, limit)? {
            return Ok(());
        }
        let line = zeroize::Zeroizing::new(format!("{}\n", asking.password.expose()));
        if self.is_ready_or_asked(line.as_bytes(), &asking.prompt, 2, limit)? {
            return Ok(());
        }
        Err(asking.refused(&self.node.user))
    }

    /// Whether the shell is ready, rather than being asked for the `times`th time.
    fn is_ready_or_asked(&mut self, input: &[u8], prompt: &str, times: usize, limit: &Limit) -> Result<bool> {
        let mut ready = false;
        let (frames, become_root) = (&mut self.frames, self.node.become_root);
        self.transport.converse(
            input,
            &mut |stream, bytes| {
                match stream {
                    Stream::Out => frames.push(bytes),
                    Stream::Err => frames.push_noise(bytes),
                    Stream::End => return Err(ended_early(&frames.noise(), become_root)),
                }
                ready = frames.next()?.is_some();
                let asked = frames.noise_has(prompt) >= times;
                Ok(if ready || asked { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            },
            limit,
        )?;
        Ok(ready)
    }
}

/// What an engine has printed may quote its files.
fn ended(end: &Frame) -> Applied {
    let word = |i: usize| end.words.get(i).map_or("", String::as_str);
    let error = || explained(Error::new(kind(word(2)), redact::secrets(&end.message())));
    match word(1) {
        "done" => Applied::Done,
        "failed" => Applied::Failed(error()),
        "rolledback" => Applied::RolledBack(error()),
        _ => Applied::Unknown(error()),
    }
}

/// With cause and remedy, where an engine says something that is known.
fn explained(error: Error) -> Error {
    match advice(error.message()) {
        Some(advice) => error.with_hint(format!("{}: {}", advice.cause, advice.remedy)),
        None => error,
    }
}

fn kind(name: &str) -> ErrorKind {
    let kinds = [ErrorKind::Stale, ErrorKind::Io, ErrorKind::Conflict, ErrorKind::Activation, ErrorKind::Verification];
    kinds.into_iter().find(|kind| kind.name() == name).unwrap_or(ErrorKind::Command)
}

/// What to do about a shell that says nothing.
const SILENT: &str = "the shell has not answered at all: see whether a start-up file of the account, such as .bashrc or one of \
/etc/profile.d, waits for something";

/// A word that nothing on the node can know beforehand, from the keys that the system gives each hash map.
fn nonce() -> String {
    use std::hash::{BuildHasher, RandomState};
    let random = || RandomState::new().hash_one(std::process::id());
    format!("{:016x}{:016x}", random(), random())
}
