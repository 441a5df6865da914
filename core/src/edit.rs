//! Changing a text and nothing else of it: the bytes outside a patch stay as they are.
//!
//! The libraries behind [`json`] and [`toml`] read and tell where things stand; what is written is the old text with
//! patches in it. So comments, order, indentation, line ends and the final newline need no care to survive.

mod encoding;
pub(crate) mod json;
pub(crate) mod toml;

use std::borrow::Cow;
use std::ops::Range;

use crate::error::{Error, ErrorKind, Result};

use encoding::Encoding;
pub(crate) use encoding::shown;

/// What the reader of a file takes besides UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    Utf8Only,
    /// Any bytes, and carriage returns as line ends, as containerd 1.x does.
    AnyBytes,
    /// UTF-16 with a byte order mark, as docker does from 23.0 on.
    Utf16,
}

/// How the lines of a file end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineEnd {
    Lf,
    CrLf,
    /// In the body they are `\n`, one byte for one byte.
    Cr,
}

/// The text of a file: its encoding and its byte order mark apart, and with its own line ends.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    path: String,
    encoding: Encoding,
    bom: bool,
    line_end: LineEnd,
    body: String,
}

impl Text {
    #[cfg(test)]
    pub(crate) fn new(path: &str, bytes: &[u8]) -> Result<Self> {
        Self::read(path, bytes, Takes::Utf8Only)
    }

    /// A text in an encoding that its reader takes.
    pub(crate) fn read(path: &str, bytes: &[u8], takes: Takes) -> Result<Self> {
        let fault = |before: &str, what: &str, hint: &str| {
            let line = before.matches('\n').count() + 1;
            Error::new(ErrorKind::Parse, what).with_path(path).with_line(line).with_hint(hint)
        };
        let (encoding, rest) = Encoding::marked(bytes).unwrap_or((Encoding::Utf8, bytes));
        let bom = rest.len() < bytes.len();
        if encoding != Encoding::Utf8 && takes != Takes::Utf16 {
            return Err(fault("", "is UTF-16 text", "save the file as UTF-8"));
        }
        let (encoding, body) = match encoding.decode(rest) {
            Ok(body) => (encoding, body),
            Err(_) if takes == Takes::AnyBytes => (Encoding::Latin1, Encoding::Latin1.decode(rest).unwrap_or_default()),
            Err(good) => {
                let what =
                    if encoding == Encoding::Utf8 { "is not UTF-8 text here" } else { "is not UTF-16 text here" };
                return Err(fault(&good, what, "save the file as UTF-8"));
            }
        };
        if let Some(at) = body.find('\0') {
            return Err(fault(
                &body[..at],
                "has a NUL byte, so it is no text",
                "restore the file, or save it as UTF-8",
            ));
        }
        let line_end = line_end(&body, takes).map_err(|(at, what)| {
            fault(&body[..at].replace("\r\n", "\n").replace('\r', "\n"), what, "give the file the line ends of Unix")
        })?;
        let body = if line_end == LineEnd::Cr { body.replace('\r', "\n") } else { body };
        Ok(Self { path: path.to_owned(), encoding, bom, line_end, body })
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

    /// What a reader that wants plain UTF-8 would mind, if anything.
    pub(crate) fn oddity(&self) -> Option<&'static str> {
        match (self.encoding, self.line_end) {
            (Encoding::Latin1, _) => Some("has bytes that are not UTF-8"),
            (_, LineEnd::Cr) => Some("has lone carriage returns as line ends"),
            _ => None,
        }
    }

    /// Whether the reader would take all behind a `#` for a comment.
    fn has_endless_comment(&self) -> bool {
        self.line_end == LineEnd::Cr && self.body.contains('#')
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mark = if self.bom { self.encoding.mark() } else { b"" };
        let body = match self.line_end {
            LineEnd::Cr => &self.body.replace('\n', "\r"),
            _ => &self.body,
        };
        [mark, &self.encoding.encode(body)].concat()
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
        self.patched([(range, new)])
    }

