//! The text that is imported, and where it comes from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};

use super::remark::Place;

/// No inventory that people keep is larger.
const MOST_BYTES: u64 = 16 << 20;

/// A cluster is told in two or three.
const MOST_DOCUMENTS: usize = 16;

/// A text, and the file that it stands in.
pub(super) struct Source {
    text: String,
    path: Option<PathBuf>,
    shown: Option<Arc<str>>,
}

impl Source {
    /// A text that stands in no file.
    pub(super) fn text(text: &str) -> Self {
        Self { text: without_mark(text).to_owned(), path: None, shown: None }
    }

    /// A file, or the inventory in a folder.
    pub(super) fn load(path: &Path) -> Result<Self> {
        if path.is_dir() {
            return Self::load(&inventory_in(path)?);
        }
        let shown = path.display().to_string();
        let text = read(path).map_err(|error| error.with_path(&shown))?;
        Ok(Self { text, path: Some(path.to_owned()), shown: Some(shown.into()) })
    }

    /// The documents of YAML in it that are not blank, each with its lines where they were.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for more of them than people keep in a file.
    pub(super) fn documents(&self) -> Result<Vec<Self>> {
        let mut texts = vec![String::new()];
        for (i, line) in self.text.split_inclusive('\n').enumerate() {
            if line.trim_end() == "---" || line.starts_with("--- ") {
                texts.push("\n".repeat(i));
            }
            if texts.len() > MOST_DOCUMENTS {
                return Err(Error::invalid(format!("has more than {MOST_DOCUMENTS} documents")));
            }
            texts.iter_mut().rev().take(1).for_each(|text| *text += line);
        }
        let document = |text| Self { text, path: self.path.clone(), shown: self.shown.clone() };
        Ok(texts.into_iter().filter(|text| !is_blank(text)).map(document).collect())
    }

    /// Its text, without a byte order mark.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Its file, as it is shown.
    pub(super) fn path(&self) -> Option<&str> {
        self.shown.as_deref()
    }

    /// The folder that relative paths are taken from; none for a text that stands in no file.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.path.as_ref().map(|path| path.parent().unwrap_or(Path::new("")))
    }

    /// The text of a file that it names; `None` where there is no such file, and for a text that stands in none itself.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] and [`ErrorKind::InvalidArgument`] for one that cannot be read or is too large.
    pub(super) fn beside(&self, name: &str) -> Result<Option<String>> {
        // Neither a folder nor a device, which may never end.
        let path = self.folder().map(|folder| folder.join(name)).filter(|path| path.is_file());
        path.map(|path| read(&path).map_err(|error| error.context(name))).transpose()
    }

    /// A place in it.
    pub(super) fn place(&self, line: usize, key: impl Into<String>) -> Place {
        Place { path: self.shown.clone(), line: Some(line), key: key.into() }
    }
}

fn is_blank(document: &str) -> bool {
    document.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with('#') || line == "---")
}

/// Names that inventories of Ansible go by.
const INVENTORIES: [&str; 8] =
    ["inventory.ini", "inventory.yaml", "inventory.yml", "inventory", "hosts.yaml", "hosts.yml", "hosts.ini", "hosts"];

fn inventory_in(folder: &Path) -> Result<PathBuf> {
    let at = |error: Error| error.with_path(folder.display().to_string());
    let found: Vec<_> = INVENTORIES.iter().map(|name| folder.join(name)).filter(|path| path.is_file()).collect();
    match found.as_slice() {
        [path] => Ok(path.clone()),
        [] => Err(at(Error::invalid("is a folder without an inventory"))
            .with_hint(format!("name the file, if it is none of {}", INVENTORIES.join(", ")))),
        [one, two, ..] => {
            let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let what = format!("has several inventories, such as {} and {}", name(one), name(two));
            Err(at(Error::invalid(what)).with_hint("name the file that counts"))
        }
    }
}

fn read(path: &Path) -> Result<String> {
    let io = |e: std::io::Error| Error::new(ErrorKind::Io, format!("cannot be read: {e}"));
    let size = std::fs::metadata(path).map_err(io)?.len();
    if size > MOST_BYTES {
        return Err(Error::invalid(format!("has {size} bytes, and an inventory at most {MOST_BYTES}")));
    }
    let text = std::fs::read_to_string(path).map_err(io)?;
    Ok(without_mark(&text).to_owned())
}

fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_is_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hosts");
        std::fs::write(&path, "n1\n").unwrap();
        let source = Source::load(&path).unwrap();
        assert_eq!(source.beside("hosts"), Ok(Some("n1\n".to_owned())));
        for none in ["nowhere", ".", "/dev/zero"] {
            assert_eq!(source.beside(none), Ok(None), "{none}");
        }
        assert_eq!(Source::text("n1").beside("hosts"), Ok(None));
    }

    #[test]
    fn documents_keep_their_lines() {
        let source = Source::text("# one\n---\na: 1\n--- # two\nb: |\n  ---\n---\n");
        let texts: Vec<_> = source.documents().unwrap().into_iter().map(|document| document.text).collect();
        assert_eq!(texts, ["\n---\na: 1\n", "\n\n\n--- # two\nb: |\n  ---\n"]);
        assert!(Source::text(&"---\n".repeat(17)).documents().is_err());
    }
}
