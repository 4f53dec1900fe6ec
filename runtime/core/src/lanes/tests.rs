//! Every kind of lanes against the scalars, one operation at a time.

use super::math::{self, Function, Numbers};
use super::{Array, Float, Lanes, OnLanes, Pack, Wide};
use crate::scalar::{Real, Scalar};
use std::marker::PhantomData;

/// Runs a test on every kind of lanes that the machine has.
macro_rules! on_all_lanes {
    ($T:ident, $test:expr) => {{
        let run = $test;
        #[cfg(target_arch = "x86_64")]
        on_all_lanes!(@x86 $T, run);
        #[cfg(target_arch = "aarch64")]
        on_all_lanes!(@neon $T, run);
        Pack::<$T, 1>::call(run);
        Pack::<$T, 3>::call(run);
        Array::<$T, 1>::call(run);
        Array::<$T, 4>::call(run);
        Wide::<Array<$T, 2>, 4>::call(run);
        Wide::<Array<$T, 1>, 5>::call(run);
        Wide::<Pack<$T, 2>, 2>::call(run);
    }};
    (@x86 f32, $run:expr) => {
        use super::x86::{F32x16, F32x8};
        F32x16::call($run);
        F32x8::call($run);
        Wide::<F32x16, 3>::call($run);
        Wide::<F32x8, 4>::call($run);
        Wide::<F32x8, 1>::call($run);
    };
    (@x86 f64, $run:expr) => {
        use super::x86::{F64x4, F64x8};
        F64x8::call($run);
        F64x4::call($run);
        Wide::<F64x8, 2>::call($run);
        Wide::<F64x8, 6>::call($run);
        Wide::<F64x4, 4>::call($run);
    };
    (@neon f32, $run:expr) => {
        use super::neon::F32x4;
        F32x4::call($run);
        Wide::<F32x4, 1>::call($run);
        Wide::<F32x4, 4>::call($run);
    };
    (@neon f64, $run:expr) => {
        use super::neon::F64x2;
        F64x2::call($run);
        Wide::<F64x2, 2>::call($run);
        Wide::<F64x2, 3>::call($run);
    };
}

/// Same bits, or both NaN.
#[track_caller]
fn same<T: Scalar>(a: T, b: T, what: &str) {
    #[expect(clippy::eq_op, reason = "the test for NaN")]
    let equal = a == b || (a != a && b != b);
    assert!(equal, "{what}: {a:?} ≠ {b:?}");
}

/// Numbers with some of every kind among them.
fn numbers<T: Scalar>(start: usize) -> impl Fn(usize) -> T {
    move |i| {
        T::from_f64(match (start + i) % 7 {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => -0.0,
            k => ((start * 31 + i * 17) % 101) as f64 / 8.0 - 6.0 + k as f64,
        })
    }
}

#[derive(Clone, Copy)]
struct Operations;

impl<T: Real> OnLanes<T> for Operations {
    type Output = ();
    fn run<V: Lanes<Scalar = T>>(self) {
        for start in 0..20 {
            let (f, g, h) =
                (numbers::<T>(start), numbers::<T>(start * 3 + 1), numbers::<T>(start * 5 + 2));
            let (x, y, z) = (V::from_fn(&f), V::from_fn(&g), V::from_fn(&h));
            for i in 0..V::N {
                let (a, b, c) = (f(i), g(i), h(i));
                same(x.lane(i), a, "lane");
                same((x + y).lane(i), a + b, "+");
                same((x - y).lane(i), a - b, "−");
                same((x * y).lane(i), a * b, "·");
                same((x / y).lane(i), a / b, "/");
                same((-x).lane(i), -a, "neg");
                // All products and sums of these are exact.
                same(x.mul_add(y, z).lane(i), a * b + c, "mul_add");
                same(x.maximum(y).lane(i), a.maximum(b), "maximum");
                same(V::select_gt(x, y, z, x).lane(i), if a > b { c } else { a }, "select_gt");
                same(x.mul_strong(y).lane(i), a.mul_strong(b), "mul_strong");
                same(V::splat(a).lane(i), a, "splat");
                same(x.sqrt().lane(i), a.sqrt(), "sqrt");
            }
            for times in [1, 2, 4, 8] {
                for first in 0..V::N.saturating_sub((V::N - 1) / times) {
                    let splat_groups = x.splat_groups(first, times);
                    (0..V::N).for_each(|i| {
                        same(splat_groups.lane(i), f(first + i / times), "splat_groups")
                    });
                }
            }
            let max = (1..V::N).fold(f(0), |max, i| max.maximum(f(i)));
            same(x.max(), max, "max");
            let finite = |i: usize| T::from_f64(((start + i) % 13) as f64 - 5.0);
            let sum = (0..V::N).fold(T::ZERO, |sum, i| sum + finite(i));
            same(V::from_fn(finite).sum(), sum, "sum");
            same(
                V::from_fn(finite).max(),
                (1..V::N).fold(finite(0), |max, i| max.maximum(finite(i))),
                "max",
            );
        }
    }
}

