//! Nodes by way of an entry of a node list, so that what is wrong is judged and said in one place.

use std::sync::Arc;

use pyo3::prelude::*;
use regconf::{ErrorKind, inventory};
use serde_json::{Map, Value as Json, json};

use super::Node;
use crate::convert::{Many, Place};
use crate::error::{Fault, raised};

/// The keys of an entry.
#[derive(Default)]
pub(super) struct Entry(pub(super) Map<String, Json>);

impl Entry {
    pub(super) fn texts<const N: usize>(&mut self, texts: [(&str, Option<&str>); N]) {
        self.0.extend(texts.into_iter().filter_map(|(key, text)| Some((key.to_owned(), text?.into()))));
    }

    pub(super) fn lists<const N: usize>(&mut self, lists: [(&str, Vec<String>); N]) {
        let given = lists.into_iter().filter(|(_, texts)| !texts.is_empty());
        self.0.extend(given.map(|(key, texts)| (key.to_owned(), texts.into())));
    }

    pub(super) fn node(self, jump: Vec<Node>) -> PyResult<Node> {
        let mut node = self.read().map_err(|error| short(&error))?;
        if jump.is_empty() {
            return Ok(Node(node));
        }
        // As it is written and read again, so that it is equal to what a list gives.
        node.jump = jump.into_iter().map(|host| Arc::new(host.0)).collect();
        let written = inventory::to_json(&[node]).and_then(|list| inventory::parse(&list.to_string()));
        let nodes = written.map_err(|error| short(&error))?;
        only(nodes).map(Node).map_err(raised)
    }

    fn read(self) -> regconf::Result<regconf::Node> {
        inventory::parse(&json!({ "nodes": [self.0] }).to_string()).and_then(only)
    }
}

fn only(nodes: Vec<regconf::Node>) -> regconf::Result<regconf::Node> {
    nodes.into_iter().next().ok_or_else(|| regconf::Error::new(ErrorKind::Internal, "a node was lost"))
}

/// The caller wrote no list.
fn short(error: &regconf::Error) -> PyErr {
    let fault = Fault::from(error).without_key("nodes[0].");
    Python::attach(|py| fault.raised(py))
}

pub(super) fn paths(places: Many<Place>) -> Vec<String> {
    places.0.into_iter().map(|place| place.0).collect()
}

/// Whole seconds stand as whole numbers.
pub(super) fn number(seconds: f64) -> Json {
    #[expect(clippy::cast_possible_truncation, reason = "compared right after")]
    let whole = seconds as i64;
    #[expect(clippy::cast_precision_loss, reason = "that is what is looked at")]
    let is_whole = (whole as f64 - seconds).abs() < f64::EPSILON;
    if is_whole { whole.into() } else { seconds.into() }
}
