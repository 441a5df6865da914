//! Calls that work on many nodes while other Python threads run.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use regconf::{Cancel, Event, Observer, Options};

use crate::event;
use crate::keywords::Keywords;

/// How often signals are looked for while events come without a pause.
const LOOK: Duration = Duration::from_millis(50);
/// How long nodes in the middle of a change may go on after an interrupt.
const GRACE: Duration = Duration::from_millis(250);

/// Runs a call without the interpreter, which events come back to. Gives what the call gives, and what an event raised.
pub(crate) fn run<T: Send>(
    py: Python<'_>,
    mut keywords: Keywords<'_>,
    work: impl FnOnce(&Options, &mut Observer<'_>) -> T + Send,
) -> PyResult<(T, Option<PyErr>)> {
    let on_event = keywords.on_event.take();
    let options = keywords.options()?;
    let mut hearing = Hearing { on_event, looked: Instant::now(), cancel: options.cancel.clone(), raised: None };
    let done = py.detach(|| work(&options, &mut |event| hearing.hear(&event)));
    Ok((done, hearing.raised.map(|(error, _)| error)))
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
    /// What the first callback that failed, or a signal, raised, and when.
    raised: Option<(PyErr, Instant)>,
}

impl Hearing {
    fn hear(&mut self, event: &Event<'_>) -> ControlFlow<()> {
        if let Some((_, since)) = &self.raised {
            if since.elapsed() >= GRACE {
                self.cancel.cancel();
            }
            return ControlFlow::Break(());
        }
        let is_tick = matches!(event, Event::Tick);
        let looks = is_tick || self.looked.elapsed() >= LOOK;
        if !looks && self.on_event.is_none() {
            return ControlFlow::Continue(());
        }
        let heard = Python::attach(|py| {
            if looks {
                self.looked = Instant::now();
                py.check_signals()?;
            }
            match (&self.on_event, event::object(py, event)?) {
                (Some(on_event), Some(event)) => on_event.call1(py, (event,)).map(drop),
                _ => Ok(()),
            }
        });
        match heard {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.raised = Some((error, Instant::now()));
                ControlFlow::Break(())
            }
        }
    }
}
