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

    /// `self · a + b`
    pub fn mul_add(self, a: V<'b>, b: V<'b>) -> V<'b> {
        self.b.point(prim::MUL_ADD, &[self, a, b])
    }

    /// `self · other`, and 0 where `self` is 0, whatever `other` is.
    pub fn mul_strong(self, other: V<'b>) -> V<'b> {
        self.b.point(prim::MUL_STRONG, &[self, other])
    }

    /// 1 where `self > other`, else 0, as a number: its product with NaN is NaN.
    pub fn mask_gt(self, other: V<'b>) -> V<'b> {
        self.b.point(prim::MASK_GT, &[self, other])
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

macro_rules! functions {
    ($($name:ident $PRIM:ident),* $(,)?) => {
        impl<'b> V<'b> {$(
            pub fn $name(self) -> V<'b> {
                self.b.point(prim::$PRIM, &[self])
            }
        )*}
    };
}
// Those that no slope is written in.
functions!(
    exp_m1 EXP_M1, softplus SOFTPLUS, erf ERF, erfc ERFC, ln_1p LN_1P, exp2 EXP2, asin ASIN, acos ACOS, atan ATAN,
    asinh ASINH, acosh ACOSH, atanh ATANH, stop_gradient STOP_GRADIENT, normal_cdf NORMAL_CDF,
);

impl<'b> V<'b> {
    pub fn maximum(self, other: V<'b>) -> V<'b> {
        self.b.point(prim::MAXIMUM, &[self, other])
    }

    pub fn atan2(self, x: V<'b>) -> V<'b> {
        self.b.point(prim::ATAN2, &[self, x])
    }

    pub fn fmod(self, b: V<'b>) -> V<'b> {
        self.b.point(prim::FMOD, &[self, b])
    }

    /// 1, 0 or −1.
    pub fn sign(self) -> V<'b> {
        self.select_gt(
            self.int(0),
            self.int(1),
            self.int(0).select_gt(self, self.int(-1), self.int(0)),
        )
    }
}
