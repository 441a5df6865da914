//! Failures that may pass, and trying again.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use super::TICK;
use crate::error::{Error, Result};
use crate::transport::Limit;

/// The first pause. Each next one is twice as long, and all are shifted by chance, so that the nodes of a run that were
/// refused together do not come back together.
const PAUSE: Duration = Duration::from_millis(250);

/// Why connecting failed, and whether it may help to try again.
#[derive(Debug)]
pub(super) struct Failure {
    error: Error,
    may_pass: bool,
}

impl Failure {
    /// Something that another try may not meet.
    pub(super) fn passing(error: Error) -> Self {
        Self { error, may_pass: true }
    }

    pub(super) fn map(self, change: impl FnOnce(Error) -> Error) -> Self {
        Self { error: change(self.error), ..self }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, may_pass: false }
    }
}

/// Tries up to so many times, as long as failures may pass and the limit allows.
pub(super) fn persist<T>(attempts: u32, limit: &Limit, mut attempt: impl FnMut() -> Result<T, Failure>) -> Result<T> {
    let attempts = attempts.max(1);
    let mut tried = 0;
    loop {
        tried += 1;
        let Failure { error, may_pass } = match attempt() {
            Ok(done) => return Ok(done),
            Err(failure) => failure,
        };
        let pause = pause(tried);
        let has_time = limit.left().is_ok_and(|left| left > pause);
        if may_pass && tried < attempts && has_time {
            sleep(pause, limit)?;
            continue;
        }
        return Err(if tried > 1 { error.saying_also(&format!("it was tried {tried} times")) } else { error });
    }
}

/// From half to three halves of the regular pause.
fn pause(tried: u32) -> Duration {
    let regular = PAUSE * 2_u32.pow(tried.clamp(1, 5) - 1);
    let chance = u32::from(RandomState::new().hash_one(tried).to_le_bytes()[0]);
    regular / 2 + regular * chance / 255
}

fn sleep(pause: Duration, limit: &Limit) -> Result<()> {
    let mut rest = pause;
    while !rest.is_zero() {
        let step = rest.min(TICK).min(limit.left()?);
        std::thread::sleep(step);
        rest -= step;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::limit::Cancel;

    fn tried(attempts: u32, seconds: u64, failure: fn() -> Failure) -> (u32, Error) {
        let limit = Limit::new("testing", Duration::from_secs(seconds), &Cancel::new());
        let mut count = 0;
        let outcome = persist(attempts, &limit, || -> Result<(), Failure> {
            count += 1;
            Err(failure())
        });
        (count, outcome.unwrap_err())
    }

    #[test]
    fn only_what_may_pass_is_tried_again_and_only_in_time() {
        let passing = || Failure::passing(Error::new(ErrorKind::Connect, "refused"));
        let (count, error) = tried(3, 60, passing);
        assert_eq!((count, error.message()), (3, "refused; it was tried 3 times"));
        assert_eq!(tried(0, 60, passing).0, 1);
        assert_eq!(tried(3, 0, passing).0, 1, "there is no time");
        let (count, error) = tried(3, 60, || Error::new(ErrorKind::HostKey, "changed").into());
        assert_eq!((count, error.message()), (1, "changed"));
    }

    #[test]
    fn pauses_grow_and_differ() {
        for tried in 1..6 {
            let regular = PAUSE * 2_u32.pow(tried - 1);
            let all: Vec<_> = (0..50).map(|_| pause(tried)).collect();
            assert!(all.iter().all(|pause| *pause >= regular / 2 && *pause <= regular * 3 / 2));
            assert!(all.iter().any(|pause| *pause != all[0]));
        }
    }
}
