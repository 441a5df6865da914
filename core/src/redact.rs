//! Keeping secrets out of what is shown.

/// Parts of key names whose values are not shown.
const SECRET: [&str; 8] = ["password", "passwd", "secret", "token", "auth", "cookie", "credential", "api-key"];
/// Keys that have such a part and hold no secret.
const PLAIN: [&str; 2] = ["authorization-plugins", "author"];

/// The text with the values of secret keys, passwords in URLs and the bodies of private keys replaced.
///
/// It errs on the side of leaving out: `auth` also hides `authorization`. Tables are looked into; values may go over
/// several lines.
pub(crate) fn secrets(text: &str) -> String {
    without_url_passwords(&without_private_keys(&without_values(text)))
}

fn without_values(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(value) = next_secret(rest) {
        out += &rest[..value];
        out += "<redacted>";
        rest = &rest[value + value_length(&rest[value..])..];
    }
    out + rest
}

fn without_private_keys(text: &str) -> String {
    let mut in_key = false;
    let shown = |line: &str| {
        let border = line.contains("PRIVATE KEY-----");
        let hidden = border || in_key;
        if border {
            in_key = line.contains("-----BEGIN") && !line.contains("-----END");
        }
        let end = if line.ends_with('\n') { "\n" } else { "" };
        if hidden { format!("<private key>{end}") } else { line.to_owned() }
    };
    text.split_inclusive('\n').map(shown).collect()
}

/// `scheme://user:password@` without what stands before the `@`.
fn without_url_passwords(text: &str) -> String {
    let mut parts = text.split("://");
    let first = parts.next().unwrap_or("").to_owned();
    parts.fold(first, |mut out, part| {
        let authority =
            part.find(|c: char| c == '/' || c == '"' || c == '\'' || c.is_whitespace()).unwrap_or(part.len());
        out += "://";
        match part[..authority].rfind('@') {
            Some(at) => out.extend(["<redacted>", &part[at..]]),
            None => out += part,
        }
        out
    })
}

/// Where the value of the next secret key begins.
fn next_secret(text: &str) -> Option<usize> {
    let separators = text.match_indices(['=', ':']);
    separators.into_iter().find_map(|(at, separator)| {
        let before = text[..at].trim_end_matches([' ', '\t']);
        let key = before.trim_end_matches(['"', '\'']);
        let start = key.rfind(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'));
        let start = start.map_or(0, |i| i + key[i..].chars().next().map_or(1, char::len_utf8));
        let rest = &text[at + 1..];
        // In JSON a value may stand on the next line.
        let value = if separator == ":" { rest.trim_start() } else { rest.trim_start_matches([' ', '\t']) };
        let opens = value.is_empty() || value.starts_with(['{', '\n', '\r', '/']);
        (is_secret(&key[start..]) && !opens).then_some(text.len() - value.len())
    })
}

fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    SECRET.iter().any(|part| key.contains(part)) && !PLAIN.contains(&key.as_str())
}

/// How long the value at the beginning of a text is: a string, a list, or up to the next separator.
fn value_length(text: &str) -> usize {
    for quote in ["\"\"\"", "'''"] {
        if let Some(inner) = text.strip_prefix(quote) {
            return inner.find(quote).map_or(text.len(), |end| end + 2 * quote.len());
        }
    }
    match text.chars().next() {
        Some(quote @ ('"' | '\'')) => string_length(text, quote),
        Some('[') => list_length(text),
        _ => text.find([',', '}', '\n', '\r']).unwrap_or(text.len()),
    }
}

fn string_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            c if c == quote => return at + 1,
            '\n' => return at,
            _ => {}
        }
    }
    text.len()
}

fn list_length(text: &str) -> usize {
    let mut at = 1;
    while let Some(c) = text[at..].chars().next() {
        at += match c {
            ']' => return at + 1,
            '"' | '\'' => string_length(&text[at..], c).max(1),
            c => c.len_utf8(),
        };
    }
    text.len()
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
    fn values_of_several_lines_and_urls_are_left_out() {
        let list = "Authorization = [\n  \"Basic a]b\", # one\n  \"Basic c\",\n]\nserver = \"x\"\n";
        assert_eq!(secrets(list), "Authorization = <redacted>\nserver = \"x\"\n");
        assert_eq!(secrets("password = \"\"\"\nhunter2\"\"\"\nk = 1\n"), "password = <redacted>\nk = 1\n");
        assert_eq!(
            secrets("\"http-proxy\": \"http://u:p@proxy:3128/x\""),
            "\"http-proxy\": \"http://<redacted>@proxy:3128/x\""
        );
        assert_eq!(secrets("\"password\":\n  \"hunter2\"\n"), "\"password\":\n  <redacted>\n");
    }

    #[test]
    fn private_keys_are_left_out() {
        let pem = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nafter\n";
        let shown = secrets(pem);
        assert!(!shown.contains("MIIE") && shown.ends_with("after\n"), "{shown}");
    }
}
