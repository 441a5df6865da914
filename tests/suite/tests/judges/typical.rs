//! Files as they are found on nodes, and settings for them.

use serde_json::{Value, json};

use crate::Result;
use crate::case::Case;
use crate::engines::Containerd;
use crate::room::Files;

const CA: &str = include_str!("../../../golden/ca.pem");

const CONFIG: &str = "/etc/containerd/config.toml";
const DAEMON: &str = "/etc/docker/daemon.json";
const ROOT: &str = "/etc/containerd/certs.d";

/// config.toml as found, by what is special about it.
const CONFIGS: &[(&str, &str)] = &[
    ("empty", ""),
    ("comments", "# nothing yet\n\n# really\n"),
    (
        "debian",
        "version = 2\n\n[plugins]\n  [plugins.\"io.containerd.grpc.v1.cri\"]\n    [plugins.\"io.containerd.grpc.v1.cri\".cni]\n      bin_dir = \"/usr/lib/cni\"\n      conf_dir = \"/etc/cni/net.d\"\n  [plugins.\"io.containerd.internal.v1.opt\"]\n    path = \"/var/lib/containerd\"\n",
    ),
    (
        "kubernetes-docs",
        "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc.options]\n  SystemdCgroup = true\n",
    ),
    (
        "nvidia",
        "version = 2\n\n[plugins]\n\n  [plugins.\"io.containerd.grpc.v1.cri\"]\n\n    [plugins.\"io.containerd.grpc.v1.cri\".containerd]\n      default_runtime_name = \"nvidia\"\n\n      [plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes]\n        [plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.nvidia]\n          runtime_type = \"io.containerd.runc.v2\"\n          [plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.nvidia.options]\n            BinaryName = \"/usr/bin/nvidia-container-runtime\"\n            SystemdCgroup = true\n",
    ),
    (
        "mirrors",
        "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\n  [plugins.\"io.containerd.grpc.v1.cri\".registry.mirrors]\n    [plugins.\"io.containerd.grpc.v1.cri\".registry.mirrors.\"docker.io\"]\n      endpoint = [\"https://mirror.lab\", \"https://registry-1.docker.io\"]\n",
    ),
    (
        "mirrors-and-login",
        "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry.mirrors.\"old.lab:5000\"]\n  endpoint = [\"http://old.lab:5000\"]\n[plugins.\"io.containerd.grpc.v1.cri\".registry.configs.\"old.lab:5000\".auth]\n  username = \"u\"\n  password = \"p\"\n",
    ),
    (
        "mirrors-with-a-list-over-lines",
        "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry.mirrors.\"my-registry.com\"]\n  endpoint = [\n    \"https://one.lab\", # the first\n    \"https://two.lab/v2\",\n  ]\n",
    ),
    (
        "login-only",
        "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry.configs.\"reg.lab\".auth]\n  username = \"u\"\n  password = \"p\"\n",
    ),
    (
        "config-path",
        "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\n  config_path = \"/etc/containerd/certs.d\"\n",
    ),
    (
        "another-config-path",
        "version = 2\n[plugins.'io.containerd.grpc.v1.cri'.registry]\n  config_path = '/etc/cri/cert.d/' # ours\n",
    ),
    (
        "config-path-list",
        "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\n  config_path = \"/etc/containerd/certs.d:/etc/docker/certs.d\"\n",
    ),
    (
        "config-path-list-pulled-locally",
        "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\n  config_path = \"/etc/containerd/certs.d:/etc/docker/certs.d\"\n[plugins.\"io.containerd.grpc.v1.cri\".containerd]\n  discard_unpacked_layers = true\n  [plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc]\n    runtime_type = \"io.containerd.runc.v2\"\n",
    ),
    ("crlf", "version = 2\r\n\r\n[plugins.\"io.containerd.grpc.v1.cri\"]\r\n  sandbox_image = \"pause:1\"\r\n"),
    ("no-newline", "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\"]\n  sandbox_image = \"pause:1\""),
    ("inline-registry", "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\"]\n  registry = { config_path = \"\" }\n"),
    ("inline-plugin", "version = 2\n[plugins]\n  \"io.containerd.grpc.v1.cri\" = { sandbox_image = \"pause:1\" }\n"),
    (
        "inline-headers",
        "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\"]\nregistry = { headers = { X-A = [\"b\"] } }\n",
    ),
    (
        "dotted-registry",
        "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\"]\n  registry.config_path = \"\"\n  registry.headers.X-A = [\"b\"]\n",
    ),
    ("dotted-from-the-root", "version = 2\nplugins.\"io.containerd.grpc.v1.cri\".sandbox_image = \"pause:1\"\n"),
    (
        "dotted-registry-from-the-root",
        "version = 2\nplugins.\"io.containerd.grpc.v1.cri\".registry.headers.X-A = [\"b\"]\nplugins.\"io.containerd.grpc.v1.cri\".sandbox_image = \"pause:1\"\n",
    ),
    (
        "table-above-after-table-below",
        "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry.headers]\n  X-A = [\"b\"]\n[plugins.\"io.containerd.grpc.v1.cri\"]\n  sandbox_image = \"pause:1\"\n[plugins]\n",
    ),
    (
        "blanks-and-tabs",
        "version=2\n[ plugins . \"io.containerd.grpc.v1.cri\" ] # cri\n\tsandbox_image=\"pause:1\"\n\t\t[ plugins . 'io.containerd.grpc.v1.cri' . registry ] # here\n\t\t\tconfig_path=\"\" # none yet\n",
    ),
    (
        "text-like-a-header",
        "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\"]\n  sandbox_image = \"\"\"\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\nconfig_path = \"/no\"\n\"\"\"\n",
    ),
    (
        "transfer-config-path",
        "version = 2\n[plugins.\"io.containerd.transfer.v1.local\"]\n  config_path = \"/etc/other\"\n  max_concurrent_downloads = 5\n",
    ),
    ("version-1", "[plugins.cri]\n  sandbox_image = \"pause:1\"\n  [plugins.cri.registry]\n    config_path = \"\"\n"),
    ("docker-package", "disabled_plugins = [\"cri\"]\n"),
    (
        "version-2-without-plugins",
        "version = 2\noom_score = -999\n[grpc]\n  address = \"/run/containerd/containerd.sock\"\n",
    ),
    (
        "version-behind-comments",
        "# managed by hand\nroot = \"/data/containerd\"\nversion = 2\n\n[metrics]\n  address = \"\"\n",
    ),
    (
        "version-3",
        "version = 3\n\n[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]\n  SystemdCgroup = true\n",
    ),
    (
        "version-3-registry",
        "version = 3\n[plugins]\n  [plugins.'io.containerd.cri.v1.images']\n    snapshotter = 'overlayfs'\n    [plugins.'io.containerd.cri.v1.images'.registry]\n      config_path = ''\n      [plugins.'io.containerd.cri.v1.images'.registry.headers]\n        X-A = ['b']\n",
    ),
    (
        "version-3-mirrors",
        "version = 3\n[plugins.'io.containerd.cri.v1.images'.registry]\n  config_path = ''\n  [plugins.'io.containerd.cri.v1.images'.registry.mirrors.'docker.io']\n    endpoint = ['https://mirror.lab']\n",
    ),
    ("version-3-with-legacy-cri", "version = 3\n[plugins.'io.containerd.grpc.v1.cri']\n  disable_tcp_service = true\n"),
    (
        "version-2-with-images-table",
        "version = 2\n[plugins.'io.containerd.cri.v1.images'.registry]\n  config_path = ''\n",
    ),
    ("version-4", "version = 4\n[plugins.'io.containerd.cri.v1.images']\n  snapshotter = 'overlayfs'\n"),
    ("imports-a-folder", "version = 2\nimports = [\"/etc/containerd/conf.d/*.toml\"]\n"),
    (
        "imports-nothing",
        "version = 2\nimports = []\n[plugins.\"io.containerd.grpc.v1.cri\"]\n  sandbox_image = \"pause:1\"\n",
    ),
];

