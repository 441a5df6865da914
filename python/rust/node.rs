//! Who to reach and how.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use regconf::{Become, ErrorKind, HostKeys, Identity, inventory};
use serde_json::{Map, Value as Json, json};

use crate::convert::{Many, Place, named, words};
use crate::error::{Fault, raised, wrong};
use crate::settings::Settings;
use crate::value::{Arguments, Secrets, Value, constructor, value_methods};

words!(
    /// What makes a host key good.
    HostKeysName: "strict", "accept-new", "pinned"
);
words!(
    /// How to become root.
    BecomeName: "none", "sudo", "doas"
);

/// A machine and how to log in to it. The arguments are the keys of an entry of a node list.
///
/// ``address`` is ``[user@]host[:port]``, IPv6 in brackets when a port follows; user ``root`` and port 22 if not said
/// otherwise. ``name`` is what it is called in events and reports, the address if not given.
///
/// Logins are tried in this order: ``identity_files`` (paths of private keys) and ``identity_keys`` (their texts), each with
/// its certificate of ``certificate_files``; the keys of ``agent`` (the socket of an SSH agent); ``password``.
/// ``identity_passphrase`` opens encrypted files.
///
/// The host key must stand in a file of ``known_hosts``. With ``host_keys="accept-new"`` an unknown one is taken and
/// recorded in the first of them; with ``"pinned"`` it must be one of ``host_key_fingerprints``, as ``SHA256:…``.
///
/// ``jump`` are the nodes that lead to it, the first reached directly; or ``proxy_command`` is a program and its arguments,
/// in which ``%h``, ``%p`` and ``%r`` become address, port and user. Connecting is tried ``connect_attempts`` times and may
/// take ``connect_timeout`` seconds, if that is less than for the whole call.
///
/// ``become`` is how to become root after the login, with ``become_password`` where sudo asks for one. ``root`` is a folder
/// on the node that holds a whole system, such as a mounted image: files are changed below it and no service is asked or
/// activated. ``local`` means this machine, without SSH. Nodes with one of the ``roles`` ``control-plane``, ``master`` and
/// ``etcd`` are changed last. ``settings`` are laid over those of a call, ``engines`` are those to set, all that are found if
/// empty, and ``containerd_config`` and ``docker_config`` say where an engine has its main configuration.
///
/// >>> node = Node("ops@10.0.0.5:2222", known_hosts=["known_hosts"], become="sudo", become_password="secret")
/// >>> node
/// regconf.Node('10.0.0.5', port=2222, user='ops', known_hosts=('known_hosts',), become='sudo', become_password=...)
/// >>> node.replace(name="n1").place
/// '10.0.0.5:2222'
#[pyclass(frozen, eq, module = "regconf", from_py_object)]
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Node(pub(crate) regconf::Node);

impl Node {
    /// The passphrase that all files have.
    fn passphrase(&self) -> Option<&str> {
        self.0.identities.iter().find_map(|identity| match identity {
            Identity::EncryptedFile(_, passphrase) => Some(passphrase.expose()),
            _ => None,
        })
    }

    fn files(&self) -> Vec<String> {
        let path = |identity: &Identity| match identity {
            Identity::File(path) | Identity::EncryptedFile(path, _) => Some(path.clone()),
            _ => None,
        };
        self.0.identities.iter().filter_map(path).collect()
    }

    fn keys(&self) -> Vec<String> {
        let text = |identity: &Identity| match identity {
            Identity::Key(key) => Some(key.expose().to_owned()),
            _ => None,
        };
        self.0.identities.iter().filter_map(text).collect()
    }

    fn jump_nodes(&self) -> Vec<Self> {
        self.0.jump.iter().map(|host| Self(regconf::Node::clone(host))).collect()
    }

    fn config(&self, engine: &str) -> Option<String> {
        self.0.config_paths.get(engine).cloned()
    }

