//! What is heard while nodes are worked on.

use std::cell::OnceCell;
use std::ffi::{CString, c_char};
use std::ptr::null;

use regconf::{Event, Stage};

use crate::panic::contain;
use crate::pointer::{handle, shown};
use crate::text::c_string;

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum regconf_event_kind {
    /// Time has passed.
    REGCONF_EVENT_TICK = 0,
    /// A batch of nodes begins or has ended.
    REGCONF_EVENT_BATCH = 1,
    /// A node is being connected to.
    REGCONF_EVENT_CONNECTING = 2,
    /// Logged in; the node's files are being read.
    REGCONF_EVENT_GATHERING = 3,
    /// It is known what there is to do on the node.
    REGCONF_EVENT_PLANNED = 4,
    /// A step of the node's change begins.
    REGCONF_EVENT_APPLYING = 5,
    /// The node cannot be reached and is tried again after the others.
    REGCONF_EVENT_POSTPONED = 6,
    /// The node's turn is over. Comes once for each node.
    REGCONF_EVENT_FINISHED = 7,
    /// One that this version of the header does not know.
    REGCONF_EVENT_OTHER = 99,
}

/// Something that happened. Borrowed by the observer until it returns.
pub struct regconf_event<'a> {
    event: Event<'a>,
    name: OnceCell<CString>,
    json: OnceCell<CString>,
}

impl<'a> regconf_event<'a> {
    pub(crate) fn new(event: Event<'a>) -> Self {
        Self { event, name: OnceCell::new(), json: OnceCell::new() }
    }

    fn kind(&self) -> regconf_event_kind {
        match self.event {
            Event::Tick => regconf_event_kind::REGCONF_EVENT_TICK,
            Event::Batch { .. } => regconf_event_kind::REGCONF_EVENT_BATCH,
            Event::Node { stage, .. } => of_stage(stage),
            _ => regconf_event_kind::REGCONF_EVENT_OTHER,
        }
    }
}

fn of_stage(stage: Stage<'_>) -> regconf_event_kind {
    match stage {
        Stage::Connecting => regconf_event_kind::REGCONF_EVENT_CONNECTING,
        Stage::Gathering => regconf_event_kind::REGCONF_EVENT_GATHERING,
        Stage::Planned(_) => regconf_event_kind::REGCONF_EVENT_PLANNED,
        Stage::Applying(_) => regconf_event_kind::REGCONF_EVENT_APPLYING,
        Stage::Postponed(_) => regconf_event_kind::REGCONF_EVENT_POSTPONED,
        Stage::Finished(_) => regconf_event_kind::REGCONF_EVENT_FINISHED,
        _ => regconf_event_kind::REGCONF_EVENT_OTHER,
    }
}

/// What it is about.
///
/// @return  `REGCONF_EVENT_TICK` if `event` is NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_event_what(event: *const regconf_event<'_>) -> regconf_event_kind {
    // SAFETY: as the header says of handles.
    unsafe { handle(event) }.map_or(regconf_event_kind::REGCONF_EVENT_TICK, regconf_event::kind)
}

/// The node's place in the list that was given, counted from 0.
///
/// @return  `REGCONF_ALL_NODES` if it is about no single node
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_event_node(event: *const regconf_event<'_>) -> usize {
    // SAFETY: as the header says of handles.
    match unsafe { handle(event) }.map(|event| event.event) {
        Some(Event::Node { index, .. }) => index,
        _ => crate::nodes::REGCONF_ALL_NODES,
    }
}

/// The node's name.
///
/// @return  borrowed from `event`; NULL if it is about no single node
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_event_name(event: *const regconf_event<'_>) -> *const c_char {
    // SAFETY: as the header says of handles.
    unsafe {
        shown(event, |event| match event.event {
            Event::Node { name, .. } => Some(event.name.get_or_init(|| c_string(name))),
            _ => None,
        })
    }
}

/// The event as a JSON object, with all that there is to know: `event` (`tick`, `batch` or `node`), and for a node its
/// `stage` with `plan`, `step` or `report`.
///
/// @return  borrowed from `event`; NULL if that is NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_event_json(event: *const regconf_event<'_>) -> *const c_char {
    // SAFETY: as the header says of handles.
    let Some(event) = (unsafe { handle(event) }) else { return null() };
    contain(null(), || event.json.get_or_init(|| c_string(&event.event.to_json().to_string())).as_ptr())
}
