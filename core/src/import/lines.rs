//! One `[user@]host[:port]` a line, as [`inventory::parse`](crate::inventory::parse) reads it.

use serde_json::{Map, Value};

use crate::error::Result;
use crate::inventory;
use crate::settings::Settings;

use super::found::{Found, List};
use super::source::Source;

pub(super) fn read(source: &Source) -> Result<Found> {
    let mut list = List::default();
    for (line, place) in inventory::places(source.as_str()) {
        crate::Node::new(place).map_err(|error| error.with_line(line))?;
        list.node(Map::from_iter([("address".to_owned(), Value::from(place))]));
    }
    Ok(list.found(Settings::default()))
}
