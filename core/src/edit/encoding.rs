//! Bytes as text and back, in the encodings that some engine reads.

/// How a text is written as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    /// One byte, one character (ISO 8859-1). It stands for any text that is ASCII but for some bytes: none is lost.
    Latin1,
    Utf16 {
        big_endian: bool,
    },
}

/// Byte order marks, and what they mean.
const MARKS: [(&[u8], Encoding); 3] = [
    (b"\xEF\xBB\xBF", Encoding::Utf8),
    (b"\xFF\xFE", Encoding::Utf16 { big_endian: false }),
    (b"\xFE\xFF", Encoding::Utf16 { big_endian: true }),
];

impl Encoding {
    /// What the byte order mark says, and the bytes behind it.
    pub(super) fn marked(bytes: &[u8]) -> Option<(Self, &[u8])> {
        MARKS.iter().find_map(|(mark, encoding)| Some((*encoding, bytes.strip_prefix(*mark)?)))
    }

    /// The byte order mark before a text in this encoding: Latin-1 has none of its own, but stands for a file that
    /// begins like UTF-8.
    pub(super) fn mark(self) -> &'static [u8] {
        MARKS.iter().find(|(_, encoding)| *encoding == self).map_or(MARKS[0].0, |(mark, _)| mark)
    }

    /// The text; else the text before the first byte that is none.
    pub(super) fn decode(self, bytes: &[u8]) -> Result<String, String> {
        match self {
            Self::Utf8 => String::from_utf8(bytes.to_vec()).map_err(|error| {
                let good = error.utf8_error().valid_up_to();
                String::from_utf8_lossy(&error.as_bytes()[..good]).into_owned()
            }),
            Self::Latin1 => Ok(bytes.iter().map(|byte| char::from(*byte)).collect()),
            Self::Utf16 { big_endian } => decode_utf16(bytes, big_endian),
        }
    }

    /// The counterpart of [`decode`](Self::decode). A character that has no byte in Latin-1 is written as UTF-8.
    pub(super) fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Latin1 => text.chars().fold(Vec::new(), |mut bytes, c| {
                match u8::try_from(c) {
                    Ok(byte) => bytes.push(byte),
                    Err(_) => bytes.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
                }
                bytes
            }),
            Self::Utf16 { big_endian: true } => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Self::Utf16 { big_endian: false } => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        }
    }
}

fn decode_utf16(bytes: &[u8], big_endian: bool) -> Result<String, String> {
    let unit = |pair: &[u8; 2]| if big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::new();
    for decoded in char::decode_utf16(pairs.iter().map(unit)) {
        match decoded {
            Ok(c) => text.push(c),
            Err(_) => return Err(text),
        }
    }
    if rest.is_empty() { Ok(text) } else { Err(text) }
}

/// The bytes as text for people: what is no text in the encoding they seem to have shows as `U+FFFD`.
pub(crate) fn shown(bytes: &[u8]) -> String {
    match Encoding::marked(bytes) {
        Some((encoding @ Encoding::Utf16 { .. }, rest)) => {
            encoding.decode(rest).unwrap_or_else(|good| good + "\u{FFFD}")
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written() {
        let all: Vec<u8> = (1..=255).collect();
        let text = Encoding::Latin1.decode(&all).unwrap();
        assert_eq!(Encoding::Latin1.encode(&text), all);
        assert_eq!(Encoding::Latin1.encode("é\u{20AC}"), b"\xE9\xE2\x82\xAC");
        for encoding in [Encoding::Utf16 { big_endian: true }, Encoding::Utf16 { big_endian: false }] {
            let bytes = encoding.encode("a\u{20AC}\u{1F600}\n");
            assert_eq!(encoding.decode(&bytes).as_deref(), Ok("a\u{20AC}\u{1F600}\n"));
        }
        assert_eq!(Encoding::Utf16 { big_endian: true }.encode("a"), b"\0a");
    }

    #[test]
    fn what_is_no_text_is_told_from_where_on() {
        let big = Encoding::Utf16 { big_endian: true };
        assert_eq!(big.decode(b"\0a\xD8\0\0b"), Err("a".to_owned()), "half of a pair");
        assert_eq!(big.decode(b"\0a\0"), Err("a".to_owned()), "half a character");
        assert_eq!(Encoding::Utf8.decode(b"a\n\xE9b"), Err("a\n".to_owned()));
    }
}
