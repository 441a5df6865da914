//! The engines that judge: those of the fleet's bases, and newer ones laid over a base.

use std::path::PathBuf;

use regconf_fleet::cache_dir;

use crate::Result;
use crate::room::{Files, Room};

/// A build of containerd, and the program over its packages.
pub(crate) struct Containerd {
    /// The version that it tells of itself, such as `1.7.24`.
    pub(crate) version: String,
    pub(crate) program: &'static str,
    layers: Vec<PathBuf>,
}

/// A build of dockerd, or only the program over its packages.
pub(crate) struct Docker {
    pub(crate) version: String,
    pub(crate) program: &'static str,
    /// Whether there is a dockerd that can validate a file.
    pub(crate) validates: bool,
    /// The program over the packages that it resolves hosts.toml with, or would.
    pub(crate) hosts_program: &'static str,
    layers: Vec<PathBuf>,
}

/// Layers over a base, and the program.
const CONTAINERD: [(&[&str], &str); 5] = [
    (&["bookworm"], "containerd-1.6"),
    (&["trixie"], "containerd-1.7"),
    (&["edge"], "containerd-2.1"),
    (&["containerd-2.3", "trixie"], "containerd-2.3"),
    (&["containerd-2.4", "trixie"], "containerd-2.4"),
];

/// A base, the program, the one for hosts.toml, and whether dockerd has `--validate` (from 23.0 on).
const DOCKER: [(&str, &str, &str, bool); 3] = [
    ("bookworm", "docker-20.10", "containerd-1.6", false),
    ("trixie", "docker-26", "containerd-1.7", true),
    ("edge", "docker-28", "containerd-2.1", true),
];

fn layers(names: &[&str]) -> Vec<PathBuf> {
    std::iter::once(&"judges").chain(names).map(|name| cache_dir().join(name)).collect()
}

/// The first word that begins with a digit, without what Debian adds.
fn version(layers: &[PathBuf], command: &str) -> Result<String> {
    let said = Room::new(&Files::new(), layers)?.run(&[command, "--version"], "")?;
    let mut words = said.stdout.split_whitespace().map(|word| word.trim_start_matches('v'));
    let word = words.find(|word| word.starts_with(|c: char| c.is_ascii_digit())).ok_or(said.stderr)?;
    Ok(word.split(['~', '+', ',']).next().unwrap_or(word).to_owned())
}

impl Containerd {
    pub(crate) fn all() -> Result<Vec<Self>> {
        let one = |(names, program): (&[&str], &'static str)| {
            let layers = layers(names);
            Ok(Self { version: version(&layers, "containerd")?, program, layers })
        };
        CONTAINERD.into_iter().map(one).collect()
    }

    pub(crate) fn room(&self, files: &Files) -> Result<Room> {
        Room::new(files, &self.layers)
    }

    pub(crate) fn is_1(&self) -> bool {
        self.version.starts_with("1.")
    }

    /// Whether CRI pulls by the transfer service, which takes `config_path` for one folder (from 2.1 on).
    pub(crate) fn has_transfer(&self) -> bool {
        !self.is_1() && !self.version.starts_with("2.0.")
    }

    /// Whether both are of the same minor release.
    pub(crate) fn is_like(&self, version: &str) -> bool {
        minor(&self.version) == minor(version)
    }
}

fn minor(version: &str) -> Vec<&str> {
    version.split('.').take(2).collect()
}

impl Docker {
    pub(crate) fn all() -> Result<Vec<Self>> {
        let one = |(base, program, hosts_program, validates): (&str, &'static str, &'static str, bool)| {
            let layers = layers(&[base]);
            Ok(Self { version: version(&layers, "dockerd")?, program, hosts_program, validates, layers })
        };
        // There is no dockerd of this release here, but its registry service.
        let newest = Self {
            version: "29.0.0".to_owned(),
            program: "docker-29",
            hosts_program: "containerd-2.3",
            validates: false,
            layers: layers(&["trixie"]),
        };
        DOCKER.into_iter().map(one).chain([Ok(newest)]).collect()
    }

    pub(crate) fn room(&self, files: &Files) -> Result<Room> {
        Room::new(files, &self.layers)
    }

    pub(crate) fn is_like(&self, version: &str) -> bool {
        self.version.split('.').next() == version.split('.').next()
    }
}
