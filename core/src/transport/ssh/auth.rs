//! Logging in: keys, then the agent's keys, then the password. Each is tried once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use libssh2_sys as c;
use ssh2::{KeyboardInteractivePrompt, Prompt};

use super::agent::Gate;
use super::credentials::Credential;
use super::fault;
use super::known_hosts::fingerprint;
use super::link::Link;
use crate::error::{Error, ErrorKind, Result};
use crate::node::Node;
use crate::secret::Secret;
use crate::transport::Limit;

/// How many keys are tried in all. sshd hangs up at its sixth failure (`MaxAuthTries`), and may ban who gets there.
const MAX_KEYS: usize = 5;

/// With a password at the end, there must be room for it, and for the question how it is taken.
const MAX_KEYS_BEFORE_PASSWORD: usize = 4;

/// Says so when there is nothing to log in with.
pub(super) fn check(node: &Node) -> Result<()> {
    if node.identities.is_empty() && node.agent.is_none() && node.password.is_none() {
        let error = Error::new(ErrorKind::Authentication, format!("no credentials are given for {:?}", node.user));
        return Err(error.with_hint("name a private key, an agent or a password"));
    }
    Ok(())
}

/// Logs in with what the node names.
pub(super) fn login(link: &Link, node: &Node, credentials: &[Credential], limit: &Limit) -> Result<()> {
    let mut login = Login { link, node, limit, tried: Vec::new(), used: 0, left_out: 0, offers: None };
    let done = login.keys(credentials)? || login.agent(credentials)? || login.password()?;
    if done { Ok(()) } else { Err(login.refused()) }
}

struct Login<'a> {
    link: &'a Link,
    node: &'a Node,
    limit: &'a Limit,
    /// What was tried, as it is shown.
    tried: Vec<String>,
    /// How many keys were tried.
    used: usize,
    /// How many were not, for there were too many.
    left_out: usize,
    /// What the server takes, when it was asked.
    offers: Option<Vec<String>>,
}

