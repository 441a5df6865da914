//! What the fuzz targets share: nodes and settings made of arbitrary bytes, and the laws of the property tests.

mod wanted;

/// The laws, and the judge that tells whether they hold, are those of `core/tests/properties`.
#[allow(dead_code, unused_imports, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#[path = "../../../core/tests/properties"]
mod properties {
    pub(crate) mod config;
    pub(crate) mod daemon;
    pub(crate) mod gaps;
    pub(crate) mod hosts;
    pub(crate) mod judge;
    pub(crate) mod laws;
    pub(crate) mod node;
    pub(crate) mod text;
    pub(crate) mod wishes;
}

// The files of the property tests name each other from the root of their crate.
use properties::{config, daemon, gaps, hosts, judge, laws, node, text, wishes};

use arbitrary::{Arbitrary, Unstructured};
use serde_json::Value;

use node::Node;

/// containerd's configuration.
pub const CONFIG: &str = node::CONFIG;
/// docker's configuration.
pub const DAEMON: &str = node::DAEMON;

/// How many bytes of the input say what is wanted; the rest is the file.
const HEAD: usize = 24;

/// The versions of containerd; empty is one that is not known.
const VERSIONS: [&str; 8] = ["1.7.24", "2.1.9", "2.3.4", "1.6.20", "2.2.7", "1.4.3", "2.0.0", ""];

/// A file's bytes, and settings for it.
#[derive(Arbitrary, Debug)]
pub struct Case<'a> {
    head: [u8; HEAD],
    /// The file.
    pub file: &'a [u8],
}

impl Case<'_> {
    /// The settings, and a version of containerd.
    pub fn wanted(&self) -> (Value, &'static str) {
        let mut bytes = Unstructured::new(&self.head);
        let version = bytes.choose(&VERSIONS).copied().unwrap_or_default();
        (wanted::settings(&mut bytes).unwrap_or_else(|_| serde_json::json!({})), version)
    }
}

/// Checks the laws for a node with these files and this containerd, and settings that can be read.
pub fn check(version: &str, files: &[(&str, &[u8])], settings: &Value) {
    let files = files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())).collect();
    let node = Node { files, version: version.to_owned() };
    hold(&node, settings, laws::once);
    // What a migration moves, and a plugin that is enabled again, is not the same line any more.
    if settings["migrate"] != true && settings["enable_cri"] != true {
        hold(&node, settings, laws::lossless);
    }
}

fn hold(node: &Node, settings: &Value, law: fn(&Node, &Value) -> judge::Verdict) {
    if let Err(why) = law(node, settings) {
        panic!("{why}\n=== node\n{node:?}\n=== settings\n{settings:#}");
    }
}
