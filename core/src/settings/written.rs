//! The settings as the JSON that they are read from.

use serde_json::{Map, Value, json};

use super::{Endpoint, Registry, Removal, Settings, Trust};

pub(super) fn settings(settings: &Settings) -> Value {
    let mut out = Map::new();
    out.insert("ensure".into(), settings.ensure.iter().map(registry).collect());
    out.insert("remove".into(), settings.remove.iter().map(removal).collect());
    let switches = [("migrate", settings.migrate), ("enable_cri", settings.enable_cri)];
    out.extend(switches.into_iter().filter(|(_, on)| *on).map(|(name, _)| (name.to_owned(), true.into())));
    out.into()
}

fn registry(registry: &Registry) -> Value {
    let mut out = Map::from_iter([("host".to_owned(), registry.host.to_string().into())]);
    if registry.host.cidr().is_some() {
        out.insert("insecure".into(), "http".into());
    } else {
        out.insert("endpoints".into(), registry.endpoints.iter().map(endpoint).collect());
    }
    if let Some(fallback) = registry.fallback {
        out.insert("fallback".into(), fallback.into());
    }
    if !registry.engines.is_empty() {
        out.insert("engines".into(), json!(registry.engines));
    }
    out.into()
}

fn endpoint(endpoint: &Endpoint) -> Value {
    let mut out = Map::from_iter([("url".to_owned(), endpoint.url.to_string().into())]);
    match &endpoint.trust {
        Trust::System => {}
        Trust::SkipVerify => drop(out.insert("skip_verify".into(), true.into())),
        Trust::Ca(pem) => drop(out.insert("ca".into(), pem.as_str().into())),
    }
    if let Some(client) = &endpoint.client {
        let both = json!({ "certificate": client.certificate, "key": client.key.expose() });
        out.insert("client".into(), both);
    }
    let mut headers = Map::new();
    for (name, value) in &endpoint.headers {
        let values = headers.entry(name.clone()).or_insert_with(|| json!([]));
        values.as_array_mut().into_iter().for_each(|values| values.push(value.expose().into()));
    }
    if !headers.is_empty() {
        out.insert("headers".into(), headers.into());
    }
    if endpoint.override_path {
        out.insert("override_path".into(), true.into());
    }
    if !endpoint.capabilities.is_empty() {
        out.insert("capabilities".into(), json!(endpoint.capabilities));
    }
    out.into()
}

fn removal(removal: &Removal) -> Value {
    let mut out = Map::from_iter([("host".to_owned(), removal.host.to_string().into())]);
    if !removal.endpoints.is_empty() {
        out.insert("endpoints".into(), removal.endpoints.iter().map(|url| json!(url.to_string())).collect());
    }
    if !removal.engines.is_empty() {
        out.insert("engines".into(), json!(removal.engines));
    }
    if out.len() == 1 { removal.host.to_string().into() } else { out.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_as_the_same() {
        let texts = [
            r#"{"ensure":[{"host":"10.0.0.0/8","insecure":"http"},{"host":"a.b:5","insecure":"skip_verify"}]}"#,
            r#"{"ensure":[{"host":"a.b","fallback":true,"engines":["docker"],"endpoints":[{"url":"https://c.d/e",
                "headers":{"X-A":["1","2"],"b":"c"},"override_path":true,"capabilities":["pull"]}]}],"migrate":true}"#,
            r#"{"remove":["a.b",{"host":"docker.io","endpoints":["https://m.lab"]},{"host":"c.d","engines":["docker"]}],
                "enable_cri":true}"#,
        ];
        for text in texts {
            let settings = Settings::from_json(text).unwrap();
            assert_eq!(Settings::from_json(&settings.to_json().to_string()).as_ref(), Ok(&settings));
        }
    }
}
