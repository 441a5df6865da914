//! Many nodes: their plans, and carrying them out.

use regconf::{Event, Rollout};

use crate::error::regconf_error;
use crate::guard::guard;
use crate::nodes::regconf_nodes;
use crate::options::regconf_options;
use crate::pointer::{drop_handle, give_result, given, handle};
use crate::report::regconf_report;
use crate::settings::regconf_settings;
use crate::status::regconf_status;

/// The plans of many nodes, not carried out yet. Freed by `regconf_rollout_free`.
pub struct regconf_rollout(Rollout);

/// Finds out what each node needs, and changes nothing. What happened on a node is in the report, not in the status.
///
/// @param options  NULL for all defaults
/// @param out      gets the plans, to be freed by `regconf_rollout_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_survey(
    nodes: *const regconf_nodes,
    settings: *const regconf_settings,
    options: *const regconf_options,
    out: *mut *mut regconf_rollout,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and results.
    guard(error, || unsafe {
        let (nodes, settings) = (given(nodes, "nodes")?, given(settings, "settings")?);
        with_options(options, |options| {
            give_result(out, || {
                let mut observer = |event: Event<'_>| options.tell(event);
                let rollout = regconf::survey(&nodes.nodes, &settings.0, &options.options, &mut observer);
                Ok(regconf_rollout(rollout))
            })
        })
    })
}

/// What each node needs, and why some cannot be planned for.
///
/// @param out  gets the report, to be freed by `regconf_report_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_rollout_report(
    rollout: *const regconf_rollout,
    out: *mut *mut regconf_report,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and results.
    guard(error, || unsafe {
        let rollout = given(rollout, "rollout")?;
        give_result(out, || Ok(rollout.0.report().into()))
    })
}

/// Carries the plans out. A file that has changed since then stops its node with `REGCONF_STALE`. What happened on a node
/// is in the report, not in the status. May be called again.
///
/// @param options  NULL for all defaults
/// @param out      gets the report, to be freed by `regconf_report_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_rollout_apply(
    rollout: *const regconf_rollout,
    options: *const regconf_options,
    out: *mut *mut regconf_report,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and results.
    guard(error, || unsafe {
        let rollout = given(rollout, "rollout")?;
        with_options(options, |options| {
            give_result(out, || Ok(rollout.0.apply(&options.options, &mut |event| options.tell(event)).into()))
        })
    })
}

/// Makes each node as the settings say, in one connection each. What happened on a node is in the report, not in the
/// status: see `regconf_report_check`.
///
/// @param options  NULL for all defaults
/// @param out      gets the report, to be freed by `regconf_report_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_push(
    nodes: *const regconf_nodes,
    settings: *const regconf_settings,
    options: *const regconf_options,
    out: *mut *mut regconf_report,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and results.
    guard(error, || unsafe {
        let (nodes, settings) = (given(nodes, "nodes")?, given(settings, "settings")?);
        with_options(options, |options| {
            give_result(out, || {
                let mut observer = |event: Event<'_>| options.tell(event);
                Ok(regconf::push(&nodes.nodes, &settings.0, &options.options, &mut observer).into())
            })
        })
    })
}

/// Frees plans; NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_rollout_free(rollout: *mut regconf_rollout) {
    // SAFETY: as the header says of handles.
    unsafe { drop_handle(rollout) }
}

/// # Safety
/// NULL, or options that live.
unsafe fn with_options<T>(options: *const regconf_options, body: impl FnOnce(&regconf_options) -> T) -> T {
    // SAFETY: as the caller promises.
    match unsafe { handle(options) } {
        Some(options) => body(options),
        None => body(&regconf_options::default()),
    }
}
