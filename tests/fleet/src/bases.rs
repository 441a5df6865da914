//! The part of the fleet that is made once per machine.

use crate::{Error, Kind, Result};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Where the bases are kept: `REGCONF_FLEET_CACHE`, by default
/// `/var/cache/regconf-fleet`.
pub fn cache_dir() -> PathBuf {
    std::env::var_os("REGCONF_FLEET_CACHE")
        .filter(|dir| !dir.is_empty())
        .map_or_else(|| "/var/cache/regconf-fleet".into(), PathBuf::from)
}

/// Makes what is missing in the cache by running `make-bases`, which tells its
/// progress on standard error. Takes minutes the first time on a machine and
/// next to nothing afterwards.
///
/// # Errors
/// If the script fails; its own output says why.
pub fn ensure_bases() -> Result<()> {
    make_bases(&[])
}

/// As [`ensure_bases`], and makes the engines and programs that judge a configuration, `containerd-2.3`,
/// `containerd-2.4` and `judges` in the cache: trees to be laid over a base.
///
/// # Errors
/// If the script fails; its own output says why.
pub fn ensure_judges() -> Result<()> {
    make_bases(&["judges"])
}

fn make_bases(arguments: &[&str]) -> Result<()> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/make-bases");
    let status = Command::new(script)
        .args(arguments)
        .env("REGCONF_FLEET_CACHE", cache_dir())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .map_err(Error::io(format!("starting {script}")))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::new(script, format!("{status}, see above")))
}

/// The base file system of a kind.
pub(crate) fn base(kind: Kind) -> PathBuf {
    cache_dir().join(kind.name())
}

/// What every node has over its base: crictl and its settings.
pub(crate) fn crictl_layer() -> PathBuf {
    cache_dir().join("crictl")
}

/// The registry's program.
pub(crate) fn registry_program() -> PathBuf {
    cache_dir().join("registry/usr/bin/docker-registry")
}
