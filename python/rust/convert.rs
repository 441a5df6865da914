//! Arguments as Python programs like to give them, and results as they like to have them.

use std::path::PathBuf;

use pyo3::exceptions::PyTypeError;
#[cfg(feature = "stubs")]
use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
#[cfg(feature = "stubs")]
use pyo3::{type_hint_identifier, type_hint_subscript, type_hint_union};
use serde::{Deserialize, Serialize};

use crate::error::{raised, wrong};

/// Any iterable but a text; goes back as a tuple.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct Many<T>(pub(crate) Vec<T>);

impl<'a, 'py, T> FromPyObject<'a, 'py> for Many<T>
where
    T: for<'b> FromPyObject<'b, 'py>,
{
    type Error = PyErr;

    #[cfg(feature = "stubs")]
    const INPUT_TYPE: PyStaticExpr =
        type_hint_subscript!(type_hint_identifier!("collections.abc", "Iterable"), T::INPUT_TYPE);

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if given.is_instance_of::<PyString>() || given.is_instance_of::<PyBytes>() {
            return Err(PyTypeError::new_err("must be a list or another iterable, not a text"));
        }
        given.try_iter()?.map(|item| item?.extract().map_err(Into::into)).collect::<PyResult<_>>().map(Self)
    }
}

impl<'py, T: IntoPyObject<'py>> IntoPyObject<'py> for Many<T> {
    type Target = PyTuple;
    type Output = Bound<'py, PyTuple>;
    type Error = PyErr;

    #[cfg(feature = "stubs")]
    const OUTPUT_TYPE: PyStaticExpr = type_hint_subscript!(
        type_hint_identifier!("builtins", "tuple"),
        T::OUTPUT_TYPE,
        PyStaticExpr::Constant { value: pyo3::inspect::PyStaticConstant::Ellipsis }
    );

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        PyTuple::new(py, self.0)
    }
}

/// The bytes of a file; a text is meant as UTF-8.
#[derive(Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct Contents(pub(crate) Vec<u8>);

impl<'a, 'py> FromPyObject<'a, 'py> for Contents {
    type Error = PyErr;

    #[cfg(feature = "stubs")]
    const INPUT_TYPE: PyStaticExpr =
        type_hint_union!(type_hint_identifier!("builtins", "bytes"), type_hint_identifier!("builtins", "str"));

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = given.cast::<PyBytes>() {
            return Ok(Self(bytes.as_bytes().to_vec()));
        }
        match given.extract::<String>() {
            Ok(text) => Ok(Self(text.into_bytes())),
            Err(_) if !given.is_instance_of::<PyString>() => Err(PyTypeError::new_err("must be bytes or str")),
            Err(error) => Err(error),
        }
    }
}

impl<'py> IntoPyObject<'py> for Contents {
    type Target = PyBytes;
    type Output = Bound<'py, PyBytes>;
    type Error = std::convert::Infallible;

    #[cfg(feature = "stubs")]
    const OUTPUT_TYPE: PyStaticExpr = type_hint_identifier!("builtins", "bytes");

    fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Self::Error> {
        Ok(PyBytes::new(py, &self.0))
    }
}

/// A path, as a text or as an `os.PathLike`.
#[derive(Clone, Debug)]
pub(crate) struct Place(pub(crate) String);

impl<'a, 'py> FromPyObject<'a, 'py> for Place {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let path: PathBuf = given.extract()?;
        let text = path.into_os_string().into_string();
        text.map(Self).map_err(|path| {
            wrong(regconf::ErrorKind::InvalidArgument, format!("the path {} is not UTF-8", path.display()))
        })
    }
}

/// A class for one of some words: a text in Python, with a type of its own in the stubs.
macro_rules! words {
    ($(#[$about:meta])* $type:ident: $($word:literal),+ $(,)?) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
        #[serde(transparent)]
        pub(crate) struct $type(pub(crate) String);

        impl<'a, 'py> FromPyObject<'a, 'py> for $type {
            type Error = PyErr;

            #[cfg(feature = "stubs")]
            const INPUT_TYPE: pyo3::inspect::PyStaticExpr = <Self as IntoPyObject<'static>>::OUTPUT_TYPE;

            fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
                given.extract::<std::borrow::Cow<'_, str>>()?.parse().map_err($crate::error::raised)
            }
        }

        impl std::str::FromStr for $type {
            type Err = regconf::Error;

            fn from_str(given: &str) -> regconf::Result<Self> {
                $crate::convert::one_of(given, &[$($word),+]).map(Self)
            }
        }

        impl<'py> IntoPyObject<'py> for $type {
            type Target = pyo3::types::PyString;
            type Output = Bound<'py, pyo3::types::PyString>;
            type Error = std::convert::Infallible;

            #[cfg(feature = "stubs")]
            const OUTPUT_TYPE: pyo3::inspect::PyStaticExpr = pyo3::type_hint_subscript!(
                pyo3::type_hint_identifier!("typing", "Literal"),
                $(pyo3::inspect::PyStaticExpr::Constant { value: pyo3::inspect::PyStaticConstant::Str($word) }),+
            );

            fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Self::Error> {
                Ok(pyo3::types::PyString::new(py, &self.0))
            }
        }
    };
}
pub(crate) use words;

/// A class for an object of Python that has a type in the stubs.
macro_rules! typed {
    ($(#[$about:meta])* $type:ident: $hint:expr) => {
        $(#[$about])*
        pub(crate) struct $type<'py>(pub(crate) Bound<'py, PyAny>);

        impl<'py> IntoPyObject<'py> for $type<'py> {
            type Target = PyAny;
            type Output = Bound<'py, PyAny>;
            type Error = std::convert::Infallible;

            #[cfg(feature = "stubs")]
            const OUTPUT_TYPE: pyo3::inspect::PyStaticExpr = {
                #[allow(unused_imports, reason = "a union names itself without its path")]
                use pyo3::type_hint_union;
                $hint
            };

            fn into_pyobject(self, _: Python<'py>) -> Result<Self::Output, Self::Error> {
                Ok(self.0)
            }
        }
    };
}
pub(crate) use typed;

/// The text, if it is one of these words.
pub(crate) fn one_of(given: &str, words: &[&str]) -> regconf::Result<String> {
    if words.contains(&given) {
        return Ok(given.to_owned());
    }
    let error = regconf::Error::new(regconf::ErrorKind::InvalidArgument, format!("{given:?} is none of its values"));
    Err(error.with_hint(format!("write one of {}", words.join(", "))))
}

/// What was read of an argument; an error names it.
pub(crate) fn named<T>(argument: &str, read: regconf::Result<T>) -> PyResult<T> {
    read.map_err(|error| raised(error.with_key(argument)))
}

words!(
    /// What an endpoint may be asked for.
    CapabilityName: "pull", "resolve", "push", "referrers"
);
words!(
    /// How a host is reached at its own address.
    InsecureName: "http", "skip_verify"
);
