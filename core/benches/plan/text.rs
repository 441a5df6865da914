//! Configs as they stand on nodes, in any size: what grows is what grows there too, the runtimes of a GPU operator.

use std::fmt::Write;

/// A daemon.json with a GPU runtime, logs and a mirror, at least so many bytes long.
pub(crate) fn daemon_json(bytes: usize) -> String {
    let mut text = String::from(
        "{\n    \"exec-opts\": [\"native.cgroupdriver=systemd\"],\n    \"log-driver\": \"json-file\",\n    \"log-opts\": {\n        \
         \"max-size\": \"100m\",\n        \"max-file\": \"3\"\n    },\n    \"storage-driver\": \"overlay2\",\n    \"data-root\": \
         \"/data/docker\",\n    \"live-restore\": true,\n    \"max-concurrent-downloads\": 10,\n    \"registry-mirrors\": [\n        \
         \"https://mirror.lab\"\n    ],\n    \"default-runtime\": \"nvidia\",\n    \"runtimes\": {\n        \"nvidia\": {\n            \
         \"path\": \"/usr/bin/nvidia-container-runtime\",\n            \"runtimeArgs\": []\n        }",
    );
    let mut number = 0;
    while text.len() < bytes {
        number += 1;
        let _ = write!(
            text,
            ",\n        \"nvidia-{number:05}\": {{\n            \"path\": \"/opt/nvidia/{number:05}/nvidia-container-runtime\",\n            \
             \"runtimeArgs\": [\"--debug\", \"/var/log/nvidia-{number:05}.log\"]\n        }}"
        );
    }
    text + "\n    }\n}\n"
}

/// What config.toml says of registries.
#[derive(Clone, Copy)]
pub(crate) enum Registries {
    /// `config_path` names a folder.
    Folder,
    /// `config_path` is empty, as in the default config.
    Nothing,
    /// There are mirrors already.
    Mirrors,
}

/// A config.toml as `containerd config default` prints it and a GPU operator extends it, at least so many bytes long.
pub(crate) fn config_toml(bytes: usize, registries: Registries) -> String {
    let mut text = String::from(
        "# Kept by the platform team, see the wiki before you change it.\nversion = 2\nroot = \"/var/lib/containerd\"\n\
         state = \"/run/containerd\"\noom_score = -999\n\n[grpc]\n  address = \"/run/containerd/containerd.sock\"\n  \
         max_recv_message_size = 16777216\n\n[metrics]\n  address = \"127.0.0.1:1338\" # scraped by the agent\n\n[plugins]\n  \
         [plugins.\"io.containerd.grpc.v1.cri\"]\n    sandbox_image = \"registry.k8s.io/pause:3.9\"\n    enable_cdi = true\n    \
         cdi_spec_dirs = [\"/etc/cdi\", \"/var/run/cdi\"]\n\n    [plugins.\"io.containerd.grpc.v1.cri\".cni]\n      bin_dir = \
         \"/opt/cni/bin\"\n      conf_dir = \"/etc/cni/net.d\"\n\n    [plugins.\"io.containerd.grpc.v1.cri\".containerd]\n      \
         default_runtime_name = \"nvidia\"\n      snapshotter = \"overlayfs\"\n\n      \
         [plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes]\n",
    );
    runtime(&mut text, "runc", "/usr/bin/runc");
    runtime(&mut text, "nvidia", "/usr/local/nvidia/toolkit/nvidia-container-runtime");
    let mut number = 0;
    while text.len() < bytes {
        number += 1;
        let (name, binary) =
            (format!("nvidia-{number:05}"), format!("/opt/nvidia/{number:05}/nvidia-container-runtime"));
        runtime(&mut text, &name, &binary);
    }
    text += match registries {
        Registries::Folder => {
            "\n    # Hosts are in folders.\n    [plugins.\"io.containerd.grpc.v1.cri\".registry]\n      config_path = \
             \"/etc/containerd/certs.d\"\n"
        }
        Registries::Nothing => "\n    [plugins.\"io.containerd.grpc.v1.cri\".registry]\n      config_path = \"\"\n",
        Registries::Mirrors => {
            "\n    [plugins.\"io.containerd.grpc.v1.cri\".registry]\n\n      \
             [plugins.\"io.containerd.grpc.v1.cri\".registry.mirrors]\n        # The nearest one.\n        \
             [plugins.\"io.containerd.grpc.v1.cri\".registry.mirrors.\"docker.io\"]\n          endpoint = \
             [\"https://mirror.lab\", \"https://registry-1.docker.io\"]\n\n      \
             [plugins.\"io.containerd.grpc.v1.cri\".registry.configs]\n        \
             [plugins.\"io.containerd.grpc.v1.cri\".registry.configs.\"mirror.lab\".tls]\n          ca_file = \
             \"/etc/ssl/mirror.crt\"\n"
        }
    };
    text + "\n[timeouts]\n  \"io.containerd.timeout.shim.cleanup\" = \"5s\"\n  \"io.containerd.timeout.task.state\" = \"2s\"\n"
}

fn runtime(text: &mut String, name: &str, binary: &str) {
    let _ = write!(
        text,
        "\n        # {name}\n        [plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.{name}]\n          \
         runtime_type = \"io.containerd.runc.v2\"\n          privileged_without_host_devices = false\n\n          \
         [plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.{name}.options]\n            BinaryName = \"{binary}\"\n            \
         SystemdCgroup = true\n"
    );
}

/// A hosts.toml that others wrote, at least so many bytes long.
pub(crate) fn hosts_toml(bytes: usize) -> String {
    let mut text = String::from(
        "# The proxy caches, nearest first.\nserver = \"https://reg-0000.lab:5000\"\n\n[host.\"https://cache.lab\"]\n  capabilities = \
         [\"pull\", \"resolve\"]\n  ca = \"/etc/ssl/cache.crt\"\n",
    );
    let mut number = 0;
    while text.len() < bytes {
        number += 1;
        let _ = write!(
            text,
            "\n# Rack {number}\n[host.\"https://cache-{number:05}.lab:8443\"]\n  capabilities = [\"pull\", \"resolve\"]\n  skip_verify = true\n"
        );
    }
    text
}
