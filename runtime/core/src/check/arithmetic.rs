//! The number types of the checks as those of the crate `num-traits`, so that code of others runs over them.

use super::{Dual, Gf};
use crate::scalar::{Real, Scalar};
use core::num::{FpCategory, ParseIntError};
use core::ops::{AddAssign, DivAssign, MulAssign, Rem, RemAssign, SubAssign};
use num_traits::{
    Bounded, Float, FloatConst, FromPrimitive, Inv, MulAdd, Num, NumCast, One, ToPrimitive, Zero,
};

/// Operators that assign, zero, one and the inverse, from what the type has.
macro_rules! arithmetic {
    ($([$($parameter:tt)*] $Type:ty),* $(,)?) => {$(
        arithmetic! { @assign [$($parameter)*] $Type,
            AddAssign add_assign +, SubAssign sub_assign -, MulAssign mul_assign *, DivAssign div_assign /,
            RemAssign rem_assign % }

        impl<$($parameter)*> Zero for $Type {
            fn zero() -> Self {
                Self::ZERO
            }
            fn is_zero(&self) -> bool {
                *self == Self::ZERO
            }
        }
        impl<$($parameter)*> One for $Type {
            fn one() -> Self {
                Self::ONE
            }
        }
        impl<$($parameter)*> Inv for $Type {
            type Output = Self;
            fn inv(self) -> Self {
                Self::ONE / self
            }
        }
        impl<$($parameter)*> MulAdd for $Type {
            type Output = Self;
            fn mul_add(self, a: Self, b: Self) -> Self {
                self * a + b
            }
        }
    )*};
    (@assign $parameters:tt $Type:ty, $($Trait:ident $method:ident $op:tt),*) => {
        $(arithmetic! { @operator $parameters $Type, $Trait $method $op })*
    };
    (@operator [$($parameter:tt)*] $Type:ty, $Trait:ident $method:ident $op:tt) => {
        impl<$($parameter)*> $Trait for $Type {
            fn $method(&mut self, other: Self) {
                *self = *self $op other;
            }
        }
    };
}
arithmetic!([] Gf, [T: Scalar] Dual<T>);

/// `a − (a / b)·b`: 0, as every division of a field leaves none, and `a` where `b` is 0.
impl Rem for Gf {
    type Output = Self;
    fn rem(self, b: Self) -> Self {
        self - self / b * b
    }
}

/// An integer modulo p.
impl Num for Gf {
    type FromStrRadixErr = ParseIntError;
    fn from_str_radix(text: &str, radix: u32) -> Result<Self, ParseIntError> {
        i128::from_str_radix(text, radix).map(Gf::from_i128)
    }
}

/// An integer modulo p, and a floating-point number as the rational that it is.
impl FromPrimitive for Gf {
    fn from_i64(x: i64) -> Option<Self> {
        Some(Gf::from_i128(x.into()))
    }
    fn from_u64(x: u64) -> Option<Self> {
        Some(Gf::new(x))
    }
    fn from_f64(x: f64) -> Option<Self> {
        x.is_finite().then(|| <Gf as Scalar>::from_f64(x))
    }
}

/// The rest of the division of the values; how many times `b` is taken does not vary, and is the quotient that is left,
/// rounded as division rounds.
impl<T: Scalar> Rem for Dual<T> {
    type Output = Self;
    fn rem(self, b: Self) -> Self {
        let re = self.re % b.re;
        let times = (self.re - re) / b.re;
        Dual { re, eps: self.eps - b.eps.mul_strong(times) }
    }
}

/// A constant.
impl<T: Scalar> Num for Dual<T> {
    type FromStrRadixErr = T::FromStrRadixErr;
    fn from_str_radix(text: &str, radix: u32) -> Result<Self, Self::FromStrRadixErr> {
        T::from_str_radix(text, radix).map(Dual::constant_of)
    }
}

/// A constant.
impl<T: Scalar + FromPrimitive> FromPrimitive for Dual<T> {
    fn from_i64(x: i64) -> Option<Self> {
        T::from_i64(x).map(Dual::constant_of)
    }
    fn from_u64(x: u64) -> Option<Self> {
        T::from_u64(x).map(Dual::constant_of)
    }
    fn from_f64(x: f64) -> Option<Self> {
        <T as FromPrimitive>::from_f64(x).map(Dual::constant_of)
    }
}

/// The value alone.
impl<T: ToPrimitive> ToPrimitive for Dual<T> {
    fn to_i64(&self) -> Option<i64> {
        self.re.to_i64()
    }
    fn to_u64(&self) -> Option<u64> {
        self.re.to_u64()
    }
    fn to_f64(&self) -> Option<f64> {
        self.re.to_f64()
    }
}

