//! Who to reach and how.

mod entry;
mod parts;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use regconf::{ErrorKind, inventory};

use crate::convert::{Many, Place, named, words};
use crate::error::{raised, wrong};
use crate::settings::Settings;
use crate::value::{constructor, value_methods};
use entry::{Entry, number, paths};

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
