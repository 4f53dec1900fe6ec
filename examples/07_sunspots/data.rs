//! Reads the sunspot numbers.

use std::fmt;

/// Yearly means of the sunspot number, one year after the other without a gap.
#[derive(Debug, PartialEq)]
pub(crate) struct Series {
    pub(crate) first_year: usize,
    pub(crate) numbers: Vec<f64>,
}

impl Series {
    /// Reads lines `year,number` after a line `year,sunspots`.
    ///
    /// # Errors
    /// At the first line that is anything else or does not follow the year before, or if there is no year.
    pub(crate) fn parse(text: &str) -> Result<Series, ParseError> {
        let mut lines = text.lines().enumerate().map(|(i, line)| (i + 1, line));
        match lines.next() {
            Some((_, HEADER)) => {}
            first => {
                let found = first.map_or("", |(_, line)| line);
                return Err(ParseError { line: 1, problem: Problem::Header(found.into()) });
            }
        }
        let mut series = Series { first_year: 0, numbers: Vec::new() };
        for (line, text) in lines {
            let error = |problem| ParseError { line, problem };
            let (year, number) =
                parse_line(text).ok_or_else(|| error(Problem::Line(text.into())))?;
            if series.numbers.is_empty() {
                series.first_year = year;
            }
            let expected = series.first_year + series.numbers.len();
            if year != expected {
                return Err(error(Problem::Gap { found: year, expected }));
            }
            series.numbers.push(number);
        }
        if series.numbers.is_empty() {
            return Err(ParseError { line: 2, problem: Problem::Line(String::new()) });
        }
        Ok(series)
    }
}

/// The first line.
const HEADER: &str = "year,sunspots";

/// A year and a finite number of at least 0.
fn parse_line(line: &str) -> Option<(usize, f64)> {
    let (year, number) = line.split_once(',')?;
    let number: f64 = number.parse().ok()?;
    Some((year.parse().ok()?, number)).filter(|_| number.is_finite() && number >= 0.0)
}

/// A file that is not the sunspot numbers.
#[derive(Debug, PartialEq)]
pub(crate) struct ParseError {
    line: usize,
    problem: Problem,
}

#[derive(Debug, PartialEq)]
enum Problem {
    Header(String),
    Line(String),
    Gap { found: usize, expected: usize },
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match &self.problem {
            Problem::Header(found) => write!(f, "found {found:?}, needs {HEADER:?}"),
            Problem::Line(found) => {
                write!(f, "found {found:?}, needs a year, a comma and a number of at least 0")
            }
            Problem::Gap { found, expected } => {
                write!(f, "found the year {found}, needs {expected}: years follow each other")
            }
        }
    }
}

impl std::error::Error for ParseError {}

/// Run with `cargo test --example 07_sunspots`.
#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Series::parse(text).expect_err("the text is wrong").to_string()
    }

    #[test]
    fn the_file_is_read_whole() {
        let series = Series::parse(include_str!("../data/sunspots.csv")).unwrap();
        assert_eq!((series.first_year, series.numbers.len()), (1700, 309));
        assert_eq!((series.numbers[0], series.numbers[308]), (5.0, 2.9));
    }

    #[test]
    fn errors_name_the_line_and_what_it_needs() {
        let needs = "needs a year, a comma and a number of at least 0";
        assert_eq!(error(""), "line 1: found \"\", needs \"year,sunspots\"");
        assert_eq!(error("1700,5"), "line 1: found \"1700,5\", needs \"year,sunspots\"");
        assert_eq!(error("year,sunspots\n"), format!("line 2: found \"\", {needs}"));
        for wrong in ["1701", "1701,", "1701,-1", "1701,inf", "1701,NaN", "-1701,1", "1701,1,1"] {
            let text = format!("year,sunspots\n1700,5\n{wrong}");
            assert_eq!(error(&text), format!("line 3: found {wrong:?}, {needs}"));
        }
        assert_eq!(
            error("year,sunspots\n1700,5\n1702,5"),
            "line 3: found the year 1702, needs 1701: years follow each other"
        );
    }
}
