//! What the running dockerd says of itself.

use serde_json::Value;

use super::super::pattern::escaped;
use super::super::unit::Unit;
use super::super::{is_missing, text};
use super::{ID, entry};
use crate::facts::{Answer, Facts, Query};

const CURL: &str = "curl";
const DEFAULT_SOCKET: &str = "/var/run/docker.sock";

/// What a docker that runs is asked: its version, which image store it uses, and its registries, all on one line. Each call
/// of docker looks for its plugins, too.
pub(super) fn all() -> Vec<String> {
    let format = "{{json .ServerVersion}} {{json .DriverStatus}} {{json .RegistryConfig}}";
    [ID, "info", "--format", format].map(str::to_owned).to_vec()
}

/// Which image store docker uses; only the containerd store of 28 and up reads hosts.toml.
fn store() -> Vec<String> {
    [ID, "info", "--format", "{{json .DriverStatus}}"].map(str::to_owned).to_vec()
}

/// The registries as they are in force, printed on one line.
fn registries() -> Vec<String> {
    [ID, "info", "--format", "{{json .RegistryConfig}}"].map(str::to_owned).to_vec()
}

/// The same and more, where there is no docker beside dockerd.
fn whole(unit: Option<&Unit>) -> Vec<String> {
    let sockets = unit.into_iter().flat_map(|unit| unit.values(&["-H", "--host"]));
    let socket = sockets.filter_map(|value| value.strip_prefix("unix://")).find(|path| path.starts_with('/'));
    let socket = socket.unwrap_or(DEFAULT_SOCKET);
    [CURL, "-sSf", "--max-time", "15", "--unix-socket", socket, "http://docker/info"].map(str::to_owned).to_vec()
}

/// What must be asked of a docker that runs as this, given what is known. One that does not run is not asked: its socket
/// would start it.
pub(super) fn queries(facts: &Facts, unit: Option<&Unit>) -> Vec<Query> {
    let mut wanted = vec![Query::Program(ID.to_owned())];
    match unit.is_some_and(|unit| unit.is_active) {
        true if is_missing(facts, ID) => wanted.push(Query::Command(whole(unit))),
        true => {
            wanted.push(Query::Command(all()));
            if facts.is_known(&wanted[1]) && told(facts).is_none() {
                wanted.extend([store(), registries()].map(Query::Command));
            }
        }
        false => {}
    }
    wanted
}

/// The version, the store and the registries, if docker told them.
fn told(facts: &Facts) -> Option<[Value; 3]> {
    let said = text(facts, &Query::Command(all()))?;
    let values: Result<Vec<_>, _> = serde_json::Deserializer::from_str(said).into_iter().collect();
    values.ok()?.try_into().ok()
}

/// The version of the dockerd that runs.
pub(super) fn version(facts: &Facts) -> Option<String> {
    told(facts).and_then(|[version, ..]| version.as_str().map(str::to_owned))
}

/// Whether docker has the containerd image store; `None` if it did not say.
pub(super) fn has_containerd_store(facts: &Facts, unit: Option<&Unit>) -> Option<bool> {
    let said = || text(facts, &Query::Command(store())).or_else(|| text(facts, &Query::Command(whole(unit))));
    let told = told(facts).map(|[_, store, _]| store.to_string()).or_else(|| said().map(str::to_owned));
    told.map(|status| status.contains("io.containerd.snapshotter.v1"))
}

/// A command that prints the registries that are in force; `None` where nothing can ask.
pub(super) fn command(facts: &Facts, unit: Option<&Unit>) -> Option<Vec<String>> {
    if !is_missing(facts, ID) {
        return Some(registries());
    }
    matches!(facts.answer(&Query::Command(whole(unit))), Some(Answer::Text(_))).then(|| whole(unit))
}

/// The registries that the running dockerd knows.
pub(super) struct Info(Value);

impl Info {
    /// As it said; `None` if it did not.
    pub(super) fn of(facts: &Facts, unit: Option<&Unit>) -> Option<Self> {
        let json = |command| serde_json::from_str::<Value>(text(facts, &Query::Command(command))?).ok();
        let told = || told(facts).map(|[.., registries]| registries);
        let registries = told()
            .or_else(|| json(registries()))
            .or_else(|| Some(json(whole(unit))?.get("RegistryConfig")?.clone()))?;
        registries.get("IndexConfigs").is_some().then_some(Self(registries))
    }

