//! Inventories and registry settings that people have already: read into nodes and [`Settings`], and written again.
//!
//! What a file says and this library does not use is a [`Remark`] with file, line and key; nothing is left out
//! silently. Variables that have nothing to do with nodes or registries are not remarked on. What cannot be read stops the
//! import; what can be read and not be used is a remark.
//!
//! A variable of one engine makes settings of that engine. What all nodes have alike is in [`Imported::settings`], the rest
//! in [`Node::settings`]. Logins of an inventory are secrets, and stand in no remark.
//!
//! ```
//! use regconf::import::{self, Format, Options, RemarkKind};
//!
//! let inventory = "
//! all:
//!   hosts:
//!     n1: { ansible_host: 10.30.0.1, ansible_user: ops, ansible_become: true }
//!   children:
//!     kube_node: { hosts: { n1: } }
//!     k8s_cluster: { children: { kube_node: } }
//!   vars:
//!     containerd_registries_mirrors:
//!       - prefix: reg.lab.internal
//!         mirrors: [ { host: http://10.20.0.9:5000, skip_verify: true } ]
//! ";
//! let imported = import::parse(inventory, &Options::default())?;
//! assert_eq!((imported.format, imported.nodes[0].user.as_str()), (Format::Kubespray, "ops"));
//! assert_eq!(imported.settings.ensured()[0].host.name(), "reg.lab.internal");
//! assert_eq!(imported.remarks[0].kind, RemarkKind::Decided); // skip_verify means nothing for plain http
//! # Ok::<(), regconf::Error>(())
//! ```

mod ansible;
mod format;
mod found;
mod json;
mod k3s;
mod kubeasz;
mod kubekey;
mod kubespray;
mod kuboard_spray;
mod lines;
mod openssh;
mod options;
mod registries;
mod remark;
mod rke;
mod source;
mod words;
mod yaml;

use std::path::Path;

use serde_json::{Value, json};

use crate::error::Result;
use crate::inventory;
use crate::node::Node;
use crate::settings::Settings;

pub use format::Format;
use found::Found;
pub use kubespray::to_kubespray;
pub use options::{Insecure, Options};
use remark::Remarks;
pub use remark::{Remark, RemarkKind};
use source::Source;

/// Nodes and settings as they were found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Imported {
    /// The form that was read.
    pub format: Format,
    /// The nodes, in the order in which they were found; none if the form has only registries. What one node has of its
    /// own stands in [`Node::settings`].
    pub nodes: Vec<Node>,
    /// What is wanted of every node.
    pub settings: Settings,
    /// What was decided and what was left out, in the order of the files.
    pub remarks: Vec<Remark>,
}

impl Imported {
    /// `{"format", "nodes", "settings", "remarks"}`: the nodes as [`inventory::parse`] reads them, the settings as
    /// [`Settings::from_json`] does. **Secrets are in it.**
    ///
    /// # Errors
    /// Those of [`inventory::to_json`].
    pub fn to_json(&self) -> Result<Value> {
        Ok(json!({
            "format": self.format.name(),
            "nodes": inventory::to_json(&self.nodes)?,
            "settings": self.settings.to_json(),
            "remarks": self.remarks.iter().map(Remark::to_json).collect::<Vec<_>>(),
        }))
    }
}

/// Settings written in another tool's form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The text.
    pub text: String,
    /// What that form cannot say.
    pub remarks: Vec<Remark>,
}

/// Reads a file, and for Ansible's inventories also the folders `group_vars` and `host_vars` beside it; the path may be
/// that of their folder. Relative paths in it, and in [`Options::defaults`], are taken from the file's folder.
///
/// # Errors
/// [`Io`](crate::ErrorKind::Io) for a file that cannot be read, [`Parse`](crate::ErrorKind::Parse) with the line for one
/// that has not its format's shape, [`InvalidArgument`](crate::ErrorKind::InvalidArgument) for a format that cannot be
/// guessed and for values that no node may have.
pub fn load(path: impl AsRef<Path>, options: &Options) -> Result<Imported> {
    options.defaults.as_deref().map_or(Ok(()), inventory::check_defaults)?;
    let source = Source::load(path.as_ref())?;
    read(&source, options).map_err(|error| match source.path() {
        Some(path) => error.with_path(path),
        None => error,
    })
}

