//! What containerd's code takes from a hosts.toml or from the certificates in a host's folder.

use toml_edit::{Item, Table, TableLike, Value};

use super::super::address::{self, Address};
use super::super::version::Version;
use super::{Reader, types};
use crate::edit::toml::Toml;
use crate::edit::{Takes, Text};
use crate::error::{Error, ErrorKind, Result};
use crate::settings::Capability;

/// A host as listed (`hostConfig` of containerd); an empty address stands for the registry's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) scheme: String,
    pub(super) host: String,
    pub(super) path: String,
    pub(super) capabilities: Vec<Capability>,
    pub(super) skip_verify: Option<bool>,
    /// `None` where the key is absent, which is another thing than an empty list.
    pub(super) authorities: Option<Vec<String>>,
    /// Certificates and the files of their keys.
    pub(super) clients: Vec<(String, String)>,
    pub(super) headers: Vec<String>,
    pub(super) has_timeout: bool,
}

impl Listed {
    /// By the files in a folder (`loadCertFiles`).
    pub(super) fn of_certificates(folder: &str, names: &[String]) -> Self {
        let path = |name: &str| format!("{folder}/{name}");
        let authorities: Vec<_> =
            names.iter().filter(|name| name.strip_suffix(".crt").is_some()).map(|name| path(name)).collect();
        let clients = names.iter().filter_map(|name| {
            let key = format!("{}.key", name.strip_suffix(".cert")?);
            let key = if names.contains(&key) { key } else { name.clone() };
            Some((path(name), path(&key)))
        });
        Self {
            clients: clients.collect(),
            authorities: (!authorities.is_empty()).then_some(authorities),
            ..Self::default()
        }
    }

    /// Whether it says anything of TLS, by which an `http://` address is tried over https first.
    pub(super) fn has_tls(&self, reader: Reader) -> bool {
        let by_timeout = reader.is_at_least(Version(2, 0, 7)) && reader.is_before(Version(2, 1, 0));
        self.skip_verify.is_some()
            || self.authorities.is_some()
            || !self.clients.is_empty()
            || (self.has_timeout && by_timeout)
    }
}

/// All capabilities that a release knows.
pub(super) fn all_capabilities(reader: Reader) -> Vec<Capability> {
    let mut all = vec![Capability::Pull, Capability::Resolve, Capability::Push];
    if !reader.is_before(Version(2, 2, 0)) {
        all.push(Capability::Referrers);
    }
    all
}

/// The hosts of a file in their order, then its server.
///
/// # Errors
/// When containerd cannot decode the file, and so ignores it.
pub(super) fn read(reader: Reader, folder: &str, bytes: &[u8]) -> Result<Vec<Listed>> {
    let path = format!("{folder}/hosts.toml");
    let takes = if reader.is_before(Version(2, 0, 0)) { Takes::AnyBytes } else { Takes::Utf8Only };
    let text = Text::read(&path, bytes, takes)?;
    if text.has_bom() && !reader.is_before(Version(2, 0, 0)) {
        return Err(Error::new(ErrorKind::Parse, "begins with a byte order mark").with_path(path));
    }
    let toml = Toml::parse(text)?;
    toml.check_inline_commas()?;
    types::check(&toml, reader)?;
    let keys = order(&toml, reader)?;
    let mut listed = Vec::new();
    for key in &keys {
        let table = toml.get(&["host", key]).and_then(Item::as_table_like);
        let table = table.ok_or_else(|| toml.error(&["host", key], ErrorKind::Conflict, "is no table"))?;
        listed.push(host(&toml, &["host", key], key, table, reader, folder)?);
    }
    let server = toml.str(&["server"])?.unwrap_or_default();
    match toml.root().as_table_like() {
        Some(root) => listed.push(host(&toml, &["server"], server, root, reader, folder)?),
        None => listed.push(Listed::default()),
    }
    Ok(listed)
}

/// Whether several hosts stand in an inline table, where the parser of 1.x does not keep their order.
pub(super) fn is_unordered(folder: &str, bytes: &[u8]) -> bool {
    let text = Text::read(&format!("{folder}/hosts.toml"), bytes, Takes::AnyBytes);
    let hosts = text.and_then(Toml::parse).ok();
    let hosts = hosts.as_ref().and_then(|toml| toml.get(&["host"])?.as_inline_table());
    hosts.is_some_and(|hosts| hosts.len() > 1)
}

/// The names of the hosts in the order in which they are tried (`getSortedHosts`).
fn order(toml: &Toml, reader: Reader) -> Result<Vec<String>> {
    let hosts = toml.table(&["host"])?;
    if !reader.is_before(Version(2, 0, 0)) {
        return Ok(toml.get(&["host"]).and_then(Item::as_table).map_or(Vec::new(), by_headers));
    }
    let needs_host = reader.is_before(Version(1, 7, 32));
    let Some(hosts) = hosts else {
        let what = "has no [host] table, without which this release ignores it";
        let error = || Error::new(ErrorKind::Conflict, what).with_path(toml.text().path());
        return if needs_host { Err(error()) } else { Ok(Vec::new()) };
    };
    let at = |item: &Item| {
        let inner = item.as_table_like().and_then(|table| table.iter().find_map(|(_, item)| item.span()));
        item.span().or(inner).map_or(0, |span| span.start)
    };
    let mut keys: Vec<_> = hosts.iter().map(|(key, item)| (at(item), key.to_owned())).collect();
    keys.sort_by_key(|(at, _)| *at);
    Ok(keys.into_iter().map(|(_, key)| key).collect())
}

