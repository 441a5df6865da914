# Made by tools/stubs.py from the native module; do not edit.
"""
What is written in Rust. Import it from ``regconf``.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Literal, final

from regconf.errors import Error

__all__ = [
    "__version__",
    "Activation",
    "Advice",
    "BatchEvent",
    "Cancel",
    "Client",
    "Endpoint",
    "EngineExplanation",
    "Explanation",
    "Exported",
    "Facts",
    "FileChange",
    "Group",
    "ImageReference",
    "Imported",
    "Node",
    "NodeEvent",
    "NodeReport",
    "Note",
    "Plan",
    "Probe",
    "Pull",
    "Registry",
    "RegistryHost",
    "Remark",
    "Removal",
    "Report",
    "ReportedChange",
    "Resolution",
    "ResolvedHost",
    "Rollout",
    "Settings",
    "Timing",
    "advice",
    "load_inventory",
    "load_nodes",
    "load_nodes_with_warnings",
    "nodes_to_json",
    "parse_inventory",
    "parse_nodes",
    "plan",
    "push",
    "survey",
]
__version__: Final[str]

@final
class Activation:
    """
    A unit and how it is made to read its configuration.
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, *, unit: str, action: Literal["reload", "restart"], manager: str) -> Activation: ...
    def __repr__(self) -> str: ...
    @property
    def action(self) -> Literal["reload", "restart"]:
        """
        It reads its configuration again and goes on, or is stopped and started; containers live on.
        """

    @property
    def manager(self) -> str:
        """
        Who does it: ``systemd``, ``openrc``, ``sysv`` or ``process``.
        """

    @property
    def unit(self) -> str:
        """
        The unit, such as ``docker``; with the manager ``process`` the name of the program, such as ``dockerd``.
        """

@final
class Advice:
    """
    What an error means.
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, *, cause: str, remedy: str) -> Advice: ...
    def __repr__(self) -> str: ...
    def __str__(self) -> str: ...
    @property
    def cause(self) -> str:
        """
        What is wrong, in plain words.
        """

    @property
    def remedy(self) -> str:
        """
        What to do.
        """

@final
class BatchEvent:
    """
    A batch of nodes begins or has ended.
    """

    def __repr__(self) -> str: ...
    @property
    def begins(self) -> bool:
        """
        Whether it begins; if not, the last of its nodes has ended.
        """

    @property
    def kind(self) -> Literal["canary", "nodes", "control_plane"]:
        """
        Which nodes these are: the first few, any, or those of the control plane, which come last.
        """

    @property
    def nodes(self) -> tuple[int, ...]:
        """
        The nodes, by their places in the list that was given.
        """

    @property
    def number(self) -> int:
        """
        The batch, counted from 1.
        """

    @property
    def of(self) -> int:
        """
        How many there are, as far as is known: nodes that cannot be reached are tried again in further ones.
        """

    @property
    def round(self) -> int:
        """
        How many times these nodes have been tried before.
        """

    @property
    def since(self) -> float:
        """
        Seconds since the call began.
        """

    def to_json(self) -> str:
        """
        The event as a JSON object, for logs.
        """

@final
class Cancel:
    """
    The caller's word to stop, shared by threads and calls. A node in the middle of its change finishes it or goes back; no
    other is begun.

    >>> cancel = Cancel()
    >>> cancel.cancel()
    >>> cancel.is_cancelled
    True
    """

    def __new__(cls) -> Cancel: ...
    def __repr__(self) -> str: ...
    def abandon(self) -> None:
        """
        Says stop, and waits for nobody: nodes in the middle of a change are left alone, too. Each finishes its change or goes
        back by itself, but how that ended is not heard: its outcome is ``unknown``, and its next push tells.
        """

    def cancel(self) -> None:
        """
        Says stop.
        """

    @property
    def is_cancelled(self) -> bool:
        """
        Whether stop was said, in either way.
        """

@final
class Client:
    """
    A client certificate and its private key, both PEM.

    They are looked at when an :class:`Endpoint` takes them.
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, certificate: str, key: str) -> Client: ...
    def __repr__(self) -> str: ...
    @property
    def certificate(self) -> str:
        """
        The certificate.
        """

    @property
    def key(self) -> str:
        """
        The private key, a secret.
        """

@final
class Endpoint:
    """
    A URL that serves a registry's content.

    The URL is ``http://`` or ``https://``; the scheme's own port and a ``/`` at the end are dropped. An https endpoint is
    trusted as the node's system trusts, or by the PEM certificates of ``ca``, or not checked at all with ``skip_verify``.
    ``client`` is what the node proves itself with. ``headers`` are sent with every request. With ``override_path`` the path
    of the URL is used as it is, without ``/v2``. ``capabilities`` are what it may be asked for, pull and resolve if empty.

    >>> endpoint = Endpoint("https://reg.lab:443/", headers={"Authorization": "Basic …"})
    >>> endpoint
    regconf.Endpoint('https://reg.lab', headers={'Authorization': ...})
    >>> Endpoint("http://reg.lab", skip_verify=True)
    Traceback (most recent call last):
    regconf.errors.InvalidArgumentError: skip_verify: http://reg.lab is plain http, which has no TLS settings; ...
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(
        cls,
        url: str,
        *,
        skip_verify: bool = False,
        ca: str | None = None,
        client: Client | None = None,
        headers: Mapping[str, str | Iterable[str]] | None = None,
        override_path: bool = False,
        capabilities: Iterable[Literal["pull", "resolve", "push", "referrers"]] = ...,
    ) -> Endpoint: ...
    def __repr__(self) -> str: ...
    def __str__(self) -> str: ...
    @property
    def authority(self) -> str:
        """
        ``host`` or ``host:port``, the scheme's own port left out.
        """

    @property
    def ca(self) -> str | None:
        """
        The PEM certificates that it is trusted by.
        """

    @property
    def capabilities(self) -> tuple[Literal["pull", "resolve", "push", "referrers"], ...]:
        """
        What it may be asked for; empty means pull and resolve.
        """

    @property
    def client(self) -> Client | None:
        """
        What the node proves itself with.
        """

    @staticmethod
    def from_json(text: str) -> Endpoint:
        """
        Reads an entry of a registry's ``endpoints`` in the JSON form of settings.
        """

    @property
    def headers(self) -> dict[str, tuple[str, ...]]:
        """
        The headers sent with every request, each with its values, which are secrets.
        """

    @property
    def host(self) -> str:
        """
        The host; IPv6 keeps its brackets.
        """

    @property
    def is_http(self) -> bool:
        """
        Whether it is plain http.
        """

    @property
    def override_path(self) -> bool:
        """
        Whether the path of the URL is used as it is, without ``/v2``.
        """

    @property
    def path(self) -> str:
        """
        The path without a slash at the end; empty when there is none.
        """

    @property
    def port(self) -> int:
        """
        The port, or the scheme's own.
        """

    @property
    def skip_verify(self) -> bool:
        """
        Whether any certificate is taken.
        """

    def to_json(self) -> str:
        """
        The entry of a registry's ``endpoints`` that is read as this. **Secrets are in it.**
        """

    @property
    def url(self) -> str:
        """
        Its address.
        """

@final
class EngineExplanation:
    """
    Where one engine looks for an image, before a plan is applied and after.
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, *, engine: str, before: Resolution, after: Resolution) -> EngineExplanation: ...
    def __repr__(self) -> str: ...
    @property
    def after(self) -> Resolution:
        """
        As the node is once the plan is applied.
        """

    @property
    def before(self) -> Resolution:
        """
        As the node is.
        """

    @property
    def engine(self) -> str:
        """
        The engine, such as ``containerd``.
        """

