//! What was read from a node.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::Result;
use crate::object;

/// Something an engine wants to know about a node.
///
/// Paths are text with `/`, absolute, as the node sees them; the client may run on another system. As JSON it is an object
/// with one key, such as `{"unit": "docker"}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Query {
    /// The bytes of a file.
    File(String),
    /// The names in a folder.
    Dir(String),
    /// A service: its unit and the command line of its main process.
    Unit(String),
    /// What a command prints. Asked only of a running node, never of a folder that holds one.
    Command(Vec<String>),
    /// The running processes of a program that are the node's own, not those of its containers: one block of lines
    /// `Key=value` for each, a blank line between two.
    Daemon(String),
    /// Where a program is, found as a shell finds it.
    Program(String),
    /// When a file was last written, in seconds since 1970 by the node's clock.
    Modified(String),
}

/// What a node said. As JSON it is an object with one key, such as `{"text": "…"}`, or `"absent"`; a file's bytes have no
/// form in JSON.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Answer {
    /// There is no such file, folder, service or command.
    Absent,
    /// The bytes of a file.
    #[serde(skip)]
    File(Vec<u8>),
    /// The names in a folder, sorted; those of folders end in `/`.
    Names(Vec<String>),
    /// What a command or a service manager printed.
    Text(String),
    /// It is there but cannot be used; the text says why.
    Unusable(String),
}

impl Query {
    /// What a program says of its version.
    pub(crate) fn version(program: &str) -> Self {
        Self::Command(vec![program.to_owned(), "--version".to_owned()])
    }

    /// Reads the JSON form.
    ///
    /// # Errors
    /// [`ErrorKind::Parse`](crate::ErrorKind::Parse) for what has another shape.
    pub fn from_json(text: &str) -> Result<Self> {
        object::read(text, "query")
    }
}

impl Answer {
    /// Reads the JSON form.
    ///
    /// # Errors
    /// [`ErrorKind::Parse`](crate::ErrorKind::Parse) for what has another shape.
    pub fn from_json(text: &str) -> Result<Self> {
        object::read(text, "answer")
    }
}

/// What an engine is likely to want once it is known how it runs; asked at once, it saves a round trip. What is not so on
/// the node is not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guess {
    /// What a command prints, if the daemon runs as root: it might start it.
    CommandOf(&'static str, Vec<String>),
    /// What a program says of its version, if no process of it runs as root: one that runs tells more by itself.
    VersionIfDown(&'static str),
    /// A service, if no process of this program runs as root.
    UnitIfDown(&'static str, &'static str),
    /// The files in which a service is written, unless its manager has read them as they are and starts it without
    /// variables and without any of these flags.
    FilesOf(&'static str, &'static [&'static str]),
}

impl Guess {
    /// The question, as far as it is known which.
    pub(crate) fn query(&self) -> Option<Query> {
        match self {
            Self::CommandOf(_, words) => Some(Query::Command(words.clone())),
            Self::VersionIfDown(program) => Some(Query::version(program)),
            Self::UnitIfDown(_, name) => Some(Query::Unit((*name).to_owned())),
            Self::FilesOf(..) => None,
        }
    }
}

/// Without the contents: files and command lines may hold secrets.
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Absent => f.write_str("Absent"),
            Self::File(bytes) => write!(f, "File({} bytes)", bytes.len()),
            Self::Names(names) => f.debug_tuple("Names").field(names).finish(),
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Unusable(why) => f.debug_tuple("Unusable").field(why).finish(),
        }
    }
}

/// What was read from a node, or given by the caller. Nothing in it is trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    answers: BTreeMap<Query, Answer>,
    versions: BTreeMap<String, String>,
    assumed: BTreeMap<String, String>,
    engines: Vec<String>,
    config_paths: BTreeMap<String, String>,
    live: bool,
}

