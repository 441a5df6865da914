//! What a node answers to the questions for its facts.

use super::Past;
use crate::facts::{Answer, Query};
use crate::redact;
use crate::reply::Frame;

/// The largest file that is read: 4 MiB.
const LARGEST: usize = 4 << 20;

/// The answers so far.
#[derive(Default)]
pub(super) struct Heard {
    /// By the numbers of their questions.
    pub(super) answers: Vec<Option<Answer>>,
    /// Files that the node names itself.
    pub(super) also: Vec<(Query, Answer)>,
    /// The file of the next answer.
    path: String,
    pub(super) user: Option<String>,
    /// Why nothing could be asked.
    pub(super) fault: Option<Frame>,
    pub(super) past: Past,
}

impl Heard {
    pub(super) fn new(questions: usize) -> Self {
        Self { answers: vec![None; questions], ..Self::default() }
    }

    /// Takes an answer; says whether it is the last.
    pub(super) fn take(&mut self, frame: Frame) -> bool {
        let word = |i: usize| frame.words.get(i).map_or("", String::as_str);
        match (word(0), word(1)) {
            ("end", "") => return true,
            ("end", _) => {
                self.fault = Some(frame);
                return true;
            }
            ("uid", user) => self.user = Some(user.to_owned()),
            ("left", _) => self.past.is_left = true,
            ("last", _) => self.past.last = not_well(&frame),
            ("also", "") => self.path = String::from_utf8_lossy(&frame.text).into_owned(),
            ("also", _) => {
                let path = Query::File(std::mem::take(&mut self.path));
                self.also.extend(answer(frame).map(|answer| (path, answer)));
            }
            (number, _) => {
                let slot = number.parse::<usize>().ok().and_then(|number| self.answers.get_mut(number));
                if let Some(slot) = slot {
                    *slot = answer(frame);
                }
            }
        }
        false
    }
}

fn answer(frame: Frame) -> Option<Answer> {
    let text = || String::from_utf8_lossy(&frame.text);
    match frame.words.get(1)?.as_str() {
        "absent" => Some(Answer::Absent),
        "file" => Some(file(frame)),
        "names" => {
            let mut names: Vec<_> = text().lines().map(str::to_owned).collect();
            names.sort_unstable();
            Some(Answer::Names(names))
        }
        "text" => Some(Answer::Text(text().into_owned())),
        "unusable" => Some(Answer::Unusable(frame.message())),
        _ => None,
    }
}

/// A file, if all of it has come.
fn file(frame: Frame) -> Answer {
    match frame.words.get(2).map(String::as_str) {
        Some("whole") if frame.text.len() <= LARGEST => Answer::File(frame.text),
        Some("whole") => Answer::Unusable("is larger than 4 MiB".to_owned()),
        _ => Answer::Unusable("cannot be read to its end".to_owned()),
    }
}

/// How the last change ended: `NONCE WORD KIND`, then the text.
fn not_well(frame: &Frame) -> Option<String> {
    let text = frame.message();
    let (head, text) = text.split_once('\n').unwrap_or((&text, ""));
    let word = head.split(' ').nth(1)?;
    (word != "done" && word != "failed").then(|| format!("{word}: {}", redact::secrets(text)))
}
