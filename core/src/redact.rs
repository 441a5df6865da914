//! Keeping secrets out of what is shown.

/// Parts of key names whose values are not shown.
const SECRET: [&str; 8] = ["password", "passwd", "secret", "token", "auth", "cookie", "credential", "api-key"];

/// The text with the values of secret keys and the bodies of private keys replaced, line by line.
///
/// It errs on the side of leaving out: `auth` also hides `authorization`.
pub(crate) fn secrets(text: &str) -> String {
    let mut in_key = false;
    text.split_inclusive('\n').map(|line| redacted(line, &mut in_key)).collect()
}

fn redacted(line: &str, in_key: &mut bool) -> String {
    let end = if line.ends_with('\n') { "\n" } else { "" };
    if line.contains("PRIVATE KEY-----") {
        *in_key = line.contains("-----BEGIN") && !line.contains("-----END");
        return format!("<private key>{end}");
    }
    if *in_key {
        return format!("<private key>{end}");
    }
    let Some(at) = line.find(['=', ':']).filter(|at| is_secret(&line[..*at])) else { return line.to_owned() };
    let opens = line[at + 1..].trim_end().ends_with(['{', '[']) || line[at + 1..].trim().is_empty();
    if opens { line.to_owned() } else { format!("{} <redacted>{end}", &line[..=at]) }
}

fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let last = key.rsplit(['.', '{', ',']).next().unwrap_or(&key);
    SECRET.iter().any(|part| last.contains(part)) && !key.trim_start().starts_with(['#', '['])
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
        assert!(!secrets("{\"auth\": \"aHVudGVyMg==\"}").contains("aHV"));
        assert!(!secrets("auth = { password = \"hunter2\" }").contains("hunter2"));
    }

    #[test]
    fn private_keys_are_left_out() {
        let pem = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nafter\n";
        let shown = secrets(pem);
        assert!(!shown.contains("MIIE") && shown.ends_with("after\n"), "{shown}");
    }
}