@final
class Explanation:
    """
    Where the engines of a node look for an image, before a plan is applied and after. Its text is for people.
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self) -> tuple[Any, ...]:
        """
        By the plan and the facts, which pickle and copy explain again.
        """

    def __repr__(self) -> str: ...
    def __str__(self) -> str: ...
    @property
    def engines(self) -> tuple[EngineExplanation, ...]:
        """
        An entry for each engine on the node.
        """

    @property
    def image(self) -> ImageReference:
        """
        The image, made whole.
        """

    def to_json(self) -> str:
        """
        The explanation as a JSON object.
        """

@final
class Exported:
    """
    Settings written in another tool's form.
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, *, text: str, remarks: Iterable[Remark]) -> Exported: ...
    def __repr__(self) -> str: ...
    @property
    def remarks(self) -> tuple[Remark, ...]:
        """
        What that form cannot say.
        """

    @property
    def text(self) -> str:
        """
        The text. Secrets may be in it.
        """

@final
class Facts:
    """
    What a node says of its files and engines, to plan for it without reaching it.

    ``files`` are existing files by their absolute paths; what is not given is not there, and the folders are those that the
    files need. ``folders`` adds folders with the names in them, those of folders with a ``/`` at the end. ``versions`` are
    engines and what runs there, such as ``{"containerd": "1.7.24"}``; ``assumed_versions`` count where an engine is found and
    its version is not known. ``engines`` are those to be set, all that are found if empty. ``config_paths`` says where an
    engine has its main configuration. An engine is on the node when there is a file below ``/etc/containerd`` or
    ``/etc/docker``, or when its version is known.

    ``answers`` are pairs of a question and its answer for what is not about a file's bytes. A question is a mapping with
    one key: ``unit``, ``command`` (a list of words), ``daemon``, ``program``, ``dir`` or ``modified``. An answer is a text,
    None where there is no such thing, or a mapping with one key: ``text``, ``names`` (a list) or ``unusable``.

    >>> facts = Facts({"/etc/docker/daemon.json": "{}"}, versions={"docker": "28.0.1"})
    >>> facts.files
    {'/etc/docker/daemon.json': b'{}'}
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(
        cls,
        files: Mapping[str, bytes | str] | None = None,
        *,
        folders: Mapping[str, Iterable[str]] | None = None,
        versions: Mapping[str, str] | None = None,
        assumed_versions: Mapping[str, str] | None = None,
        engines: Iterable[str] = ...,
        config_paths: Mapping[str, str] | None = None,
        answers: Iterable[tuple[Mapping[str, Any], Mapping[str, Any] | str | bytes | None]] = ...,
    ) -> Facts: ...
    def __repr__(self) -> str: ...
    @property
    def files(self) -> dict[str, bytes]:
        """
        The files and their bytes; a copy.
        """

@final
class FileChange:
    """
    One file's bytes before and after.
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(
        cls,
        *,
        path: str,
        kind: Literal["create", "change", "delete"],
        before: bytes | str | None,
        after: bytes | str | None,
        mode: int,
        diff: str,
    ) -> FileChange: ...
    def __repr__(self) -> str: ...
    @property
    def after(self) -> bytes | None:
        """
        The bytes to be; None when the file goes. Secrets may be in them.
        """

    @property
    def before(self) -> bytes | None:
        """
        The bytes that the plan was made from; None when there is no file. Secrets may be in them.
        """

    @property
    def diff(self) -> str:
        """
        The change as a unified diff, secrets left out.
        """

    @property
    def kind(self) -> Literal["create", "change", "delete"]:
        """
        What becomes of it.
        """

    @property
    def mode(self) -> int:
        """
        The permission bits of a new file. A file that exists keeps its own.
        """

    @property
    def path(self) -> str:
        """
        The file's absolute path on the node.
        """

@final
class Group:
    """
    Nodes that had the same end. Its text is for people.
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(
        cls,
        *,
        outcome: Literal[
            "unchanged",
            "changed",
            "pending",
            "unverified",
            "failed",
            "unreachable",
            "rolled_back",
            "unknown",
            "not_tried",
        ],
        diff: str,
        activations: Iterable[Activation],
        error: str | None,
        nodes: Iterable[str],
    ) -> Group: ...
    def __repr__(self) -> str: ...
    def __str__(self) -> str: ...
    @property
    def activations(self) -> tuple[Activation, ...]:
        """
        What was or is to be activated on each of them.
        """

    @property
    def diff(self) -> str:
        """
        What was or is to be changed on each of them, as a unified diff without secrets; empty if there is nothing.
        """

    @property
    def error(self) -> str | None:
        """
        The text of the error that each of them had.
        """

    @property
    def nodes(self) -> tuple[str, ...]:
        """
        Their names, in the order given.
        """

    @property
    def outcome(
        self,
    ) -> Literal[
        "unchanged", "changed", "pending", "unverified", "failed", "unreachable", "rolled_back", "unknown", "not_tried"
    ]:
        """
        How they ended.
        """

@final
class ImageReference:
    """
    An image as in ``docker pull`` and a pod's ``image:``, made whole.

    Without a host it is ``docker.io``, there a single name is below ``library/``, and without tag and digest the tag is
    ``latest``.

    >>> str(ImageReference("busybox"))
    'docker.io/library/busybox:latest'
    >>> ImageReference("[fd00::1]:5000/team/app:v1").repository
    'team/app'
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __ge__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __gt__(self, value: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __le__(self, value: object, /) -> bool: ...
    def __lt__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, text: str) -> ImageReference: ...
    def __repr__(self) -> str: ...
    def __str__(self) -> str: ...
    @property
    def digest(self) -> str | None:
        """
        The digest, such as ``sha256:…``.
        """

    @property
    def host(self) -> RegistryHost:
        """
        The registry host, ``docker.io`` where none is written.
        """

    @property
    def repository(self) -> str:
        """
        The repository, such as ``library/busybox``.
        """

    @property
    def tag(self) -> str | None:
        """
        The tag, ``latest`` where neither tag nor digest is written. With a digest engines do not ask for it.
        """

