//! Who to reach and how.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::settings::Settings;

/// How often connecting is tried.
const CONNECT_ATTEMPTS: u32 = 3;

/// A machine and how to log in to it.
///
/// ```
/// # use regconf::{Become, Node};
/// let mut node = Node::new("ops@10.0.0.5:2222")?;
/// node.identities.push(regconf::Identity::File("id_ed25519".into()));
/// node.known_hosts.push("known_hosts".into());
/// node.become_root = Become::Sudo;
/// # Ok::<(), regconf::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Node {
    /// What it is called in events and in the report.
    pub name: String,
    /// Its DNS name or address; IPv6 without brackets.
    pub address: String,
    /// The port of its SSH server.
    pub port: u16,
    /// The account to log in to.
    pub user: String,
    /// Keys to try, in this order.
    pub identities: Vec<Identity>,
    /// The agent's socket, whose keys are tried after `identities`; usually the value of `SSH_AUTH_SOCK`.
    pub agent: Option<String>,
    /// Files with certificates of the keys in `identities`, as `ssh-keygen -s` makes them; each is tried before its key.
    pub certificates: Vec<String>,
    /// The password, tried last.
    pub password: Option<Secret>,
    /// Files with the host keys of nodes, in OpenSSH's `known_hosts` format.
    pub known_hosts: Vec<String>,
    /// What makes a host key good.
    pub host_keys: HostKeys,
    /// The hosts that lead to it: the first is reached directly, each other one through those before it. Of a jump host
    /// its name, address and login count, and its host key is verified like a node's. It may have no `jump` of its own.
    /// One connection to a jump host serves all nodes behind it.
    pub jump: Vec<Arc<Node>>,
    /// A program whose standard streams are the connection, and its arguments; none if empty. `%h`, `%p` and `%r` in it
    /// become address, port and user, and `%%` a percent sign. With `jump` only the first jump host may have one.
    pub proxy_command: Vec<String>,
    /// How often connecting is tried, when the server refuses or drops the connection before the login; at least 1, and
    /// 3 if not said otherwise. A refused login or host key is never tried again.
    pub connect_attempts: u32,
    /// How long connecting and logging in may take, if less than for all nodes.
    pub connect_timeout: Option<Duration>,
    /// How to become root after the login.
    pub become_root: Become,
    /// The account's password for sudo, where it asks for one; for su, root's.
    pub become_password: Option<Secret>,
    /// Whether this is the machine that the program runs on, reached without SSH.
    pub is_local: bool,
    /// A folder on the node that holds a whole system, such as a mounted image. Files are changed below it and no
    /// service is asked or activated. `/` is the running system.
    pub root: String,
    /// What it does in its cluster, such as `control-plane`.
    pub roles: Vec<String>,
    /// Settings of its own, laid over those of the call: what they say of a registry host wins.
    pub settings: Option<Settings>,
    /// The engines to set, such as `docker`; all that are found if empty.
    pub engines: Vec<String>,
    /// Where engines have their main configuration, by engine, if not at the usual place.
    pub config_paths: BTreeMap<String, String>,
}

/// A private key to log in with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Identity {
    /// A file, in the OpenSSH or PEM format.
    File(String),
    /// An encrypted file and its passphrase.
    EncryptedFile(String, Secret),
    /// The text of a key.
    Key(Secret),
}

/// What makes a host key good.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum HostKeys {
    /// It stands in a `known_hosts` file. The default.
    #[default]
    Strict,
    /// As strict, but an unknown host's key is taken and added to the first `known_hosts` file. A changed key is refused.
    AcceptNew,
    /// It has one of these SHA-256 fingerprints, as `SHA256:…`.
    Pinned(Vec<String>),
}

/// How to become root.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Become {
    /// The account is root already.
    #[default]
    None,
    /// By sudo, with `become_password` if the node asks for one.
    Sudo,
    /// By doas, which must ask for no password: it takes one from a terminal only.
    Doas,
    /// By su, with `become_password`, which is root's and must be given. Its question is known in English only, which is
    /// what it is asked to speak.
    Su,
}

impl Node {
    /// A node from `[user@]host[:port]`; user `root`, port 22, IPv6 in brackets when a port follows.
    pub fn new(place: impl AsRef<str>) -> Result<Self> {
        let place = place.as_ref();
        let (user, rest) = place.rsplit_once('@').unwrap_or(("root", place));
        let (address, port) = split_port(rest).ok_or_else(|| {
            Error::invalid(format!("{:?} is not a node", shown(place)))
                .with_hint("write [user@]host[:port], IPv6 in brackets")
        })?;
        if user.is_empty() || !is_plain(user) || !is_plain(&address) || !address.chars().all(is_of_host) {
            return Err(
                Error::invalid(format!("{:?} is not a node", shown(place))).with_hint("write [user@]host[:port]")
            );
        }
        Ok(Self { address, port, user: user.to_owned(), is_local: false, ..Self::local("/") }.named_after_address())
    }

