//! Giving the tables below a key headers of their own.

use std::fmt::Write;
use std::ops::Range;

use toml_edit::{InlineTable, Item, Key, Table, TableLike, Value};

use super::super::Text;
use super::expected::{Becomes, Expected};
use super::{Toml, quoted_key};
use crate::error::{Error, ErrorKind, Result};

/// A table that gets a header.
struct Block {
    /// Where its first key stands.
    at: usize,
    /// Comments, header and keys, as they will be written.
    text: String,
}

/// What is written, and the lines that go for it.
#[derive(Default)]
struct Rewrite {
    blocks: Vec<Block>,
    gone: Vec<Range<usize>>,
}

impl Toml {
    /// The file with a header like `[name."…"]` for each table in `name`, a key of the root, that is written inline or
    /// with dotted keys: in the order of the file, with its comments, and meaning the same. `None` where each has one.
    pub(crate) fn with_headers(&self, name: &str) -> Result<Option<Self>> {
        let Some((key, item)) = self.document.as_table().get_key_value(name) else { return Ok(None) };
        let mut rewrite = Rewrite::default();
        match item {
            Item::Value(Value::InlineTable(table)) => self.take_inline(key, name, table, &mut rewrite)?,
            Item::Table(table) => self.take_children(name, table, &mut rewrite)?,
            _ => {}
        }
        if rewrite.gone.is_empty() {
            return Ok(None);
        }
        let mut expected = Expected::default();
        if rewrite.blocks.is_empty() {
            expected.set(&[name], Becomes::Gone);
        }
        rewrite.blocks.sort_by_key(|block| block.at);
        let own = item.as_table().filter(|table| !table.is_implicit() && !table.is_dotted()).and_then(Table::span);
        let text = match own {
            Some(header) => self.in_place(&header, rewrite),
            None => self.behind_root(rewrite),
        };
        self.checked(text, &expected, &[name]).map(Some)
    }

    /// `name = { "a" = { … } }`
    fn take_inline(&self, key: &Key, name: &str, table: &InlineTable, rewrite: &mut Rewrite) -> Result<()> {
        let span = table.span().unwrap_or_default();
        let mut comments = self.take_lines(key.span().unwrap_or_default().start, span.end, &mut rewrite.gone);
        for (child, item) in table {
            let (Some(key), Value::InlineTable(inner)) = (key_of(table, child), item) else {
                return Err(self.not_a_table(&[name, child]));
            };
            let at = key.span().unwrap_or_default().start;
            rewrite.blocks.push(self.block(name, key, at, &std::mem::take(&mut comments), inner)?);
        }
        Ok(())
    }

    /// Tables of others with `name."a".key = …` lines, or with `"a" = { … }` below `[name]`.
    fn take_children(&self, name: &str, table: &Table, rewrite: &mut Rewrite) -> Result<()> {
        for (child, item) in table {
            let Some(key) = key_of(table, child) else { continue };
            let at = key.span().unwrap_or_default().start;
            match item {
                Item::Table(inner) if inner.is_dotted() => {
                    let text = self.dotted_block(name, key, inner, &mut rewrite.gone);
                    rewrite.blocks.push(Block { at, text });
                }
                Item::Table(_) => {}
                Item::Value(Value::InlineTable(inner)) => {
                    let end = inner.span().unwrap_or_default().end;
                    let comments = self.take_lines(at, end, &mut rewrite.gone);
                    rewrite.blocks.push(self.block(name, key, at, &comments, inner)?);
                }
                _ => return Err(self.not_a_table(&[name, child])),
            }
        }
        Ok(())
    }

    fn not_a_table(&self, path: &[&str]) -> Error {
        self.error(path, ErrorKind::Conflict, "is not a table").with_hint("the engine refuses it as it is; correct it")
    }

