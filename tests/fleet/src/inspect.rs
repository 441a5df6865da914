//! What a running node says about its daemons.

use crate::{Error, Node, Result};

/// The journal's marks for what happened to a unit.
const STARTED: &str = "39f53479d3a045ac8e11786248231fbf";
const FAILED: &str = "be02cf6855d2428ba40df7e9d022f03d";
const RELOADED: &str = "7b05ebc668384222baa8881179cfda54";

impl Node {
    /// The version of the running containerd.
    ///
    /// # Errors
    /// If it does not answer.
    pub fn containerd_version(&self) -> Result<String> {
        let text = self.exec(&["ctr", "version"])?.ok("ctr version")?;
        let version = text
            .split_once("Server:")
            .and_then(|(_, server)| server.lines().find_map(|l| l.trim().strip_prefix("Version:")));
        let version = version.ok_or_else(|| Error::new("ctr names no server version", &text))?;
        Ok(version.trim().to_owned())
    }

    /// The version of the running dockerd.
    ///
    /// # Errors
    /// If it does not answer.
    pub fn docker_version(&self) -> Result<String> {
        let format = "{{.Server.Version}}";
        let output = self.exec(&["docker", "version", "--format", format])?;
        Ok(output.ok("docker version")?.trim().to_owned())
    }

    /// How often `unit` (for example `docker.service`) has become active
    /// since the node's last boot.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn starts(&self, unit: &str) -> Result<usize> {
        self.count(unit, STARTED)
    }

    /// How many attempts to start `unit` have failed since the last boot.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn failed_starts(&self, unit: &str) -> Result<usize> {
        self.count(unit, FAILED)
    }

    /// How often systemd has reloaded `unit` since the last boot. A signal
    /// sent past systemd is not counted.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn reloads(&self, unit: &str) -> Result<usize> {
        self.count(unit, RELOADED)
    }

    fn count(&self, unit: &str, mark: &str) -> Result<usize> {
        self.exec(&["journalctl", "--sync"])?.ok("journalctl --sync")?;
        let (unit, mark) = (format!("UNIT={unit}"), format!("MESSAGE_ID={mark}"));
        let output = self.exec(&["journalctl", "-b", "-q", "-o", "cat", &unit, &mark])?;
        Ok(output.ok("journalctl")?.lines().count())
    }
}