/// hosts.toml of others for `my-registry.com`.
const HOSTS: &[(&str, &str)] = &[
    ("empty", ""),
    ("server-only", "server = \"https://my-registry.com\"\n"),
    ("comment-only", "# to do\n"),
    (
        "another-host",
        "server = \"https://my-registry.com\"\n\n[host.\"https://other.lab\"]\n  capabilities = [\"pull\"]\n",
    ),
    ("the-same-host", "[host.\"http://192.168.30.56:5000\"]\n  capabilities = [\"pull\"]\n"),
    ("the-same-host-with-a-slash", "[host.\"http://192.168.30.56:5000/\"]\n"),
    ("the-same-host-with-v2", "[host.\"http://192.168.30.56:5000/v2\"]\n  capabilities = [\"pull\", \"resolve\"]\n"),
    ("the-same-host-in-literal-quotes", "[host.'http://192.168.30.56:5000']\n  skip_verify = true\n"),
    (
        "the-same-host-with-tls-keys",
        "[host.\"http://192.168.30.56:5000\"]\n  capabilities = [\"pull\", \"resolve\", \"push\"]\n  skip_verify = false\n  override_path = false\n",
    ),
    ("the-same-host-over-https", "[host.\"https://192.168.30.56:5000\"]\n  skip_verify = true\n"),
    (
        "the-same-host-last",
        "server = \"https://my-registry.com\"\n[host.\"https://first.lab\"]\n  capabilities = [\"pull\", \"resolve\"]\n[host.\"http://192.168.30.56:5000\"]\n  capabilities = [\"pull\", \"resolve\"]\n",
    ),
    (
        "a-header-table",
        "[host.\"https://other.lab\"]\n  [host.\"https://other.lab\".header]\n    x-a = \"b\"\n\n# end\n",
    ),
    ("a-header-table-alone", "[host.\"https://other.lab\".header]\n  x-a = \"b\"\n"),
    (
        "root-keys",
        "server = \"https://my-registry.com\"\ncapabilities = [\"pull\"]\nskip_verify = true\n[host.\"https://other.lab\"]\n",
    ),
    ("no-scheme", "[host.\"other.lab:5000\"]\n"),
    ("upper-case", "[host.\"HTTP://192.168.30.56:5000\"]\n"),
    ("crlf", "server = \"https://my-registry.com\"\r\n\r\n[host.\"https://other.lab\"]\r\n  skip_verify = true\r\n"),
    ("no-newline", "server = \"https://my-registry.com\"\n[host.\"https://other.lab\"]\n  dial_timeout = \"1s\""),
    ("host-table-first", "[host]\n  [host.\"https://other.lab\"]\n    capabilities = [\"pull\"]\n"),
    ("an-empty-host-table", "server = \"https://my-registry.com\"\n[host]\n"),
    ("override-path", "[host.\"http://192.168.30.56:5000\"]\n  override_path = true\n"),
];

