//! The exact change.

use std::ffi::{CString, c_char, c_int};
use std::ptr::null;
use std::sync::Arc;

use regconf::{FileChange, ImageReference, Plan};

use crate::error::regconf_error;
use crate::facts::regconf_facts;
use crate::guard::guard;
use crate::panic::contain;
use crate::pointer::{drop_handle, give_result, give_text, given, handle, shown, string};
use crate::settings::regconf_settings;
use crate::status::regconf_status;
use crate::text::c_string;

/// What is to be done on one node: exact bytes, and what must be activated. Freed by `regconf_plan_free`, unless it is
/// borrowed from a report.
pub struct regconf_plan {
    plan: Arc<Plan>,
    paths: Vec<CString>,
}

impl From<Plan> for regconf_plan {
    fn from(plan: Plan) -> Self {
        Arc::new(plan).into()
    }
}

impl From<Arc<Plan>> for regconf_plan {
    fn from(plan: Arc<Plan>) -> Self {
        Self { paths: plan.changes.iter().map(|change| c_string(&change.path)).collect(), plan }
    }
}

impl regconf_plan {
    fn change(&self, index: usize) -> Option<&FileChange> {
        self.plan.changes.get(index)
    }
}

/// What is to be done so that a node with these facts is as the settings say. Reads and writes nothing.
///
/// @param out  gets the plan, to be freed by `regconf_plan_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_plan_make(
    settings: *const regconf_settings,
    facts: *const regconf_facts,
    out: *mut *mut regconf_plan,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and results.
    guard(error, || unsafe {
        let (settings, facts) = (given(settings, "settings")?, given(facts, "facts")?);
        give_result(out, || regconf::plan(&settings.0, &facts.0).map(Into::into))
    })
}

/// Whether nothing is to be done: no file to write and no engine to activate.
///
/// @return  1 or 0; 1 if `plan` is NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_plan_is_empty(plan: *const regconf_plan) -> c_int {
    // SAFETY: as the header says of handles.
    unsafe { handle(plan) }.is_none_or(|plan| plan.plan.is_empty()).into()
}

/// The changes as a unified diff, without secrets; empty if no file changes.
///
/// @param out  gets a text to be freed by `regconf_string_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_plan_diff(
    plan: *const regconf_plan,
    out: *mut *mut c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and results.
    guard(error, || unsafe { give_text(out, &given(plan, "plan")?.plan.diff()) })
}

/// The plan as a JSON object: `changes` with their diffs, `activations` and `notes`. Without secrets.
///
/// @param out  gets a text to be freed by `regconf_string_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_plan_to_json(
    plan: *const regconf_plan,
    out: *mut *mut c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and results.
    guard(error, || unsafe { give_text(out, &given(plan, "plan")?.plan.to_json().to_string()) })
}

/// How many files change.
///
/// @return  0 if `plan` is NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_plan_change_count(plan: *const regconf_plan) -> usize {
    // SAFETY: as the header says of handles.
    unsafe { handle(plan) }.map_or(0, |plan| plan.plan.changes.len())
}

/// The path of a file that changes. Files are in the order in which they are to be written.
///
/// @param index  counted from 0
/// @return  borrowed from `plan`; NULL if there is no such change
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_plan_change_path(plan: *const regconf_plan, index: usize) -> *const c_char {
    // SAFETY: as the header says of handles.
    unsafe { shown(plan, |plan| plan.paths.get(index)) }
}

/// The bytes of the file before. **They may hold secrets of the file.**
///
/// @param index   counted from 0
/// @param length  gets how many bytes there are; may be NULL
/// @return  borrowed from `plan`, not ended by a NUL byte; NULL if the file is new or there is no such change
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_plan_change_before(
    plan: *const regconf_plan,
    index: usize,
    length: *mut usize,
) -> *const c_char {
    // SAFETY: as the header says of handles and results.
    unsafe { content(plan, index, length, |change| change.before.as_deref()) }
}

/// The bytes of the file after. **They may hold secrets of the file.**
///
/// @param index   counted from 0
/// @param length  gets how many bytes there are; may be NULL
/// @return  borrowed from `plan`, not ended by a NUL byte; NULL if the file goes or there is no such change
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_plan_change_after(
    plan: *const regconf_plan,
    index: usize,
    length: *mut usize,
) -> *const c_char {
    // SAFETY: as the header says of handles and results.
    unsafe { content(plan, index, length, |change| change.after.as_deref()) }
}

/// The permission bits of the file if it is new, such as 0644. A file that is there keeps its own.
///
/// @param index  counted from 0
/// @return  0 if there is no such change
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_plan_change_mode(plan: *const regconf_plan, index: usize) -> u32 {
    // SAFETY: as the header says of handles.
    unsafe { handle(plan) }.and_then(|plan| plan.change(index)).map_or(0, |change| change.mode)
}

/// Which file, which hosts in order and which trust each engine uses for an image, before the plan and after it.
///
/// @param facts  those that the plan was made from; with others, `REGCONF_STALE`
/// @param image  such as `my-registry.com/team/app:v1`
/// @param out    gets a JSON object, to be freed by `regconf_string_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_plan_explain(
    plan: *const regconf_plan,
    facts: *const regconf_facts,
    image: *const c_char,
    out: *mut *mut c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles, texts and results.
    guard(error, || unsafe {
        let explanation = explanation(plan, facts, image)?;
        let json = serde_json::to_string(&explanation)
            .map_err(|e| regconf::Error::new(regconf::ErrorKind::Internal, e.to_string()))?;
        give_text(out, &json)
    })
}

/// The same for people, one line for each engine, as it is after the plan.
///
/// @param facts  those that the plan was made from; with others, `REGCONF_STALE`
/// @param image  such as `my-registry.com/team/app:v1`
/// @param out    gets a text to be freed by `regconf_string_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_plan_explain_text(
    plan: *const regconf_plan,
    facts: *const regconf_facts,
    image: *const c_char,
    out: *mut *mut c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles, texts and results.
    guard(error, || unsafe { give_text(out, &explanation(plan, facts, image)?.to_string()) })
}

/// Frees a plan; NULL is fine. Not one that is borrowed from a report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_plan_free(plan: *mut regconf_plan) {
    // SAFETY: as the header says of handles.
    unsafe { drop_handle(plan) }
}

/// # Safety
/// As the header says of handles and texts.
unsafe fn explanation(
    plan: *const regconf_plan,
    facts: *const regconf_facts,
    image: *const c_char,
) -> regconf::Result<regconf::Explanation> {
    // SAFETY: as the caller promises.
    unsafe {
        let image: ImageReference = string(image, "image")?.parse()?;
        given(plan, "plan")?.plan.explain(&image, &given(facts, "facts")?.0)
    }
}

/// # Safety
/// As the header says of handles; `length` is NULL or a place for a number.
unsafe fn content(
    plan: *const regconf_plan,
    index: usize,
    length: *mut usize,
    part: impl FnOnce(&FileChange) -> Option<&[u8]>,
) -> *const c_char {
    // SAFETY: as the caller promises.
    let known = unsafe { handle(plan) };
    let bytes = contain(None, || known.and_then(|plan| plan.change(index)).and_then(part));
    if !length.is_null() {
        // SAFETY: as the caller promises.
        unsafe { length.write(bytes.map_or(0, <[u8]>::len)) };
    }
    bytes.map_or(null(), |bytes| bytes.as_ptr().cast())
}
