//! Shapes.

use super::tokens::{Parser, Result, operator_at, spell};
use crate::ast::{Dim, Shape};
use crate::diag::Diag;
use crate::ops;
use proc_macro2::{Delimiter, Span};

impl Parser<'_, '_> {
    /// The shape after `->` or `:`.
    pub(super) fn shape(&mut self, after: &str) -> Result<Shape> {
        let list = |p: &mut Self, span| Ok(Shape { dims: p.list("dimensions", Self::dim)?, span });
        if let Some(shape) = self.array_type() {
            return shape;
        }
        match self.enter(Delimiter::Bracket, list) {
            Some(shape) => shape,
            None => self.bare_shape(after, list),
        }
    }

    /// `[[f32; 4]; 3]`, the type in Rust of what has the shape `[3, 4]`: reported and read.
    fn array_type(&mut self) -> Option<Result<Shape>> {
        let (start, span) = (self.at, self.span());
        let dims = self.array_dims()?;
        let array = spell(self.since(start));
        Some(dims.map(|dims| {
            let (dims, sizes): (Vec<Dim>, Vec<String>) = dims.into_iter().unzip();
            let message = format!("a shape lists its sizes, found the type `{array}`");
            self.diags.push(Diag::new(span, message).help(format!("`[{}]`", sizes.join(", "))));
            Shape { dims, span }
        }))
    }

    /// The lengths of an array of arrays of numbers, and how they are spelled. Does not move if this is none.
    fn array_dims(&mut self) -> Option<Result<Vec<(Dim, String)>>> {
        let (inside, ..) = self.at.group(Delimiter::Bracket)?;
        let after = match (inside.group(Delimiter::Bracket), inside.ident()) {
            (Some((.., after)), _) => after,
            (_, Some((ident, after))) if is_scalar(&ident.to_string()) => after,
            _ => return None,
        };
        operator_at(after).filter(|(operator, _)| *operator == ";")?;
        self.enter(Delimiter::Bracket, |p, _| {
            let inner = p.array_dims().unwrap_or_else(|| {
                p.skip();
                Ok(Vec::new())
            });
            p.eat(";");
            let start = p.at;
            let outer = (p.only(Self::dim)?, spell(p.since(start)));
            Ok([vec![outer], inner?].concat())
        })
    }

    /// A shape without its brackets, or with the wrong ones, is reported and read.
    fn bare_shape(
        &mut self,
        after: &str,
        list: impl Fn(&mut Self, Span) -> Result<Shape>,
    ) -> Result<Shape> {
        if let Some((inside, ..)) = self.at.group(Delimiter::Parenthesis)
            && inside.group(Delimiter::Bracket).is_some()
        {
            let diag = Diag::new(self.span(), "a model has one output, found several shapes");
            return Err(diag.help(
                "`concat(a, b)` makes one vector of two, which the program divides; or declare a model for each",
            ));
        }
        let missing = self.expected(&format!("a shape after `{after}`"));
        let (start, span) = (self.at, self.span());
        let shape = match self.enter(Delimiter::Parenthesis, list) {
            Some(shape) => shape?,
            None => match self.dim() {
                Ok(dim) => Shape { dims: vec![dim], span },
                Err(_) => return Err(missing.help(format!("`{after} [10]`"))),
            },
        };
        let dims = match start.group(Delimiter::Parenthesis) {
            Some((inside, ..)) => spell(inside.token_stream()),
            None => spell(self.since(start)),
        };
        if ops::find(&dims).is_some() {
            return Err(missing.help(format!("a comma comes before the next step: `, {dims}`")));
        }
        let scalar = is_scalar(&dims);
        if scalar && self.peek_group(Delimiter::Bracket) {
            let diag = Diag::new(span, "a shape does not say the type of its numbers");
            self.diags.push(diag.help(format!("leave `{dims}` out")));
            return self.shape(after);
        }
        let no_shape = Diag::new(span, format!("`{dims}` is not a shape"));
        if is_integer(&dims) {
            return Err(no_shape.help(
                "an integer has a bound: `index(10)` is one below 10, `[64] of index(10)` are 64 of them",
            ));
        }
        if is_tensor(&dims) {
            return Err(no_shape.help("a shape lists its sizes, without the batch: `[64]`"));
        }
        self.diags.push(Diag::new(span, "a shape is written in brackets").help(if scalar {
            "the shape of a single number is `[]`".to_string()
        } else {
            format!("`[{dims}]`")
        }));
        Ok(if scalar { Shape { dims: Vec::new(), span } } else { shape })
    }
}

fn is_integer(ty: &str) -> bool {
    const TYPES: &str = "int long bool byte u8 u16 u32 u64 usize i8 i16 i32 i64 isize Index";
    TYPES.split(' ').any(|integer| integer == ty)
}

fn is_tensor(ty: &str) -> bool {
    ["Tensor", "Array", "Vec", "Matrix", "Vector", "float"].contains(&ty)
}

fn is_scalar(ty: &str) -> bool {
    ty == "f32" || ty == "f64"
}