/// Reads a text alone; what it says of other files is a remark.
///
/// # Errors
/// As for [`load`].
pub fn parse(text: &str, options: &Options) -> Result<Imported> {
    read(&Source::text(text), options)
}

fn read(source: &Source, options: &Options) -> Result<Imported> {
    let format = options.format.map_or_else(|| format::guess(source), Ok)?;
    let mut remarks = Remarks::default();
    let Found { list, settings } = match format {
        Format::Lines => lines::read(source),
        Format::Json => json::read(source),
        Format::OpenSsh => openssh::read(source, options, &mut remarks),
        Format::KuboardSpray => kuboard_spray::read(source, options, &mut remarks),
        Format::Kubespray => kubespray::read(source, options, &mut remarks),
        Format::Rke => rke::read(source, options, &mut remarks),
        Format::KubeKey => kubekey::read(source, options, &mut remarks),
        Format::K3s => k3s::read(source, options, &mut remarks),
        Format::Kubeasz => kubeasz::read(source, options, &mut remarks),
    }?;
    let (nodes, warnings) = inventory::read_over(&list, options.defaults.as_deref(), source.folder())?;
    remarks.add_warnings(warnings);
    Ok(Imported { format, nodes, settings, remarks: remarks.into_list() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_own_json_are_read_with_defaults() {
        let options = Options { defaults: Some(r#"{"user":"ops","known_hosts":["kh"]}"#.into()), ..Options::default() };
        let imported = parse("n1\nroot@n2:2222\n", &options).unwrap();
        let shown: Vec<_> = imported.nodes.iter().map(|n| (n.user.as_str(), n.port, n.known_hosts.len())).collect();
        assert_eq!((imported.format, shown), (Format::Lines, vec![("ops", 22, 1), ("root", 2222, 1)]));
        assert_eq!(parse("n1\nh:x\n", &options).unwrap_err().line(), Some(2));

        let list = r#"{"defaults":{"user":"me"},"nodes":[{"address":"a"}]}"#;
        let imported = parse(list, &options).unwrap();
        assert_eq!((imported.format, imported.nodes[0].user.as_str()), (Format::Json, "me"));
        assert_eq!(imported.nodes[0].known_hosts, ["kh"]);
        let imported = parse(r#"{"remove":["a.lab"]}"#, &options).unwrap();
        assert_eq!((imported.nodes.len(), imported.settings.removed().len()), (0, 1));
        let json = imported.to_json().unwrap();
        assert_eq!((&json["format"], &json["nodes"]["nodes"]), (&json!("json"), &json!([])));
    }

    #[test]
    fn a_file_anchors_paths_and_names_itself_in_errors() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nodes.txt");
        std::fs::write(&path, "\u{feff}n1\n").unwrap();
        let options = Options { defaults: Some(r#"{"identity_files":["id"]}"#.into()), ..Options::default() };
        let imported = load(&path, &options).unwrap();
        let id = folder.path().join("id").to_string_lossy().into_owned();
        assert_eq!(imported.nodes[0].identities, [crate::Identity::File(id)]);
        std::fs::write(&path, "n1\nn 2\n").unwrap();
        let lines = Options { format: Some(Format::Lines), ..Options::default() };
        let error = load(&path, &lines).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{}:2: ", path.display())), "{error}");
        assert!(load(folder.path().join("none"), &lines).is_err());
        let bad = Options { defaults: Some(r#"{"pasword":"hunter2"}"#.into()), ..Options::default() };
        std::fs::write(&path, "n1\n").unwrap();
        assert_eq!(load(&path, &bad).unwrap_err(), parse("n1\n", &bad).unwrap_err());
        let error = parse("n1\n", &bad).unwrap_err().to_string();
        assert!(error.starts_with("defaults: line 1: unknown field `pasword`"), "{error}");
        assert!(!format!("{bad:?}").contains("hunter2"));
    }
}
