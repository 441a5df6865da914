//! The real registry: one store behind three doors.

use crate::certs::{self, Pair};
use crate::image::{self, Image};
use crate::namespace::Namespace;
use crate::run::{check, poll, run, unique};
use crate::{Error, Result, bases};
use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

/// The address of every door.
pub const REGISTRY_ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 168, 30, 56);
/// Plain http.
pub const HTTP_PORT: u16 = 5000;
/// https with a self-signed certificate, made out to another name.
pub const SELF_SIGNED_PORT: u16 = 5443;
/// https with a proper certificate from a private authority.
pub const PRIVATE_CA_PORT: u16 = 5444;

const READY_LIMIT: Duration = Duration::from_secs(20);

/// The registry of a fleet. Dropping it ends its processes.
#[derive(Debug)]
pub struct Registry {
    doors: Vec<Child>,
    dir: PathBuf,
    namespace: Namespace,
    authority: PathBuf,
}

impl Registry {
    /// Starts the registry in `namespace`, with `team/app:v1` in it.
    pub(crate) fn start(namespace: Namespace, dir: PathBuf) -> Result<Self> {
        fs::create_dir_all(&dir).map_err(Error::io(format!("making {}", dir.display())))?;
        let self_signed = certs::self_signed(&dir)?;
        let authority = certs::authority(&dir)?;
        let signed = certs::signed_by(&authority, &dir)?;
        let mut registry = Self { doors: Vec::new(), authority: authority.certificate, dir, namespace };
        // The processes share one store, and so the secret that signs uploads.
        let secret = unique()?;
        registry.open(HTTP_PORT, None, &secret)?;
        registry.open(SELF_SIGNED_PORT, Some(&self_signed), &secret)?;
        registry.open(PRIVATE_CA_PORT, Some(&signed), &secret)?;
        for port in [HTTP_PORT, SELF_SIGNED_PORT, PRIVATE_CA_PORT] {
            registry.wait_for(port)?;
        }
        registry.push("team/app", "v1")?;
        Ok(registry)
    }

    /// Puts a new one-layer image in as `repository:tag`. Its layer is unlike
    /// any before, so no node has any part of it.
    ///
    /// # Errors
    /// If the image cannot be made or a request fails.
    pub fn push(&self, repository: &str, tag: &str) -> Result<Image> {
        image::push(&self.namespace, &self.dir, repository, tag)
    }

    /// The certificate of the private authority behind [`PRIVATE_CA_PORT`].
    ///
    /// # Errors
    /// If its file cannot be read.
    pub fn authority_pem(&self) -> Result<String> {
        fs::read_to_string(&self.authority).map_err(Error::io("reading the authority"))
    }

    /// Everything the process behind `port` has logged, with a line for every
    /// request.
    ///
    /// # Errors
    /// If its file cannot be read.
    pub fn log(&self, port: u16) -> Result<String> {
        fs::read_to_string(self.file(port, "log")).map_err(Error::io(format!("reading the log of port {port}")))
    }

    fn file(&self, port: u16, extension: &str) -> PathBuf {
        self.dir.join(format!("{port}.{extension}"))
    }

    fn open(&mut self, port: u16, tls: Option<&Pair>, secret: &str) -> Result<()> {
        let settings = self.file(port, "yml");
        fs::write(&settings, self.settings(port, tls, secret)).map_err(Error::io("writing the registry's settings"))?;
        let log = File::create(self.file(port, "log")).map_err(Error::io("making a registry log"))?;
        let log_too = log.try_clone().map_err(Error::io("sharing a registry log"))?;
        let program = bases::registry_program();
        let door = self
            .namespace
            .command(&program.display().to_string())
            .arg("serve")
            .arg(&settings)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(log_too)
            .spawn()
            .map_err(Error::io("starting the registry"))?;
        self.doors.push(door);
        Ok(())
    }

    fn settings(&self, port: u16, tls: Option<&Pair>, secret: &str) -> String {
        let store = self.dir.join("store");
        let tls = tls.map_or_else(String::new, tls_settings);
        format!(
            "version: 0.1\n\
             log: {{level: info, accesslog: {{disabled: false}}}}\n\
             storage: {{filesystem: {{rootdirectory: {}}}}}\n\
             http:\n  addr: {REGISTRY_ADDRESS}:{port}\n  secret: {secret}\n{tls}",
            store.display()
        )
    }

    fn wait_for(&self, port: u16) -> Result<()> {
        let scheme = if port == HTTP_PORT { "http" } else { "https" };
        let url = format!("{scheme}://{REGISTRY_ADDRESS}:{port}/v2/");
        let waited = poll(&url, READY_LIMIT, || {
            let mut curl = self.namespace.command("curl");
            curl.args(["-fsk", "--max-time", "5", "--noproxy", "*", &url]);
            Ok(run(&mut curl)?.success().then_some(()))
        });
        waited.map_err(|error| Error::new(error.to_string(), self.log(port).unwrap_or_default()))
    }
}

fn tls_settings(pair: &Pair) -> String {
    format!("  tls:\n    certificate: {}\n    key: {}\n", pair.certificate.display(), pair.key.display())
}

impl Drop for Registry {
    fn drop(&mut self) {
        for door in &mut self.doors {
            // Only fails if it has ended already.
            let _ = door.kill();
            let _ = door.wait();
        }
    }
}

/// The SHA-256 of a file, in hexadecimal.
pub(crate) fn digest(path: &Path) -> Result<String> {
    let line = check(&["sha256sum", &path.display().to_string()])?;
    Ok(line.split(' ').next().unwrap_or_default().to_owned())
}
