//! Any bytes as a `known_hosts` file.
#![no_main]

use arbitrary::Arbitrary;
use regconf::fuzzing::known_hosts;

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAT4sZaWnwVub6F9ssWyaxeJqbK9SlLZc08zYKeaKZbn";
const NAMES: [&str; 4] = ["n1", "[n1]:2222", "10.0.0.5", "[fd00::1]:22022"];

#[derive(Arbitrary, Debug)]
struct Asked<'a> {
    name: u8,
    bytes: &'a [u8],
}

libfuzzer_sys::fuzz_target!(|asked: Asked<'_>| {
    let name = NAMES[usize::from(asked.name) % NAMES.len()];
    let Ok(whole) = known_hosts(&[asked.bytes], name) else { return };
    let lines: Vec<_> = asked.bytes.split_inclusive(|byte| *byte == b'\n').collect();
    assert_eq!(known_hosts(&lines, name).as_ref(), Ok(&whole), "line by line");
    let added = format!("{name} {KEY}\n");
    let Ok([keys, revoked, authorities]) = known_hosts(&[asked.bytes, added.as_bytes()], name) else {
        panic!("a good line makes the file bad");
    };
    let last = lines.len() + 1;
    assert!(keys.contains(&last), "the line {last} is not found: {keys:?}");
    assert_eq!((revoked, authorities), (whole[1].clone(), whole[2].clone()), "the others change");
});