impl Login<'_> {
    fn keys(&mut self, credentials: &[Credential]) -> Result<bool> {
        for Credential { key, certificate, name } in credentials {
            if !self.may_try_key() {
                continue;
            }
            let passphrase = key.passphrase.as_ref().map(Secret::expose);
            let user = &self.node.user;
            let outcome = self.link.drive(self.limit, |session| {
                session.userauth_pubkey_memory(user, certificate.as_deref(), &key.text, passphrase)
            })?;
            match outcome {
                Err(error) if is_unreadable(&error) => return Err(key.unreadable(&fault::text(&error))),
                outcome => {
                    if self.judge(outcome, name.clone())? {
                        return Ok(true);
                    }
                }
            }
        }
        Ok(false)
    }

    fn agent(&mut self, credentials: &[Credential]) -> Result<bool> {
        let Some(path) = &self.node.agent else { return Ok(false) };
        let gate = match Gate::open(path, self.limit)? {
            Ok(gate) => gate,
            Err(cause) => {
                self.tried.push(format!("agent: {path} cannot be reached ({cause})"));
                return Ok(false);
            }
        };
        let agent = self.call_agent(|| connect_agent(self.link, gate.path()))?;
        let identities = agent.as_ref().ok().and_then(|agent| agent.identities().ok());
        let (Ok(agent), Some(identities)) = (agent, identities) else {
            self.tried.push(format!("agent: {path} does not answer"));
            return Ok(false);
        };
        self.tried.push(format!("agent: {} keys", identities.len()));
        for identity in identities {
            let is_tried =
                credentials.iter().any(|Credential { key, .. }| key.public.as_deref() == Some(identity.blob()));
            if is_tried || !self.may_try_key() {
                continue;
            }
            let outcome = self.link.drive(self.limit, |_| agent.userauth(&self.node.user, &identity))?;
            self.limit.left()?;
            let comment = fault::clean(identity.comment().as_bytes());
            if self.judge(outcome, format!("agent's key {comment} {}", fingerprint(identity.blob())))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Tells the end of the limit, which closes the gate, from other failures.
    fn call_agent<T>(&self, call: impl FnOnce() -> Result<T, ssh2::Error>) -> Result<Result<T, ssh2::Error>> {
        let outcome = call();
        self.limit.left()?;
        Ok(outcome)
    }

    fn password(&mut self) -> Result<bool> {
        let Some(password) = &self.node.password else { return Ok(false) };
        self.ask()?;
        if self.link.session().authenticated() {
            return Ok(true);
        }
        let has = |method: &str| self.offers.iter().flatten().any(|offer| offer == method);
        if has("password") || self.offers.is_none() {
            let user = &self.node.user;
            let outcome = self.link.drive(self.limit, |session| session.userauth_password(user, password.expose()))?;
            return self.judge(outcome, "password".to_owned());
        }
        if has("keyboard-interactive") {
            return self.converse(password);
        }
        self.tried.push("password: not tried, for the server does not take any".to_owned());
        Ok(false)
    }

    /// Answers the first hidden question with the password. Others are not ours to answer.
    ///
    /// A server that sends a question without text aborts programs built with debug assertions: version 0.9.6 of the
    /// crate makes a slice of a null pointer, of length 0, which other builds bear.
    fn converse(&mut self, password: &Secret) -> Result<bool> {
        let mut answers = Answers { password, is_given: false, unanswered: None };
        let user = &self.node.user;
        let outcome =
            self.link.drive(self.limit, |session| session.userauth_keyboard_interactive(user, &mut answers))?;
        let what = match answers.unanswered {
            Some(question) => format!("password (keyboard-interactive), after which the server asked {question:?}"),
            None => "password (keyboard-interactive)".to_owned(),
        };
        self.judge(outcome, what)
    }

    fn may_try_key(&mut self) -> bool {
        let most = if self.node.password.is_some() { MAX_KEYS_BEFORE_PASSWORD } else { MAX_KEYS };
        let may = self.used < most;
        *(if may { &mut self.used } else { &mut self.left_out }) += 1;
        may
    }

    /// Whether a try was the right one. An error that says that the server is gone ends the login.
    fn judge(&mut self, outcome: Result<(), ssh2::Error>, what: String) -> Result<bool> {
        let Err(error) = outcome else { return Ok(true) };
        match fault::code(&error) {
            _ if has_hung_up(&error) => {
                self.tried.push(what);
                return Err(self.hung_up());
            }
            c::LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED if error.message().starts_with("Callback") => {
                self.tried.push(format!("{what}, which could not sign"));
            }
            c::LIBSSH2_ERROR_AUTHENTICATION_FAILED | c::LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED => self.tried.push(what),
            c::LIBSSH2_ERROR_PASSWORD_EXPIRED => self.tried.push(format!("{what}, which has expired")),
            _ => self.tried.push(format!("{what}: {}", fault::text(&error))),
        }
        Ok(false)
    }

    /// Asks what the server takes. That is a try too, of no credential at all, and lets in where none is needed.
    fn ask(&mut self) -> Result<()> {
        let ask = |session: &ssh2::Session| {
            if session.authenticated() {
                return Ok(None);
            }
            // The crate panics at a list that is not UTF-8, which is the server's to choose.
            let asked = catch_unwind(AssertUnwindSafe(|| {
                session.auth_methods(&self.node.user).map(|list| Some(list.split(',').map(clean).collect()))
            }));
            asked.unwrap_or(Ok(None))
        };
        match self.link.drive(self.limit, ask)? {
            Ok(offers) => self.offers = offers,
            Err(error) if has_hung_up(&error) => return Err(self.hung_up()),
            Err(_) => {}
        }
        Ok(())
    }

    fn refused(&mut self) -> Error {
        let Node { user, .. } = self.node;
        if self.offers.is_none() && self.used < MAX_KEYS {
            // Only to say more: when it fails, the error is the same.
            let _ = self.ask();
        }
        let offers = self.offers.as_ref().map(|offers| format!("; the server takes {}", offers.join(", ")));
        let offers = offers.unwrap_or_default();
        let message = format!("the server lets {user:?} in with none of: {}{offers}", self.list());
        let error = Error::new(ErrorKind::Authentication, message);
        error.with_hint("check the user's name and its authorized_keys; the server's log says more")
    }

    fn hung_up(&self) -> Error {
        let Node { user, .. } = self.node;
        let message = format!("the server hung up on {user:?} after: {}", self.list());
        let error = Error::new(ErrorKind::Authentication, message);
        error.with_hint(
            "it allows fewer tries (MaxAuthTries), so name only the right key, or lets nobody but root in for now \
             (/etc/nologin); its log says more",
        )
    }

    fn list(&self) -> String {
        let mut list = self.tried.join(", ");
        if self.left_out > 0 {
            let left_out =
                format!("; {} more keys were not tried, for servers hang up at the sixth failure", self.left_out);
            list.push_str(&left_out);
        }
        list
    }
}

fn connect_agent(link: &Link, path: &Path) -> Result<ssh2::Agent, ssh2::Error> {
    let mut agent = link.session().agent()?;
    agent.set_identity_path(path)?;
    agent.connect()?;
    agent.list_identities()?;
    Ok(agent)
}

/// Whether the server is gone. libssh2 gives the wait for an answer that never comes the number of a refusal.
fn has_hung_up(error: &ssh2::Error) -> bool {
    fault::is_closed(error) || error.message().starts_with("Waiting for")
}

fn is_unreadable(error: &ssh2::Error) -> bool {
    let codes = [c::LIBSSH2_ERROR_FILE, c::LIBSSH2_ERROR_KEYFILE_AUTH_FAILED, c::LIBSSH2_ERROR_METHOD_NONE];
    codes.contains(&fault::code(error))
}

fn clean(method: &str) -> String {
    fault::clean(method.as_bytes())
}

struct Answers<'a> {
    password: &'a Secret,
    is_given: bool,
    unanswered: Option<String>,
}

impl KeyboardInteractivePrompt for Answers<'_> {
    fn prompt(&mut self, _user: &str, _instructions: &str, prompts: &[Prompt<'_>]) -> Vec<String> {
        let mut answer = |prompt: &Prompt<'_>| {
            if !prompt.echo && !self.is_given {
                self.is_given = true;
                return self.password.expose().to_owned();
            }
            self.unanswered.get_or_insert_with(|| fault::clean(prompt.text.as_bytes()));
            String::new()
        };
        prompts.iter().map(&mut answer).collect()
    }
}
