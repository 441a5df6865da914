//! What a plan may do to a file, told without the library: which lines may go and come, and what must mean the same.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use similar::TextDiff;
use toml_edit::{Document, Item, Table, TableLike};

use crate::hosts::HEAD;
use crate::node::{CONFIG, shown};

const MARK: &str = "# regconf";
/// How the first line of a file of ours begins, in every version.
const WRITTEN: &str = "# Written by regconf";
const BOM: &str = "\u{feff}";
const LISTS: [&str; 2] = ["insecure-registries", "registry-mirrors"];

pub(crate) type Verdict = Result<(), String>;

/// What the settings say that bears on what may go.
pub(crate) struct Asked {
    /// Hosts to remove, and endpoints named with them.
    pub(crate) removed: BTreeSet<String>,
    pub(crate) named: BTreeSet<String>,
}

impl Asked {
    pub(crate) fn of(settings: &Value) -> Self {
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let removed = list(&settings["remove"]);
        Self {
            removed: removed
                .iter()
                .map(|entry| text(entry.get("host").unwrap_or(entry)).replace("_default", "*"))
                .collect(),
            named: removed.iter().flat_map(|entry| list(&entry["endpoints"])).map(|url| bare(&text(&url))).collect(),
        }
    }
}

/// A URL as containerd compares it.
fn bare(url: &str) -> String {
    let url = if url.starts_with("http") { url.to_owned() } else { format!("https://{url}") };
    let url = url.trim_end_matches('/');
    let url = url.strip_suffix("/v2").unwrap_or(url);
    match url.strip_prefix("http://").and_then(|rest| rest.strip_suffix(":80")) {
        Some(rest) => format!("http://{rest}"),
        None => url.to_owned(),
    }
}

/// Whether a file was changed as it may be.
pub(crate) fn change(path: &str, before: Option<&[u8]>, after: Option<&[u8]>, version: &str, asked: &Asked) -> Verdict {
    // containerd 1.x reads any bytes: what is not UTF-8 is taken byte by byte.
    let text = |bytes: Option<&[u8]>| {
        let bytes = bytes.unwrap_or_default();
        let (mark, rest) = bytes.split_at(if bytes.starts_with(BOM.as_bytes()) { BOM.len() } else { 0 });
        let mark = if mark.is_empty() { "" } else { BOM };
        mark.to_owned()
            + &String::from_utf8(rest.to_vec()).unwrap_or_else(|_| rest.iter().copied().map(char::from).collect())
    };
    let (old, new) = (text(before), text(after));
    // containerd 1.x takes lone carriage returns for line ends; they stay so throughout.
    let is_mac = old.contains('\r') && !old.contains('\n') && !new.contains('\n');
    let (old, new) = if is_mac { (old.replace('\r', "\n"), new.replace('\r', "\n")) } else { (old, new) };
    let verdict = match path.rsplit_once('/').map_or(path, |(_, name)| name) {
        "hosts.toml" if after.is_none() => hosts_gone(&old),
        name if after.is_none() => {
            if name.starts_with("regconf-") {
                Ok(())
            } else {
                Err("is gone".to_owned())
            }
        }
        "hosts.toml" | "config.toml" => toml(path, &old, &new, asked),
        "daemon.json" => json(&old, &new, asked),
        name if name.starts_with("regconf-") => Ok(()),
        _ => Err("is none of ours".to_owned()),
    };
    let verdict = verdict.and_then(|()| if after.is_some() { frame(path, &old, &new, version) } else { Ok(()) });
    verdict.map_err(|why| explained(path, &old, &new, &why))
}

pub(crate) fn explained(path: &str, old: &str, new: &str, why: &str) -> String {
    let (old, new) = (shown(old.as_bytes()), shown(new.as_bytes()));
    let diff = TextDiff::from_lines(&old, &new).unified_diff().context_radius(2).to_string();
    format!("{path}: {why}\n=== before\n{old}<end>\n=== after\n{new}<end>\n=== diff\n{diff}")
}

