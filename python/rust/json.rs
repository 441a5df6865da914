//! JSON from Python's values and back.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyMapping, PyString};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::convert::{Many, Place};
use crate::error::raised;

/// What a mapping, a list, a text, a path, a number, a bool or None is as JSON.
pub(crate) fn from_python(given: &Bound<'_, PyAny>) -> PyResult<Value> {
    if given.is_none() {
        return Ok(Value::Null);
    }
    if given.is_instance_of::<PyString>() {
        return given.extract().map(Value::String);
    }
    if let Ok(on) = given.cast::<PyBool>() {
        return Ok(on.is_true().into());
    }
    if given.is_instance_of::<PyInt>() {
        return given.extract::<i64>().map(Value::from);
    }
    if given.is_instance_of::<PyFloat>() {
        return given.extract::<f64>().map(Value::from);
    }
    if let Ok(mapping) = given.cast::<PyMapping>() {
        return object(mapping).map(Value::Object);
    }
    if given.hasattr("__fspath__")? {
        return given.extract::<Place>().map(|place| Value::String(place.0));
    }
    let Ok(Many(items)) = given.extract::<Many<Bound<'_, PyAny>>>() else {
        let what = given.get_type().name()?;
        return Err(PyTypeError::new_err(format!("a value of the type {what} has no form in JSON")));
    };
    items.iter().map(from_python).collect()
}

/// What a mapping with texts as keys is as JSON.
pub(crate) fn object(given: &Bound<'_, PyMapping>) -> PyResult<Map<String, Value>> {
    let pairs = given.items()?;
    pairs
        .iter()
        .map(|pair| {
            let (key, value): (String, Bound<'_, PyAny>) = pair.extract()?;
            Ok((key, from_python(&value)?))
        })
        .collect()
}

/// Reads JSON text into a value and the type that it stands for.
///
/// # Errors
/// A `ParseError` that says what the text should be, and the line.
pub(crate) fn read<T: DeserializeOwned>(text: &str, what: &str) -> PyResult<(Value, T)> {
    let both = serde_json::from_str::<Value>(text).and_then(|value| Ok((T::deserialize(&value)?, value)));
    both.map(|(read, value)| (value, read)).map_err(|error| {
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
        let fault = regconf::Error::new(regconf::ErrorKind::Parse, message).context(what);
        raised(if error.line() == 0 { fault } else { fault.with_line(error.line()) })
    })
}

/// A dict whose values are tuples or texts.
pub(crate) fn dict<'py, T: IntoPyObject<'py>>(
    py: Python<'py>,
    pairs: impl IntoIterator<Item = (String, T)>,
) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    pairs.into_iter().try_for_each(|(key, value)| dict.set_item(key, value))?;
    Ok(dict)
}

/// JSON as Python's values.
pub(crate) fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Bool(on) => PyBool::new(py, *on).to_owned().into_any(),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => whole.into_pyobject(py)?.into_any(),
            None => number.as_f64().into_pyobject(py)?,
        },
        Value::String(text) => PyString::new(py, text).into_any(),
        Value::Array(items) => {
            let items = items.iter().map(|item| to_python(py, item)).collect::<PyResult<Vec<_>>>()?;
            pyo3::types::PyList::new(py, items)?.into_any()
        }
        Value::Object(pairs) => {
            let pairs = pairs.iter().map(|(key, value)| Ok((key.clone(), to_python(py, value)?)));
            dict(py, pairs.collect::<PyResult<Vec<_>>>()?)?.into_any()
        }
    })
}
