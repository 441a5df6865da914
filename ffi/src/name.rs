//! Versions, names of hosts and images, and advice.

use std::ffi::{CStr, c_char};

use regconf::{Error, ErrorKind, ImageReference, RegistryHost};
use serde_json::json;

use crate::error::regconf_error;
use crate::guard::guard;
use crate::pointer::{give_text, string, text};
use crate::status::regconf_status;

/// The version of this header: the first of three numbers.
pub const REGCONF_VERSION_MAJOR: u32 = 0;
/// The version of this header: the second of three numbers.
pub const REGCONF_VERSION_MINOR: u32 = 1;
/// The version of this header: the third of three numbers.
pub const REGCONF_VERSION_PATCH: u32 = 0;

/// Counts what this header has: goes up with each function that is added.
pub const REGCONF_ABI_VERSION: u32 = 2;

const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(version) => version,
    Err(_) => c"",
};

/// The version of the library, such as `0.1.0`.
///
/// @return  a text that is never freed
#[unsafe(no_mangle)]
pub extern "C" fn regconf_version() -> *const c_char {
    VERSION.as_ptr()
}

/// The `REGCONF_ABI_VERSION` that the library was built with. A program that was built with a higher one may miss
/// functions.
#[unsafe(no_mangle)]
pub extern "C" fn regconf_abi_version() -> u32 {
    REGCONF_ABI_VERSION
}

/// Checks a registry host, such as `my-registry.com:5000`, and gives it as the library writes it.
///
/// @param host  what stands before the first `/` of an image reference
/// @param out   gets a text to be freed by `regconf_string_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_registry_host_parse(
    host: *const c_char,
    out: *mut *mut c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of texts and results.
    guard(error, || unsafe {
        let host: RegistryHost = string(host, "host")?.parse()?;
        give_text(out, &host.to_string())
    })
}

/// Takes an image reference apart.
///
/// @param image  such as `my-registry.com/team/app:v1`
/// @param out    gets a JSON object with `host`, `repository`, `tag` and `digest`, to be freed by `regconf_string_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_image_parse(
    image: *const c_char,
    out: *mut *mut c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of texts and results.
    guard(error, || unsafe {
        let image: ImageReference = string(image, "image")?.parse()?;
        let parts = json!({
            "host": image.host(),
            "repository": image.repository(),
            "tag": image.tag(),
            "digest": image.digest(),
        });
        give_text(out, &parts.to_string())
    })
}

/// What an error of containerd, docker or a registry means, and what to do.
///
/// @param said    what a pull, a start or a log gave
/// @param length  its length in bytes
/// @param out     gets a JSON object with `cause` and `remedy`, to be freed by `regconf_string_free`
/// @return  `REGCONF_UNSUPPORTED` if the error is none that is known
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_advice(
    said: *const c_char,
    length: usize,
    out: *mut *mut c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of texts and results.
    guard(error, || unsafe {
        let known = regconf::advice(text(said, length, "said")?);
        let known = known.ok_or_else(|| Error::new(ErrorKind::Unsupported, "is no error that is known"))?;
        give_text(out, &json!({ "cause": known.cause, "remedy": known.remedy }).to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_has_the_version_of_the_library() {
        let numbers = [REGCONF_VERSION_MAJOR, REGCONF_VERSION_MINOR, REGCONF_VERSION_PATCH];
        assert_eq!(numbers.map(|number| number.to_string()).join("."), env!("CARGO_PKG_VERSION"));
        assert_eq!(VERSION.to_str(), Ok(env!("CARGO_PKG_VERSION")));
    }
}
