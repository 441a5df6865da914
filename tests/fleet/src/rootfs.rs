//! A node's own file system: an overlay on its base, with its own secrets.

use crate::run::check;
use crate::{Error, Kind, Result, User, bases};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

/// What is fresh in every fleet and the same on each of its nodes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Access<'a> {
    /// The client's public key, as a line of `authorized_keys`.
    pub(crate) public_key: &'a str,
    /// The password's hash, as in `/etc/shadow`.
    pub(crate) password_hash: &'a str,
}

/// A mounted root; dropping it unmounts it.
#[derive(Debug)]
pub(crate) struct RootFs {
    dir: PathBuf,
}

impl RootFs {
    /// Makes the folders in `dir` and mounts the root.
    pub(crate) fn mount(kind: Kind, dir: PathBuf) -> Result<Self> {
        for folder in ["upper", "work", "root", "containerd", "docker"] {
            let folder = dir.join(folder);
            fs::create_dir_all(&folder).map_err(Error::io(format!("making {}", folder.display())))?;
        }
        let options = format!(
            "lowerdir={}:{},upperdir={dir}/upper,workdir={dir}/work",
            bases::crictl_layer().display(),
            bases::base(kind).display(),
            dir = dir.display()
        );
        let root = dir.join("root").display().to_string();
        check(&["mount", "-t", "overlay", "overlay", "-o", &options, &root])?;
        Ok(Self { dir })
    }

    /// The mounted root.
    pub(crate) fn root(&self) -> PathBuf {
        self.dir.join("root")
    }

    /// The folders that get a plain mount over a place in the root: an
    /// overlay cannot hold the overlays of containerd and docker.
    pub(crate) fn binds(&self) -> [String; 2] {
        ["containerd", "docker"].map(|name| format!("{}:/var/lib/{name}", self.dir.join(name).display()))
    }

    /// Writes what makes this node one of its own: host keys, the client's
    /// key and the password.
    pub(crate) fn personalise(&self, access: Access) -> Result<()> {
        let root = self.root();
        check(&["ssh-keygen", "-q", "-A", "-f", &root.display().to_string()])?;
        let accounts = read(&root.join("etc/passwd"))?;
        for user in User::ALL {
            authorise(&root, &accounts, user, access.public_key)?;
        }
        let shadow = root.join("etc/shadow");
        let text = with_passwords(&read(&shadow)?, access.password_hash);
        write(&shadow, &text)
    }

    /// The public host keys, each as `type base64`.
    pub(crate) fn host_public_keys(&self) -> Result<Vec<String>> {
        let dir = self.root().join("etc/ssh");
        let entries = fs::read_dir(&dir).map_err(Error::io(format!("listing {}", dir.display())))?;
        let mut keys = Vec::new();
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("ssh_host_") && name.ends_with(".pub") {
                let text = read(&entry.path())?;
                let words: Vec<&str> = text.split_whitespace().take(2).collect();
                keys.push(words.join(" "));
            }
        }
        keys.sort();
        Ok(keys)
    }
}

impl Drop for RootFs {
    fn drop(&mut self) {
        // The sweep that follows takes care of what is left.
        let _ = check(&["umount", &self.root().display().to_string()]);
    }
}

/// Lets `user` in with `key`.
fn authorise(root: &Path, accounts: &str, user: User, key: &str) -> Result<()> {
    let (uid, gid, home) = account(accounts, user.name()).ok_or_else(|| {
        Error::new(format!("the base has no user {}", user.name()), "its make-bases recipe is too old")
    })?;
    let dir = root.join(home.trim_start_matches('/')).join(".ssh");
    let file = dir.join("authorized_keys");
    fs::create_dir_all(&dir).map_err(Error::io(format!("making {}", dir.display())))?;
    write(&file, &format!("{}\n", key.trim_end()))?;
    for (path, mode) in [(&dir, 0o700), (&file, 0o600)] {
        let what = format!("handing over {}", path.display());
        chown(path, Some(uid), Some(gid))
            .and_then(|()| fs::set_permissions(path, Permissions::from_mode(mode)))
            .map_err(Error::io(what))?;
    }
    Ok(())
}

/// User id, group id and home of a user, from the text of `/etc/passwd`.
fn account<'a>(accounts: &'a str, name: &str) -> Option<(u32, u32, &'a str)> {
    let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
    let fields: Vec<&str> = line.split(':').collect();
    Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?, fields.get(5)?))
}

/// The text of `/etc/shadow` with `hash` for everyone who has a password.
fn with_passwords(shadow: &str, hash: &str) -> String {
    let has_one = |name: &str| User::ALL.iter().any(|user| user.has_password() && user.name() == name);
    let line = |line: &str| match line.splitn(3, ':').collect::<Vec<_>>()[..] {
        [name, _, rest] if has_one(name) => format!("{name}:{hash}:{rest}\n"),
        _ => format!("{line}\n"),
    };
    shadow.lines().map(line).collect()
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(Error::io(format!("reading {}", path.display())))
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(Error::io(format!("writing {}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_passwords_only_for_those_who_have_one() {
        let shadow = "root:*:1:0:99999:7:::\nops:!:1:0:99999:7:::\nother:!:1::::::\n";
        let expected = "root:*:1:0:99999:7:::\nops:H:1:0:99999:7:::\nother:!:1::::::\n";
        assert_eq!(with_passwords(shadow, "H"), expected);
    }

    #[test]
    fn reads_an_account() {
        let accounts = "root:x:0:0:root:/root:/bin/bash\nops:x:1000:1001::/home/ops:/bin/bash\n";
        assert_eq!(account(accounts, "ops"), Some((1000, 1001, "/home/ops")));
        assert_eq!(account(accounts, "op"), None);
    }
}
