//! What the library is known not to do yet; each is left out of the cases until it does.

use serde_json::Value;

use crate::node::Node;

const UNVERIFIED_MIRRORS_OF_DOCKER_HUB: bool = false;
const SHARED_UNVERIFIED_ENDPOINTS: bool = false;

/// Whether a case is one of these.
pub(crate) fn has(_node: &Node, settings: &Value) -> bool {
    let ensured = || settings["ensure"].as_array().into_iter().flatten();
    let unverified = |registry: &Value| {
        let endpoints = || registry["endpoints"].as_array().into_iter().flatten();
        registry["insecure"] == "skip_verify" || endpoints().any(|endpoint| endpoint["skip_verify"] == true)
    };
    let hub = || ensured().any(|registry| registry["host"] == "docker.io" && unverified(registry));
    let authorities = |registry: &Value| {
        let urls = registry["endpoints"].as_array().into_iter().flatten().filter_map(|endpoint| endpoint["url"].as_str());
        let own = registry["host"].as_str().filter(|_| registry["insecure"].is_string()).into_iter();
        urls.filter_map(|url| url.split('/').nth(2)).chain(own).map(str::to_ascii_lowercase).collect::<Vec<_>>()
    };
    let all: Vec<_> = ensured().filter(|registry| unverified(registry)).flat_map(authorities).collect();
    let others = |authority: &String| ensured().filter(|registry| authorities(registry).contains(authority)).count();
    let shared = || all.iter().any(|authority| others(authority) > 1);
    (!UNVERIFIED_MIRRORS_OF_DOCKER_HUB && hub())
        || (!SHARED_UNVERIFIED_ENDPOINTS && shared())
}
