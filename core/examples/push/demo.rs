//! The whole way on three nodes inside this process.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use regconf::{Identity, Node, Options, Outcome, Registry, Report, Settings};
use tempfile::TempDir;

use crate::progress::Progress;
use crate::show::Show;
use crate::sshd::{self, Server};
use crate::systems::{SYSTEMS, System};
use crate::{Ending, Fault};

pub(crate) fn run() -> Result<Ending, Fault> {
    let lab = Lab::start()?;
    let nodes = SYSTEMS.iter().zip(&lab.servers).map(|(system, server)| lab.node(system, server));
    let nodes = nodes.collect::<Result<Vec<_>, _>>()?;
    let settings = settings()?;

    let mut show = Show::new();
    show.title("Three nodes, each with an SSH server, a host key and configs of its own:")?;
    for (system, node) in SYSTEMS.iter().zip(&nodes) {
        show.line(&format!("  {:7}  {}@{}:{}  {}", node.name, node.user, node.address, node.port, system.about))?;
    }

    show.gap()?;
    show.title("First push: the registry is merged into what is there.")?;
    let first = push(&nodes, &settings);
    show.gap()?;
    show.diffs(&first)?;
    show.table(&first)?;

    show.gap()?;
    show.title("Second push: nothing is left to change.")?;
    let second = push(&nodes, &settings);
    show.gap()?;
    show.table(&second)?;

    if all(&first, Outcome::Changed) && all(&second, Outcome::Unchanged) {
        Ok(Ending::AsWanted)
    } else {
        show.gap()?;
        show.title(
            "This is not what was to be shown: a first push that changes all nodes, and a second that changes none.",
        )?;
        Ok(Ending::NodesFailed)
    }
}

/// What all nodes shall know: a name that is served elsewhere, and that this address speaks plain http.
///
/// containerd takes both. docker cannot map a name, so it takes the second, and the report has a note on the first.
fn settings() -> regconf::Result<Settings> {
    let named = Registry::new("my-registry.com")?.endpoint("http://192.168.30.56:5000")?;
    let plain = Registry::plain_http("192.168.30.56:5000")?;
    Settings::default().ensure(named)?.ensure(plain)
}

fn push(nodes: &[Node], settings: &Settings) -> Report {
    let mut progress = Progress::new(nodes);
    regconf::push(nodes, settings, &Options::default(), &mut |event| progress.hear(event))
}

fn all(report: &Report, outcome: Outcome) -> bool {
    report.nodes.iter().all(|node| node.outcome == outcome)
}

/// A temporary folder with a key to log in with, the known host keys, and the root folder of each node.
struct Lab {
    folder: TempDir,
    servers: Vec<Server>,
}

impl Lab {
    fn start() -> Result<Self, Fault> {
        let folder = tempfile::tempdir()?;
        for system in &SYSTEMS {
            system.write(&folder.path().join(system.name))?;
        }
        let login = sshd::new_key()?;
        let servers = sshd::start(SYSTEMS.len(), login.public_key())?;
        let known_hosts: String = servers.iter().map(|server| server.known_hosts_line.as_str()).collect();
        let lab = Self { folder, servers };
        fs::write(lab.path("known_hosts"), known_hosts)?;
        write_secret(&lab.path("id_ed25519"), &sshd::text(&login)?)?;
        Ok(lab)
    }

    /// A node as one would describe a real one, except for its root, which would be `/`.
    fn node(&self, system: &System, server: &Server) -> Result<Node, Fault> {
        let mut node = Node::new(format!("ops@{}", server.address))?;
        system.name.clone_into(&mut node.name);
        node.identities.push(Identity::File(shown(&self.path("id_ed25519"))?));
        node.known_hosts.push(shown(&self.path("known_hosts"))?);
        node.root = shown(&self.path(system.name))?;
        Ok(node)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn shown(path: &Path) -> Result<String, Fault> {
    Ok(path.to_str().ok_or("the temporary folder has no UTF-8 name")?.to_owned())
}

fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(text.as_bytes())
}
