//! What all values have in common: they are shown, compared, hashed, copied and pickled by what makes them.

use std::hash::{DefaultHasher, Hash, Hasher};

use pyo3::IntoPyObjectExt;
use pyo3::PyClass;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// A value that Python code can make by its constructor.
pub(crate) trait Value: PyClass {
    /// The arguments that make an equal value. Those that have their default are left out.
    ///
    /// # Errors
    /// Where Python has no memory left.
    fn arguments<'py>(&self, py: Python<'py>, secrets: Secrets) -> PyResult<Arguments<'py>>;

    /// A text that is the same for equal values.
    fn key(&self) -> String;
}

/// What becomes of secrets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secrets {
    /// They stand as `...`, which no constructor takes.
    Hidden,
    /// They stand as they are.
    Shown,
}

/// Stands where a secret is.
#[pyclass(frozen)]
struct Hidden;

#[pymethods]
impl Hidden {
    #[expect(clippy::unused_self, reason = "a method of Python")]
    fn __repr__(&self) -> &'static str {
        "..."
    }
}

/// The arguments of a constructor.
pub(crate) struct Arguments<'py> {
    py: Python<'py>,
    secrets: Secrets,
    positional: Vec<Bound<'py, PyAny>>,
    keywords: Vec<(&'static str, Bound<'py, PyAny>)>,
}

impl<'py> Arguments<'py> {
    pub(crate) fn new(py: Python<'py>, secrets: Secrets) -> Self {
        Self { py, secrets, positional: Vec::new(), keywords: Vec::new() }
    }

    /// Adds one by its place.
    pub(crate) fn place(mut self, value: impl IntoPyObject<'py>) -> PyResult<Self> {
        self.positional.push(any(self.py, value)?);
        Ok(self)
    }

    /// Adds one by its name.
    pub(crate) fn name(mut self, name: &'static str, value: impl IntoPyObject<'py>) -> PyResult<Self> {
        self.keywords.push((name, any(self.py, value)?));
        Ok(self)
    }

    /// Adds one by its name if it is there.
    pub(crate) fn optional(self, name: &'static str, value: Option<impl IntoPyObject<'py>>) -> PyResult<Self> {
        match value {
            None => Ok(self),
            Some(value) => self.name(name, value),
        }
    }

    /// Adds a tuple by its name if there is something in it.
    pub(crate) fn list<T: IntoPyObject<'py>>(self, name: &'static str, values: Vec<T>) -> PyResult<Self> {
        if values.is_empty() {
            return Ok(self);
        }
        let tuple = PyTuple::new(self.py, values)?;
        self.name(name, tuple)
    }

    /// Adds a switch by its name if it is on.
    pub(crate) fn switch(self, name: &'static str, on: bool) -> PyResult<Self> {
        self.optional(name, on.then_some(true))
    }

    /// Adds a secret by its name if it is there.
    pub(crate) fn secret(self, name: &'static str, value: Option<impl IntoPyObject<'py>>) -> PyResult<Self> {
        match (value, self.secrets) {
            (None, _) => Ok(self),
            (Some(_), Secrets::Hidden) => self.name(name, Hidden),
            (Some(value), Secrets::Shown) => self.name(name, value),
        }
    }

    /// Adds by its name what may hold a secret; None tells nothing and is shown.
    pub(crate) fn hidden(self, name: &'static str, value: impl IntoPyObject<'py>) -> PyResult<Self> {
        let value = any(self.py, value)?;
        if value.is_none() { self.name(name, value) } else { self.secret(name, Some(value)) }
    }

    /// As Python takes them.
    pub(crate) fn into_python(self) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        let keywords = PyDict::new(self.py);
        self.keywords.into_iter().try_for_each(|(name, value)| keywords.set_item(name, value))?;
        Ok((PyTuple::new(self.py, self.positional)?, keywords))
    }
}

fn any<'py>(py: Python<'py>, value: impl IntoPyObject<'py>) -> PyResult<Bound<'py, PyAny>> {
    value.into_bound_py_any(py)
}

/// What stands for the value of a secret.
pub(crate) fn hidden(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    any(py, Hidden)
}

/// The call that makes an equal value, secrets left out.
pub(crate) fn shown<T: Value>(value: &T, py: Python<'_>) -> PyResult<String> {
    let arguments = value.arguments(py, Secrets::Hidden)?;
    let mut words = Vec::new();
    for value in arguments.positional {
        words.push(value.repr()?.to_string());
    }
    for (name, value) in arguments.keywords {
        words.push(format!("{name}={}", value.repr()?));
    }
    Ok(format!("regconf.{}({})", py.get_type::<T>().name()?, words.join(", ")))
}

/// What pickle and copy give to the constructor.
pub(crate) fn constructor<'py, T: Value>(
    value: &T,
    py: Python<'py>,
) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
    value.arguments(py, Secrets::Shown)?.into_python()
}

/// The hash of what is the same for equal values.
pub(crate) fn hash(key: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

/// The methods of a [`Value`]: its own, and those that all have.
macro_rules! value_methods {
    ($type:ident { $($own:tt)* }) => {
        #[pymethods]
        impl $type {
            $($own)*

            fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
                $crate::value::shown(self, py)
            }

            fn __hash__(&self) -> u64 {
                $crate::value::hash($crate::value::Value::key(self))
            }

            /// What copy and pickle give to the constructor.
            #[pyo3(signature = () -> "tuple[tuple[Any, ...], dict[str, Any]]")]
            fn __getnewargs_ex__<'py>(
                &self,
                py: Python<'py>,
            ) -> PyResult<(Bound<'py, pyo3::types::PyTuple>, Bound<'py, pyo3::types::PyDict>)> {
                $crate::value::constructor(self, py)
            }
        }
    };
}
pub(crate) use value_methods;
