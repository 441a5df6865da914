//! This library's own forms in JSON: a node list, or settings.

use serde_json::Value;

use crate::error::Result;
use crate::settings::Settings;

use super::found::{Found, List};
use super::source::Source;

/// A node list has `nodes`; what has none is settings.
pub(super) fn read(source: &Source) -> Result<Found> {
    let text = source.as_str();
    let is_list = serde_json::from_str::<Value>(text).is_ok_and(|value| value.get("nodes").is_some());
    if is_list {
        return Ok(Found { list: text.to_owned(), settings: Settings::default() });
    }
    Ok(List::default().found(Settings::from_json(text)?))
}
