//! What happened.

use std::ffi::{CString, c_char, c_int};
use std::ptr::null;

use regconf::{NodeReport, Outcome, Report};

use crate::error::regconf_error;
use crate::guard::guard;
use crate::plan::regconf_plan;
use crate::pointer::{drop_handle, give_text, given, handle, shown};
use crate::status::regconf_status;
use crate::text::c_string;

/// How it ended on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum regconf_outcome {
    /// Everything was as wanted; nothing was touched.
    REGCONF_OUTCOME_UNCHANGED = 1,
    /// The plan was carried out, and its effect seen.
    REGCONF_OUTCOME_CHANGED = 2,
    /// There is something to do, and it was only asked what.
    REGCONF_OUTCOME_PENDING = 3,
    /// It is as wanted, but an image that was asked for cannot be pulled. What was changed stays.
    REGCONF_OUTCOME_UNVERIFIED = 4,
    /// It failed, and nothing was changed.
    REGCONF_OUTCOME_FAILED = 5,
    /// It could not be reached, or the link was lost before anything was changed.
    REGCONF_OUTCOME_UNREACHABLE = 6,
    /// It failed, and everything was put back.
    REGCONF_OUTCOME_ROLLED_BACK = 7,
    /// It failed, and it is not known in what state the node is. Somebody must look.
    REGCONF_OUTCOME_UNKNOWN = 8,
    /// Its change was not begun, because the caller cancelled or the rollout was stopped.
    REGCONF_OUTCOME_NOT_TRIED = 9,
}

use regconf_outcome as O;

/// What happened on each node, in the order of the list. Freed by `regconf_report_free`.
pub struct regconf_report {
    report: Report,
    nodes: Vec<Entry>,
    stopped: Option<regconf_error>,
}

struct Entry {
    name: CString,
    outcome: O,
    is_failure: bool,
    error: Option<regconf_error>,
    plan: Option<regconf_plan>,
}

impl From<Report> for regconf_report {
    fn from(report: Report) -> Self {
        let nodes = report.nodes.iter().map(entry).collect();
        Self { nodes, stopped: report.stopped.clone().map(Into::into), report }
    }
}

fn entry(node: &NodeReport) -> Entry {
    Entry {
        name: c_string(&node.name),
        outcome: outcome(node.outcome),
        is_failure: node.is_failure(),
        error: node.error.clone().map(Into::into),
        plan: node.plan.clone().map(Into::into),
    }
}

fn outcome(outcome: Outcome) -> O {
    match outcome {
        Outcome::Unchanged => O::REGCONF_OUTCOME_UNCHANGED,
        Outcome::Changed => O::REGCONF_OUTCOME_CHANGED,
        Outcome::Pending => O::REGCONF_OUTCOME_PENDING,
        Outcome::Unverified => O::REGCONF_OUTCOME_UNVERIFIED,
        Outcome::Failed => O::REGCONF_OUTCOME_FAILED,
        Outcome::Unreachable => O::REGCONF_OUTCOME_UNREACHABLE,
        Outcome::RolledBack => O::REGCONF_OUTCOME_ROLLED_BACK,
        Outcome::NotTried => O::REGCONF_OUTCOME_NOT_TRIED,
        _ => O::REGCONF_OUTCOME_UNKNOWN,
    }
}

/// The name of an outcome as in JSON, such as `rolled_back`; `unknown` for a number that is none.
///
/// @param outcome  any number
/// @return  a text that is never freed
#[unsafe(no_mangle)]
pub extern "C" fn regconf_outcome_name(outcome: c_int) -> *const c_char {
    let names = [
        (O::REGCONF_OUTCOME_UNCHANGED, c"unchanged"),
        (O::REGCONF_OUTCOME_CHANGED, c"changed"),
        (O::REGCONF_OUTCOME_PENDING, c"pending"),
        (O::REGCONF_OUTCOME_UNVERIFIED, c"unverified"),
        (O::REGCONF_OUTCOME_FAILED, c"failed"),
        (O::REGCONF_OUTCOME_UNREACHABLE, c"unreachable"),
        (O::REGCONF_OUTCOME_ROLLED_BACK, c"rolled_back"),
        (O::REGCONF_OUTCOME_NOT_TRIED, c"not_tried"),
    ];
    names.iter().find(|(known, _)| *known as c_int == outcome).map_or(c"unknown", |(_, name)| name).as_ptr()
}

