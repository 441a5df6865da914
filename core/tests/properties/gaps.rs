//! What the library is known not to do yet; each is left out of the cases until it does.

use serde_json::Value;

/// Entries in docker's insecure-registries that a mirror of docker.io brings with it.
const UNVERIFIED_MIRRORS_OF_DOCKER_HUB: bool = false;

/// Whether a mirror of docker.io is among the registries that brings such an entry with it.
pub(crate) fn hub<'a>(ensured: impl IntoIterator<Item = &'a Value>) -> bool {
    let is_unverified = |registry: &Value| {
        let mut endpoints = registry["endpoints"].as_array().into_iter().flatten();
        registry["insecure"] == "skip_verify" || endpoints.any(|endpoint| endpoint["skip_verify"] == true)
    };
    let mut hubs = ensured.into_iter().filter(|registry| registry["host"] == "docker.io");
    !UNVERIFIED_MIRRORS_OF_DOCKER_HUB && hubs.any(is_unverified)
}

/// Whether such an entry may go with a registry that is removed at the same time.
pub(crate) fn taken(settings: &Value) -> bool {
    let list = |key: &str| settings[key].as_array().into_iter().flatten();
    list("remove").next().is_some() && hub(list("ensure"))
}
