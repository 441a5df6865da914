//! What the library is known not to do yet; each is left out of the cases until it does.

use serde_json::Value;

use crate::node::Node;

const LOOSE_CERTIFICATES: bool = false;
const UNVERIFIED_MIRRORS_OF_DOCKER_HUB: bool = false;

/// Whether a case is one of these.
pub(crate) fn has(node: &Node, settings: &Value) -> bool {
    let loose = || node.files.keys().any(|path| path.ends_with(".crt"));
    let ensured = || settings["ensure"].as_array().into_iter().flatten();
    let unverified = |registry: &Value| {
        let endpoints = || registry["endpoints"].as_array().into_iter().flatten();
        registry["insecure"] == "skip_verify" || endpoints().any(|endpoint| endpoint["skip_verify"] == true)
    };
    let hub = || ensured().any(|registry| registry["host"] == "docker.io" && unverified(registry));
    (!LOOSE_CERTIFICATES && loose()) || (!UNVERIFIED_MIRRORS_OF_DOCKER_HUB && hub())
}