impl Facts {
    /// Facts from files alone, for merging texts without a node. Files that are not given do not exist; the folders are
    /// those that the files need.
    pub fn from_files<P, B>(files: impl IntoIterator<Item = (P, B)>) -> Self
    where
        P: Into<String>,
        B: Into<Vec<u8>>,
    {
        files.into_iter().fold(Self::default(), |facts, (path, bytes)| facts.with_file(path, bytes))
    }

    /// Facts of a running node, still empty.
    pub(crate) fn of_live_node() -> Self {
        Self { live: true, ..Self::default() }
    }

    /// Adds a file.
    #[must_use]
    pub fn with_file(mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        let path = path.into();
        self.add_to_folders(&path, "");
        self.answers.insert(Query::File(path), Answer::File(bytes.into()));
        self
    }

    /// Adds a folder, empty but for what else is known to be in it.
    #[must_use]
    pub fn with_folder(mut self, path: &str) -> Self {
        self.listing(path);
        self.add_to_folders(path, "/");
        self
    }

    /// Says that an engine is there and which version it has, such as `("containerd", "1.7.24")`.
    #[must_use]
    pub fn with_version(mut self, engine: &str, version: &str) -> Self {
        self.versions.insert(engine.to_owned(), version.to_owned());
        self
    }

    /// Gives the version that an engine has if it is there and none can be read.
    #[must_use]
    pub fn with_assumed_version(mut self, engine: &str, version: &str) -> Self {
        self.assumed.insert(engine.to_owned(), version.to_owned());
        self
    }

    /// Names the engines that are to be set, such as `docker`; all that are found if there is none.
    #[must_use]
    pub fn with_engines(mut self, engines: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.engines = engines.into_iter().map(Into::into).collect();
        self
    }

    /// Says where an engine has its main configuration, whatever its process or service says.
    #[must_use]
    pub fn with_config_path(mut self, engine: &str, path: &str) -> Self {
        self.config_paths.insert(engine.to_owned(), path.to_owned());
        self
    }

    /// Whether an engine is among those that are to be set.
    pub(crate) fn is_to_be_set(&self, engine: &str) -> bool {
        self.engines.is_empty() || self.engines.iter().any(|id| id == engine)
    }

    pub(crate) fn config_path(&self, engine: &str) -> Option<&str> {
        self.config_paths.get(engine).map(String::as_str)
    }

    pub(crate) fn version(&self, engine: &str) -> Option<&str> {
        self.versions.get(engine).map(String::as_str)
    }

    pub(crate) fn assumed_version(&self, engine: &str) -> Option<&str> {
        self.assumed.get(engine).map(String::as_str)
    }

    /// Adds an answer.
    #[must_use]
    pub fn with(mut self, query: Query, answer: Answer) -> Self {
        self.insert(query, answer);
        self
    }

    pub(crate) fn insert(&mut self, query: Query, mut answer: Answer) {
        if let Answer::Names(names) = &mut answer {
            names.sort_unstable();
        }
        self.answers.insert(query, answer);
    }

    /// Whether these are the facts of a running node, so that its services can be asked and activated.
    pub fn is_live(&self) -> bool {
        self.live
    }

    /// The answer to a query; for facts from files, what was not given is absent.
    pub fn answer(&self, query: &Query) -> Option<&Answer> {
        match self.answers.get(query) {
            None if !self.live => Some(&Answer::Absent),
            found => found,
        }
    }

    /// Whether the query has an answer of its own.
    pub(crate) fn is_known(&self, query: &Query) -> bool {
        self.answers.contains_key(query)
    }

