//! How a fleet is worked on.

use std::ffi::{c_char, c_int, c_void};
use std::ops::ControlFlow;
use std::time::Duration;

use regconf::{Event, Options};

use crate::cancel::regconf_cancel;
use crate::error::regconf_error;
use crate::event::regconf_event;
use crate::guard::guard;
use crate::pointer::{drop_handle, given, given_mut, string};
use crate::status::regconf_status;

/// How a fleet is worked on. Freed by `regconf_options_free`. What is not set has the default that stands with its
/// setter; NULL in place of options means all defaults.
#[derive(Default)]
pub struct regconf_options {
    pub(crate) options: Options,
    observer: Option<Hearing>,
}

/// Hears events, on the thread that made the call, one at a time, and at least every 100 ms. What it returns other than
/// 0 cancels: nodes in the middle of a change finish or go back, no other is begun. It must return: neither an exception
/// nor a `longjmp` may leave it.
///
/// @param user   what was given with the observer
/// @param event  borrowed until the observer returns
pub type regconf_observer = Option<unsafe extern "C" fn(user: *mut c_void, event: *const regconf_event) -> c_int>;

struct Hearing {
    observer: unsafe extern "C" fn(*mut c_void, *const regconf_event) -> c_int,
    user: *mut c_void,
}

impl regconf_options {
    /// Tells C of an event.
    pub(crate) fn tell(&self, event: Event<'_>) -> ControlFlow<()> {
        let Some(hearing) = &self.observer else { return ControlFlow::Continue(()) };
        let event = regconf_event::new(event);
        // SAFETY: C has given both, to be used like this.
        match unsafe { (hearing.observer)(hearing.user, &raw const event) } {
            0 => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        }
    }
}

/// Options with all defaults.
#[unsafe(no_mangle)]
pub extern "C" fn regconf_options_new() -> *mut regconf_options {
    Box::into_raw(Box::default())
}

/// How many nodes are worked on at once. Default 0: as many as there are, at most 256.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_options_set_parallel(
    options: *mut regconf_options,
    nodes: usize,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles.
    unsafe { set(options, error, |options| options.parallel = nodes) }
}

/// How many nodes at once may restart an engine. Default 0: as many as are worked on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_options_set_parallel_apply(
    options: *mut regconf_options,
    nodes: usize,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles.
    unsafe { set(options, error, |options| options.parallel_apply = nodes) }
}

/// How many nodes are changed first; if one of them fails, no other is begun. Default 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_options_set_canary(
    options: *mut regconf_options,
    nodes: usize,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles.
    unsafe { set(options, error, |options| options.canary = nodes) }
}

/// How many nodes are a batch.
///
/// @param size  `all`, the default; a number such as `10`; or a part such as `25%`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_options_set_batch(
    options: *mut regconf_options,
    size: *const c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and texts.
    guard(error, || unsafe {
        let size = string(size, "size")?.parse()?;
        given_mut(options, "options")?.options.batch = size;
        Ok(())
    })
}

/// How many nodes of the control plane, which come last, are a batch. Default 1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_options_set_control_plane_batch(
    options: *mut regconf_options,
    nodes: usize,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles.
    unsafe { set(options, error, |options| options.control_plane_batch = nodes) }
}

/// How long to wait between two batches, in milliseconds. Default 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_options_set_pause(
    options: *mut regconf_options,
    milliseconds: u64,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles.
    unsafe { set(options, error, |options| options.pause = Duration::from_millis(milliseconds)) }
}

/// How many nodes may fail; with one more, no other is begun.
///
/// @param limit  a number such as `3`, a part such as `10%`, or NULL, the default, for any number
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_options_set_max_failures(
    options: *mut regconf_options,
    limit: *const c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and texts.
    guard(error, || unsafe {
        let limit = if limit.is_null() { None } else { Some(string(limit, "limit")?.parse()?) };
        given_mut(options, "options")?.options.max_failures = limit;
        Ok(())
    })
}

