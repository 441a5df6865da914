//! Inventories of kubespray, in YAML or INI, with the variables beside them; and its variables alone.

mod containerd;
mod docker;
mod export;
mod mirrors;
mod variables;

use serde_json::{Value, json};

use crate::error::Result;
use crate::settings::{Registry, Settings};

use super::ansible::{Host, Inventory, Login, Reader, jump_host, login};
use super::found::{Found, List};
use super::options::Options;
use super::remark::{RemarkKind, Remarks};
use super::source::Source;

pub use export::to_kubespray;
use variables::Used;

/// Groups with all nodes of the cluster; up to 2.15 with hyphens.
const CLUSTER: [&str; 2] = ["k8s_cluster", "k8s-cluster"];

/// Groups of nodes that run containers, where no group has all of them.
const PARTS: [&str; 7] =
    ["kube_control_plane", "kube-master", "kube_master", "kube_node", "kube-node", "calico_rr", "calico-rr"];

/// Roles by the groups that mean them.
const ROLES: [(&str, &[&str]); 3] = [
    ("control-plane", &["kube_control_plane", "kube-master", "kube_master"]),
    ("etcd", &["etcd"]),
    ("worker", &["kube_node", "kube-node"]),
];

/// Reads an inventory of kubespray.
pub(super) fn read(source: &Source, options: &Options, remarks: &mut Remarks) -> Result<Found> {
    let inventory = Inventory::read(source, remarks)?;
    variables::remark_on_old(&inventory, remarks);
    found(&inventory, source, options, remarks, |_, _| Ok(true))
}

/// Reads the nodes of the cluster and what is wanted of them. A caller may leave out hosts for reasons of its own,
/// which it remarks on.
pub(super) fn found(
    inventory: &Inventory,
    source: &Source,
    options: &Options,
    remarks: &mut Remarks,
    is_wanted: impl Fn(&Host, &mut Reader<'_, '_>) -> Result<bool>,
) -> Result<Found> {
    let mut nodes =
        Nodes { inventory, source, options, remarks, list: List::default(), used: Used::default(), wants: Vec::new() };
    let bastion = nodes.bastion()?;
    for host in inventory.hosts() {
        if nodes.is_chosen(host) {
            nodes.node(host, bastion.as_deref(), &is_wanted)?;
        }
    }
    nodes.finish()
}

struct Nodes<'a> {
    inventory: &'a Inventory,
    source: &'a Source,
    options: &'a Options,
    remarks: &'a mut Remarks,
    list: List,
    used: Used,
    /// What is wanted of each node.
    wants: Vec<Settings>,
}

