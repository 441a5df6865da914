//! Answers of a script, framed by their length. What comes from a node is hostile until it has passed here.

use crate::error::{Error, ErrorKind, Result};

/// The longest text of one answer: a file of 4 MiB and some room. A fuzzer's inputs are smaller.
const LONGEST: usize = if cfg!(fuzzing) { 5 << 10 } else { 5 << 20 };
/// The longest line that announces an answer.
const LONGEST_HEAD: usize = 512;
/// How much of what is said outside of answers is kept, for errors.
const NOISE: usize = 4 << 10;

/// One answer: words, and a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) words: Vec<String>,
    pub(crate) text: Vec<u8>,
}

impl Frame {
    /// The text for people: what is not UTF-8 replaced, control characters taken out.
    pub(crate) fn message(&self) -> String {
        clean(&self.text)
    }
}

/// Finds the answers in what a shell says. Anything else, such as what a profile prints, is noise.
pub(crate) struct Frames {
    mark: Vec<u8>,
    buffer: Vec<u8>,
    noise: Vec<u8>,
    /// How far the text of an answer was searched for its end.
    searched: usize,
}

impl Frames {
    pub(crate) fn new(nonce: &str) -> Self {
        Self { mark: format!("@{nonce} ").into_bytes(), buffer: Vec::new(), noise: Vec::new(), searched: 0 }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Keeps what was said on the other stream.
    pub(crate) fn push_noise(&mut self, bytes: &[u8]) {
        let room = NOISE.saturating_sub(self.noise.len());
        self.noise.extend_from_slice(&bytes[..room.min(bytes.len())]);
    }

    /// What was said outside of answers.
    pub(crate) fn noise(&self) -> String {
        clean(&self.noise)
    }

    /// How many bytes are kept beyond what one answer and the noise may take.
    #[cfg(fuzzing)]
    pub(crate) fn excess(&self) -> usize {
        // A text that ends at a mark has a line there, too.
        let heads = 2 * (LONGEST_HEAD + 1) + self.mark.len() + 1;
        (self.buffer.len() + self.noise.len()).saturating_sub(heads + LONGEST + NOISE)
    }

    /// Whether the other stream has said this.
    pub(crate) fn noise_has(&self, text: &str) -> usize {
        String::from_utf8_lossy(&self.noise).matches(text).count()
    }

    /// The next answer, once it is complete.
    pub(crate) fn next(&mut self) -> Result<Option<Frame>> {
        self.skip_noise();
        if !self.buffer.starts_with(&self.mark) {
            return Ok(None);
        }
        let Some(end) = self.buffer.iter().take(LONGEST_HEAD + 1).position(|b| *b == b'\n') else {
            return if self.buffer.len() > LONGEST_HEAD { Err(garbled()) } else { Ok(None) };
        };
        let mut words = words(&self.buffer[self.mark.len()..end]);
        let length = words.pop().unwrap_or_default();
        if length == "*" {
            return self.next_with_mark(words, end + 1);
        }
        let length = length.parse::<usize>().ok().filter(|length| *length <= LONGEST).ok_or_else(garbled)?;
        let (start, stop) = (end + 1, end + 1 + length);
        if self.buffer.len() <= stop {
            return Ok(None);
        }
        if self.buffer[stop] != b'\n' {
            return Err(Error::new(ErrorKind::Command, "a file changed while it was read").with_hint("try again"));
        }
        let text = self.buffer[start..stop].to_vec();
        self.buffer.drain(..=stop);
        Ok(Some(Frame { words, text }))
    }

    /// An answer that begins here and whose text ends at a line with the mark. The words of that line are added to its own.
    fn next_with_mark(&mut self, mut head: Vec<String>, start: usize) -> Result<Option<Frame>> {
        let mark = [b"\n", self.mark.as_slice()].concat();
        let from = self.searched.max(start);
        let Some(at) = find(&self.buffer[from..], &mark).map(|at| from + at) else {
            self.searched = self.buffer.len().saturating_sub(mark.len()).max(start);
            return if self.buffer.len() - start > LONGEST { Err(garbled()) } else { Ok(None) };
        };
        self.searched = at;
        let line = at + mark.len();
        let Some(end) = self.buffer[line..].iter().take(LONGEST_HEAD).position(|byte| *byte == b'\n') else {
            return if self.buffer.len() - line >= LONGEST_HEAD { Err(garbled()) } else { Ok(None) };
        };
        head.append(&mut words(&self.buffer[line..line + end]));
        let text = self.buffer[start..at].to_vec();
        self.buffer.drain(..=line + end);
        self.searched = 0;
        Ok(Some(Frame { words: head, text }))
    }

    /// Drops what stands before the next mark, but for what may be the beginning of one.
    fn skip_noise(&mut self) {
        if self.buffer.starts_with(&self.mark) {
            return;
        }
        let found = find(&self.buffer, &self.mark);
        let drop = found.unwrap_or_else(|| {
            let longest = self.mark.len().min(self.buffer.len());
            let kept = (0..=longest).rev().find(|n| self.buffer.ends_with(&self.mark[..*n])).unwrap_or(0);
            self.buffer.len() - kept
        });
        let noise: Vec<u8> = self.buffer.drain(..drop).collect();
        self.push_noise(&noise);
    }
}

fn words(line: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(line).split_whitespace().map(str::to_owned).collect()
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

fn garbled() -> Error {
    Error::new(ErrorKind::Command, "the node's shell answers in a way that no script of this library does")
}

fn clean(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.trim()
        .chars()
        .map(|c| {
            if c == '\n' {
                '\n'
            } else if c.is_control() {
                ' '
            } else {
                c
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(frames: &mut Frames) -> Vec<(String, String)> {
        std::iter::from_fn(|| frames.next().unwrap()).map(|f| (f.words.join(" "), f.message())).collect()
    }

    #[test]
    fn answers_are_found_in_noise_whatever_the_pieces() {
        let said = b"Welcome!\n@n1 x@n@no 0 file 3\na\nb\n@no end 0\n\nlater";
        for size in 1..said.len() {
            let mut frames = Frames::new("no");
            let mut found = Vec::new();
            for piece in said.chunks(size) {
                frames.push(piece);
                found.extend(all(&mut frames));
            }
            assert_eq!(found, [("0 file".into(), "a\nb".into()), ("end".into(), String::new())], "pieces of {size}");
            assert!(frames.noise().starts_with("Welcome!"), "{}", frames.noise());
        }
    }

    #[test]
    fn lengths_are_bounded_and_must_fit() {
        let mut frames = Frames::new("no");
        frames.push(b"@no 0 file 99999999999\n");
        assert_eq!(frames.next().unwrap_err().kind(), ErrorKind::Command);
        let mut frames = Frames::new("no");
        frames.push(b"@no 0 file 2\nabcd\n");
        assert!(frames.next().unwrap_err().to_string().contains("changed while"));
        let mut frames = Frames::new("no");
        frames.push(&[b"@no ".as_slice(), &[b'x'; 1000]].concat());
        assert!(frames.next().is_err());
    }

    #[test]
    fn a_long_line_is_refused_whatever_the_pieces() {
        let said = |length: usize| format!("@no 0 file {:0length$}\n\n", 0).into_bytes();
        for (length, is_good) in [(LONGEST_HEAD - 11, true), (LONGEST_HEAD - 10, false), (1000, false)] {
            let said = said(length);
            for size in [1, 7, said.len()] {
                let mut frames = Frames::new("no");
                let mut found = said.chunks(size).map(|piece| {
                    frames.push(piece);
                    frames.next()
                });
                assert_eq!(found.all(|found| found.is_ok()), is_good, "{length} in pieces of {size}");
            }
        }
    }

    #[test]
    fn a_text_may_end_at_a_mark_whatever_the_pieces() {
        let said = b"@no 0 file *\na\n@no\n\n@no whole\n@no 1 file *\n\n@no cut\n@no end 0\n\n";
        for size in 1..said.len() {
            let mut frames = Frames::new("no");
            let mut found = Vec::new();
            for piece in said.chunks(size) {
                frames.push(piece);
                found.extend(std::iter::from_fn(|| frames.next().unwrap()));
            }
            let heads: Vec<_> = found.iter().map(|frame| frame.words.join(" ")).collect();
            assert_eq!(heads, ["0 file whole", "1 file cut", "end"], "pieces of {size}");
            assert_eq!((&*found[0].text, &*found[1].text), (&b"a\n@no\n"[..], &b""[..]), "pieces of {size}");
        }
    }

    #[test]
    fn a_text_without_end_is_refused() {
        let mut frames = Frames::new("no");
        frames.push(b"@no 0 file *\n");
        let piece = vec![b'x'; 64 << 10];
        let refused = (0..LONGEST / piece.len() + 2).find_map(|_| {
            frames.push(&piece);
            frames.next().err()
        });
        assert_eq!(refused.unwrap().kind(), ErrorKind::Command);
        let mut frames = Frames::new("no");
        frames.push(&[b"@no 0 file *\n\n@no ".as_slice(), &[b'x'; LONGEST_HEAD]].concat());
        assert!(frames.next().is_err());
    }

    #[test]
    fn noise_is_bounded() {
        let mut frames = Frames::new("no");
        for _ in 0..100 {
            frames.push(&[b'x'; 10_000]);
            assert!(frames.next().unwrap().is_none());
        }
        assert!(frames.noise.len() <= NOISE && frames.buffer.len() <= 10);
    }
}