/// What it means that a node cannot be reached.
///
/// @param policy  `fail`, the default; `skip`; `retry`, which tries again after all others; or `retry:ROUNDS:SECONDS`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_options_set_unreachable(
    options: *mut regconf_options,
    policy: *const c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and texts.
    guard(error, || unsafe {
        let policy = string(policy, "policy")?.parse()?;
        given_mut(options, "options")?.options.unreachable = policy;
        Ok(())
    })
}

/// Records how each node ended, so that a later call does only what is left.
///
/// @param path  a file, which is made if it is not there; NULL, the default, for none
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_options_set_journal(
    options: *mut regconf_options,
    path: *const c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and texts.
    guard(error, || unsafe {
        let path = if path.is_null() { None } else { Some(string(path, "path")?.into()) };
        given_mut(options, "options")?.options.journal = path;
        Ok(())
    })
}

/// How long connecting and logging in to one node may take, in milliseconds. Default 15,000.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_options_set_connect_timeout(
    options: *mut regconf_options,
    milliseconds: u64,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles.
    unsafe { set(options, error, |options| options.connect_timeout = Duration::from_millis(milliseconds)) }
}

/// How long one node may take until its change begins, in milliseconds. Default 120,000.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_options_set_deadline(
    options: *mut regconf_options,
    milliseconds: u64,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles.
    unsafe { set(options, error, |options| options.deadline = Duration::from_millis(milliseconds)) }
}

/// Listens to the caller's word to stop. Default: to none but what the observer returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_options_set_cancel(
    options: *mut regconf_options,
    cancel: *const regconf_cancel,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles.
    guard(error, || unsafe {
        let cancel = given(cancel, "cancel")?.0.clone();
        given_mut(options, "options")?.options.cancel = cancel;
        Ok(())
    })
}

/// Only finds out what there is to do.
///
/// @param on  0, the default, or any other number
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_options_set_dry_run(
    options: *mut regconf_options,
    on: c_int,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles.
    unsafe { set(options, error, |options| options.dry_run = on != 0) }
}

/// Adds an image that each node pulls once it is set up.
///
/// @param image  such as `my-registry.com/team/app:v1`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_options_add_verify_pull(
    options: *mut regconf_options,
    image: *const c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and texts.
    guard(error, || unsafe {
        let image = string(image, "image")?.parse()?;
        given_mut(options, "options")?.options.verify_pull.push(image);
        Ok(())
    })
}

/// Has each node ask every endpoint at `/v2/` what answers there.
///
/// @param on  0, the default, or any other number
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_options_set_probe(
    options: *mut regconf_options,
    on: c_int,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles.
    unsafe { set(options, error, |options| options.probe = on != 0) }
}

/// Says which version an engine has where it is found but cannot be asked, as in a folder that holds a system.
///
/// @param engine   `containerd` or `docker`
/// @param version  such as `1.7.24`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_options_assume_version(
    options: *mut regconf_options,
    engine: *const c_char,
    version: *const c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and texts.
    guard(error, || unsafe {
        let assumed = (string(engine, "engine")?.to_owned(), string(version, "version")?.to_owned());
        given_mut(options, "options")?.options.assume.push(assumed);
        Ok(())
    })
}

/// Sets who hears events.
///
/// @param observer  NULL, the default, for nobody
/// @param user      handed on as it is; it must live as long as calls with these options run
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_options_set_observer(
    options: *mut regconf_options,
    observer: regconf_observer,
    user: *mut c_void,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles.
    guard(error, || unsafe {
        given_mut(options, "options")?.observer = observer.map(|observer| Hearing { observer, user });
        Ok(())
    })
}

/// Frees options; NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_options_free(options: *mut regconf_options) {
    // SAFETY: as the header says of handles.
    unsafe { drop_handle(options) }
}

/// # Safety
/// NULL, or options that live and that nobody else uses meanwhile.
unsafe fn set(
    options: *mut regconf_options,
    error: *mut *mut regconf_error,
    with: impl FnOnce(&mut Options),
) -> regconf_status {
    // SAFETY: as the caller promises.
    guard(error, || unsafe {
        with(&mut given_mut(options, "options")?.options);
        Ok(())
    })
}