impl Nodes<'_> {
    /// Whether the host is one of those that are imported; says it of those that are not.
    fn is_chosen(&mut self, host: &Host) -> bool {
        let why = if host.name == "localhost" {
            "is the machine that Ansible runs on, and no node"
        } else if self.is_bastion(&host.name) {
            "is the jump host, and no node"
        } else if self.options.all_hosts || self.is_member(&host.name) {
            return true;
        } else if self.inventory.is_in(&host.name, "etcd") {
            "has etcd only, and is no member of the cluster; the option all_hosts takes it too"
        } else {
            "is no member of the cluster; the option all_hosts takes it too"
        };
        self.remarks.add(RemarkKind::Skipped, &host.place, why);
        false
    }

    fn is_bastion(&self, host: &str) -> bool {
        host == "bastion" || self.inventory.is_in(host, "bastion")
    }

    /// An inventory without any group of a cluster is a plain list of hosts.
    fn is_member(&self, host: &str) -> bool {
        let is_in = |groups: &[&str]| groups.iter().any(|group| self.inventory.is_in(host, group));
        let has = |groups: &[&str]| groups.iter().any(|group| self.inventory.has_group(group));
        match (has(&CLUSTER), has(&PARTS)) {
            (true, _) => is_in(&CLUSTER),
            (false, true) => is_in(&PARTS),
            (false, false) => true,
        }
    }

    /// The jump host that leads to the nodes: its name, if there is one.
    fn bastion(&mut self) -> Result<Option<String>> {
        let named = self.inventory.named_in("bastion").next();
        let Some(host) = named.or(Some("bastion")).and_then(|name| self.inventory.host(name)) else { return Ok(None) };
        let scope = self.inventory.scope(host, self.source, self.options);
        let (source, options) = (self.source, self.options);
        let mut reader = Reader { scope: &scope, source, options, remarks: &mut *self.remarks };
        let Some(entry) = jump_host(host, &mut reader)? else { return Ok(None) };
        self.list.jump_host(&host.name, entry);
        Ok(Some(host.name.clone()))
    }

    fn node(
        &mut self,
        host: &Host,
        bastion: Option<&str>,
        is_wanted: &impl Fn(&Host, &mut Reader<'_, '_>) -> Result<bool>,
    ) -> Result<()> {
        let scope = self.inventory.scope(host, self.source, self.options);
        let (source, options) = (self.source, self.options);
        let mut reader = Reader { scope: &scope, source, options, remarks: &mut *self.remarks };
        if !is_wanted(host, &mut reader)? || !has_known_engine(host, &mut reader)? {
            return Ok(());
        }
        let Some(login) = login(host, &mut reader)? else { return Ok(()) };
        let settings = variables::settings(&mut reader, &mut self.used)?;
        let config = containerd::config_path(&mut reader)?;
        let mut entry = self.reached(login, bastion);
        let roles =
            ROLES.iter().filter(|(_, groups)| groups.iter().any(|group| self.inventory.is_in(&host.name, group)));
        let roles: Vec<_> = roles.map(|(role, _)| *role).collect();
        if !roles.is_empty() {
            entry.insert("roles".into(), json!(roles));
        }
        entry.extend(config.map(|path| ("containerd_config".to_owned(), Value::from(path))));
        self.list.node(entry);
        self.wants.push(settings);
        Ok(())
    }

    /// The entry with its way: the one that it has of its own, or the jump host of all.
    fn reached(&mut self, login: Login, bastion: Option<&str>) -> serde_json::Map<String, Value> {
        let mut entry = login.entry;
        let is_local = entry.contains_key("local");
        let names: Vec<_> = login.jump_hosts.iter().map(|(name, _)| name.clone()).collect();
        for (name, host) in login.jump_hosts {
            self.list.jump_host(&name, host);
        }
        if !names.is_empty() {
            entry.insert("jump".into(), json!(names));
        } else if let Some(bastion) = bastion.filter(|_| !login.has_way && !is_local) {
            entry.insert("jump".into(), json!([bastion]));
        }
        entry
    }

    /// What all nodes want alike is wanted of all; the rest stands with each node.
    fn finish(mut self) -> Result<Found> {
        if self.inventory.hosts().is_empty() {
            let scope = self.inventory.scope_of_all(self.source, self.options);
            let (source, options) = (self.source, self.options);
            let mut reader = Reader { scope: &scope, source, options, remarks: &mut *self.remarks };
            self.wants.push(variables::settings(&mut reader, &mut self.used)?);
        }
        self.used.remark_on_others(self.inventory, self.remarks);
        let of_all = in_all(&self.wants)?;
        for (entry, own) in self.list.nodes().iter_mut().zip(&self.wants) {
            let own = without(own, &of_all)?;
            if !own.ensured().is_empty() {
                entry.insert("settings".into(), own.to_json());
            }
        }
        Ok(self.list.found(of_all))
    }
}

/// Whether this library can set the node's engine.
fn has_known_engine(host: &Host, reader: &mut Reader<'_, '_>) -> Result<bool> {
    let manager = reader.variable(&["container_manager"])?;
    let is_crio = manager.is_some_and(|(name, _)| name == "crio");
    if is_crio {
        reader.remarks.add(RemarkKind::Skipped, &host.place, "has CRI-O, which this library does not set");
    }
    Ok(!is_crio)
}

/// The registries that all of these have, set alike.
fn in_all(wants: &[Settings]) -> Result<Settings> {
    let Some((first, others)) = wants.split_first() else { return Ok(Settings::default()) };
    let is_in_all = |registry: &&Registry| others.iter().all(|other| other.ensured().contains(registry));
    first.ensured().iter().filter(is_in_all).cloned().try_fold(Settings::default(), Settings::ensure)
}

fn without(settings: &Settings, others: &Settings) -> Result<Settings> {
    let own = settings.ensured().iter().filter(|registry| !others.ensured().contains(registry));
    own.cloned().try_fold(Settings::default(), Settings::ensure)
}

#[cfg(test)]
mod tests;