    /// The files given or read.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.answers.iter().filter_map(|(query, answer)| match (query, answer) {
            (Query::File(path), Answer::File(bytes)) => Some((path.as_str(), bytes.as_slice())),
            _ => None,
        })
    }

    /// Takes a file away.
    #[must_use]
    pub(crate) fn without_file(mut self, path: &str) -> Self {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        self.answers.insert(Query::File(path.to_owned()), Answer::Absent);
        if let Some(Answer::Names(names)) = self.answers.get_mut(&Query::Dir(folder.to_owned())) {
            names.binary_search_by(|known| known.as_str().cmp(name)).ok().map(|at| names.remove(at));
        }
        self
    }

    /// Enters a file into the listings of the folders above it.
    /// The names in a folder, which is there from now on.
    fn listing(&mut self, folder: &str) -> Option<&mut Vec<String>> {
        let listing = self.answers.entry(Query::Dir(folder.to_owned())).or_insert(Answer::Absent);
        if *listing == Answer::Absent {
            *listing = Answer::Names(Vec::new());
        }
        match listing {
            Answer::Names(names) => Some(names),
            _ => None,
        }
    }

    fn add_to_folders(&mut self, path: &str, slash: &str) {
        let mut name = path;
        let mut slash = slash;
        while let Some((folder, last)) = name.rsplit_once('/') {
            let entry = format!("{last}{slash}");
            if let Some(names) = self.listing(folder)
                && let Err(at) = names.binary_search(&entry)
            {
                names.insert(at, entry);
            }
            (name, slash) = (folder, "/");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_not_shown() {
        let facts =
            Facts::from_files([("/f", "hunter2")]).with(Query::Unit("u".into()), Answer::Text("hunter2".into()));
        let shown = format!("{facts:?}");
        // Neither as text nor as the numbers of its bytes.
        assert!(!shown.contains("hunter2") && !shown.contains("104, 117, 110") && shown.contains("7 bytes"), "{shown}");
    }

    #[test]
    fn queries_and_answers_are_read_from_json() {
        let query = |text| Query::from_json(text).ok();
        let answer = |text| Answer::from_json(text).ok();
        assert_eq!(query(r#"{"unit": "docker"}"#), Some(Query::Unit("docker".into())));
        assert_eq!(query(r#"{"command": ["a", "b"]}"#), Some(Query::Command(vec!["a".into(), "b".into()])));
        assert_eq!(answer(r#"{"text": "a\nb"}"#), Some(Answer::Text("a\nb".into())));
        assert_eq!(answer("\"absent\""), Some(Answer::Absent));
        assert_eq!((query("{}"), answer(r#"{"file": [1]}"#)), (None, None));
    }

    #[test]
    fn files_make_their_folders() {
        let facts = Facts::from_files([("/etc/a/x.toml", "1"), ("/etc/b", "2")]);
        let listing = |path: &str| facts.answer(&Query::Dir(path.into())).cloned();
        assert_eq!(listing("/etc"), Some(Answer::Names(vec!["a/".into(), "b".into()])));
        assert_eq!(listing("/etc/a"), Some(Answer::Names(vec!["x.toml".into()])));
        assert_eq!(listing("/usr"), Some(Answer::Absent));
        let facts = facts.with_folder("/etc/c").with_folder("/etc/a");
        let listing = |path: &str| facts.answer(&Query::Dir(path.into())).cloned();
        assert_eq!(listing("/etc"), Some(Answer::Names(vec!["a/".into(), "b".into(), "c/".into()])));
        assert_eq!(listing("/etc/a"), Some(Answer::Names(vec!["x.toml".into()])));
        assert_eq!(listing("/etc/c"), Some(Answer::Names(Vec::new())));
    }

    #[test]
    fn files_come_and_go_in_their_folders() {
        let facts = Facts::of_live_node().with(Query::Dir("/etc/a".into()), Answer::Absent).with_file("/etc/a/x", "1");
        let listing = |facts: &Facts| facts.answer(&Query::Dir("/etc/a".into())).cloned();
        assert_eq!(listing(&facts), Some(Answer::Names(vec!["x".into()])));
        let facts = facts.without_file("/etc/a/x");
        assert_eq!(facts.answer(&Query::File("/etc/a/x".into())), Some(&Answer::Absent));
        assert_eq!(listing(&facts), Some(Answer::Names(Vec::new())));
    }
}
