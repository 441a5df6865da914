//! What our own reading of the files says is in force after a plan is what was wanted, and nothing else changed.

use regconf::{Endpoint, Explanation, HostTrust, ImageReference, Plan, Registry, ResolvedHost, Settings, Trust};
use serde_json::Value;

use crate::hosts::HEAD;
use crate::judge::Verdict;
use crate::node::{CONFIG, Node, read};

/// The image that tells of a registry.
fn image(registry: &Registry) -> String {
    match registry.host.cidr() {
        Some(block) => format!("{}:5000/team/app:v1", block.network()),
        None if registry.host.is_default() => "elsewhere.example/team/app:v1".to_owned(),
        None => format!("{}/team/app:v1", registry.host),
    }
}

fn explained(plan: &Plan, image: &str, node: &Node) -> Result<Explanation, String> {
    let image: ImageReference = image.parse().map_err(|error| format!("{error}"))?;
    plan.explain(&image, &node.facts()).map_err(|error| format!("{error}"))
}

/// The endpoints of each registry are asked first and in their order, and are trusted as wanted.
pub(crate) fn as_wanted(node: &Node, settings: &Value) -> Verdict {
    let settings = read(settings);
    let Ok(plan) = node.plan(&settings) else { return Ok(()) };
    for registry in settings.ensured() {
        for own in &explained(&plan, &image(registry), node)?.engines {
            let is_asked = registry.engines.is_empty() || registry.engines.contains(&own.engine);
            let of_it = |text: &str| {
                let mut notes = plan.notes.iter().filter(|note| note.engine == own.engine);
                let is_ours = own.after.file.as_ref().is_some_and(|file| is_ours(node, file));
                (text == "in a file of ours" && is_ours)
                    || notes.any(|note| note.host.as_ref() == Some(&registry.host) && note.text.contains(text))
            };
            // A folder of somebody else's for this name comes before what all others have.
            // A daemon that its file kept from starting before is not ours to start, nor a name that no file can mend.
            let says = |what: &str| own.after.notes.iter().any(|note| note.contains(what));
            let is_down = own.before.notes == own.after.notes && says("does not start");
            let is_down = is_down || says("cannot read the name of an image");
            let is_hidden = registry.host.is_default() && has_folder(node);
            if is_asked && !is_down && !is_hidden && !of_it("not set: ") {
                check(registry, &own.engine, &own.after.hosts, &of_it)
                    .map_err(|why| format!("{why}\n=== said\n{}\n=== plan\n{}", own.after, plan.diff()))?;
            }
        }
    }
    Ok(())
}

/// Hosts that somebody has put into such a file stay where they are, without a note.
fn is_ours(node: &Node, file: &str) -> bool {
    node.files.get(file).is_some_and(|bytes| bytes.starts_with(HEAD.as_bytes()))
}

fn has_folder(node: &Node) -> bool {
    node.files.keys().any(|path| path.contains("/elsewhere.example/"))
}

fn check(registry: &Registry, engine: &str, hosts: &[ResolvedHost], is_noted: &dyn Fn(&str) -> bool) -> Verdict {
    if registry.host.cidr().is_some() {
        let insecure = hosts.iter().any(|host| host.trust == HostTrust::SkipVerify);
        return if insecure { Ok(()) } else { Err(format!("{} is not insecure", registry.host)) };
    }
    let mut next = 0;
    let own = |endpoint: &Endpoint| endpoint.url.authority() == registry.host.to_string();
    for endpoint in &registry.endpoints {
        let may_skip = is_noted("are tried first") || is_noted("in a file of ours");
        let is_it =
            |host: &ResolvedHost| is_at(endpoint, host) && (trusted(endpoint, host) || is_noted("does not check"));
        let found = hosts[next..].iter().position(is_it);
        match found {
            // docker tries https at an insecure registry before http, and appends mirrors.
            Some(_) if engine == "docker" => {}
            Some(0) => next += 1,
            Some(at) if may_skip => next += at + 1,
            // The same address twice, as an endpoint and as the last resort.
            None if own(endpoint) && hosts.iter().any(is_it) => {}
            _ => return Err(format!("{}: {} is not at place {}", registry.host, endpoint.url, next + 1)),
        }
    }
    Ok(())
}

fn is_at(endpoint: &Endpoint, host: &ResolvedHost) -> bool {
    let bare = |url: &str| url.trim_end_matches('/').trim_end_matches("/v2").to_ascii_lowercase();
    bare(&endpoint.url.to_string()) == bare(&host.url) && !host.http_fallback
}

fn trusted(endpoint: &Endpoint, host: &ResolvedHost) -> bool {
    match (&endpoint.trust, &host.trust) {
        _ if endpoint.url.is_http() => host.trust == HostTrust::PlainHttp,
        (Trust::SkipVerify, trust) => *trust == HostTrust::SkipVerify,
        (Trust::Ca(_), trust) => matches!(trust, HostTrust::CaFiles(_)),
        _ => host.trust != HostTrust::PlainHttp,
    }
}

/// An image of a host that the settings do not name is looked for as before.
pub(crate) fn others_as_before(node: &Node, settings: &Value) -> Verdict {
    let settings = read(settings);
    let Ok(plan) = node.plan(&settings) else { return Ok(()) };
    let names_all = |text: &str| text == "_default" || text == "10.0.0.0/8";
    let all = settings.ensured().iter().map(|registry| registry.host.to_string());
    let mut all = all.chain(settings.removed().iter().map(|removal| removal.host.to_string()));
    if all.any(|host| names_all(&host)) {
        return Ok(());
    }
    for image in ["another.example/app", "10.1.2.3:5000/app", "another.example:5000/team/app:v1"] {
        for own in explained(&plan, image, node)?.engines {
            let is_new = own.before.hosts.is_empty();
            // A folder that was there already counts from the day on which a config_path is set.
            let is_woken = plan.changes.iter().any(|change| change.path == CONFIG)
                && own.after.file.as_ref().is_some_and(|file| file != CONFIG && node.files.contains_key(file));
            if !is_new && !is_woken && addresses(&own.before.hosts, &settings) != addresses(&own.after.hosts, &settings)
            {
                let said = format!("{}\n=== after\n{}\n=== plan\n{}", own.before, own.after, plan.diff());
                return Err(format!("{}: {image} is looked for elsewhere\n=== before\n{said}", own.engine));
            }
        }
    }
    Ok(())
}

/// With a `config_path` containerd may push, which CRI never does; the trust in an endpoint that is set holds wherever
/// 1.x goes to it by `mirrors`. All else must stay.
fn addresses<'a>(hosts: &'a [ResolvedHost], settings: &Settings) -> Vec<(&'a String, Option<&'a HostTrust>, bool)> {
    let endpoints: Vec<_> = settings.ensured().iter().flat_map(|registry| &registry.endpoints).collect();
    let is_set = |host: &ResolvedHost| {
        let authority = host.url.split('/').nth(2).unwrap_or_default();
        endpoints.iter().any(|endpoint| endpoint.url.authority() == authority)
    };
    hosts.iter().map(|host| (&host.url, (!is_set(host)).then_some(&host.trust), host.http_fallback)).collect()
}
