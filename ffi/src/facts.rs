//! What was read from a node.

use std::ffi::c_char;

use regconf::{Answer, Facts, Query, Result};

use crate::error::regconf_error;
use crate::guard::guard;
use crate::pointer::{bytes, drop_handle, given_mut, string, text};
use crate::status::regconf_status;

/// What was read from a node: existing files, and which engines there are. Freed by `regconf_facts_free`.
pub struct regconf_facts(pub(crate) Facts);

/// Facts that know of nothing; what is not added is not there.
#[unsafe(no_mangle)]
pub extern "C" fn regconf_facts_new() -> *mut regconf_facts {
    Box::into_raw(Box::new(regconf_facts(Facts::default())))
}

/// Adds an existing file; it takes the place of one with the same path. An engine is on the node when there is a file
/// below its folder, `/etc/containerd` or `/etc/docker`, or when its version is known.
///
/// @param path    its absolute path on the node
/// @param data    its bytes, of any kind
/// @param length  how many there are
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_facts_add_file(
    facts: *mut regconf_facts,
    path: *const c_char,
    data: *const c_char,
    length: usize,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and texts.
    guard(error, || unsafe {
        let (path, data) = (string(path, "path")?, bytes(data, length, "data")?);
        change(facts, |facts| facts.with_file(path, data))
    })
}

/// Adds a folder, empty but for what else is known to be in it. The folders of files need not be added.
///
/// @param path  its absolute path on the node, without a slash at its end
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_facts_add_folder(
    facts: *mut regconf_facts,
    path: *const c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and texts.
    guard(error, || unsafe {
        let path = string(path, "path")?;
        change(facts, |facts| facts.with_folder(path))
    })
}

/// Adds what the node answers to a question that is not about a file's bytes. Plans of files need it only where the
/// running daemon makes a difference.
///
/// @param query          a JSON object with one key: `dir`, `unit`, `command` (an array of words), `daemon`, `program` or
///                       `modified`
/// @param query_length   its length in bytes
/// @param answer         a JSON object with one key, `text`, `names` (an array) or `unusable`; or `"absent"` with its quotes
/// @param answer_length  its length in bytes
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_facts_add_answer(
    facts: *mut regconf_facts,
    query: *const c_char,
    query_length: usize,
    answer: *const c_char,
    answer_length: usize,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and texts.
    guard(error, || unsafe {
        let query = Query::from_json(text(query, query_length, "query")?)?;
        let answer = Answer::from_json(text(answer, answer_length, "answer")?)?;
        change(facts, |facts| facts.with(query, answer))
    })
}

/// Says which version of an engine runs there, which also says that it is there.
///
/// @param engine   `containerd` or `docker`
/// @param version  such as `1.7.24`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_facts_set_version(
    facts: *mut regconf_facts,
    engine: *const c_char,
    version: *const c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and texts.
    guard(error, || unsafe {
        let (engine, version) = (string(engine, "engine")?, string(version, "version")?);
        change(facts, |facts| facts.with_version(engine, version))
    })
}

/// Says which version an engine has if it is there.
///
/// @param engine   `containerd` or `docker`
/// @param version  such as `1.7.24`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_facts_assume_version(
    facts: *mut regconf_facts,
    engine: *const c_char,
    version: *const c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and texts.
    guard(error, || unsafe {
        let (engine, version) = (string(engine, "engine")?, string(version, "version")?);
        change(facts, |facts| facts.with_assumed_version(engine, version))
    })
}

/// Restricts what is planned to one engine; NULL means every one that is there, as at first.
///
/// @param engine  `containerd`, `docker` or NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_facts_set_engine(
    facts: *mut regconf_facts,
    engine: *const c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and texts.
    guard(error, || unsafe {
        let engine = if engine.is_null() { None } else { Some(string(engine, "engine")?) };
        change(facts, |facts| facts.with_engines(engine))
    })
}

/// Says where an engine's configuration is, if not where it usually is.
///
/// @param engine  `containerd` or `docker`
/// @param path    the absolute path of its config.toml or daemon.json
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_facts_set_config_path(
    facts: *mut regconf_facts,
    engine: *const c_char,
    path: *const c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and texts.
    guard(error, || unsafe {
        let (engine, path) = (string(engine, "engine")?, string(path, "path")?);
        change(facts, |facts| facts.with_config_path(engine, path))
    })
}

/// Frees facts; NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_facts_free(facts: *mut regconf_facts) {
    // SAFETY: as the header says of handles.
    unsafe { drop_handle(facts) }
}

/// # Safety
/// NULL, or facts that live and that nobody else uses meanwhile.
unsafe fn change(facts: *mut regconf_facts, with: impl FnOnce(Facts) -> Facts) -> Result<()> {
    // SAFETY: as the caller promises.
    let facts = unsafe { given_mut(facts, "facts") }?;
    facts.0 = with(std::mem::take(&mut facts.0));
    Ok(())
}