@final
class Imported:
    """
    Nodes and settings as they were found.
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(
        cls,
        *,
        format: Literal["lines", "json", "openssh", "kuboard-spray", "kubespray", "rke", "kubekey", "k3s", "kubeasz"],
        nodes: Iterable[Node],
        settings: Settings,
        remarks: Iterable[Remark],
    ) -> Imported: ...
    def __repr__(self) -> str: ...
    @property
    def format(
        self,
    ) -> Literal["lines", "json", "openssh", "kuboard-spray", "kubespray", "rke", "kubekey", "k3s", "kubeasz"]:
        """
        The form that was read.
        """

    @property
    def nodes(self) -> tuple[Node, ...]:
        """
        The nodes, in the order in which they were found; none if the form has only registries. What one node has of its own
        stands in its ``settings``.
        """

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """
        What was decided and what was left out, in the order of the files.
        """

    @property
    def settings(self) -> Settings:
        """
        What is wanted of every node.
        """

    def to_json(self) -> str:
        """
        A JSON object with ``format``, ``nodes`` (a node list), ``settings`` and ``remarks``. **Secrets are in it.**
        """

@final
class Node:
    """
    A machine and how to log in to it. The arguments are the keys of an entry of a node list.

    ``address`` is ``[user@]host[:port]``, IPv6 in brackets when a port follows; user ``root`` and port 22 if not said
    otherwise. ``name`` is what it is called in events and reports, the address if not given.

    Logins are tried in this order: ``identity_files`` (paths of private keys) and ``identity_keys`` (their texts), each with
    its certificate of ``certificate_files``; the keys of ``agent`` (the socket of an SSH agent); ``password``.
    ``identity_passphrase`` opens encrypted files.

    The host key must stand in a file of ``known_hosts``. With ``host_keys="accept-new"`` an unknown one is taken and
    recorded in the first of them; with ``"pinned"`` it must be one of ``host_key_fingerprints``, as ``SHA256:…``.

    ``jump`` are the nodes that lead to it, the first reached directly; or ``proxy_command`` is a program and its arguments,
    in which ``%h``, ``%p`` and ``%r`` become address, port and user. Connecting is tried ``connect_attempts`` times and may
    take ``connect_timeout`` seconds, if that is less than for the whole call.

    ``become`` is how to become root after the login, with ``become_password`` where sudo asks for one. ``root`` is a folder
    on the node that holds a whole system, such as a mounted image: files are changed below it and no service is asked or
    activated. ``local`` means this machine, without SSH. Nodes with one of the ``roles`` ``control-plane``, ``master`` and
    ``etcd`` are changed last. ``settings`` are laid over those of a call, ``engines`` are those to set, all that are found if
    empty, and ``containerd_config`` and ``docker_config`` say where an engine has its main configuration.

    >>> node = Node("ops@10.0.0.5:2222", known_hosts=["known_hosts"], become="sudo", become_password="secret")
    >>> node
    regconf.Node('10.0.0.5', port=2222, user='ops', known_hosts=('known_hosts',), become='sudo', become_password=...)
    >>> node.replace(name="n1").place
    '10.0.0.5:2222'
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(
        cls,
        address: str | None = None,
        *,
        name: str | None = None,
        port: int | None = None,
        user: str | None = None,
        identity_files: Iterable[str | os.PathLike[str]] = ...,
        identity_keys: Iterable[str] = ...,
        identity_passphrase: str | None = None,
        certificate_files: Iterable[str | os.PathLike[str]] = ...,
        agent: str | os.PathLike[str] | None = None,
        password: str | None = None,
        known_hosts: Iterable[str | os.PathLike[str]] = ...,
        host_keys: Literal["strict", "accept-new", "pinned"] = "strict",
        host_key_fingerprints: Iterable[str] = ...,
        jump: Iterable[Node] = ...,
        proxy_command: Iterable[str] = ...,
        connect_attempts: int = 3,
        connect_timeout: float | None = None,
        become: Literal["none", "sudo", "doas"] = "none",
        become_password: str | None = None,
        root: str = "/",
        local: bool = False,
        roles: Iterable[str] = ...,
        settings: Settings | None = None,
        engines: Iterable[str] = ...,
        containerd_config: str | None = None,
        docker_config: str | None = None,
    ) -> Node: ...
    def __replace__(self, **changes: Any) -> Node:
        """
        For ``copy.replace`` of Python 3.13 and later.
        """

    def __repr__(self) -> str: ...
    def __str__(self) -> str: ...
    @property
    def address(self) -> str:
        """
        Its DNS name or address; IPv6 without brackets.
        """

    @property
    def agent(self) -> str | None:
        """
        The socket of an SSH agent.
        """

    @property
    def become(self) -> Literal["none", "sudo", "doas", "su"]:
        """
        How to become root after the login.
        """

    @property
    def become_password(self) -> str | None:
        """
        The account's password for sudo. A secret.
        """

    @property
    def certificate_files(self) -> tuple[str, ...]:
        """
        Files with certificates of the keys.
        """

    @property
    def connect_attempts(self) -> int:
        """
        How often connecting is tried.
        """

    @property
    def connect_timeout(self) -> float | None:
        """
        How many seconds connecting and logging in may take, if less than for all nodes.
        """

    @property
    def containerd_config(self) -> str | None:
        """
        Where containerd has its main configuration, if not at the usual place.
        """

    @property
    def docker_config(self) -> str | None:
        """
        Where docker has its main configuration, if not at the usual place.
        """

    @property
    def engines(self) -> tuple[str, ...]:
        """
        The engines to set; all that are found if empty.
        """

    @staticmethod
    def from_json(text: str) -> Node:
        """
        Reads a node list in JSON that has this one node.
        """

    @property
    def host_key_fingerprints(self) -> tuple[str, ...]:
        """
        The SHA-256 fingerprints of pinned host keys.
        """

    @property
    def host_keys(self) -> Literal["strict", "accept-new", "pinned"]:
        """
        What makes a host key good.
        """

    @property
    def identity_files(self) -> tuple[str, ...]:
        """
        Paths of private keys to try, in this order.
        """

    @property
    def identity_keys(self) -> tuple[str, ...]:
        """
        Texts of private keys to try after the files. Secrets.
        """

    @property
    def identity_passphrase(self) -> str | None:
        """
        What opens encrypted identity files. A secret.
        """

    @property
    def is_control_plane(self) -> bool:
        """
        Whether it has one of the roles ``control-plane``, ``master`` and ``etcd``, so that it is changed last.
        """

    @property
    def jump(self) -> tuple[Node, ...]:
        """
        The nodes that lead to it, the first reached directly.
        """

    @property
    def known_hosts(self) -> tuple[str, ...]:
        """
        Files with host keys, in OpenSSH's ``known_hosts`` format.
        """

    @property
    def local(self) -> bool:
        """
        Whether it is this machine, reached without SSH.
        """

    @property
    def name(self) -> str:
        """
        What it is called in events and in the report.
        """

    @property
    def password(self) -> str | None:
        """
        The password, tried last. A secret.
        """

    @property
    def place(self) -> str:
        """
        Where it is, for people: ``host:port``, with the root after it unless that is ``/``; for this machine the root alone.
        """

    @property
    def port(self) -> int:
        """
        The port of its SSH server; 0 for this machine.
        """

    @property
    def proxy_command(self) -> tuple[str, ...]:
        """
        The program whose standard streams are the connection, and its arguments.
        """

    def replace(self, **changes: Any) -> Node:
        """
        A node with some arguments of the constructor changed.
        """

    @property
    def roles(self) -> tuple[str, ...]:
        """
        What it does in its cluster.
        """

    @property
    def root(self) -> str:
        """
        The folder on the node that holds the system.
        """

    @property
    def settings(self) -> Settings | None:
        """
        Settings of its own, laid over those of a call.
        """

    def to_json(self) -> str:
        """
        A node list in JSON that has this one node. **Secrets are in it.**
        """

    @property
    def user(self) -> str:
        """
        The account to log in to.
        """

