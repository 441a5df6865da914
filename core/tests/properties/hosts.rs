//! hosts.toml as people and this library write it.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::text::{Entry, Table, entry, layout, noise, tail};

pub(crate) const HEAD: &str =
    "# Written by regconf, which keeps the hosts below a line \"# regconf\". The rest is yours.";

const URLS: [&str; 9] = [
    "http://192.168.30.56:5000",
    "https://192.168.30.56:5443",
    "https://m.lab",
    "http://m.lab/p",
    "https://m.lab:5000/v2/",
    "http://reg.lab:5000/",
    "https://[fd00::1]:5000",
    "https://other.example",
    "mirror.example:8443",
];

const KEYS: [&str; 13] = [
    "capabilities = [\n    # no push\n    \"pull\",\n  ]",
    "capabilities = [\"pull\", \"resolve\"]",
    "capabilities = [ 'PULL', \"resolve\", \"push\" ]",
    "skip_verify = true",
    "capabilities = [\n    \"pull\", # first\n    \"resolve\",\n  ]",
    "skip_verify=false",
    "ca = \"/etc/ssl/ca.pem\"",
    "ca = [\n  \"/etc/ssl/ca.pem\",\n  \"/etc/ssl/b.pem\"\n]",
    "client = [[\"/etc/c.cert\", \"/etc/c.key\"]]",
    "override_path = true",
    "dial_timeout = \"1s\"",
    "x-unknown = { a = 1 }",
    "header = { X-Inline = \"1\" }",
];

fn host() -> impl Strategy<Value = Vec<Table>> {
    let keys = prop::collection::vec(entry(select(KEYS.to_vec()).prop_map(str::to_owned)), 0..4);
    let header = entry(select(vec!["Authorization = \"Basic abc=\"", "x-a = [\"1\", '2']"]).prop_map(str::to_owned));
    let header = prop::option::weighted(0.2, (noise(), header));
    (select(URLS.to_vec()), prop::bool::weighted(0.25), noise(), tail(), keys, header).prop_map(
        |(url, marked, above, tail, keys, header)| {
            let mut table = Table::new(["host", url], one_each(keys));
            (table.above, table.marked, table.tail) = (above, marked, tail);
            let inline = table.entries.iter().any(|entry| entry.text.starts_with("header"));
            let below = header.filter(|_| !inline).map(|(above, entry)| {
                let mut below = Table::new(["host", url, "header"], vec![entry]);
                below.above = above;
                below
            });
            std::iter::once(table).chain(below).collect()
        },
    )
}

/// The entries, each key once.
fn one_each(entries: Vec<Entry>) -> Vec<Entry> {
    let mut seen = std::collections::BTreeSet::new();
    let name = |entry: &Entry| entry.text.split('=').next().unwrap_or("").trim().to_owned();
    entries.into_iter().filter(|entry| seen.insert(name(entry))).collect()
}

/// A file, and whether it holds nothing of ours.
pub(crate) fn hosts() -> impl Strategy<Value = Vec<u8>> {
    let servers = vec![
        "server = \"https://registry-1.docker.io\"",
        "server   = 'http://192.168.30.56:5000'",
        "server = \"https://my-registry.com/\"",
    ];
    let server = prop::option::weighted(0.8, entry(select(servers).prop_map(str::to_owned)));
    let rest = subsequence(vec!["capabilities = [\"pull\"]", "skip_verify = true", "x = 1"], 0..=2);
    let ours = prop::bool::weighted(0.2);
    (layout(), ours, noise(), server, rest, prop::collection::vec(host(), 0..4), noise()).prop_map(
        |(layout, ours, above, server, rest, hosts, below)| {
            let mut root: Vec<_> = server.into_iter().chain(rest.into_iter().map(Entry::plain)).collect();
            let mut seen = std::collections::BTreeSet::new();
            let mut tables: Vec<_> = hosts.into_iter().filter(|h| seen.insert(h[0].path.clone())).flatten().collect();
            match (root.first_mut(), tables.first_mut()) {
                (Some(entry), _) => entry.above.splice(..0, above),
                (None, Some(table)) => table.above.splice(..0, above),
                (None, None) => return if ours { format!("{HEAD}\n").into_bytes() } else { Vec::new() },
            };
            if ours {
                let above = root.first_mut().map(|e| &mut e.above).or(tables.first_mut().map(|t| &mut t.above));
                if let Some(above) = above {
                    above.insert(0, HEAD);
                }
            }
            layout.render(&root, &tables, &below)
        },
    )
}
