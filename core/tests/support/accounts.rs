//! Accounts that only one server sees: its own `/etc` in a mount namespace of its own. Needs root.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::process::Command;

use tempfile::TempDir;

pub(crate) const PASSWORD: &str = "correct horse";
pub(crate) const ROOTS_PASSWORD: &str = "battery staple";

/// Accounts `nopw` (sudo without a password), `pw` (sudo asks for one) and `plain` (no sudo), the same for doas, all with [`PASSWORD`].
pub(crate) struct Accounts {
    folder: TempDir,
}

impl Accounts {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let accounts = Self { folder };
        Self::run("cp", &["-a", "/etc", &accounts.path("etc")]);
        Self::run("chmod", &["755", &accounts.path("")]);
        let hash = Command::new("openssl").args(["passwd", "-6", PASSWORD]).output().expect("openssl is missing");
        let hash = String::from_utf8(hash.stdout).unwrap();
        for (i, name) in ["nopw", "pw", "plain"].into_iter().enumerate() {
            let (id, home) = (4200 + i, accounts.path(name));
            fs::create_dir(&home).unwrap();
            accounts.add("passwd", &format!("{name}:x:{id}:{id}::{home}:/bin/sh"));
            accounts.add("group", &format!("{name}:x:{id}:"));
            accounts.add("shadow", &format!("{name}:{}:19000:0:99999:7:::", hash.trim()));
        }
        accounts.set_password_of_root();
        accounts.add("sudoers", "nopw ALL=(ALL) NOPASSWD: ALL\npw ALL=(ALL) ALL\nDefaults lecture=always");
        fs::write(accounts.path("etc/doas.conf"), "permit nopass nopw\npermit pw\n").unwrap();
        accounts
    }

    /// Words that run a command where only these accounts are.
    pub(crate) fn wrapper(&self) -> Vec<String> {
        let inside = "mount --bind \"$0\" /etc && exec \"$@\"";
        ["unshare", "--mount", "sh", "-c", inside, &self.path("etc")].map(str::to_owned).to_vec()
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn set_password_of_root(&self) {
        let hash = Command::new("openssl").args(["passwd", "-6", ROOTS_PASSWORD]).output().unwrap();
        let hash = String::from_utf8(hash.stdout).unwrap();
        let shadow = fs::read_to_string(self.path("etc/shadow")).unwrap();
        let others = shadow.lines().filter(|line| !line.starts_with("root:")).collect::<Vec<_>>().join("\n");
        fs::write(self.path("etc/shadow"), format!("root:{}:19000:0:99999:7:::\n{others}\n", hash.trim())).unwrap();
    }

    fn add(&self, file: &str, line: &str) {
        let path = self.path(&format!("etc/{file}"));
        let mut file = OpenOptions::new().append(true).open(path).unwrap();
        writeln!(file, "{line}").unwrap();
    }

    fn run(program: &str, arguments: &[&str]) {
        assert!(Command::new(program).args(arguments).status().unwrap().success(), "{program} {arguments:?}");
    }
}
