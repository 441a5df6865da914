//! The C ABI of regconf. What C sees, and by which rules, is written in `cbindgen.toml` and in the comments of the
//! functions, which become `include/regconf.h`.
//!
//! Every body runs behind one panic guard (`guard`, or `panic` where nothing can fail), every pointer is looked at before it is used (`pointer`), and no
//! type has a field that C could see.
#![allow(
    non_camel_case_types,
    clippy::doc_markdown,
    clippy::missing_safety_doc,
    reason = "the names are C's, and what makes a call safe is said once, at the top of the header"
)]

// In the order of the header.
pub mod name;

mod error;
mod status;

mod settings;

mod facts;

mod plan;

mod nodes;

mod import;

mod cancel;
mod options;

mod event;

mod rollout;

mod report;

mod text;

mod guard;
mod panic;
mod pointer;