    /// The lines from one offset to another and the comment lines right above them go; returned are their comments.
    fn take_lines(&self, start: usize, end: usize, gone: &mut Vec<Range<usize>>) -> String {
        let text = &self.text;
        let first = text.line_start(start);
        let lines = text.comments_above(first)..text.line_end(end);
        let mut comments = text.as_str()[lines.start..first].replace("\r\n", "\n");
        if let Some(at) = text.as_str()[end..lines.end].find('#') {
            comments += text.as_str()[end + at..lines.end].trim_end();
            comments.push('\n');
        }
        gone.push(lines);
        comments
    }

    /// A table that is written inline.
    fn block(&self, name: &str, key: &Key, at: usize, comments: &str, table: &InlineTable) -> Result<Block> {
        let mut text = format!("{comments}[{name}.{}]\n", self.spelled(key));
        let mut rest = table.span().filter(|_| !table.is_dotted()).map_or(String::new(), |span| self.slice(&span));
        for (path, value) in self.leaves(table) {
            let value = self.slice(&value);
            let _ = writeln!(text, "  {path} = {value}");
            rest = rest.replacen(&value, "", 1);
        }
        self.check_inline_commas()?;
        if rest.contains(['\n', '#']) {
            let what = "is an inline table of several lines, which the engine refuses";
            let path = [name, key.get()];
            return Err(self.error(&path, ErrorKind::Conflict, what).with_hint("write it on one line"));
        }
        Ok(Block { at, text })
    }

    /// A table that is written with dotted keys, one on a line.
    fn dotted_block(&self, name: &str, key: &Key, table: &Table, gone: &mut Vec<Range<usize>>) -> String {
        let (mut head, mut body) = (String::new(), String::new());
        for (path, value) in self.leaves(table) {
            let first = self.text.line_start(value.start);
            let above = self.text.comments_above(first);
            let end = self.text.line_end(value.end);
            let comments = if body.is_empty() { &mut head } else { &mut body };
            *comments += &self.slice(&(above..first));
            let _ = writeln!(body, "  {path} = {}", self.slice(&(value.start..end)).trim_end());
            gone.push(above..end);
        }
        format!("{head}[{name}.{}]\n{body}", self.spelled(key))
    }

    fn slice(&self, range: &Range<usize>) -> String {
        self.text.as_str()[range.clone()].replace("\r\n", "\n")
    }

    fn spelled(&self, key: &Key) -> String {
        key.span().map_or_else(|| quoted_key(key.get()), |span| self.slice(&span))
    }

    /// The keys in the lines of a table that have values, dotted keys spelled as they are, and where the values stand.
    fn leaves(&self, table: &dyn TableLike) -> Vec<(String, Range<usize>)> {
        let mut found = Vec::new();
        for (name, item) in table.iter() {
            let Some(key) = key_of(table, name).map(|key| self.spelled(key)) else { continue };
            let inner: Option<&dyn TableLike> = match item {
                Item::Table(inner) if inner.is_dotted() => Some(inner),
                Item::Value(Value::InlineTable(inner)) if inner.is_dotted() => Some(inner),
                _ => None,
            };
            match inner {
                Some(inner) => {
                    found.extend(self.leaves(inner).into_iter().map(|(path, at)| (format!("{key}.{path}"), at)));
                }
                None => found.extend(item.as_value().and_then(Value::span).map(|at| (key, at))),
            }
        }
        found.sort_by_key(|(_, at)| at.start);
        found
    }

    /// The blocks in place of the header `[name]`.
    fn in_place(&self, header: &Range<usize>, mut rewrite: Rewrite) -> Text {
        let line = self.text.line_start(header.start)..self.text.line_end(header.end);
        let rest = self.text.as_str()[header.end..line.end].trim();
        let comment = if rest.is_empty() { String::new() } else { format!("{rest}\n") };
        let text = comment + &joined(&rewrite.blocks);
        rewrite.gone.retain(|lines| !lines.is_empty());
        self.patched(line, &text, rewrite.gone)
    }

