//! What a caller may say of an import.

use std::collections::BTreeMap;
use std::fmt;

use super::Format;

/// How an inventory is read.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Its form; guessed from the text and the file's name if not given.
    pub format: Option<Format>,
    /// A JSON object, as `defaults` of a node list: what every node has that the inventory leaves open, such as
    /// `known_hosts`, `host_keys` and `identity_files`.
    pub defaults: Option<String>,
    /// Values for `{{ name }}`; they win over variables of the inventory. `kuboardspray_cluster_dir` is the inventory's
    /// folder if neither says otherwise.
    pub variables: BTreeMap<String, String>,
    /// All hosts, and not only the members of the cluster. The jump host and localhost are never among them.
    pub all_hosts: bool,
    /// Also nodes that are marked for removal.
    pub removed: bool,
    /// What "insecure" means for a registry of which no protocol is told.
    pub insecure: Insecure,
}

/// What "insecure" means where no protocol is told. docker tries https without a check of the certificate, and then
/// plain http; containerd must be told one of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Insecure {
    /// Plain http.
    #[default]
    Http,
    /// https with any certificate.
    SkipVerify,
}

impl Insecure {
    /// The name used in JSON: `http` or `skip_verify`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::SkipVerify => "skip_verify",
        }
    }
}

/// Defaults and variables may hold secrets: of them only names are shown.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("format", &self.format)
            .field("has_defaults", &self.defaults.is_some())
            .field("variables", &self.variables.keys())
            .field("all_hosts", &self.all_hosts)
            .field("removed", &self.removed)
            .field("insecure", &self.insecure)
            .finish()
    }
}
