//! Nodes that are none: they run containerd, log what is done to them, and meet the fate that a test has for them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use regconf::transport::{Connector, Fake, Limit, Transport};
use regconf::{Error, ErrorKind, Node, Options, Registry, Result, Settings};

/// What is done to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Connect,
    Gather,
    Apply,
    Applied,
}

/// What becomes of a node when something is done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Well,
    Unreachable,
    WrongKey,
    Hung,
    Fails,
    RollsBack,
    Dies,
    Panics,
}

type Fates = Box<dyn Fn(&str, Deed) -> Fate + Send + Sync>;

/// What the nodes have in common.
pub(crate) struct Fleet {
    config: &'static str,
    fates: Fates,
    pace: Duration,
    log: Mutex<Vec<(String, Deed)>>,
    gathering: Count,
    applying: Count,
}

#[derive(Default)]
struct Count {
    now: AtomicUsize,
    peak: AtomicUsize,
}

impl Count {
    /// Takes some time, and remembers how many others did so meanwhile.
    fn during(&self, span: Duration) {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.peak.fetch_max(now, Ordering::SeqCst);
        std::thread::sleep(span);
        self.now.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A config.toml without a `config_path`: setting it needs a restart.
const RESTARTS: &str = "version = 2\n";
/// A config.toml that has one: nothing is to be activated.
const QUIET: &str =
    "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\nconfig_path = \"/etc/containerd/certs.d\"\n";

impl Fleet {
    /// Nodes on which a change restarts containerd.
    pub(crate) fn new(fates: impl Fn(&str, Deed) -> Fate + Send + Sync + 'static) -> Self {
        Self {
            config: RESTARTS,
            fates: Box::new(fates),
            pace: Duration::from_millis(2),
            log: Mutex::default(),
            gathering: Count::default(),
            applying: Count::default(),
        }
    }

    pub(crate) fn well() -> Self {
        Self::new(|_, _| Fate::Well)
    }

    /// Nodes on which a change restarts nothing.
    pub(crate) fn quiet(self) -> Self {
        Self { config: QUIET, ..self }
    }

    /// Nodes that take no time.
    pub(crate) fn fast(self) -> Self {
        Self { pace: Duration::ZERO, ..self }
    }

    pub(crate) fn options(self) -> (Options, Arc<Self>) {
        let fleet = Arc::new(self);
        let mut options = Options::default();
        options.connector = Box::new(Reach(Arc::clone(&fleet)));
        (options, fleet)
    }

    /// What was done, in order.
    pub(crate) fn log(&self) -> Vec<(String, Deed)> {
        self.log.lock().unwrap().clone()
    }

    /// The nodes to which this was done, in order.
    pub(crate) fn log_of(&self, deed: Deed) -> Vec<String> {
        self.log().into_iter().filter(|(_, done)| *done == deed).map(|(name, _)| name).collect()
    }

    pub(crate) fn most_gathering(&self) -> usize {
        self.gathering.peak.load(Ordering::SeqCst)
    }

    pub(crate) fn most_applying(&self) -> usize {
        self.applying.peak.load(Ordering::SeqCst)
    }

    fn meet(&self, name: &str, deed: Deed) -> Fate {
        self.log.lock().unwrap().push((name.to_owned(), deed));
        let fate = (self.fates)(name, deed);
        assert!(fate != Fate::Panics, "a fault was asked for");
        fate
    }

    fn gather(&self, name: &str, nonce: &str, script: &str) -> Option<Vec<u8>> {
        if self.meet(name, Deed::Gather) == Fate::Dies {
            return None;
        }
        self.gathering.during(self.pace);
        let mut said = frame(nonce, "uid 0", "");
        for line in script.lines().filter(|line| line.starts_with("get_")) {
            let words: Vec<_> = line.split_whitespace().collect();
            let (kind, text) = self.answer(words[0], &words[2..].join(" "));
            said += &frame(nonce, &format!("{} {kind}", words[1]), text);
        }
        Some((said + &frame(nonce, "end", "")).into_bytes())
    }

    fn answer(&self, what: &str, of: &str) -> (&str, &str) {
        match (what, of) {
            ("get_version", "'containerd'") => ("text", "containerd github.com/containerd/containerd v1.7.24 88bf19b2"),
            ("get_unit", "'containerd'") => ("text", "ActiveState=active\nKillMode=process\n"),
            ("get_file", "'/etc/containerd/config.toml'") => ("file whole", self.config),
            _ => ("absent", ""),
        }
    }

    fn apply(&self, name: &str, nonce: &str) -> Option<Vec<u8>> {
        let fate = self.meet(name, Deed::Apply);
        self.applying.during(self.pace);
        self.log.lock().unwrap().push((name.to_owned(), Deed::Applied));
        let end = match fate {
            Fate::Dies => return None,
            Fate::Fails => frame(nonce, "end failed io", "the disk is full"),
            Fate::RollsBack => frame(nonce, "end rolledback activation", "containerd did not restart"),
            _ => frame(nonce, "end done none", ""),
        };
        Some((frame(nonce, "step commit", "") + &frame(nonce, "step verify", "") + &end).into_bytes())
    }
}

struct Reach(Arc<Fleet>);

impl Connector for Reach {
    fn connect(&self, node: &Node, limit: &Limit) -> Result<Box<dyn Transport>> {
        let fate = self.0.meet(&node.name, Deed::Connect);
        match fate {
            Fate::Unreachable => return Err(Error::new(ErrorKind::Connect, "connection refused")),
            Fate::WrongKey => return Err(Error::new(ErrorKind::HostKey, "the host key has changed")),
            Fate::Hung => loop {
                limit.left()?;
                std::thread::sleep(Duration::from_millis(2));
            },
            _ => {}
        }
        let (fleet, name) = (Arc::clone(&self.0), node.name.clone());
        let mut nonce = String::new();
        Ok(Box::new(Fake::new(move |said| match said.split_once("echo @").map(|(_, rest)| rest.split_once(' ')) {
            Some(Some((given, _))) if nonce.is_empty() => {
                given.clone_into(&mut nonce);
                Some(frame(&nonce, "ready", "").into_bytes())
            }
            _ if said.contains("\napply\n") => fleet.apply(&name, &nonce),
            _ => fleet.gather(&name, &nonce, said),
        })))
    }
}

fn frame(nonce: &str, words: &str, text: &str) -> String {
    format!("@{nonce} {words} {}\n{text}\n", text.len())
}

/// So many nodes: n000, n001 and so on.
pub(crate) fn nodes(count: usize) -> Vec<Node> {
    let node = |i: usize| {
        let mut node = Node::new(format!("10.0.{}.{}", i / 250, i % 250 + 1)).unwrap();
        node.name = format!("n{i:03}");
        node
    };
    (0..count).map(node).collect()
}

/// The same with these of them in the control plane.
pub(crate) fn nodes_with_control_plane(count: usize, control_plane: &[usize]) -> Vec<Node> {
    let mut nodes = nodes(count);
    for (i, role) in control_plane.iter().zip(["control-plane", "master", "etcd"].into_iter().cycle()) {
        nodes[*i].roles.push(role.to_owned());
    }
    nodes
}

pub(crate) fn settings() -> Settings {
    let registry = Registry::new("my-registry.com").unwrap().endpoint("http://192.168.30.56:5000").unwrap();
    Settings::default().ensure(registry).unwrap()
}

/// The number in a node's name.
pub(crate) fn number(name: &str) -> usize {
    name.trim_start_matches('n').parse().unwrap()
}