    /// The blocks in front of the first header, else at the end.
    fn behind_root(&self, rewrite: Rewrite) -> Text {
        let body = self.text.as_str();
        let header = first_header(self.document.as_table());
        let at = header.map_or(body.len(), |at| self.text.comments_above(self.text.line_start(at)));
        let is_gone = |at: usize| rewrite.gone.iter().any(|lines| lines.contains(&at));
        let kept: String = body[..at].char_indices().filter(|(at, _)| !is_gone(*at)).map(|(_, c)| c).collect();
        let before = match kept.replace("\r\n", "\n").as_str() {
            "" => "",
            kept if kept.ends_with("\n\n") || kept == "\n" => "",
            kept if kept.ends_with('\n') => "\n",
            _ => "\n\n",
        };
        let after = if header.is_some() && !rewrite.blocks.is_empty() { "\n" } else { "" };
        let text = if rewrite.blocks.is_empty() {
            String::new()
        } else {
            format!("{before}{}{after}", joined(&rewrite.blocks))
        };
        self.patched(at..at, &text, rewrite.gone)
    }

    /// The text with one range replaced and whole lines gone. A file without a final newline stays without one.
    fn patched(&self, range: Range<usize>, new: &str, gone: Vec<Range<usize>>) -> Text {
        let is_open = !self.text.as_str().ends_with('\n');
        let mut patches: Vec<_> = gone.into_iter().map(|lines| (lines, "")).collect();
        patches.push((range, new));
        patches.sort_by_key(|(range, _)| (range.start, range.end));
        let text = patches.into_iter().rev().fold(self.text.clone(), |text, (range, new)| text.with(range, new));
        let end = text.as_str().len();
        let last = text.as_str().trim_end_matches(['\r', '\n']).len();
        if is_open { text.with(last..end, "") } else { text }
    }
}

impl Text {
    /// The beginning of the comment lines right above a line. The first line of a file is about the file.
    fn comments_above(&self, line: usize) -> usize {
        let mut start = line;
        while start > 0 {
            let above = self.line_start(start - 1);
            if above == 0 || !self.as_str()[above..start].trim_start().starts_with('#') {
                break;
            }
            start = above;
        }
        start
    }
}

fn joined(blocks: &[Block]) -> String {
    blocks.iter().map(|block| block.text.as_str()).collect::<Vec<_>>().join("\n")
}

fn key_of<'a>(table: &'a dyn TableLike, name: &str) -> Option<&'a Key> {
    table.get_key_value(name).map(|(key, _)| key)
}

