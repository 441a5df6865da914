//! Nodes on which everything is right already, each thing in one of its spellings.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::config::{IMAGES, LEGACY};
use crate::node::{CONFIG, DAEMON, Node};

const ROOT: &str = "/etc/containerd/certs.d";

/// config.toml with a `config_path`.
fn config() -> impl Strategy<Value = (String, &'static str)> {
    let plugin = select(vec![(2, LEGACY, "1.7.24"), (2, LEGACY, "2.1.9"), (3, IMAGES, "2.2.7"), (4, IMAGES, "2.3.4")]);
    let value = select(vec![
        "\"/etc/containerd/certs.d\"",
        "'/etc/containerd/certs.d/'",
        "\"\"\"/etc/containerd/certs.d\"\"\"",
    ]);
    (plugin, value, 0..6_usize).prop_map(|((version, plugin, daemon), value, form)| {
        let text = match form {
            0 => format!("[plugins.\"{plugin}\".registry]\nconfig_path = {value}\n"),
            1 => format!("[plugins.'{plugin}']\n  registry = {{ config_path = {value} }}"),
            2 => format!("[plugins.'{plugin}']\r\n\tregistry.config_path = {value} # ours\r\n"),
            3 => format!("plugins.'{plugin}'.registry.config_path={value}\n"),
            4 => format!("[ plugins . \"{plugin}\" . registry ] # x\n\"config_path\" = {value}\n[plugins]\n"),
            _ => {
                format!("[plugins.\"{plugin}\".registry.mirrors]\n[plugins.\"{plugin}\".registry]\nconfig_path={value}")
            }
        };
        (format!("version = {version}\n{text}"), daemon)
    })
}

/// A hosts.toml in which one endpoint is as it shall be.
fn hosts(url: &'static str, is_unverified: bool) -> impl Strategy<Value = String> {
    let urls = vec![url.to_owned(), format!("{url}/v2"), format!("{url}/"), format!("{url}/v2/")];
    let quote = select(vec!['"', '\'']);
    let capabilities = select(vec![
        "[\"pull\", \"resolve\"]",
        "['resolve','pull','push']",
        "[\n  \"PULL\", # one\n  \"Resolve\",\n]",
        "[]",
    ]);
    let layout = (select(vec!["", "  ", "\t"]), any::<bool>(), any::<bool>(), any::<bool>());
    (select(urls), quote, capabilities, layout).prop_map(move |(url, quote, capabilities, layout)| {
        let (indent, spaced, first, server) = layout;
        let header = format!("host.{quote}{url}{quote}");
        let header = if spaced { format!("[ {header} ] # here") } else { format!("[{header}]") };
        let mut keys = vec![format!("{indent}capabilities = {capabilities}")];
        if is_unverified {
            keys.insert(usize::from(first), format!("{indent}skip_verify=true # yes"));
        }
        let server = if server { "server = \"https://else.where\"\n\n" } else { "# none\n" };
        format!("{server}{header}\n{}\n  dial_timeout = \"1s\"\n\n[host.\"https://b.lab\"]", keys.join("\n"))
    })
}

/// A daemon.json in which a host is listed.
fn daemon() -> impl Strategy<Value = String> {
    select(vec![
        "{\"insecure-registries\": [\"reg.lab:5000\"]}",
        "{\n\t\"insecure-registries\" : [\n\t\t\"http://reg.lab:5000\"\n\t]\n}\n",
        "{\"insecure\\u002dregistries\":[\"a.b\",\"HTTPS://reg.lab:5000\"]}",
        "{\"debug\":true,\"insecure-registries\":[\"reg.lab\\u003a5000\",\"10.0.0.0/8\"]}\r\n",
        "\u{feff}{\"insecure-registries\": [\"Http://reg.lab:5000\"]}",
    ])
    .prop_map(str::to_owned)
}

pub(crate) fn right() -> impl Strategy<Value = (Node, Value)> {
    let url = "https://192.168.30.56:5443";
    let containerd = (config(), any::<bool>(), hosts(url, false), hosts(url, true)).prop_map(
        move |((config, version), is_unverified, plain, unverified)| {
            let path = format!("{ROOT}/my-registry.com/hosts.toml");
            let text = if is_unverified { unverified } else { plain };
            let node = Node::new(version, &[(CONFIG, &config), (&path, &text)]);
            let endpoint = if is_unverified { json!({"url": url, "skip_verify": true}) } else { json!({"url": url}) };
            (node, json!({"ensure": [{"host": "my-registry.com", "endpoints": [endpoint]}]}))
        },
    );
    let docker = (daemon(), select(vec!["http", "skip_verify"])).prop_map(|(text, insecure)| {
        let node = Node::new("", &[(DAEMON, &text)]);
        (node, json!({"ensure": [{"host": "reg.lab:5000", "insecure": insecure}], "remove": ["none.lab"]}))
    });
    prop_oneof![3 => containerd, 1 => docker]
}
