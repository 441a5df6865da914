//! The hosts that containerd's code asks for a registry, by the folders below its roots (`ConfigureHosts`).

use super::super::address::{self, Address};
use super::super::version::Version;
use super::super::{file, names};
use super::Reader;
use super::folder::spellings;
use super::listed::{self, Listed};
use crate::facts::{Answer, Facts, Query};
use crate::host::RegistryHost;
use crate::resolution::{HostTrust, Resolution, ResolvedHost};

/// What a release of containerd's code makes of the folders below these roots, of which the first with a folder counts.
pub(in super::super) fn resolve(reader: Reader, facts: &Facts, roots: &[String], host: &RegistryHost) -> Resolution {
    if host.name().starts_with('[') && reader.is_before(Version(1, 7, 0)) {
        return Resolution::none("this release cannot read the name of an image with an IPv6 address");
    }
    let folder = match find(facts, roots, host) {
        Ok(folder) => folder,
        Err(why) => return Resolution::none(why),
    };
    let mut resolution = Resolution::default();
    let mut listed = match folder.as_deref().map(|folder| load(reader, facts, folder, &mut resolution)) {
        Some(Err(why)) => return Resolution::none(why),
        Some(Ok(listed)) => listed,
        None => vec![Listed::default()],
    };
    if let Some(last) = listed.last_mut().filter(|last| last.host.is_empty()) {
        take_own_address(reader, host, last);
    }
    for listed in &listed {
        resolution.notes.extend(missing_files(facts, listed));
    }
    let end = listed.len() - 1;
    resolution.hosts = listed.into_iter().enumerate().map(|(i, listed)| resolved(reader, listed, i == end)).collect();
    resolution
}

/// The folder that ends the search: the first that is there, whatever is in it.
fn find(facts: &Facts, roots: &[String], host: &RegistryHost) -> Result<Option<String>, String> {
    let spellings: Vec<_> = spellings(host).into_iter().chain(["_default".to_owned()]).collect();
    for root in roots {
        if is_file(facts, root, None) {
            return Err(format!("{root} is not a folder, so every pull through it fails"));
        }
        for spelling in &spellings {
            let path = format!("{root}/{spelling}");
            if is_file(facts, &path, names(facts, root).map(|names| (names, spelling.as_str()))) {
                return Err(format!("{path} is not a folder, so every pull through it fails"));
            }
            match is_folder(facts, root, spelling, &path) {
                Some(true) => return Ok(Some(path)),
                Some(false) => {}
                None => return Err(format!("not known: {path} was not read")),
            }
        }
    }
    Ok(None)
}

/// Whether a file stands where a folder belongs.
fn is_file(facts: &Facts, path: &str, listing: Option<(&[String], &str)>) -> bool {
    let listed = listing.is_some_and(|(names, name)| names.iter().any(|known| known == name));
    listed
        || matches!(facts.answer(&Query::File(path.to_owned())), Some(Answer::File(_)))
        || matches!(facts.answer(&Query::Dir(path.to_owned())), Some(Answer::Unusable(_)))
}

/// Whether a folder is there; `None` where that was not asked.
fn is_folder(facts: &Facts, root: &str, name: &str, path: &str) -> Option<bool> {
    let in_root = match facts.answer(&Query::Dir(root.to_owned())) {
        Some(Answer::Names(names)) => Some(names.iter().any(|known| known.strip_suffix('/') == Some(name))),
        Some(_) => Some(false),
        None => None,
    };
    match facts.answer(&Query::Dir(path.to_owned())) {
        Some(Answer::Names(_)) => Some(true),
        Some(_) => Some(false),
        None => in_root.filter(|there| !there),
    }
}