/// Where the first header of the file stands.
fn first_header(table: &Table) -> Option<usize> {
    let below = table.iter().filter_map(|(_, item)| match item {
        Item::Table(inner) => {
            let own = inner.span().filter(|_| !inner.is_implicit() && !inner.is_dotted()).map(|span| span.start);
            own.into_iter().chain(first_header(inner)).min()
        }
        Item::ArrayOfTables(tables) => tables.iter().filter_map(|table| Some(table.span()?.start)).min(),
        _ => None,
    });
    below.min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(text: &str) -> Option<String> {
        let toml = Toml::parse(Text::new("hosts.toml", text.as_bytes()).unwrap()).unwrap();
        toml.with_headers("host").unwrap().map(|toml| toml.text().as_str().to_owned())
    }

    #[test]
    fn an_inline_table_of_tables() {
        let before = "# of mine\n\n# all\nhost = { \"http://a\" = { capabilities = [\"pull\"], header = { x = \"{\" } }, 'b' = {} } # two\nserver = \"s\"\n";
        let after = "# of mine\n\nserver = \"s\"\n\n# all\n# two\n[host.\"http://a\"]\n  capabilities = [\"pull\"]\n  header = { x = \"{\" }\n\n[host.'b']\n";
        assert_eq!(rewritten(before).as_deref(), Some(after));
        assert_eq!(rewritten(after), None);
    }

    #[test]
    fn dotted_keys_are_gathered_in_front_of_the_first_header() {
        let before = "server = \"s\"\n# a\nhost.\"a\".ca = [\n  \"x\", # x\n] # y\nhost.b.skip_verify = true\n# h\nhost.\"a\".header.k = \"v\"\n\n# c\n[host.c]\nk = 1";
        let after = "server = \"s\"\n\n# a\n[host.\"a\"]\n  ca = [\n  \"x\", # x\n] # y\n# h\n  header.k = \"v\"\n\n[host.b]\n  skip_verify = true\n\n# c\n[host.c]\nk = 1";
        assert_eq!(rewritten(before).map(|text| text.replace("\n\n\n", "\n\n")).as_deref(), Some(after));
    }

    #[test]
    fn keys_below_the_header_of_all() {
        let before =
            "[host.z]\nk = 1\n\n# all\n[host] # h\n# a\n\"a\" = { ca = \"x\" }\nb.skip_verify = true\n\n[host.c]";
        let after = "[host.z]\nk = 1\n\n# all\n# h\n# a\n[host.\"a\"]\n  ca = \"x\"\n\n[host.b]\n  skip_verify = true\n\n[host.c]";
        assert_eq!(rewritten(before).as_deref(), Some(after));
    }

    /// Every file of up to four of these pieces that is TOML.
    #[test]
    fn nothing_is_lost_in_whatever_order_it_stands() {
        let pieces = [
            "# c\n",
            "\n",
            "host.a.x = 1 # t\n",
            "host.\"b\".y = [\n  1, # i\n]\n",
            "server = 's'\n",
            "host.c = { z = \"#\" }\n",
            "[host]\n",
            "d = {} # u\n",
            "[host.e]\n",
            "[f]\r\n",
        ];
        let mut rewritten_ones = 0;
        for number in 0..pieces.len().pow(4) {
            let digits = (0..4_u32).map(|place| number / pieces.len().pow(place) % pieces.len());
            let text: String = digits.map(|digit| pieces[digit]).collect();
            for text in [text.as_str(), text.trim_end()] {
                let Ok(toml) = Toml::parse(Text::new("f", text.as_bytes()).unwrap()) else { continue };
                let after = match toml.with_headers("host") {
                    Ok(None) => continue,
                    Ok(Some(after)) => after,
                    // `server` below `[host]` is no host.
                    Err(error) => {
                        assert_eq!(error.key(), Some("host.server"), "{text:?}: {error}");
                        continue;
                    }
                };
                rewritten_ones += 1;
                let comments = |text: &str| ["# c", "# t", "# i", "# u"].map(|comment| text.matches(comment).count());
                let new = after.text().as_str();
                assert_eq!(comments(text), comments(new), "{text:?} became {new:?}");
                assert_eq!(text.ends_with('\n'), new.ends_with('\n'), "{text:?} became {new:?}");
                assert!(after.with_headers("host").unwrap().is_none(), "{text:?} became {new:?}");
            }
        }
        assert!(rewritten_ones > 1000, "{rewritten_ones}");
    }

    #[test]
    fn line_ends_stay() {
        assert_eq!(rewritten("host.a.k = 1\r\n").as_deref(), Some("[host.a]\r\n  k = 1\r\n"));
        assert_eq!(rewritten("s = 1\nhost.a.k = 1").as_deref(), Some("s = 1\n\n[host.a]\n  k = 1"));
        assert_eq!(rewritten("s = 1\nhost = {}\n").as_deref(), Some("s = 1\n"));
    }

    #[test]
    fn what_cannot_be_carried_is_refused() {
        let refused = |text: &str| {
            let toml = Toml::parse(Text::new("f", text.as_bytes()).unwrap()).unwrap();
            toml.with_headers("host").unwrap_err().line()
        };
        assert_eq!(refused("s = 1\nhost.a = 1\n"), Some(2));
        assert_eq!(refused("host = { a = 1 }\n"), Some(1));
        assert_eq!(refused("host = { a = { k = 1\n } }\n"), Some(1));
    }
}