/// A constant.
impl<T: Scalar + NumCast> NumCast for Dual<T> {
    fn from<N: ToPrimitive>(x: N) -> Option<Self> {
        <T as NumCast>::from(x).map(Dual::constant_of)
    }
}

impl<T: Scalar + Bounded> Bounded for Dual<T> {
    fn min_value() -> Self {
        Dual::constant_of(<T as Bounded>::min_value())
    }
    fn max_value() -> Self {
        Dual::constant_of(<T as Bounded>::max_value())
    }
}

macro_rules! constants {
    ($($name:ident)*) => {
        /// Constants.
        impl<T: Scalar + FloatConst> FloatConst for Dual<T> {$(
            fn $name() -> Self {
                Dual::constant_of(T::$name())
            }
        )*}
    };
}
constants!(
    E FRAC_1_PI FRAC_1_SQRT_2 FRAC_2_PI FRAC_2_SQRT_PI FRAC_PI_2 FRAC_PI_3 FRAC_PI_4 FRAC_PI_6 FRAC_PI_8 LN_10 LN_2
    LOG10_E LOG2_E PI SQRT_2
);

macro_rules! float {
    (constants: $($constant:ident)*; asks: $($asks:ident)*; steps: $($step:ident)*; functions: $($name:ident)*;
     of_two: $($of_two:ident)*;) => {
        /// Functions have the derivatives of [`Real`]; what is constant piece by piece has none, and a question is one
        /// about the value.
        ///
        /// `integer_decode` is that of the value.
        impl<T: Real + Float> Float for Dual<T> {
            $(fn $constant() -> Self {
                Dual::constant_of(T::$constant())
            })*
            $(fn $asks(self) -> bool {
                self.re.$asks()
            })*
            $(fn $step(self) -> Self {
                Dual::constant_of(Float::$step(self.re))
            })*
            $(fn $name(self) -> Self {
                Real::$name(self)
            })*
            $(fn $of_two(self, other: Self) -> Self {
                Real::$of_two(self, other)
            })*

            fn classify(self) -> FpCategory {
                self.re.classify()
            }
            fn integer_decode(self) -> (u64, i16, i8) {
                self.re.integer_decode()
            }
            fn fract(self) -> Self {
                self - Float::trunc(self)
            }
            fn abs(self) -> Self {
                if Float::is_sign_negative(self) { -self } else { self }
            }
            fn abs_sub(self, other: Self) -> Self {
                if self <= other { Self::ZERO } else { self - other }
            }
            fn max(self, other: Self) -> Self {
                if self > other || Float::is_nan(other) { self } else { other }
            }
            fn min(self, other: Self) -> Self {
                if self < other || Float::is_nan(other) { self } else { other }
            }
            fn mul_add(self, a: Self, b: Self) -> Self {
                self * a + b
            }
            fn recip(self) -> Self {
                Self::ONE / self
            }
            fn powi(self, n: i32) -> Self {
                let times = <T as NumCast>::from(n).unwrap_or_else(T::nan);
                let slope = match n {
                    0 => T::ZERO,
                    _ => times * Float::powi(self.re, n.saturating_sub(1)),
                };
                Dual { re: Float::powi(self.re, n), eps: self.eps.mul_strong(slope) }
            }
            fn log(self, base: Self) -> Self {
                Real::ln(self) / Real::ln(base)
            }
            fn log2(self) -> Self {
                let slope = Float::recip(self.re * Float::ln(T::ONE + T::ONE));
                Dual { re: Float::log2(self.re), eps: self.eps.mul_strong(slope) }
            }
            fn log10(self) -> Self {
                let ten = <T as Scalar>::from_f64(10.0);
                let slope = Float::recip(self.re * Float::ln(ten));
                Dual { re: Float::log10(self.re), eps: self.eps.mul_strong(slope) }
            }
            fn tan(self) -> Self {
                let y = Float::tan(self.re);
                Dual { re: y, eps: self.eps.mul_strong(T::ONE + y * y) }
            }
            fn sin_cos(self) -> (Self, Self) {
                (Real::sin(self), Real::cos(self))
            }
        }
    };
}
float! {
    constants: nan infinity neg_infinity neg_zero min_value min_positive_value max_value epsilon;
    asks: is_nan is_infinite is_finite is_normal is_sign_positive is_sign_negative;
    steps: floor ceil round trunc signum;
    functions: cbrt exp exp_m1 exp2 ln ln_1p sqrt sin cos asin acos atan sinh cosh tanh asinh acosh atanh;
    of_two: powf atan2 hypot;
}
