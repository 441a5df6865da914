//! What is wanted.

use std::ffi::{c_char, c_int};

use regconf::{Registry, Removal, Result, Settings};

use crate::error::regconf_error;
use crate::guard::guard;
use crate::pointer::{drop_handle, give_result, give_text, given, given_mut, text};
use crate::status::regconf_status;

/// What is wanted: registries to ensure and registries to remove. Freed by `regconf_settings_free`.
pub struct regconf_settings(pub(crate) Settings);

/// Settings that want nothing.
#[unsafe(no_mangle)]
pub extern "C" fn regconf_settings_new() -> *mut regconf_settings {
    Box::into_raw(Box::new(regconf_settings(Settings::default())))
}

/// Reads settings from JSON: `{"ensure": [registry, …], "remove": [host, …]}`. Unknown keys and contradictions are errors.
///
/// @param json    the text
/// @param length  its length in bytes
/// @param out     gets the settings, to be freed by `regconf_settings_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_settings_parse(
    json: *const c_char,
    length: usize,
    out: *mut *mut regconf_settings,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of texts and results.
    guard(error, || unsafe {
        let json = text(json, length, "json")?;
        give_result(out, || Settings::from_json(json).map(regconf_settings))
    })
}

/// Adds a registry that shall be set up. If it cannot be added, the settings are as before.
///
/// @param registry  an entry of `ensure` in JSON: `{"host": "my-registry.com", "endpoints": [{"url": "http://10.0.0.5:5000"}]}`
/// @param length    its length in bytes
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_settings_ensure(
    settings: *mut regconf_settings,
    registry: *const c_char,
    length: usize,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and texts.
    guard(error, || unsafe {
        let registry = Registry::from_json(text(registry, length, "registry")?)?;
        change(settings, |settings| settings.ensure(registry))
    })
}

/// Adds a registry that shall be taken out. If it cannot be added, the settings are as before.
///
/// @param removal  an entry of `remove` in JSON: `"old.lan:5000"` with its quotes, or an object with `host`, and
///                 `endpoints`, `engines` or both
/// @param length   its length in bytes
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_settings_remove(
    settings: *mut regconf_settings,
    removal: *const c_char,
    length: usize,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and texts.
    guard(error, || unsafe {
        let removal = Removal::from_json(text(removal, length, "removal")?)?;
        change(settings, |settings| settings.remove(removal))
    })
}

/// Has `mirrors` and `configs.*.tls` of an existing config.toml moved to hosts.toml files. Stays on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_settings_migrate(
    settings: *mut regconf_settings,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles.
    guard(error, || unsafe { change(settings, |settings| Ok(settings.migrate())) })
}

/// Has containerd's CRI plugin taken out of `disabled_plugins`. Stays on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_settings_enable_cri(
    settings: *mut regconf_settings,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles.
    guard(error, || unsafe { change(settings, |settings| Ok(settings.enable_cri())) })
}

/// Settings with others laid over them: what the others say of a host takes the place of what these say of it.
///
/// @param out  gets the settings, to be freed by `regconf_settings_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_settings_overlay(
    settings: *const regconf_settings,
    over: *const regconf_settings,
    out: *mut *mut regconf_settings,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and results.
    guard(error, || unsafe {
        let (settings, over) = (given(settings, "settings")?, given(over, "over")?);
        give_result(out, || Ok(regconf_settings(settings.0.overlaid(&over.0))))
    })
}

/// Whether both want the same, with the hosts in the same order.
///
/// @return  1 or 0; 0 if one of them is NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_settings_equal(a: *const regconf_settings, b: *const regconf_settings) -> c_int {
    // SAFETY: as the header says of handles.
    let both = unsafe { (a.as_ref(), b.as_ref()) };
    c_int::from(matches!(both, (Some(a), Some(b)) if a.0 == b.0))
}

/// The JSON that `regconf_settings_parse` reads as the same settings. **Secrets are in it**: keys of client
/// certificates and values of headers.
///
/// @param out  gets a text to be freed by `regconf_string_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_settings_to_json(
    settings: *const regconf_settings,
    out: *mut *mut c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and results.
    guard(error, || unsafe { give_text(out, &given(settings, "settings")?.0.to_json().to_string()) })
}

/// A digest of what is wanted, as `sha256:…`, the same in whatever order the hosts are named.
///
/// @param out  gets a text to be freed by `regconf_string_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_settings_fingerprint(
    settings: *const regconf_settings,
    out: *mut *mut c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and results.
    guard(error, || unsafe { give_text(out, &given(settings, "settings")?.0.fingerprint()) })
}

/// Frees settings; NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_settings_free(settings: *mut regconf_settings) {
    // SAFETY: as the header says of handles.
    unsafe { drop_handle(settings) }
}

/// # Safety
/// NULL, or settings that live and that nobody else uses meanwhile.
unsafe fn change(settings: *mut regconf_settings, with: impl FnOnce(Settings) -> Result<Settings>) -> Result<()> {
    // SAFETY: as the caller promises.
    let settings = unsafe { given_mut(settings, "settings") }?;
    settings.0 = with(settings.0.clone())?;
    Ok(())
}