/// Byte order mark, line ends and the end of the file.
fn frame(path: &str, old: &str, new: &str, version: &str) -> Verdict {
    if old.is_empty() {
        return Ok(());
    }
    let may_lose_bom = !path.ends_with("daemon.json") && version.starts_with('2');
    if old.starts_with(BOM) != new.starts_with(BOM) && !(may_lose_bom && old.starts_with(BOM)) {
        return Err("the byte order mark is not as it was".to_owned());
    }
    let ends = |text: &str| (text.matches("\r\n").count(), text.matches('\n').count());
    let kind = |text: &str| match ends(text) {
        (_, 0) => None,
        (0, _) => Some("LF"),
        (crlf, all) if crlf == all => Some("CRLF"),
        _ => Some("mixed"),
    };
    // The odd ones of mixed line ends may be those of the lines that go.
    if let (Some(a), Some(b)) = (kind(old), kind(new))
        && a != b
        && a != "mixed"
    {
        return Err(format!("line ends were {a} and are {b}"));
    }
    let body = old.trim_start_matches(BOM);
    // What an unfinished last line of ours leaves behind may be finished.
    let has_ours = old.lines().any(|line| line.trim() == MARK);
    if path.ends_with("/hosts.toml") && (hosts_gone(old).is_ok() || (has_ours && !old.ends_with('\n'))) {
        return Ok(());
    }
    if !body.trim().is_empty() && body.trim() != "null" && !new.is_empty() && old.ends_with('\n') != new.ends_with('\n')
    {
        return Err("the end of the last line is not as it was".to_owned());
    }
    Ok(())
}

/// A key or header in a TOML text and the lines it stands on.
struct Place {
    path: Vec<String>,
    is_header: bool,
    lines: std::ops::RangeInclusive<usize>,
}

struct Read {
    lines: Vec<String>,
    places: Vec<Place>,
    value: Value,
}

fn read(text: &str) -> Result<Read, String> {
    let text = text.trim_start_matches(BOM);
    let document = Document::parse(text.to_owned()).map_err(|e| format!("is no TOML: {e}"))?;
    let line = |at: usize| text[..at].matches('\n').count();
    let mut places = Vec::new();
    walk(document.as_table(), &[], &line, &mut places);
    Ok(Read {
        lines: text.split_inclusive('\n').map(str::to_owned).collect(),
        places,
        value: meaning(document.as_item()),
    })
}

fn walk(table: &dyn TableLike, above: &[String], line: &dyn Fn(usize) -> usize, places: &mut Vec<Place>) {
    for (name, item) in table.iter() {
        let path: Vec<_> = above.iter().cloned().chain([name.to_owned()]).collect();
        let key = table.get_key_value(name).and_then(|(key, _)| key.span());
        match item {
            Item::Table(inner) => {
                if let Some(span) = inner.span().filter(|s| !s.is_empty() && !inner.is_implicit() && !inner.is_dotted())
                {
                    places.push(Place {
                        path: path.clone(),
                        is_header: true,
                        lines: line(span.start)..=line(span.end),
                    });
                }
                walk(inner, &path, line, places);
            }
            Item::Value(value) => {
                if let Some(inner) = value.as_inline_table() {
                    walk(inner, &path, line, places);
                }
                if let (Some(key), Some(span)) = (key, value.span()) {
                    places.push(Place { path, is_header: false, lines: line(key.start)..=line(span.end) });
                }
            }
            _ => {}
        }
    }
}

fn meaning(item: &Item) -> Value {
    match item {
        Item::Table(table) => of_table(table),
        Item::ArrayOfTables(tables) => tables.iter().map(|table: &Table| of_table(table)).collect(),
        Item::Value(toml_edit::Value::InlineTable(table)) => of_table(table),
        Item::Value(toml_edit::Value::Array(array)) => {
            array.iter().map(|value| meaning(&Item::Value(value.clone()))).collect()
        }
        Item::Value(toml_edit::Value::String(text)) => Value::from(text.value().as_str()),
        Item::Value(other) => serde_json::json!({"toml": other.clone().decorated("", "").to_string()}),
        Item::None => Value::Null,
    }
}

fn of_table(table: &dyn TableLike) -> Value {
    Value::Object(table.iter().map(|(key, item)| (key.to_owned(), meaning(item))).collect())
}

/// The meaning of a TOML text.
pub(crate) fn meaning_of(text: &[u8]) -> Value {
    read(&String::from_utf8_lossy(text)).map_or_else(Value::from, |read| sorted(&read.value))
}

/// The same value with the keys of its tables in order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut all: Vec<_> = map.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
            all.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(all.into_iter().collect())
        }
        other => other.clone(),
    }
}

/// Whether this library looks after a key.
fn is_managed(path: &[String]) -> bool {
    let path: Vec<_> = path.iter().map(String::as_str).collect();
    // containerd 2 reads it in any letter case.
    if let ["plugins", _, "registry", key] = path.as_slice() {
        return key.eq_ignore_ascii_case("config_path");
    }
    matches!(
        path.as_slice(),
        ["plugins", _, "registry", "mirrors", _, "endpoint"]
            | ["plugins", _, "registry", "configs", _, "tls", "insecure_skip_verify"]
            | ["server" | "override_path" | "skip_verify" | "ca" | "client"]
            | ["host", _, "capabilities" | "skip_verify" | "ca" | "client" | "override_path"]
            | ["host", _, "header", ..]
    )
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// What stands behind the first `#` that is in no string.
fn comment_on(line: &str) -> Option<&str> {
    let mut quote = None;
    let mut chars = line.char_indices();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (None, '#') => return Some(line[at..].trim()),
            (None, '"' | '\'') => quote = Some(c),
            (Some('"'), '\\') => drop(chars.next()),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
    }
    None
}

