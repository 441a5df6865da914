//! What went wrong.

use std::ffi::{CString, c_char};

use regconf::Error;

use crate::guard::guard;
use crate::pointer::{drop_handle, give_text, given, handle, shown};
use crate::status::regconf_status;
use crate::text::c_string;

/// What went wrong, where, and what to do about it. Holds no secret. Made by the library only; freed by
/// `regconf_error_free`, unless it is borrowed from a report.
pub struct regconf_error {
    error: Error,
    text: CString,
    message: CString,
    path: Option<CString>,
    key: Option<CString>,
    hint: Option<CString>,
}

impl From<Error> for regconf_error {
    fn from(error: Error) -> Self {
        Self {
            text: c_string(&error.to_string()),
            message: c_string(error.message()),
            path: error.path().map(c_string),
            key: error.key().map(c_string),
            hint: error.hint().map(c_string),
            error,
        }
    }
}

/// The kind.
///
/// @return  `REGCONF_OK` if `error` is NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_error_kind(error: *const regconf_error) -> regconf_status {
    // SAFETY: as the header says of handles.
    unsafe { handle(error) }.map_or(regconf_status::REGCONF_OK, |error| error.error.kind().into())
}

/// All of it as one text: `context: file:line: key: message; hint`.
///
/// @return  borrowed from `error`; NULL if that is NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_error_text(error: *const regconf_error) -> *const c_char {
    // SAFETY: as the header says of handles.
    unsafe { shown(error, |error| Some(&error.text)) }
}

/// What was wrong, without place and hint.
///
/// @return  borrowed from `error`; NULL if that is NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_error_message(error: *const regconf_error) -> *const c_char {
    // SAFETY: as the header says of handles.
    unsafe { shown(error, |error| Some(&error.message)) }
}

/// The file.
///
/// @return  borrowed from `error`; NULL if it is about none
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_error_path(error: *const regconf_error) -> *const c_char {
    // SAFETY: as the header says of handles.
    unsafe { shown(error, |error| error.path.as_ref()) }
}

/// The line in that file or text, counted from 1.
///
/// @return  0 if it is about none
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_error_line(error: *const regconf_error) -> usize {
    // SAFETY: as the header says of handles.
    unsafe { handle(error) }.and_then(|error| error.error.line()).unwrap_or(0)
}

/// The key of a setting or of a file, such as `ensure[0].endpoints[1].url`.
///
/// @return  borrowed from `error`; NULL if it is about none
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_error_key(error: *const regconf_error) -> *const c_char {
    // SAFETY: as the header says of handles.
    unsafe { shown(error, |error| error.key.as_ref()) }
}

/// What to do.
///
/// @return  borrowed from `error`; NULL if there is no advice
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_error_hint(error: *const regconf_error) -> *const c_char {
    // SAFETY: as the header says of handles.
    unsafe { shown(error, |error| error.hint.as_ref()) }
}

/// The error as a JSON object, as it stands in reports: `kind`, `message`, `context`, `path`, `line`, `key`, `hint`.
/// Its `message` is all of it, as `regconf_error_text` gives it.
///
/// @param out  gets a text to be freed by `regconf_string_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_error_to_json(
    error: *const regconf_error,
    out: *mut *mut c_char,
    failed: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and results.
    guard(failed, || unsafe {
        let error = given(error, "error")?;
        let json =
            serde_json::to_string(&error.error).map_err(|e| Error::new(regconf::ErrorKind::Internal, e.to_string()))?;
        give_text(out, &json)
    })
}

/// Frees an error; NULL is fine. Not one that is borrowed from a report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_error_free(error: *mut regconf_error) {
    // SAFETY: as the header says of handles.
    unsafe { drop_handle(error) }
}
