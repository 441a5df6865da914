//! Any bytes as a node's answers, in pieces of any size.
#![no_main]

use arbitrary::Arbitrary;
use regconf::fuzzing::{Answer, Answers};

#[derive(Arbitrary, Debug)]
struct Said<'a> {
    sizes: [u8; 7],
    bytes: &'a [u8],
}

libfuzzer_sys::fuzz_target!(|said: Said<'_>| {
    let whole = heard([said.bytes]);
    assert_eq!(heard(said.bytes.chunks(1)), whole, "byte by byte");
    assert_eq!(heard(pieces(said.bytes, &said.sizes)), whole, "in pieces");
});

fn pieces<'a>(mut bytes: &'a [u8], sizes: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    sizes.iter().cycle().map_while(move |size| {
        let (piece, rest) = bytes.split_at(bytes.len().min(usize::from(*size) + 1));
        bytes = rest;
        (!piece.is_empty()).then_some(piece)
    })
}

/// The answers, what was said beside them, and what was wrong.
fn heard<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Answer>, Result<String, String>) {
    let mut answers = Answers::new("no");
    let mut found = Vec::new();
    for piece in pieces {
        if let Err(error) = answers.push(piece, &mut found) {
            return (found, Err(error.to_string()));
        }
        assert_eq!(answers.excess(), 0, "bytes are kept");
    }
    (found, Ok(answers.noise()))
}
