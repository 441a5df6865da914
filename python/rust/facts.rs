//! What was read from a node.

use std::collections::BTreeMap;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMapping, PyString, PyTuple};
use regconf::{Answer, ErrorKind, Query};

use crate::convert::{Contents, Many};
use crate::error::{raised, wrong};
use crate::json;
use crate::value::{Arguments, Secrets, Value, hidden, value_methods};

type Texts = BTreeMap<String, String>;

/// What a node says of its files and engines, to plan for it without reaching it.
///
/// ``files`` are existing files by their absolute paths; what is not given is not there, and the folders are those that the
/// files need. ``folders`` adds folders with the names in them, those of folders with a ``/`` at the end. ``versions`` are
/// engines and what runs there, such as ``{"containerd": "1.7.24"}``; ``assumed_versions`` count where an engine is found and
/// its version is not known. ``engines`` are those to be set, all that are found if empty. ``config_paths`` says where an
/// engine has its main configuration. An engine is on the node when there is a file below ``/etc/containerd`` or
/// ``/etc/docker``, or when its version is known.
///
/// ``answers`` are pairs of a question and its answer for what is not about a file's bytes. A question is a mapping with
/// one key: ``unit``, ``command`` (a list of words), ``daemon``, ``program``, ``dir`` or ``modified``. An answer is a text,
/// None where there is no such thing, or a mapping with one key: ``text``, ``names`` (a list) or ``unusable``.
///
/// >>> facts = Facts({"/etc/docker/daemon.json": "{}"}, versions={"docker": "28.0.1"})
/// >>> facts.files
/// {'/etc/docker/daemon.json': b'{}'}
#[pyclass(frozen, eq, module = "regconf", from_py_object)]
#[derive(Clone, PartialEq)]
pub(crate) struct Facts {
    given: Given,
    facts: regconf::Facts,
}

/// What the facts were made from.
#[derive(Clone, Default, PartialEq)]
struct Given {
    files: BTreeMap<String, Contents>,
    folders: BTreeMap<String, Vec<String>>,
    versions: Texts,
    assumed_versions: Texts,
    engines: Vec<String>,
    config_paths: Texts,
    answers: Vec<(serde_json::Value, serde_json::Value)>,
}

impl Facts {
    pub(crate) fn facts(&self) -> &regconf::Facts {
        &self.facts
    }
}

impl Given {
    fn facts(&self) -> PyResult<regconf::Facts> {
        let mut facts =
            regconf::Facts::from_files(self.files.iter().map(|(path, Contents(bytes))| (path, bytes.clone())));
        for (path, names) in &self.folders {
            facts = with_folder(facts, path, names);
        }
        facts = self.versions.iter().fold(facts, |facts, (engine, version)| facts.with_version(engine, version));
        let assumed = self.assumed_versions.iter();
        facts = assumed.fold(facts, |facts, (engine, version)| facts.with_assumed_version(engine, version));
        facts = self.config_paths.iter().fold(facts, |facts, (engine, path)| facts.with_config_path(engine, path));
        for (query, answer) in &self.answers {
            let query = Query::from_json(&query.to_string()).map_err(raised)?;
            facts = facts.with(query, Answer::from_json(&answer.to_string()).map_err(raised)?);
        }
        Ok(facts.with_engines(self.engines.clone()))
    }
}

fn with_folder(facts: regconf::Facts, path: &str, names: &[String]) -> regconf::Facts {
    let facts = facts.with_folder(path);
    let query = Query::Dir(path.to_owned());
    let mut all = match facts.answer(&query) {
        Some(Answer::Names(known)) => known.clone(),
        _ => Vec::new(),
    };
    all.extend(names.iter().cloned());
    all.sort();
    all.dedup();
    facts.with(query, Answer::Names(all))
}

