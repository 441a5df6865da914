//! Inventories and registry settings of other tools.

use std::ffi::{CString, c_char};

use regconf::import::{self, Exported, Imported, Options, Remark};
use regconf::{Result, Settings};
use serde_json::Value;

use crate::error::regconf_error;
use crate::guard::guard;
use crate::nodes::regconf_nodes;
use crate::pointer::{drop_handle, give_result, give_text, given, handle, shown, string, text};
use crate::settings::regconf_settings;
use crate::status::regconf_status;
use crate::text::c_string;

/// What was imported: nodes, settings, and remarks on what was decided or left out. Freed by `regconf_imported_free`.
pub struct regconf_imported {
    imported: Imported,
    format: CString,
    remarks: Vec<CString>,
}

impl From<Imported> for regconf_imported {
    fn from(imported: Imported) -> Self {
        Self {
            format: c_string(imported.format.name()),
            remarks: imported.remarks.iter().map(|remark| c_string(&remark.to_string())).collect(),
            imported,
        }
    }
}

/// Imports a file: an inventory of Kuboard-Spray, kubespray or kubeasz, of RKE or KubeKey, `registries.yaml` of k3s, an
/// OpenSSH client configuration, plain lines, or JSON of this library. What an inventory has beside it, such as
/// `group_vars`, is read too, and the path may be that of its folder.
///
/// @param path     the file or folder
/// @param options  a JSON object, or NULL for none: `format` (such as `kubespray`; guessed if not given), `defaults` (as
///                 `defaults` of a node list: what nodes have that the file leaves open), `variables` (values for
///                 `{{ name }}`), `all_hosts` and `removed` (true or false), `insecure` (`http` or `skip_verify`: what that
///                 means where no protocol is told). Unknown keys are errors.
/// @param length   the length of the options in bytes
/// @param out      gets what was imported, to be freed by `regconf_imported_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_import_load(
    path: *const c_char,
    options: *const c_char,
    length: usize,
    out: *mut *mut regconf_imported,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of texts and results.
    guard(error, || unsafe {
        let path = string(path, "path")?;
        let options = read_options(text(options, length, "options")?)?;
        give_result(out, || import::load(path, &options).map(Into::into))
    })
}

/// Imports a text. What it says of other files is a remark.
///
/// @param source          the text
/// @param source_length   its length in bytes
/// @param options         as for `regconf_import_load`
/// @param options_length  their length in bytes
/// @param out             gets what was imported, to be freed by `regconf_imported_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_import_parse(
    source: *const c_char,
    source_length: usize,
    options: *const c_char,
    options_length: usize,
    out: *mut *mut regconf_imported,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of texts and results.
    guard(error, || unsafe {
        let source = text(source, source_length, "source")?;
        let options = read_options(text(options, options_length, "options")?)?;
        give_result(out, || import::parse(source, &options).map(Into::into))
    })
}

fn read_options(json: &str) -> Result<Options> {
    if json.is_empty() {
        return Ok(Options::default());
    }
    Options::from_json(json).map_err(|error| error.with_key("options"))
}

/// The name of the form that was read, such as `kuboard-spray`.
///
/// @return  borrowed from `imported`; NULL if that is NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_imported_format(imported: *const regconf_imported) -> *const c_char {
    // SAFETY: as the header says of handles.
    unsafe { shown(imported, |imported| Some(&imported.format)) }
}

/// A copy of the nodes; a list without nodes if the form has only registries.
///
/// @param out  gets the list, to be freed by `regconf_nodes_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_imported_nodes(
    imported: *const regconf_imported,
    out: *mut *mut regconf_nodes,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and results.
    guard(error, || unsafe {
        let nodes = &given(imported, "imported")?.imported.nodes;
        give_result(out, || Ok(regconf_nodes::new(nodes.clone(), &[])))
    })
}

