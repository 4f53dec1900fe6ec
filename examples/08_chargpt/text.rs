//! Texts as numbers, and back.

use pullback::Index;
use std::fmt;

/// The signs of the text, and all letters.
const CHARS: &str = "\n !'(),.:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// How many they are.
pub(crate) const VOCAB: usize = CHARS.len();

/// The place of a character among [`CHARS`].
pub(crate) type Char = Index<VOCAB>;

/// The characters of a text.
///
/// # Errors
/// At the first one that is not among [`CHARS`], or if there is none.
pub(crate) fn read(text: &str) -> Result<Vec<Char>, TextError> {
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    let mut line = 1;
    let numbers = text.chars().map(|char| {
        let found = number(char).ok_or(TextError::Char(line, char));
        line += usize::from(char == '\n');
        found
    });
    numbers.collect()
}

/// The number of a character.
fn number(char: char) -> Option<Char> {
    CHARS.find(char).and_then(|i| Index::new(i).ok())
}

/// The text that these characters are.
pub(crate) fn show(text: &[Char]) -> String {
    text.iter().map(|char| char::from(CHARS.as_bytes()[char.get()])).collect()
}

/// A text that cannot be read.
#[derive(Debug, PartialEq)]
pub(crate) enum TextError {
    /// There is nothing in it.
    Empty,
    /// On this line is a character without a number.
    Char(usize, char),
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TextError::Empty => write!(f, "found an empty text, needs at least one character"),
            TextError::Char(line, char) => {
                write!(f, "line {line}: found {char:?}, needs one of the characters {CHARS:?}")
            }
        }
    }
}

impl std::error::Error for TextError {}

/// Run with `cargo test --example 08_chargpt`.
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_whole_and_shown_again() {
        let file = include_str!("../data/gospels.txt");
        assert_eq!(file.len(), 436_248);
        assert_eq!(show(&read(file).unwrap()), file);
        for text in ["\n", "a", "a\n\nb", "\n\na\n"] {
            assert_eq!(show(&read(text).unwrap()), text);
        }
    }

    #[test]
    fn errors_name_the_line_and_the_character() {
        assert_eq!(read(""), Err(TextError::Empty));
        assert_eq!(read("In\nthe 1st"), Err(TextError::Char(2, '1')));
        assert_eq!(read("\n\r\n"), Err(TextError::Char(2, '\r')));
        let shown = read("é").unwrap_err().to_string();
        assert!(
            shown.starts_with("line 1: found 'é', needs one of the characters \"\\n !"),
            "{shown}"
        );
    }
}
