//! What `containerd config dump` shows.

use serde_json::{Map, Value};
use toml_edit::{DocumentMut, Item, TableLike};

use crate::Result;
use crate::engines::Containerd;
use crate::room::Room;

/// The merged and migrated configuration.
pub(crate) struct Dump {
    /// The registry table that counts.
    pub(crate) registry: Value,
    /// The images plugin, or the CRI plugin of 1.x.
    pub(crate) plugin: Value,
    /// All without registry tables.
    pub(crate) rest: Value,
}

/// The dump of a file in a room, or what containerd said against it.
pub(crate) fn dump(engine: &Containerd, room: &Room, path: &str) -> Result<std::result::Result<Dump, String>> {
    let said = room.run(&["containerd", "--config", path, "config", "dump"], "")?;
    if !said.passed {
        return Ok(Err(said.stderr));
    }
    let document: DocumentMut = said.stdout.parse()?;
    let mut rest = table(document.as_table());
    let counts = if engine.is_1() { "io.containerd.grpc.v1.cri" } else { "io.containerd.cri.v1.images" };
    let plugin = rest["plugins"][counts].clone();
    let registry = plugin["registry"].clone();
    // 1.x also shows the table as the file names it.
    for plugin in ["cri", "io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images"] {
        if let Some(plugin) = rest["plugins"].get_mut(plugin).and_then(Value::as_object_mut) {
            plugin.remove("registry");
        }
    }
    // 1.x lists the files it has read, in any order.
    if let Some(imports) = rest.get_mut("imports").and_then(Value::as_array_mut) {
        imports.sort_by_key(ToString::to_string);
    }
    Ok(Ok(Dump { registry, plugin, rest }))
}

impl Dump {
    /// The folders of `config_path` as this engine's CRI sees them.
    pub(crate) fn roots(&self, engine: &Containerd) -> Vec<String> {
        let path = self.registry["config_path"].as_str().unwrap_or_default();
        if engine.has_transfer() && !self.pulls_locally() {
            return vec![path.to_owned()];
        }
        path.split(':').map(str::to_owned).collect()
    }

    /// `CheckLocalImagePullConfigs` of containerd's internal/cri/config.
    pub(crate) fn pulls_locally(&self) -> bool {
        let is = |key: &str, wanted: bool| self.plugin[key].as_bool() == Some(wanted);
        is("use_local_image_pull", true)
            || is("discard_unpacked_layers", true)
            || is("disable_snapshot_annotations", false)
            || is("image_pull_with_sync_fs", true)
            || self.plugin["max_concurrent_downloads"].as_i64().is_some_and(|n| n != 3)
            || ["mirrors", "configs", "auths"].iter().any(|key| self.has(key))
    }

    /// Whether a table of the registry has entries.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.registry[key].as_object().is_some_and(|table| !table.is_empty())
    }

    /// Whether CRI would refuse to load (`ValidatePluginConfig` of 1.x, `ValidateImageConfig` of 2.x).
    pub(crate) fn clashes(&self, engine: &Containerd) -> bool {
        let tls = |config: &Value| config.get("tls").is_some_and(|tls| !tls.is_null());
        let configs = self.registry["configs"].as_object();
        let has_tls = engine.is_1() && configs.is_some_and(|configs| configs.values().any(tls));
        self.registry["config_path"].as_str().is_some_and(|path| !path.is_empty()) && (self.has("mirrors") || has_tls)
    }
}

fn table(table: &dyn TableLike) -> Value {
    Value::Object(table.iter().map(|(key, item)| (key.to_owned(), item_value(item))).collect::<Map<_, _>>())
}

fn item_value(item: &Item) -> Value {
    match item {
        Item::None => Value::Null,
        Item::Value(value) => value_value(value),
        Item::Table(inner) => table(inner),
        Item::ArrayOfTables(tables) => tables.iter().map(|inner| table(inner)).collect(),
    }
}

fn value_value(value: &toml_edit::Value) -> Value {
    match value {
        toml_edit::Value::String(text) => text.value().as_str().into(),
        toml_edit::Value::Integer(number) => (*number.value()).into(),
        toml_edit::Value::Float(number) => (*number.value()).into(),
        toml_edit::Value::Boolean(truth) => (*truth.value()).into(),
        toml_edit::Value::Datetime(time) => time.value().to_string().into(),
        toml_edit::Value::Array(list) => list.iter().map(value_value).collect(),
        toml_edit::Value::InlineTable(inner) => table(inner),
    }
}
