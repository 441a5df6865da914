//! The registries' certificates, fresh for every fleet.

use crate::registry::REGISTRY_ADDRESS;
use crate::run::check;
use crate::{Error, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// A certificate and its key, as PEM files.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Pair {
    fn new(dir: &Path, name: &str) -> Self {
        Self { certificate: dir.join(format!("{name}.pem")), key: dir.join(format!("{name}.key")) }
    }
}

/// A self-signed certificate for a name that nothing here has.
pub(crate) fn self_signed(dir: &Path) -> Result<Pair> {
    let pair = Pair::new(dir, "self-signed");
    self_sign(&pair, "/CN=registry.invalid", "subjectAltName=DNS:registry.invalid")?;
    Ok(pair)
}

/// A private authority.
pub(crate) fn authority(dir: &Path) -> Result<Pair> {
    let pair = Pair::new(dir, "authority");
    self_sign(&pair, "/CN=Fleet test authority", "keyUsage=critical,keyCertSign,cRLSign")?;
    Ok(pair)
}

/// A certificate for the registry's address, signed by `authority`.
pub(crate) fn signed_by(authority: &Pair, dir: &Path) -> Result<Pair> {
    let pair = Pair::new(dir, "signed");
    let request = dir.join("signed.csr");
    let extensions = dir.join("signed.ext");
    let text = format!(
        "basicConstraints=critical,CA:FALSE\n\
         extendedKeyUsage=serverAuth\n\
         subjectAltName=IP:{REGISTRY_ADDRESS}\n"
    );
    fs::write(&extensions, text).map_err(Error::io("writing certificate extensions"))?;
    let key = shown(&pair.key);
    check(
        &[
            &["openssl", "req", "-new", "-subj", "/CN=Fleet test registry"][..],
            &NEW_KEY,
            &["-keyout", &key, "-out", &shown(&request)],
        ]
        .concat(),
    )?;
    check(&[
        "openssl",
        "x509",
        "-req",
        "-days",
        DAYS,
        "-in",
        &shown(&request),
        "-CA",
        &shown(&authority.certificate),
        "-CAkey",
        &shown(&authority.key),
        "-CAcreateserial",
        "-extfile",
        &shown(&extensions),
        "-out",
        &shown(&pair.certificate),
    ])?;
    Ok(pair)
}

/// Long enough for any test, short enough to be worth nothing elsewhere.
const DAYS: &str = "7";
const NEW_KEY: [&str; 5] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

fn self_sign(pair: &Pair, subject: &str, extension: &str) -> Result<()> {
    check(
        &[
            &["openssl", "req", "-x509", "-days", DAYS, "-subj", subject][..],
            &NEW_KEY,
            &["-addext", extension, "-keyout", &shown(&pair.key)],
            &["-out", &shown(&pair.certificate)],
        ]
        .concat(),
    )?;
    Ok(())
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
