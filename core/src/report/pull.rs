//! Pulls that prove that a node is set up.

use serde::Serialize;

use crate::advice::advice;
use crate::error::{Error, ErrorKind};

/// A pull of an image on a node by one of its engines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Pull {
    /// The engine, such as `containerd`.
    pub engine: String,
    /// The image, as it was asked for.
    pub image: String,
    /// Whether it was pulled.
    pub passed: bool,
    /// What the engine said last.
    pub text: String,
    /// Why it failed, in plain words, if the error is one that is known.
    pub cause: Option<&'static str>,
    /// What to do about it.
    pub remedy: Option<&'static str>,
}

impl Pull {
    pub(crate) fn new(engine: &str, image: &str, passed: bool, text: String) -> Self {
        let advice = advice(&text).filter(|_| !passed);
        Self {
            engine: engine.to_owned(),
            image: image.to_owned(),
            passed,
            text,
            cause: advice.map(|advice| advice.cause),
            remedy: advice.map(|advice| advice.remedy),
        }
    }

    /// Why it failed.
    pub(crate) fn error(&self) -> Error {
        let cause = self.cause.map(|cause| format!("{cause}: ")).unwrap_or_default();
        let what = format!("{} cannot pull {}: {cause}{}", self.engine, self.image, self.text);
        let error = Error::new(ErrorKind::Verification, what);
        match self.remedy {
            Some(remedy) => error.with_hint(remedy),
            None => error,
        }
    }
}
