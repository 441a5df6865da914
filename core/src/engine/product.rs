//! Kubernetes products that bring a containerd of their own and write its config anew at every start.

use super::process::Process;
use super::unit::Unit;
use crate::error::{Error, ErrorKind};
use crate::facts::{Facts, Query};
use crate::host::RegistryHost;

/// Whose containerd it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Product {
    K3s,
    Rke2,
    K0s,
    MicroK8s,
}

/// The services of a product; one of them starts its containerd.
const SERVICES: [(Product, &[&str]); 4] = [
    (Product::K3s, &["k3s", "k3s-agent"]),
    (Product::Rke2, &["rke2-server", "rke2-agent"]),
    (Product::K0s, &["k0scontroller", "k0sworker"]),
    (Product::MicroK8s, &["snap.microk8s.daemon-containerd"]),
];

/// What must be asked to know a product that is installed and does not run.
pub(super) fn queries() -> impl Iterator<Item = Query> {
    services().map(|name| Query::Unit(name.to_owned()))
}

pub(super) fn services() -> impl Iterator<Item = &'static str> {
    SERVICES.iter().flat_map(|(_, names)| names.iter().copied())
}

impl Product {
    /// The product that runs this containerd. All of k3s' and RKE2's have their socket below `/run/k3s`, wherever
    /// their data are.
    pub(super) fn of(process: &Process) -> Option<Self> {
        let by_service = SERVICES.iter().find(|(_, names)| process.is_of(names)).map(|(product, _)| *product);
        let by_path = || {
            if process.mentions(&["/rke2/"]) {
                Some(Self::Rke2)
            } else if process.mentions(&["/run/k3s/", "/rancher/k3s/"]) {
                Some(Self::K3s)
            } else if process.mentions(&["/etc/k0s/", "/run/k0s/", "/lib/k0s/"]) {
                Some(Self::K0s)
            } else {
                process.mentions(&["/snap/microk8s/"]).then_some(Self::MicroK8s)
            }
        };
        by_service.or_else(by_path)
    }

    /// A product that is installed, whether it runs or not.
    pub(super) fn installed(facts: &Facts) -> Option<Self> {
        let is_there = |names: &[&str]| names.iter().any(|name| Unit::named(facts, name).is_some());
        SERVICES.iter().find(|(_, names)| is_there(names)).map(|(product, _)| *product)
    }

    /// Why its containerd is not set for a registry host, and where that is to be said instead.
    pub(super) fn refusal(self, host: &RegistryHost) -> Error {
        let (name, place) = match self {
            Self::K3s => ("k3s", "set it in /etc/rancher/k3s/registries.yaml and restart k3s or k3s-agent".to_owned()),
            Self::Rke2 => {
                ("RKE2", "set it in /etc/rancher/rke2/registries.yaml and restart rke2-server or rke2-agent".to_owned())
            }
            Self::K0s => (
                "k0s",
                "name a folder with hosts.toml files as config_path in a file of its own in /etc/k0s/containerd.d, \
                 and restart k0sworker or k0scontroller"
                    .to_owned(),
            ),
            Self::MicroK8s => (
                "MicroK8s",
                format!("write it to /var/snap/microk8s/current/args/certs.d/{host}/hosts.toml; it is read at once"),
            ),
        };
        let what = format!("{name} runs a containerd of its own and writes its config anew at every start");
        Error::new(ErrorKind::Unsupported, what).with_hint(place)
    }
}

/// The node's own daemon: one of root's, which belongs to no product and not to another engine.
pub(super) fn standalone(facts: &Facts, program: &str) -> Option<Process> {
    let is_free = |process: &Process| Product::of(process).is_none() && !is_dockers_own(process);
    Process::of_root(facts, program).into_iter().find(is_free)
}

/// Whether a containerd is one that dockerd has started for itself; no kubelet uses it.
fn is_dockers_own(process: &Process) -> bool {
    process.mentions(&["/docker/containerd/containerd.toml"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Answer;

    fn process(service: &str, words: &str) -> Process {
        let arguments = words.replace(' ', "\nArg=");
        let text = format!("Pid=7\nUid=0\nParent=6\nService={service}\nArg={arguments}\n");
        let facts = Facts::default().with(Query::Daemon("containerd".into()), Answer::Text(text));
        Process::all(&facts, "containerd").remove(0)
    }

    #[test]
    fn products_are_known_by_their_service_or_by_their_paths() {
        let k3s = "containerd -c /data/agent/etc/containerd/config.toml -a /run/k3s/containerd/containerd.sock";
        let rke2 = "containerd -c /var/lib/rancher/rke2/agent/etc/containerd/config.toml -a /run/k3s/containerd/containerd.sock";
        let k0s = "/var/lib/k0s/bin/containerd --root=/var/lib/k0s/containerd --config=/etc/k0s/containerd.toml";
        let microk8s = "/snap/microk8s/7449/bin/containerd --config /var/snap/microk8s/7449/args/containerd.toml";
        for (service, words, product) in [
            ("k3s-agent", "containerd", Some(Product::K3s)),
            ("session-1", k3s, Some(Product::K3s)),
            ("x", rke2, Some(Product::Rke2)),
            ("rke2-server", k3s, Some(Product::Rke2)),
            ("x", k0s, Some(Product::K0s)),
            ("snap.microk8s.daemon-containerd", microk8s, Some(Product::MicroK8s)),
            ("x", microk8s, Some(Product::MicroK8s)),
            ("containerd", "/usr/bin/containerd", None),
            ("containerd", "/usr/bin/containerd --config /etc/containerd/k3s.toml", None),
        ] {
            assert_eq!(Product::of(&process(service, words)), product, "{service}: {words}");
        }
    }

    #[test]
    fn dockers_own_containerd_is_known_by_its_config() {
        let words = "containerd --config /var/run/docker/containerd/containerd.toml";
        assert!(is_dockers_own(&process("docker", words)));
        assert!(!is_dockers_own(&process("containerd", "/usr/bin/containerd")));
    }

    #[test]
    fn an_installed_product_is_known_by_its_unit() {
        let facts =
            Facts::default().with(Query::Unit("rke2-agent".into()), Answer::Text("ActiveState=inactive\n".into()));
        assert_eq!(Product::installed(&facts), Some(Product::Rke2));
        assert_eq!(Product::installed(&Facts::default()), None);
    }

    #[test]
    fn each_refusal_says_where_to_go() {
        let host: RegistryHost = "reg.lab:5000".parse().unwrap();
        for (product, place) in [
            (Product::K3s, "/etc/rancher/k3s/registries.yaml"),
            (Product::Rke2, "/etc/rancher/rke2/registries.yaml"),
            (Product::K0s, "/etc/k0s/containerd.d"),
            (Product::MicroK8s, "args/certs.d/reg.lab:5000/hosts.toml"),
        ] {
            let error = product.refusal(&host);
            assert!(error.hint().is_some_and(|hint| hint.contains(place)), "{error}");
        }
    }
}
