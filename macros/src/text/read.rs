//! Reads what [`text`](crate::text) writes: for tests, whose programs are text.

mod func;
mod lin;
mod program;

use super::{SOURCES, TARGETS};
use crate::ir::{Func, Labels, LinFunc, Passing, Source, Target, Window};
use crate::nest::Program;
use crate::number::Num;
use crate::prim::Prim;
use crate::shape::{BATCH, Dim, Shape};
use rustc_hash::FxHashMap;

/// What was read, or what is wrong with the text.
pub type Read<T> = Result<T, String>;

/// The function that a text says.
pub fn func(text: &str) -> Read<Func> {
    Reader::new(text)?.whole(Reader::func)
}

/// The linear program that a text says.
pub fn lin_func(text: &str) -> Read<LinFunc> {
    Reader::new(text)?.whole(Reader::lin_func)
}

/// The loops that a text says.
pub fn program(text: &str) -> Read<Program> {
    Reader::new(text)?.whole(Reader::program)
}

/// The dimension that a text says.
pub fn dim(text: &str) -> Read<Dim> {
    Reader::new(text)?.whole(Reader::dim)
}

/// A text and how far it was read.
pub struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
    /// What is meant by the names of `const`s: how the user spells them, and what the generated code calls them.
    names: FxHashMap<&'a str, (String, String)>,
}

impl<'a> Reader<'a> {
    /// A reader that has read the lines about `const`s.
    fn new(text: &'a str) -> Read<Self> {
        let mut reader = Reader { text, rest: text, names: FxHashMap::default() };
        while reader.word("const") {
            let shown = reader.name()?;
            reader.expect("=")?;
            let code = reader.string()?;
            let text = if reader.word("of") { reader.string()? } else { shown.to_string() };
            reader.names.insert(shown, (text, code));
        }
        Ok(reader)
    }

    /// What the whole text says.
    fn whole<T>(mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        let said = read(&mut self)?;
        self.skip();
        if self.rest.is_empty() { Ok(said) } else { self.wrong("nothing more") }
    }

    fn wrong<T>(&self, expected: &str) -> Read<T> {
        let line = self.text[..self.text.len() - self.rest.len()].lines().count().max(1);
        let here = self.rest.lines().next().unwrap_or_default();
        Err(format!("line {line}: expected {expected}, found `{here}`"))
    }

