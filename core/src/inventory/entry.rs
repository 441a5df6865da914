//! One node of a list, as it stands there.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use super::LookUp;
use crate::error::{Error, ErrorKind, Result};
use crate::node::{Become, HostKeys, Identity, Node};
use crate::object::Object;
use crate::secret::Secret;
use crate::settings::{RawSettings, Settings};

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) name: Option<String>,
    pub(super) address: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) user: Option<String>,
    pub(super) identity_files: Option<Vec<String>>,
    pub(super) identity_keys: Option<Vec<Text>>,
    pub(super) identity_passphrase: Option<Text>,
    pub(super) certificate_files: Option<Vec<String>>,
    pub(super) agent: Option<String>,
    pub(super) password: Option<Text>,
    pub(super) known_hosts: Option<Vec<String>>,
    pub(super) host_keys: Option<HostKeyPolicy>,
    pub(super) host_key_fingerprints: Option<Vec<String>>,
    pub(super) jump: Option<Vec<String>>,
    pub(super) proxy_command: Option<Vec<String>>,
    pub(super) connect_attempts: Option<u32>,
    pub(super) connect_timeout: Option<f64>,
    pub(super) r#become: Option<BecomeName>,
    pub(super) become_password: Option<Text>,
    pub(super) root: Option<String>,
    pub(super) local: Option<bool>,
    pub(super) roles: Option<Vec<String>>,
    pub(super) groups: Option<Vec<String>>,
    pub(super) settings: Option<Object<RawSettings>>,
    pub(super) engines: Option<Vec<String>>,
    pub(super) containerd_config: Option<String>,
    pub(super) docker_config: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum HostKeyPolicy {
    Strict,
    AcceptNew,
    Pinned,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum BecomeName {
    None,
    Sudo,
    Doas,
}

/// A secret, or where it stands.
#[derive(Clone, Deserialize)]
#[serde(untagged, expecting = "a text, {\"env\": name} or {\"file\": path}")]
pub(super) enum Text {
    Here(String),
    Elsewhere(Elsewhere),
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub(super) enum Elsewhere {
    Env(String),
    File(String),
}

impl Text {
    fn read(&self, look_up: LookUp<'_>) -> Result<Secret> {
        match self {
            Self::Here(text) => Ok(Secret::new(text.clone())),
            Self::Elsewhere(place) => look_up(place),
        }
    }
}

impl Elsewhere {
    pub(super) fn look_up(&self, folder: &Path) -> Result<Secret> {
        match self {
            Self::Env(name) => std::env::var(name)
                .map(Secret::new)
                .map_err(|_| Error::invalid(format!("the environment has no {name}")).with_hint("export it")),
            Self::File(path) => match std::fs::read_to_string(folder.join(path)) {
                Ok(text) => Ok(Secret::new(text.trim_end_matches(['\r', '\n']))),
                Err(e) => Err(Error::new(ErrorKind::Io, format!("{path} cannot be read: {e}"))),
            },
        }
    }
}

impl Entry {
    pub(super) fn over(self, defaults: &Self) -> Self {
        let defaults = defaults.clone();
        Self {
            name: self.name,
            address: self.address,
            port: self.port.or(defaults.port),
            user: self.user.or(defaults.user),
            identity_files: self.identity_files.or(defaults.identity_files),
            identity_keys: self.identity_keys.or(defaults.identity_keys),
            identity_passphrase: self.identity_passphrase.or(defaults.identity_passphrase),
            certificate_files: self.certificate_files.or(defaults.certificate_files),
            agent: self.agent.or(defaults.agent),
            password: self.password.or(defaults.password),
            known_hosts: self.known_hosts.or(defaults.known_hosts),
            host_keys: self.host_keys.or(defaults.host_keys),
            host_key_fingerprints: self.host_key_fingerprints.or(defaults.host_key_fingerprints),
            jump: self.jump.or(defaults.jump),
            proxy_command: self.proxy_command.or(defaults.proxy_command),
            connect_attempts: self.connect_attempts.or(defaults.connect_attempts),
            connect_timeout: self.connect_timeout.or(defaults.connect_timeout),
            r#become: self.r#become.or(defaults.r#become),
            become_password: self.become_password.or(defaults.become_password),
            root: self.root.or(defaults.root),
            local: self.local.or(defaults.local),
            roles: self.roles.or(defaults.roles),
            groups: self.groups.or(defaults.groups),
            settings: self.settings.or(defaults.settings),
            engines: self.engines.or(defaults.engines),
            containerd_config: self.containerd_config.or(defaults.containerd_config),
            docker_config: self.docker_config.or(defaults.docker_config),
        }
    }

    /// What is wanted of this node alone.
    pub(super) fn take_settings(&mut self) -> Result<Option<Settings>> {
        let settings = self.settings.take().map(|Object(raw)| raw.settings()).transpose();
        settings.map_err(|error| error.with_key("settings"))
    }

    pub(super) fn node(self, look_up: LookUp<'_>) -> Result<Node> {
        let secret = |text: &Option<Text>, key: &str| {
            text.as_ref().map(|text| text.read(look_up).map_err(|error| error.with_key(key))).transpose()
        };
        let mut node = self.place()?;
        self.config_paths(&mut node)?;
        node.identities = self.identities(look_up)?;
        node.password = secret(&self.password, "password")?;
        node.become_password = secret(&self.become_password, "become_password")?;
        node.roles = self.roles.unwrap_or_default();
        node.agent = self.agent;
        node.certificates = self.certificate_files.unwrap_or_default();
        node.proxy_command = self.proxy_command.unwrap_or_default();
        node.engines = self.engines.unwrap_or_default();
        node.connect_attempts = self.connect_attempts.unwrap_or(node.connect_attempts);
        if node.connect_attempts == 0 {
            return Err(Error::invalid("must be 1 at least").with_key("connect_attempts"));
        }
        node.connect_timeout = self.connect_timeout.map(seconds).transpose()?;
        node.known_hosts = self.known_hosts.unwrap_or_default();
        node.host_keys = host_keys(self.host_keys, self.host_key_fingerprints)?;
        node.become_root = match self.r#become {
            Some(BecomeName::Sudo) => Become::Sudo,
            Some(BecomeName::Doas) => Become::Doas,
            Some(BecomeName::None) | None => Become::None,
        };
        node.root = self.root.unwrap_or(node.root);
        if !node.root.starts_with('/') {
            return Err(Error::invalid("is not an absolute path").with_key("root"));
        }
        Ok(node)
    }

    /// Keys to log in with: those in files, then those that stand here.
    fn identities(&self, look_up: LookUp<'_>) -> Result<Vec<Identity>> {
        let passphrase = self.identity_passphrase.as_ref().map(|text| text.read(look_up)).transpose();
        let passphrase = passphrase.map_err(|error| error.with_key("identity_passphrase"))?;
        let files = self.identity_files.iter().flatten().map(|file| Ok(identity(file.clone(), passphrase.as_ref())));
        let keys = self.identity_keys.iter().flatten().enumerate().map(|(i, text)| {
            text.read(look_up).map(Identity::Key).map_err(|error| error.with_key(format!("identity_keys[{i}]")))
        });
        files.chain(keys).collect()
    }

    /// Where engines have their configuration.
    fn config_paths(&self, node: &mut Node) -> Result<()> {
        let given = [("containerd", &self.containerd_config), ("docker", &self.docker_config)];
        for (engine, path) in given.into_iter().filter_map(|(engine, path)| Some((engine, path.as_ref()?))) {
            if !path.starts_with('/') {
                return Err(Error::invalid("is not an absolute path").with_key(format!("{engine}_config")));
            }
            node.config_paths.insert(engine.to_owned(), path.clone());
        }
        Ok(())
    }

    /// Who and where.
    fn place(&self) -> Result<Node> {
        let mut node = match (&self.address, self.local) {
            (None, Some(true)) => Node::local("/"),
            (Some(_), Some(true)) => {
                return Err(Error::invalid("excludes address").with_key("local").with_hint("give one of them"));
            }
            (Some(address), _) => Node::new(address).map_err(|error| error.with_key("address"))?,
            (None, _) => return Err(Error::invalid("is missing").with_key("address")),
        };
        let address = self.address.as_deref().unwrap_or("");
        if let Some(user) = self.user.as_ref().filter(|_| !address.contains('@')) {
            node.user = Node::new(format!("{user}@x")).map_err(|error| error.with_key("user"))?.user;
        }
        if self.port == Some(0) {
            return Err(Error::invalid("is not a port").with_key("port"));
        }
        // A port written in the address counts as the node's own.
        node.port = self.port.filter(|_| !names_a_port(address)).unwrap_or(node.port);
        node.name = self.name.clone().unwrap_or(node.name);
        Ok(node)
    }
}

/// Whether `[user@]host[:port]` has a port; an IPv6 address without brackets has none.
fn names_a_port(address: &str) -> bool {
    let host = address.rsplit_once('@').map_or(address, |(_, host)| host);
    if host.starts_with('[') { host.contains("]:") } else { host.matches(':').count() == 1 }
}

/// More than no time, and no more than 31 years, which any clock can add.
fn seconds(timeout: f64) -> Result<Duration> {
    let span =
        Some(timeout).filter(|timeout| *timeout <= 1e9).and_then(|timeout| Duration::try_from_secs_f64(timeout).ok());
    span.filter(|span| !span.is_zero()).ok_or_else(|| {
        let error = Error::invalid("is not a number of seconds above 0").with_key("connect_timeout");
        error.with_hint("leave it out for the time that all nodes have")
    })
}

fn identity(file: String, passphrase: Option<&Secret>) -> Identity {
    match passphrase {
        Some(passphrase) => Identity::EncryptedFile(file, passphrase.clone()),
        None => Identity::File(file),
    }
}

fn host_keys(policy: Option<HostKeyPolicy>, fingerprints: Option<Vec<String>>) -> Result<HostKeys> {
    match (policy, fingerprints) {
        (Some(HostKeyPolicy::Pinned), Some(fingerprints)) if !fingerprints.is_empty() => {
            Ok(HostKeys::Pinned(fingerprints))
        }
        (Some(HostKeyPolicy::Pinned), _) => Err(Error::invalid("needs host_key_fingerprints")
            .with_key("host_keys")
            .with_hint("give SHA256:… of each host key")),
        (_, Some(_)) => {
            Err(Error::invalid("counts only with \"host_keys\": \"pinned\"").with_key("host_key_fingerprints"))
        }
        (Some(HostKeyPolicy::AcceptNew), None) => Ok(HostKeys::AcceptNew),
        (Some(HostKeyPolicy::Strict) | None, None) => Ok(HostKeys::Strict),
    }
}
