//! Texts that C owns.

use std::ffi::{CString, c_char};

use crate::panic::contain;

/// A text for C: a NUL byte inside it, at which C would stop reading, is shown as U+FFFD.
pub(crate) fn c_string(text: &str) -> CString {
    CString::new(text.replace('\0', "\u{FFFD}")).unwrap_or_default()
}

/// Frees a text that a function gave through `char **`; NULL is fine. Not one that is borrowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_string_free(text: *mut c_char) {
    if !text.is_null() {
        // SAFETY: it came from `CString::into_raw`, as the header demands.
        contain((), || drop(unsafe { CString::from_raw(text) }));
    }
}
