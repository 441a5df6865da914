//! Who to reach, and how.

use std::ffi::{CString, c_char};

use regconf::{Error, ErrorKind, Node, Result, Secret, inventory};

use crate::error::regconf_error;
use crate::guard::guard;
use crate::pointer::{drop_handle, give_result, give_text, given, given_mut, handle, shown, string, text};
use crate::status::regconf_status;
use crate::text::c_string;

/// A list of nodes. Freed by `regconf_nodes_free`.
pub struct regconf_nodes {
    pub(crate) nodes: Vec<Node>,
    names: Vec<CString>,
    places: Vec<CString>,
    warnings: Vec<CString>,
}

/// Stands for every node of a list.
pub const REGCONF_ALL_NODES: usize = usize::MAX;

impl regconf_nodes {
    pub(crate) fn new(nodes: Vec<Node>, warnings: &[String]) -> Self {
        let mut list = Self {
            nodes: Vec::new(),
            names: Vec::new(),
            places: Vec::new(),
            warnings: warnings.iter().map(|warning| c_string(warning)).collect(),
        };
        for node in nodes {
            list.push(node);
        }
        list
    }

    fn push(&mut self, node: Node) {
        self.names.push(c_string(&node.name));
        self.places.push(c_string(&node.place()));
        self.nodes.push(node);
    }

    fn chosen(&mut self, index: usize) -> Result<&mut [Node]> {
        let count = self.nodes.len();
        if index == REGCONF_ALL_NODES {
            return Ok(&mut self.nodes);
        }
        self.nodes.get_mut(index).map(std::slice::from_mut).ok_or_else(|| {
            let what = format!("is {index}, and the list has {count} nodes, counted from 0");
            Error::new(ErrorKind::InvalidArgument, what).with_key("index")
        })
    }
}

/// A list without nodes.
#[unsafe(no_mangle)]
pub extern "C" fn regconf_nodes_new() -> *mut regconf_nodes {
    Box::into_raw(Box::new(regconf_nodes::new(Vec::new(), &[])))
}

/// Reads a node list: one `[user@]host[:port]` a line with `#` comments, or JSON. Secrets in it must stand there as
/// text; names of files are taken from the folder that the program runs in.
///
/// @param list    the text
/// @param length  its length in bytes
/// @param out     gets the list, to be freed by `regconf_nodes_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_nodes_parse(
    list: *const c_char,
    length: usize,
    out: *mut *mut regconf_nodes,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of texts and results.
    guard(error, || unsafe {
        let list = text(list, length, "list")?;
        give_result(out, || Ok(regconf_nodes::new(inventory::parse(list)?, &[])))
    })
}

/// Reads a node list from a file. Secrets may stand in variables of the environment and in files; names of files are
/// taken from the list's folder.
///
/// @param path  the file
/// @param out   gets the list, to be freed by `regconf_nodes_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_nodes_load(
    path: *const c_char,
    out: *mut *mut regconf_nodes,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of texts and results.
    guard(error, || unsafe {
        let path = string(path, "path")?;
        give_result(out, || {
            let loaded = inventory::load_with_warnings(path)?;
            Ok(regconf_nodes::new(loaded.nodes, &loaded.warnings))
        })
    })
}

/// Adds this machine, or a folder on it that holds a system, in which files are merged and nothing is activated.
///
/// @param root  `/`, or the absolute path of the folder
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_nodes_add_local(
    nodes: *mut regconf_nodes,
    root: *const c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and texts.
    guard(error, || unsafe {
        let root = string(root, "root")?;
        if !root.starts_with('/') {
            let error = Error::new(ErrorKind::InvalidArgument, format!("{root:?} is no absolute path"));
            return Err(error.with_key("root").with_hint("begin it with a slash"));
        }
        given_mut(nodes, "nodes")?.push(Node::local(root));
        Ok(())
    })
}