@final
class NodeEvent:
    """
    Something happened on a node.
    """

    def __repr__(self) -> str: ...
    @property
    def batch(self) -> int:
        """
        The node's batch, counted from 1; 0 for a node whose turn never came.
        """

    @property
    def elapsed(self) -> float:
        """
        Seconds since the node's turn began.
        """

    @property
    def index(self) -> int:
        """
        The node's place in the list that was given, counted from 0.
        """

    @property
    def name(self) -> str:
        """
        The node's name.
        """

    @property
    def plan(self) -> Plan | None:
        """
        What there is to do, when that is known: at the stage ``planned``.
        """

    @property
    def report(self) -> NodeReport | None:
        """
        How it ended: at the stages ``postponed`` and ``finished``.
        """

    @property
    def since(self) -> float:
        """
        Seconds since the call began.
        """

    @property
    def stage(self) -> Literal["connecting", "gathering", "planned", "applying", "postponed", "finished"]:
        """
        How far it has come: ``finished`` comes once for each node; ``postponed`` means that it cannot be reached and is tried
        again after the others.
        """

    @property
    def step(self) -> str | None:
        """
        The step of the change that begins, such as ``restart containerd``: at the stage ``applying``.
        """

    def to_json(self) -> str:
        """
        The event as a JSON object, for logs. Holds no secret.
        """

@final
class NodeReport:
    """
    What happened on one node. All but ``plan`` is in its JSON, by which it is compared and pickled.
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self) -> tuple[Any, ...]:
        """
        By its JSON, for pickle and copy.
        """

    def __repr__(self) -> str: ...
    @property
    def activations(self) -> tuple[Activation, ...]:
        """
        What was or is to be activated.
        """

    @property
    def address(self) -> str:
        """
        Where it is: ``host:port``, with the root after it unless that is ``/``; for this machine the root alone.
        """

    @property
    def batch(self) -> int:
        """
        The batch that it was in, counted from 1; 0 if its turn did not come.
        """

    @property
    def changes(self) -> tuple[ReportedChange, ...]:
        """
        The files that were or are to be changed.
        """

    @property
    def diff(self) -> str:
        """
        What was or is to be changed, as a unified diff without secrets.
        """

    @property
    def error(self) -> Error | None:
        """
        Why it did not end well.
        """

    @staticmethod
    def from_json(text: str) -> NodeReport:
        """
        Reads the JSON object that :meth:`to_json` gives.
        """

    @property
    def is_failure(self) -> bool:
        """
        Whether it did not end well, and the caller has not said that it may end so.
        """

    @property
    def name(self) -> str:
        """
        The node's name.
        """

    @property
    def notes(self) -> tuple[Note, ...]:
        """
        What there is to know.
        """

    @property
    def outcome(
        self,
    ) -> Literal[
        "unchanged", "changed", "pending", "unverified", "failed", "unreachable", "rolled_back", "unknown", "not_tried"
    ]:
        """
        How it ended.

        ``unchanged``, ``changed`` and ``pending`` are well; ``pending`` means that it was only asked what there is to do.
        ``unverified``: as wanted, but an image cannot be pulled. ``failed`` and ``unreachable``: nothing was changed.
        ``rolled_back``: everything was put back. ``unknown``: somebody must look. ``not_tried``: its change was not begun.
        """

    @property
    def plan(self) -> Plan | None:
        """
        What was to be done; None if it did not come to a plan, and for a report that was read from JSON or unpickled.
        """

    @property
    def probes(self) -> tuple[Probe, ...]:
        """
        What answers at the registries' addresses, if that was asked.
        """

    @property
    def pulls(self) -> tuple[Pull, ...]:
        """
        The pulls that were asked for.
        """

    @property
    def resumed(self) -> bool:
        """
        Whether that was so in an earlier call, as the journal says, and nothing was done now.
        """

    @property
    def seconds(self) -> float:
        """
        How many seconds its turn took.
        """

    @property
    def timing(self) -> Timing:
        """
        How many seconds each phase of that took.
        """

    def to_json(self) -> str:
        """
        The node's entry in the report's JSON.
        """

    @property
    def tolerated(self) -> bool:
        """
        Whether the caller has said that such an end is no failure.
        """

    @property
    def verified(self) -> tuple[str, ...]:
        """
        What was seen to hold after the change, such as ``containerd answers its CRI``.
        """

@final
class Note:
    """
    Something the caller should know.
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, *, engine: str, host: RegistryHost | None, text: str) -> Note: ...
    def __repr__(self) -> str: ...
    def __str__(self) -> str: ...
    @property
    def engine(self) -> str:
        """
        The engine it is about; ``node`` if it is about the node itself.
        """

    @property
    def host(self) -> RegistryHost | None:
        """
        The registry host it is about, if it is about one.
        """

    @property
    def text(self) -> str:
        """
        What there is to know.
        """

@final
class Plan:
    """
    What is to be done on one node, made by :func:`plan`. An empty plan is false and means that everything is as wanted.

    >>> facts = Facts({"/etc/docker/daemon.json": "{}"})
    >>> plan(Settings(ensure=[Registry("reg.lab:5000", insecure="http")]), facts).changes[0].after
    b'{\\n  "insecure-registries": ["reg.lab:5000"]\\n}'
    >>> bool(plan(Settings(), facts))
    False
    """

    def __bool__(self) -> bool: ...
    def __copy__(self) -> Plan:
        """
        A plan never changes: this is the plan itself.
        """

    def __deepcopy__(self, memo: object) -> Plan:
        """
        A plan never changes: this is the plan itself.
        """

    def __eq__(self, value: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self) -> tuple[Any, ...]:
        """
        By what it was made from, which pickle and copy make it from again.
        """

    def __repr__(self) -> str: ...
    @property
    def activations(self) -> tuple[Activation, ...]:
        """
        What is activated after that, each unit once.
        """

    @property
    def changes(self) -> tuple[FileChange, ...]:
        """
        The files, in the order in which they are written: a file that refers to another comes after it.
        """

    def diff(self) -> str:
        """
        The changes as a unified diff. Values of keys that hold secrets are left out.
        """

    def explain(self, image: str | ImageReference, facts: Facts) -> Explanation:
        """
        Where each engine on the node looks for an image, before the plan is applied and after.

        ``facts`` are those that the plan was made from; others are a :class:`StaleError` where its files differ.

        >>> facts = Facts({"/etc/containerd/config.toml": "version = 2\\n"}, versions={"containerd": "1.7.24"})
        >>> wanted = Settings(ensure=[Registry("my-registry.com", endpoints=["http://192.168.30.56:5000"])])
        >>> explained = plan(wanted, facts).explain("my-registry.com/team/app:v1", facts)
        >>> explained.engines[0].after.hosts[0].url
        'http://192.168.30.56:5000/v2'
        """

    @property
    def is_empty(self) -> bool:
        """
        Whether nothing is to be done: no file to write and no engine to activate.
        """

    @property
    def notes(self) -> tuple[Note, ...]:
        """
        What the caller should know.
        """

    def to_json(self) -> str:
        """
        The plan as a JSON object: ``changes`` with their diffs, ``activations`` and ``notes``. Holds no secret.
        """

