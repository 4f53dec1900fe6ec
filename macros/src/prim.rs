//! The scalar functions everything elementwise is made of, each with its derivative.
//!
//! One row is one function: its name (that of the method of `Lanes` in the runtime), whether it
//! needs `Real`, whether it is worth keeping rather than computing twice, and its partial derivatives
//! as expressions over the arguments and the answer `y`, in whatever arithmetic ([`Arith`]). Then, if that is not
//! everywhere, where it has a value (`domain`) and where it has a derivative besides (`smooth`). The tests of this module
//! hold each row to differences over 96 digits, `tests/calculus` the code that is generated for our own algorithms.

#[cfg(test)]
mod tests;

use crate::bug::bug;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A row of the table, by index.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Prim(u8);

struct Row {
    name: &'static str,
    arity: usize,
    /// Written between its arguments.
    operator: Option<char>,
    real: bool,
    costly: bool,
}

macro_rules! prims {
    (operators { $($operator:tt)* } methods { $($method:tt)* } functions { $($function:tt)* }) => {
        prims! { @rows $($operator)* $($method)* $($function)* }
        prims! { @methods $($method)* $($function)* }
        prims! { @functions $($function)* }
    };
    (@rows $(
        $(#[doc = $doc:literal])*
        $PRIM:ident $name:ident($($x:ident),*) [$($flag:ident $($value:literal)?),*] $y:pat => [$($slope:expr),*]
            $(domain [$($domain:expr),*])?
            $(smooth [$($smooth:expr),*])?;
    )*) => {
        #[expect(non_camel_case_types, reason = "an index for each row, in the order of the rows")]
        #[allow(clippy::upper_case_acronyms, reason = "the rows name constants")]
        #[repr(u8)]
        enum Index { $($PRIM),* }
        $($(#[doc = $doc])* pub const $PRIM: Prim = Prim(Index::$PRIM as u8);)*
        static ROWS: &[Row] = &[$(
            Row {
                $($flag: flag!($flag $($value)?),)*
                ..row(stringify!($name), 0 $(+ one!($x))*)
            }
        ),*];

        impl Prim {
            /// `∂y/∂argᵢ`; `None` for an argument that is only compared, or constant.
            pub fn slopes<A: Arith>(self, args: &[A], y: A) -> Vec<Option<A>> {
                $(if self == $PRIM {
                    let [$($x),*] = args else { bug!("prim", "arguments of `{}`", self.name()) };
                    let (_, $y) = (($($x),*), y);
                    return vec![$($slope),*];
                })*
                bug!("prim", "slopes of `{}`", self.name())
            }

            /// Where it has a value: all of these hold.
            #[cfg(test)]
            pub fn domain<A: Arith>(self, args: &[A]) -> Vec<Condition<A>> {
                $(if self == $PRIM {
                    let [$($x),*] = args else { bug!("prim", "arguments of `{}`", self.name()) };
                    let _ = ($($x),*);
                    return vec![$($($domain),*)?];
                })*
                bug!("prim", "domain of `{}`", self.name())
            }

            /// Where, besides, it has a derivative, which is that of [`Prim::slopes`]; elsewhere it has a kink, a jump or
            /// an infinite slope.
            #[cfg(test)]
            pub fn smooth<A: Arith>(self, args: &[A]) -> Vec<Condition<A>> {
                $(if self == $PRIM {
                    let [$($x),*] = args else { bug!("prim", "arguments of `{}`", self.name()) };
                    let _ = ($($x),*);
                    return vec![$($($smooth),*)?];
                })*
                bug!("prim", "kinks of `{}`", self.name())
            }
        }
    };
    (@methods $(
        $(#[doc = $doc:literal])*
        $PRIM:ident $name:ident($x:ident $(, $other:ident)*) $flags:tt $y:pat => $slopes:tt
            $(domain $domain:tt)? $(smooth $smooth:tt)?;
    )*) => {
        /// What slopes are written in, with the functions of the table as methods. `builder::V` implements it, which stands
        /// above this module.
        pub trait Arith:
            Copy
            + Add<Output = Self>
            + Sub<Output = Self>
            + Mul<Output = Self>
            + Div<Output = Self>
            + Neg<Output = Self>
        {
            /// The number `n` beside this value.
            fn int(self, n: i128) -> Self;
            /// The number `digits · 10^exponent` beside this value.
            fn decimal(self, digits: i128, exponent: i32) -> Self;
            /// A function of values.
            fn apply(prim: Prim, args: &[Self]) -> Self;

            /// 1 where `self > other`, else 0: a slope, whose product with `x` is a choice between `x` and 0.
            fn gt(self, other: Self) -> Self {
                self.select_gt(other, self.int(1), self.int(0))
            }

            /// The integer next to it in the direction of 0.
            fn trunc(self) -> Self {
                self.int(0).select_gt(self, -(-self).floor(), self.floor())
            }

            fn abs(self) -> Self {
                self.int(0).select_gt(self, -self, self)
            }

            /// 1, 0 or −1.
            fn sign(self) -> Self {
                self.select_gt(self.int(0), self.int(1), self.int(0).select_gt(self, self.int(-1), self.int(0)))
            }

            $(
                $(#[doc = $doc])*
                fn $name(self $(, $other: Self)*) -> Self {
                    Self::apply($PRIM, &[self $(, $other)*])
                }
            )*
        }
    };
    (@functions $(
        $(#[doc = $doc:literal])*
        $PRIM:ident $name:ident($x:ident $(, $other:ident)*) $flags:tt $y:pat => $slopes:tt
            $(domain $domain:tt)? $(smooth $smooth:tt)?;
    )*) => {
        impl Prim {
            /// The method of numbers that has its name.
            #[cfg(test)]
            pub fn of_numbers<T: pullback_core::Real>(self) -> Option<fn(&[T]) -> T> {
                $(if self == $PRIM {
                    return Some(|args| {
                        let [$x $(, $other)*] = args else { bug!("prim", "arguments of `{}`", stringify!($name)) };
                        $x.$name($(*$other),*)
                    });
                })*
                None
            }
        }
    };
}

/// What is so of a value.
#[cfg(test)]
#[derive(Clone, Copy, Debug)]
pub enum Condition<A> {
    Positive(A),
    NotNegative(A),
    NotZero(A),
    /// It is no whole number.
    NotWhole(A),
    /// It is neither 0 nor a negative whole number.
    NotPole(A),
}
#[cfg(test)]
use Condition::{NotNegative, NotPole, NotWhole, NotZero, Positive};

macro_rules! one {
    ($x:ident) => {
        1
    };
}

macro_rules! flag {
    (operator $value:literal) => {
        Some($value)
    };
    ($flag:ident) => {
        true
    };
}

const fn row(name: &'static str, arity: usize) -> Row {
    Row { name, arity, operator: None, real: false, costly: false }
}

prims! {
    operators {
        NEG neg(a) [] _ => [Some(a.int(-1))];
        ADD add(a, b) [operator '+'] _ => [Some(a.int(1)), Some(b.int(1))];
        SUB sub(a, b) [operator '-'] _ => [Some(a.int(1)), Some(b.int(-1))];
        MUL mul(a, b) [operator '*'] _ => [Some(*b), Some(*a)];
        DIV div(a, b) [operator '/', costly] y => [Some(a.int(1) / *b), Some(-(y / *b))] domain [NotZero(*b)];
    }
    methods {
        /// `self · a + b`, rounded once where the machine has such an instruction. Rules of the compiler write it where
        /// that does no harm; what a user writes as a product and a sum stays that.
        MUL_ADD mul_add(a, b, c) [] _ => [Some(*b), Some(*a), Some(a.int(1))];
        /// `if self > b { x } else { y }`
        SELECT_GT select_gt(a, b, x, y) [] _ => [
            None,
            None,
            Some(a.gt(*b)),
            Some(a.select_gt(*b, x.int(0), y.int(1)))
        ] smooth [NotZero(*a - *b)];
        /// 1 where `self > b`, else 0, as a number: its product with NaN is NaN, while `select_gt(a, b, 1, 0) · x` is a
        /// choice.
        MASK_GT mask_gt(a, b) [] _ => [{ let _ = (a, b); None }, None] smooth [NotZero(*a - *b)];
    }
    functions {
        /// Over dual numbers it is the function without the derivative (`Scalar::stop_gradient`).
        STOP_GRADIENT stop_gradient(x) [] _ => [{ let _ = x; None }];
        /// The product of a tangent and a slope: 0 where the tangent is (`Scalar::mul_strong`). Only linear programs have
        /// it.
        MUL_STRONG mul_strong(a, b) [] _ => [Some(*b), Some(*a)];
        /// `torch.maximum` halves the gradient where the two are equal.
        MAXIMUM maximum(a, b) [] _ => [
            Some(a.select_gt(*b, a.int(1), b.select_gt(*a, a.int(0), a.decimal(5, -1)))),
            Some(b.select_gt(*a, a.int(1), a.select_gt(*b, a.int(0), a.decimal(5, -1))))
        ] smooth [NotZero(*a - *b)];
        EXP exp(x) [real, costly] y => [Some({ let _ = x; y })];
        EXP2 exp2(x) [real, costly] y => [Some({ let _ = x; x.decimal(6_931_471_805_599_453, -16) * y })];
        EXP_M1 exp_m1(x) [real, costly] _ => [Some(x.exp())];
        LN ln(x) [real, costly] _ => [Some(x.int(1) / *x)]
            domain [Positive(*x)];
        LN_1P ln_1p(x) [real, costly] _ => [Some(x.int(1) / (x.int(1) + *x))]
            domain [Positive(x.int(1) + *x)];
        SQRT sqrt(x) [real, costly] y => [Some(x.decimal(5, -1) / y)]
            domain [NotNegative(*x)] smooth [NotZero(*x)];
        CBRT cbrt(x) [real, costly] y => [Some(x.int(1) / (x.int(3) * (y * y)))]
            smooth [NotZero(*x)];
        SIN sin(x) [real, costly] _ => [Some(x.cos())];
        COS cos(x) [real, costly] _ => [Some(-x.sin())];
        SINH sinh(x) [real, costly] _ => [Some(x.cosh())];
        COSH cosh(x) [real, costly] _ => [Some(x.sinh())];
        // Not 1 − y², and not y·(1 − y): where y is rounded to 1 those are 0.
        TANH tanh(x) [real, costly] _ => [Some(x.tanh_slope())];
        TANH_SLOPE tanh_slope(x) [real, costly] y => [Some(x.int(-2) * x.tanh() * y)];
        SIGMOID sigmoid(x) [real, costly] _ => [Some(x.sigmoid_slope())];
        SIGMOID_SLOPE sigmoid_slope(x) [real, costly] y => [Some((x.int(1) - x.int(2) * x.sigmoid()) * y)];
        SOFTPLUS softplus(x) [real, costly] _ => [Some(x.sigmoid())];
        ERF erf(x) [real, costly] _ => [Some(x.decimal(11_283_791_670_955_126, -16) * x.gaussian())];
        ERFC erfc(x) [real, costly] _ => [Some(-x.decimal(11_283_791_670_955_126, -16) * x.gaussian())];
        GAUSSIAN gaussian(x) [real, costly] y => [Some(x.int(-2) * *x * y)];
        NORMAL_PDF normal_pdf(x) [real, costly] y => [Some(-*x * y)];
        NORMAL_CDF normal_cdf(x) [real, costly] _ => [Some(x.normal_pdf())];
        ASIN asin(x) [real, costly] _ => [Some(x.int(1) / ((x.int(1) - *x) * (x.int(1) + *x)).sqrt())]
            domain [NotNegative(x.int(1) - *x), NotNegative(x.int(1) + *x)]
            smooth [NotZero(x.int(1) - *x), NotZero(x.int(1) + *x)];
        ACOS acos(x) [real, costly] _ => [Some(x.int(-1) / ((x.int(1) - *x) * (x.int(1) + *x)).sqrt())]
            domain [NotNegative(x.int(1) - *x), NotNegative(x.int(1) + *x)]
            smooth [NotZero(x.int(1) - *x), NotZero(x.int(1) + *x)];
        ATAN atan(x) [real, costly] _ => [Some({ let q = x.int(1) / root_of_next_square(*x); q * q })];
        ASINH asinh(x) [real, costly] _ => [Some(x.int(1) / root_of_next_square(*x))];
        ACOSH acosh(x) [real, costly] _ => [Some(acosh_slope(*x))]
            domain [NotNegative(*x - x.int(1))] smooth [NotZero(*x - x.int(1))];
        ATANH atanh(x) [real, costly] _ => [Some(x.int(1) / ((x.int(1) - *x) * (x.int(1) + *x)))]
            domain [Positive(x.int(1) - *x), Positive(x.int(1) + *x)];
        ATAN2 atan2(y, x) [real, costly] _ => [
            Some(angle_slope(*y, *x, *x)),
            Some(-angle_slope(*y, *x, *y))
        ] smooth [Positive(y.hypot(*x) + *x)];
        HYPOT hypot(a, b) [real, costly] y => [Some(*a / y), Some(*b / y)]
            smooth [NotZero(a.hypot(*b))];
        LGAMMA lgamma(x) [real, costly] _ => [Some(x.digamma())] domain [NotPole(*x)];
        DIGAMMA digamma(x) [real, costly] _ => [Some(x.polygamma(x.int(1)))] domain [NotPole(*x)];
        // Its order is a constant.
        POLYGAMMA polygamma(x, n) [real, costly] _ => [Some(x.polygamma(*n + n.int(1))), None] domain [NotPole(*x)];
        FLOOR floor(x) [real] _ => [{ let _ = x; None }]
            smooth [NotWhole(*x)];
        ROUND round(x) [real] _ => [{ let _ = x; None }]
            smooth [NotWhole(*x + x.decimal(5, -1))];
        // Not trunc(a / b): the quotient 0.3 / 0.1 is rounded to 3, and 0.1 goes into 0.3 twice.
        FMOD fmod(a, b) [real, costly] y => [Some(a.int(1)), Some(-times_taken(*a, *b, y))]
            domain [NotZero(*b)] smooth [NotWhole(*a / *b)];
        POWF powf(x, r) [real, costly] y => [Some(base_slope(*x, *r)), Some(exponent_slope(*x, *r, y))]
            domain [Positive(*x)];
    }
}

/// `r · x^(r − 1)`, and 0 where `r` is 0, as PyTorch has it.
pub fn base_slope<A: Arith>(x: A, r: A) -> A {
    let (zero, slope) = (r.int(0), r * x.powf(r - r.int(1)));
    r.select_gt(zero, slope, zero.select_gt(r, slope, r))
}

/// `y · ln x` where `y = xʳ`, and 0 where `x` is 0 and `r` is not below it, as PyTorch has it.
pub fn exponent_slope<A: Arith>(x: A, r: A, y: A) -> A {
    let (zero, ln) = (x.int(0), x.ln());
    // The last of the three is 0, or NaN where x is.
    y * x.select_gt(zero, ln, zero.select_gt(x, ln, zero.select_gt(r, ln, x)))
}

/// `√(x² + 1)`, which `asinh` computes as well; where the square overflows it is `|x|`.
fn root_of_next_square<A: Arith>(x: A) -> A {
    let (square, zero, one) = (x * x, x.int(0), x.int(1));
    // Infinity times 0 is NaN, which is not greater than anything.
    (square * zero + one).select_gt(zero, (square + one).sqrt(), x.abs())
}

/// `1 / √(x² − 1)`, and below −1 that of PyTorch's formula too, though there is no value.
fn acosh_slope<A: Arith>(x: A) -> A {
    let (zero, one) = (x.int(0), x.int(1));
    let (less, more) = (x - one, x + one);
    one / zero.select_gt(x, (less * more).sqrt(), less.sqrt() * more.sqrt())
}

/// How many times `fmod` took `b` from `a`; without end where `b` is 0, as PyTorch has it.
fn times_taken<A: Arith>(a: A, b: A, y: A) -> A {
    let (zero, times) = (a.int(0), ((a - y) / b).round());
    b.select_gt(zero, times, zero.select_gt(b, times, (a / b).trunc()))
}

/// `a / (y² + x²)`, and 0 at the origin, as PyTorch has it.
fn angle_slope<A: Arith>(y: A, x: A, a: A) -> A {
    let radius = y.hypot(x);
    // Either `a` is 0 or the radius is not a number.
    radius.select_gt(a.int(0), a / radius / radius, a + radius)
}

impl Prim {
    /// All of them.
    #[cfg(test)]
    pub fn all() -> impl Iterator<Item = Prim> {
        (0..ROWS.len()).map(|row| Prim(row as u8))
    }

    fn row(self) -> &'static Row {
        &ROWS[usize::from(self.0)]
    }

    pub fn name(self) -> &'static str {
        self.row().name
    }

    pub fn arity(self) -> usize {
        self.row().arity
    }

    /// Written between its arguments.
    pub fn operator(self) -> Option<char> {
        self.row().operator
    }

    pub fn real(self) -> bool {
        self.row().real
    }

    pub fn costly(self) -> bool {
        self.row().costly
    }

    /// Whether it shares most of its work with a function whose derivative it is.
    pub fn is_slope(self) -> bool {
        [TANH_SLOPE, SIGMOID_SLOPE].contains(&self)
    }

    /// Whether it is a chain of many dependent instructions.
    pub fn is_long(self) -> bool {
        self.real() && ![SQRT, FLOOR, ROUND].contains(&self)
    }

    /// The expression over lanes.
    pub fn write(self, text: &mut String, arg: impl Fn(usize, &mut String)) {
        if let Some(operator) = self.operator() {
            arg(0, text);
            text.extend([' ', operator, ' ']);
            return arg(1, text);
        }
        if self == NEG {
            text.push('-');
            return arg(0, text);
        }
        text.push_str("V::");
        text.push_str(if self == MASK_GT { SELECT_GT.name() } else { self.name() });
        for i in 0..self.arity() {
            text.push_str(if i == 0 { "(" } else { ", " });
            arg(i, text);
        }
        text.push_str(match self {
            MASK_GT => ", V::constant(1f64, 1, 1), V::constant(0f64, 0, 1))",
            _ => ")",
        });
    }
}