/// Adds copies of the nodes of another list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_nodes_append(
    nodes: *mut regconf_nodes,
    others: *const regconf_nodes,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles.
    guard(error, || unsafe {
        let others = given(others, "others")?.nodes.clone();
        let nodes = given_mut(nodes, "nodes")?;
        for node in others {
            nodes.push(node);
        }
        Ok(())
    })
}

/// Says the password for the login, as a program does that has asked a person. It is kept out of everything shown and
/// wiped when the list is freed.
///
/// @param index     counted from 0, or `REGCONF_ALL_NODES`
/// @param password  the text
/// @param length    its length in bytes
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_nodes_set_password(
    nodes: *mut regconf_nodes,
    index: usize,
    password: *const c_char,
    length: usize,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and texts.
    guard(error, || unsafe {
        let password = Secret::new(text(password, length, "password")?);
        let nodes = given_mut(nodes, "nodes")?.chosen(index)?;
        for node in nodes {
            node.password = Some(password.clone());
        }
        Ok(())
    })
}

/// Says the password for becoming root by sudo, in the same way.
///
/// @param index     counted from 0, or `REGCONF_ALL_NODES`
/// @param password  the text
/// @param length    its length in bytes
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_nodes_set_become_password(
    nodes: *mut regconf_nodes,
    index: usize,
    password: *const c_char,
    length: usize,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and texts.
    guard(error, || unsafe {
        let password = Secret::new(text(password, length, "password")?);
        let nodes = given_mut(nodes, "nodes")?.chosen(index)?;
        for node in nodes {
            node.become_password = Some(password.clone());
        }
        Ok(())
    })
}

/// How many nodes there are.
///
/// @return  0 if `nodes` is NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_nodes_count(nodes: *const regconf_nodes) -> usize {
    // SAFETY: as the header says of handles.
    unsafe { handle(nodes) }.map_or(0, |nodes| nodes.nodes.len())
}

/// A node's name.
///
/// @param index  counted from 0
/// @return  borrowed from `nodes` until that changes; NULL if there is no such node
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_nodes_name(nodes: *const regconf_nodes, index: usize) -> *const c_char {
    // SAFETY: as the header says of handles.
    unsafe { shown(nodes, |nodes| nodes.names.get(index)) }
}

/// Where a node is, such as `10.0.0.11:22`.
///
/// @param index  counted from 0
/// @return  borrowed from `nodes` until that changes; NULL if there is no such node
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_nodes_place(nodes: *const regconf_nodes, index: usize) -> *const c_char {
    // SAFETY: as the header says of handles.
    unsafe { shown(nodes, |nodes| nodes.places.get(index)) }
}

/// How many warnings there are: what was not understood in an OpenSSH config that the list names.
///
/// @return  0 if `nodes` is NULL
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_nodes_warning_count(nodes: *const regconf_nodes) -> usize {
    // SAFETY: as the header says of handles.
    unsafe { handle(nodes) }.map_or(0, |nodes| nodes.warnings.len())
}

/// A warning.
///
/// @param index  counted from 0
/// @return  borrowed from `nodes`; NULL if there is no such warning
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_nodes_warning(nodes: *const regconf_nodes, index: usize) -> *const c_char {
    // SAFETY: as the header says of handles.
    unsafe { shown(nodes, |nodes| nodes.warnings.get(index)) }
}

/// The JSON that `regconf_nodes_parse` reads as the same nodes. **Secrets are in it**: passwords, passphrases and keys.
///
/// @param out  gets a text to be freed by `regconf_string_free`
/// @return  `REGCONF_UNSUPPORTED` for what the form cannot say, such as a key that is tried before a file
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_nodes_to_json(
    nodes: *const regconf_nodes,
    out: *mut *mut c_char,
    error: *mut *mut regconf_error,
) -> regconf_status {
    // SAFETY: as the header says of handles and results.
    guard(error, || unsafe { give_text(out, &inventory::to_json(&given(nodes, "nodes")?.nodes)?.to_string()) })
}

/// Frees a list; NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn regconf_nodes_free(nodes: *mut regconf_nodes) {
    // SAFETY: as the header says of handles.
    unsafe { drop_handle(nodes) }
}
