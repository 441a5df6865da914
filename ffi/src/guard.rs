//! The one door between C and the library: nothing unwinds through it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use regconf::{Error, ErrorKind, Result};

use crate::pointer;
use crate::status::regconf_status;

/// Runs a body; what goes wrong becomes a status and, where C wants to know more, an error.
pub(crate) fn guard<E: From<Error>>(error: *mut *mut E, body: impl FnOnce() -> Result<()>) -> regconf_status {
    let done = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| Err(fault(&*panic)));
    let Err(why) = done else { return regconf_status::REGCONF_OK };
    let status = why.kind().into();
    // SAFETY: C gives NULL or a place for one pointer.
    unsafe { pointer::give(error, why.into()) };
    status
}

fn fault(panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Error::new(ErrorKind::Internal, format!("a fault of this library: {}", text.unwrap_or("it does not say which")))
}

/// Panics, to show what becomes of a panic. Not in a library that is installed.
#[cfg(feature = "test-panic")]
#[unsafe(no_mangle)]
pub extern "C" fn regconf_test_panic(error: *mut *mut crate::error::regconf_error) -> regconf_status {
    #[allow(clippy::panic, reason = "that is what it is for")]
    guard(error, || panic!("on purpose"))
}

#[cfg(test)]
mod tests {
    use std::ptr::null_mut;

    use super::*;
    use crate::error::{regconf_error, regconf_error_free, regconf_error_text};

    #[test]
    fn a_panic_is_an_error() {
        let mut error = null_mut();
        let status = guard(&raw mut error, || panic!("on {}", "purpose"));
        assert_eq!(status, regconf_status::REGCONF_INTERNAL);
        // SAFETY: the error was just made.
        let text = unsafe { std::ffi::CStr::from_ptr(regconf_error_text(error)) };
        assert_eq!(text, c"a fault of this library: on purpose");
        // SAFETY: the same.
        unsafe { regconf_error_free(error) };
        assert_eq!(guard(null_mut::<*mut regconf_error>(), || panic!("on purpose")), regconf_status::REGCONF_INTERNAL);
    }
}