/// daemon.json as found.
const DAEMONS: &[(&str, &str)] = &[
    ("empty-object", "{}"),
    ("empty", ""),
    ("blank", " \n"),
    ("null", "null\n"),
    (
        "kubernetes",
        "{\n  \"exec-opts\": [\"native.cgroupdriver=systemd\"],\n  \"log-driver\": \"json-file\",\n  \"log-opts\": {\n    \"max-size\": \"100m\"\n  },\n  \"storage-driver\": \"overlay2\"\n}\n",
    ),
    ("tabs", "{\n\t\"debug\": true,\n\t\"insecure-registries\": [\n\t\t\"old.lab:5000\"\n\t]\n}"),
    ("one-line", "{\"debug\":true,\"registry-mirrors\":[\"https://mirror.lab/\"]}"),
    ("list-is-null", "{\"insecure-registries\": null}"),
    ("list-is-empty", "{ \"insecure-registries\" : [ ] , \"debug\" : false }\n"),
    ("listed-with-scheme", "{\"insecure-registries\": [\"http://192.168.30.56:5000\", \"10.0.0.0/8\"]}\n"),
    ("everything-listed", "{\"insecure-registries\": [\"0.0.0.0/0\"]}\n"),
    (
        "nvidia",
        "{\n    \"default-runtime\": \"nvidia\",\n    \"runtimes\": {\n        \"nvidia\": {\n            \"args\": [],\n            \"path\": \"nvidia-container-runtime\"\n        }\n    }\n}\n",
    ),
    ("crlf", "{\r\n  \"debug\": true\r\n}\r\n"),
    ("byte-order-mark", "\u{feff}{\"debug\": true}\n"),
    ("the-list-twice", "{\"insecure-registries\": [\"a.lab\"], \"insecure-registries\": [\"b.lab\"]}\n"),
];

/// The mission: a name served at an address over http, and that address itself.
fn plain() -> Value {
    json!({"ensure": [
        {"host": "my-registry.com", "endpoints": [{"url": "http://192.168.30.56:5000"}]},
        {"host": "192.168.30.56:5000", "insecure": "http"},
    ]})
}

