//! The JSON form of the settings.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::object::{self, Object};

use super::{Capability, Endpoint, Registry, Removal, Settings};

pub(super) fn read(text: &str) -> Result<Settings> {
    let Object(raw): Object<RawSettings> = object::read(text, "settings")?;
    raw.settings()
}

pub(super) fn read_registry(text: &str) -> Result<Registry> {
    let Object(raw) = object::read(text, "registry")?;
    registry(raw)
}

pub(super) fn read_removal(text: &str) -> Result<Removal> {
    removal(object::read(text, "removal")?)
}

/// Settings that have the shape of such, and are not checked yet.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSettings {
    #[serde(default)]
    ensure: Vec<Object<RawRegistry>>,
    #[serde(default)]
    remove: Vec<RawRemoval>,
    #[serde(default)]
    migrate: bool,
    #[serde(default)]
    enable_cri: bool,
}

impl RawSettings {
    /// The settings, if they make sense; else an error with the key.
    pub(crate) fn settings(self) -> Result<Settings> {
        let mut settings = Settings { migrate: self.migrate, enable_cri: self.enable_cri, ..Settings::default() };
        for (i, entry) in self.ensure.into_iter().enumerate() {
            let registry = registry(entry.0).map_err(|e| e.with_key(format!("ensure[{i}]")))?;
            settings = settings.ensure(registry)?;
        }
        for (i, entry) in self.remove.into_iter().enumerate() {
            let removal = removal(entry).map_err(|e| e.with_key(format!("remove[{i}]")))?;
            settings = settings.remove(removal)?;
        }
        Ok(settings)
    }
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRegistry {
    host: String,
    #[serde(default)]
    endpoints: Vec<Object<RawEndpoint>>,
    insecure: Option<Insecure>,
    fallback: Option<bool>,
    #[serde(default)]
    engines: Vec<String>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Insecure {
    Http,
    SkipVerify,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEndpoint {
    url: String,
    #[serde(default)]
    skip_verify: bool,
    ca: Option<String>,
    client: Option<Object<RawClient>>,
    #[serde(default)]
    headers: Map<String, Value>,
    #[serde(default)]
    override_path: bool,
    #[serde(default)]
    capabilities: Vec<Capability>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClient {
    certificate: String,
    key: String,
}

#[derive(Clone, Deserialize)]
#[serde(
    untagged,
    expecting = "a host, or {\"host\": …, \"endpoints\": [url, …], \"engines\": [name, …]} with one or both of the lists"
)]
enum RawRemoval {
    Host(String),
    Part(Object<RawPart>),
}

/// A removal that names endpoints or engines.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPart {
    host: String,
    #[serde(default)]
    endpoints: Vec<String>,
    #[serde(default)]
    engines: Vec<String>,
}

fn registry(raw: RawRegistry) -> Result<Registry> {
    let host = raw.host;
    let mut registry = match raw.insecure {
        None => Registry::new(&host),
        Some(Insecure::Http) => Registry::plain_http(&host),
        Some(Insecure::SkipVerify) => Registry::skip_verify(&host),
    }
    .map_err(|e| e.with_key("host"))?;
    if raw.insecure.is_some() && !raw.endpoints.is_empty() {
        return Err(Error::invalid("means the host itself and excludes endpoints")
            .with_key("insecure")
            .with_hint("give either insecure or endpoints"));
    }
    if raw.insecure.is_none() && registry.host.cidr().is_some() {
        let what = format!("{host} is a block of addresses; all that can be said of it is \"insecure\"");
        return Err(Error::invalid(what).with_key("host"));
    }
    for (i, raw) in raw.endpoints.into_iter().enumerate() {
        let endpoint = endpoint(raw.0).map_err(|e| e.with_key(format!("endpoints[{i}]")))?;
        registry = registry.endpoint(endpoint)?;
    }
    registry.fallback = raw.fallback;
    registry.engines = raw.engines;
    Ok(registry)
}

fn endpoint(raw: RawEndpoint) -> Result<Endpoint> {
    let mut endpoint = Endpoint::new(raw.url)?.capabilities(raw.capabilities);
    endpoint.override_path = raw.override_path;
    if raw.skip_verify {
        endpoint = endpoint.skip_verify()?;
    }
    if let Some(pem) = raw.ca {
        endpoint = endpoint.ca(pem)?;
    }
    if let Some(Object(client)) = raw.client {
        endpoint = endpoint.client(client.certificate, client.key)?;
    }
    for (name, value) in raw.headers {
        endpoint = with_header(endpoint, &name, value)?;
    }
    Ok(endpoint)
}

fn with_header(endpoint: Endpoint, name: &str, value: Value) -> Result<Endpoint> {
    match value {
        Value::String(value) => endpoint.header(name, value),
        Value::Array(values) => values.into_iter().try_fold(endpoint, |endpoint, value| match value {
            Value::String(value) => endpoint.header(name, value),
            _ => Err(bad_header(name)),
        }),
        _ => Err(bad_header(name)),
    }
}

fn bad_header(name: &str) -> Error {
    Error::invalid("is neither a string nor a list of strings").with_key(format!("headers.{name}"))
}

fn removal(raw: RawRemoval) -> Result<Removal> {
    let raw = match raw {
        RawRemoval::Host(host) => RawPart { host, endpoints: Vec::new(), engines: Vec::new() },
        RawRemoval::Part(Object(part)) => part,
    };
    let mut removal = Removal::new(raw.host).map_err(|e| e.with_key("host"))?;
    for (i, url) in raw.endpoints.iter().enumerate() {
        removal = removal.endpoint(url).map_err(|e| e.with_key(format!("endpoints[{i}]")))?;
    }
    removal.engines = raw.engines;
    Ok(removal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn error(text: &str) -> String {
        read(text).unwrap_err().to_string()
    }

    #[test]
    fn errors_name_key_and_remedy() {
        let both = r#"{"ensure":[{"host":"a.b","insecure":"http"}],"remove":["a.b"]}"#;
        assert_eq!(error(both), "remove[0].host: a.b is already in ensure[0]; name each host once");
        let tls = r#"{"ensure":[{"host":"a.b","endpoints":[{"url":"http://h","skip_verify":true}]}]}"#;
        assert!(error(tls).starts_with("ensure[0].endpoints[0].skip_verify: http://h is plain http"), "{}", error(tls));
        let scheme = r#"{"ensure":[{"host":"http://a.b","insecure":"http"}]}"#;
        assert!(error(scheme).starts_with("ensure[0].host: "), "{}", error(scheme));
    }

    #[test]
    fn unknown_keys_and_syntax_name_the_line() {
        let unknown = "{\n\"ensure\": [{\"host\": \"a.b\", \"endpoint\": []}]}";
        assert!(error(unknown).starts_with("settings: line 2: unknown field `endpoint`"), "{}", error(unknown));
        assert!(error("{\n\n\"ensure\": [}").starts_with("settings: line 3: "), "{}", error("{\n\n\"ensure\": [}"));
    }

    #[test]
    fn a_list_of_values_is_no_object() {
        for text in ["[]", r#"{"ensure":[["a.b", [], "http"]]}"#, r#"{"remove":[["a.b", []]]}"#] {
            assert_eq!(read(text).unwrap_err().kind(), ErrorKind::Parse, "{text}");
        }
        assert_eq!(error("[\n]"), "settings: line 1: invalid type: sequence, expected an object");
    }

    #[test]
    fn a_removal_may_name_endpoints_and_engines() {
        let settings =
            read(r#"{"remove":["a.b",{"host":"c.d","engines":["docker"]},{"host":"e.f","endpoints":["http://e.f"]}]}"#)
                .unwrap();
        let [all, docker, url] = settings.removed() else { panic!("three removals") };
        assert!(all.is_for("docker") && all.is_for("containerd") && url.is_for("docker"));
        assert!(docker.is_for("docker") && !docker.is_for("containerd"));
        assert_eq!((docker.endpoints.len(), url.endpoints.len()), (0, 1));
        assert!(error(r#"{"remove":[{"host":"a.b","engine":"docker"}]}"#).contains("engines"));
    }

    #[test]
    fn one_registry_and_one_removal_are_read_alone() {
        let registry = Registry::from_json(r#"{"host":"a.b","endpoints":[{"url":"http://c.d"}]}"#).unwrap();
        assert_eq!(registry, Registry::new("a.b").unwrap().endpoint("http://c.d").unwrap());
        let error = Registry::from_json(r#"{"host":"a.b","endpoints":[{"url":"ftp://c.d"}]}"#).unwrap_err();
        assert_eq!(error.key(), Some("endpoints[0].url"));
        assert_eq!(Removal::from_json("\"a.b\"").unwrap(), Removal::new("a.b").unwrap());
        assert_eq!(Removal::from_json("{}").unwrap_err().kind(), ErrorKind::Parse);
    }

    #[test]
    fn a_block_of_addresses_is_only_insecure() {
        assert!(read(r#"{"ensure":[{"host":"10.0.0.0/8","insecure":"http"}]}"#).is_ok());
        assert!(error(r#"{"ensure":[{"host":"10.0.0.0/8"}]}"#).contains("insecure"));
    }
}