    /// Whether an entry of `insecure-registries` is in force.
    pub(super) fn has(&self, entry: &str) -> bool {
        let entry = entry::compared(entry);
        match entry::block(&entry) {
            Some(block) => self.lists("InsecureRegistryCIDRs", &block.trunc().to_string()),
            None => self.0["IndexConfigs"][&entry]["Secure"] == Value::Bool(false),
        }
    }

    /// Whether a mirror is in force.
    pub(super) fn has_mirror(&self, url: &str) -> bool {
        self.lists("Mirrors", &format!("{}/", url.trim_end_matches('/')))
    }

    fn lists(&self, key: &str, text: &str) -> bool {
        self.0[key].as_array().is_some_and(|list| list.iter().any(|value| value == text))
    }
}

/// An entry of `insecure-registries` as it is printed when it is in force.
pub(super) fn pattern(entry: &str) -> String {
    let entry = entry::compared(entry);
    match entry::block(&entry) {
        Some(block) => format!("\"InsecureRegistryCIDRs\":\\[[^]]*\"{}\"", escaped(&block.trunc().to_string())),
        None => format!("\"{}\":\\{{[^}}]*\"Secure\":false", escaped(&entry)),
    }
}

/// A mirror as it is printed when it is in force: its URL with a slash at the end.
pub(super) fn mirror_pattern(url: &str) -> String {
    format!("\"Mirrors\":\\[[^]]*\"{}/\"", escaped(url.trim_end_matches('/')))
}

/// Whether dockerd holds on to it, or never takes it, whatever it is told: the loopback, and Docker Hub.
pub(super) fn is_fixed(entry: &str) -> bool {
    ["127.0.0.0/8", "::1/128", "docker.io", "index.docker.io"].contains(&entry::compared(entry).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = r#"{"InsecureRegistryCIDRs":["10.0.0.0/8","127.0.0.0/8"],"IndexConfigs":{"reg:5000":{"Name":"reg:5000","Mirrors":[],"Secure":false,"Official":false},"docker.io":{"Name":"docker.io","Mirrors":["https://a.lab/"],"Secure":true,"Official":true}},"Mirrors":["https://a.lab/"]}"#;

    #[test]
    fn entries_in_force_whatever_their_spelling() {
        let all_told = format!("\"28.5.2\" [[\"Backing Filesystem\",\"extfs\"]] {TOLD}\n");
        for facts in [
            Facts::default().with(Query::Command(registries()), Answer::Text(TOLD.into())),
            Facts::default().with(Query::Command(all()), Answer::Text(all_told)),
            Facts::default()
                .with(Query::Command(whole(None)), Answer::Text(format!(r#"{{"ID":"x","RegistryConfig":{TOLD}}}"#))),
        ] {
            let info = Info::of(&facts, None).unwrap();
            assert_eq!(["reg:5000", "http://reg:5000", "10.1.2.3/8"].map(|entry| info.has(entry)), [true; 3]);
            assert_eq!(["reg", "docker.io", "REG:5000", "11.0.0.0/8"].map(|entry| info.has(entry)), [false; 4]);
            assert_eq!(
                ["https://a.lab", "https://a.lab/", "http://a.lab"].map(|url| info.has_mirror(url)),
                [true, true, false]
            );
        }
        let broken = Facts::default().with(Query::Command(registries()), Answer::Text("null".into()));
        assert!(Info::of(&broken, None).is_none() && Info::of(&Facts::default(), None).is_none());
    }

    #[test]
    fn patterns_match_what_docker_prints() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), TOLD).unwrap();
        let finds = |pattern: &str| {
            let mut grep = std::process::Command::new("grep");
            let out = grep.args(["-Eq", "-e", pattern]).arg(file.path()).output().unwrap();
            assert!(out.stderr.is_empty(), "{pattern}: {}", String::from_utf8_lossy(&out.stderr));
            out.status.success()
        };
        let entries = ["reg:5000", "http://reg:5000", "10.1.2.3/8", "reg", "docker.io", "11.0.0.0/8", "[::1]:5000"];
        assert_eq!(entries.map(|entry| finds(&pattern(entry))), [true, true, true, false, false, false, false]);
        assert_eq!(
            ["https://a.lab", "https://a.lab/", "https://a"].map(|url| finds(&mirror_pattern(url))),
            [true, true, false]
        );
    }
}