@final
class Probe:
    """
    What a registry's address answered a node at ``/v2/``.
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, *, url: str, found: str, is_usable: bool, text: str) -> Probe: ...
    def __repr__(self) -> str: ...
    def __str__(self) -> str: ...
    @property
    def found(self) -> str:
        """
        What was found there: ``http``, ``https``, ``https_untrusted``, ``refused``, ``unreachable``, ``unknown_name``,
        ``other`` or ``not_asked``.
        """

    @property
    def is_usable(self) -> bool:
        """
        Whether an engine that is set up so can use what was found.
        """

    @property
    def text(self) -> str:
        """
        That in words, with what to do if it cannot be used.
        """

    @property
    def url(self) -> str:
        """
        The endpoint, as in the settings.
        """

@final
class Pull:
    """
    A pull of an image on a node by one of its engines.
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(
        cls, *, engine: str, program: str, image: str, passed: bool, text: str, cause: str | None, remedy: str | None
    ) -> Pull: ...
    def __repr__(self) -> str: ...
    @property
    def cause(self) -> str | None:
        """
        Why it failed, in plain words, if the error is one that is known.
        """

    @property
    def engine(self) -> str:
        """
        The engine, such as ``containerd``.
        """

    @property
    def image(self) -> str:
        """
        The image, as it was asked for.
        """

    @property
    def passed(self) -> bool:
        """
        Whether it was pulled.
        """

    @property
    def program(self) -> str:
        """
        The program that pulled, such as ``crictl``; empty if the node has none.
        """

    @property
    def remedy(self) -> str | None:
        """
        What to do about it.
        """

    @property
    def text(self) -> str:
        """
        What the engine said last.
        """

@final
class Registry:
    """
    A registry host and the endpoints that serve its content, in the order tried.

    ``insecure`` means the host itself instead of endpoints: over plain http, or over https with any certificate.
    ``fallback`` says whether the engine may go to the host's own address when all endpoints fail; without, it may for
    ``docker.io`` and ``_default`` only. ``engines`` restricts it to engines such as ``docker``; without, every engine found
    on the node is set up.

    >>> Registry("my-registry.com", endpoints=["http://192.168.30.56:5000"])
    regconf.Registry('my-registry.com', endpoints=('http://192.168.30.56:5000',))
    >>> Registry("192.168.30.56:5000", insecure="http").endpoints[0].url
    'http://192.168.30.56:5000'
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(
        cls,
        host: str | RegistryHost,
        *,
        endpoints: Iterable[str | Endpoint] = ...,
        insecure: Literal["http", "skip_verify"] | None = None,
        fallback: bool | None = None,
        engines: Iterable[str] = ...,
    ) -> Registry: ...
    def __repr__(self) -> str: ...
    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """
        Where the content is, in the order tried; empty for a CIDR block, which means its addresses themselves.
        """

    @property
    def engines(self) -> tuple[str, ...]:
        """
        The engines to set up; empty means every engine found on the node.
        """

    @property
    def fallback(self) -> bool | None:
        """
        Whether the engine may go to the host's own address when all endpoints fail, if it was said.
        """

    @property
    def falls_back(self) -> bool:
        """
        Whether the engine may go to the host's own address when all endpoints fail, said or not.
        """

    @staticmethod
    def from_json(text: str) -> Registry:
        """
        Reads an entry of ``ensure`` in the JSON form of settings.
        """

    @property
    def host(self) -> RegistryHost:
        """
        What stands before the first ``/`` of an image reference.
        """

    def to_json(self) -> str:
        """
        The entry of ``ensure`` that is read as this. **Secrets are in it.**
        """

@final
class RegistryHost:
    """
    What stands before the first ``/`` of an image reference: ``host``, ``host:port`` or ``[IPv6]:port``.

    docker's list also knows a CIDR block such as ``10.0.0.0/8``, containerd also ``_default``. Letter case is kept, because
    both engines compare case-sensitively. Hosts can be compared and sorted.

    >>> host = RegistryHost("192.168.30.56:5000")
    >>> host.name, host.port, str(host)
    ('192.168.30.56', 5000, '192.168.30.56:5000')
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __ge__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __gt__(self, value: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __le__(self, value: object, /) -> bool: ...
    def __lt__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, text: str) -> RegistryHost: ...
    def __repr__(self) -> str: ...
    def __str__(self) -> str: ...
    @property
    def cidr(self) -> str | None:
        """
        The CIDR block, if this is one, such as ``10.0.0.0/8``.
        """

    @property
    def is_default(self) -> bool:
        """
        Whether this is ``_default``, containerd's entry for all hosts that have none of their own.
        """

    @property
    def is_docker_hub(self) -> bool:
        """
        Whether this is Docker Hub, ``docker.io``.
        """

    @property
    def name(self) -> str:
        """
        The name or address without the port; IPv6 keeps its brackets. Empty for a CIDR block.
        """

    @property
    def port(self) -> int | None:
        """
        The port, where one is written.
        """

@final
class Remark:
    """
    What was decided, or left out, and where it stands. Never holds a secret. Its text reads ``file:line: key: text``.
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(
        cls,
        *,
        kind: Literal["decided", "ineffective", "unknown", "unresolved", "skipped"],
        path: str | None,
        line: int | None,
        key: str,
        text: str,
    ) -> Remark: ...
    def __repr__(self) -> str: ...
    def __str__(self) -> str: ...
    @property
    def key(self) -> str:
        """
        The key, such as ``containerd_registries_mirrors[0].mirrors[1].skip_verify``; empty if it is about none.
        """

    @property
    def kind(self) -> Literal["decided", "ineffective", "unknown", "unresolved", "skipped"]:
        """
        ``decided``: something was left open, and it was decided. ``ineffective``: it has no effect where it stands.
        ``unknown``: it seems to be about registries or nodes and is not known. ``unresolved``: its value stands elsewhere
        or must be computed. ``skipped``: a host or an entry that was left out.
        """

    @property
    def line(self) -> int | None:
        """
        The line, counted from 1.
        """

    @property
    def path(self) -> str | None:
        """
        The file, if one was read.
        """

    @property
    def text(self) -> str:
        """
        What there is to say, and what to do.
        """

@final
class Removal:
    """
    A registry to take out again.

    ``endpoints`` names the endpoints to take out, whoever wrote them; without, what regconf put there is taken out. In
    docker's ``registry-mirrors`` nothing tells who wrote an entry, so that for ``docker.io`` they must be named. ``engines``
    restricts it to engines such as ``docker``.

    >>> Removal("docker.io", endpoints=["https://mirror.lab"], engines=["docker"])
    regconf.Removal('docker.io', endpoints=('https://mirror.lab',), engines=('docker',))
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(
        cls, host: str | RegistryHost, *, endpoints: Iterable[str] = ..., engines: Iterable[str] = ...
    ) -> Removal: ...
    def __repr__(self) -> str: ...
    @property
    def endpoints(self) -> tuple[str, ...]:
        """
        The URLs of the endpoints to take out; empty means what regconf put there.
        """

    @property
    def engines(self) -> tuple[str, ...]:
        """
        The engines to take it out of; empty means every engine found on the node.
        """

    @staticmethod
    def from_json(text: str) -> Removal:
        """
        Reads an entry of ``remove`` in the JSON form of settings: a host as a text, or an object.
        """

    @property
    def host(self) -> RegistryHost:
        """
        The registry host.
        """

    def to_json(self) -> str:
        """
        The entry of ``remove`` that is read as this.
        """

