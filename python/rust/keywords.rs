//! How a fleet is worked on: the keywords that survey, push and apply share.

use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::{PyMapping, PyMappingMethods};
use regconf::{ErrorKind, Options};

use crate::cancel::Cancel;
use crate::convert::{Many, Place, named};
use crate::host::ImageLike;

/// The keywords as they were given.
pub(crate) struct Keywords<'py> {
    pub(crate) parallel: usize,
    pub(crate) parallel_apply: usize,
    pub(crate) canary: usize,
    pub(crate) batch: Amount,
    pub(crate) control_plane_batch: usize,
    pub(crate) pause: f64,
    pub(crate) max_failures: Option<Amount>,
    pub(crate) unreachable: &'py str,
    pub(crate) journal: Option<Place>,
    pub(crate) connect_timeout: f64,
    pub(crate) deadline: f64,
    pub(crate) dry_run: bool,
    pub(crate) verify_pull: Many<ImageLike>,
    pub(crate) probe: bool,
    pub(crate) assume: Option<Bound<'py, PyMapping>>,
    pub(crate) on_event: Option<Py<PyAny>>,
    pub(crate) cancel: Option<Cancel>,
}

/// A number of nodes, or a text such as `25%`.
#[derive(FromPyObject)]
pub(crate) enum Amount {
    #[pyo3(transparent, annotation = "int")]
    Number(usize),
    #[pyo3(transparent, annotation = "str")]
    Text(String),
}

impl Amount {
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

impl Keywords<'_> {
    /// As the library takes them.
    ///
    /// # Errors
    /// An `InvalidArgumentError` with the keyword.
    pub(crate) fn options(self) -> PyResult<Options> {
        let mut options = Options::default();
        options.parallel = self.parallel;
        options.parallel_apply = self.parallel_apply;
        options.canary = self.canary;
        options.batch = named("batch", self.batch.text().parse())?;
        options.control_plane_batch = self.control_plane_batch;
        options.pause = span("pause", self.pause)?;
        options.max_failures =
            self.max_failures.map(|limit| named("max_failures", limit.text().parse())).transpose()?;
        options.unreachable = named("unreachable", self.unreachable.parse())?;
        options.journal = self.journal.map(|place| place.0.into());
        options.connect_timeout = span("connect_timeout", self.connect_timeout)?;
        options.deadline = span("deadline", self.deadline)?;
        options.dry_run = self.dry_run;
        options.verify_pull = self.verify_pull.0.into_iter().map(ImageLike::read).collect::<PyResult<_>>()?;
        options.probe = self.probe;
        for pair in self.assume.iter().map(PyMappingMethods::items).collect::<PyResult<Vec<_>>>()?.iter().flatten() {
            options.assume.push(pair.extract()?);
        }
        options.cancel = self.cancel.map(|cancel| cancel.0).unwrap_or_default();
        Ok(options)
    }
}

/// So many seconds; no more than 31 years, which any clock can add.
fn span(keyword: &str, seconds: f64) -> PyResult<Duration> {
    let span = Some(seconds).filter(|seconds| *seconds <= 1e9);
    let span = span.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let error = || regconf::Error::new(ErrorKind::InvalidArgument, format!("{seconds} is not a number of seconds"));
    named(keyword, span.ok_or_else(|| error().with_hint("give 0 or more")))
}

/// Gives a macro the shared keywords: their signature, their parameters, and the expression that gathers them.
///
/// They stand here once, and each function has all of them in its signature, so that help and editors show them.
macro_rules! with_keywords {
    ($macro:ident) => {
        $macro! {
            {
                parallel: "int" = 0, parallel_apply: "int" = 0, canary: "int" = 0,
                batch: "int | str" = $crate::keywords::Amount::Text("all".to_owned()), control_plane_batch: "int" = 1,
                pause: "float" = 0.0, max_failures: "int | str | None" = None, unreachable: "str" = "fail",
                journal: "str | os.PathLike[str] | None" = None, connect_timeout: "float" = 15.0,
                deadline: "float" = 120.0, dry_run: "bool" = false,
                verify_pull: "Iterable[str | ImageReference]" = $crate::convert::Many(Vec::new()),
                probe: "bool" = false, assume: "Mapping[str, str] | None" = None,
                on_event: "Callable[[NodeEvent | BatchEvent], object] | None" = None, cancel: "Cancel | None" = None
            }
            {
                parallel: usize,
                parallel_apply: usize,
                canary: usize,
                batch: $crate::keywords::Amount,
                control_plane_batch: usize,
                pause: f64,
                max_failures: Option<$crate::keywords::Amount>,
                unreachable: &str,
                journal: Option<$crate::convert::Place>,
                connect_timeout: f64,
                deadline: f64,
                dry_run: bool,
                verify_pull: $crate::convert::Many<$crate::host::ImageLike>,
                probe: bool,
                assume: Option<Bound<'_, pyo3::types::PyMapping>>,
                on_event: Option<Py<PyAny>>,
                cancel: Option<$crate::cancel::Cancel>
            }
            {
                $crate::keywords::Keywords {
                    parallel, parallel_apply, canary, batch, control_plane_batch, pause, max_failures, unreachable,
                    journal, connect_timeout, deadline, dry_run, verify_pull, probe, assume, on_event, cancel,
                }
            }
        }
    };
}
pub(crate) use with_keywords;
