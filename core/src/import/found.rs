//! What a format's reader has found: the form that all readers share.

use std::path::Path;

use serde_json::{Map, Value};

use crate::settings::Settings;

/// A node list in its JSON form, and what is wanted of all its nodes.
pub(super) struct Found {
    /// As [`inventory::parse`](crate::inventory::parse) reads it, or without a node.
    pub(super) list: String,
    /// What is wanted of every node.
    pub(super) settings: Settings,
}

/// A node list that is being built. Entries are those of a node list in JSON; what one node has of its own stands in
/// its key `settings`.
#[derive(Default)]
pub(super) struct List {
    jump_hosts: Map<String, Value>,
    nodes: Vec<Map<String, Value>>,
}

impl List {
    /// Adds a node.
    pub(super) fn node(&mut self, entry: Map<String, Value>) {
        self.nodes.push(entry);
    }

    /// Adds a jump host, which entries name in their key `jump`.
    pub(super) fn jump_host(&mut self, name: &str, entry: Map<String, Value>) {
        self.jump_hosts.insert(name.to_owned(), entry.into());
    }

    /// The nodes so far.
    pub(super) fn nodes(&mut self) -> &mut [Map<String, Value>] {
        &mut self.nodes
    }

    /// With what is wanted of all of them.
    pub(super) fn found(self, settings: Settings) -> Found {
        let nodes: Vec<_> = self.nodes.into_iter().map(Value::Object).collect();
        let list = Map::from_iter([
            ("jump_hosts".to_owned(), Value::Object(self.jump_hosts)),
            ("nodes".to_owned(), Value::Array(nodes)),
        ]);
        Found { list: Value::Object(list).to_string(), settings }
    }
}

/// A path that begins in the home folder of the one who imports, as shells and `OpenSSH` read it.
pub(super) fn at_home(path: &str) -> String {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest).to_string_lossy().into_owned(),
        _ => path.to_owned(),
    }
}