@final
class Report:
    """
    What happened on each node, in the order in which the nodes were given. Its text is for people: a line for each group of
    nodes with the same end and, where something changes, the diff.

    ``report["n1"]`` and ``report[0]`` are the report of one node; ``len(report)`` and a loop over it are about all.
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __getitem__(self, key: int | str, /) -> NodeReport: ...
    def __hash__(self) -> int: ...
    def __iter__(self) -> Iterator[NodeReport]: ...
    def __len__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self) -> tuple[Any, ...]:
        """
        By its JSON, for pickle and copy.
        """

    def __repr__(self) -> str: ...
    def __str__(self) -> str: ...
    @property
    def failures(self) -> tuple[NodeReport, ...]:
        """
        The nodes that did not end well, without those that may be unreachable.
        """

    @staticmethod
    def from_json(text: str) -> Report:
        """
        Reads the JSON form, as ``schema/report.schema.json`` describes it. What a later release has added is kept; another
        version is refused with an :class:`UnsupportedError`.
        """

    @property
    def groups(self) -> tuple[Group, ...]:
        """
        Which nodes had the same end: the same outcome, the same changes, the same error.
        """

    @property
    def nodes(self) -> tuple[NodeReport, ...]:
        """
        One entry for each node.
        """

    def raise_for_failures(self) -> None:
        """
        Raises an error if some node failed, if some was not begun, or if none ended well.

        It has the kind and the text of the first node that failed, whose name is its ``node``; its attribute ``report`` is
        this report.
        """

    @property
    def stopped(self) -> Error | None:
        """
        Why some nodes were not begun; None if all were.
        """

    def to_json(self) -> str:
        """
        The JSON form, which :meth:`from_json` reads as an equal report. Holds no secret.
        """

@final
class ReportedChange:
    """
    The change of a file, as a report tells of it: without its bytes.
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, *, path: str, kind: Literal["create", "change", "delete"], diff: str) -> ReportedChange: ...
    def __repr__(self) -> str: ...
    @property
    def diff(self) -> str:
        """
        The change as a unified diff, secrets left out.
        """

    @property
    def kind(self) -> Literal["create", "change", "delete"]:
        """
        What becomes of it.
        """

    @property
    def path(self) -> str:
        """
        The file's absolute path on the node.
        """

@final
class Resolution:
    """
    What one engine makes of its files for one registry host.
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, *, file: str | None, hosts: Iterable[ResolvedHost], notes: Iterable[str]) -> Resolution: ...
    def __repr__(self) -> str: ...
    @property
    def file(self) -> str | None:
        """
        The file or folder that decides; None where the engine's defaults do.
        """

    @property
    def hosts(self) -> tuple[ResolvedHost, ...]:
        """
        The hosts in the order in which they are asked. Empty where the engine asks none, or it is not known; a note
        says which.
        """

    @property
    def notes(self) -> tuple[str, ...]:
        """
        What there is to know, such as a file that is ignored.
        """

@final
class ResolvedHost:
    """
    An address that an engine asks, and how.
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(
        cls,
        *,
        url: str,
        capabilities: Iterable[Literal["pull", "resolve", "push", "referrers"]],
        trust: Literal["system", "skip_verify", "plain_http", "ca_files"],
        ca_files: Iterable[str],
        http_fallback: bool,
        client_certificates: Iterable[str],
        headers: Iterable[str],
        is_fallback: bool,
    ) -> ResolvedHost: ...
    def __repr__(self) -> str: ...
    @property
    def ca_files(self) -> tuple[str, ...]:
        """
        The files with the certificates that it is trusted by.
        """

    @property
    def capabilities(self) -> tuple[Literal["pull", "resolve", "push", "referrers"], ...]:
        """
        What the host may be asked for.
        """

    @property
    def client_certificates(self) -> tuple[str, ...]:
        """
        The files of client certificates.
        """

    @property
    def headers(self) -> tuple[str, ...]:
        """
        The names of the headers sent along; their values may be secrets.
        """

    @property
    def http_fallback(self) -> bool:
        """
        Whether plain http is tried when https fails in a way that tells of it.
        """

    @property
    def is_fallback(self) -> bool:
        """
        Whether it is what an engine asks when all that is listed fails.
        """

    @property
    def trust(self) -> Literal["system", "skip_verify", "plain_http", "ca_files"]:
        """
        How it proves who it is: by a certificate that the node's system trusts, not at all, not at all over plain
        http, or by the certificates in ``ca_files`` too.
        """

    @property
    def url(self) -> str:
        """
        What stands before ``/<repository>/manifests/…``, such as ``https://mirror.lab/v2``.
        """

@final
class Rollout:
    """
    The plans of many nodes, not carried out yet.
    """

    def __repr__(self) -> str: ...
    def apply(
        self,
        *,
        parallel: int = 0,
        parallel_apply: int = 0,
        canary: int = 0,
        batch: int | str = ...,
        control_plane_batch: int = 1,
        pause: float = 0.0,
        max_failures: int | str | None = None,
        unreachable: str = "fail",
        journal: str | os.PathLike[str] | None = None,
        connect_timeout: float = 15.0,
        deadline: float = 120.0,
        dry_run: bool = False,
        verify_pull: Iterable[str | ImageReference] = ...,
        probe: bool = False,
        assume: Mapping[str, str] | None = None,
        on_event: Callable[[NodeEvent | BatchEvent], object] | None = None,
        cancel: Cancel | None = None,
    ) -> Report:
        """
        Carries the plans out, in batches as the keywords say. Each node is connected to again; a file that has
        changed since the survey stops its node with a :class:`StaleError`.

        An exception of ``on_event`` cancels the call and is raised when the call has ended, with the report as its attribute
        ``report``; nodes in the middle of their change are waited for. ``KeyboardInterrupt``, by Ctrl-C, is raised within half a
        second: such nodes are left alone, and end their change by themselves. Other threads of Python run on.

        Args:
            nodes: The nodes, each with a name of its own.
            settings: What is wanted. Nodes may have settings of their own, which are laid over these.
            parallel: How many nodes are worked on at once; 0 means as many as there are, at most 256.
            parallel_apply: How many nodes at once carry out a change that restarts an engine; 0 means as many as ``parallel``.
            canary: How many nodes are changed first, as a batch of their own; if one of them fails, no other is begun.
            batch: How many nodes are a batch: ``"all"``, the default, a number, or a part such as ``"25%"``.
            control_plane_batch: How many nodes of the control plane, which come last, are a batch.
            pause: Seconds to wait between two batches.
            max_failures: How many nodes may fail, as a number or a part such as ``"10%"``; with one more, no other is begun.
            unreachable: What it means that a node cannot be reached: ``"fail"``, ``"skip"``, ``"retry"``, or
                ``"retry:ROUNDS:SECONDS"``.
            journal: A file that records how each node ended, so that a later call does only what is left.
            connect_timeout: How many seconds connecting and logging in to one node may take.
            deadline: How many seconds one node may take until its change begins. A change that has begun ends.
            dry_run: Only find out what there is to do.
            verify_pull: Images that each node pulls once it is set up.
            probe: Ask every registry's address from each node what answers there.
            assume: Versions of engines, such as ``{"containerd": "1.7.24"}``, where none can be read.
            on_event: Called with each event, on the thread that made the call, one at a time.
            cancel: The word to stop, which any thread may give.
        """

    @property
    def groups(self) -> tuple[Group, ...]:
        """
        Which nodes need the same. Nodes that once were set up and are not ``unchanged`` have drifted.
        """

    @property
    def report(self) -> Report:
        """
        What each node needs, and why some cannot be planned for.
        """

