//! What the library is known not to do yet; each is left out of the cases until it does.

use serde_json::Value;

use crate::node::{CONFIG, Node};

const UNVERIFIED_MIRRORS_OF_DOCKER_HUB: bool = false;
const SHARED_UNVERIFIED_ENDPOINTS: bool = true;
/// Taking out a file that this library began and others went on with.
pub(crate) const FILES_OF_OURS_WITH_MORE: bool = true;
/// Writing a list of several lines with comments.
pub(crate) const COMMENTS_IN_LISTS: bool = true;
/// Removing a table below one whose header is empty.
pub(crate) const EMPTY_PARENTS: bool = true;
/// Removing a table that has a line of blanks above it.
pub(crate) const BLANK_LINES_OF_BLANKS: bool = false;
const UNMARKED_MIRRORS: bool = true;

/// Removing from a registry table that is inline or written with dotted keys.
pub(crate) fn unmarked(node: &Node) -> bool {
    let config = node.files.get(CONFIG).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
    let keys =
        ["registry = {", "registry.config_path", "registry . config_path", "registry.headers", "registry . headers"];
    let is_flat = |line: &str| !line.starts_with('#') && keys.iter().any(|key| line.contains(key));
    !UNMARKED_MIRRORS && config.lines().map(str::trim_start).any(is_flat)
}

fn endpoints(registry: &Value) -> impl Iterator<Item = &Value> {
    registry["endpoints"].as_array().into_iter().flatten()
}

fn is_unverified(registry: &Value) -> bool {
    registry["insecure"] == "skip_verify" || endpoints(registry).any(|endpoint| endpoint["skip_verify"] == true)
}

/// Removing an unverified mirror of docker.io from docker.
pub(crate) fn hub(ensured: &[Value]) -> bool {
    let hub = |registry: &Value| registry["host"] == "docker.io" && is_unverified(registry);
    !UNVERIFIED_MIRRORS_OF_DOCKER_HUB && ensured.iter().any(hub)
}

/// Removing one of two registries that have an unverified endpoint in common.
pub(crate) fn shared(ensured: &[Value]) -> bool {
    let authorities = |registry: &Value| -> Vec<String> {
        let urls = endpoints(registry).filter_map(|endpoint| endpoint["url"].as_str());
        let own = registry["host"].as_str().filter(|_| registry["insecure"].is_string()).into_iter();
        urls.filter_map(|url| url.split('/').nth(2)).chain(own).map(str::to_ascii_lowercase).collect()
    };
    let unverified = ensured.iter().filter(|registry| is_unverified(registry)).flat_map(authorities);
    let has_others =
        |authority: String| ensured.iter().filter(|registry| authorities(registry).contains(&authority)).count() > 1;
    !SHARED_UNVERIFIED_ENDPOINTS && unverified.into_iter().any(has_others)
}

/// Removing a registry that has an endpoint in common with one that is ensured unverified.
pub(crate) fn taken(settings: &Value) -> bool {
    let list = |key: &str| settings[key].as_array().cloned().unwrap_or_default();
    !SHARED_UNVERIFIED_ENDPOINTS && !list("remove").is_empty() && list("ensure").iter().any(is_unverified)
}