    /// Goes to the next thing that says something; `//` begins a comment.
    fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            match self.rest.strip_prefix("//") {
                Some(comment) => self.rest = comment.split_once('\n').map_or("", |(_, rest)| rest),
                None => return,
            }
        }
    }

    /// Reads a mark, if it comes next.
    fn mark(&mut self, mark: &str) -> bool {
        self.skip();
        self.rest.strip_prefix(mark).map(|rest| self.rest = rest).is_some()
    }

    fn expect(&mut self, mark: &str) -> Read<()> {
        if self.mark(mark) { Ok(()) } else { self.wrong(&format!("`{mark}`")) }
    }

    fn next_name(&mut self) -> &'a str {
        self.skip();
        let in_name = |c: char| c.is_alphanumeric() || "_:#".contains(c);
        let end = self.rest.find(|c| !in_name(c)).unwrap_or(self.rest.len());
        // What stands before a shape, as in `step 0: `, is no name with a colon.
        self.rest[..end].trim_end_matches(':')
    }

    fn name(&mut self) -> Read<&'a str> {
        let name = self.next_name();
        if name.is_empty() {
            return self.wrong("a name");
        }
        self.rest = &self.rest[name.len()..];
        Ok(name)
    }

    /// Reads a word, if it comes next.
    fn word(&mut self, word: &str) -> bool {
        let found = self.next_name() == word;
        if found {
            self.rest = &self.rest[word.len()..];
        }
        found
    }

    fn expect_word(&mut self, word: &str) -> Read<()> {
        if self.word(word) { Ok(()) } else { self.wrong(&format!("`{word}`")) }
    }

    fn digits(&mut self) -> Read<&'a str> {
        self.skip();
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        if end == 0 {
            return self.wrong("a number");
        }
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        Ok(digits)
    }

    fn number<N: std::str::FromStr>(&mut self) -> Read<N> {
        let digits = self.digits()?;
        digits.parse().or_else(|_| self.wrong("a smaller number"))
    }

    fn string(&mut self) -> Read<String> {
        self.expect("\"")?;
        let mut said = String::new();
        let mut chars = self.rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(said);
                }
                '\\' => said.extend(chars.next().map(|(_, c)| c)),
                c => said.push(c),
            }
        }
        self.wrong("the end of a string")
    }

    /// Items in brackets.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        self.expect("[")?;
        let mut items = Vec::new();
        while !self.mark("]") {
            if !items.is_empty() {
                self.expect(",")?;
            }
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn numbers(&mut self) -> Read<Vec<usize>> {
        self.list(Reader::number)
    }

    fn shape(&mut self) -> Read<Shape> {
        self.list(Reader::dim)
    }

    fn dim(&mut self) -> Read<Dim> {
        let mut sum = if self.mark("-") {
            Dim::known(0).sub(&self.dim_product()?)
        } else {
            self.dim_product()?
        };
        loop {
            if self.mark("+") {
                sum = sum.add(&self.dim_product()?);
            } else if !self.rest.trim_start().starts_with("->") && self.mark("-") {
                sum = sum.sub(&self.dim_product()?);
            } else {
                return Ok(sum);
            }
        }
    }

    fn dim_product(&mut self) -> Read<Dim> {
        let mut product = self.dim_factor()?;
        loop {
            let quotient = if self.mark("*") {
                Some(product.mul(&self.dim_factor()?))
            } else if self.mark("/") {
                product.div(&self.dim_factor()?)
            } else if self.mark("%") {
                product.rem(&self.dim_factor()?)
            } else {
                return Ok(product);
            };
            product = quotient.map_or_else(|| self.wrong("no division by 0"), Ok)?;
        }
    }

    fn dim_factor(&mut self) -> Read<Dim> {
        if self.mark("(") {
            let dim = self.dim()?;
            self.expect(")")?;
            return Ok(dim);
        }
        self.skip();
        if self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            return self.number().map(Dim::known);
        }
        let name = self.name()?;
        if name == BATCH {
            return Ok(Dim::batch());
        }
        let (text, code) = self.meaning(name);
        Ok(Dim::named(&text, &code))
    }

    fn meaning(&self, name: &str) -> (String, String) {
        self.names.get(name).cloned().unwrap_or_else(|| (name.to_string(), name.to_string()))
    }

    fn num(&mut self) -> Read<Num> {
        if self.word("const") {
            let name = self.name()?;
            let (text, code) = self.meaning(name);
            return Ok(Num::Named { text: text.into(), code: code.into() });
        }
        self.skip();
        if !self.rest.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
            let prim = self.prim()?;
            self.expect("(")?;
            let mut args = vec![self.num()?];
            while self.mark(",") {
                args.push(self.num()?);
            }
            self.expect(")")?;
            return Ok(Num::Call(prim, args));
        }
        let sign = if self.mark("-") { -1 } else { 1 };
        let mut digits = self.digits()?.to_string();
        let mut places = 0;
        if self.mark(".") {
            let part = self.digits()?;
            digits += part;
            places = part.len() as i32;
        }
        if let Some(rest) = self.rest.strip_prefix("e-") {
            self.rest = rest;
            places += self.number::<i32>()?;
        }
        let numer: i128 = digits.parse().or_else(|_| self.wrong("a number of fewer digits"))?;
        let num = if !self.mark("/") {
            Num::decimal(sign * numer, -places)
        } else if self.mark("(") {
            let dim = self.dim()?;
            self.expect(")")?;
            Some(Num::Inverse(dim))
        } else {
            Num::ratio(sign * numer, self.number()?)
        };
        num.map_or_else(|| self.wrong("a number that fits"), Ok)
    }

    fn prim(&mut self) -> Read<Prim> {
        let name = self.next_name();
        let Some(prim) = Prim::all().find(|prim| prim.name() == name) else {
            return self.wrong("a function");
        };
        self.rest = &self.rest[name.len()..];
        Ok(prim)
    }

    fn flow(&mut self) -> Read<Passing> {
        Ok(match self.name()? {
            "whole" => Passing::Whole,
            "carry" => Passing::Carry,
            "mirrored" => Passing::Mirrored { axis: self.number()? },
            "each" => {
                let axis = self.number()?;
                self.expect_word("by")?;
                Passing::Each { axis, width: self.dim()? }
            }
            _ => return self.wrong("how a value passes into a loop"),
        })
    }

    fn window(&mut self) -> Read<Window> {
        self.expect_word("from")?;
        let from = self.shape()?;
        self.expect_word("steps")?;
        let steps = self.list(|reader| {
            let axis = reader.number()?;
            reader.expect_word("by")?;
            Ok((axis, reader.dim()?))
        })?;
        Ok(Window { from, steps })
    }

    /// `ni,io->no`
    fn labels(&mut self) -> Read<Labels> {
        self.skip();
        let end = self.rest.find([')', ';']).unwrap_or(self.rest.len());
        let (of, rest) = self.rest.split_at(end);
        let parts = of.split_once(',').and_then(|(a, rest)| Some((a, rest.split_once("->")?)));
        let Some((a, (b, out))) = parts else { return self.wrong("labels") };
        self.rest = rest;
        Ok(Labels::new(a.trim(), b.trim(), out.trim()))
    }

    /// The source that a name and a number mean.
    fn source(&mut self, name: &str) -> Read<Option<Source>> {
        if name == "cotangent" {
            return Ok(Some(Source::Cotangent));
        }
        match SOURCES.iter().find(|(known, _)| *known == name) {
            Some((_, make)) => Ok(Some(make(self.number()?))),
            None => Ok(None),
        }
    }

    fn target(&mut self) -> Read<Target> {
        match self.name()? {
            "output" => Ok(Target::Output),
            "output_tangent" => Ok(Target::OutputTangent),
            name => match TARGETS.iter().find(|(known, _)| *known == name) {
                Some((_, make)) => Ok(make(self.number()?)),
                None => self.wrong("where a value goes"),
            },
        }
    }
}