@final
class Settings:
    """
    What is wanted: registries to ensure and registries to remove. Each host appears at most once.

    ``migrate`` moves ``mirrors`` and ``configs.*.tls`` of an existing config.toml to hosts.toml files; without, they are
    extended in their own style where that is possible. ``enable_cri`` takes containerd's CRI plugin out of
    ``disabled_plugins``; without, a disabled CRI is left alone and said.

    >>> settings = Settings(ensure=[Registry("192.168.30.56:5000", insecure="http")], remove=["old.lan:5000"])
    >>> settings == Settings.from_json('''{
    ...     "ensure": [{"host": "192.168.30.56:5000", "insecure": "http"}],
    ...     "remove": ["old.lan:5000"]
    ... }''')
    True
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(
        cls,
        *,
        ensure: Iterable[Registry] = ...,
        remove: Iterable[str | RegistryHost | Removal] = ...,
        migrate: bool = False,
        enable_cri: bool = False,
    ) -> Settings: ...
    def __repr__(self) -> str: ...
    @property
    def enable_cri(self) -> bool:
        """
        Whether a disabled CRI is enabled.
        """

    @property
    def ensure(self) -> tuple[Registry, ...]:
        """
        The registries to set up, in the order given.
        """

    @property
    def fingerprint(self) -> str:
        """
        A digest of what is wanted, as ``sha256:…``: the same for the same settings, in whatever order the hosts are named.
        Secrets are in it only as digests of their own.
        """

    @staticmethod
    def from_json(text: str) -> Settings:
        """
        Reads the JSON form; unknown keys and contradictions are errors.
        """

    @staticmethod
    def load(path: str | os.PathLike[str]) -> Settings:
        """
        Reads the JSON form from a file, which errors name.
        """

    @property
    def migrate(self) -> bool:
        """
        Whether existing mirrors are moved to hosts.toml files.
        """

    def overlaid(self, over: Settings) -> Settings:
        """
        These settings with others laid over them: what the others say of a registry host, to ensure or to remove it, takes
        the place of what these say of it. Switches that are on in one of them are on.
        """

    @property
    def remove(self) -> tuple[Removal, ...]:
        """
        The registries to take out, in the order given.
        """

    def to_json(self) -> str:
        """
        The JSON form, which :meth:`from_json` reads as equal settings. **Secrets are in it**: keys of client certificates
        and values of headers.
        """

    def to_k3s(self) -> Exported:
        """
        The settings as a ``registries.yaml`` of k3s and RKE2; what that cannot say is a remark.
        """

    def to_kubespray(self) -> Exported:
        """
        The settings as variables of a current kubespray, in YAML; what kubespray cannot say is a remark.
        """

@final
class Timing:
    """
    How many seconds each phase of a node's turn took; 0 for one that it did not come to.
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """
        What copy and pickle give to the constructor.
        """

    def __hash__(self) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(
        cls, *, connect: float, gather: float, plan: float, wait: float, apply: float, verify: float
    ) -> Timing: ...
    def __repr__(self) -> str: ...
    @property
    def apply(self) -> float:
        """
        Writing files and activating.
        """

    @property
    def connect(self) -> float:
        """
        Connecting and logging in.
        """

    @property
    def gather(self) -> float:
        """
        Starting a shell with the rights that are needed, reading files, and asking the registries' addresses.
        """

    @property
    def plan(self) -> float:
        """
        Making the plan.
        """

    @property
    def verify(self) -> float:
        """
        Seeing whether the new settings are in force, and pulling.
        """

    @property
    def wait(self) -> float:
        """
        Waiting for its turn to restart.
        """

def advice(text: str) -> Advice | None:
    """
    What an error of containerd, docker or a registry means; None if it is none that is known.

    >>> advice('Get "https://10.0.0.5:5000/v2/": http: server gave HTTP response to HTTPS client').cause
    'the registry speaks plain http and the engine expects https'
    """

def load_inventory(
    path: str | os.PathLike[str],
    *,
    format: Literal["lines", "json", "openssh", "kuboard-spray", "kubespray", "rke", "kubekey", "k3s", "kubeasz"]
    | None = None,
    defaults: Mapping[str, Any] | None = None,
    variables: Mapping[str, str] | None = None,
    all_hosts: bool = False,
    removed: bool = False,
    insecure: Literal["http", "skip_verify"] = "http",
) -> Imported:
    """
    Reads an inventory or registry settings of another tool from a file, which errors name.

    For Ansible's inventories the folders ``group_vars`` and ``host_vars`` beside it are read too; the path may be that of
    their folder. Relative paths in it, and in ``defaults``, are taken from the file's folder.

    Args:
        path: The file, or a folder with an inventory of Ansible.
        format: Its form; guessed from the text and the file's name if not given.
        defaults: What every node has that the inventory leaves open, as in ``defaults`` of a node list, such as
            ``known_hosts``, ``host_keys`` and ``identity_files``.
        variables: Values for ``{{ name }}``; they win over variables of the inventory.
        all_hosts: Take all hosts, and not only the members of the cluster. The jump host and localhost are never taken.
        removed: Take nodes too that are marked for removal.
        insecure: What "insecure" means for a registry of which no protocol is told.
    """

def load_nodes(path: str | os.PathLike[str]) -> list[Node]:
    """
    Reads a node list from a file, which errors name. Relative paths in it are taken from the file's folder; secrets are
    read from the environment and from files as it says.
    """

def load_nodes_with_warnings(path: str | os.PathLike[str]) -> tuple[list[Node], list[str]]:
    """
    Reads a node list from a file as :func:`load_nodes` does, and says what in its ``ssh_config`` was not understood.
    """

def nodes_to_json(nodes: Iterable[Node]) -> str:
    """
    The nodes as a node list in JSON, which :func:`parse_nodes` reads as equal nodes. **Secrets are in it.**
    """