/// A copy of what is wanted of every node. What one node has of its own is with the node.
///
/// @param out  gets the settings, to be freed by `regconf_settings_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_imported_settings(
    imported: *const regconf_imported,
    out: *mut *mut regconf_settings,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and results.
    guard(error, || unsafe {
        let settings = &given(imported, "imported")?.imported.settings;
        give_result(out, || Ok(regconf_settings(settings.clone())))
    })
}

/// How many remarks there are.
///
/// @return  0 if `imported` is NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_imported_remark_count(imported: *const regconf_imported) -> usize {
    // SAFETY: as the header says of handles.
    unsafe { handle(imported) }.map_or(0, |imported| imported.remarks.len())
}

/// A remark as one text: `file:line: key: what`. It holds no secret.
///
/// @param index  counted from 0
/// @return  borrowed from `imported`; NULL if there is no such remark
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_imported_remark(imported: *const regconf_imported, index: usize) -> *const c_char {
    // SAFETY: as the header says of handles.
    unsafe { shown(imported, |imported| imported.remarks.get(index)) }
}

/// The remarks as a JSON array of objects with `kind` (`decided`, `ineffective`, `unknown`, `unresolved`, `skipped`),
/// `path`, `line`, `key` and `text`. No secret is in it.
///
/// @param out  gets a text to be freed by `regconf_string_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_imported_remarks(
    imported: *const regconf_imported,
    out: *mut *mut c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and results.
    guard(error, || unsafe { give_text(out, &listed(&given(imported, "imported")?.imported.remarks)) })
}

/// All of it as a JSON object: `format`, `nodes` (a node list as `regconf_nodes_parse` reads it), `settings` (as
/// `regconf_settings_parse` reads them) and `remarks`. **Secrets are in it.**
///
/// @param out  gets a text to be freed by `regconf_string_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_imported_to_json(
    imported: *const regconf_imported,
    out: *mut *mut c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and results.
    guard(error, || unsafe { give_text(out, &given(imported, "imported")?.imported.to_json()?.to_string()) })
}

/// Frees what was imported; NULL is fine. Nodes and settings that were copied from it stay.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_imported_free(imported: *mut regconf_imported) {
    // SAFETY: as the header says of handles.
    unsafe { drop_handle(imported) }
}

/// The settings as variables of a current kubespray, in YAML.
///
/// @param out      gets a text to be freed by `regconf_string_free`
/// @param remarks  gets what kubespray cannot say, in the form of `regconf_imported_remarks`, to be freed by
///                 `regconf_string_free`; NULL if nobody wants to know
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_settings_to_kubespray(
    settings: *const regconf_settings,
    out: *mut *mut c_char,
    remarks: *mut *mut c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and results.
    guard(error, || unsafe { give_exported(settings, import::to_kubespray, out, remarks) })
}

/// The settings as `registries.yaml` of k3s and RKE2.
///
/// @param out      gets a text to be freed by `regconf_string_free`
/// @param remarks  gets what k3s cannot say, in the form of `regconf_imported_remarks`, to be freed by
///                 `regconf_string_free`; NULL if nobody wants to know
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_settings_to_k3s(
    settings: *const regconf_settings,
    out: *mut *mut c_char,
    remarks: *mut *mut c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and results.
    guard(error, || unsafe { give_exported(settings, import::to_k3s, out, remarks) })
}

/// # Safety
/// NULL or settings that live, and twice NULL or a place for one pointer.
unsafe fn give_exported(
    settings: *const regconf_settings,
    export: fn(&Settings) -> Result<Exported>,
    out: *mut *mut c_char,
    remarks: *mut *mut c_char,
) -> Result<()> {
    // SAFETY: as the caller promises.
    unsafe {
        let exported = export(&given(settings, "settings")?.0)?;
        give_text(out, &exported.text)?;
        if !remarks.is_null() {
            give_text(remarks, &listed(&exported.remarks))?;
        }
        Ok(())
    }
}

fn listed(remarks: &[Remark]) -> String {
    remarks.iter().map(Remark::to_json).collect::<Value>().to_string()
}