#[derive(Clone, Copy)]
struct Memory;

impl<T: Real> OnLanes<T> for Memory {
    type Output = ();
    fn run<V: Lanes<Scalar = T>>(self) {
        let data: Vec<T> = (0..V::N + 1).map(|i| T::from_f64(i as f64 + 1.0)).collect();
        for len in (0..=V::N + 3).chain([255, 256, 257, 1 << 33]) {
            let taken = len.min(V::N);
            // Just so many as may be touched, at an address that is not aligned.
            let from = data[1..=taken].to_vec();
            // SAFETY: as many elements are there as are asked for.
            let x = unsafe { V::load_part(from.as_ptr(), len) };
            let mut to = vec![-T::ONE; V::N + 1];
            // SAFETY: as above.
            unsafe { x.store_part(to.as_mut_ptr(), len) };
            let kept = x.keep(len, V::splat(-T::ONE));
            for i in 0..V::N {
                let wanted = if i < len { from[i] } else { T::ZERO };
                same(x.lane(i), wanted, "load_part");
                let wanted = if i < len { from[i] } else { -T::ONE };
                same(to[i], wanted, "store_part");
                same(kept.lane(i), wanted, "keep");
            }
            same(to[V::N], -T::ONE, "behind");
            // Every second element, and nothing between or after them.
            let from: Vec<T> =
                (0..(2 * taken).saturating_sub(1)).map(|i| T::from_f64(i as f64 + 1.0)).collect();
            // SAFETY: as many elements are there as are asked for.
            let x = unsafe { V::load_twos(from.as_ptr(), len) };
            let mut to = vec![-T::ONE; 2 * V::N];
            // SAFETY: as above.
            unsafe { x.store_twos(to.as_mut_ptr(), len) };
            for i in 0..V::N {
                let wanted = if i < len { from[2 * i] } else { T::ZERO };
                same(x.lane(i), wanted, "load_twos");
                same(to[2 * i], if i < len { wanted } else { -T::ONE }, "store_twos");
                same(to[2 * i + 1], -T::ONE, "between");
            }
        }
        // SAFETY: N elements are there.
        let x = unsafe { V::load(data[1..].as_ptr()) };
        let mut to = vec![T::ZERO; V::N + 1];
        // SAFETY: as above.
        unsafe { x.store(to[1..].as_mut_ptr()) };
        assert!(to[1..] == data[1..]);
    }
}

#[test]
fn lanes_do_what_scalars_do() {
    on_all_lanes!(f32, Operations);
    on_all_lanes!(f64, Operations);
}

#[test]
fn lanes_touch_the_memory_they_are_given() {
    on_all_lanes!(f32, Memory);
    on_all_lanes!(f64, Memory);
}

/// A function and what it should be nearly.
struct Nearly<F> {
    right: fn(f64) -> f64,
    /// How many units of the last place it may be off in `f32` and `f64`. The reference for `f64` has errors
    /// itself.
    bounds: [f64; 2],
    f: PhantomData<F>,
}

