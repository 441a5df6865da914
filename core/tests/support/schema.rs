//! The published schemas.

use jsonschema::{Registry, Validator};
use serde_json::Value;

/// A schema as it is published.
pub(crate) fn schema(name: &str) -> Value {
    let path = format!("{}/../schema/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// What checks a value against it.
pub(crate) fn validator(schema: &Value) -> Validator {
    let settings = self::schema("settings");
    let registry = Registry::new().add(settings["$id"].as_str().unwrap(), settings.clone()).unwrap().prepare().unwrap();
    jsonschema::draft202012::meta::validate(schema).unwrap();
    jsonschema::options().with_registry(&registry).build(schema).unwrap()
}
