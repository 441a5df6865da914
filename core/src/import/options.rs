//! What a caller may say of an import.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::Result;
use crate::object::{self, Object};

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

impl Options {
    /// Reads a JSON object with the keys `format` (a name), `defaults` (an object), `variables` (an object of texts),
    /// `all_hosts`, `removed` (truth values) and `insecure` (`http` or `skip_verify`), each of which may be left out:
    /// ```
    /// use regconf::import::{Format, Options};
    ///
    /// let options = Options::from_json(r#"{"format": "k3s", "variables": {"cluster_dir": "/srv/lab"}}"#)?;
    /// assert_eq!((options.format, options.variables["cluster_dir"].as_str()), (Some(Format::K3s), "/srv/lab"));
    /// # Ok::<(), regconf::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Parse`](crate::ErrorKind::Parse) with the line for what has not this shape,
    /// [`InvalidArgument`](crate::ErrorKind::InvalidArgument) for a format that does not exist.
    pub fn from_json(text: &str) -> Result<Self> {
        let Object(raw): Object<Raw> = object::read(text, "options")?;
        let format = raw.format.map(|name| name.parse::<Format>().map_err(|error| error.with_key("format")));
        Ok(Self {
            format: format.transpose()?,
            defaults: raw.defaults.map(|defaults| Value::Object(defaults).to_string()),
            variables: raw.variables,
            all_hosts: raw.all_hosts,
            removed: raw.removed,
            insecure: raw.insecure,
        })
    }

    /// Whether the defaults have this key, which an inventory's own value would hide.
    pub(super) fn defaults_have(&self, key: &str) -> bool {
        let defaults = self.defaults.as_deref().map(serde_json::from_str::<Value>);
        matches!(defaults, Some(Ok(defaults)) if defaults.get(key).is_some())
    }
}

/// Options as they stand in JSON.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Raw {
    format: Option<String>,
    defaults: Option<Map<String, Value>>,
    variables: BTreeMap<String, String>,
    all_hosts: bool,
    removed: bool,
    insecure: Insecure,
}

/// What "insecure" means where no protocol is told. docker tries https without a check of the certificate, and then
/// plain http; containerd must be told one of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_stand_in_json_too() {
        let text = r#"{"format":"rke","defaults":{"user":"ops"},"variables":{"a":"b"},"all_hosts":true,"removed":true,
            "insecure":"skip_verify"}"#;
        let options = Options::from_json(text).unwrap();
        let wanted = Options {
            format: Some(Format::Rke),
            defaults: Some(r#"{"user":"ops"}"#.into()),
            variables: BTreeMap::from([("a".into(), "b".into())]),
            all_hosts: true,
            removed: true,
            insecure: Insecure::SkipVerify,
        };
        assert!(options == wanted && Options::from_json("{}").unwrap() == Options::default(), "{options:?}");
    }

    #[test]
    fn faults_of_options_name_line_or_key() {
        let error = |text: &str| Options::from_json(text).unwrap_err().to_string();
        assert!(error("{\n\"formats\": \"rke\"}").starts_with("options: line 2: unknown field `formats`"));
        assert!(error(r#"{"format":"ansible"}"#).starts_with("format: there is no format \"ansible\""));
        assert!(error(r#"{"insecure":"yes"}"#).contains("unknown variant"));
        assert!(!error(r#"{"defaults":"hunter2"}"#).contains("hunter2"));
        assert!(error("[]").contains("expected an object"));
    }
}
