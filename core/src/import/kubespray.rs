//! Not read yet.

use crate::error::{Error, ErrorKind, Result};

use crate::settings::Settings;

use super::Exported;
use super::found::Found;
use super::options::Options;
use super::remark::Remarks;
use super::source::Source;

pub(super) fn read(_: &Source, options: &Options, _: &mut Remarks) -> Result<Found> {
    Err(Error::new(ErrorKind::Unsupported, format!("{:?} is not read yet", options.format)))
}

/// Settings as the variables of a current kubespray, in YAML.
pub fn to_kubespray(_: &Settings) -> Result<Exported> {
    Err(Error::new(ErrorKind::Unsupported, "not written yet"))
}
