//! Changing a text and nothing else of it: the bytes outside a patch stay as they are.
//!
//! The libraries behind [`json`] and [`toml`] read and tell where things stand; what is written is the old text with
//! patches in it. So comments, order, indentation, line ends and the final newline need no care to survive.

pub(crate) mod json;
pub(crate) mod toml;

use std::ops::Range;

use crate::error::{Error, ErrorKind, Result};

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// The text of a file: its byte order mark apart, and with its own line ends.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    path: String,
    bom: bool,
    body: String,
}

impl Text {
    pub(crate) fn new(path: &str, bytes: &[u8]) -> Result<Self> {
        let (bom, rest) = bytes.strip_prefix(BOM).map_or((false, bytes), |rest| (true, rest));
        let fault = |at: usize, what: &str, hint: &str| {
            let line = rest[..at].split(|b| *b == b'\n').count();
            Error::new(ErrorKind::Parse, what).with_path(path).with_line(line).with_hint(hint)
        };
        if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
            return Err(fault(0, "is UTF-16 text", "save the file as UTF-8"));
        }
        if let Some(at) = rest.iter().position(|b| *b == 0) {
            return Err(fault(at, "has a NUL byte, so it is no text", "restore the file, or save it as UTF-8"));
        }
        let body = std::str::from_utf8(rest)
            .map_err(|e| fault(e.valid_up_to(), "is not UTF-8 text here", "save the file as UTF-8"))?;
        Ok(Self { path: path.to_owned(), bom, body: body.to_owned() })
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.body
    }

    pub(crate) fn has_bom(&self) -> bool {
        self.bom
    }

    pub(crate) fn without_bom(mut self) -> Self {
        self.bom = false;
        self
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let bom = if self.bom { BOM } else { b"" };
        [bom, self.body.as_bytes()].concat()
    }

    /// The line of an offset, counted from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.body[..at.min(self.body.len())].matches('\n').count() + 1
    }

    /// Where the line of an offset begins.
    pub(crate) fn line_start(&self, at: usize) -> usize {
        self.body[..at].rfind('\n').map_or(0, |nl| nl + 1)
    }

    /// Behind the line end of the line of an offset.
    pub(crate) fn line_end(&self, at: usize) -> usize {
        self.body[at..].find('\n').map_or(self.body.len(), |nl| at + nl + 1)
    }

    /// The blanks at the beginning of the line of an offset.
    pub(crate) fn indent(&self, at: usize) -> &str {
        let line = &self.body[self.line_start(at)..];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }

    /// The text with a range replaced. Line ends in `new` are written as the file writes its own.
    pub(crate) fn with(&self, range: Range<usize>, new: &str) -> Self {
        let new = if self.body.contains("\r\n") { new.replace('\n', "\r\n") } else { new.to_owned() };
        let body = [&self.body[..range.start], &new, &self.body[range.end..]].concat();
        Self { path: self.path.clone(), bom: self.bom, body }
    }

    /// The text with whole lines put in at the beginning of a line. A file without a final newline stays without one.
    pub(crate) fn with_lines(&self, at: usize, lines: &str) -> Self {
        let unfinished = at == self.body.len() && !self.body.is_empty() && !self.body.ends_with('\n');
        if unfinished {
            let lines = lines.strip_suffix('\n').unwrap_or(lines);
            return self.with(at..at, &format!("\n{lines}"));
        }
        self.with(at..at, lines)
    }

    /// The text without whole lines; the counterpart of [`with_lines`](Self::with_lines).
    pub(crate) fn without_lines(&self, range: Range<usize>) -> Self {
        let unfinished = range.end == self.body.len() && !self.body.ends_with('\n');
        let kept = &self.body[..range.start];
        let kept =
            if unfinished { kept.strip_suffix('\n').map_or(kept, |k| k.strip_suffix('\r').unwrap_or(k)) } else { kept };
        self.with(kept.len()..range.end, "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(body: &str) -> Text {
        Text::new("f", body.as_bytes()).unwrap()
    }

    #[test]
    fn mark_line_ends_and_last_newline_stay() {
        let text = Text::new("f", b"\xEF\xBB\xBFa\r\nb").unwrap();
        let changed = text.with_lines(text.as_str().len(), "c\nd\n");
        assert_eq!(changed.to_bytes(), b"\xEF\xBB\xBFa\r\nb\r\nc\r\nd");
        let back = changed.without_lines(6..changed.as_str().len());
        assert_eq!(back.to_bytes(), text.to_bytes());
    }

    #[test]
    fn lines_in_the_middle() {
        assert_eq!(text("a\nb\n").with_lines(2, "x\n").as_str(), "a\nx\nb\n");
        assert_eq!(text("a\nx\nb\n").without_lines(2..4).as_str(), "a\nb\n");
        assert_eq!(text("").with_lines(0, "x\n").as_str(), "x\n");
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_line() {
        assert_eq!(Text::new("f", b"a\nb\0").unwrap_err().line(), Some(2));
        assert_eq!(Text::new("f", b"a\n\n\xE9").unwrap_err().line(), Some(3));
    }
}
