//! Reads the digits, and believes nothing about the file that it has not seen.

use pullback::Index;
use std::fmt;

/// The side of an image.
pub(crate) const SIDE: usize = 8;
/// The number of pixels of an image.
pub(crate) const PIXELS: usize = SIDE * SIDE;
/// The number of different digits.
pub(crate) const CLASSES: usize = 10;
/// The pixel of full ink.
const INK: u8 = 16;

/// An image, row by row, from −1 (paper) to 1 (ink).
pub(crate) type Image = [f32; PIXELS];
/// Which digit an image shows.
pub(crate) type Label = Index<CLASSES>;

/// Images and their labels, in two lists of the same length.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Digits {
    pub(crate) images: Vec<Image>,
    pub(crate) labels: Vec<Label>,
}

impl Digits {
    /// Reads lines of 64 pixels from 0 to 16 and a label from 0 to 9.
    ///
    /// # Errors
    /// At the first line that is anything else, or if there is no line.
    pub(crate) fn parse(text: &str) -> Result<Digits, ParseError> {
        let mut digits = Digits::default();
        for (i, line) in text.lines().enumerate() {
            let at = |problem| ParseError { line: i + 1, problem };
            let (image, label) = parse_line(line).map_err(at)?;
            digits.images.push(image);
            digits.labels.push(label);
        }
        if digits.labels.is_empty() {
            return Err(ParseError { line: 1, problem: Problem::NoDigits });
        }
        Ok(digits)
    }

    /// The digits at these places.
    pub(crate) fn pick(&self, indices: &[usize]) -> Digits {
        Digits {
            images: indices.iter().map(|i| self.images[*i]).collect(),
            labels: indices.iter().map(|i| self.labels[*i]).collect(),
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.labels.len()
    }
}

fn parse_line(line: &str) -> Result<(Image, Label), Problem> {
    let found = line.split(',').count();
    if found != PIXELS + 1 {
        return Err(Problem::Fields(if line.is_empty() { 0 } else { found }));
    }
    let mut image = [0.0; PIXELS];
    let mut fields = line.split(',').enumerate();
    for (pixel, (i, field)) in image.iter_mut().zip(&mut fields) {
        let value = number(field, INK).ok_or_else(|| Problem::Pixel(i + 1, field.into()))?;
        *pixel = f32::from(value) / 8.0 - 1.0;
    }
    let (_, field) = fields.next().expect("the fields have been counted");
    let label = number(field, CLASSES as u8 - 1).and_then(|n| Index::new(n.into()).ok());
    Ok((image, label.ok_or_else(|| Problem::Label(field.into()))?))
}

/// A number from 0 to `max` in digits alone: `parse` would also take a sign.
fn number(field: &str, max: u8) -> Option<u8> {
    let digits = field.bytes().all(|byte| byte.is_ascii_digit());
    field.parse().ok().filter(|n| digits && *n <= max)
}

/// A file that is not the digits.
#[derive(Debug, PartialEq)]
pub(crate) struct ParseError {
    line: usize,
    problem: Problem,
}

#[derive(Debug, PartialEq)]
enum Problem {
    NoDigits,
    Fields(usize),
    Pixel(usize, String),
    Label(String),
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match &self.problem {
            Problem::NoDigits => write!(f, "found no digits, needs at least one line"),
            Problem::Fields(n) => {
                write!(f, "found {n} fields, needs {}: {PIXELS} pixels and a label", PIXELS + 1)
            }
            Problem::Pixel(i, found) => {
                write!(f, "found {found:?} for pixel {i}, needs an integer from 0 to {INK}")
            }
            Problem::Label(found) => {
                write!(f, "found {found:?} for the label, needs a digit from 0 to {}", CLASSES - 1)
            }
        }
    }
}

impl std::error::Error for ParseError {}

/// Run with `cargo test --example 05_digits`.
#[cfg(test)]
mod tests {
    use super::*;

    /// A line of 64 equal pixels and a label.
    fn line(pixel: &str, label: &str) -> String {
        format!("{}{label}", format!("{pixel},").repeat(PIXELS))
    }

    fn error(text: &str) -> String {
        Digits::parse(text).expect_err("the text is wrong").to_string()
    }

    #[test]
    fn paper_is_minus_one_and_ink_is_one() {
        let digits = Digits::parse(&format!("{}\n{}\n", line("0", "7"), line("16", "0"))).unwrap();
        assert_eq!(digits.images, [[-1.0; PIXELS], [1.0; PIXELS]]);
        assert_eq!(digits.labels.iter().map(|label| label.get()).collect::<Vec<_>>(), [7, 0]);
    }

    #[test]
    fn errors_name_the_line_and_what_it_needs() {
        let good = line("3", "4");
        let count = "needs 65: 64 pixels and a label";
        assert_eq!(error(""), "line 1: found no digits, needs at least one line");
        assert_eq!(error(&format!("{good}\n1,2,3")), format!("line 2: found 3 fields, {count}"));
        assert_eq!(error(&format!("{good},5")), format!("line 1: found 66 fields, {count}"));
        assert_eq!(error(&format!("{good}\n\n")), format!("line 2: found 0 fields, {count}"));
        for wrong in ["17", "256", "-1", "+1", " 1", "1.0", "x", ""] {
            let expected = "for pixel 1, needs an integer from 0 to 16";
            assert_eq!(error(&line(wrong, "4")), format!("line 1: found {wrong:?} {expected}"));
        }
        for wrong in ["10", "-1", "five", "4 ", ""] {
            let expected = "for the label, needs a digit from 0 to 9";
            assert_eq!(error(&line("3", wrong)), format!("line 1: found {wrong:?} {expected}"));
        }
    }

    #[test]
    fn the_file_is_read_whole() {
        let digits = Digits::parse(include_str!("../data/digits.csv")).unwrap();
        assert_eq!((digits.len(), digits.images.len()), (1797, 1797));
    }
}
