//! The fleet as a whole.

use crate::namespace::Namespace;
use crate::registry::{REGISTRY_ADDRESS, Registry};
use crate::rootfs::Access;
use crate::run::{check, unique};
use crate::rundir::RunDir;
use crate::{Error, Kind, Node, Result, bases};
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

/// The controller's own address.
const CONTROLLER_ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 168, 30, 1);
/// The nodes' addresses start after this one.
const FIRST_NODE: u8 = 100;
/// More would run out of addresses.
const MOST_NODES: usize = 100;

/// What a fleet is to consist of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetOptions {
    /// One node for each entry; a kind may come several times.
    pub kinds: Vec<Kind>,
}

impl Default for FleetOptions {
    /// One node of every kind.
    fn default() -> Self {
        Self { kinds: Kind::ALL.to_vec() }
    }
}

/// Whether `REGCONF_SKIP_FLEET=1` asks tests not to start a fleet; says so on
/// standard error if it does.
pub fn switched_off() -> bool {
    let off = std::env::var_os("REGCONF_SKIP_FLEET").is_some_and(|value| value == "1");
    if off {
        eprintln!("not run: the fleet is switched off by REGCONF_SKIP_FLEET=1");
    }
    off
}

/// Running nodes, a registry, and a controller's place next to them.
///
/// Dropping it ends and removes everything, also when a test panics. A
/// `static` is never dropped: keep a fleet that tests share in one test, or
/// leave its removal to the start of the next fleet.
#[derive(Debug)]
pub struct Fleet {
    // Dropped in this order: the folder last, it sweeps up what is left.
    nodes: Vec<Node>,
    registry: Registry,
    controller: Namespace,
    client_key: PathBuf,
    password: String,
    dir: RunDir,
}

impl Fleet {
    /// Starts a fleet and waits until all of it can be used. Removes what a
    /// killed fleet has left on this machine, and makes the bases if they are
    /// not there yet.
    ///
    /// # Errors
    /// If any of it fails; what had been started is ended again.
    pub fn start(options: &FleetOptions) -> Result<Self> {
        let count = options.kinds.len();
        if count > MOST_NODES {
            return Err(Error::new(format!("{count} nodes are too many"), ""));
        }
        bases::ensure_bases()?;
        let dir = RunDir::new()?;
        let hub = Namespace::new(format!("{}-hub", dir.id()))?;
        hub.add_bridge(CONTROLLER_ADDRESS)?;
        let client_key = make_client_key(dir.path())?;
        let password = unique()?;
        let place = plug(&dir, &hub, "registry", REGISTRY_ADDRESS)?;
        let registry_dir = dir.path().join("registry");
        let (nodes, registry) = thread::scope(|scope| {
            let registry = scope.spawn(|| Registry::start(place, registry_dir));
            let nodes = start_nodes(&dir, &hub, &options.kinds, &client_key, &password);
            (nodes, registry.join())
        });
        Ok(Self {
            nodes: nodes?,
            registry: registry.map_err(|_| Error::new("starting the registry panicked", ""))??,
            controller: hub,
            client_key,
            password,
            dir,
        })
    }

    /// The nodes, in the order in which they were asked for.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The first node of a kind.
    pub fn node(&self, kind: Kind) -> Option<&Node> {
        self.nodes.iter().find(|node| node.kind() == kind)
    }

    /// The registry.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The private key (ed25519, no passphrase) that opens every account.
    pub fn client_key(&self) -> &Path {
        &self.client_key
    }

    /// The password of every user but root.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// The text of a `known_hosts` file with every host key of every node.
    ///
    /// # Errors
    /// If the keys cannot be read.
    pub fn known_hosts(&self) -> Result<String> {
        let mut text = String::new();
        for node in &self.nodes {
            for key in node.host_public_keys()? {
                text += &format!("{} {key}\n", node.address());
            }
        }
        Ok(text)
    }

