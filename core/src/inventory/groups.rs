//! Groups of nodes, and the settings that they have of their own.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};
use crate::object::Object;
use crate::settings::{RawSettings, Settings};

/// A group as it stands in the list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawGroup {
    settings: Option<Object<RawSettings>>,
}

/// The groups of a list and their settings.
pub(super) struct Groups(BTreeMap<String, Settings>);

impl Groups {
    pub(super) fn read(raw: BTreeMap<String, Object<RawGroup>>) -> Result<Self> {
        let read = |(name, Object(group)): (String, Object<RawGroup>)| {
            let settings = group.settings.map_or_else(|| Ok(Settings::default()), |raw| raw.0.settings());
            let at = |error: Error| error.with_key("settings").with_key(&name).with_key("groups");
            Ok((name.clone(), settings.map_err(at)?))
        };
        raw.into_iter().map(read).collect::<Result<_>>().map(Self)
    }

    /// What all these groups want together; `None` for no group.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for a group that the list does not have, [`ErrorKind::Conflict`] for two of which
    /// neither is above the other and that want different things of one host.
    pub(super) fn settings_of(&self, names: &[String]) -> Result<Option<Settings>> {
        let mut seen: Vec<(&str, &Settings)> = Vec::new();
        for name in names {
            let settings = self.0.get(name).ok_or_else(|| {
                Error::invalid(format!("the list has no group {name}")).with_hint("add it to \"groups\" of the list")
            })?;
            seen.iter().try_for_each(|(other, before)| agree((other, before), (name, settings)))?;
            seen.push((name, settings));
        }
        let all = seen.into_iter().map(|(_, settings)| settings);
        Ok(all.fold(None, |all: Option<Settings>, settings| {
            Some(all.map_or_else(|| settings.clone(), |all| all.overlaid(settings)))
        }))
    }
}

fn agree((a, before): (&str, &Settings), (b, settings): (&str, &Settings)) -> Result<()> {
    match before.hosts().find(|host| before.says_otherwise(settings, host)) {
        None => Ok(()),
        Some(host) => Err(Error::new(ErrorKind::Conflict, format!("the groups {a} and {b} do not agree on {host}"))
            .with_hint("let one of them name the host, or take the node out of one")),
    }
}

#[cfg(test)]
mod tests {
    use crate::inventory::parse;
    use crate::node::Node;

    #[test]
    fn roles_and_groups() {
        let list = r#"{
            "defaults": { "roles": ["worker"], "groups": ["all"] },
            "groups": {
                "all": { "settings": { "ensure": [{ "host": "a.lab", "insecure": "http" }], "remove": ["b.lab"] } },
                "gpu": { "settings": { "ensure": [{ "host": "a.lab", "insecure": "http" }, { "host": "c.lab", "insecure": "http" }] } },
                "label": {}
            },
            "nodes": [
                { "address": "n1" },
                { "address": "n2", "roles": ["etcd"], "groups": ["gpu", "all", "label"] },
                { "address": "n3", "groups": [] }
            ]
        }"#;
        let nodes = parse(list).unwrap();
        let hosts = |i: usize| nodes[i].settings.as_ref().map(|own| (own.ensured().len(), own.removed().len()));
        assert_eq!([hosts(0), hosts(1), hosts(2)], [Some((1, 1)), Some((2, 1)), None]);
        assert_eq!(nodes.iter().map(Node::is_control_plane).collect::<Vec<_>>(), [false, true, false]);
    }

    #[test]
    fn faults_of_groups_name_both_or_the_place() {
        let error = |groups: &str, of: &str| {
            let list = format!("{{\"groups\": {groups},\n\"nodes\": [{{\"address\": \"n1\", \"groups\": {of}}}]}}");
            parse(&list).unwrap_err().to_string()
        };
        let two = r#"{ "x": { "settings": { "ensure": [{ "host": "a.lab", "insecure": "http" }] } }, "y": { "settings": { "remove": ["a.lab"] } } }"#;
        assert_eq!(
            error(two, r#"["x", "y"]"#),
            "nodes[0].groups: the groups x and y do not agree on a.lab; let one of them name the host, or take the node out of one"
        );
        assert!(error("{}", r#"["x"]"#).starts_with("nodes[0].groups: the list has no group x; "));
        let bad = r#"{ "x": { "settings": { "ensure": [{ "host": "a.lab" }] } } }"#;
        assert!(
            error(bad, "[]").starts_with("groups.x.settings.ensure[0].endpoints: a.lab has no endpoint"),
            "{}",
            error(bad, "[]")
        );
        let unknown = r#"{ "x": { "settings": { "ensures": [] } } }"#;
        assert!(error(unknown, "[]").starts_with("node list: line 1: unknown field `ensures`"));
    }
}
