//! The forms that are known, and how one is told from the others.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

use super::ansible;
use super::remark::Remarks;
use super::source::Source;
use super::yaml::Yaml;

/// A form in which node lists or registry settings are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// One `[user@]host[:port]` a line.
    Lines,
    /// This library's own node list or settings in JSON.
    Json,
    /// An OpenSSH client configuration: each `Host` without a wildcard is a node.
    OpenSsh,
    /// `inventory.yaml` of Kuboard-Spray.
    KuboardSpray,
    /// An inventory of kubespray, in YAML or INI, or its variables alone.
    Kubespray,
    /// `cluster.yml` of RKE 1.
    Rke,
    /// A `Cluster` of `KubeKey` (v1alpha2), or an inventory of its version 4.
    KubeKey,
    /// `registries.yaml` of k3s and RKE2.
    K3s,
    /// The hosts file of kubeasz.
    Kubeasz,
}

impl Format {
    /// Every form.
    const ALL: [Self; 9] = [
        Self::Lines,
        Self::Json,
        Self::OpenSsh,
        Self::KuboardSpray,
        Self::Kubespray,
        Self::Rke,
        Self::KubeKey,
        Self::K3s,
        Self::Kubeasz,
    ];

    /// Its name, such as `kuboard-spray`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Json => "json",
            Self::OpenSsh => "openssh",
            Self::KuboardSpray => "kuboard-spray",
            Self::Kubespray => "kubespray",
            Self::Rke => "rke",
            Self::KubeKey => "kubekey",
            Self::K3s => "k3s",
            Self::Kubeasz => "kubeasz",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|format| format.name()).collect();
            Error::invalid(format!("there is no format {name:?}"))
                .with_hint(format!("it is one of {}", names.join(", ")))
        })
    }
}

/// The form that a text seems to have.
pub(super) fn guess(source: &Source) -> Result<Format> {
    let text = source.as_str();
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';']));
    if lines().next().is_none() {
        return Err(Error::invalid("has nothing in it"));
    }
    if ansible::is_ini(text) {
        let is_kubeasz = ansible::groups_of_ini(text).any(|name| OF_KUBEASZ.contains(&name));
        return Ok(if is_kubeasz { Format::Kubeasz } else { Format::Kubespray });
    }
    if lines().all(|line| !line.contains(char::is_whitespace) && !line.ends_with(':') && !line.starts_with('{')) {
        return Ok(Format::Lines);
    }
    if lines().any(is_host_of_openssh) {
        return Ok(Format::OpenSsh);
    }
    of_document(source)
}

/// Groups that only kubeasz has.
const OF_KUBEASZ: [&str; 4] = ["kube_master", "harbor", "ex_lb", "chrony"];

fn is_host_of_openssh(line: &str) -> bool {
    let mut words = line.split([' ', '\t', '=']).filter(|word| !word.is_empty());
    words.next().is_some_and(|word| word.eq_ignore_ascii_case("host") && words.next().is_some())
}

/// By the keys of a document; JSON is YAML too.
fn of_document(source: &Source) -> Result<Format> {
    let yaml = Yaml::parse(source, &mut Remarks::default())?;
    let has = |key: &str| yaml.get(key).is_some();
    let api = yaml.get("apiVersion").and_then(Yaml::scalar).unwrap_or_default();
    let kuboard = |key: &str| yaml.at(&["all", "hosts", "localhost", key]).is_some();
    let is_json = source.as_str().trim_start().starts_with('{');
    if is_json && ["nodes", "ensure", "remove", "migrate", "enable_cri"].into_iter().any(has) {
        Ok(Format::Json)
    } else if yaml.at(&["all", "children", "target"]).is_some() || kuboard("kuboardspray_resource_package") {
        Ok(Format::KuboardSpray)
    } else if api.starts_with("kubekey.") || yaml.at(&["spec", "roleGroups"]).is_some() || has("cri") {
        Ok(Format::KubeKey)
    } else if yaml.get("nodes").is_some_and(|nodes| !nodes.items().is_empty()) {
        Ok(Format::Rke)
    } else if has("mirrors") || has("configs") {
        Ok(Format::K3s)
    } else if has("INSECURE_REG") {
        Ok(Format::Kubeasz)
    } else if has("all") || yaml.keys().iter().any(|key| is_of_kubespray(&key.name)) {
        Ok(Format::Kubespray)
    } else {
        let what = "is in no form that can be told from its content";
        Err(Error::invalid(what).with_hint("name the format, such as kubespray"))
    }
}

/// Groups and variables at the top of a file.
fn is_of_kubespray(key: &str) -> bool {
    ["kube_", "kube-", "k8s_", "k8s-", "containerd_", "docker_", "crio_"].iter().any(|start| key.starts_with(start))
        || ["etcd", "ungrouped", "container_manager", "bastion"].contains(&key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_again() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        let error = "ansible".parse::<Format>().unwrap_err().to_string();
        assert!(error.contains("\"ansible\"; it is one of lines, json, openssh"), "{error}");
    }

    #[test]
    fn a_form_is_known_by_what_only_it_has() {
        let cases = [
            ("# all\nroot@10.0.0.1:22\nfd00::1\n", Format::Lines),
            (r#"{"nodes":[{"address":"a"}]}"#, Format::Json),
            (r#"{"ensure":[]}"#, Format::Json),
            ("Host n1\n  HostName 10.0.0.1\n", Format::OpenSsh),
            ("all:\n  children:\n    target:\n", Format::KuboardSpray),
            ("all:\n  hosts:\n    n1:\n", Format::Kubespray),
            (r#"{"all":{"hosts":{"n1":null}}}"#, Format::Kubespray),
            ("[all]\nn1 ansible_host=10.0.0.1\n[kube-node]\nn1\n", Format::Kubespray),
            ("n1 ansible_host=10.0.0.1\n[kube_node]\nn1\n", Format::Kubespray),
            ("docker_insecure_registries:\n  [a]\n", Format::Kubespray),
            ("docker_insecure_registries: [a.lab]\n", Format::Kubespray),
            ("[etcd]\n10.0.0.1\n[kube_master]\n10.0.0.1\n", Format::Kubeasz),
            ("INSECURE_REG:\n- http://a.lab\n", Format::Kubeasz),
            ("nodes:\n- address: 10.0.0.1\n  role: [etcd]\n", Format::Rke),
            ("apiVersion: kubekey.kubesphere.io/v1alpha2\nkind: Cluster\n", Format::KubeKey),
            ("mirrors:\n  docker.io:\n    endpoint: [http://a.lab]\n", Format::K3s),
        ];
        for (text, format) in cases {
            assert_eq!(guess(&Source::text(text)), Ok(format), "{text}");
        }
        assert!(guess(&Source::text("# none\n")).is_err());
        assert!(guess(&Source::text("a: 1\n")).unwrap_err().to_string().contains("name the format"));
    }
}