    /// A folder of this fleet for a test's own files; removed with it.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn scratch(&self) -> Result<PathBuf> {
        let path = self.dir.path().join("scratch");
        fs::create_dir_all(&path).map_err(Error::io(format!("making {}", path.display())))?;
        Ok(path)
    }

    /// Runs `work` in a thread in the controller's network namespace, from
    /// where nodes and registry can be reached. Threads it makes are in there
    /// too; threads that exist already, such as a global pool's, are not.
    /// A panic in `work` goes on in the caller.
    ///
    /// # Errors
    /// If the thread cannot move there; `work` has not run then.
    pub fn in_controller<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T> {
        let inside = || self.controller.enter().map(|()| work());
        thread::scope(|scope| scope.spawn(inside).join()).unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    /// A command that will run `program` in the controller's network
    /// namespace.
    pub fn controller_command(&self, program: &str) -> Command {
        self.controller.command(program)
    }
}

/// A namespace for `name` with a cable to the bridge.
fn plug(dir: &RunDir, hub: &Namespace, name: &str, address: Ipv4Addr) -> Result<Namespace> {
    let namespace = Namespace::new(format!("{}-{name}", dir.id()))?;
    namespace.plug_into(hub, address)?;
    Ok(namespace)
}

fn make_client_key(dir: &Path) -> Result<PathBuf> {
    let key = dir.join("client_key");
    let path = key.display().to_string();
    check(&["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "fleet", "-f", &path])?;
    Ok(key)
}

/// Boots all nodes side by side.
fn start_nodes(dir: &RunDir, hub: &Namespace, kinds: &[Kind], client_key: &Path, password: &str) -> Result<Vec<Node>> {
    let public_key = client_key.with_extension("pub");
    let public_key = fs::read_to_string(&public_key).map_err(Error::io("reading the client's public key"))?;
    let password_hash = check(&["openssl", "passwd", "-6", password])?;
    let access = Access { public_key: &public_key, password_hash: password_hash.trim() };
    let start = |(name, address): (String, Ipv4Addr), kind: Kind| -> Result<Node> {
        let namespace = plug(dir, hub, &name, address)?;
        let folder = dir.path().join(&name);
        let node = Node::prepare((name, kind), (namespace, address), folder, access)?;
        node.boot()?;
        Ok(node)
    };
    thread::scope(|scope| {
        let jobs: Vec<_> = places(kinds)
            .into_iter()
            .zip(kinds)
            .map(|(place, kind)| scope.spawn(move || start(place, *kind)))
            .collect();
        jobs.into_iter()
            .map(|job| job.join().unwrap_or_else(|_| Err(Error::new("starting a node panicked", ""))))
            .collect()
    })
}

/// A name and an address for each node: `trixie`, `trixie-2`, …
fn places(kinds: &[Kind]) -> Vec<(String, Ipv4Addr)> {
    let mut places = Vec::new();
    for (index, kind) in kinds.iter().enumerate() {
        let same = kinds[..index].iter().filter(|k| *k == kind).count();
        let name = match same {
            0 => kind.name().to_owned(),
            n => format!("{kind}-{}", n + 1),
        };
        let [a, b, c, _] = CONTROLLER_ADDRESS.octets();
        let last = FIRST_NODE.saturating_add(u8::try_from(index + 1).unwrap_or(u8::MAX));
        places.push((name, Ipv4Addr::new(a, b, c, last)));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_of_one_kind_get_different_names_and_addresses() {
        let places = places(&[Kind::Trixie, Kind::Edge, Kind::Trixie]);
        let expected = [("trixie", "192.168.30.101"), ("edge", "192.168.30.102"), ("trixie-2", "192.168.30.103")];
        for ((name, address), (want_name, want_address)) in places.iter().zip(expected) {
            assert_eq!((name.as_str(), address.to_string().as_str()), (want_name, want_address));
        }
    }
}
