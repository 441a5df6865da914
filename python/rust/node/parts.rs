//! The parts of a node as Python knows them, and the arguments that make an equal node.

use pyo3::prelude::*;
use regconf::{Become, HostKeys, Identity};

use super::Node;
use crate::convert::Many;
use crate::settings::Settings;
use crate::value::{Arguments, Secrets, Value};

impl Node {
    /// The passphrase that all files have.
    pub(super) fn passphrase(&self) -> Option<&str> {
        self.0.identities.iter().find_map(|identity| match identity {
            Identity::EncryptedFile(_, passphrase) => Some(passphrase.expose()),
            _ => None,
        })
    }

    pub(super) fn files(&self) -> Vec<String> {
        let path = |identity: &Identity| match identity {
            Identity::File(path) | Identity::EncryptedFile(path, _) => Some(path.clone()),
            _ => None,
        };
        self.0.identities.iter().filter_map(path).collect()
    }

    pub(super) fn keys(&self) -> Vec<String> {
        let text = |identity: &Identity| match identity {
            Identity::Key(key) => Some(key.expose().to_owned()),
            _ => None,
        };
        self.0.identities.iter().filter_map(text).collect()
    }

    pub(super) fn jump_nodes(&self) -> Vec<Self> {
        self.0.jump.iter().map(|host| Self(regconf::Node::clone(host))).collect()
    }

    pub(super) fn config(&self, engine: &str) -> Option<String> {
        self.0.config_paths.get(engine).cloned()
    }

    pub(super) fn host_keys_name(&self) -> &'static str {
        match self.0.host_keys {
            HostKeys::AcceptNew => "accept-new",
            HostKeys::Pinned(_) => "pinned",
            _ => "strict",
        }
    }

    pub(super) fn become_name(&self) -> &'static str {
        match self.0.become_root {
            Become::Sudo => "sudo",
            Become::Doas => "doas",
            _ => "none",
        }
    }

    pub(super) fn fingerprints(&self) -> Vec<String> {
        if let HostKeys::Pinned(fingerprints) = &self.0.host_keys { fingerprints.clone() } else { Vec::new() }
    }

    /// How it is reached, for the constructor.
    fn reach<'py>(&self, arguments: Arguments<'py>) -> PyResult<Arguments<'py>> {
        let own = &self.0;
        if own.is_local {
            return arguments.name("local", true);
        }
        let attempts = (own.connect_attempts != 3).then_some(own.connect_attempts);
        let keys = (!self.keys().is_empty()).then(|| Many(self.keys()));
        arguments
            .place(&own.address)?
            .optional("port", (own.port != 22).then_some(own.port))?
            .optional("user", (own.user != "root").then_some(&own.user))?
            .list("identity_files", self.files())?
            .secret("identity_keys", keys)?
            .secret("identity_passphrase", self.passphrase())?
            .list("certificate_files", own.certificates.clone())?
            .optional("agent", own.agent.as_ref())?
            .secret("password", own.password.as_ref().map(regconf::Secret::expose))?
            .list("known_hosts", own.known_hosts.clone())?
            .optional("host_keys", Some(self.host_keys_name()).filter(|name| *name != "strict"))?
            .list("host_key_fingerprints", self.fingerprints())?
            .list("jump", self.jump_nodes())?
            .list("proxy_command", own.proxy_command.clone())?
            .optional("connect_attempts", attempts)?
            .optional("connect_timeout", own.connect_timeout.map(|span| span.as_secs_f64()))
    }
}

impl Value for Node {
    fn arguments<'py>(&self, py: Python<'py>, secrets: Secrets) -> PyResult<Arguments<'py>> {
        let own = &self.0;
        let usual = if own.is_local { "localhost" } else { own.address.as_str() };
        self.reach(Arguments::new(py, secrets))?
            .optional("name", (own.name != usual).then_some(&own.name))?
            .optional("become", Some(self.become_name()).filter(|name| *name != "none"))?
            .secret("become_password", own.become_password.as_ref().map(regconf::Secret::expose))?
            .optional("root", (own.root != "/").then_some(&own.root))?
            .list("roles", own.roles.clone())?
            .optional("settings", own.settings.clone().map(Settings))?
            .list("engines", own.engines.clone())?
            .optional("containerd_config", self.config("containerd"))?
            .optional("docker_config", self.config("docker"))
    }

    fn key(&self) -> String {
        format!("{} {} {}", self.0.name, self.0.place(), self.0.user)
    }
}
