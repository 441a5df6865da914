//! `KubeKey`: a `Cluster` of v1alpha1 and v1alpha2, or an `Inventory` and a `Config` of version 4. They may stand in one
//! file, with documents of others between them.

mod cluster;
mod inventory;
mod registry;

use serde_json::{Map, Value, json};

use crate::error::Result;

use super::field::Field;
use super::found::{Found, List, at_home};
use super::options::Options;
use super::registries::Registries;
use super::remark::{RemarkKind, Remarks};
use super::source::Source;
use super::yaml::Yaml;

pub(super) fn read(source: &Source, options: &Options, remarks: &mut Remarks) -> Result<Found> {
    let mut reader = Reader { source, options, list: List::default(), registries: Registries::default() };
    for document in source.documents()? {
        let yaml = Yaml::parse(&document, remarks)?;
        let root = Field::new(&document, &yaml);
        match root.text_of("kind", remarks)?.as_deref() {
            Some("Cluster") => reader.cluster(&root, remarks)?,
            Some("Inventory") => reader.inventory(&root, remarks)?,
            Some("Config") => reader.config(root.get("spec").as_ref(), remarks)?,
            None => reader.config(Some(&root), remarks)?,
            // Such as what KubeSphere itself is told.
            Some(_) => {}
        }
    }
    Ok(reader.list.found(reader.registries.into_settings()?))
}

/// What is read so far.
struct Reader<'a> {
    source: &'a Source,
    options: &'a Options,
    list: List,
    registries: Registries,
}

/// How a form calls what a login needs.
struct Names {
    private_key: &'static str,
    private_key_file: &'static str,
}

impl Reader<'_> {
    /// Where a host is and how to log in to it, by the first of these that tells it. `KubeKey` logs in as root if no user
    /// is told, and becomes root by sudo with the login's password.
    fn login(&self, told: &[Field<'_>], names: &Names, remarks: &mut Remarks) -> Result<Map<String, Value>> {
        let first = |key: &str| told.iter().find_map(|field| field.get(key).filter(|field| !field.is_empty()));
        let mut text = |key: &str| first(key).map_or(Ok(None), |field| field.text(remarks));
        let (user, password) = (text("user")?, text("password")?);
        let (key, file) = (text(names.private_key)?, text(names.private_key_file)?);
        let mut entry = Map::new();
        if let Some(port) = first("port") {
            entry.extend(port.number::<u16>("a port", remarks)?.map(|port| ("port".to_owned(), port.into())));
        }
        let is_root = user.as_deref().is_none_or(|user| user == "root");
        entry.insert("user".into(), user.unwrap_or_else(|| "root".into()).into());
        if !is_root {
            entry.insert("become".into(), "sudo".into());
            entry.extend(password.clone().map(|password| ("become_password".to_owned(), password.into())));
        }
        if password.is_none() && key.is_none() && file.is_none() && !self.tells_login() {
            Self::say_no_key(told, remarks);
        }
        entry.extend(password.map(|password| ("password".to_owned(), password.into())));
        match key {
            Some(key) => drop(entry.insert("identity_keys".into(), json!([key]))),
            None => entry.extend(file.map(|file| ("identity_files".to_owned(), json!([at_home(&file)])))),
        }
        Ok(entry)
    }

    fn tells_login(&self) -> bool {
        ["identity_files", "identity_keys", "agent", "password"].iter().any(|key| self.options.defaults_have(key))
    }

    fn say_no_key(told: &[Field<'_>], remarks: &mut Remarks) {
        let text = "has neither a password nor a key; KubeKey would take ~/.ssh/id_rsa: name it as `identity_files` in the \
                    option `defaults`";
        told.iter().take(1).for_each(|field| remarks.add(RemarkKind::Unresolved, &field.place, text));
    }

    /// The engine to set; remarks on one that is not known here.
    fn engine(manager: Option<&Field<'_>>, remarks: &mut Remarks) -> Result<Option<&'static str>> {
        let Some(field) = manager else { return Ok(None) };
        match field.text(remarks)?.as_deref() {
            Some("docker") => Ok(Some("docker")),
            Some("containerd") => Ok(Some("containerd")),
            Some(other) => {
                let text = format!("{other} is no engine that regconf sets; every engine that is found will be set");
                remarks.add(RemarkKind::Ineffective, &field.place, text);
                Ok(None)
            }
            None => Ok(None),
        }
    }
}

/// The roles of a node as they are called here.
fn role(group: &str) -> &str {
    match group {
        "control-plane" | "master" | "kube_control_plane" => "control-plane",
        "worker" | "kube_worker" => "worker",
        other => other,
    }
}

/// Whether a member of these roles runs pods.
fn is_of_cluster(roles: &[&str]) -> bool {
    roles.iter().any(|role| ["control-plane", "worker"].contains(role))
}

#[cfg(test)]
mod tests;