impl Read {
    fn is_marked(&self, header: &Place) -> bool {
        header.is_header && header.lines.start().checked_sub(1).is_some_and(|i| self.lines[i].trim() == MARK)
    }

    fn marked(&self) -> Vec<Vec<String>> {
        self.places.iter().filter(|place| self.is_marked(place)).map(|place| place.path.clone()).collect()
    }

    /// The tables that may go as a whole: those that are marked, and those that are named.
    fn whole(&self, asked: &Asked) -> Vec<Vec<String>> {
        let is_named = |path: &[String]| match path {
            [host, url] => host == "host" && asked.named.contains(&bare(url)),
            [_, _, registry, mirrors, host] => {
                registry == "registry"
                    && mirrors == "mirrors"
                    && !asked.named.is_empty()
                    && asked.removed.contains(host)
            }
            _ => false,
        };
        let named = self.places.iter().filter(|place| place.is_header && is_named(&place.path));
        self.marked().into_iter().chain(named.map(|place| place.path.clone())).collect()
    }

    /// The lines that may be gone or new.
    fn free(&self, whole: &[Vec<String>], comes: bool) -> BTreeSet<usize> {
        let mut free = BTreeSet::new();
        let inline = |place: &Place| {
            let path: Vec<_> = place.path.iter().map(String::as_str).collect();
            !place.is_header && matches!(path.as_slice(), ["plugins", _, "registry"] | ["plugins", _, "registry", _])
        };
        let may_go = |place: &&Place| is_managed(&place.path) || inline(place) || self.gets_headers(place);
        for place in self.places.iter().filter(may_go) {
            free.extend(place.lines.clone().filter(|i| !is_comment(&self.lines[*i])));
        }
        for table in whole {
            let below = || self.places.iter().filter(|place| place.path.starts_with(table));
            let first = below().map(|place| *place.lines.start()).min().unwrap_or(0);
            let last = below().map(|place| *place.lines.end()).max().unwrap_or(0);
            let first = if first > 0 && self.lines[first - 1].trim() == MARK { first - 1 } else { first };
            free.extend(first..=last);
        }
        let new_header = |place: &&Place| {
            comes && place.is_header && (place.path[0] == "host" || place.path.get(2).is_some_and(|p| p == "registry"))
        };
        free.extend(self.places.iter().filter(new_header).flat_map(|place| place.lines.clone()));
        free
    }

    /// Whether this is of hosts that get headers of their own; what it means is compared apart.
    fn gets_headers(&self, place: &Place) -> bool {
        let has_header =
            |url: &String| self.places.iter().any(|p| p.is_header && p.path[0] == "host" && p.path.get(1) == Some(url));
        place.path[0] == "host" && place.path.get(1).is_none_or(|url| !has_header(url))
    }

    /// The comments on lines of such hosts.
    fn moving_comments(&self) -> Vec<&str> {
        let lines = self.places.iter().filter(|place| self.gets_headers(place)).flat_map(|place| place.lines.clone());
        lines.filter_map(|i| self.lines.get(i)).filter_map(|line| comment_on(line)).collect()
    }

    /// The keys below headers of hosts that got them.
    fn lines_below(&self, hosts: &Read) -> BTreeSet<usize> {
        let moved = self
            .places
            .iter()
            .filter(|place| hosts.places.iter().any(|old| old.path == place.path && hosts.gets_headers(old)));
        moved.flat_map(|place| place.lines.clone()).collect()
    }

    fn fixed(&self, free: &BTreeSet<usize>, is_other: impl Fn(&str) -> bool) -> Vec<&str> {
        let kept = self.lines.iter().enumerate().filter(|(i, line)| !free.contains(i) && !is_other(line));
        kept.map(|(_, line)| line.as_str()).collect()
    }
}