/// Whether all went well: `REGCONF_OK` if no node failed, none was left out and at least one is as wanted; otherwise the
/// kind of the first failure, with an error that counts and names.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_report_check(
    report: *const regconf_report,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles.
    guard(error, || unsafe { given(report, "report")?.report.check() })
}

/// How many nodes there are.
///
/// @return  0 if `report` is NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_report_count(report: *const regconf_report) -> usize {
    // SAFETY: as the header says of handles.
    unsafe { handle(report) }.map_or(0, |report| report.nodes.len())
}

/// How many nodes did not end well.
///
/// @return  0 if `report` is NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_report_failed(report: *const regconf_report) -> usize {
    // SAFETY: as the header says of handles.
    unsafe { handle(report) }.map_or(0, |report| report.nodes.iter().filter(|node| node.is_failure).count())
}

/// A node's name.
///
/// @param index  counted from 0
/// @return  borrowed from `report`; NULL if there is no such node
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_report_node(report: *const regconf_report, index: usize) -> *const c_char {
    // SAFETY: as the header says of handles.
    unsafe { shown(report, |report| report.nodes.get(index).map(|node| &node.name)) }
}

/// How a node ended.
///
/// @param index  counted from 0
/// @return  `REGCONF_OUTCOME_UNKNOWN` if there is no such node
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_report_outcome(report: *const regconf_report, index: usize) -> regconf_outcome {
    // SAFETY: as the header says of handles.
    unsafe { node(report, index) }.map_or(O::REGCONF_OUTCOME_UNKNOWN, |node| node.outcome)
}

/// Why a node did not end well.
///
/// @param index  counted from 0
/// @return  borrowed from `report`; NULL if it ended well or there is no such node
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_report_error(report: *const regconf_report, index: usize) -> *const regconf_error {
    // SAFETY: as the header says of handles.
    unsafe { node(report, index) }.and_then(|node| node.error.as_ref()).map_or(null(), |error| error)
}

/// What was to be done on a node.
///
/// @param index  counted from 0
/// @return  borrowed from `report`; NULL if it did not come to a plan or there is no such node
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_report_plan(report: *const regconf_report, index: usize) -> *const regconf_plan {
    // SAFETY: as the header says of handles.
    unsafe { node(report, index) }.and_then(|node| node.plan.as_ref()).map_or(null(), |plan| plan)
}

/// Why some nodes were not begun.
///
/// @return  borrowed from `report`; NULL if all were
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_report_stopped(report: *const regconf_report) -> *const regconf_error {
    // SAFETY: as the header says of handles.
    unsafe { handle(report) }.and_then(|report| report.stopped.as_ref()).map_or(null(), |error| error)
}

/// The report as a JSON object, as `schema/report.schema.json` describes it. Without secrets.
///
/// @param out  gets a text to be freed by `regconf_string_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_report_to_json(
    report: *const regconf_report,
    out: *mut *mut c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and results.
    guard(error, || unsafe { give_text(out, &given(report, "report")?.report.to_json().to_string()) })
}

/// The report for people: nodes with the same end stand together, each with what changed or why it failed.
///
/// @param out  gets a text to be freed by `regconf_string_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_report_text(
    report: *const regconf_report,
    out: *mut *mut c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and results.
    guard(error, || unsafe { give_text(out, &given(report, "report")?.report.groups().to_string()) })
}

/// Frees a report, and with it what is borrowed from it; NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_report_free(report: *mut regconf_report) {
    // SAFETY: as the header says of handles.
    unsafe { drop_handle(report) }
}

/// # Safety
/// NULL, or a report that lives.
unsafe fn node<'a>(report: *const regconf_report, index: usize) -> Option<&'a Entry> {
    // SAFETY: as the caller promises.
    unsafe { handle(report) }.and_then(|report| report.nodes.get(index))
}