impl<F> Clone for Nearly<F> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<F> Copy for Nearly<F> {}

/// What a test needs to know of a type.
trait Bits: Real {
    /// Numbers to try
    fn points() -> Vec<Self>;
    fn wide(self) -> f64;
    fn ulps(self, right: f64) -> f64;
}

/// Arguments at and around which functions do something special.
const EDGES: [f64; 33] = [
    0.0,
    1.0,
    0.5,
    0.25,
    0.75,
    1.5,
    2.0,
    0.5494,
    1.8,
    3.925,
    6.0,
    9.1,
    19.2,
    15.0,
    35.0,
    18.0,
    38.0,
    30.0,
    60.0,
    87.336_544,
    88.722_84,
    89.415_986,
    103.972_08,
    104.5,
    708.396_418_532_264_1,
    709.782_712_893_384,
    710.475_860_073_943_9,
    745.133_219_101_941_2,
    3e3,
    1.5e6,
    1e30,
    f64::INFINITY,
    f64::NAN,
];

macro_rules! bits {
    ($T:ident, $mantissa:literal, $least:literal) => {
        impl Bits for $T {
            fn points() -> Vec<$T> {
                let mut points = Vec::new();
                for edge in EDGES {
                    let bits = (edge as $T).to_bits();
                    points.extend([bits.saturating_sub(1), bits, bits + 1].map($T::from_bits));
                }
                points.extend([$T::MIN_POSITIVE, $T::MAX, $T::EPSILON, $T::from_bits(1)]);
                points.extend([$T::from_bits(1 << ($mantissa - 1)), $T::MIN_POSITIVE.next_down()]);
                points.extend((0..600).map(|i| (i as $T * 0.0371).powi(3)));
                points.extend((0..300).map(|i| (i as $T - 250.0).exp2() * (1.0 + i as $T / 301.0)));
                points.iter().flat_map(|x| [*x, -*x]).collect()
            }
            fn wide(self) -> f64 {
                self.into()
            }
            fn ulps(self, right: f64) -> f64 {
                if self.is_nan() || right.is_nan() {
                    return if self.is_nan() && right.is_nan() { 0.0 } else { f64::INFINITY };
                }
                let rounded = right as $T;
                if self == rounded {
                    let zero = self == 0.0 && right == 0.0;
                    return if zero && self.to_bits() != rounded.to_bits() {
                        f64::INFINITY
                    } else {
                        0.0
                    };
                }
                if self.is_infinite() || rounded.is_infinite() || size_of::<$T>() == 8 {
                    return self.to_bits().abs_diff(rounded.to_bits()) as f64;
                }
                let exponent = (((right.abs().to_bits() >> 52) as i32) - 1023).max($least);
                (f64::from(self) - right).abs() / 2f64.powi(exponent - $mantissa)
            }
        }
    };
}
bits!(f32, 23, -126);
bits!(f64, 52, -1022);

impl<T: Bits, F: Function> OnLanes<T> for Nearly<F> {
    type Output = ();
    fn run<V: Lanes<Scalar = T>>(self) {
        let bound = self.bounds[usize::from(size_of::<T>() == 8)];
        let points = T::points();
        for part in points.chunks(V::N) {
            // SAFETY: the part has so many elements.
            let y = F::lanes(unsafe { V::load_part(part.as_ptr(), part.len()) });
            for (i, x) in part.iter().enumerate() {
                let (right, y) = ((self.right)(x.wide()), y.lane(i));
                let (lanes, name) = (std::any::type_name::<V>(), std::any::type_name::<F>());
                let error = y.ulps(right);
                assert!(error <= bound, "{lanes} {name}({x:?}) = {y:?} ≠ {right}, {error} ulp");
            }
        }
    }
}

/// What a number looks up, as a function: its last four bits.
struct LookUp;

