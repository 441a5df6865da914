//! The lines of a configuration, and to which hosts they apply.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::{Place, Warnings};
use crate::error::{Error, ErrorKind, Result};

/// How deep files may include others; OpenSSH has the same limit.
const DEEPEST: usize = 16;

/// An option, where it stands, and the hosts that it is for.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) place: Place,
    /// In lower case.
    pub(super) keyword: String,
    pub(super) words: Vec<String>,
    /// All of these must match; the words behind `Host`.
    conditions: Conditions,
}

/// Shared by the lines of a block. `None` never matches.
type Conditions = Option<Rc<Vec<Vec<String>>>>;

impl Line {
    /// Whether it applies to this host.
    pub(super) fn is_for(&self, alias: &str) -> bool {
        applies(&self.conditions, alias)
    }
}

fn applies(conditions: &Conditions, alias: &str) -> bool {
    conditions.as_ref().is_some_and(|all| all.iter().all(|patterns| is_among(patterns, alias)))
}

/// A name without wildcards behind `Host`, and the place of its first mention.
#[cfg_attr(not(feature = "import"), allow(dead_code, reason = "only an import asks for the hosts"))]
#[derive(Debug)]
pub(crate) struct Alias {
    pub(crate) name: String,
    pub(crate) place: Place,
}

/// What the files say, in their order.
#[derive(Default)]
pub(super) struct Lines {
    pub(super) options: Vec<Line>,
    /// Those for which the lines below their `Host` count.
    pub(super) aliases: Vec<Alias>,
}

/// The lines of a file and of those that it includes.
pub(super) fn load(path: &Path, home: Option<&Path>, warnings: &mut Warnings) -> Result<Lines> {
    let mut reader = Reader::new(path.parent(), home, warnings);
    reader.file(path, &Some(Rc::default()), 0)?;
    Ok(reader.lines)
}

/// As [`load`], of a text that was read already. If it stands in no file, what it includes is left out.
#[cfg(feature = "import")]
pub(super) fn text(text: &str, path: Option<&Path>, home: Option<&Path>, warnings: &mut Warnings) -> Result<Lines> {
    let mut reader = Reader::new(path.and_then(Path::parent), home, warnings);
    let shown = path.map(|path| path.display().to_string());
    reader.text(text, shown.as_deref(), &Some(Rc::default()), 0)?;
    Ok(reader.lines)
}

struct Reader<'a> {
    /// Where relative paths of included files begin; none for a text alone.
    folder: Option<PathBuf>,
    home: Option<&'a Path>,
    warnings: &'a mut Warnings,
    lines: Lines,
    known: HashSet<String>,
}

impl<'a> Reader<'a> {
    fn new(folder: Option<&Path>, home: Option<&'a Path>, warnings: &'a mut Warnings) -> Self {
        let folder = folder.map(Path::to_owned);
        Self { folder, home, warnings, lines: Lines::default(), known: HashSet::new() }
    }

    fn file(&mut self, path: &Path, outer: &Conditions, depth: usize) -> Result<()> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error::new(ErrorKind::Io, format!("cannot be read: {error}")).with_path(&shown))?;
        self.text(&text, Some(&shown), outer, depth).map_err(|error| error.with_path(shown))
    }

    fn text(&mut self, text: &str, path: Option<&str>, outer: &Conditions, depth: usize) -> Result<()> {
        let mut conditions = outer.clone();
        for (i, text) in text.lines().enumerate() {
            let broken = |what: &str| Error::new(ErrorKind::Parse, what).with_line(i + 1);
            let Some((keyword, words)) = split(text).map_err(broken)? else { continue };
            let place = Place { path: path.map(str::to_owned), line: i + 1 };
            match keyword.as_str() {
                "host" => {
                    conditions =
                        outer.as_ref().map(|outer| Rc::new([&outer[..], std::slice::from_ref(&words)].concat()));
                    self.aliases(words, &place, &conditions);
                }
                "match" if words.len() == 1 && words[0].eq_ignore_ascii_case("all") => conditions.clone_from(outer),
                "match" => {
                    self.warnings.add(place, "Match", "is not understood: the lines below it are left out");
                    conditions = None;
                }
                "include" if depth == DEEPEST => return Err(broken("the files include each other too deeply")),
                "include" => self.include(&words, place, &conditions, depth + 1)?,
                _ if words.is_empty() => return Err(broken("the option has no value")),
                _ => self.lines.options.push(Line { place, keyword, words, conditions: conditions.clone() }),
            }
        }
        Ok(())
    }

    fn aliases(&mut self, words: Vec<String>, place: &Place, conditions: &Conditions) {
        for name in words.into_iter().filter(|word| !word.contains(['*', '?', '!'])) {
            if applies(conditions, &name) && self.known.insert(name.clone()) {
                self.lines.aliases.push(Alias { name, place: place.clone() });
            }
        }
    }

    fn include(&mut self, patterns: &[String], place: Place, conditions: &Conditions, depth: usize) -> Result<()> {
        let Some(folder) = self.folder.clone() else {
            self.warnings.add(place, "Include", "names files, which are left out: read the configuration as a file");
            return Ok(());
        };
        for pattern in patterns {
            let pattern = match (pattern.strip_prefix("~/"), self.home) {
                (Some(rest), Some(home)) => home.join(rest),
                _ => folder.join(pattern),
            };
            let found = glob::glob(&pattern.to_string_lossy())
                .map_err(|error| Error::new(ErrorKind::Parse, format!("{}: {error}", pattern.display())))?;
            for path in found.flatten() {
                self.file(&path, conditions, depth)?;
            }
        }
        Ok(())
    }
}

/// The keyword in lower case, and the words behind it; nothing for a comment.
fn split(line: &str) -> Result<Option<(String, Vec<String>)>, &'static str> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let end = line.find([' ', '\t', '=']).unwrap_or(line.len());
    let (keyword, rest) = line.split_at(end);
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest).trim_start();
    let keyword = keyword.to_ascii_lowercase();
    if keyword == "proxycommand" {
        // The rest of the line is for a shell, which has its own quotation marks.
        return Ok(Some((keyword, vec![rest.to_owned()].into_iter().filter(|rest| !rest.is_empty()).collect())));
    }
    let words = words(rest).ok_or("a quotation mark is not closed")?;
    Ok(Some((keyword, words)))
}

fn words(text: &str) -> Option<Vec<String>> {
    let mut all = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() && !rest.starts_with('#') {
        let (word, behind) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => rest.split_at(rest.find([' ', '\t']).unwrap_or(rest.len())),
        };
        all.push(word.to_owned());
        rest = behind.trim_start();
    }
    Some(all)
}

/// Whether one of the patterns matches and none that is negated does.
fn is_among(patterns: &[String], name: &str) -> bool {
    let like = |pattern: &str| {
        // Most are plain, and a fleet is looked up in a fleet's file.
        if !pattern.contains(['*', '?']) {
            return pattern == name;
        }
        // `[` means nothing special here.
        let pattern = pattern.replace('[', "[[]");
        glob::Pattern::new(&pattern).is_ok_and(|pattern| pattern.matches(name))
    };
    let negated = patterns.iter().filter_map(|pattern| pattern.strip_prefix('!')).any(like);
    !negated && patterns.iter().filter(|pattern| !pattern.starts_with('!')).any(|pattern| like(pattern))
}
