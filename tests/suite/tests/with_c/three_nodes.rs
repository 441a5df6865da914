//! Three SSH servers, each with a system of its own, and a list of them.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::sshd::{Sshd, user};

/// Their list is `nodes.json` in the folder, and what is wanted of them `settings.json`.
pub(crate) struct ThreeNodes {
    folder: TempDir,
    _servers: Vec<Sshd>,
}

const SETTINGS: &str =
    r#"{"ensure": [{"host": "my-registry.com", "endpoints": [{"url": "http://192.168.30.56:5000"}]}]}"#;

impl ThreeNodes {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let servers: Vec<_> = (0..3).map(|_| Sshd::start()).collect();
        let nodes: Vec<_> = servers.iter().enumerate().map(|(i, server)| entry(folder.path(), i, server)).collect();
        let list = serde_json::json!({ "nodes": nodes });
        fs::write(folder.path().join("nodes.json"), list.to_string()).unwrap();
        fs::write(folder.path().join("settings.json"), SETTINGS).unwrap();
        Self { folder, _servers: servers }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Whether the settings are in the files of each node, and what was there still is.
    pub(crate) fn are_set(&self) -> bool {
        (0..3).all(|i| {
            let root = self.path(&format!("n{i}"));
            let config = fs::read_to_string(root.join("etc/containerd/config.toml")).unwrap();
            let hosts = root.join("etc/containerd/certs.d/my-registry.com/hosts.toml");
            config.starts_with("# ours\n") && config.contains("config_path") && hosts.exists()
        })
    }
}

fn entry(folder: &Path, i: usize, server: &Sshd) -> serde_json::Value {
    let root = folder.join(format!("n{i}"));
    fs::create_dir_all(root.join("etc/containerd")).unwrap();
    fs::write(root.join("etc/containerd/config.toml"), "# ours\nversion = 2\n").unwrap();
    serde_json::json!({
        "name": format!("n{i}"), "address": server.address, "port": server.port, "user": user(),
        "identity_files": [server.path("id")], "known_hosts": [server.path("known_hosts")], "root": root,
    })
}
