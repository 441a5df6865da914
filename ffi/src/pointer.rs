//! What C gives and gets: handles, texts and bytes.

use std::ffi::{CStr, CString, c_char};
use std::ptr::null;

use regconf::{Error, ErrorKind, Result};

use crate::panic::contain;
use crate::text::c_string;

/// A handle that may be NULL.
///
/// # Safety
/// NULL, or a handle of this type that lives.
pub(crate) unsafe fn handle<'a, T>(pointer: *const T) -> Option<&'a T> {
    // SAFETY: as the caller promises.
    unsafe { pointer.as_ref() }
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

/// A text that is kept in a handle; NULL if there is none.
///
/// # Safety
/// NULL, or a handle of this type that lives.
pub(crate) unsafe fn shown<T>(pointer: *const T, text: impl FnOnce(&T) -> Option<&CString>) -> *const c_char {
    // SAFETY: as the caller promises.
    let known = unsafe { handle(pointer) };
    contain(null(), || known.and_then(text).map_or(null(), |text| text.as_ptr()))
}

/// Puts a new handle where C wants it, or drops it if C does not.
///
/// # Safety
/// NULL, or a place for one pointer.
pub(crate) unsafe fn give<T>(out: *mut *mut T, value: T) {
    if !out.is_null() {
        // SAFETY: as the caller promises.
        unsafe { out.write(Box::into_raw(Box::new(value))) };
    }
}

/// Puts the result of a call where C wants it.
///
/// # Safety
/// NULL, or a place for one pointer.
pub(crate) unsafe fn give_result<T>(out: *mut *mut T, value: impl FnOnce() -> Result<T>) -> Result<()> {
    if out.is_null() {
        return Err(is_null("out"));
    }
    let value = value()?;
    // SAFETY: as the caller promises.
    unsafe { give(out, value) };
    Ok(())
}

/// Puts a text where C wants it, to be freed by `regconf_string_free`.
///
/// # Safety
/// NULL, or a place for one pointer.
pub(crate) unsafe fn give_text(out: *mut *mut c_char, text: &str) -> Result<()> {
    if out.is_null() {
        return Err(is_null("out"));
    }
    // SAFETY: as the caller promises.
    unsafe { out.write(c_string(text).into_raw()) };
    Ok(())
}

/// Frees a handle.
///
/// # Safety
/// NULL, or a handle of this type that C owns.
pub(crate) unsafe fn drop_handle<T>(pointer: *mut T) {
    if !pointer.is_null() {
        // SAFETY: as the caller promises; it came from `give`.
        contain((), || drop(unsafe { Box::from_raw(pointer) }));
    }
}

/// Bytes of a given length; NULL is fine when there are none.
///
/// # Safety
/// NULL, or at least so many bytes.
pub(crate) unsafe fn bytes<'a>(data: *const c_char, length: usize, what: &str) -> Result<&'a [u8]> {
    if length == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(is_null(what));
    }
    if isize::try_from(length).is_err() {
        let error = Error::new(ErrorKind::InvalidArgument, format!("cannot have {length} bytes"));
        return Err(error.with_key(what));
    }
    // SAFETY: as the caller promises; the length fits.
    Ok(unsafe { std::slice::from_raw_parts(data.cast(), length) })
}

/// A text of a given length, in UTF-8.
///
/// # Safety
/// NULL, or at least so many bytes.
pub(crate) unsafe fn text<'a>(data: *const c_char, length: usize, what: &str) -> Result<&'a str> {
    // SAFETY: as the caller promises.
    utf8(unsafe { bytes(data, length, what) }?, what)
}

/// A text that ends with a NUL byte, in UTF-8.
///
/// # Safety
/// NULL, or a text that ends so.
pub(crate) unsafe fn string<'a>(text: *const c_char, what: &str) -> Result<&'a str> {
    if text.is_null() {
        return Err(is_null(what));
    }
    // SAFETY: as the caller promises.
    utf8(unsafe { CStr::from_ptr(text) }.to_bytes(), what)
}

fn utf8<'a>(bytes: &'a [u8], what: &str) -> Result<&'a str> {
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        Error::new(ErrorKind::InvalidArgument, format!("is not UTF-8 at byte {at}, counted from 0")).with_key(what)
    })
}
