//! Not read yet.

use crate::error::{Error, ErrorKind, Result};

use super::found::Found;
use super::options::Options;
use super::remark::Remarks;
use super::source::Source;

pub(super) fn read(_: &Source, options: &Options, _: &mut Remarks) -> Result<Found> {
    Err(Error::new(ErrorKind::Unsupported, format!("{:?} is not read yet", options.format)))
}
