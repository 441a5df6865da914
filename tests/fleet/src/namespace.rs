//! Network namespaces and the one bridge between them.

use crate::run::{check, run};
use crate::{Error, Result};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::fs::File;
use std::net::Ipv4Addr;
use std::os::fd::AsFd;
use std::process::Command;

/// The bridge's name, inside the controller's namespace.
const BRIDGE: &str = "fleet0";
/// The network card's name inside every other namespace.
const CARD: &str = "eth0";

/// A named network namespace; dropping it deletes it.
#[derive(Debug)]
pub(crate) struct Namespace {
    name: String,
}

impl Namespace {
    /// An empty namespace with its loopback up.
    pub(crate) fn new(name: String) -> Result<Self> {
        check(&["ip", "netns", "add", &name])?;
        let namespace = Self { name };
        check(&["ip", "-n", &namespace.name, "link", "set", "lo", "up"])?;
        Ok(namespace)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Where the kernel shows this namespace as a file.
    pub(crate) fn path(&self) -> String {
        format!("/run/netns/{}", self.name)
    }

    /// A command that will run `program` in here.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name, program]);
        command
    }

    /// Makes this the namespace with the bridge, at `address`.
    pub(crate) fn add_bridge(&self, address: Ipv4Addr) -> Result<()> {
        let cidr = format!("{address}/24");
        let n = &self.name;
        check(&["ip", "-n", n, "link", "add", BRIDGE, "type", "bridge"])?;
        check(&["ip", "-n", n, "addr", "add", &cidr, "dev", BRIDGE])?;
        check(&["ip", "-n", n, "link", "set", BRIDGE, "up"])?;
        Ok(())
    }

    /// Plugs this namespace into the bridge of `hub`, with `address`. Both
    /// ends are born inside their namespaces, so the machine's own interface
    /// list never shows them.
    pub(crate) fn plug_into(&self, hub: &Self, address: Ipv4Addr) -> Result<()> {
        let port = format!("port{}", address.octets()[3]);
        let cidr = format!("{address}/24");
        let (h, n) = (&hub.name, &self.name);
        check(&["ip", "-n", h, "link", "add", &port, "type", "veth", "peer", "name", CARD, "netns", n])?;
        check(&["ip", "-n", h, "link", "set", &port, "master", BRIDGE, "up"])?;
        check(&["ip", "-n", n, "addr", "add", &cidr, "dev", CARD])?;
        check(&["ip", "-n", n, "link", "set", CARD, "up"])?;
        Ok(())
    }

    /// Lets the namespace forward packets: dockerd refuses to start without.
    pub(crate) fn allow_forwarding(&self) -> Result<()> {
        let mut command = self.command("sysctl");
        command.args(["-qw", "net.ipv4.ip_forward=1"]);
        run(&mut command)?.ok("switching on ip_forward")?;
        Ok(())
    }

    /// Moves the calling thread, and the threads it will make, in here. There
    /// is no way back: do this in a thread that is made for it.
    pub(crate) fn enter(&self) -> Result<()> {
        let path = self.path();
        let file = File::open(&path).map_err(Error::io(format!("opening {path}")))?;
        move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network))
            .map_err(|error| Error::new(format!("entering {path}"), error.to_string()))
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // Nobody is left who could do something about a failure; the sweep of
        // the next start tries again.
        let _ = check(&["ip", "netns", "del", &self.name]);
    }
}
