//! Words of a command line, as a POSIX shell and Python's `shlex` tell them apart.

/// The words; `None` for a quote that is not closed. What stands in `{{ }}` is never split.
pub(super) fn split(text: &str) -> Option<Vec<String>> {
    Words { rest: text.chars().peekable(), comments: false }.all()
}

/// The words of a line in which `#` begins a comment.
pub(super) fn split_with_comments(text: &str) -> Option<Vec<String>> {
    Words { rest: text.chars().peekable(), comments: true }.all()
}

struct Words<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    comments: bool,
}

impl Words<'_> {
    fn all(mut self) -> Option<Vec<String>> {
        let mut words = Vec::new();
        let mut word: Option<String> = None;
        while let Some(c) = self.rest.next() {
            match c {
                '#' if self.comments => break,
                c if c.is_whitespace() => words.extend(word.take()),
                '\'' => self.single(word.get_or_insert_default())?,
                '"' => self.double(word.get_or_insert_default())?,
                '\\' => word.get_or_insert_default().push(self.rest.next()?),
                '{' if self.rest.peek() == Some(&'{') => self.expression(word.get_or_insert_default()),
                c => word.get_or_insert_default().push(c),
            }
        }
        words.extend(word);
        Some(words)
    }

    fn single(&mut self, word: &mut String) -> Option<()> {
        loop {
            match self.rest.next()? {
                '\'' => return Some(()),
                c => word.push(c),
            }
        }
    }

    fn double(&mut self, word: &mut String) -> Option<()> {
        loop {
            match self.rest.next()? {
                '"' => return Some(()),
                '\\' => match self.rest.next()? {
                    c @ ('"' | '\\') => word.push(c),
                    c => word.extend(['\\', c]),
                },
                c => word.push(c),
            }
        }
    }

    fn expression(&mut self, word: &mut String) {
        word.push('{');
        for c in self.rest.by_ref() {
            word.push(c);
            if word.ends_with("}}") {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_as_a_shell_does() {
        let words = |text: &str| split(text).map(|words| words.join("|"));
        assert_eq!(words(" a  'b c' \"d \\\" e\" f\\ g ").as_deref(), Some("a|b c|d \" e|f g"));
        assert_eq!(words("-o ProxyCommand=\"ssh -W %h:%p x\" ''").as_deref(), Some("-o|ProxyCommand=ssh -W %h:%p x|"));
        assert_eq!(words("--x={{ a | b('c') }}/d e").as_deref(), Some("--x={{ a | b('c') }}/d|e"));
        assert_eq!((words("a 'b"), words("a \"b"), words("a\\")), (None, None, None));
        assert_eq!(split_with_comments("a b#c d").unwrap().join("|"), "a|b");
    }
}
