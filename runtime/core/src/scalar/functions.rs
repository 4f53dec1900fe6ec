//! The elementary functions, one row each.
//!
//! Everything that has them is made from this list: [`Real`](crate::Real) and what `f32` and `f64` compute, the methods
//! of [`Lanes`](crate::lanes::Lanes) on every kind of lanes, the pseudo-random functions of the prime field, and the
//! derivatives that dual numbers have. A row says
//!
//! - `float`: its value at single numbers `x: F`, which have the functions of the crate `num-traits`
//!   ([`Single`](super::single::Single));
//! - `lanes`: the function in `lanes/math` that computes it on all lanes at once, or `each`: lane by lane;
//! - `slopes`: its derivative by each argument, over any `T: Real`, where `y` is its value;
//! - `identity`: what it is in terms of others, if a type need not have it. Types that are exact take that;
//! - `field`: what the prime field has instead of a pseudo-random function.
//!
//! The compiler has a list of its own, `macros/src/prim.rs`: derivatives there and here are two opinions, which the
//! tests hold against each other.

/// Hands all rows to a macro, after what else is given for it.
macro_rules! for_each_function {
    ($callback:path $(, $($argument:tt)*)?) => { $callback! { [$($($argument)*)?]
        /// `eˣ`
        Exp exp(x) => y {
            float: x.exp(),
            lanes: own::exp,
            slopes: [y],
        }
        /// `eˣ − 1`, accurate near 0
        ExpM1 exp_m1(x) => _y {
            float: x.exp_m1(),
            lanes: generic::exp_m1,
            slopes: [x.exp()],
        }
        /// `2ˣ`
        Exp2 exp2(x) => y {
            float: x.exp2(),
            lanes: generic::exp2,
            slopes: [ln_2::<T>() * y],
        }
        /// Natural logarithm
        Ln ln(x) => _y {
            float: x.ln(),
            lanes: generic::ln,
            slopes: [T::ONE / x],
        }
        /// `ln(1 + x)`, accurate near 0
        Ln1p ln_1p(x) => _y {
            float: x.ln_1p(),
            lanes: generic::ln_1p,
            slopes: [T::ONE / (T::ONE + x)],
        }
        /// Square root
        Sqrt sqrt(x) => y {
            float: x.sqrt(),
            lanes: Float::root,
            slopes: [T::ONE / (y + y)],
        }
        /// Cube root, with the sign of its argument
        Cbrt cbrt(x) => y {
            float: x.cbrt(),
            lanes: each,
            slopes: [T::ONE / ((T::ONE + T::ONE + T::ONE) * (y * y))],
        }
        /// Sine
        Sin sin(x) => _y {
            float: x.sin(),
            lanes: generic::sin,
            slopes: [x.cos()],
        }
        /// Cosine
        Cos cos(x) => _y {
            float: x.cos(),
            lanes: generic::cos,
            slopes: [-x.sin()],
        }
        /// Inverse of the sine
        Asin asin(x) => _y {
            float: x.asin(),
            lanes: each,
            slopes: [T::ONE / ((T::ONE - x) * (T::ONE + x)).sqrt()],
        }
        /// Inverse of the cosine, in 0 … π
        Acos acos(x) => _y {
            float: x.acos(),
            lanes: each,
            slopes: [-T::ONE / ((T::ONE - x) * (T::ONE + x)).sqrt()],
        }
        /// Inverse of the tangent
        Atan atan(x) => _y {
            float: x.atan(),
            lanes: each,
            slopes: [{
                let q = T::ONE / root_of_next_square(x);
                q * q
            }],
        }
        /// The angle of the point `(x, self)`, in −π … π
        Atan2 atan2(y, x) => _angle {
            float: y.atan2(x),
            lanes: each,
            slopes: [
                x / y.hypot(x) / y.hypot(x),
                -(y / y.hypot(x) / y.hypot(x))
            ],
        }
        /// Hyperbolic sine
        Sinh sinh(x) => _y {
            float: x.sinh(),
            lanes: generic::sinh,
            slopes: [x.cosh()],
        }
        /// Hyperbolic cosine
        Cosh cosh(x) => _y {
            float: x.cosh(),
            lanes: generic::cosh,
            slopes: [x.sinh()],
        }
        /// Hyperbolic tangent
        Tanh tanh(x) => _y {
            float: x.tanh(),
            lanes: own::tanh,
            slopes: [x.tanh_slope()],
            field: {
                let two = Self::ONE + Self::ONE;
                two * (two * x).sigmoid() - Self::ONE
            },
        }
        /// The derivative of [`Real::tanh`], `1 / cosh² x`
        ///
        /// `1 − y²` with `y = tanh x`, as it is by default, is 0 where `y` is rounded to 1. The floating-point types
        /// have it to a few units of the last place everywhere.
        TanhSlope tanh_slope(x) => y {
            float: {
                // Four times the slope of the sigmoid at 2x.
                let (one, e) = (F::one(), (-(x + x).abs()).exp());
                F::of(4.0) * e / ((one + e) * (one + e))
            },
            lanes: own::tanh_slope,
            slopes: [-((x.tanh() + x.tanh()) * y)],
            identity: {
                let y = x.tanh();
                Self::ONE - y * y
            },
        }
        /// Inverse of the hyperbolic sine
        Asinh asinh(x) => _y {
            float: {
                // Those of the standard library overflow, or lose their digits next to 1.
                let (a, one) = (x.abs(), F::one());
                let y = if a > F::of(1e7) {
                    a.ln() + F::LN_2()
                } else {
                    (a + a * a / (one + (a * a + one).sqrt())).ln_1p()
                };
                y.copysign(x)
            },
            lanes: inverse::asinh,
            slopes: [T::ONE / root_of_next_square(x)],
        }
        /// Inverse of the hyperbolic cosine; NaN below 1
        Acosh acosh(x) => _y {
            float: {
                let (one, t) = (F::one(), x - F::one());
                if x > F::of(1e7) {
                    x.ln() + F::LN_2()
                } else if x >= one {
                    (t + (t * (t + one + one)).sqrt()).ln_1p()
                } else {
                    F::nan()
                }
            },
            lanes: inverse::acosh,
            slopes: [T::ONE / ((x - T::ONE).sqrt() * (x + T::ONE).sqrt())],
        }
        /// Inverse of the hyperbolic tangent; NaN beyond ±1
        Atanh atanh(x) => _y {
            float: {
                let a = x.abs();
                (F::of(0.5) * ((a + a) / (F::one() - a)).ln_1p()).copysign(x)
            },
            lanes: inverse::atanh,
            slopes: [T::ONE / ((T::ONE - x) * (T::ONE + x))],
        }
        /// `1 / (1 + e⁻ˣ)`
        Sigmoid sigmoid(x) => _y {
            float: {
                // e^(−|x|) never overflows.
                let (one, e) = (F::one(), (-x.abs()).exp());
                if x >= F::zero() { one / (one + e) } else { e / (one + e) }
            },
            lanes: own::sigmoid,
            slopes: [x.sigmoid_slope()],
        }
        /// The derivative of [`Real::sigmoid`], `e⁻ˣ / (1 + e⁻ˣ)²`: the logistic density
        ///
        /// `y·(1 − y)` with `y = sigmoid x`, as it is by default, is 0 where `y` is rounded to 1. The floating-point
        /// types have it to a few units of the last place everywhere.
        SigmoidSlope sigmoid_slope(x) => y {
            float: {
                let (one, e) = (F::one(), (-x.abs()).exp());
                e / ((one + e) * (one + e))
            },
            lanes: own::sigmoid_slope,
            slopes: [y * (T::ONE - (x.sigmoid() + x.sigmoid()))],
            identity: {
                let y = x.sigmoid();
                y * (Self::ONE - y)
            },
        }
        /// `ln(1 + eˣ)`
        Softplus softplus(x) => _y {
            float: {
                let more = if x > F::zero() || x.is_nan() { x } else { F::zero() };
                more + (-x.abs()).exp().ln_1p()
            },
            lanes: own::softplus,
            slopes: [x.sigmoid()],
        }
        /// `2/√π · ∫₀ˣ e^(−t²) dt`
        Erf erf(x) => _y {
            float: x.through(erf::erf),
            lanes: own::erf,
            slopes: [two_over_sqrt_pi::<T>() * x.gaussian()],
        }
        /// `1 − erf(x)`, accurate where that is small
        Erfc erfc(x) => _y {
            float: x.through(erf::erfc),
            lanes: normal::erfc,
            slopes: [-two_over_sqrt_pi::<T>() * x.gaussian()],
        }
        /// `e^(−x²)`. The floating-point types have it to a few units of the last place everywhere: they do not round
        /// `x²`.
        Gaussian gaussian(x) => y {
            float: x.through(|x| erf::gaussian(x, 1.0)),
            lanes: normal::gaussian,
            slopes: [-((x + x) * y)],
            identity: (-(x * x)).exp(),
        }
        /// The density of the standard normal distribution, `e^(−x²/2) / √(2π)`; as accurate as
        /// [`Real::gaussian`]
        NormalPdf normal_pdf(x) => y {
            float: x.through(|x| inverse_sqrt_two_pi::<f64>() * erf::gaussian(x, 0.5)),
            lanes: normal::normal_pdf,
            slopes: [-(x * y)],
            identity: {
                let half = Self::constant(0.5, 1, 2);
                inverse_sqrt_two_pi::<Self>() * (-(half * (x * x))).exp()
            },
        }
        /// The distribution function of the standard normal distribution, `(1 + erf(x/√2)) / 2`, accurate where
        /// that is small
        NormalCdf normal_cdf(x) => _y {
            float: x.through(erf::normal_cdf),
            lanes: normal::normal_cdf,
            slopes: [x.normal_pdf()],
            identity: {
                let half = Self::constant(0.5, 1, 2);
                half * (-(x * half.sqrt())).erfc()
            },
        }
        /// `ln |Γ(x)|`; infinite at 0 and the negative integers
        Lgamma lgamma(x) => _y {
            float: x.through(gamma::lgamma),
            lanes: each,
            slopes: [x.digamma()],
        }
        /// `ψ(x)`, the derivative of [`Real::lgamma`]; NaN at the negative integers
        Digamma digamma(x) => _y {
            float: x.through(gamma::digamma),
            lanes: each,
            slopes: [x.polygamma(T::ONE)],
        }
        /// `ψ⁽ⁿ⁾(x)`, the `n`-th derivative of [`Real::digamma`], for a whole `n` from 0 to 170; `n` is not a variable
        Polygamma polygamma(x, n) => _y {
            float: x.through(|x| gamma::polygamma(x, n.wide())),
            lanes: each,
            slopes: [x.polygamma(n + T::ONE), T::ZERO],
        }
        /// The greatest integer that is not above it
        Floor floor(x) => _y {
            float: x.floor(),
            lanes: generic::floor,
            slopes: [T::ZERO],
        }
        /// The nearest integer, the even one of two that are equally near
        Round round(x) => _y {
            float: {
                // `Float::round` takes the one that is farther from 0.
                let two = F::one() + F::one();
                let half_way = (x - x.trunc()).abs() == F::of(0.5);
                if half_way { (x / two).round() * two } else { x.round() }
            },
            lanes: generic::round,
            slopes: [T::ZERO],
        }
        /// What is left of `self` after taking `b` from it a whole number of times; it has the sign of `self`
        Fmod fmod(a, b) => y {
            float: a % b,
            lanes: each,
            slopes: [T::ONE, -((a - y) / b).round()],
        }
        /// `xʳ`
        Powf powf(x, r) => y {
            float: x.powf(r),
            lanes: each,
            // As the op has it, where a product of 0 and infinity would be NaN: `x⁰` does not depend on `x`, nor `0ʳ`
            // on `r`.
            slopes: [
                if r == T::ZERO { r } else { r * x.powf(r - T::ONE) },
                y * if x == T::ZERO && r >= T::ZERO { x } else { x.ln() }
            ],
        }
        /// `√(self² + b²)`; the floating-point types compute no square that overflows or loses digits
        Hypot hypot(a, b) => y {
            // What is not a number beside infinity is none.
            float: if a.is_nan() || b.is_nan() { F::nan() } else { a.hypot(b) },
            lanes: generic::hypot,
            slopes: [a / y, b / y],
            identity: (a * a + b * b).sqrt(),
        }
    } };
}
pub(crate) use for_each_function;
