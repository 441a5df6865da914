//! Keeping secrets out of what is shown.

/// Parts of key names whose values are not shown.
const SECRET: [&str; 8] = ["password", "passwd", "secret", "token", "auth", "cookie", "credential", "api-key"];
/// Keys that have such a part and hold no secret.
const PLAIN: [&str; 2] = ["authorization-plugins", "author"];

/// The text with the values of secret keys and the bodies of private keys replaced, line by line.
///
/// It errs on the side of leaving out: `auth` also hides `authorization`. Tables are looked into.
pub(crate) fn secrets(text: &str) -> String {
    let mut in_key = false;
    text.split_inclusive('\n').map(|line| redacted(line, &mut in_key)).collect()
}

fn redacted(line: &str, in_key: &mut bool) -> String {
    let end = if line.ends_with('\n') { "\n" } else { "" };
    let begins = line.contains("PRIVATE KEY-----");
    if begins {
        *in_key = line.contains("-----BEGIN") && !line.contains("-----END");
    }
    if begins || *in_key {
        return format!("<private key>{end}");
    }
    let mut out = String::new();
    let mut rest = line;
    while let Some(value) = next_secret(rest) {
        let length = value_length(&rest[value..]);
        out += &rest[..value];
        out += "<redacted>";
        rest = &rest[value + length..];
    }
    out + rest
}

/// Where the value of the next secret key begins in a line.
fn next_secret(line: &str) -> Option<usize> {
    let separators = line.match_indices(['=', ':']).map(|(at, _)| at);
    separators.into_iter().find_map(|at| {
        let before = line[..at].trim_end();
        let key = before.trim_end_matches(['"', '\'']);
        let start = key
            .rfind(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'))
            .map_or(0, |i| i + key[i..].chars().next().map_or(1, char::len_utf8));
        let value = at + 1 + (line[at + 1..].len() - line[at + 1..].trim_start().len());
        let opens = line[value..].is_empty() || line[value..].starts_with('{');
        (is_secret(&key[start..]) && !opens).then_some(value)
    })
}

fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    SECRET.iter().any(|part| key.contains(part)) && !PLAIN.contains(&key.as_str())
}

/// How long the value at the beginning of a text is: a string, a list, or up to the next separator.
fn value_length(text: &str) -> usize {
    let closing = match text.chars().next() {
        Some('"') => Some('"'),
        Some('\'') => Some('\''),
        Some('[') => Some(']'),
        _ => None,
    };
    let line = text.trim_end_matches(['\r', '\n']).len();
    let mut escaped = false;
    for (at, c) in text[..line].char_indices().skip(1) {
        match closing {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(end) if c == end => return at + 1,
            None if c == ',' || c == '}' => return at,
            _ => {}
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::secrets;

    #[test]
    fn values_of_secret_keys_are_left_out() {
        let text = "[configs.\"r:5000\".auth]\n  username = \"u\"\n  password = \"hunter2\"\n  Authorization = [\"Basic x\"]\n";
        let shown = secrets(text);
        assert!(!shown.contains("hunter2") && !shown.contains("Basic"), "{shown}");
        assert!(shown.contains("username = \"u\"") && shown.starts_with("[configs.\"r:5000\".auth]\n"), "{shown}");
        assert_eq!(secrets("  \"auths\": {\n"), "  \"auths\": {\n");
        assert!(!secrets("auth = { password = \"hunter2\" }").contains("hunter2"));
        assert!(!secrets("  password = \"hun\\\"ter2\"\n").contains("ter2"));
        assert!(!secrets("  token = hunter2\n").contains("hunter2"));
    }

    #[test]
    fn the_rest_of_a_line_is_shown() {
        let line = "{\"auth\": \"aHVudGVyMg==\", \"authorization-plugins\": [\"p\"], \"l\": [\"reg:5000\"]}\n";
        let shown = secrets(line);
        assert_eq!(shown, "{\"auth\": <redacted>, \"authorization-plugins\": [\"p\"], \"l\": [\"reg:5000\"]}\n");
    }

    #[test]
    fn private_keys_are_left_out() {
        let pem = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nafter\n";
        let shown = secrets(pem);
        assert!(!shown.contains("MIIE") && shown.ends_with("after\n"), "{shown}");
    }
}
