//! What hosts.toml shall say of a registry.

use std::fmt::Write;

use toml_edit::Item;

use super::{Folder, files, list_of};
use crate::edit::toml::{quoted, quoted_key, quoted_list};
use crate::settings::{Capability, Endpoint, EndpointUrl, Registry, Trust};

/// Keys that speak of TLS. On a plain http host any of them, whatever its value, makes containerd try https first.
const TLS: [&str; 3] = ["skip_verify", "ca", "client"];

/// A registry's hosts.toml.
pub(super) struct Wanted {
    /// The address that is tried after all hosts; `None` leaves the registry's own.
    server: Option<String>,
    pub(super) tables: Vec<Table>,
    /// TLS keys for the server.
    root: Vec<(&'static str, String)>,
}

/// An endpoint that another file names, its trust as TOML.
pub(in super::super) struct Moved {
    pub(in super::super) url: EndpointUrl,
    pub(in super::super) tls: Vec<(&'static str, String)>,
    pub(in super::super) override_path: bool,
    /// What was written about it.
    pub(in super::super) comments: Vec<String>,
}

/// One host.
pub(super) struct Table {
    pub(super) url: EndpointUrl,
    tls: Vec<(&'static str, String)>,
    override_path: bool,
    capabilities: Vec<Capability>,
    headers: Vec<(String, String)>,
    comments: Vec<String>,
}

impl Wanted {
    pub(super) fn of(registry: &Registry, folder: &Folder<'_>) -> Self {
        // Files of others with a hosts.toml beside them do not count; what was carried into one of ours stays.
        let counted = folder.hosts.is_none_or(|bytes| bytes.is_empty() || super::is_ours(bytes));
        let loose = if counted { loose_tls(folder) } else { Vec::new() };
        let tables: Vec<_> = registry
            .endpoints
            .iter()
            .enumerate()
            .map(|(i, endpoint)| table(i, endpoint, registry, folder, &loose))
            .collect();
        let (server, root) = match (registry.falls_back(), registry.endpoints.first()) {
            (true, _) if registry.host.is_docker_hub() => (Some("https://registry-1.docker.io".to_owned()), loose),
            (true, _) if registry.host.is_default() => (None, Vec::new()),
            (true, _) => (Some(format!("https://{}", registry.host)), loose),
            (false, Some(first)) => (Some(first.url.to_string()), root_keys(&tables[0])),
            (false, None) => (None, Vec::new()),
        };
        Self { server, tables, root }
    }

