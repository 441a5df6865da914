//! Inventories of Ansible: hosts, groups, and the variables that a host has in the end.

mod document;
mod files;
mod ini;
mod login;
mod range;
mod scope;
mod ssh_args;

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, ErrorKind, Result};

use super::options::Options;
use super::remark::{Place, Remarks};
use super::source::Source;
use super::yaml::Yaml;

pub(super) use ini::{groups as groups_of_ini, is_ini};
pub(super) use login::{Login, jump_host, login};
pub(super) use scope::{Reader, Scope};

/// The group that has every host.
const ALL: &str = "all";

/// A variable, and where it stands; the key of the place is its name.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub(super) value: Yaml,
    pub(super) place: Place,
}

/// Variables by their names.
pub(super) type Variables = BTreeMap<String, Variable>;

/// A host of the inventory.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) name: String,
    pub(super) place: Place,
    variables: Variables,
    from_files: Variables,
}

#[derive(Debug, Default)]
struct Group {
    hosts: BTreeSet<String>,
    children: BTreeSet<String>,
    variables: Variables,
    from_files: Variables,
}

/// Hosts and groups with their variables.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    hosts: Vec<Host>,
    index: BTreeMap<String, usize>,
    groups: BTreeMap<String, Group>,
    /// Of each group that has a parent, the parents.
    parents: BTreeMap<String, BTreeSet<String>>,
    /// Of each host, the groups that name it.
    member_of: BTreeMap<String, BTreeSet<String>>,
    depths: BTreeMap<String, usize>,
}

impl Inventory {
    /// Reads an inventory in YAML or INI, with `group_vars` and `host_vars` beside it, or a file of variables alone.
    pub(super) fn read(source: &Source, remarks: &mut Remarks) -> Result<Self> {
        let mut inventory = Self::default();
        inventory.group(ALL);
        if is_ini(source.as_str()) {
            ini::read(source, &mut inventory)?;
        } else {
            document::read(source, &mut inventory, remarks)?;
        }
        inventory.relate()?;
        if let Some(folder) = source.folder().filter(|_| !inventory.hosts.is_empty()) {
            files::read(folder, &mut inventory, remarks)?;
        }
        Ok(inventory)
    }

    /// The hosts in the order in which they were met.
    pub(super) fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    pub(super) fn host(&self, name: &str) -> Option<&Host> {
        self.index.get(name).map(|at| &self.hosts[*at])
    }

    pub(super) fn has_group(&self, name: &str) -> bool {
        self.groups.contains_key(name)
    }

    /// Whether the host is in the group or in one below it.
    pub(super) fn is_in(&self, host: &str, group: &str) -> bool {
        group == ALL || self.groups_of(host).contains(group)
    }

    /// The hosts that a group names itself.
    pub(super) fn named_in(&self, group: &str) -> impl Iterator<Item = &str> {
        self.groups.get(group).into_iter().flat_map(|group| &group.hosts).map(String::as_str)
    }

    /// What counts for a host: of what is said several times, what stands nearest to it.
    pub(super) fn scope<'a>(&'a self, host: &'a Host, source: &Source, options: &'a Options) -> Scope<'a> {
        let mut groups: Vec<_> = self.groups_of(&host.name).into_iter().collect();
        groups.sort_by_key(|name| (self.depths.get(*name), self.priority(name), *name));
        let groups: Vec<_> = groups.into_iter().filter_map(|name| self.groups.get(name)).collect();
        let all = self.groups.get(ALL);
        let mut layers: Vec<&Variables> = all.map(|all| &all.variables).into_iter().collect();
        layers.extend(groups.iter().map(|group| &group.variables));
        layers.extend(all.map(|all| &all.from_files));
        layers.extend(groups.iter().map(|group| &group.from_files));
        layers.extend([&host.variables, &host.from_files]);
        Scope::new(&layers, &host.name, source, options)
    }

    /// What counts where no host is: the variables of a file that has nothing else.
    pub(super) fn scope_of_all<'a>(&'a self, source: &Source, options: &'a Options) -> Scope<'a> {
        let layers: Vec<_> = self.groups.get(ALL).map(|all| &all.variables).into_iter().collect();
        Scope::new(&layers, "", source, options)
    }

    /// Every variable, wherever it stands.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&str, &Variable)> {
        let of_groups = self.groups.values().flat_map(|group| [&group.variables, &group.from_files]);
        let of_hosts = self.hosts.iter().flat_map(|host| [&host.variables, &host.from_files]);
        of_groups.chain(of_hosts).flatten().map(|(name, variable)| (name.as_str(), variable))
    }

    fn group(&mut self, name: &str) -> &mut Group {
        self.groups.entry(name.to_owned()).or_default()
    }

    /// The host of this name, new or met before.
    fn add_host(&mut self, name: &str, place: Place) -> &mut Host {
        let at = *self.index.entry(name.to_owned()).or_insert_with(|| {
            let (variables, from_files) = Default::default();
            self.hosts.push(Host { name: name.to_owned(), place, variables, from_files });
            self.hosts.len() - 1
        });
        &mut self.hosts[at]
    }

    /// Notes who is in what, once all groups are known.
    fn relate(&mut self) -> Result<()> {
        for (name, group) in &self.groups {
            for host in &group.hosts {
                self.member_of.entry(host.clone()).or_default().insert(name.clone());
            }
            for child in &group.children {
                self.parents.entry(child.clone()).or_default().insert(name.clone());
            }
        }
        let names: Vec<_> = self.groups.keys().cloned().collect();
        names.iter().try_for_each(|name| self.find_depth(name, &mut Vec::new()).map(drop))
    }

    /// How far the group is below `all`, on the longest way.
    fn find_depth(&mut self, name: &str, below: &mut Vec<String>) -> Result<usize> {
        if let Some(depth) = self.depths.get(name) {
            return Ok(*depth);
        }
        if below.iter().any(|group| group == name) {
            let error = Error::new(ErrorKind::Parse, format!("the group {name} is below itself"));
            return Err(error.with_hint("take it out of the children of one of its children"));
        }
        below.push(name.to_owned());
        let parents = self.parents.get(name).cloned().unwrap_or_default();
        let mut depth = usize::from(name != ALL);
        for parent in parents {
            depth = depth.max(self.find_depth(&parent, below)? + 1);
        }
        below.pop();
        self.depths.insert(name.to_owned(), depth);
        Ok(depth)
    }

    /// The groups that a host is in, without `all`.
    fn groups_of(&self, host: &str) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        let mut left: Vec<&str> = self.member_of.get(host).into_iter().flatten().map(String::as_str).collect();
        while let Some(group) = left.pop() {
            if group != ALL && found.insert(group) {
                left.extend(self.parents.get(group).into_iter().flatten().map(String::as_str));
            }
        }
        found
    }

    fn priority(&self, group: &str) -> i64 {
        let variable = self.groups.get(group).and_then(|group| group.variables.get("ansible_group_priority"));
        variable.and_then(|variable| variable.value.scalar()?.parse().ok()).unwrap_or(1)
    }
}

#[cfg(test)]
mod tests;
