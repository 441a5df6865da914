//! The private keys to log in with, read and decrypted once in a run.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ssh_key::PrivateKey;
use zeroize::Zeroizing;

use super::known_hosts::fingerprint;
use crate::error::{Error, ErrorKind, Result};
use crate::node::Identity;
use crate::secret::Secret;

/// Keys that were read before. Decrypting one takes 150 ms on purpose, and libssh2 would do it twice in each session.
#[derive(Default)]
pub(super) struct Keys(Mutex<HashMap<String, Vec<Entry>>>);

type Entry = (Option<Secret>, Arc<Key>);

/// A private key as libssh2 takes it.
pub(super) struct Key {
    /// What it is called in errors: its file, its fingerprint and its comment.
    pub(super) name: String,
    /// The file it is from.
    pub(super) path: Option<String>,
    pub(super) text: Zeroizing<String>,
    /// For the formats that libssh2 decrypts by itself.
    pub(super) passphrase: Option<Secret>,
    /// The public key, where the file tells it.
    pub(super) public: Option<Vec<u8>>,
}

impl Keys {
    /// Reads and decrypts a key.
    pub(super) fn read(&self, identity: &Identity) -> Result<Arc<Key>> {
        let (path, passphrase) = match identity {
            Identity::File(path) => (path, None),
            Identity::EncryptedFile(path, passphrase) => (path, Some(passphrase)),
            Identity::Key(text) => return Key::new(None, text.expose().to_owned().into(), None).map(Arc::new),
        };
        // Held while decrypting, so that the threads of a run do not all do the same.
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entries = keys.entry(path.clone()).or_default();
        if let Some((_, key)) = entries.iter().find(|(known, _)| known.as_ref() == passphrase) {
            return Ok(Arc::clone(key));
        }
        let key = Key::load(path, passphrase).map(Arc::new).map_err(|error| error.with_path(path))?;
        entries.push((passphrase.cloned(), Arc::clone(&key)));
        Ok(key)
    }
}

impl Key {
    fn load(path: &str, passphrase: Option<&Secret>) -> Result<Self> {
        let bytes = std::fs::read(path)
            .map(Zeroizing::new)
            .map_err(|error| Error::new(ErrorKind::Io, format!("the private key cannot be read: {error}")))?;
        let text = std::str::from_utf8(&bytes).map_err(|_| not_a_key())?;
        Self::new(Some(path), Zeroizing::new(text.to_owned()), passphrase)
    }

    fn new(path: Option<&str>, text: Zeroizing<String>, passphrase: Option<&Secret>) -> Result<Self> {
        let name = path.unwrap_or("a key given as text").to_owned();
        let mut key = Self { name, path: path.map(str::to_owned), text, passphrase: None, public: None };
        match Form::of(&key.text).ok_or_else(not_a_key)? {
            Form::OpenSsh => key.open(passphrase)?,
            Form::Pem => {}
            Form::EncryptedPem if passphrase.is_none() => return Err(encrypted()),
            // Of PKCS#8 and of PEM by OpenSSL, libssh2 knows more ciphers.
            Form::EncryptedPem => key.passphrase = passphrase.cloned(),
            Form::Public => return Err(not_a_key().with_hint("this is the public half; name the file without .pub")),
            Form::Putty => return Err(not_a_key().with_hint("convert it: puttygen KEY -O private-openssh -o NEW")),
        }
        Ok(key)
    }

    /// Reads OpenSSH's own format, whose public half is never encrypted.
    fn open(&mut self, passphrase: Option<&Secret>) -> Result<()> {
        let Ok(private) = PrivateKey::from_openssh(&*self.text) else {
            // A type or a form that only libssh2 may know.
            self.passphrase = passphrase.cloned();
            return Ok(());
        };
        self.public = private.public_key().to_bytes().ok();
        if let Some(public) = &self.public {
            self.name = format!("{} {}", self.name, fingerprint(public));
        }
        if private.algorithm().as_str().starts_with("sk-") {
            let error = Error::invalid("the key is held by a security key, which cannot be asked from here");
            return Err(error.with_hint("add it to an agent (ssh-add) and name the agent"));
        }
        if !private.is_encrypted() {
            return Ok(());
        }
        let open = private.decrypt(passphrase.ok_or_else(encrypted)?.expose());
        let open = open.map_err(|_| Error::invalid("the passphrase of the private key is wrong"))?;
        let text = open.to_openssh(ssh_key::LineEnding::LF);
        self.text = text.map_err(|error| Error::new(ErrorKind::Internal, format!("the private key: {error}")))?;
        Ok(())
    }

    /// libssh2 could not read it.
    pub(super) fn unreadable(&self, text: &str) -> Error {
        let error = match self.passphrase {
            Some(_) => Error::invalid("the passphrase of the private key is wrong, or its format is not supported"),
            None => Error::invalid(format!("the private key cannot be used: {text}")),
        };
        match &self.path {
            Some(path) => error.with_path(path),
            None => error,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    OpenSsh,
    Pem,
    EncryptedPem,
    Public,
    Putty,
}

impl Form {
    fn of(text: &str) -> Option<Self> {
        let text = text.trim_start();
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        let first = first.trim_end();
        if first.starts_with("PuTTY-User-Key-File-") {
            return Some(Self::Putty);
        }
        if ["ssh-", "ecdsa-", "sk-", "---- BEGIN SSH2 PUBLIC KEY", "-----BEGIN PUBLIC KEY"]
            .iter()
            .any(|p| first.starts_with(p))
        {
            return Some(Self::Public);
        }
        match first.strip_prefix("-----BEGIN ")?.strip_suffix("-----")? {
            "OPENSSH PRIVATE KEY" => Some(Self::OpenSsh),
            "ENCRYPTED PRIVATE KEY" => Some(Self::EncryptedPem),
            label if label.ends_with("PRIVATE KEY") && rest.starts_with("Proc-Type: 4,ENCRYPTED") => {
                Some(Self::EncryptedPem)
            }
            label if label.ends_with("PRIVATE KEY") => Some(Self::Pem),
            _ => None,
        }
    }
}

fn not_a_key() -> Error {
    Error::invalid("this is not a private key")
}

fn encrypted() -> Error {
    Error::invalid("the private key is encrypted and no passphrase was given").with_hint("give it, or use an agent")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        match Key::new(None, Zeroizing::new(text.to_owned()), None) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_no_private_key_is_named() {
        assert!(refusal("").contains("not a private key"));
        assert!(refusal("hello").contains("not a private key"));
        assert!(refusal("ssh-ed25519 AAAA x").contains("without .pub"));
        assert!(refusal("PuTTY-User-Key-File-3: ssh-ed25519\n").contains("puttygen"));
        assert!(refusal("-----BEGIN CERTIFICATE-----\n").contains("not a private key"));
    }

    #[test]
    fn encrypted_pem_wants_a_passphrase() {
        for text in
            ["-----BEGIN ENCRYPTED PRIVATE KEY-----\nx", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"]
        {
            assert!(refusal(text).contains("no passphrase was given"), "{text:?}");
        }
        assert_eq!(refusal("-----BEGIN RSA PRIVATE KEY-----\nMIIE"), "");
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Keys::default().read(&Identity::File("/nonexistent/id".to_owned())).map(|_| ()).unwrap_err();
        assert_eq!((error.kind(), error.path()), (ErrorKind::Io, Some("/nonexistent/id")));
    }
}
