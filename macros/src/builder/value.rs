//! Arithmetic that writes instructions.

use super::Builder;
use crate::ir::Var;
use crate::prim::{self, Arith, Prim};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A primal value under construction: arithmetic on it writes instructions.
#[derive(Clone, Copy)]
pub struct V<'b> {
    pub var: Var,
    b: &'b Builder,
}

impl<'b> V<'b> {
    pub(super) fn new(b: &'b Builder, var: Var) -> V<'b> {
        V { var, b }
    }

    pub fn builder(self) -> &'b Builder {
        self.b
    }
}

impl Arith for V<'_> {
    fn int(self, n: i128) -> Self {
        self.b.int(n)
    }
    fn decimal(self, digits: i128, exponent: i32) -> Self {
        self.b.decimal(digits, exponent)
    }
    fn apply(prim: Prim, args: &[Self]) -> Self {
        args[0].b.point(prim, args)
    }
}

macro_rules! operators {
    ($($Trait:ident $method:ident $PRIM:ident),*) => {$(
        impl<'b> $Trait for V<'b> {
            type Output = V<'b>;
            fn $method(self, other: V<'b>) -> V<'b> {
                self.b.point(prim::$PRIM, &[self, other])
            }
        }
    )*};
}
operators!(Add add ADD, Sub sub SUB, Mul mul MUL, Div div DIV);

impl<'b> Neg for V<'b> {
    type Output = V<'b>;
    fn neg(self) -> V<'b> {
        self.b.point(prim::NEG, &[self])
    }
}
