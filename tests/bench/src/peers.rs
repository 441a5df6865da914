//! Who is compared, and how each is started.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::job::Result;
use crate::nodes::{Nodes, PATH};

/// How long a driver may run, in seconds; then it has failed.
const LIMIT: &str = "900";

/// Someone who can push.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    /// What it is, in a few words.
    pub(crate) about: &'static str,
    program: Program,
}

#[derive(Clone, Copy, Debug)]
enum Program {
    /// This program, with this word.
    Own(&'static str),
    /// The same with the driver's own idea of how many nodes at once.
    OwnDefault(&'static str),
    /// A script in `peers`.
    Script(&'static str),
    /// A script in `peers` for the Python of the environment.
    Python(&'static str),
    /// A command of that environment, with these files in `peers`.
    Pyinfra([&'static str; 2]),
}

/// Against whom ratios are told.
pub(crate) const FLOOR: &str = "floor";

/// All of them, as they stand in tables.
pub(crate) const PEERS: [Peer; 10] = [
    Peer { name: FLOOR, about: "ssh2, one channel, nothing but the work", program: Program::Own("floor") },
    Peer {
        name: "asking-floor",
        about: "the same, and docker is asked how it runs, whether it takes the file and has read it",
        program: Program::Own("asking-floor"),
    },
    Peer { name: "regconf", about: "this library", program: Program::Own("ours") },
    Peer { name: "regconf-default", about: "the same, parallel as by default", program: Program::OwnDefault("ours") },
    Peer {
        name: "hussh",
        about: "russh below Python; no host keys checked",
        program: Program::Python("hussh_push.py"),
    },
    Peer { name: "asyncssh", about: "Python", program: Program::Python("asyncssh_push.py") },
    Peer {
        name: "parallel-ssh",
        about: "libssh2 below gevent, SFTP; no host keys checked",
        program: Program::Python("pssh_push.py"),
    },
    Peer {
        name: "pyinfra",
        about: "facts and operations",
        program: Program::Pyinfra(["pyinfra_inventory.py", "pyinfra_deploy.py"]),
    },
    Peer { name: "ssh", about: "a loop by xargs, ControlMaster", program: Program::Script("ssh.sh") },
    Peer { name: "ansible", about: "pipelining, ControlPersist", program: Program::Script("ansible.sh") },
];

/// The peers with these names.
///
/// # Errors
/// For a name that nobody has.
pub(crate) fn named(names: &[String]) -> Result<Vec<Peer>> {
    let find = |name: &String| {
        let known: Vec<_> = PEERS.iter().map(|peer| peer.name).collect();
        let peer = PEERS.iter().find(|peer| peer.name == name).copied();
        peer.ok_or_else(|| format!("{name:?} is no peer; known are {}", known.join(", ")).into())
    };
    names.iter().map(find).collect()
}

impl Peer {
    /// The command that pushes to the first `count` nodes, under a meter that writes to `out`.
    pub(crate) fn command(&self, nodes: &Nodes, count: usize, parallel: usize, out: &Path) -> Result<Command> {
        let exe = std::env::current_exe()?;
        let parallel = if matches!(self.program, Program::OwnDefault(_)) { 0 } else { parallel };
        let client = nodes.client();
        let mut command = Command::new(&exe);
        command.arg("meter").arg(out).args(["timeout", "-k", "5", LIMIT]).args(self.words(&exe, parallel)?);
        command.env_clear().env("PATH", format!("{}:{PATH}", environment().join("bin").display()));
        command.env("PYTHONPATH", folder()).env("PYTHONDONTWRITEBYTECODE", "1");
        command.env("HOME", client.join("home")).env("LANG", "C.UTF-8").env("BENCH_MERGE", &exe);
        command.env("BENCH_HOSTS", nodes.hosts(count)?).env("BENCH_PORT", nodes.port().to_string());
        command.env("BENCH_KEY", client.join("id")).env("BENCH_KNOWN_HOSTS", client.join("known_hosts"));
        command.env("BENCH_PARALLEL", parallel.to_string()).current_dir(client.join("home"));
        Ok(command)
    }

    fn words(&self, exe: &Path, parallel: usize) -> Result<Vec<PathBuf>> {
        let script = |name: &str| folder().join(name);
        Ok(match self.program {
            Program::Own(word) | Program::OwnDefault(word) => vec![exe.into(), word.into()],
            Program::Script(name) => vec![script(name)],
            Program::Python(name) => vec![installed("python")?, script(name)],
            Program::Pyinfra(files) => {
                let words = [installed("pyinfra")?, "-y".into(), "--parallel".into(), parallel.to_string().into()];
                words.into_iter().chain(files.iter().map(|name| script(name))).collect()
            }
        })
    }
}

/// Where the scripts are.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers")
}

/// Where the Python peers are installed.
fn environment() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench/venv")
}

fn installed(name: &str) -> Result<PathBuf> {
    let path = environment().join("bin").join(name);
    if path.exists() {
        return Ok(path);
    }
    Err(format!("{} is not there: run tests/bench/push, which installs the peers", path.display()).into())
}