impl LookUp {
    fn right(x: f64) -> f64 {
        x.rem_euclid(16.0)
    }
}

impl Function for LookUp {
    fn float<V: Float>(x: V) -> V {
        let table = Box::leak(Box::new(std::array::from_fn(|i| V::Scalar::from_f64(i as f64))));
        (x + V::number(Numbers::MAGIC)).look_up(table)
    }
    fn lanes<V: Lanes<Scalar: Real>>(x: V) -> V {
        let sixteen = V::splat(V::Scalar::from_f64(16.0));
        x - (x / sixteen).floor() * sixteen
    }
}

/// 2 to the floor of a number of sixteenths, as a function.
struct PowerOfFloor;

impl PowerOfFloor {
    fn right(x: f64) -> f64 {
        x.floor().exp2()
    }
}

impl Function for PowerOfFloor {
    fn float<V: Float>(x: V) -> V {
        V::number(Numbers::UNIT).scale_floor(x)
    }
    fn lanes<V: Lanes<Scalar: Real>>(x: V) -> V {
        x.floor().exp2()
    }
}

/// A function that is exact, at every `step`-th number.
struct Exactly<F> {
    from: i32,
    to: i32,
    step: f64,
    right: fn(f64) -> f64,
    f: PhantomData<F>,
}

impl<F> Clone for Exactly<F> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<F> Copy for Exactly<F> {}

impl<T: Real, F: Function> OnLanes<T> for Exactly<F> {
    type Output = ();
    fn run<V: Lanes<Scalar = T>>(self) {
        let points: Vec<f64> = (self.from..self.to).map(|i| f64::from(i) * self.step).collect();
        for part in points.chunks(V::N) {
            let x = V::from_fn(|i| T::from_f64(part.get(i).copied().unwrap_or(0.0)));
            let [y] = V::side_by_side::<F, 1>([x]);
            for (i, x) in part.iter().enumerate() {
                let (lanes, name) = (std::any::type_name::<V>(), std::any::type_name::<F>());
                same(y.lane(i), T::from_f64((self.right)(*x)), &format!("{lanes} {name}({x})"));
            }
        }
    }
}

#[test]
fn tables() {
    let f = PhantomData::<LookUp>;
    let look_up = Exactly { from: -40, to: 40, step: 1.0, right: LookUp::right, f };
    on_all_lanes!(f32, look_up);
    on_all_lanes!(f64, look_up);
    // Subnormal numbers and infinity are among the results.
    let (f, right) = (PhantomData::<PowerOfFloor>, PowerOfFloor::right);
    on_all_lanes!(f32, Exactly { from: -16 * 160, to: 16 * 140, step: 0.0625, right, f });
    on_all_lanes!(f64, Exactly { from: -16 * 1080, to: 16 * 1030, step: 0.0625, right, f });
}

fn sigmoid(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    if x >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
}

macro_rules! functions {
    ($bounds:expr; $($test:ident, $Name:ident, $right:expr;)*) => {$(
        #[test]
        fn $test() {
            let nearly = Nearly { right: $right, bounds: $bounds, f: PhantomData::<math::$Name> };
            on_all_lanes!(f32, nearly);
            on_all_lanes!(f64, nearly);
        }
    )*};
}
functions! {
    [2.0, 3.0];
    exp, Exp, f64::exp;
    exp_m1, ExpM1, f64::exp_m1;
    ln, Ln, f64::ln;
    ln_1p, Ln1p, f64::ln_1p;
    tanh, Tanh, f64::tanh;
    sigmoid_, Sigmoid, sigmoid;
    softplus, Softplus, |x| if x.is_nan() { x } else { x.max(0.0) + (-x.abs()).exp().ln_1p() };
    erf, Erf, Real::erf;
    sinh, Sinh, f64::sinh;
    cosh, Cosh, f64::cosh;
    sin, Sin, f64::sin;
    cos, Cos, f64::cos;
    exp2, Exp2, f64::exp2;
    cbrt, Cbrt, f64::cbrt;
    asin, Asin, f64::asin;
    acos, Acos, f64::acos;
    atan, Atan, f64::atan;
    asinh, Asinh, Real::asinh;
    acosh, Acosh, Real::acosh;
    atanh, Atanh, Real::atanh;
    lgamma, Lgamma, Real::lgamma;
    digamma, Digamma, Real::digamma;
    floor, Floor, f64::floor;
    round, Round, f64::round_ties_even;
}
// Products of several factors. Lanes that cannot multiply and add without rounding are the worst.
functions! {
    [5.0, 8.0];
    erfc, Erfc, Real::erfc;
    sigmoid_slope, SigmoidSlope, Real::sigmoid_slope;
    tanh_slope, TanhSlope, Real::tanh_slope;
    gaussian, Gaussian, Real::gaussian;
    normal_pdf, NormalPdf, Real::normal_pdf;
    normal_cdf, NormalCdf, Real::normal_cdf;
}