/// 2.x goes by headers: those of a host and those of tables in it, a host that is left and met again being listed twice.
fn by_headers(hosts: &Table) -> Vec<String> {
    let mut headers = Vec::new();
    for (key, item) in hosts {
        collect(item, key, &mut headers);
    }
    headers.sort();
    let mut keys: Vec<_> = headers.into_iter().map(|(_, key)| key).collect();
    keys.dedup();
    keys
}

fn collect(item: &Item, host: &str, headers: &mut Vec<(usize, String)>) {
    let Item::Table(table) = item else { return };
    if !table.is_dotted() && !table.is_implicit() {
        headers.extend(table.span().map(|span| (span.start, host.to_owned())));
    }
    for (_, inner) in table {
        collect(inner, host, headers);
    }
}

/// One host (`parseHostConfig`).
fn host(
    toml: &Toml,
    path: &[&str],
    address: &str,
    table: &dyn TableLike,
    reader: Reader,
    folder: &str,
) -> Result<Listed> {
    let fault = |what: &str| toml.error(path, ErrorKind::Conflict, what);
    let is_set = |key: &str| table.get(key).and_then(Item::as_bool);
    let mut listed = Listed {
        capabilities: capabilities(table, reader),
        skip_verify: is_set("skip_verify"),
        authorities: table.get("ca").map(|item| texts(item).iter().map(|file| below(folder, file)).collect()),
        clients: clients(table, folder).ok_or_else(|| fault("has a `client` that is no pair"))?,
        headers: headers(table).ok_or_else(|| fault("has a header that is neither text nor a list of texts"))?,
        has_timeout: timeout(table, reader).ok_or_else(|| fault("has a `dial_timeout` that is no time such as 1s"))?,
        ..Listed::default()
    };
    if !address.is_empty() {
        let url = if address.starts_with("http") { address.to_owned() } else { format!("https://{address}") };
        let read = Address::parse(&url).ok_or_else(|| fault("is no address"))?;
        listed.path = api_path(&read.path, is_set("override_path").unwrap_or(false));
        (listed.scheme, listed.host) = (read.scheme, read.host);
    }
    Ok(listed)
}

/// `/v2` is added unless the path ends in it or is to be used as it is; joined with what follows, a lone slash is none.
fn api_path(path: &str, as_it_is: bool) -> String {
    match (path, as_it_is) {
        ("", true) => String::new(),
        ("", false) => "/v2".to_owned(),
        (path, _) => {
            let path = address::cleaned(path).trim_end_matches('/').to_owned();
            if as_it_is || path.ends_with("/v2") { path } else { format!("{path}/v2") }
        }
    }
}

/// Those listed, or all; [`types::check`] has seen that they are known.
fn capabilities(table: &dyn TableLike, reader: Reader) -> Vec<Capability> {
    let named = table.get("capabilities").map(texts).unwrap_or_default();
    let is_named = |capability: &Capability| named.iter().any(|name| name.eq_ignore_ascii_case(capability.name()));
    all_capabilities(reader).into_iter().filter(|capability| named.is_empty() || is_named(capability)).collect()
}

/// The file of a certificate and that of its key; one file may hold both.
fn clients(table: &dyn TableLike, folder: &str) -> Option<Vec<(String, String)>> {
    let Some(item) = table.get("client") else { return Some(Vec::new()) };
    let one = |file: &str| (below(folder, file), below(folder, file));
    if let Some(file) = item.as_str() {
        return Some(vec![one(file)]);
    }
    let pair = |value: &Value| match (value.as_str(), value.as_array()) {
        (Some(file), _) => Some(one(file)),
        (_, Some(pair)) => {
            let files: Option<Vec<_>> = pair.iter().map(Value::as_str).collect();
            let files = files.filter(|files| files.len() == 2)?;
            Some((below(folder, files[0]), below(folder, files[1])))
        }
        _ => None,
    };
    item.as_array()?.iter().map(pair).collect()
}

fn headers(table: &dyn TableLike) -> Option<Vec<String>> {
    let Some(headers) = table.get("header").and_then(Item::as_table_like) else { return Some(Vec::new()) };
    let is_text =
        |item: &Item| item.as_str().is_some() || item.as_array().is_some_and(|list| list.iter().all(Value::is_str));
    let mut names: Vec<_> = headers.iter().map(|(name, _)| name.to_owned()).collect();
    names.sort();
    headers.iter().all(|(_, item)| is_text(item)).then_some(names)
}

/// Whether there is a `dial_timeout`, which 2.0.7 and up reads; `None` where it cannot.
fn timeout(table: &dyn TableLike, reader: Reader) -> Option<bool> {
    let Some(item) = table.get("dial_timeout").filter(|_| !reader.is_before(Version(2, 0, 7))) else {
        return Some(false);
    };
    let text = item.as_str()?;
    (text.is_empty() || is_duration(text)).then_some(!text.is_empty())
}

/// Whether Go's `time.ParseDuration` takes it, as in `1m30s`.
fn is_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (digits, unit) = rest.split_at(number);
        let end = unit.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(unit.len());
        let has_number = digits.matches('.').count() <= 1 && digits.bytes().any(|b| b.is_ascii_digit());
        if !has_number || !["ns", "us", "µs", "μs", "ms", "s", "m", "h"].contains(&&unit[..end]) {
            return false;
        }
        rest = &unit[end..];
    }
    !text.is_empty()
}

/// One text or a list of them.
fn texts(item: &Item) -> Vec<&str> {
    let list = item.as_array().into_iter().flat_map(|list| list.iter().filter_map(Value::as_str));
    item.as_str().into_iter().chain(list).collect()
}

/// A path as it is written, from the folder on where it is relative.
fn below(folder: &str, file: &str) -> String {
    match file {
        file if file.starts_with('/') => file.to_owned(),
        file => address::cleaned(&format!("{folder}/{file}")),
    }
}
