//! How a file is laid out, whatever it says: indentation, quotes, line ends, comments between the lines.

use proptest::prelude::*;
use proptest::sample::select;

/// The layout of a TOML file.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    step: &'static str,
    headers_indented: bool,
    /// Every third line is indented with a tab, as by another hand.
    ragged: bool,
    literal: bool,
    spaced: bool,
    wrap: Wrap,
}

/// What is around the lines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wrap {
    crlf: bool,
    bom: bool,
    end: &'static str,
}

pub(crate) fn layout() -> impl Strategy<Value = Layout> {
    let step = select(vec!["  ", "", "    ", "\t"]);
    let odd = (prop::bool::weighted(0.7), prop::bool::weighted(0.1), prop::bool::weighted(0.2));
    (step, odd, prop::bool::weighted(0.05), wrap()).prop_map(
        |(step, (headers_indented, ragged, literal), spaced, wrap)| Layout {
            step,
            headers_indented,
            ragged,
            literal,
            spaced,
            wrap,
        },
    )
}

pub(crate) fn wrap() -> impl Strategy<Value = Wrap> {
    let end = prop_oneof![6 => Just("\n"), 2 => Just(""), 1 => Just("\n\n"), 1 => Just("\n  \n")];
    (prop::bool::weighted(0.15), prop::bool::weighted(0.07), end).prop_map(|(crlf, bom, end)| Wrap { crlf, bom, end })
}

impl Wrap {
    /// The bytes of a file with these lines.
    pub(crate) fn bytes(self, body: &str) -> Vec<u8> {
        let body = if body.is_empty() { String::new() } else { body.to_owned() + self.end };
        let body = if self.crlf { body.replace('\n', "\r\n") } else { body };
        let bom: &[u8] = if self.bom { b"\xEF\xBB\xBF" } else { b"" };
        [bom, body.as_bytes()].concat()
    }
}

/// Lines that say nothing.
pub(crate) type Noise = Vec<&'static str>;

pub(crate) fn noise() -> impl Strategy<Value = Noise> {
    let lines = vec![
        "",
        "",
        "# a comment",
        "  # indented — ein Wort",
        "#[plugins.\"io.containerd.grpc.v1.cri\".registry.mirrors.\"docker.io\"]",
        "  #  endpoint = [\"https://registry-1.docker.io\"]",
        "#config_path = \"/etc/containerd/certs.d\"",
        "# [host.\"http://192.168.30.56:5000\"]",
        "#   skip_verify = true",
        "   ",
    ];
    prop_oneof![4 => Just(Vec::new()), 3 => prop::collection::vec(select(lines), 1..4)]
}

/// What may stand behind a key or a header on its line.
pub(crate) fn tail() -> impl Strategy<Value = &'static str> {
    prop_oneof![8 => Just(""), 1 => Just(" # note"), 1 => Just("  "), 1 => Just("\t# [host] = {")]
}

/// A line `key = value`, perhaps of several lines.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) above: Noise,
    pub(crate) text: String,
    pub(crate) tail: &'static str,
}

impl Entry {
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self { above: Noise::new(), text: text.into(), tail: "" }
    }
}

pub(crate) fn entry(text: impl Strategy<Value = String>) -> impl Strategy<Value = Entry> {
    (prop_oneof![5 => Just(Noise::new()), 1 => noise()], text, tail()).prop_map(|(above, text, tail)| Entry {
        above,
        text,
        tail,
    })
}

/// A table with a header.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) above: Noise,
    pub(crate) marked: bool,
    pub(crate) path: Vec<String>,
    pub(crate) is_array: bool,
    pub(crate) tail: &'static str,
    pub(crate) entries: Vec<Entry>,
}

impl Table {
    pub(crate) fn new(path: impl IntoIterator<Item = impl Into<String>>, entries: Vec<Entry>) -> Self {
        let path = path.into_iter().map(Into::into).collect();
        Self { above: Noise::new(), marked: false, path, is_array: false, tail: "", entries }
    }
}

impl Layout {
    /// A string value or a key in the quotes of this file.
    pub(crate) fn quoted(&self, text: &str) -> String {
        if self.literal { format!("'{text}'") } else { format!("\"{text}\"") }
    }

    pub(crate) fn key(&self, key: &str) -> String {
        let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if key.chars().all(bare) { key.to_owned() } else { self.quoted(key) }
    }

    pub(crate) fn dotted(&self, path: &[impl AsRef<str>]) -> String {
        let dot = if self.spaced { " . " } else { "." };
        path.iter().map(|key| self.key(key.as_ref())).collect::<Vec<_>>().join(dot)
    }

    /// The file: root keys, then tables, then what stands below them.
    pub(crate) fn render(&self, root: &[Entry], tables: &[Table], below: &[&str]) -> Vec<u8> {
        let mut lines = Vec::new();
        for entry in root {
            self.entry(0, entry, &mut lines);
        }
        for table in tables {
            lines.extend(table.above.iter().map(|line| (*line).to_owned()));
            let depth = if self.headers_indented { table.path.len() - 1 } else { 0 };
            if table.marked {
                lines.push(self.indented(depth, "# regconf", lines.len()));
            }
            let name = self.dotted(&table.path);
            let name = if self.spaced { format!(" {name} ") } else { name };
            let header = if table.is_array { format!("[[{name}]]") } else { format!("[{name}]") };
            lines.push(self.indented(depth, &header, lines.len()) + table.tail);
            for entry in &table.entries {
                self.entry(depth + 1, entry, &mut lines);
            }
        }
        lines.extend(below.iter().map(|line| (*line).to_owned()));
        self.wrap.bytes(&lines.join("\n"))
    }

    fn entry(&self, depth: usize, entry: &Entry, lines: &mut Vec<String>) {
        lines.extend(entry.above.iter().map(|line| (*line).to_owned()));
        lines.push(self.indented(depth, &entry.text, lines.len()) + entry.tail);
    }

    fn indented(&self, depth: usize, text: &str, number: usize) -> String {
        let indent = if self.ragged && number % 3 == 2 { "\t".to_owned() } else { self.step.repeat(depth) };
        indent + text
    }
}
