//! The caller's word to stop.

use std::ffi::c_int;

use regconf::Cancel;

use crate::pointer::{drop_handle, handle};

/// The caller's word to stop. Freed by `regconf_cancel_free`, also while options or calls still use it.
pub struct regconf_cancel(pub(crate) Cancel);

/// A word not yet said.
#[unsafe(no_mangle)]
pub extern "C" fn regconf_cancel_new() -> *mut regconf_cancel {
    Box::into_raw(Box::new(regconf_cancel(Cancel::new())))
}

/// Says it: nodes in the middle of a change finish or go back, no other is begun. May be called from any thread, while
/// calls run, more than once, and from a signal handler. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_cancel_set(cancel: *const regconf_cancel) {
    // SAFETY: as the header says of handles.
    if let Some(cancel) = unsafe { handle(cancel) } {
        cancel.0.cancel();
    }
}

/// Says it, and waits for nobody: nodes in the middle of a change finish it or go back by themselves, but how that ended is
/// not heard. Their outcome is `REGCONF_OUTCOME_UNKNOWN`, their error `REGCONF_CANCELLED`, and their next push tells. May
/// follow `regconf_cancel_set`, for those who wait a while, and be called where that may.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_cancel_abandon(cancel: *const regconf_cancel) {
    // SAFETY: as the header says of handles.
    if let Some(cancel) = unsafe { handle(cancel) } {
        cancel.0.abandon();
    }
}

/// Whether it was said.
///
/// @return  1 or 0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_cancel_is_set(cancel: *const regconf_cancel) -> c_int {
    // SAFETY: as the header says of handles.
    unsafe { handle(cancel) }.is_some_and(|cancel| cancel.0.is_cancelled()).into()
}

/// Frees a handle; NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_cancel_free(cancel: *mut regconf_cancel) {
    // SAFETY: as the header says of handles.
    unsafe { drop_handle(cancel) }
}
