//! A `Cluster` of v1alpha1 and v1alpha2.

use serde_json::json;

use crate::error::Result;

use super::super::field::Field;
use super::super::remark::{Place, RemarkKind, Remarks};
use super::{Names, Reader, is_of_cluster, role};

const NAMES: Names = Names { private_key: "privateKey", private_key_file: "privateKeyPath" };

/// A range of names has no more; a larger one is a slip.
const LONGEST_RANGE: u32 = 10_000;

impl Reader<'_> {
    pub(super) fn cluster(&mut self, root: &Field<'_>, remarks: &mut Remarks) -> Result<()> {
        let Some(spec) = root.get("spec") else { return Ok(()) };
        let engine = Self::engine(spec.at(&["kubernetes", "containerManager"]).as_ref(), remarks)?;
        let members = members(&spec, remarks)?;
        let mut names = Vec::new();
        if let Some(hosts) = spec.get("hosts") {
            for host in hosts.items()? {
                names.extend(host.text_of("name", remarks)?);
                self.host(&host, &members, engine, remarks)?;
            }
        }
        for (_, name, place) in members.iter().filter(|(_, member, _)| !names.contains(member)) {
            remarks.add(RemarkKind::Skipped, place, format!("{name} is none of the hosts"));
        }
        match spec.get("registry") {
            Some(registry) => self.registry_of_cluster(&registry, engine, remarks),
            None => Ok(()),
        }
    }

    fn host(
        &mut self,
        host: &Field<'_>,
        members: &[(String, String, Place)],
        engine: Option<&str>,
        remarks: &mut Remarks,
    ) -> Result<()> {
        let known = [
            "name",
            "address",
            "internalAddress",
            "port",
            "user",
            "password",
            "privateKey",
            "privateKeyPath",
            "arch",
            "timeout",
            "labels",
            "id",
        ];
        host.only(&known, remarks)?;
        let name = host.text_of("name", remarks)?;
        let Some(address) = host.text_of("address", remarks)? else {
            remarks.add(RemarkKind::Skipped, &host.place, "has no address, and is left out");
            return Ok(());
        };
        let is_it = |(_, member, _): &&(String, String, Place)| Some(member) == name.as_ref();
        let mut roles: Vec<_> = members.iter().filter(is_it).map(|(group, ..)| role(group)).collect();
        roles.dedup();
        if !self.options.all_hosts && !is_of_cluster(&roles) {
            let text = "is neither of the control plane nor a worker; the option `all_hosts` takes it too";
            remarks.add(RemarkKind::Skipped, &host.place, text);
            return Ok(());
        }
        let mut entry = self.login(std::slice::from_ref(host), &NAMES, remarks)?;
        entry.insert("address".into(), address.into());
        entry.extend(name.map(|name| ("name".to_owned(), name.into())));
        if let Some(timeout) = host.get("timeout") {
            let seconds = timeout.number::<u64>("a number of seconds", remarks)?.filter(|seconds| *seconds > 0);
            entry.extend(seconds.map(|seconds| ("connect_timeout".to_owned(), seconds.into())));
        }
        entry.insert("roles".into(), json!(roles));
        entry.extend(engine.map(|engine| ("engines".to_owned(), json!([engine]))));
        self.list.node(entry);
        Ok(())
    }
}

/// The members of the groups: group, host, place.
fn members(spec: &Field<'_>, remarks: &mut Remarks) -> Result<Vec<(String, String, Place)>> {
    let mut members = Vec::new();
    let Some(groups) = spec.get("roleGroups") else { return Ok(members) };
    for (group, hosts) in groups.entries()? {
        for (name, place) in hosts.texts(remarks)? {
            match expanded(&name) {
                Some(names) => members.extend(names.into_iter().map(|name| (group.to_owned(), name, place.clone()))),
                None => members.push((group.to_owned(), name, place)),
            }
        }
    }
    Ok(members)
}

/// The names of `node[2:10]`; nothing for a name that is no range.
fn expanded(name: &str) -> Option<Vec<String>> {
    let (start, rest) = name.split_once('[')?;
    let (first, last) = rest.strip_suffix(']')?.split_once(':')?;
    let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
    (last.checked_sub(first)? < LONGEST_RANGE).then(|| (first..=last).map(|i| format!("{start}{i}")).collect())
}
