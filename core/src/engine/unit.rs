//! A service as its manager describes it.

use crate::facts::{Facts, Query};

/// A unit of systemd and the command line of its main process.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) is_active: bool,
    pub(super) kill_mode: String,
    /// Where the unit is written.
    pub(super) file: String,
    /// That file, its drop-ins and its environment files.
    pub(super) files: Vec<String>,
    /// The arguments of the running process, else those of the unit's file as far as they can be told.
    pub(super) arguments: Vec<String>,
    /// The `ExecStart` of the unit's file, not expanded.
    pub(super) exec_start: String,
}

impl Unit {
    /// The unit, if it is loaded on the node.
    pub(super) fn of(facts: &Facts, name: &str) -> Option<Self> {
        let text = super::text(facts, &Query::Unit(name.to_owned()))?;
        let mut unit = Self::default();
        for (key, value) in text.lines().filter_map(|line| line.split_once('=')) {
            match key {
                "ActiveState" => unit.is_active = value == "active",
                "KillMode" => value.clone_into(&mut unit.kill_mode),
                "FragmentPath" => {
                    value.clone_into(&mut unit.file);
                    unit.files.extend(paths(value));
                }
                "DropInPaths" => unit.files.extend(paths(value)),
                // As in `/etc/default/docker (ignore_errors=yes)`.
                "EnvironmentFiles" => unit.files.extend(paths(value.split(" (").next().unwrap_or(value))),
                "Arg" => unit.arguments.push(value.to_owned()),
                "ExecStart" => value.clone_into(&mut unit.exec_start),
                _ => {}
            }
        }
        if unit.arguments.is_empty() {
            unit.arguments = unit.declared_arguments();
        }
        Some(unit)
    }

    /// The value of an option given as `--name value` or `--name=value`.
    pub(super) fn option(&self, names: &[&str]) -> Option<&str> {
        let mut arguments = self.arguments.iter();
        while let Some(argument) = arguments.next() {
            let (name, value) = argument.split_once('=').map_or((argument.as_str(), None), |(n, v)| (n, Some(v)));
            if names.contains(&name) {
                return value.or_else(|| arguments.next().map(String::as_str));
            }
        }
        None
    }

    /// The arguments in `ExecStart={ path=… ; argv[]=… ; ignore_errors=… }`, which splits them by blanks.
    fn declared_arguments(&self) -> Vec<String> {
        let declared = self.exec_start.split_once("argv[]=").map_or("", |(_, rest)| rest);
        let declared = declared.split(" ; ").next().unwrap_or("");
        declared.split_whitespace().map(str::to_owned).collect()
    }
}

fn paths(value: &str) -> impl Iterator<Item = String> {
    value.split_whitespace().filter(|path| path.starts_with('/')).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Answer;

    #[test]
    fn options_in_both_spellings() {
        let text = "ActiveState=active\nKillMode=process\nArg=/usr/bin/containerd\nArg=-c\nArg=/a\nArg=--root=/b\n";
        let facts = Facts::default().with(Query::Unit("containerd".into()), Answer::Text(text.into()));
        let unit = Unit::of(&facts, "containerd").unwrap();
        assert_eq!((unit.option(&["-c", "--config"]), unit.option(&["--root"])), (Some("/a"), Some("/b")));
        assert_eq!(unit.option(&["--state"]), None);
    }

    #[test]
    fn a_stopped_unit_is_known_by_its_file() {
        let text =
            "ActiveState=inactive\nExecStart={ path=/usr/bin/x ; argv[]=/usr/bin/x --config /a ; ignore_errors=no }\n";
        let facts = Facts::default().with(Query::Unit("x".into()), Answer::Text(text.into()));
        assert_eq!(Unit::of(&facts, "x").unwrap().option(&["--config"]), Some("/a"));
    }
}
