//! Keys, `known_hosts` files and node lists, in a folder that goes with the last of it.

use std::fmt::Write;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use base64ct::{Base64, Encoding};
use hmac::{Hmac, Mac};
use russh::keys::key::safe_rng;
use russh::keys::ssh_key::LineEnding;
use russh::keys::{Algorithm, PrivateKey};
use serde_json::json;
use sha1::Sha1;
use tempfile::TempDir;

use crate::Fault;

/// How the names stand in a `known_hosts` file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    Plain,
    /// As `ssh-keygen -H` makes them.
    Hashed,
}

/// What nodes and client know of each other.
pub(crate) struct Fixture {
    folder: TempDir,
    /// The host key of all nodes, and the key that they let in.
    pub(crate) host_key: String,
    pub(crate) login: String,
    host_line: String,
}

/// The address of a node by its place in the list.
fn address(index: usize) -> Ipv4Addr {
    let octet = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
    Ipv4Addr::new(127, octet(1 + index / 62_500), octet(index / 250 % 250), octet(index % 250 + 1))
}

/// The place in the list by the address.
pub(crate) fn index(address: Ipv4Addr) -> usize {
    let [_, a, b, c] = address.octets().map(usize::from);
    (a.saturating_sub(1) * 250 + b) * 250 + c.saturating_sub(1)
}

impl Fixture {
    pub(crate) fn new() -> Result<Self, Fault> {
        let folder = tempfile::tempdir()?;
        let key = || PrivateKey::random(&mut safe_rng(), Algorithm::Ed25519);
        let (host, login) = (key()?, key()?);
        fs::write(folder.path().join("id"), login.to_openssh(LineEnding::LF)?.as_bytes())?;
        Ok(Self {
            folder,
            host_key: host.to_openssh(LineEnding::LF)?.to_string(),
            login: login.public_key().to_openssh()?,
            host_line: host.public_key().to_openssh()?,
        })
    }

    /// A file in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A list of so many nodes that listen on this port, each known by a line of its own.
    pub(crate) fn list(&self, count: usize, port: u16, names: Names) -> Result<PathBuf, Fault> {
        self.write(count, port, names, |_| Ok("/".to_owned()))
    }

    /// The same, each node with a folder of its own that holds a system.
    pub(crate) fn list_with_roots(&self, count: usize, port: u16) -> Result<PathBuf, Fault> {
        self.write(count, port, Names::Plain, |index| {
            let root = self.path(&format!("roots/{port}/{index}"));
            fs::create_dir_all(root.join("etc/containerd"))?;
            fs::write(root.join("etc/containerd/config.toml"), "version = 2\n")?;
            Ok(root.display().to_string())
        })
    }

    fn write(
        &self,
        count: usize,
        port: u16,
        names: Names,
        root: impl Fn(usize) -> Result<String, Fault>,
    ) -> Result<PathBuf, Fault> {
        fs::write(self.path("known_hosts"), self.known_hosts(count, port, names)?)?;
        let node = |index: usize| -> Result<_, Fault> {
            let address = address(index);
            Ok(json!({ "name": format!("node{index:05}"), "address": address, "port": port, "root": root(index)? }))
        };
        let nodes = (0..count).map(node).collect::<Result<Vec<_>, _>>()?;
        let defaults = json!({ "user": "root", "identity_files": ["id"], "known_hosts": ["known_hosts"] });
        let path = self.path("nodes.json");
        fs::write(&path, json!({ "defaults": defaults, "nodes": nodes }).to_string())?;
        Ok(path)
    }

    fn known_hosts(&self, count: usize, port: u16, names: Names) -> Result<String, Fault> {
        let mut text = String::new();
        for index in 0..count {
            let name = format!("[{}]:{port}", address(index));
            let name = if names == Names::Hashed { hashed(&name)? } else { name };
            writeln!(text, "{name} {}", self.host_line)?;
        }
        Ok(text)
    }
}

/// A name that only who knows it can find: sshd(8), "SSH KNOWN HOSTS FILE FORMAT".
fn hashed(name: &str) -> Result<String, Fault> {
    let words: [u64; 3] = std::array::from_fn(|i| RandomState::new().hash_one(i));
    let salt = &words.map(u64::to_le_bytes).concat()[..20];
    let hash = Hmac::<Sha1>::new_from_slice(salt)?.chain_update(name).finalize().into_bytes();
    Ok(format!("|1|{}|{}", Base64::encode_string(salt), Base64::encode_string(&hash)))
}

/// Forgets what an earlier call has written down.
pub(crate) fn remove(path: &Path) -> Result<(), Fault> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
