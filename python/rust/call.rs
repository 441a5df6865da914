//! Calls that work on many nodes while other Python threads run.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use regconf::{Cancel, Event, Observer, Options};

use crate::event;
use crate::keywords::Keywords;

/// How often signals are looked for while events come without a pause.
const LOOK: Duration = Duration::from_millis(50);
/// How long nodes in the middle of a change are waited for after an interrupt: with a tick before and after it, the whole
/// call ends within half a second.
const GRACE: Duration = Duration::from_millis(150);

/// Runs a call without the interpreter, which events come back to. Gives what the call gives, and what an event raised.
pub(crate) fn run<T: Send>(
    py: Python<'_>,
    mut keywords: Keywords<'_>,
    work: impl FnOnce(&Options, &mut Observer<'_>) -> T + Send,
) -> PyResult<(T, Option<PyErr>)> {
    let on_event = keywords.on_event.take();
    let options = keywords.options()?;
    let cancel = options.cancel.clone();
    let mut hearing = Hearing { on_event, looked: Instant::now(), cancel, raised: None, interrupted: None };
    let done = py.detach(|| work(&options, &mut |event| hearing.hear(&event)));
    Ok((done, hearing.raised))
}

/// The exception with the report that there is.
pub(crate) fn with_report<'py>(py: Python<'py>, error: PyErr, report: impl IntoPyObject<'py>) -> PyErr {
    // An exception that takes no attribute is more worth than the report.
    let _ = error.value(py).setattr("report", report);
    error
}

/// Who hears of events.
struct Hearing {
    on_event: Option<Py<PyAny>>,
    looked: Instant,
    cancel: Cancel,
    /// What the first callback that failed, or a signal, raised.
    raised: Option<PyErr>,
    /// When somebody pressed Ctrl-C, or another signal raised something.
    interrupted: Option<Instant>,
}

impl Hearing {
    fn hear(&mut self, event: &Event<'_>) -> ControlFlow<()> {
        let looks = matches!(event, Event::Tick) || self.looked.elapsed() >= LOOK;
        if looks || (self.raised.is_none() && self.on_event.is_some()) {
            Python::attach(|py| self.take(py, looks, event));
        }
        if self.interrupted.is_some_and(|since| since.elapsed() >= GRACE) {
            self.cancel.abandon();
        }
        if self.raised.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Looks for signals, and tells the callback, which hears no more once something was raised.
    fn take(&mut self, py: Python<'_>, looks: bool, event: &Event<'_>) {
        if looks {
            self.looked = Instant::now();
            if let Err(error) = py.check_signals() {
                self.interrupted.get_or_insert_with(Instant::now);
                self.raised.get_or_insert(error);
            }
        }
        let Some(on_event) = self.on_event.as_ref().filter(|_| self.raised.is_none()) else { return };
        let told = event::object(py, event).and_then(|event| match event {
            Some(event) => on_event.call1(py, (event,)).map(drop),
            None => Ok(()),
        });
        if let Err(error) = told {
            // Python raises it wherever it is when the key is pressed.
            self.interrupted = error.is_instance_of::<PyKeyboardInterrupt>(py).then(Instant::now);
            self.raised = Some(error);
        }
    }
}