fn toml(path: &str, old: &str, new: &str, asked: &Asked) -> Verdict {
    let (before, after) = (read(old)?, read(new)?);
    let whole = before.whole(asked);
    let blank = |line: &str| line.trim().is_empty();
    let gone = before.free(&whole, false);
    let kept = before.fixed(&gone, blank);
    let is_without_headers = |read: &Read| read.places.iter().any(|place| read.gets_headers(place));
    let moves = is_without_headers(&before) && !is_without_headers(&after);
    if let Some(line) = first_missing(&kept, &after.lines, moves) {
        return Err(format!("lost or changed the line {line:?}"));
    }
    let moving = before.moving_comments();
    if let Some(lost) = moving.iter().find(|comment| !after.lines.iter().any(|line| line.contains(**comment))) {
        return Err(format!("lost the comment {lost:?}"));
    }
    let new_version = |line: &str| before.places.is_empty() && line.starts_with("version = ");
    let is_new = |line: &str| {
        blank(line) || line.trim() == HEAD && old.is_empty() || new_version(line) || moving.contains(&line.trim())
    };
    let mut free = after.free(&after.marked(), true);
    free.extend(after.lines_below(&before));
    let come = after.fixed(&free, is_new);
    if let Some(line) = first_missing(&come, &before.lines, moves) {
        return Err(format!("has got the line {line:?}"));
    }
    let blanks = |read: &Read, free: &BTreeSet<usize>| read.fixed(free, |line| !blank(line)).len();
    if hosts_gone(old).is_err()
        && blanks(&after, &BTreeSet::new()) + whole.len() + usize::from(!old.ends_with('\n')) < blanks(&before, &gone)
    {
        return Err("has lost blank lines".to_owned());
    }
    let apart: Vec<_> = whole.into_iter().chain(after.marked()).collect();
    let (a, b) = (foreign(&before.value, &apart), foreign(&after.value, &apart));
    let b = if before.places.is_empty() { without_version(b) } else { b };
    if a != b {
        return Err(format!("means something else:\n{a:#}\n{b:#}"));
    }
    if path == CONFIG && asked.removed.is_empty() { additive(&before.value, &after.value) } else { Ok(()) }
}

fn without_version(mut value: Value) -> Value {
    if let Some(map) = value.as_object_mut() {
        map.shift_remove("version");
    }
    value
}

/// The first of the lines that is not there in this order, or in any where some move. The last line of a file may have
/// got an end.
fn first_missing<'a>(lines: &[&'a str], there: &[String], moves: bool) -> Option<&'a str> {
    let bare = |line: &str| line.trim_end_matches('\n').trim_end_matches('\r').to_owned();
    let is = |a: &str, b: &str| if a.ends_with('\n') && b.ends_with('\n') { a == b } else { bare(a) == bare(b) };
    let mut rest = there.iter();
    let mut is_missing = |line: &str| {
        if moves { !there.iter().any(|other| bare(line) == bare(other)) } else { !rest.any(|other| is(line, other)) }
    };
    lines.iter().find(|line| is_missing(line)).copied()
}

/// What is neither managed nor in one of these tables, tables that are then empty left out.
fn foreign(value: &Value, apart: &[Vec<String>]) -> Value {
    fn strip(value: &Value, path: &mut Vec<String>, apart: &[Vec<String>]) -> Option<Value> {
        if is_managed(path) || apart.contains(path) {
            return None;
        }
        let Some(map) = value.as_object() else { return Some(value.clone()) };
        let mut all = std::collections::BTreeMap::new();
        for (key, value) in map {
            path.push(key.clone());
            if let Some(value) = strip(value, path, apart) {
                all.insert(key.clone(), value);
            }
            path.pop();
        }
        (!all.is_empty()).then(|| Value::Object(all.into_iter().collect()))
    }
    strip(value, &mut Vec::new(), apart).unwrap_or(Value::Object(Map::new()))
}

/// Without a removal a `config_path` that is set stays, and so does every endpoint.
fn additive(before: &Value, after: &Value) -> Verdict {
    for (plugin, there) in before["plugins"].as_object().into_iter().flatten() {
        let (there, now) = (&there["registry"], &after["plugins"][plugin]["registry"]);
        if there["config_path"].as_str().is_some_and(|p| !p.is_empty()) && there["config_path"] != now["config_path"] {
            return Err("config_path has another value".to_owned());
        }
        for (host, mirror) in there["mirrors"].as_object().into_iter().flatten() {
            let endpoints = |mirror: &Value| mirror["endpoint"].as_array().cloned().unwrap_or_default();
            let now = endpoints(&now["mirrors"][host]);
            let text = |url: &Value| bare(url.as_str().unwrap_or_default());
            if let Some(url) = endpoints(mirror).iter().find(|url| !now.iter().any(|n| text(n) == text(url))) {
                return Err(format!("the mirrors of {host} have lost {url}"));
            }
        }
    }
    Ok(())
}

