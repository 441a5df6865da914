//! The one door between C and the library: nothing unwinds through it, and every argument is looked at.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use regconf::{Error, ErrorKind, Result};

use crate::error::regconf_error;
use crate::pointer::{self, handle};
use crate::status::regconf_status;

/// Runs a body; what goes wrong becomes a status and, where C wants to know more, an error.
pub(crate) fn guard(error: *mut *mut regconf_error, body: impl FnOnce() -> Result<()>) -> regconf_status {
    let done = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| Err(fault(&*panic)));
    let Err(why) = done else { return regconf_status::REGCONF_OK };
    let status = why.kind().into();
    // SAFETY: C gives NULL or a place for one pointer.
    unsafe { pointer::give(error, why.into()) };
    status
}

/// Runs a body that cannot fail but by a fault of the library, which then gives `otherwise`.
pub(crate) fn contain<T>(otherwise: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(otherwise)
}

fn fault(panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Error::new(ErrorKind::Internal, format!("a fault of this library: {}", text.unwrap_or("it does not say which")))
}

/// A handle that must be there.
///
/// # Safety
/// NULL, or a handle of this type that lives.
pub(crate) unsafe fn given<'a, T>(pointer: *const T, what: &str) -> Result<&'a T> {
    // SAFETY: as the caller promises.
    unsafe { handle(pointer) }.ok_or_else(|| is_null(what))
}

/// A handle that must be there and is changed.
///
/// # Safety
/// NULL, or a handle of this type that lives and that nobody else uses meanwhile.
pub(crate) unsafe fn given_mut<'a, T>(pointer: *mut T, what: &str) -> Result<&'a mut T> {
    // SAFETY: as the caller promises.
    unsafe { pointer.as_mut() }.ok_or_else(|| is_null(what))
}

pub(crate) fn is_null(what: &str) -> Error {
    Error::new(ErrorKind::InvalidArgument, "is NULL").with_key(what)
}

/// Panics, to show what becomes of a panic. Not in a library that is installed.
#[cfg(feature = "test-panic")]
#[unsafe(no_mangle)]
pub extern "C" fn regconf_test_panic(error: *mut *mut regconf_error) -> regconf_status {
    #[allow(clippy::panic, reason = "that is what it is for")]
    guard(error, || panic!("on purpose"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr::null_mut;

    #[test]
    fn a_panic_is_an_error() {
        let mut error = null_mut();
        let status = guard(&raw mut error, || panic!("on {}", "purpose"));
        assert_eq!(status, regconf_status::REGCONF_INTERNAL);
        // SAFETY: the error was just made.
        let text = unsafe { std::ffi::CStr::from_ptr(crate::error::regconf_error_text(error)) };
        assert_eq!(text, c"a fault of this library: on purpose");
        // SAFETY: the same.
        unsafe { crate::error::regconf_error_free(error) };
        assert_eq!(guard(null_mut(), || panic!("on purpose")), regconf_status::REGCONF_INTERNAL);
        assert_eq!(contain(7, || panic!("on purpose")), 7);
    }
}
