//! Places where a file is hard to replace: what is said, and that nothing is half done. They need root, for mounts.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use super::tests::{change, files, plan, run, words};
use super::*;
use crate::reply::Frame;

const FILE: &str = "/etc/engine/config";
const OLD: &[u8] = b"old\n";

/// A change of one file and a new one beside it, carried out by a shell that has `prepared` the folder `$1`, in mounts
/// of its own.
fn apply_where(prepared: &str, root: &Path) -> Vec<Frame> {
    let made = plan(vec![change(FILE, Some(OLD), Some(b"new\n")), change("/etc/engine/second", None, Some(b"2\n"))]);
    let inside = format!("set -e; r={}; cd /; {prepared}\nexec dash -s", quoted(root.to_str().unwrap()));
    run(&["unshare", "--mount", "sh", "-c", &inside], &apply(&made, root.to_str().unwrap(), "nonce"))
}

fn system() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("etc/engine")).unwrap();
    fs::create_dir_all(root.path().join("var/lib")).unwrap();
    fs::write(root.path().join(FILE.trim_start_matches('/')), OLD).unwrap();
    root
}

fn said(frames: &[Frame]) -> String {
    format!("{}: {}", words(frames), frames.last().map_or_else(String::new, Frame::message))
}

/// The tests here need root; without it only if those that do are switched off.
fn is_root() -> bool {
    let root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let off = std::env::var_os("REGCONF_SKIP_FLEET").is_some_and(|value| value == "1");
    assert!(root || off, "this test needs root; REGCONF_SKIP_FLEET=1 leaves it out");
    root
}

/// What must not succeed, must say why, and must change nothing.
fn refused(prepared: &str, words: &[&str]) {
    let root = system();
    let before = files(root.path());
    let said = said(&apply_where(prepared, root.path()));
    assert!(said.starts_with("end failed io") || said.starts_with("end rolledback io"), "{prepared}: {said}");
    for word in words {
        assert!(said.contains(word), "{prepared}: {word:?} is not in: {said}");
    }
    Command::new("chattr").args(["-R", "-i"]).arg(root.path()).status().unwrap();
    assert_eq!(files(root.path()), before, "{prepared}");
}

#[test]
fn what_cannot_be_replaced_is_said_and_left() {
    if !is_root() {
        return;
    }
    refused(
        "mount --bind $r/etc $r/etc; mount -o remount,ro,bind $r/etc",
        &["/etc/engine/config", "Read-only file system"],
    );
    refused(
        "mount --bind $r/var $r/var; mount -o remount,ro,bind $r/var",
        &["var/lib/regconf cannot be written", "Read-only"],
    );
    refused("mount --bind $r/etc/engine/config $r/etc/engine/config", &["is a mount of its own"]);
    let immutable = "chattr +i $r/etc/engine/config";
    if Command::new("sh")
        .args(["-c", "f=$(mktemp); chattr +i $f && chattr -i $f; e=$?; rm $f; exit $e"])
        .status()
        .unwrap()
        .success()
    {
        refused(immutable, &["/etc/engine/config", "immutable"]);
    }
}

#[test]
fn a_full_disk_changes_nothing() {
    if !is_root() {
        return;
    }
    for full in ["etc", "var"] {
        let fill = format!(
            "cp -a $r/{full} /tmp/$$.was; mount -t tmpfs -o size=64k regconf $r/{full}; cp -a /tmp/$$.was/. $r/{full}/; rm -r /tmp/$$.was\n\
             set +e; dd if=/dev/zero of=$r/{full}/filler bs=1k count=100 2>/dev/null"
        );
        let root = system();
        let before = files(root.path());
        let made = said(&apply_where(&fill, root.path()));
        assert!(made.starts_with("end failed io") && made.contains("No space left on device"), "{full}: {made}");
        assert_eq!(files(root.path()), before, "{full}");
    }
}

#[test]
fn owner_mode_attributes_and_links_stay() {
    if !is_root() {
        return;
    }
    let root = system();
    let (real, link) = (root.path().join("etc/real"), root.path().join("etc/engine/config"));
    fs::rename(&link, &real).unwrap();
    symlink("../real", &link).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::chown(&real, Some(12), Some(34)).unwrap();
    let attribute = rustix::fs::setxattr(&real, "user.kept", b"yes", rustix::fs::XattrFlags::empty());
    let other_name = root.path().join("other-name");
    fs::hard_link(&real, &other_name).unwrap();

    let frames = apply_where(":", root.path());
    assert_eq!(words(&frames), "end done none", "{frames:?}");
    let after = fs::metadata(&real).unwrap();
    assert_eq!((after.uid(), after.gid(), after.mode() & 0o7777), (12, 34, 0o640));
    assert_eq!((fs::read(&real).unwrap(), fs::read_link(&link).unwrap()), (b"new\n".to_vec(), "../real".into()));
    if attribute.is_ok() {
        let mut value = [0; 3];
        assert_eq!(rustix::fs::getxattr(&real, "user.kept", &mut value[..]).unwrap(), 3);
    }
    // Replacing gives the name another file; whoever has the old one under another name keeps it, and that is said.
    assert_eq!(fs::read(other_name).unwrap(), OLD);
    assert!(frames.iter().any(|frame| frame.message().contains("has other names")), "{frames:?}");
    let made = fs::metadata(root.path().join("etc/engine/second")).unwrap();
    assert_eq!((made.uid(), made.mode() & 0o7777), (0, 0o644));
    let state = fs::metadata(root.path().join("var/lib/regconf")).unwrap();
    assert_eq!(state.mode() & 0o7777, 0o700, "old files may hold secrets");
}
