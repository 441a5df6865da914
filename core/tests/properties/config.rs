//! containerd's config.toml as people write it.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::text::{Entry, Layout, Noise, Table, entry, layout, noise, tail};

pub(crate) const LEGACY: &str = "io.containerd.grpc.v1.cri";
pub(crate) const IMAGES: &str = "io.containerd.cri.v1.images";

/// A config.toml and a containerd that may read it.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) bytes: Vec<u8>,
    pub(crate) daemon: &'static str,
}

/// What the file says of registries.
#[derive(Clone, Debug)]
enum Registry {
    Nothing,
    Leftovers { path: bool, subs: Vec<&'static str> },
    Path(&'static str),
    Mirrors(Mirrors),
    Inline(&'static str),
    Dotted { root: bool, value: &'static str },
}

#[derive(Clone, Debug)]
struct Mirrors {
    header: bool,
    empty_path: bool,
    between: bool,
    hosts: Vec<(&'static str, bool, Entry)>,
    configs: Vec<(&'static str, bool, bool)>,
}

const ENDPOINTS: [&str; 8] = [
    "endpoint = [\n  # the first\n  'https://m.lab', # near\n  'http://m.lab/p', # far\n  # and no more\n]",
    "endpoint = [\"https://registry-1.docker.io\"]",
    "endpoint = [ \"http://192.168.30.56:5000\" ]",
    "endpoint = ['https://m.lab', \"https://m.lab:5000/v2/\"]",
    "endpoint = [\n  \"https://192.168.30.56:5443\",\n  \"https://m.lab\",\n]",
    "endpoint = []",
    "endpoint = [\"m.lab:5000\"]",
    "endpoint = [\"http://reg.lab:5000\", \"https://m.lab\"]",
];

fn mirrors() -> impl Strategy<Value = Registry> {
    let names = vec!["docker.io", "*", "my-registry.com", "reg.lab:5000", "gcr.io"];
    let endpoints = prop::collection::vec(
        (prop::bool::weighted(0.2), entry(select(ENDPOINTS.to_vec()).prop_map(str::to_owned))),
        5,
    );
    let configs = vec!["192.168.30.56:5443", "m.lab", "old.lan:5000"];
    let kinds = prop::collection::vec((prop::bool::weighted(0.6), any::<bool>()), 3);
    let mirrors = (subsequence(names, 1..=3), endpoints)
        .prop_map(|(names, e)| names.into_iter().zip(e).map(|(name, (marked, e))| (name, marked, e)).collect());
    let configs = (subsequence(configs, 0..=2), kinds)
        .prop_map(|(names, kinds)| names.into_iter().zip(kinds).map(|(n, (t, a))| (n, t, a)).collect());
    (any::<bool>(), any::<bool>(), any::<bool>(), mirrors, configs).prop_map(
        |(header, empty_path, between, hosts, configs)| {
            Registry::Mirrors(Mirrors { header, empty_path, between, hosts, configs })
        },
    )
}

fn registry() -> impl Strategy<Value = Registry> {
    let subs = subsequence(vec!["auths", "configs", "headers", "mirrors"], 0..=4);
    let paths = vec!["/etc/containerd/certs.d", "/srv/certs.d/", "/etc/containerd/certs.d:/etc/docker/certs.d", "/a"];
    let inline = vec![
        "{ config_path = \"\" }",
        "{}",
        "{ config_path = '/etc/containerd/certs.d' }",
        "{ mirrors = { \"docker.io\" = { endpoint = [\"https://m.lab\"] } } }",
        "{headers={}}",
    ];
    let dotted = (any::<bool>(), select(vec!["config_path = \"\"", "config_path = \"/srv/certs.d\"", "headers = {}"]));
    prop_oneof![
        3 => Just(Registry::Nothing),
        3 => (any::<bool>(), subs).prop_map(|(path, subs)| Registry::Leftovers { path, subs }),
        3 => select(paths).prop_map(Registry::Path),
        5 => mirrors(),
        1 => select(inline).prop_map(Registry::Inline),
        1 => dotted.prop_map(|(root, value)| Registry::Dotted { root, value }),
    ]
}

/// Tables that are none of our business, for a file whose CRI plugin has this name.
fn foreign(plugin: &str) -> Vec<Table> {
    let table = |path: &[&str], keys: &[&str]| {
        Table::new(path.iter().copied(), keys.iter().map(|key| Entry::plain(*key)).collect())
    };
    let mut unpack = table(
        &["plugins", "io.containerd.transfer.v1.local", "unpack_config"],
        &["differ = \"\"", "platform = \"linux/amd64\""],
    );
    unpack.is_array = true;
    let accepts = "accepts = [\"application/vnd.oci.image.layer.v1.tar+encrypted\",\n  # the other\n  \"x\",\n]";
    vec![
        table(&["plugins", plugin], &["sandbox_image = \"registry.k8s.io/pause:3.9\"", "device_ownership = false"]),
        table(&["plugins"], &[]),
        table(&["debug"], &["level   =   'info'"]),
        table(&["plugins", plugin, "cni"], &["bin_dir = \"/opt/cni/bin\"", "conf_template = \"\""]),
        table(&["plugins", plugin, "containerd"], &["default_runtime_name = \"nvidia\""]),
        table(
            &["plugins", plugin, "containerd", "runtimes", "nvidia"],
            &["runtime_type = \"io.containerd.runc.v2\"", "pod_annotations = [\"nvidia.com/*\"]"],
        ),
        table(
            &["plugins", plugin, "containerd", "runtimes", "nvidia", "options"],
            &["BinaryName = \"/usr/bin/nvidia-container-runtime\"", "SystemdCgroup = true"],
        ),
        table(&["plugins", "io.containerd.transfer.v1.local"], &["config_path = \"\"", "max_concurrent = 3"]),
        unpack,
        table(&["proxy_plugins", "stargz"], &["type = \"snapshot\"", "config_path = \"/etc/stargz\""]),
        table(&["stream_processors", "io.containerd.ocicrypt.decoder.v1.tar"], &[accepts, "path = \"ctd-decoder\""]),
        table(
            &["notes"],
            &[
                "text = \"\"\"\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\n  config_path = \"no\"\n# regconf\n\"\"\"",
            ],
        ),
        table(&["timeouts"], &["\"io.containerd.timeout.bolt.open\" = \"0s\""]),
        table(&["plugins", plugin, "image_decryption"], &["key_model = \"node\""]),
    ]
}

/// The daemons for a file of this version, the likelier first.
fn daemon(version: u8, pick: usize) -> &'static str {
    let fit: &[&str] = match version {
        0 | 1 => &["1.7.24", "1.6.20", "2.3.4", "2.1.9"],
        2 => &["1.7.24", "2.1.9", "1.6.20", "2.3.4", "2.2.0", "1.4.3", ""],
        3 => &["2.1.9", "2.3.4", "2.2.7", "1.7.24", ""],
        _ => &["2.3.4", "2.4.0-beta.0", "2.2.7"],
    };
    fit[pick % fit.len()]
}

fn plugin_of(version: u8) -> &'static str {
    match version {
        0 | 1 => "cri",
        2 => LEGACY,
        _ => IMAGES,
    }
}

pub(crate) fn config() -> impl Strategy<Value = Config> {
    config_with(registry())
}

/// A config.toml in the older style.
pub(crate) fn config_with_mirrors() -> impl Strategy<Value = Config> {
    config_with(mirrors())
}

fn config_with(registry: impl Strategy<Value = Registry>) -> impl Strategy<Value = Config> {
    let version = prop_oneof![6 => Just(2_u8), 3 => Just(3), 1 => Just(0), 1 => Just(1), 1 => Just(4)];
    let root = subsequence(
        vec![
            "root = \"/var/lib/containerd\"",
            "disabled_plugins = []",
            "imports = []",
            "oom_score = 0",
            "required_plugins = [\n  # none\n]",
        ],
        0..=4,
    );
    let decorated = prop::collection::vec((noise(), tail()), 30);
    let order = prop_oneof![2 => Just(None), 1 => prop::collection::vec(any::<u8>(), 30).prop_map(Some)];
    let picked = subsequence((0..14_usize).collect::<Vec<_>>(), 0..=7);
    let parts = (registry, root, picked, order, decorated);
    (version, 0..7_usize, layout(), parts, noise()).prop_map(|(version, daemon_pick, layout, parts, below)| {
        let (registry, root, picked, order, decorated) = parts;
        let plugin = plugin_of(version);
        let all = foreign(plugin);
        let mut tables: Vec<_> = picked.into_iter().map(|i| all[i].clone()).collect();
        let mut root: Vec<_> = root.into_iter().map(Entry::plain).collect();
        if version > 0 {
            root.insert(0, Entry::plain(format!("version = {version}")));
        }
        registry.write(&layout, plugin, &mut root, &mut tables);
        decorate(&mut root, &mut tables, decorated);
        if let Some(order) = order {
            let mut keyed: Vec<_> = tables.into_iter().zip(order).collect();
            keyed.sort_by_key(|(_, key)| *key);
            tables = keyed.into_iter().map(|(table, _)| table).collect();
        }
        Config { bytes: layout.render(&root, &tables, &below), daemon: daemon(version, daemon_pick) }
    })
}

fn decorate(root: &mut [Entry], tables: &mut [Table], decorated: Vec<(Noise, &'static str)>) {
    let mut decorated = decorated.into_iter();
    for table in tables.iter_mut() {
        if let Some((noise, tail)) = decorated.next() {
            (table.above, table.tail) = (noise, tail);
        }
    }
    for entry in root {
        if let Some((noise, tail)) = decorated.next() {
            (entry.above, entry.tail) = (noise, tail);
        }
    }
}

impl Registry {
    fn write(self, layout: &Layout, plugin: &str, root: &mut Vec<Entry>, tables: &mut Vec<Table>) {
        let path = |rest: &[&str]| -> Vec<String> {
            ["plugins", plugin, "registry"].iter().chain(rest).map(|key| (*key).to_owned()).collect()
        };
        let empty = || vec![Entry::plain("config_path = \"\"")];
        match self {
            Self::Nothing => {}
            Self::Leftovers { path: has_path, subs } => {
                tables.push(Table::new(path(&[]), if has_path { empty() } else { Vec::new() }));
                tables.extend(subs.into_iter().map(|sub| Table::new(path(&[sub]), Vec::new())));
            }
            Self::Path(value) => {
                let entry = Entry::plain(format!("config_path = {}", layout.quoted(value)));
                tables.push(Table::new(path(&[]), vec![entry]));
            }
            Self::Mirrors(mirrors) => {
                if mirrors.header {
                    tables.push(Table::new(path(&[]), if mirrors.empty_path { empty() } else { Vec::new() }));
                }
                if mirrors.between {
                    tables.push(Table::new(path(&["mirrors"]), Vec::new()));
                }
                for (name, marked, endpoint) in mirrors.hosts {
                    let table = Table::new(path(&["mirrors", name]), vec![endpoint]);
                    tables.push(Table { marked, ..table });
                }
                for (name, tls, auth) in mirrors.configs {
                    if tls {
                        let entries =
                            vec![Entry::plain("insecure_skip_verify = false"), Entry::plain("ca_file = \"\"")];
                        let table = Table::new(path(&["configs", name, "tls"]), entries);
                        tables.push(Table { marked: auth, ..table });
                    }
                    if auth {
                        let entries = vec![Entry::plain("username = \"u\""), Entry::plain("password = \"p#[\"")];
                        tables.push(Table::new(path(&["configs", name, "auth"]), entries));
                    }
                }
            }
            Self::Inline(value) => own_table(tables, plugin).entries.push(Entry::plain(format!("registry = {value}"))),
            Self::Dotted { root: false, value } => {
                own_table(tables, plugin).entries.push(Entry::plain(format!("registry.{value}")));
            }
            Self::Dotted { root: true, value } => {
                let name = layout.dotted(&["plugins", plugin, "registry"]);
                root.push(Entry::plain(format!("{name}.{value}")));
                tables
                    .retain(|table| table.path[0] != "plugins" || table.path[1..].first().is_some_and(|p| p != plugin));
                tables.retain(|table| table.path.len() > 1);
            }
        }
    }
}

fn own_table<'a>(tables: &'a mut Vec<Table>, plugin: &str) -> &'a mut Table {
    let own = |table: &Table| table.path == ["plugins", plugin];
    let at = tables.iter().position(own).unwrap_or_else(|| {
        tables.push(Table::new(["plugins", plugin], Vec::new()));
        tables.len() - 1
    });
    &mut tables[at]
}