    fn named_after_address(self) -> Self {
        Self { name: self.address.clone(), ..self }
    }

    /// This machine, or a folder on it that holds a system. The program must run as root unless the folder is its own.
    pub fn local(root: impl Into<String>) -> Self {
        let name = "localhost".to_owned();
        Self {
            name: name.clone(),
            address: name,
            port: 0,
            user: "this program's user".to_owned(),
            identities: Vec::new(),
            agent: None,
            certificates: Vec::new(),
            password: None,
            known_hosts: Vec::new(),
            host_keys: HostKeys::default(),
            jump: Vec::new(),
            proxy_command: Vec::new(),
            connect_attempts: CONNECT_ATTEMPTS,
            connect_timeout: None,
            become_root: Become::default(),
            become_password: None,
            is_local: true,
            root: root.into(),
            roles: Vec::new(),
            settings: None,
            engines: Vec::new(),
            config_paths: BTreeMap::new(),
        }
    }

    /// Whether it has one of the roles `control-plane`, `master` and `etcd`.
    pub fn is_control_plane(&self) -> bool {
        self.roles.iter().any(|role| CONTROL_PLANE.contains(&role.as_str()))
    }

    /// Where it is, for people and for the journal: `host:port`, IPv6 in brackets, with the root after it unless that is
    /// `/`; for this machine the root alone.
    pub fn place(&self) -> String {
        let root = if self.root == "/" { "" } else { &self.root };
        match (self.is_local, self.address.contains(':')) {
            (true, _) => self.root.clone(),
            (false, true) => format!("[{}]:{}{root}", self.address, self.port),
            (false, false) => format!("{}:{}{root}", self.address, self.port),
        }
    }

    /// What is wanted of it: the settings of a call with its own laid over them.
    pub(crate) fn settings_over<'a>(&self, settings: &'a Settings) -> Cow<'a, Settings> {
        match &self.settings {
            None => Cow::Borrowed(settings),
            Some(own) => Cow::Owned(settings.overlaid(own)),
        }
    }
}

/// Roles that a cluster cannot do without for long.
const CONTROL_PLANE: [&str; 3] = ["control-plane", "master", "etcd"];

fn is_plain(text: &str) -> bool {
    !text.starts_with('-') && text.chars().all(|c| !c.is_control() && !c.is_whitespace() && c != '/' && c != '@')
}

/// A place as errors show it: `user:password@` is written where a user belongs.
pub(crate) fn shown(place: &str) -> String {
    match place.rsplit_once('@') {
        Some((user, rest)) if user.contains(':') => format!("…@{rest}"),
        _ => place.to_owned(),
    }
}

/// Names have letters, digits, dots, hyphens and perhaps underscores; addresses of IPv6 colons and a zone.
fn is_of_host(c: char) -> bool {
    c.is_alphanumeric() || ".-_:%".contains(c)
}

fn split_port(text: &str) -> Option<(String, u16)> {
    let digits = |port: &&str| port.bytes().all(|b| b.is_ascii_digit());
    let parse = |port: &str| Some(port).filter(digits)?.parse().ok().filter(|port| *port > 0);
    if let Some(rest) = text.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        address.parse::<std::net::Ipv6Addr>().ok()?;
        let port = if port.is_empty() { 22 } else { parse(port.strip_prefix(':')?)? };
        return Some((address.to_owned(), port));
    }
    match text.split_once(':') {
        Some((_, rest)) if rest.contains(':') => text.parse::<std::net::Ipv6Addr>().ok().map(|_| (text.to_owned(), 22)),
        Some((address, port)) if !address.is_empty() => Some((address.to_owned(), parse(port)?)),
        None if !text.is_empty() => Some((text.to_owned(), 22)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let parts = |text: &str| Node::new(text).map(|n| (n.user, n.address, n.port)).ok();
        let full = |user: &str, address: &str, port| Some((user.to_owned(), address.to_owned(), port));
        assert_eq!(parts("n1"), full("root", "n1", 22));
        assert_eq!(parts("ops@10.0.0.5:2222"), full("ops", "10.0.0.5", 2222));
        assert_eq!(parts("[fd00::1]:2222"), full("root", "fd00::1", 2222));
        assert_eq!(parts("fd00::1"), full("root", "fd00::1", 22));
        let error = Node::new("u:hunter2@h/x").unwrap_err().to_string();
        assert!(error.contains("…@h/x") && !error.contains("hunter2"), "{error}");
        for bad in [
            "",
            "@h",
            "h:",
            "h:0",
            "h:+22",
            "h:x",
            "[h]:1",
            "a b",
            "-oProxyCommand=x",
            "h:1:2",
            "ops@",
            "h[1,2]",
            "{{",
            "h;x",
        ] {
            assert_eq!(parts(bad), None, "{bad:?}");
        }
    }
}