def parse_inventory(
    text: str,
    *,
    format: Literal["lines", "json", "openssh", "kuboard-spray", "kubespray", "rke", "kubekey", "k3s", "kubeasz"]
    | None = None,
    defaults: Mapping[str, Any] | None = None,
    variables: Mapping[str, str] | None = None,
    all_hosts: bool = False,
    removed: bool = False,
    insecure: Literal["http", "skip_verify"] = "http",
) -> Imported:
    '''
    Reads an inventory or registry settings of another tool from a text alone; what it says of other files is a remark. The
    arguments are those of :func:`load_inventory`.

    >>> imported = parse_inventory("""
    ... all:
    ...   hosts: {n1: {ansible_host: 10.30.0.1, ansible_user: ops}}
    ...   vars:
    ...     containerd_registries_mirrors:
    ...       - prefix: reg.lab:5000
    ...         mirrors: [{host: "http://10.20.0.9:5000"}]
    ... """, all_hosts=True)
    >>> imported.format, imported.nodes[0].user, imported.settings.ensure[0].endpoints[0].url
    ('kubespray', 'ops', 'http://10.20.0.9:5000')
    '''

def parse_nodes(text: str) -> list[Node]:
    """
    Reads a node list: JSON if it begins with ``{``, else one ``[user@]host[:port]`` a line, with ``#`` comments.

    Secrets that stand elsewhere, ``{"env": …}`` or ``{"file": …}``, are read by :func:`load_nodes` only.

    >>> [node.place for node in parse_nodes("n1\\nops@n2:2222  # the second\\n")]
    ['n1:22', 'n2:2222']
    """

def plan(settings: Settings, facts: Facts) -> Plan:
    """
    Turns settings and facts into a plan. Reads nothing and writes nothing: the same settings and facts give the same plan.

    An :class:`Error` tells why the settings cannot be merged into these files, with file, line and key.

    >>> settings = Settings(ensure=[Registry("my-registry.com", endpoints=["http://192.168.30.56:5000"])])
    >>> made = plan(settings, Facts({"/etc/containerd/config.toml": "version = 2 # ours\\n"}))
    >>> [change.path for change in made.changes]
    ['/etc/containerd/certs.d/my-registry.com/hosts.toml', '/etc/containerd/config.toml']
    """

def push(
    nodes: Iterable[Node],
    settings: Settings,
    *,
    parallel: int = 0,
    parallel_apply: int = 0,
    canary: int = 0,
    batch: int | str = ...,
    control_plane_batch: int = 1,
    pause: float = 0.0,
    max_failures: int | str | None = None,
    unreachable: str = "fail",
    journal: str | os.PathLike[str] | None = None,
    connect_timeout: float = 15.0,
    deadline: float = 120.0,
    dry_run: bool = False,
    verify_pull: Iterable[str | ImageReference] = ...,
    probe: bool = False,
    assume: Mapping[str, str] | None = None,
    on_event: Callable[[NodeEvent | BatchEvent], object] | None = None,
    cancel: Cancel | None = None,
) -> Report:
    """
    Makes each node as the settings say: connects once, plans, and carries the plan out at once, batch by batch.

    What happened to a node is in the report; one node's trouble never touches another, and raises nothing: see
    :meth:`Report.raise_for_failures`.

    An exception of ``on_event`` cancels the call and is raised when the call has ended, with the report as its attribute
    ``report``; nodes in the middle of their change are waited for. ``KeyboardInterrupt``, by Ctrl-C, is raised within half a
    second: such nodes are left alone, and end their change by themselves. Other threads of Python run on.

    Args:
        nodes: The nodes, each with a name of its own.
        settings: What is wanted. Nodes may have settings of their own, which are laid over these.
        parallel: How many nodes are worked on at once; 0 means as many as there are, at most 256.
        parallel_apply: How many nodes at once carry out a change that restarts an engine; 0 means as many as ``parallel``.
        canary: How many nodes are changed first, as a batch of their own; if one of them fails, no other is begun.
        batch: How many nodes are a batch: ``"all"``, the default, a number, or a part such as ``"25%"``.
        control_plane_batch: How many nodes of the control plane, which come last, are a batch.
        pause: Seconds to wait between two batches.
        max_failures: How many nodes may fail, as a number or a part such as ``"10%"``; with one more, no other is begun.
        unreachable: What it means that a node cannot be reached: ``"fail"``, ``"skip"``, ``"retry"``, or
            ``"retry:ROUNDS:SECONDS"``.
        journal: A file that records how each node ended, so that a later call does only what is left.
        connect_timeout: How many seconds connecting and logging in to one node may take.
        deadline: How many seconds one node may take until its change begins. A change that has begun ends.
        dry_run: Only find out what there is to do.
        verify_pull: Images that each node pulls once it is set up.
        probe: Ask every registry's address from each node what answers there.
        assume: Versions of engines, such as ``{"containerd": "1.7.24"}``, where none can be read.
        on_event: Called with each event, on the thread that made the call, one at a time.
        cancel: The word to stop, which any thread may give.
    """

def survey(
    nodes: Iterable[Node],
    settings: Settings,
    *,
    parallel: int = 0,
    parallel_apply: int = 0,
    canary: int = 0,
    batch: int | str = ...,
    control_plane_batch: int = 1,
    pause: float = 0.0,
    max_failures: int | str | None = None,
    unreachable: str = "fail",
    journal: str | os.PathLike[str] | None = None,
    connect_timeout: float = 15.0,
    deadline: float = 120.0,
    dry_run: bool = False,
    verify_pull: Iterable[str | ImageReference] = ...,
    probe: bool = False,
    assume: Mapping[str, str] | None = None,
    on_event: Callable[[NodeEvent | BatchEvent], object] | None = None,
    cancel: Cancel | None = None,
) -> Rollout:
    """
    Finds out what each node needs, and changes nothing.

    An exception of ``on_event`` cancels the call and is raised when the call has ended, with the report as its attribute
    ``report``; nodes in the middle of their change are waited for. ``KeyboardInterrupt``, by Ctrl-C, is raised within half a
    second: such nodes are left alone, and end their change by themselves. Other threads of Python run on.

    Args:
        nodes: The nodes, each with a name of its own.
        settings: What is wanted. Nodes may have settings of their own, which are laid over these.
        parallel: How many nodes are worked on at once; 0 means as many as there are, at most 256.
        parallel_apply: How many nodes at once carry out a change that restarts an engine; 0 means as many as ``parallel``.
        canary: How many nodes are changed first, as a batch of their own; if one of them fails, no other is begun.
        batch: How many nodes are a batch: ``"all"``, the default, a number, or a part such as ``"25%"``.
        control_plane_batch: How many nodes of the control plane, which come last, are a batch.
        pause: Seconds to wait between two batches.
        max_failures: How many nodes may fail, as a number or a part such as ``"10%"``; with one more, no other is begun.
        unreachable: What it means that a node cannot be reached: ``"fail"``, ``"skip"``, ``"retry"``, or
            ``"retry:ROUNDS:SECONDS"``.
        journal: A file that records how each node ended, so that a later call does only what is left.
        connect_timeout: How many seconds connecting and logging in to one node may take.
        deadline: How many seconds one node may take until its change begins. A change that has begun ends.
        dry_run: Only find out what there is to do.
        verify_pull: Images that each node pulls once it is set up.
        probe: Ask every registry's address from each node what answers there.
        assume: Versions of engines, such as ``{"containerd": "1.7.24"}``, where none can be read.
        on_event: Called with each event, on the thread that made the call, one at a time.
        cancel: The word to stop, which any thread may give.
    """