    fn host_keys_name(&self) -> &'static str {
        match self.0.host_keys {
            HostKeys::AcceptNew => "accept-new",
            HostKeys::Pinned(_) => "pinned",
            _ => "strict",
        }
    }

    fn become_name(&self) -> &'static str {
        match self.0.become_root {
            Become::Sudo => "sudo",
            Become::Doas => "doas",
            _ => "none",
        }
    }

    fn fingerprints(&self) -> Vec<String> {
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

value_methods!(Node {
    #[new]
    #[pyo3(signature = (
        address: "str | None" = None, *, name: "str | None" = None, port: "int | None" = None, user: "str | None" = None,
        identity_files: "Iterable[str | os.PathLike[str]]" = Many(Vec::new()), identity_keys: "Iterable[str]" = Many(Vec::new()),
        identity_passphrase: "str | None" = None, certificate_files: "Iterable[str | os.PathLike[str]]" = Many(Vec::new()),
        agent: "str | os.PathLike[str] | None" = None, password: "str | None" = None,
        known_hosts: "Iterable[str | os.PathLike[str]]" = Many(Vec::new()),
        host_keys: "Literal['strict', 'accept-new', 'pinned']" = "strict",
        host_key_fingerprints: "Iterable[str]" = Many(Vec::new()), jump: "Iterable[Node]" = Many(Vec::new()),
        proxy_command: "Iterable[str]" = Many(Vec::new()), connect_attempts: "int" = 3,
        connect_timeout: "float | None" = None, r#become: "Literal['none', 'sudo', 'doas']" = "none",
        become_password: "str | None" = None, root: "str" = "/", local: "bool" = false, roles: "Iterable[str]" = Many(Vec::new()),
        settings: "Settings | None" = None, engines: "Iterable[str]" = Many(Vec::new()),
        containerd_config: "str | None" = None, docker_config: "str | None" = None
    ))]
    fn new(
        address: Option<&str>,
        name: Option<&str>,
        port: Option<u16>,
        user: Option<&str>,
        identity_files: Many<Place>,
        identity_keys: Many<String>,
        identity_passphrase: Option<&str>,
        certificate_files: Many<Place>,
        agent: Option<Place>,
        password: Option<&str>,
        known_hosts: Many<Place>,
        host_keys: &str,
        host_key_fingerprints: Many<String>,
        jump: Many<Self>,
        proxy_command: Many<String>,
        connect_attempts: u32,
        connect_timeout: Option<f64>,
        r#become: &str,
        become_password: Option<&str>,
        root: &str,
        local: bool,
        roles: Many<String>,
        settings: Option<Settings>,
        engines: Many<String>,
        containerd_config: Option<&str>,
        docker_config: Option<&str>,
    ) -> PyResult<Self> {
        let mut entry = Entry::default();
        entry.texts([
            ("address", address),
            ("name", name),
            ("user", user),
            ("identity_passphrase", identity_passphrase),
            ("agent", agent.as_ref().map(|place| place.0.as_str())),
            ("password", password),
            ("become_password", become_password),
            ("containerd_config", containerd_config),
            ("docker_config", docker_config),
            ("root", Some(root)),
            ("host_keys", Some(&named("host_keys", host_keys.parse::<HostKeysName>())?.0)),
            ("become", Some(&named("become", r#become.parse::<BecomeName>())?.0)),
        ]);
        entry.lists([
            ("identity_files", paths(identity_files)),
            ("certificate_files", paths(certificate_files)),
            ("known_hosts", paths(known_hosts)),
            ("identity_keys", identity_keys.0),
            ("host_key_fingerprints", host_key_fingerprints.0),
            ("proxy_command", proxy_command.0),
            ("roles", roles.0),
            ("engines", engines.0),
        ]);
        entry.0.extend(port.map(|port| ("port".to_owned(), port.into())));
        entry.0.extend(connect_timeout.map(|seconds| ("connect_timeout".to_owned(), number(seconds))));
        entry.0.extend(local.then(|| ("local".to_owned(), true.into())));
        entry.0.extend(settings.map(|settings| ("settings".to_owned(), settings.0.to_json())));
        entry.0.insert("connect_attempts".to_owned(), connect_attempts.into());
        entry.node(jump.0)
    }

    /// Reads a node list in JSON that has this one node.
    #[staticmethod]
    #[pyo3(signature = (text: "str"))]
    fn from_json(text: &str) -> PyResult<Self> {
        let nodes = inventory::parse(text).map_err(raised)?;
        match <[regconf::Node; 1]>::try_from(nodes) {
            Ok([node]) => Ok(Self(node)),
            Err(nodes) => {
                let what = format!("the list has {} nodes, not one", nodes.len());
                Err(wrong(ErrorKind::InvalidArgument, what))
            }
        }
    }

    /// A node list in JSON that has this one node. **Secrets are in it.**
    fn to_json(&self) -> PyResult<String> {
        Ok(inventory::to_json(std::slice::from_ref(&self.0)).map_err(raised)?.to_string())
    }

    /// A node with some arguments of the constructor changed.
    #[pyo3(signature = (**changes: "Any") -> "Node")]
    fn replace<'py>(slf: &Bound<'py, Self>, changes: Option<&Bound<'py, PyDict>>) -> PyResult<Bound<'py, PyAny>> {
        let (places, keywords) = constructor(slf.get(), slf.py())?;
        for address in places {
            keywords.set_item("address", address)?;
        }
        if let Some(changes) = changes {
            keywords.update(changes.as_mapping())?;
        }
        slf.get_type().call((), Some(&keywords))
    }

    /// For ``copy.replace`` of Python 3.13 and later.
    #[pyo3(signature = (**changes: "Any") -> "Node")]
    fn __replace__<'py>(slf: &Bound<'py, Self>, changes: Option<&Bound<'py, PyDict>>) -> PyResult<Bound<'py, PyAny>> {
        Self::replace(slf, changes)
    }

    /// Its DNS name or address; IPv6 without brackets.
    #[getter]
    fn address(&self) -> &str {
        &self.0.address
    }

    /// What it is called in events and in the report.
    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    /// The port of its SSH server; 0 for this machine.
    #[getter]
    fn port(&self) -> u16 {
        self.0.port
    }

    /// The account to log in to.
    #[getter]
    fn user(&self) -> &str {
        &self.0.user
    }

    /// Paths of private keys to try, in this order.
    #[getter]
    fn identity_files(&self) -> Many<String> {
        Many(self.files())
    }

    /// Texts of private keys to try after the files. Secrets.
    #[getter]
    fn identity_keys(&self) -> Many<String> {
        Many(self.keys())
    }

    /// What opens encrypted identity files. A secret.
    #[getter]
    fn identity_passphrase(&self) -> Option<&str> {
        self.passphrase()
    }

    /// Files with certificates of the keys.
    #[getter]
    fn certificate_files(&self) -> Many<String> {
        Many(self.0.certificates.clone())
    }

    /// The socket of an SSH agent.
    #[getter]
    fn agent(&self) -> Option<&str> {
        self.0.agent.as_deref()
    }

    /// The password, tried last. A secret.
    #[getter]
    fn password(&self) -> Option<&str> {
        self.0.password.as_ref().map(regconf::Secret::expose)
    }

    /// Files with host keys, in OpenSSH's ``known_hosts`` format.
    #[getter]
    fn known_hosts(&self) -> Many<String> {
        Many(self.0.known_hosts.clone())
    }

    /// What makes a host key good.
    #[getter]
    fn host_keys(&self) -> HostKeysName {
        HostKeysName(self.host_keys_name().to_owned())
    }

    /// The SHA-256 fingerprints of pinned host keys.
    #[getter]
    fn host_key_fingerprints(&self) -> Many<String> {
        Many(self.fingerprints())
    }

    /// The nodes that lead to it, the first reached directly.
    #[getter]
    fn jump(&self) -> Many<Self> {
        Many(self.jump_nodes())
    }

    /// The program whose standard streams are the connection, and its arguments.
    #[getter]
    fn proxy_command(&self) -> Many<String> {
        Many(self.0.proxy_command.clone())
    }

    /// How often connecting is tried.
    #[getter]
    fn connect_attempts(&self) -> u32 {
        self.0.connect_attempts
    }

    /// How many seconds connecting and logging in may take, if less than for all nodes.
    #[getter]
    fn connect_timeout(&self) -> Option<f64> {
        self.0.connect_timeout.map(|span| span.as_secs_f64())
    }

    /// How to become root after the login.
    #[getter]
    fn r#become(&self) -> BecomeName {
        BecomeName(self.become_name().to_owned())
    }

    /// The account's password for sudo. A secret.
    #[getter]
    fn become_password(&self) -> Option<&str> {
        self.0.become_password.as_ref().map(regconf::Secret::expose)
    }

    /// The folder on the node that holds the system.
    #[getter]
    fn root(&self) -> &str {
        &self.0.root
    }

    /// Whether it is this machine, reached without SSH.
    #[getter]
    fn local(&self) -> bool {
        self.0.is_local
    }

    /// What it does in its cluster.
    #[getter]
    fn roles(&self) -> Many<String> {
        Many(self.0.roles.clone())
    }

    /// Settings of its own, laid over those of a call.
    #[getter]
    fn settings(&self) -> Option<Settings> {
        self.0.settings.clone().map(Settings)
    }

    /// The engines to set; all that are found if empty.
    #[getter]
    fn engines(&self) -> Many<String> {
        Many(self.0.engines.clone())
    }

    /// Where containerd has its main configuration, if not at the usual place.
    #[getter]
    fn containerd_config(&self) -> Option<String> {
        self.config("containerd")
    }

    /// Where docker has its main configuration, if not at the usual place.
    #[getter]
    fn docker_config(&self) -> Option<String> {
        self.config("docker")
    }

    /// Where it is, for people: ``host:port``, with the root after it unless that is ``/``; for this machine the root alone.
    #[getter]
    fn place(&self) -> String {
        self.0.place()
    }

    /// Whether it has one of the roles ``control-plane``, ``master`` and ``etcd``, so that it is changed last.
    #[getter]
    fn is_control_plane(&self) -> bool {
        self.0.is_control_plane()
    }

    fn __str__(&self) -> &str {
        &self.0.name
    }
});

