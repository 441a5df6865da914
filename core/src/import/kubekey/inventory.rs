//! An `Inventory` of version 4.

use std::collections::BTreeSet;

use serde_json::json;

use crate::error::Result;

use super::super::field::Field;
use super::super::remark::{RemarkKind, Remarks};
use super::{Names, Reader, is_of_cluster, role};

const NAMES: Names = Names { private_key: "private_key_content", private_key_file: "private_key" };

/// How deep groups may be in groups.
const DEEPEST: usize = 8;

impl Reader<'_> {
    pub(super) fn inventory(&mut self, root: &Field<'_>, remarks: &mut Remarks) -> Result<()> {
        let Some(spec) = root.get("spec") else { return Ok(()) };
        let vars = spec.get("vars");
        let groups =
            spec.get("groups").map_or_else(|| Ok(Vec::new()), |groups| groups.entries().map(Vec::from_iter))?;
        let mut members = Vec::new();
        for (group, _) in &groups {
            let mut names = BTreeSet::new();
            add_hosts(group, &groups, DEEPEST, &mut names, remarks)?;
            members.push((*group, names));
        }
        let hosts = spec.get("hosts").map_or_else(|| Ok(Vec::new()), |hosts| hosts.entries().map(Vec::from_iter))?;
        for (name, host) in &hosts {
            let of: Vec<_> =
                members.iter().filter(|(_, names)| names.contains(*name)).map(|(group, _)| *group).collect();
            self.host_of_inventory(name, host, &of, (&groups, vars.as_ref()), remarks)?;
        }
        for (group, field) in &groups {
            for (name, place) in field.get("hosts").map_or_else(|| Ok(Vec::new()), |hosts| hosts.texts(remarks))? {
                if hosts.iter().all(|(host, _)| *host != name) {
                    let text = format!("{name} is none of the hosts, so that {group} has one less");
                    remarks.add(RemarkKind::Skipped, &place, text);
                }
            }
        }
        self.config(vars.as_ref(), remarks)
    }

    fn host_of_inventory(
        &mut self,
        name: &str,
        host: &Field<'_>,
        of: &[&str],
        (groups, vars): (&[(&str, Field<'_>)], Option<&Field<'_>>),
        remarks: &mut Remarks,
    ) -> Result<()> {
        let of_groups = groups.iter().filter(|(group, _)| of.contains(group)).map(|(_, field)| field.get("vars"));
        let mut told: Vec<_> = host.get("connector").into_iter().collect();
        told.extend(of_groups.flatten().filter_map(|vars| vars.get("connector")));
        told.extend(vars.and_then(|vars| vars.get("connector")));
        let first = |key: &str| told.iter().find_map(|field| field.get(key).filter(|field| !field.is_empty()));
        let kind = first("type").map_or(Ok(None), |field| field.text(remarks))?;
        if name == "localhost" || kind.as_deref().is_some_and(|kind| kind != "ssh") {
            remarks.add(RemarkKind::Skipped, &host.place, "is not reached by SSH, and is left out");
            return Ok(());
        }
        let mut roles: Vec<_> = of.iter().map(|group| role(group)).filter(|role| *role != "k8s_cluster").collect();
        roles.dedup();
        if !self.options.all_hosts && !is_of_cluster(&roles) {
            let text = "is neither of the control plane nor a worker; the option `all_hosts` takes it too";
            remarks.add(RemarkKind::Skipped, &host.place, text);
            return Ok(());
        }
        let address = match first("host") {
            Some(field) => field.text(remarks)?,
            None => Some(name.to_owned()),
        };
        let Some(address) = address else {
            remarks.add(RemarkKind::Skipped, &host.place, "has no address that is known, and is left out");
            return Ok(());
        };
        let told = if told.is_empty() { std::slice::from_ref(host) } else { &told[..] };
        let mut entry = self.login(told, &NAMES, remarks)?;
        entry.insert("name".into(), name.into());
        entry.insert("address".into(), address.into());
        entry.insert("roles".into(), json!(roles));
        self.list.node(entry);
        Ok(())
    }
}

/// The hosts of a group and of the groups in it.
fn add_hosts(
    group: &str,
    groups: &[(&str, Field<'_>)],
    depth: usize,
    names: &mut BTreeSet<String>,
    remarks: &mut Remarks,
) -> Result<()> {
    let Some((_, field)) = groups.iter().find(|(name, _)| *name == group).filter(|_| depth > 0) else { return Ok(()) };
    if let Some(hosts) = field.get("hosts") {
        names.extend(hosts.texts(remarks)?.into_iter().map(|(name, _)| name));
    }
    if let Some(inner) = field.get("groups") {
        for (name, _) in inner.texts(remarks)? {
            add_hosts(&name, groups, depth - 1, names, remarks)?;
        }
    }
    Ok(())
}
