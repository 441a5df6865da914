//! The hosts of an OpenSSH client configuration as a node list.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::error::{Error, Result};

use super::entry::{Entry, HostKeyPolicy};
use super::ssh_config::{Place, SshConfig, Warning, Warnings};

/// A host that a configuration names.
pub(crate) struct SshHost {
    /// Its name behind `Host`.
    pub(crate) name: String,
    /// Where that stands.
    pub(crate) place: Place,
    /// Its entry in a node list. `jump` in it names jump hosts of [`SshHosts::jump_hosts`].
    pub(crate) entry: Map<String, Value>,
    /// The names behind `Host` that its jump hosts have, if they have one.
    pub(crate) leads: Vec<String>,
}

/// The hosts of a configuration.
pub(crate) struct SshHosts {
    /// Those without a wildcard, in the order of their first mention.
    pub(crate) hosts: Vec<SshHost>,
    /// Entries of the hosts that lead to them, by name.
    pub(crate) jump_hosts: BTreeMap<String, Map<String, Value>>,
    /// What was not understood.
    pub(crate) warnings: Vec<Warning>,
}

/// Reads a configuration, and the files that it includes if it stands in one itself.
pub(crate) fn ssh_hosts(text: &str, path: Option<&Path>) -> Result<SshHosts> {
    let mut warnings = Warnings::default();
    let config = SshConfig::parse(text, path, &mut warnings)?;
    let mut found = SshHosts { hosts: Vec::new(), jump_hosts: BTreeMap::new(), warnings: Vec::new() };
    for alias in config.aliases() {
        let entry = Entry { address: Some(alias.name.clone()), ..Entry::default() };
        let (entry, places) = config.complete(entry, &mut warnings);
        let at = |error: Error| {
            let error = error.with_key(&alias.name).with_line(alias.place.line);
            alias.place.path.iter().fold(error, Error::with_path)
        };
        let chain = config.jump_entries(&places, &Entry::default(), &mut warnings).map_err(at)?;
        let leads = chain.iter().filter_map(|host| host.name.clone()).collect();
        let mut entry = written(&entry);
        if !chain.is_empty() {
            entry.insert("jump".into(), found.add_jump_hosts(chain).into());
        }
        found.hosts.push(SshHost { name: alias.name.clone(), place: alias.place.clone(), entry, leads });
    }
    found.warnings = warnings.into_list().collect();
    Ok(found)
}

impl SshHosts {
    /// Gives the names under which they are told apart: one host may be reached as several users.
    fn add_jump_hosts(&mut self, chain: Vec<Entry>) -> Vec<String> {
        let add = |host: Entry| {
            let first = host.name.clone().unwrap_or_default();
            let entry = written(&Entry { name: None, ..host });
            let numbered = (2..).map(|i| format!("{first}-{i}"));
            let mut names = std::iter::once(first.clone()).chain(numbered);
            let is_free = |name: &String| self.jump_hosts.get(name).is_none_or(|known| *known == entry);
            let name = names.find(is_free).unwrap_or_default();
            self.jump_hosts.insert(name.clone(), entry);
            name
        };
        chain.into_iter().map(add).collect()
    }
}

/// The entry in JSON, with only what it says: a configuration has no other keys than these.
fn written(entry: &Entry) -> Map<String, Value> {
    let host_keys = entry.host_keys.map(|policy| match policy {
        HostKeyPolicy::AcceptNew => "accept-new",
        HostKeyPolicy::Strict | HostKeyPolicy::Pinned => "strict",
    });
    let keys = [
        ("name", json!(entry.name)),
        ("address", json!(entry.address)),
        ("port", json!(entry.port)),
        ("user", json!(entry.user)),
        ("identity_files", json!(entry.identity_files)),
        ("certificate_files", json!(entry.certificate_files)),
        ("agent", json!(entry.agent)),
        ("known_hosts", json!(entry.known_hosts)),
        ("host_keys", json!(host_keys)),
        ("proxy_command", json!(entry.proxy_command)),
        ("connect_attempts", json!(entry.connect_attempts)),
        ("connect_timeout", json!(entry.connect_timeout)),
    ];
    keys.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> SshHosts {
        ssh_hosts(text, None).unwrap()
    }

    #[test]
    fn names_without_wildcards_are_hosts() {
        let found = read("Host n1 n? !n3 n2\n Port 2222\nHost *\n User ops\nHost n1 fd00::1\n HostName 10.0.0.1\n");
        let shown: Vec<_> = found.hosts.iter().map(|host| (host.name.as_str(), host.place.line)).collect();
        assert_eq!(shown, [("n1", 1), ("n2", 1), ("fd00::1", 5)]);
        let entry = json!({ "name": "n1", "address": "10.0.0.1", "port": 2222, "user": "ops" });
        assert_eq!(Value::Object(found.hosts[0].entry.clone()), entry);
        assert!(found.warnings.is_empty() && read("Match host x\nHost n1\n").hosts.len() == 1);
    }

    #[test]
    fn jump_hosts_are_told_apart_by_what_they_are() {
        let text = "Host n1\nProxyJump a,b\nHost n2\nProxyJump ops@b\nHost n3\nProxyJump b\nHost b\nPort 23\n";
        let found = read(text);
        let jumps: Vec<_> = found.hosts.iter().map(|host| host.entry.get("jump").map(ToString::to_string)).collect();
        let jumps: Vec<_> = jumps.iter().map(|jump| jump.as_deref().unwrap_or_default()).collect();
        assert_eq!(jumps, [r#"["a","b"]"#, r#"["b-2"]"#, r#"["b"]"#, ""]);
        assert_eq!(found.jump_hosts["b-2"]["address"], "ops@b");
        assert_eq!(
            (&found.jump_hosts["b"]["port"], &found.hosts[0].leads[..]),
            (&Value::from(23), &["a".to_owned(), "b".to_owned()][..])
        );
    }

    #[test]
    fn a_text_alone_includes_nothing() {
        let found = read("Include /etc/ssh/ssh_config\nHost n1\n");
        assert_eq!(found.warnings.len(), 1);
        assert!(found.warnings[0].to_string().starts_with("line 1: Include names files"), "{}", found.warnings[0]);
        let error = ssh_hosts("Host n1\nUser \"ops\n", None).err().unwrap();
        assert_eq!((error.line(), error.path()), (Some(2), None));
        let error = ssh_hosts("Host n1\nProxyJump n1\n", None).err().unwrap();
        assert_eq!((error.line(), error.key()), (Some(1), Some("n1.ProxyJump")));
    }
}
