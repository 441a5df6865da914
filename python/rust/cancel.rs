//! The caller's word to stop.

use pyo3::prelude::*;

/// The caller's word to stop, shared by threads and calls. A node in the middle of its change finishes it or goes back; no
/// other is begun.
///
/// >>> cancel = Cancel()
/// >>> cancel.cancel()
/// >>> cancel.is_cancelled
/// True
#[pyclass(frozen, module = "regconf", from_py_object)]
#[derive(Clone)]
pub(crate) struct Cancel(pub(crate) regconf::Cancel);

#[pymethods]
impl Cancel {
    #[new]
    fn new() -> Self {
        Self(regconf::Cancel::new())
    }

    /// Says stop.
    fn cancel(&self) {
        self.0.cancel();
    }

    /// Says stop, and waits for nobody: nodes in the middle of a change are left alone, too. Each finishes its change or goes
    /// back by itself, but how that ended is not heard: its outcome is ``unknown``, and its next push tells.
    fn abandon(&self) {
        self.0.abandon();
    }

    /// Whether stop was said, in either way.
    #[getter]
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    fn __repr__(&self) -> &'static str {
        if self.0.is_cancelled() { "<regconf.Cancel: cancelled>" } else { "<regconf.Cancel>" }
    }
}