/// What a folder lists: by its hosts.toml, or by its certificates where there is none that counts (`loadHostDir`).
fn load(reader: Reader, facts: &Facts, folder: &str, resolution: &mut Resolution) -> Result<Vec<Listed>, String> {
    let path = format!("{folder}/hosts.toml");
    let query = Query::File(path.clone());
    let is_named = names(facts, folder).is_some_and(|names| names.iter().any(|name| name == "hosts.toml"));
    if facts.answer(&query).is_none() && is_named {
        return Err(format!("not known: {path} was not read"));
    }
    let bytes =
        file(facts, &path).map_err(|error| format!("{path} {}, so every pull through it fails", error.message()))?;
    if let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) {
        match listed::read(reader, folder, bytes) {
            Ok(listed) => {
                if reader.is_before(Version(2, 0, 0)) && listed::is_unordered(folder, bytes) {
                    resolution.notes.push(UNORDERED.to_owned());
                }
                resolution.file = Some(path);
                return Ok(listed);
            }
            Err(error) => resolution.notes.push(format!("{} ignores this file: {error}", reader.engine)),
        }
    }
    let certificates = Listed::of_certificates(folder, names(facts, folder).unwrap_or_default());
    resolution.file = certificates.has_tls(reader).then(|| folder.to_owned());
    Ok(vec![certificates])
}

/// What is to be known of hosts that 1.x takes from an inline table.
const UNORDERED: &str = "containerd 1.x asks hosts of an inline table in any order";

/// The registry's own address, which is asked last where no server is named.
fn take_own_address(reader: Reader, host: &RegistryHost, listed: &mut Listed) {
    "/v2".clone_into(&mut listed.path);
    listed.capabilities = listed::all_capabilities(reader);
    listed.host = host.to_string();
    "https".clone_into(&mut listed.scheme);
    if host.is_docker_hub() {
        "registry-1.docker.io".clone_into(&mut listed.host);
    } else if address::is_localhost(host) {
        let port = if falls_back(reader) { host.port() } else { Some(0) };
        if !matches!(port, None | Some(443)) {
            "http".clone_into(&mut listed.scheme);
        }
        if port != Some(80) {
            listed.skip_verify = Some(true);
        }
    }
}

/// Whether a release tries https first at an `http://` address with TLS settings.
fn falls_back(reader: Reader) -> bool {
    let old = reader.is_before(Version(1, 6, 32));
    let middle = reader.is_at_least(Version(1, 7, 0)) && reader.is_before(Version(1, 7, 16));
    !old && !middle
}

/// A listed host as it is asked.
fn resolved(reader: Reader, listed: Listed, is_fallback: bool) -> ResolvedHost {
    let is_http = listed.scheme == "http";
    let port = Address::parse(&format!("http://{}", listed.host)).and_then(|a| a.port().map(str::to_owned));
    let http_fallback = is_http && listed.has_tls(reader) && falls_back(reader) && port.as_deref() != Some("80");
    let is_plain = is_http && !http_fallback;
    let scheme = if http_fallback { "https" } else { &listed.scheme };
    let trust = match listed.authorities {
        _ if is_plain => HostTrust::PlainHttp,
        _ if listed.skip_verify == Some(true) => HostTrust::SkipVerify,
        Some(files) if !files.is_empty() => HostTrust::CaFiles(files),
        _ => HostTrust::System,
    };
    let clients = listed.clients.into_iter().filter(|_| !is_plain).map(|(certificate, _)| certificate);
    ResolvedHost {
        url: format!("{scheme}://{}{}", listed.host, listed.path),
        capabilities: listed.capabilities,
        trust,
        http_fallback,
        client_certificates: clients.collect(),
        headers: listed.headers,
        is_fallback,
    }
}

/// A file that is named and missing makes every pull fail, whichever host it is for.
fn missing_files(facts: &Facts, listed: &Listed) -> Vec<String> {
    let clients = listed.clients.iter().flat_map(|(certificate, key)| [certificate, key]);
    let is_missing = |path: &&String| {
        matches!(facts.answer(&Query::File((*path).clone())), Some(Answer::Absent | Answer::Unusable(_)))
    };
    let is_none = |path: &&String| match facts.answer(&Query::File((*path).clone())) {
        Some(Answer::File(bytes)) => !String::from_utf8_lossy(bytes).contains("-----BEGIN CERTIFICATE-----"),
        _ => false,
    };
    let authorities = listed.authorities.iter().flatten();
    let mut missing: Vec<_> = authorities.clone().chain(clients).filter(is_missing).collect();
    missing.dedup();
    let missing = missing.into_iter().map(|path| format!("{path} was not found; without it every pull fails"));
    let odd = authorities.filter(is_none).map(|path| format!("{path} holds no certificate, so every pull fails"));
    missing.chain(odd).collect()
}
