//! For the fuzz targets: doors to what is private. Not part of the API; there only when a fuzzer builds it.

use crate::error::Result;
use crate::reply::Frames;
use crate::transport::lines_of_host;

/// A node's answers as they come in pieces.
pub struct Answers(Frames);

/// The words and the text of one answer.
pub type Answer = (Vec<String>, Vec<u8>);

impl Answers {
    /// A reader of the answers that this nonce marks.
    pub fn new(nonce: &str) -> Self {
        Self(Frames::new(nonce))
    }

    /// Takes a piece and adds the answers that are complete by now.
    ///
    /// # Errors
    /// When the bytes are not what a script of this library says.
    pub fn push(&mut self, piece: &[u8], answers: &mut Vec<Answer>) -> Result<()> {
        self.0.push(piece);
        while let Some(frame) = self.0.next()? {
            answers.push((frame.words, frame.text));
        }
        Ok(())
    }

    /// What was said outside of answers.
    pub fn noise(&self) -> String {
        self.0.noise()
    }

    /// How many bytes are kept beyond what one answer and the noise may take.
    pub fn excess(&self) -> usize {
        self.0.excess()
    }
}

/// The lines of a `known_hosts` file, read part by part, that are about a host: with its keys, with keys that are
/// revoked, with keys that sign its certificates.
///
/// # Errors
/// When a revoked key cannot be read.
pub fn known_hosts(parts: &[&[u8]], name: &str) -> Result<[Vec<usize>; 3]> {
    lines_of_host(parts, name)
}