#[derive(Clone, Copy)]
struct Powers;

impl<T: Bits> OnLanes<T> for Powers {
    type Output = ();
    fn run<V: Lanes<Scalar = T>>(self) {
        for r in [0.0, 0.5, 1.0, 2.0, 3.0, -1.0, -2.0, 2.5, -0.75, 1e9] {
            let points = T::points();
            for part in points.chunks(V::N) {
                // SAFETY: the part has so many elements.
                let x = unsafe { V::load_part(part.as_ptr(), part.len()) };
                let y = x.powf(V::from_f64(r));
                let (angle, rest) = (x.atan2(V::from_f64(r)), x.fmod(V::from_f64(r)));
                let trigamma = x.polygamma(V::from_f64(1.0));
                let hypot = [r, 1e-30, 1e-160, 3e30, 4e300].map(|b| (b, x.hypot(V::from_f64(b))));
                for (i, x) in part.iter().enumerate() {
                    let r = T::from_f64(r);
                    same(y.lane(i), x.powf(r), "powf");
                    same(angle.lane(i), x.atan2(r), "atan2");
                    same(rest.lane(i), x.fmod(r), "fmod");
                    same(trigamma.lane(i), x.polygamma(T::ONE), "polygamma");
                    for (b, y) in hypot {
                        let (y, right) = (y.lane(i), x.hypot(T::from_f64(b)));
                        let error = y.ulps(right.wide());
                        assert!(error <= 2.0, "hypot({x:?}, {b}) = {y:?} ≠ {right:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn functions_of_two_numbers() {
    on_all_lanes!(f32, Powers);
    on_all_lanes!(f64, Powers);
}

#[derive(Clone, Copy)]
struct Count;

impl<T: Scalar> OnLanes<T> for Count {
    type Output = [usize; 2];
    fn run<V: Lanes<Scalar = T>>(self) -> [usize; 2] {
        [V::N, V::VECTORS]
    }
}

/// Runs [`Count`] apart from its caller.
#[derive(Clone, Copy)]
struct Apart;

impl<T: Scalar> OnLanes<T> for Apart {
    type Output = ();
    fn run<V: Lanes<Scalar = T>>(self) {
        assert_eq!(V::out_of_line(Count), [V::N, V::VECTORS]);
    }
}

#[test]
fn kernels_run_apart() {
    on_all_lanes!(f32, Apart);
    on_all_lanes!(f64, Apart);
}

#[test]
fn dispatch_runs_what_isa_says() {
    let [lanes, vectors] = match super::isa() {
        super::Isa::Avx512 => [16, 4],
        super::Isa::Avx2 => [8, 2],
        super::Isa::Neon => [4, 4],
        super::Isa::Portable => [4, 2],
    };
    assert_eq!(<f32 as Scalar>::dispatch(Count), [lanes, vectors]);
    assert_eq!(<f64 as Scalar>::dispatch(Count), [lanes / 2, vectors]);
    assert!(!super::isa().to_string().is_empty());
}
