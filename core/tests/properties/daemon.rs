//! docker's daemon.json as people write it.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::text::{Wrap, wrap};

/// How a daemon.json is laid out.
#[derive(Clone, Debug)]
struct Layout {
    /// `None` is one line.
    indent: Option<&'static str>,
    colon: &'static str,
    comma: &'static str,
    before: &'static str,
    wrap: Wrap,
}

#[derive(Clone, Debug)]
struct List {
    entries: Vec<&'static str>,
    form: Form,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    OneLine,
    Tight,
    Lines,
    Null,
}

fn layout() -> impl Strategy<Value = Layout> {
    let indent = prop_oneof![
        5 => Just(Some("  ")),
        3 => Just(Some("    ")),
        2 => Just(Some("\t")),
        1 => Just(Some("")),
        1 => Just(Some("   \t")),
        2 => Just(None)
    ];
    let colon = prop_oneof![5 => Just(": "), 1 => Just(":"), 1 => Just(" : "), 1 => Just(":\t")];
    let comma = prop_oneof![6 => Just(","), 1 => Just(" ,"), 1 => Just(",  ")];
    let before = prop_oneof![8 => Just(""), 1 => Just("\n"), 1 => Just("  ")];
    (indent, colon, comma, before, wrap()).prop_map(|(indent, colon, comma, before, wrap)| Layout {
        indent,
        colon,
        comma,
        before,
        wrap,
    })
}

fn list(entries: Vec<&'static str>) -> impl Strategy<Value = List> {
    let form = prop_oneof![
        4 => Just(Form::OneLine),
        2 => Just(Form::Tight),
        4 => Just(Form::Lines),
        1 => Just(Form::Null)
    ];
    (subsequence(entries, 0..=3).prop_shuffle(), form).prop_map(|(entries, form)| List { entries, form })
}

impl List {
    fn text(&self, layout: &Layout) -> String {
        let quoted: Vec<_> = self.entries.iter().map(|entry| format!("\"{entry}\"")).collect();
        match (self.form, layout.indent) {
            (Form::Null, _) if quoted.is_empty() => "null".to_owned(),
            (Form::Lines, Some(indent)) => {
                let separator = format!("{}\n{indent}{indent}", layout.comma);
                format!("[\n{indent}{indent}{}\n{indent}]", quoted.join(&separator))
            }
            (Form::Tight, _) => format!("[{}]", quoted.join(",")),
            _ => format!("[ {} ]", quoted.join(", ")),
        }
    }
}

pub(crate) fn daemon() -> impl Strategy<Value = Vec<u8>> {
    let foreign = vec![
        ("exec-opts", "[\"native.cgroupdriver=systemd\"]"),
        ("log-driver", "\"json-file\""),
        ("log-opts", "{ \"max-size\": \"100m\",\n \"insecure-registries\": [\"no\"] }"),
        ("data-root", "\"\\/var\\u002flib\\/docker \\\"x\\\" — ü\""),
        ("runtimes", "{\"nvidia\":{\"path\":\"nvidia-container-runtime\",\"runtimeArgs\":[]}}"),
        ("debug", "true"),
        ("max-concurrent-downloads", "10"),
        ("labels", "[]"),
        ("features", "{}"),
        ("default-ulimits", "{ }"),
    ];
    let insecure = vec![
        "reg.lab:5000",
        "10.0.0.0/8",
        "http://my-registry.com",
        "old.lan",
        "[fd00::1]:5000",
        "HTTPS://REG.lab:5000",
        "192.168.30.56\\u003a5000",
    ];
    let mirrors = vec!["https://m.lab/", "https://mirror.example", "http:\\/\\/192.168.30.56:5000"];
    let lists = (prop::option::weighted(0.6, list(insecure)), prop::option::weighted(0.4, list(mirrors)));
    let order = prop::collection::vec(any::<u8>(), 12);
    (layout(), subsequence(foreign, 0..=5), lists, order).prop_map(|(layout, foreign, (insecure, mirrors), order)| {
        let own = |key: &str, list: Option<List>| list.map(|list| (key.to_owned(), list.text(&layout)));
        let foreign = foreign.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned()));
        let all = foreign.chain(own("insecure-registries", insecure)).chain(own("registry-mirrors", mirrors));
        let mut keyed: Vec<_> = all.zip(order).collect();
        keyed.sort_by_key(|(_, key)| *key);
        let entries: Vec<_> =
            keyed.iter().map(|((key, value), _)| format!("\"{key}\"{}{value}", layout.colon)).collect();
        let body = match layout.indent {
            _ if entries.is_empty() => "{}".to_owned(),
            None => format!("{{{}}}", entries.join(&format!("{} ", layout.comma))),
            Some(indent) => {
                format!("{{\n{indent}{}\n}}", entries.join(&format!("{}\n{indent}", layout.comma)))
            }
        };
        layout.wrap.bytes(&format!("{}{body}", layout.before))
    })
}

/// What docker takes for no settings.
pub(crate) fn blank() -> impl Strategy<Value = Vec<u8>> {
    select(vec!["", "\n", "{}", "{}\n", "{ }", "{\n}\n", "null", "null\n", " \r\n", "{\r\n\r\n}\r\n"])
        .prop_map(|text| text.as_bytes().to_vec())
}