    /// The text with several ranges replaced, none of which overlap, given in the order of the text. What is put in at one
    /// place stands in the order given.
    pub(crate) fn patched<'a>(&self, patches: impl IntoIterator<Item = (Range<usize>, &'a str)>) -> Self {
        let mut body = String::with_capacity(self.body.len());
        let mut at = 0;
        for (range, new) in patches {
            body += &self.body[at..range.start];
            if self.line_end == LineEnd::CrLf {
                body += &new.replace('\n', "\r\n");
            } else {
                body += new;
            }
            at = range.end;
        }
        body += &self.body[at..];
        Self { path: self.path.clone(), body, ..*self }
    }

    /// The text with whole lines put in at the beginning of a line. A file without a final newline stays without one.
    pub(crate) fn with_lines(&self, at: usize, lines: &str) -> Self {
        self.with(at..at, &self.lines_at(at, lines))
    }

    /// What whole lines are at the beginning of a line, or behind a last line that has no end.
    pub(crate) fn lines_at<'a>(&self, at: usize, lines: &'a str) -> Cow<'a, str> {
        let unfinished = at == self.body.len() && !self.body.is_empty() && !self.body.ends_with('\n');
        if unfinished { format!("\n{}", lines.strip_suffix('\n').unwrap_or(lines)).into() } else { lines.into() }
    }

    /// What goes with whole lines; the counterpart of [`lines_at`](Self::lines_at).
    fn gone_with_lines(&self, range: Range<usize>) -> Range<usize> {
        let unfinished = range.end == self.body.len() && !self.body.ends_with('\n');
        let kept = &self.body[..range.start];
        let kept =
            if unfinished { kept.strip_suffix('\n').map_or(kept, |k| k.strip_suffix('\r').unwrap_or(k)) } else { kept };
        kept.len()..range.end
    }
}

/// How the lines end; else where they do so in a way that cannot be kept, and what is wrong with it.
fn line_end(body: &str, takes: Takes) -> std::result::Result<LineEnd, (usize, &'static str)> {
    let lone = body.match_indices('\r').map(|(at, _)| at).find(|at| !body[at + 1..].starts_with('\n'));
    match lone.filter(|_| takes == Takes::AnyBytes) {
        None if body.contains("\r\n") => Ok(LineEnd::CrLf),
        None => Ok(LineEnd::Lf),
        Some(at) if body.contains('\n') => Err((at, "has a lone carriage return among other line ends")),
        // go-toml of 1.x ends a comment at a line feed only.
        Some(_) => match body.find('#') {
            Some(at) => Err((at, "has no line feed, so that containerd takes all behind this # for a comment")),
            None => Ok(LineEnd::Cr),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(body: &str) -> Text {
        Text::new("f", body.as_bytes()).unwrap()
    }

    impl Text {
        fn without_lines(&self, range: Range<usize>) -> Self {
            self.with(self.gone_with_lines(range), "")
        }
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
    fn line_ends_outlive_the_last_line_that_has_one() {
        let text = Text::new("f", b"a\r\n").unwrap();
        assert_eq!(text.without_lines(0..3).with_lines(0, "b\n").to_bytes(), b"b\r\n");
    }

    #[test]
    fn what_an_old_reader_takes_is_written_back() {
        let read = |bytes: &[u8]| Text::read("f", bytes, Takes::AnyBytes);
        let latin = read(b"a # \xE9\n").unwrap();
        assert_eq!(latin.with_lines(latin.as_str().len(), "b\n").to_bytes(), b"a # \xE9\nb\n");
        assert_eq!(read(b"\xEF\xBB\xBF# \xE9\n").unwrap().to_bytes(), b"\xEF\xBB\xBF# \xE9\n");
        let mac = read(b"a = 1\rb = 2").unwrap();
        assert_eq!((mac.line(7), mac.oddity().is_some()), (2, true));
        assert_eq!(mac.with_lines(11, "c = 3\n").to_bytes(), b"a = 1\rb = 2\rc = 3");
        assert_eq!(read(b"a\rb\n").unwrap_err().line(), Some(1), "mixed");
        assert_eq!(read(b"a\rb\r# c\rd").unwrap_err().line(), Some(3), "a comment without an end");
    }

    #[test]
    fn utf_16_is_written_back_with_its_mark() {
        let bytes = b"\xFF\xFEa\0\r\0\n\0";
        assert_eq!(Text::new("f", bytes).unwrap_err().line(), Some(1));
        let text = Text::read("f", bytes, Takes::Utf16).unwrap();
        assert_eq!(text.with_lines(3, "b\n").to_bytes(), b"\xFF\xFEa\0\r\0\n\0b\0\r\0\n\0");
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