/// An entry of a node list, which the library reads and judges.
#[derive(Default)]
struct Entry(Map<String, Json>);

impl Entry {
    fn texts<const N: usize>(&mut self, texts: [(&str, Option<&str>); N]) {
        self.0.extend(texts.into_iter().filter_map(|(key, text)| Some((key.to_owned(), text?.into()))));
    }

    fn lists<const N: usize>(&mut self, lists: [(&str, Vec<String>); N]) {
        let given = lists.into_iter().filter(|(_, texts)| !texts.is_empty());
        self.0.extend(given.map(|(key, texts)| (key.to_owned(), texts.into())));
    }

    fn node(self, jump: Vec<Node>) -> PyResult<Node> {
        let mut node = self.read().map_err(|error| short(&error))?;
        if jump.is_empty() {
            return Ok(Node(node));
        }
        // As it is written and read again, so that it is equal to what a list gives.
        node.jump = jump.into_iter().map(|host| Arc::new(host.0)).collect();
        let written = inventory::to_json(&[node]).and_then(|list| inventory::parse(&list.to_string()));
        let nodes = written.map_err(|error| short(&error))?;
        only(nodes).map(Node).map_err(raised)
    }

    fn read(self) -> regconf::Result<regconf::Node> {
        inventory::parse(&json!({ "nodes": [self.0] }).to_string()).and_then(only)
    }
}

fn only(nodes: Vec<regconf::Node>) -> regconf::Result<regconf::Node> {
    nodes.into_iter().next().ok_or_else(|| regconf::Error::new(ErrorKind::Internal, "a node was lost"))
}

/// The caller wrote no list.
fn short(error: &regconf::Error) -> PyErr {
    let fault = Fault::from(error).without_key("nodes[0].");
    Python::attach(|py| fault.raised(py))
}

fn paths(places: Many<Place>) -> Vec<String> {
    places.0.into_iter().map(|place| place.0).collect()
}

/// Whole seconds stand as whole numbers.
fn number(seconds: f64) -> Json {
    #[expect(clippy::cast_possible_truncation, reason = "compared right after")]
    let whole = seconds as i64;
    #[expect(clippy::cast_precision_loss, reason = "that is what is looked at")]
    let is_whole = (whole as f64 - seconds).abs() < f64::EPSILON;
    if is_whole { whole.into() } else { seconds.into() }
}
