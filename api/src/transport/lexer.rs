//! How large is a document, before anything is built from it? One pass over its bytes, no memory.
use super::{fault::Fault, limits::Limits};
use crate::error::ErrorCode;

/// Counts tokens and open brackets as the GraphQL grammar does: a string is one token however long, comments,
/// commas and white space are none. Refuses what is above the limits, and strings that do not end: the parser
/// would read on at another place than this scan, and tokens could hide there.
pub fn scan(text: &str, limits: &Limits) -> Result<usize, Fault> {
    let mut cursor = Cursor { rest: text.as_bytes() };
    let (mut tokens, mut open) = (0_usize, 0_usize);
    while let Some(byte) = cursor.next() {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => continue,
            b'#' => {
                cursor.skip_while(|next| next != b'\n' && next != b'\r');
                continue;
            }
            // The byte order mark is white space in GraphQL, wherever it stands.
            0xEF if cursor.skip(b"\xBB\xBF") => continue,
            b'{' | b'(' | b'[' => open = open.saturating_add(1),
            b'}' | b')' | b']' => open = open.saturating_sub(1),
            b'"' => cursor.end_of_string()?,
            b'.' => {
                cursor.skip(b"..");
            }
            b'-' | b'0'..=b'9' => cursor.end_of_number(),
            _ if is_name(byte) => cursor.skip_while(is_name),
            // One unknown character of several bytes is one token; the parser will name it.
            _ => cursor.skip_while(|next| next & 0b1100_0000 == 0b1000_0000),
        }
        tokens = tokens.saturating_add(1);
        if tokens > limits.tokens {
            let message = format!("the document has more than {} tokens", limits.tokens);
            return Err(Fault::new(ErrorCode::QueryTooLarge, message));
        }
        if open > limits.nesting {
            let message = format!("the document has more than {} brackets open at once", limits.nesting);
            return Err(Fault::new(ErrorCode::QueryTooDeep, message));
        }
    }
    Ok(tokens)
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl Cursor<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn skip(&mut self, prefix: &[u8]) -> bool {
        let stripped = self.rest.strip_prefix(prefix);
        self.rest = stripped.unwrap_or(self.rest);
        stripped.is_some()
    }

    fn skip_while(&mut self, keep: impl Fn(u8) -> bool) {
        let length = self.rest.iter().take_while(|byte| keep(**byte)).count();
        self.rest = self.rest.get(length..).unwrap_or_default();
    }

    fn end_of_string(&mut self) -> Result<(), Fault> {
        if self.skip(b"\"\"") {
            return self.end_of_block_string();
        }
        loop {
            match self.next() {
                Some(b'"') => return Ok(()),
                Some(b'\\') => {
                    self.next();
                }
                None | Some(b'\n' | b'\r') => return Err(unterminated()),
                Some(_) => {}
            }
        }
    }

    fn end_of_block_string(&mut self) -> Result<(), Fault> {
        loop {
            if self.skip(b"\"\"\"") {
                return Ok(());
            }
            if !self.skip(b"\\\"\"\"") && self.next().is_none() {
                return Err(unterminated());
            }
        }
    }

    fn end_of_number(&mut self) {
        let digit = |byte: u8| byte.is_ascii_digit();
        self.skip_while(digit);
        if let [b'.', b'0'..=b'9', ..] = self.rest {
            self.next();
            self.skip_while(digit);
        }
        if let [b'e' | b'E', b'0'..=b'9', ..] | [b'e' | b'E', b'+' | b'-', b'0'..=b'9', ..] = self.rest {
            self.next();
            self.next();
            self.skip_while(digit);
        }
    }
}

fn unterminated() -> Fault {
    Fault::new(ErrorCode::ParseFailed, "a string in the document does not end")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        scan(text, &Limits::default()).unwrap()
    }

    #[test]
    fn tokens_are_counted_as_the_grammar_does() {
        for (text, tokens) in [
            ("", 0),
            ("{ a }", 3),
            ("{a,b,,c}", 5),
            ("{ a # many words in a comment { ( [\n }", 3),
            ("{ a # ends with a carriage return\r b }", 4),
            ("\u{feff}{ a }", 3),
            (r#"{ a(b: "many words { ( [ \" in a string") }"#, 8),
            ("{ a(b: \"\"\"block \"quoted\" \\\"\"\" still\n inside\"\"\") }", 8),
            (r#"{ a(b: "") }"#, 8),
            ("{ a(b: [1 -2 3.5 -1e9 2E+3 4e-5]) }", 15),
            ("{ ...F }", 4),
            ("{ ...on T { x: y } }", 10),
            ("query($v: [Int!]! = 3) @d { a }", 18),
            ("[1-1-1]", 5),
            ("{ ё }", 3),
        ] {
            assert_eq!(count(text), tokens, "{text}");
        }
    }

    #[test]
    fn strings_that_do_not_end_are_refused() {
        for text in ["{ a(b: \"x) }", "{ a(b: \"x\ny\") }", "{ a(b: \"\"\"x\") { y } }", "\"", "\"\\"] {
            let fault = scan(text, &Limits::default()).unwrap_err();
            assert_eq!(fault.code, ErrorCode::ParseFailed, "{text}");
        }
    }

    #[test]
    fn brackets_and_tokens_have_bounds() {
        let limits = Limits::default();
        assert!(scan(&"[".repeat(64), &limits).is_ok());
        assert_eq!(scan(&"[".repeat(65), &limits).unwrap_err().code, ErrorCode::QueryTooDeep);
        assert!(scan(&"a ".repeat(2_000), &limits).is_ok());
        assert_eq!(scan(&"a ".repeat(2_001), &limits).unwrap_err().code, ErrorCode::QueryTooLarge);
    }
}