/// A file may go only when all it holds is ours.
fn hosts_gone(old: &str) -> Verdict {
    let before = read(old)?;
    let free = before.free(&before.marked(), false);
    let rest = before.fixed(&free, |line| line.trim().is_empty() || line.starts_with(WRITTEN));
    match rest.first() {
        None => Ok(()),
        Some(line) => Err(format!("is gone although it holds {line:?}")),
    }
}

/// A property of the top object: its name, where it begins, where its value begins and ends.
struct Property {
    name: String,
    start: usize,
    value: std::ops::Range<usize>,
}

/// The properties of the top object of a JSON text that is known to be right.
fn properties(text: &str) -> Vec<Property> {
    let bytes = text.as_bytes();
    let (mut found, mut depth, mut i) = (Vec::<Property>::new(), 0, 0);
    let (mut name, mut end) = (None, 0);
    while i < bytes.len() {
        let at = i;
        i += 1;
        match bytes[at] {
            b'"' => {
                while bytes[i] != b'"' {
                    i += if bytes[i] == b'\\' { 2 } else { 1 };
                }
                i += 1;
                if depth == 1 && name.is_none() {
                    name = Some((serde_json::from_str::<String>(&text[at..i]).unwrap_or_default(), at));
                    continue;
                }
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        let closes = depth == 0 && bytes[at] == b'}';
        if (depth == 1 && bytes[at] == b',') || closes {
            if let Some((name, start)) = name.take() {
                let from = start + text[start..].find(':').unwrap_or(0) + 1;
                let from = from + text[from..].len() - text[from..].trim_start().len();
                found.push(Property { name, start, value: from..end });
            }
        } else if !bytes[at].is_ascii_whitespace() {
            end = i;
        }
    }
    found
}

fn json(old: &str, new: &str, asked: &Asked) -> Verdict {
    let parsed = |text: &str| serde_json::from_str::<Value>(text.trim_start_matches(BOM)).map_err(|e| e.to_string());
    let after = parsed(new).map_err(|e| format!("is no JSON: {e}"))?;
    let before = if matches!(old.trim_start_matches(BOM).trim(), "" | "null") { Value::Null } else { parsed(old)? };
    for (key, value) in before.as_object().into_iter().flatten().filter(|(key, _)| !LISTS.contains(&key.as_str())) {
        if after.get(key) != Some(value) {
            return Err(format!("{key} means something else"));
        }
    }
    let keys = |value: &Value| value.as_object().map_or(Vec::new(), |map| map.keys().cloned().collect());
    let there = keys(&before);
    let kept: Vec<_> =
        keys(&after).into_iter().filter(|key| there.contains(key) || !LISTS.contains(&key.as_str())).collect();
    if kept != there {
        return Err(format!("the keys were {there:?} and are {kept:?}"));
    }
    for key in LISTS {
        entries(&before[key], &after[key], asked).map_err(|why| format!("{key}: {why}"))?;
    }
    if there.is_empty() {
        return Ok(());
    }
    let (a, b) = (without_lists(old, &there), without_lists(new, &there));
    if a != b {
        return Err(format!("other bytes have changed:\n{}\n{}", shown(a.as_bytes()), shown(b.as_bytes())));
    }
    Ok(())
}

/// The text with `@` for each list that was there before, and without those that were not.
fn without_lists(text: &str, there: &[String]) -> String {
    let all = properties(text);
    let mut out = text.to_owned();
    for (i, property) in all.iter().enumerate().rev().filter(|(_, p)| LISTS.contains(&p.name.as_str())) {
        if there.contains(&property.name) {
            out.replace_range(property.value.clone(), "@");
        } else {
            let start = i.checked_sub(1).map_or(property.start, |i| all[i].value.end);
            out.replace_range(start..property.value.end, "");
        }
    }
    out
}

/// Entries stay in order; only those that are asked for go.
fn entries(before: &Value, after: &Value, asked: &Asked) -> Verdict {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut now = list(after).into_iter();
    for entry in list(before) {
        let text = entry.as_str().unwrap_or_default();
        let host = text.rsplit("//").next().unwrap_or_default();
        let goes = asked.removed.contains(host) || asked.named.contains(&bare(text));
        let mut rest = now.clone();
        if rest.any(|other| other == entry) {
            now = rest;
        } else if !goes {
            return Err(format!("has lost {entry}"));
        }
    }
    let new: Vec<_> = list(after);
    let doubled = new.iter().enumerate().find(|(i, entry)| new[..*i].contains(entry));
    match doubled {
        Some((_, entry)) if !list(before).contains(entry) => Err(format!("has {entry} twice")),
        _ => Ok(()),
    }
}