    pub(super) fn moved(endpoints: Vec<Moved>, root: Vec<(&'static str, String)>) -> Self {
        let table = |moved: Moved| Table {
            url: moved.url,
            tls: moved.tls,
            override_path: moved.override_path,
            capabilities: Vec::new(),
            headers: Vec::new(),
            comments: moved.comments,
        };
        Self { server: None, tables: endpoints.into_iter().map(table).collect(), root }
    }

    pub(super) fn table(&self, url: &EndpointUrl) -> Option<&Table> {
        self.tables.iter().find(|table| Table::is_same(&table.url, url))
    }

    /// Whether the server of a file is the one that is wanted.
    pub(super) fn is_server(&self, there: Option<&str>) -> bool {
        let same = |there: &str| {
            self.server
                .as_deref()
                .and_then(Table::url)
                .zip(Table::url(there))
                .is_some_and(|(a, b)| Table::is_same(&a, &b))
        };
        there.is_some_and(same)
    }

    /// The file for a registry that has none yet.
    pub(super) fn new_file(&self, head: &str, mark: Option<&str>) -> Vec<u8> {
        let mut text = head.to_owned();
        for (key, value) in self.root_entries() {
            let _ = writeln!(text, "{key} = {value}");
        }
        for table in &self.tables {
            let _ = write!(text, "\n{}", table.block(mark));
        }
        text.into_bytes()
    }

    pub(super) fn root_entries(&self) -> impl Iterator<Item = (&'static str, String)> {
        let server = self.server.iter().map(|url| ("server", quoted(url)));
        server.chain(self.root.iter().cloned())
    }

    /// Root keys that must not be there; in a file of others only what contradicts the server.
    pub(super) fn surplus_at_root(&self, ours: bool) -> impl Iterator<Item = &'static str> {
        let plain_http = self.server.as_ref().is_some_and(|url| url.starts_with("http://"));
        let tls = TLS.into_iter().filter(move |_| ours || plain_http);
        let rest = ["server", "override_path"].into_iter().filter(move |_| ours);
        tls.chain(rest).filter(|key| self.root_entries().all(|(wanted, _)| wanted != *key))
    }
}

/// What the server that repeats the first host must have of it.
fn root_keys(table: &Table) -> Vec<(&'static str, String)> {
    let path = table.override_path.then(|| ("override_path", "true".to_owned()));
    table.tls.iter().cloned().chain(path).collect()
}

/// The certificates that counted before there was a hosts.toml.
fn loose_tls(folder: &Folder<'_>) -> Vec<(&'static str, String)> {
    let (authorities, pairs) = folder.loose_certificates();
    let ca = (!authorities.is_empty()).then(|| ("ca", quoted_list(authorities)));
    let client = match pairs.as_slice() {
        [] => None,
        pairs if pairs.iter().all(|(_, key)| key.is_none()) => Some(quoted_list(pairs.iter().map(|(cert, _)| cert))),
        pairs => {
            // The two forms cannot be mixed; a file that holds both serves as either.
            let pair = |(cert, key): &(String, Option<String>)| quoted_list([cert, key.as_ref().unwrap_or(cert)]);
            Some(format!("[{}]", pairs.iter().map(pair).collect::<Vec<_>>().join(", ")))
        }
    };
    let client = client.map(|client| ("client", client));
    ca.into_iter().chain(client).collect()
}

fn table(
    i: usize,
    endpoint: &Endpoint,
    registry: &Registry,
    folder: &Folder<'_>,
    loose: &[(&'static str, String)],
) -> Table {
    let mut tls = Vec::new();
    match &endpoint.trust {
        Trust::System => {}
        Trust::SkipVerify => tls.push(("skip_verify", "true".to_owned())),
        Trust::Ca(_) => tls.push(("ca", list_of(&folder.file_path(&files::ca(i))))),
    }
    if endpoint.client.is_some() {
        let (cert, key) = files::client(i);
        tls.push(("client", format!("[{}]", quoted_list([folder.file_path(&cert), folder.file_path(&key)]))));
    }
    let own = endpoint.url.authority() == registry.host.to_string();
    if own && !endpoint.url.is_http() {
        let unchecked = endpoint.trust == Trust::SkipVerify;
        let is_new =
            |key: &str| tls.iter().all(|(known, _): &(&str, String)| *known != key) && !(unchecked && key == "ca");
        let kept: Vec<_> = loose.iter().filter(|(key, _)| is_new(key)).cloned().collect();
        tls.extend(kept);
    }
    Table {
        url: endpoint.url.clone(),
        tls,
        override_path: endpoint.override_path,
        capabilities: endpoint.capabilities.clone(),
        headers: headers(endpoint),
        comments: Vec::new(),
    }
}

/// Header names and their values as TOML; a name that is given again makes a list.
fn headers(endpoint: &Endpoint) -> Vec<(String, String)> {
    let mut names: Vec<&String> = endpoint.headers.iter().map(|(name, _)| name).collect();
    names.dedup();
    let value = |name: &String| {
        let values: Vec<_> = endpoint.headers.iter().filter(|(n, _)| n == name).map(|(_, v)| v.expose()).collect();
        if let [one] = values.as_slice() { quoted(one) } else { quoted_list(values) }
    };
    names.into_iter().map(|name| (name.clone(), value(name))).collect()
}

impl Table {
    /// The address that a host table's key means: https where it names no scheme, `/v2` at its end left out.
    pub(super) fn url(key: &str) -> Option<EndpointUrl> {
        let url = if key.starts_with("http") { key.to_owned() } else { format!("https://{key}") };
        url.parse().ok()
    }

    /// Whether two addresses are one to containerd, which adds `/v2` itself.
    pub(super) fn is_same(a: &EndpointUrl, b: &EndpointUrl) -> bool {
        fn parts(url: &EndpointUrl) -> (bool, &str, u16, &str) {
            let path = url.path();
            (url.is_http(), url.host(), url.port(), path.strip_suffix("/v2").unwrap_or(path))
        }
        parts(a) == parts(b)
    }

    /// The table with its header, as it is written where it is new.
    pub(super) fn block(&self, mark: Option<&str>) -> String {
        let header = format!("host.{}", quoted(&self.url.to_string()));
        let mut text = mark.map_or(String::new(), |mark| format!("{mark}\n"));
        for comment in &self.comments {
            let _ = writeln!(text, "{comment}");
        }
        let _ = writeln!(text, "[{header}]");
        let (inner, headers): (Vec<_>, Vec<_>) = self.entries().into_iter().partition(|(path, _)| path.len() == 1);
        for (path, value) in inner {
            let _ = writeln!(text, "  {} = {value}", path[0]);
        }
        if !headers.is_empty() {
            let _ = writeln!(text, "  [{header}.header]");
        }
        for (path, value) in headers {
            let _ = writeln!(text, "    {} = {value}", quoted_key(&path[1]));
        }
        text
    }

    /// Keys below the table and their values as TOML.
    pub(super) fn entries(&self) -> Vec<(Vec<String>, String)> {
        let key = |key: &str, value: &str| (vec![key.to_owned()], value.to_owned());
        let names: Vec<_> = match self.capabilities.as_slice() {
            [] => vec!["pull", "resolve"],
            some => some.iter().map(|capability| capability.name()).collect(),
        };
        let mut entries = vec![key("capabilities", &quoted_list(names))];
        entries.extend(self.tls.iter().map(|(name, value)| key(name, value)));
        if self.override_path {
            entries.push(key("override_path", "true"));
        }
        let header = |(name, value): &(String, String)| (vec!["header".to_owned(), name.clone()], value.clone());
        entries.extend(self.headers.iter().map(header));
        entries
    }

    /// Keys that must not be in the table: all that are not wanted in one of ours, the harmful ones in one of others.
    pub(super) fn surplus(&self, ours: bool) -> impl Iterator<Item = &'static str> {
        let wanted = |key: &str| self.tls.iter().any(|(name, _)| *name == key);
        let checks = self.tls.iter().any(|(name, _)| *name == "ca");
        let harmful = move |key: &str| self.url.is_http() || (checks && key == "skip_verify");
        let path = (!self.override_path).then_some("override_path");
        let header = (ours && self.headers.is_empty()).then_some("header");
        TLS.into_iter().filter(move |key| !wanted(key) && (ours || harmful(key))).chain(path).chain(header)
    }

    /// Whether the key may be missing: without capabilities a host may be asked for everything.
    pub(super) fn is_content_without(&self, path: &[String]) -> bool {
        path == ["capabilities"] && self.capabilities.is_empty()
    }

    /// Whether what is there for a key serves as it is.
    pub(super) fn accepts(&self, path: &[String], item: &Item, ours: bool) -> bool {
        let texts = |item: &Item| -> Option<Vec<String>> {
            let one = item.as_str().map(|text| vec![text.to_owned()]);
            one.or_else(|| item.as_array()?.iter().map(|value| value.as_str().map(str::to_owned)).collect())
        };
        match path {
            [key] if key == "capabilities" => texts(item).is_some_and(|there| self.capable(&there, ours)),
            [key] if key == "ca" => texts(item).is_some_and(|there| {
                self.tls
                    .iter()
                    .any(|(name, value)| *name == "ca" && there.iter().any(|path| value.contains(&quoted(path))))
            }),
            _ => false,
        }
    }

    /// What a list of others lacks, and what it must not have; `None` where the value is no such list.
    pub(super) fn missing(&self, path: &[String], item: &Item) -> Option<(Vec<String>, Vec<String>)> {
        let there: Vec<String> =
            item.as_array()?.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect();
        match path {
            [key] if key == "capabilities" => {
                let exact = !self.capabilities.is_empty();
                let default = [Capability::Pull, Capability::Resolve];
                let wanted = if exact { self.capabilities.as_slice() } else { &default };
                let is = |text: &String, c: &Capability| text.eq_ignore_ascii_case(c.name());
                let missing = wanted.iter().filter(|c| !there.iter().any(|text| is(text, c)));
                let missing = missing.map(|c| c.name().to_owned()).collect();
                let surplus =
                    there.iter().filter(|text| exact && !wanted.iter().any(|c| is(text, c))).cloned().collect();
                Some((missing, surplus))
            }
            [key] if key == "ca" => {
                let own = self.tls.iter().find(|(name, _)| *name == "ca")?.1.parse::<toml_edit::Value>().ok()?;
                let own = own.as_array()?.iter().filter_map(|value| value.as_str().map(str::to_owned));
                Some((own.filter(|path| !there.contains(path)).collect(), Vec::new()))
            }
            _ => None,
        }
    }

    /// An empty list means all. containerd compares without letter case.
    fn capable(&self, there: &[String], ours: bool) -> bool {
        let has = |name: &str| there.iter().any(|text| text.eq_ignore_ascii_case(name));
        match self.capabilities.as_slice() {
            [] => (there.is_empty() && !ours) || (has("pull") && has("resolve")),
            wanted => wanted.len() == there.len() && wanted.iter().all(|capability| has(capability.name())),
        }
    }
}