/// All that can be said of an endpoint.
fn rich(certificate: &str, key: &str) -> Value {
    json!({"ensure": [
        {"host": "my-registry.com", "endpoints": [
            {"url": "https://192.168.30.56:5443", "skip_verify": true},
            {"url": "http://192.168.30.56:5000"},
            {"url": "https://ca.lab", "ca": CA, "headers": {"X-Team": "a", "Authorization": ["b", "c"]}},
        ]},
        {"host": "client.lab:5000", "endpoints": [
            {"url": "https://client.lab:5000", "ca": CA, "client": {"certificate": certificate, "key": key}},
        ]},
        {"host": "docker.io", "endpoints": [
            {"url": "https://mirror.lab/hub", "capabilities": ["pull", "resolve"]},
            {"url": "http://mirror.lab:8080/proxy/v2", "override_path": true},
        ]},
        {"host": "_default", "endpoints": [{"url": "http://proxy.lab:3128"}]},
        {"host": "pushed.lab", "endpoints": [{"url": "https://pushed.lab", "capabilities": ["push", "pull", "resolve"]}], "fallback": true},
    ]})
}

/// A registry by its IPv6 address, which has brackets.
fn ipv6() -> Value {
    json!({"ensure": [{"host": "[fd00::1]:5000", "insecure": "http"}]})
}

/// What docker can be told.
fn docker() -> Value {
    json!({"ensure": [
        {"host": "192.168.30.56:5000", "insecure": "http"},
        {"host": "signed.lab", "insecure": "skip_verify"},
        {"host": "ca.lab:5443", "endpoints": [{"url": "https://ca.lab:5443", "ca": CA}]},
        {"host": "docker.io", "endpoints": [{"url": "http://mirror.lab:5000"}, {"url": "https://signed.lab", "skip_verify": true}]},
        {"host": "10.1.2.3/16", "insecure": "skip_verify"},
        {"host": "[fd00::1]:5000", "insecure": "http"},
    ]})
}

/// A client certificate and its key, as PEM.
pub(crate) fn client_pair() -> Result<(String, String)> {
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name);
    let output = std::process::Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            "/CN=client",
        ])
        .arg("-keyout")
        .arg(path("key"))
        .arg("-out")
        .arg(path("certificate"))
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok((std::fs::read_to_string(path("certificate"))?, std::fs::read_to_string(path("key"))?))
}

/// Cases for containerd. The default dumps of all engines are among the files.
pub(crate) fn containerd(engines: &[Containerd]) -> Result<Vec<Case>> {
    let (certificate, key) = client_pair()?;
    let settings = [("plain", plain()), ("rich", rich(&certificate, &key)), ("ipv6", ipv6())];
    let mut files = vec![("no file".to_owned(), Files::new())];
    let config = |text: &str| Files::from([(CONFIG.to_owned(), text.into())]);
    files.extend(CONFIGS.iter().map(|(name, text)| ((*name).to_owned(), config(text))));
    for engine in engines {
        let said = engine.room(&Files::new())?.run(&["containerd", "config", "default"], "")?;
        files.push((format!("default-of-{}", engine.version), config(&said.stdout)));
    }
    for (name, text) in HOSTS {
        let mut with_hosts = config(&format!(
            "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\nconfig_path = \"{ROOT}\"\n"
        ));
        with_hosts.insert(format!("{ROOT}/my-registry.com/hosts.toml"), (*text).into());
        files.push((format!("hosts-{name}"), with_hosts));
    }
    let mut cases = Vec::new();
    for (name, files) in &files {
        // The third is about one spelling, for which some files are enough.
        for (wanted, settings) in &settings[..if name.contains("mirrors") || name == "debian" { 3 } else { 2 }] {
            cases.push(Case::new(format!("{name}, {wanted}"), &settings.to_string(), files.clone())?);
        }
    }
    Ok(cases)
}

/// Cases for docker.
pub(crate) fn daemons() -> Result<Vec<Case>> {
    let mut files = vec![("no file", Files::new())];
    files.extend(DAEMONS.iter().map(|(name, text)| (*name, Files::from([(DAEMON.to_owned(), (*text).into())]))));
    files.into_iter().map(|(name, files)| Case::new(name.to_owned(), &docker().to_string(), files)).collect()
}
