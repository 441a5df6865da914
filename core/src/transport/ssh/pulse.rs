//! Whether a server that says nothing is still there.
//!
//! TCP tells that of a machine, not of what stands behind a jump host or a program, and not of an sshd that hangs.

use std::time::{Duration, Instant};

/// When a server was heard last, and since when it owes an answer.
pub(super) struct Pulse {
    heard: Instant,
    asked: Option<Instant>,
}

/// What there is to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    Fine,
    /// Ask it; OpenSSH answers at once, whatever its commands do.
    Ask,
    Dead,
}

impl Pulse {
    /// After how many seconds of silence it is asked, and between questions.
    pub(super) const INTERVAL: u32 = 15;
    /// How long the answer may take. Three questions are asked in that time.
    pub(super) const PATIENCE: Duration = Duration::from_secs(45);

    pub(super) fn new(now: Instant) -> Self {
        Self { heard: now, asked: None }
    }

    /// The server has said something.
    pub(super) fn hear(&mut self, now: Instant) {
        *self = Self::new(now);
    }

    pub(super) fn beat(&mut self, now: Instant) -> Beat {
        let since = |then: Instant| now.saturating_duration_since(then);
        match self.asked {
            Some(asked) if since(asked) >= Self::PATIENCE => Beat::Dead,
            None if since(self.heard) < Duration::from_secs(Self::INTERVAL.into()) => Beat::Fine,
            _ => {
                self.asked.get_or_insert(now);
                Beat::Ask
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_server_is_asked_and_one_that_does_not_answer_is_dead() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut pulse = Pulse::new(start);
        assert_eq!([0, 14, 15, 59].map(|s| pulse.beat(at(s))), [Beat::Fine, Beat::Fine, Beat::Ask, Beat::Ask]);
        assert_eq!(pulse.beat(at(60)), Beat::Dead);
        pulse.hear(at(61));
        assert_eq!([75, 76].map(|s| pulse.beat(at(s))), [Beat::Fine, Beat::Ask]);
    }
}
