//! The variables of docker.

use crate::error::Result;
use crate::settings::{Endpoint, Registry};

use super::super::ansible::Reader;
use super::super::registries::Registries;
use super::super::remark::{Place, RemarkKind};
use super::super::words;
use super::super::yaml::Yaml;
use super::containerd::insecure_listed;

const DOCKER: &str = "docker";

/// `docker_insecure_registries`: hosts and blocks of addresses.
pub(super) fn insecure(yaml: &Yaml, place: &Place, out: &mut Registries, reader: &mut Reader<'_, '_>) -> Result<()> {
    for (host, at) in reader.texts(yaml, place)? {
        insecure_listed(&host, DOCKER, &at, out, reader);
    }
    Ok(())
}

/// `docker_registry_mirrors`: mirrors of Docker Hub.
pub(super) fn mirrors(yaml: &Yaml, place: &Place, out: &mut Registries, reader: &mut Reader<'_, '_>) -> Result<()> {
    let urls = reader.texts(yaml, place)?;
    add_mirrors(&urls, place, out, reader)
}

/// Adds mirrors of Docker Hub, after those that docker has already.
fn add_mirrors(
    urls: &[(String, Place)],
    place: &Place,
    out: &mut Registries,
    reader: &mut Reader<'_, '_>,
) -> Result<()> {
    let mut hub = Registry::new("docker.io")?.for_engine(DOCKER);
    for (url, at) in urls {
        match Endpoint::new(url) {
            Ok(endpoint) if hub.endpoints.iter().any(|known| known.url == endpoint.url) => {}
            Ok(endpoint) => hub.endpoints.push(endpoint),
            Err(error) => reader.remarks.skip(at, &error),
        }
    }
    match out.find("docker.io").filter(|known| known.engines == [DOCKER]) {
        _ if hub.endpoints.is_empty() => {}
        Some(known) => {
            let more = hub.endpoints.into_iter().filter(|new| known.endpoints.iter().all(|known| known.url != new.url));
            let more: Vec<_> = more.collect();
            known.endpoints.extend(more);
        }
        None => out.add(hub, place, reader.remarks),
    }
    Ok(())
}

/// Whether the flags in `docker_options` say something of registries.
pub(super) fn are_about_registries(yaml: &Yaml) -> bool {
    let is = |text: &str| text.contains("--insecure-registry") || text.contains("--registry-mirror");
    yaml.scalar().is_some_and(is) || yaml.items().iter().any(|item| item.scalar().is_some_and(is))
}

/// `docker_options`: flags of dockerd, of which those about registries are read.
pub(super) fn options(yaml: &Yaml, place: &Place, out: &mut Registries, reader: &mut Reader<'_, '_>) -> Result<()> {
    let (mut others, mut mirrors) = (Vec::new(), Vec::new());
    let texts: Vec<_> = yaml.scalar().into_iter().chain(yaml.items().iter().filter_map(Yaml::scalar)).collect();
    for text in texts {
        let Some(words) = words::split(text) else {
            reader.remarks.add(RemarkKind::Skipped, place, "has a quote that is not closed");
            return Ok(());
        };
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let (flag, value) = word.split_once('=').map_or((word.as_str(), None), |(f, v)| (f, Some(v.to_owned())));
            if !["--insecure-registry", "--registry-mirror"].contains(&flag) {
                others.extend(Some(flag.to_owned()).filter(|flag| flag.starts_with('-')));
                continue;
            }
            let value = Yaml::text(value.or_else(|| words.next()).unwrap_or_default(), yaml.line);
            let at = Place { key: format!("{} {flag}", place.key), ..place.clone() };
            let Some(value) = reader.text(&value, &at)? else { continue };
            match flag {
                "--registry-mirror" => mirrors.push((value, at)),
                _ => insecure_listed(&value, DOCKER, &at, out, reader),
            }
        }
    }
    add_mirrors(&mirrors, place, out, reader)?;
    if !others.is_empty() {
        others.dedup();
        let text = format!("has nothing to do with registries, and is left alone: {}", others.join(" "));
        reader.remarks.add(RemarkKind::Skipped, place, text);
    }
    Ok(())
}
