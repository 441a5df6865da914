//! A node that runs nothing: it says what a node with containerd would say.

/// What `containerd config default` prints on 1.7.24, which has no `config_path`: setting it needs a restart.
const CONFIG: &str =
    include_str!("../../golden/containerd/default-dump-of-1.7.24-changes-one-value/before/etc/containerd/config.toml");

/// One shell.
pub(crate) struct Canned {
    nonce: String,
    heard: String,
}

impl Canned {
    /// The shell that a command starts, and what it says at once; `None` for another command than the library's. A server
    /// that is not OpenSSH's gets the first script on the input if it is long.
    pub(crate) fn start(command: &str) -> Option<(Self, String)> {
        if let Some((_, after)) = command.split_once("echo @") {
            let shell = Self { nonce: after.split(' ').next()?.to_owned(), heard: String::new() };
            let ready = shell.frame("ready", "");
            return Some((shell, ready));
        }
        let script = decoded(&command.split_once("' sh '")?.1.trim_end_matches('\'').replace("' '", ""))?;
        let nonce = script.strip_prefix("n=")?.lines().next()?.to_owned();
        let mut shell = Self { nonce, heard: String::new() };
        let said = shell.hear(script.as_bytes())?;
        Some((shell, said))
    }

    /// Takes what comes; what it says once a script is whole.
    pub(crate) fn hear(&mut self, bytes: &[u8]) -> Option<String> {
        self.heard.push_str(&String::from_utf8_lossy(bytes));
        let said = if self.heard.ends_with("\ngather\n") {
            self.gather()
        } else if self.heard.ends_with("\napply\n") {
            self.apply()
        } else {
            return None;
        };
        self.heard.clear();
        Some(said)
    }

    fn gather(&self) -> String {
        let mut said = self.frame("uid 0", "");
        for line in self.heard.lines().filter(|line| line.starts_with("get_")) {
            if let [what, index, of] = line.splitn(3, ' ').collect::<Vec<_>>()[..]
                && index.parse::<usize>().is_ok()
            {
                said += &match answer(what, of) {
                    ("file", text) => self.file(index, text),
                    (kind, text) => self.frame(&format!("{index} {kind}"), text),
                };
            }
        }
        said + &self.frame("end", "")
    }

    /// Each step that the script would tell.
    fn apply(&self) -> String {
        let steps = self.heard.lines().filter_map(|line| line.strip_prefix("step "));
        let said: String = steps.map(|step| self.frame(&format!("step {}", step.trim_matches('\'')), "")).collect();
        said + &self.frame("end done none", "")
    }

    fn file(&self, index: &str, text: &str) -> String {
        format!("@{0} {index} file *\n{text}\n@{0} whole\n", self.nonce)
    }

    fn frame(&self, words: &str, text: &str) -> String {
        format!("@{} {words} {}\n{text}\n", self.nonce, text.len())
    }
}

/// What `printf %b` makes of it.
fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('\\');
    let mut out = parts.next()?.to_owned();
    for part in parts {
        if let Some(rest) = part.strip_prefix('n') {
            out.push('\n');
            out.push_str(rest);
        } else {
            let (octal, rest) = part.split_at_checked(4)?;
            out.push(char::from(u8::from_str_radix(octal, 8).ok()?));
            out.push_str(rest);
        }
    }
    Some(out)
}

fn answer(what: &str, of: &str) -> (&'static str, &'static str) {
    match (what, of) {
        ("get_version", "'containerd'") => ("text", "containerd containerd.io 1.7.24 88bf19b2"),
        ("get_unit", "'containerd'") => ("text", "ActiveState=active\nKillMode=process\n"),
        ("get_file", "'/etc/containerd/config.toml'") => ("file", CONFIG),
        _ => ("absent", ""),
    }
}
