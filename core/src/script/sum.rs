//! The sums by which a node compares a file with bytes that stay here.

use sha2::{Digest, Sha256};

/// What `sha256sum` prints first, in hexadecimal digits.
pub(super) fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// What `cksum` prints: the CRC of the bytes and of their number, and that number (POSIX, XCU cksum).
pub(super) fn cksum(bytes: &[u8]) -> String {
    let length = bytes.len() as u64;
    let used = 8 - length.leading_zeros() as usize / 8;
    let crc = bytes.iter().chain(&length.to_le_bytes()[..used]).fold(0, |crc, byte| step(crc, *byte));
    format!("{} {length}", !crc)
}

/// One byte of a CRC whose polynomial is 0x04C11DB7.
fn step(crc: u32, byte: u8) -> u32 {
    (0..8)
        .fold(crc ^ (u32::from(byte) << 24), |crc, _| if crc >> 31 == 1 { (crc << 1) ^ 0x04C1_1DB7 } else { crc << 1 })
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command, Stdio};

    use super::*;

    fn said_by(program: &[&str], bytes: &[u8]) -> String {
        let mut child = Command::new(program[0]);
        let child = child.args(&program[1..]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.unwrap();
        child.stdin.take().unwrap().write_all(bytes).unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
    }

    #[test]
    fn as_the_programs_of_a_node_say() {
        for length in [0, 1, 255, 256, 70_000] {
            let bytes: Vec<_> =
                (0..length).map(|i: usize| i.wrapping_mul(7).to_le_bytes()[0] ^ i.to_le_bytes()[1]).collect();
            for program in [&["sha256sum"][..], &["busybox", "sha256sum"]] {
                let said = said_by(program, &bytes);
                assert!(said.starts_with(&(sha256(&bytes) + " ")), "{program:?}, {length} bytes: {said}");
            }
            assert_eq!(said_by(&["cksum"], &bytes).trim_end(), cksum(&bytes));
        }
    }
}
