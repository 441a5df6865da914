//! What engines' errors mean.

use pyo3::prelude::*;

use crate::record::record;

record!(
    /// What an error means.
    Advice {
        /// What is wrong, in plain words.
        cause: String,
        /// What to do.
        remedy: String,
    }

    fn __str__(&self) -> String {
        format!("{}; {}", self.cause, self.remedy)
    }
);

/// What an error of containerd, docker or a registry means; None if it is none that is known.
///
/// >>> advice('Get "https://10.0.0.5:5000/v2/": http: server gave HTTP response to HTTPS client').cause
/// 'the registry speaks plain http and the engine expects https'
#[pyfunction]
#[pyo3(signature = (text: "str"))]
pub(crate) fn advice(text: &str) -> Option<Advice> {
    regconf::advice(text).map(|found| Advice { cause: found.cause.to_owned(), remedy: found.remedy.to_owned() })
}