impl Value for Facts {
    fn arguments<'py>(&self, py: Python<'py>, secrets: Secrets) -> PyResult<Arguments<'py>> {
        let given = &self.given;
        let texts = |texts: &Texts| (!texts.is_empty()).then(|| texts.clone());
        let folders = given.folders.iter().map(|(path, names)| (path.clone(), Many(names.clone())));
        let mut arguments = Arguments::new(py, secrets);
        if !given.files.is_empty() {
            // What stands in files may be a secret.
            let files = given.files.iter().map(|(path, contents)| match secrets {
                Secrets::Hidden => Ok((path.clone(), hidden(py)?)),
                Secrets::Shown => Ok((path.clone(), contents.clone().into_pyobject(py)?.into_any())),
            });
            arguments = arguments.place(json::dict(py, files.collect::<PyResult<Vec<_>>>()?)?)?;
        }
        arguments = arguments
            .optional("folders", (!given.folders.is_empty()).then(|| json::dict(py, folders)).transpose()?)?
            .optional("versions", texts(&given.versions))?
            .optional("assumed_versions", texts(&given.assumed_versions))?
            .list("engines", given.engines.clone())?
            .optional("config_paths", texts(&given.config_paths))?;
        if given.answers.is_empty() {
            return Ok(arguments);
        }
        let pair = |(query, answer): &(serde_json::Value, serde_json::Value)| {
            let query = json::to_python(py, query)?;
            let answer = match secrets {
                Secrets::Hidden => hidden(py)?,
                Secrets::Shown if answer == ABSENT => py.None().into_bound(py),
                Secrets::Shown => json::to_python(py, answer)?,
            };
            PyTuple::new(py, [query, answer])
        };
        arguments.list("answers", given.answers.iter().map(pair).collect::<PyResult<Vec<_>>>()?)
    }

    fn key(&self) -> String {
        format!("{:?}", (self.given.files.keys().collect::<Vec<_>>(), &self.given.versions, &self.given.engines))
    }
}

const ABSENT: &str = "absent";

value_methods!(Facts {
    #[new]
    #[pyo3(signature = (
        files: "Mapping[str, bytes | str] | None" = None, *, folders: "Mapping[str, Iterable[str]] | None" = None,
        versions: "Mapping[str, str] | None" = None, assumed_versions: "Mapping[str, str] | None" = None,
        engines: "Iterable[str]" = Many(Vec::new()), config_paths: "Mapping[str, str] | None" = None,
        answers: "Iterable[tuple[Mapping[str, Any], Mapping[str, Any] | str | bytes | None]]" = Many(Vec::new())
    ))]
    fn new(
        files: Option<&Bound<'_, PyMapping>>,
        folders: Option<&Bound<'_, PyMapping>>,
        versions: Option<&Bound<'_, PyMapping>>,
        assumed_versions: Option<&Bound<'_, PyMapping>>,
        engines: Many<String>,
        config_paths: Option<&Bound<'_, PyMapping>>,
        answers: Many<(Bound<'_, PyMapping>, Bound<'_, PyAny>)>,
    ) -> PyResult<Self> {
        let mut given = Given {
            files: pairs(files)?,
            folders: pairs(folders)?.into_iter().map(|(path, Many(names))| (path, names)).collect(),
            versions: pairs(versions)?,
            assumed_versions: pairs(assumed_versions)?,
            engines: engines.0,
            config_paths: pairs(config_paths)?,
            answers: Vec::new(),
        };
        for (query, answer) in answers.0 {
            given.take(&query, &answer)?;
        }
        let facts = given.facts()?;
        Ok(Self { given, facts })
    }

    /// The files and their bytes; a copy.
    #[getter]
    fn files(&self) -> BTreeMap<String, Contents> {
        self.given.files.clone()
    }
});

impl Given {
    /// Takes an answer; one of a file is a file.
    fn take(&mut self, query: &Bound<'_, PyMapping>, answer: &Bound<'_, PyAny>) -> PyResult<()> {
        let query = json::object(query)?;
        if let Some(path) = query.get("file").and_then(serde_json::Value::as_str) {
            if !answer.is_none() {
                self.files.insert(path.to_owned(), answer.extract()?);
                return Ok(());
            }
        } else if answer.is_instance_of::<PyBytes>() {
            let error = wrong(ErrorKind::InvalidArgument, "bytes are the answer to a question for a file only");
            return Err(error);
        }
        let answer = if answer.is_none() {
            ABSENT.into()
        } else if answer.is_instance_of::<PyString>() {
            serde_json::json!({ "text": answer.extract::<String>()? })
        } else {
            json::from_python(answer)?
        };
        self.answers.push((query.into(), answer));
        Ok(())
    }
}

/// The pairs of a mapping; none if it is not there.
fn pairs<V>(given: Option<&Bound<'_, PyMapping>>) -> PyResult<BTreeMap<String, V>>
where
    V: for<'a, 'py> FromPyObject<'a, 'py>,
{
    let Some(given) = given else { return Ok(BTreeMap::new()) };
    given.items()?.iter().map(|pair| pair.extract()).collect()
}
