//! The library's errors as exceptions of `regconf.errors`.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{IntoPyDict, PyTuple};
use regconf::ErrorKind;
use serde::Deserialize;

/// An error as it stands in reports. All errors go through this form, so that one of a report that was read again is
/// equal to the one that was there first.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Fault {
    kind: String,
    message: String,
    context: Vec<String>,
    path: Option<String>,
    line: Option<usize>,
    key: Option<String>,
    hint: Option<String>,
}

const KINDS: [ErrorKind; 16] = [
    ErrorKind::InvalidArgument,
    ErrorKind::Parse,
    ErrorKind::Conflict,
    ErrorKind::Unsupported,
    ErrorKind::Connect,
    ErrorKind::HostKey,
    ErrorKind::Authentication,
    ErrorKind::Privilege,
    ErrorKind::Command,
    ErrorKind::Stale,
    ErrorKind::Activation,
    ErrorKind::Verification,
    ErrorKind::Timeout,
    ErrorKind::Cancelled,
    ErrorKind::Io,
    ErrorKind::Internal,
];

impl From<&regconf::Error> for Fault {
    fn from(error: &regconf::Error) -> Self {
        let mut fault = Self {
            kind: error.kind().name().to_owned(),
            message: error.to_string(),
            context: Vec::new(),
            path: error.path().map(str::to_owned),
            line: error.line(),
            key: error.key().map(str::to_owned),
            hint: error.hint().map(str::to_owned),
        };
        if let Ok(serde_json::Value::Object(json)) = serde_json::to_value(error)
            && let Some(context) = json.get("context").and_then(|context| Vec::deserialize(context).ok())
        {
            fault.context = context;
        }
        fault
    }
}

impl Fault {
    /// The whole text.
    pub(crate) fn text(&self) -> &str {
        &self.message
    }

    /// The kind; one that a later release knows is a fault.
    pub(crate) fn kind(&self) -> ErrorKind {
        KINDS.into_iter().find(|kind| kind.name() == self.kind).unwrap_or(ErrorKind::Internal)
    }

    /// Takes off the front of the key, which the caller did not write.
    pub(crate) fn without_key(mut self, front: &str) -> Self {
        if let Some(key) = self.key.take() {
            let short = key.strip_prefix(front).unwrap_or(&key).to_owned();
            let message = self.short(Some(&key)).to_owned();
            self.key = Some(short).filter(|key| !key.is_empty());
            self.message = self.front(self.key.as_deref()) + &message + &self.end();
        }
        self
    }

    /// The exception.
    pub(crate) fn exception<'py>(&self, py: Python<'py>, node: Option<&str>) -> PyResult<Bound<'py, PyAny>> {
        static MADE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let made = MADE.import(py, "regconf.errors", "_made")?;
        let message = self.short(self.key.as_deref());
        let fields = [
            ("context", PyTuple::new(py, &self.context)?.into_any()),
            ("node", node.into_pyobject(py)?.into_any()),
            ("path", self.path.as_deref().into_pyobject(py)?.into_any()),
            ("line", self.line.into_pyobject(py)?.into_any()),
            ("key", self.key.as_deref().into_pyobject(py)?.into_any()),
            ("hint", self.hint.as_deref().into_pyobject(py)?.into_any()),
        ];
        made.call1((&self.kind, message, fields.into_py_dict(py)?))
    }

    /// The exception, or None if nothing is wrong.
    pub(crate) fn optional<'py>(
        fault: Option<&Self>,
        py: Python<'py>,
        node: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        fault.map_or_else(|| Ok(py.None().into_bound(py)), |fault| fault.exception(py, node))
    }

    /// The exception to be raised.
    pub(crate) fn raised(&self, py: Python<'_>) -> PyErr {
        self.exception(py, None).map_or_else(|error| error, PyErr::from_value)
    }

    /// What was wrong, without place and hint, which stand around it in the text.
    fn short(&self, key: Option<&str>) -> &str {
        let text = self.message.strip_prefix(&self.front(key)).unwrap_or(&self.message);
        text.strip_suffix(&self.end()).unwrap_or(text)
    }

    fn front(&self, key: Option<&str>) -> String {
        let context = self.context.iter().map(|doing| format!("{doing}: "));
        let place = match (&self.path, self.line) {
            (Some(path), Some(line)) => format!("{path}:{line}: "),
            (Some(path), None) => format!("{path}: "),
            (None, Some(line)) => format!("line {line}: "),
            (None, None) => String::new(),
        };
        let key = key.map(|key| format!("{key}: ")).unwrap_or_default();
        context.chain([place, key]).collect()
    }

    fn end(&self) -> String {
        self.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default()
    }
}

/// An error of the library as an exception.
pub(crate) fn raised(error: regconf::Error) -> PyErr {
    Python::attach(|py| Fault::from(&error).raised(py))
}

/// An error of this kind that is found here.
pub(crate) fn wrong(kind: ErrorKind, message: impl Into<String>) -> PyErr {
    raised(regconf::Error::new(kind, message))
}
