//! What the pretended nodes have: configs that others wrote, each in its own hand.

use std::path::Path;
use std::{fs, io};

/// A node's files.
pub(crate) struct System {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    files: &'static [(&'static str, &'static str)],
}

impl System {
    /// Writes the files below a folder.
    pub(crate) fn write(&self, root: &Path) -> io::Result<()> {
        for (path, text) in self.files {
            let path = root.join(path);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(path, text)?;
        }
        Ok(())
    }
}

pub(crate) const SYSTEMS: [System; 3] = [
    System {
        name: "gpu-1",
        about: "containerd, version 2: an nvidia runtime, comments, an empty config_path",
        files: &[("etc/containerd/config.toml", GPU_CONFIG)],
    },
    System {
        name: "build-1",
        about: "containerd, version 3, with a hosts.toml of another team; docker",
        files: &[
            ("etc/containerd/config.toml", BUILD_CONFIG),
            ("etc/containerd/certs.d/my-registry.com/hosts.toml", BUILD_HOSTS),
            ("etc/docker/daemon.json", BUILD_DAEMON),
        ],
    },
    System {
        name: "edge-1",
        about: "containerd, version 2, in the older mirrors style; no newline at the end",
        files: &[("etc/containerd/config.toml", EDGE_CONFIG)],
    },
];

/// As the NVIDIA toolkit leaves it, with an administrator's remarks.
const GPU_CONFIG: &str = r#"# Rolled out by hand, 2024-03. Ask Mira before you change anything here.
version = 2
root = "/data/containerd"   # the big disk
oom_score = -999

[plugins]
  [plugins."io.containerd.grpc.v1.cri"]
    sandbox_image = "registry.k8s.io/pause:3.9"

    [plugins."io.containerd.grpc.v1.cri".containerd]
      default_runtime_name = "nvidia"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.nvidia]
        runtime_type = "io.containerd.runc.v2"

        [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.nvidia.options]
          BinaryName = "/usr/bin/nvidia-container-runtime"
          SystemdCgroup = true   # as the kubelet has it

    # nothing set yet
    [plugins."io.containerd.grpc.v1.cri".registry]
      config_path = ""

      [plugins."io.containerd.grpc.v1.cri".registry.headers]
        X-Team = ["gpu"]

  [plugins."io.containerd.internal.v1.opt"]
    path = "/data/containerd/opt"
"#;

const BUILD_CONFIG: &str = r"version = 3

[plugins.'io.containerd.cri.v1.images']
  snapshotter = 'overlayfs'

  [plugins.'io.containerd.cri.v1.images'.registry]
    config_path = '/etc/containerd/certs.d'
";

const BUILD_HOSTS: &str = r#"# Storage team: our mirror goes first. Do not delete, see the wiki.
server = "https://my-registry.com"

[host."https://mirror.storage.lab"]
  capabilities = ["pull", "resolve"]
  ca = "/etc/ssl/certs/storage.pem" # expires 2027
"#;

const BUILD_DAEMON: &str = "{
\t\"exec-opts\": [\"native.cgroupdriver=systemd\"],
\t\"log-driver\": \"json-file\",
\t\"log-opts\": { \"max-size\": \"100m\" },
\t\"insecure-registries\": [
\t\t\"registry.build.lab:5000\",
\t\t\"10.4.7.70\"
\t],
\t\"storage-driver\": \"overlay2\"
}
";

const EDGE_CONFIG: &str = r#"version = 2

[plugins.'io.containerd.grpc.v1.cri'.registry.mirrors.'docker.io']
  endpoint = ["https://mirror.edge.lab"] # over the slow line
[plugins.'io.containerd.grpc.v1.cri'.registry.mirrors.'registry.edge.lab:5000']
  endpoint = ["http://registry.edge.lab:5000"]

[plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.runc.options]
  SystemdCgroup = true"#;
