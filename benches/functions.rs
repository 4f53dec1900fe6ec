//! How fast the elementary functions are, on data in the cache nearby.
//!
//! `cargo bench --bench functions [-- NAMES]` prints it for all sets of instructions that this machine has,
//! with one vector after the other and with several side by side: the time of a pass over 2048
//! elements, and elements in a second.

#![allow(unsafe_code, reason = "lanes are read and written through pointers")]

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use pullback::__private::lanes::math::{self, Function};
use pullback::__private::lanes::{Float, Lanes, OnIsa, OnLanes, OnWide};
use pullback::Real;
use pullback::lanes::Isa;
use std::fmt;
use std::marker::PhantomData;

fn main() {
    divan::main();
}

/// Elements of an array: a quarter of the smallest usual cache of the first level.
const LEN: usize = 1 << 11;

/// `to = f(from)`
struct Apply<'a, T, F> {
    from: &'a [T],
    to: &'a mut [T],
    f: PhantomData<F>,
}

impl<T: Real, F: Function> OnLanes<T> for Apply<'_, T, F> {
    type Output = ();
    #[inline(always)]
    fn run<V: Lanes<Scalar = T>>(self) {
        assert!(self.from.len() == self.to.len() && self.from.len().is_multiple_of(V::N));
        let mut i = 0;
        while i < self.from.len() {
            // SAFETY: N divides the length of both.
            unsafe {
                F::lanes(V::load(self.from.as_ptr().add(i))).store(self.to.as_mut_ptr().add(i))
            };
            i += V::N;
        }
    }
}

/// One call on `C` vectors side by side; `None` where the machine lacks the lanes.
fn apply<T: Real + OnIsa, F: Function, const C: usize>(
    isa: Isa,
    from: &[T],
    to: &mut [T],
) -> Option<()> {
    T::on_isa(isa, OnWide::<_, C>(Apply { from, to, f: PhantomData::<F> }))
}

fn time<T: Real + OnIsa, F: Function, const C: usize>(isa: Isa, bencher: Bencher<'_, '_>) {
    let at = |i: usize| (i * 7919 % LEN) as f64 / LEN as f64 * 8.0 - 4.0;
    let from: Vec<T> = (0..LEN).map(|i| T::from_f64(at(i).abs() + 0.01)).collect();
    let mut to = from.clone();
    bencher
        .counter(ItemsCount::new(LEN))
        .bench_local(|| apply::<T, F, C>(isa, black_box(&from), black_box(&mut to)));
}

/// A function on some lanes.
struct Case {
    scalar: &'static str,
    isa: Isa,
    vectors: usize,
    time: fn(Isa, Bencher<'_, '_>),
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.scalar, self.isa)?;
        if self.vectors > 1 { write!(f, " ×{}", self.vectors) } else { Ok(()) }
    }
}

/// A function on all lanes that this machine has.
fn cases<F: Function>() -> Vec<Case> {
    let mut cases = Vec::new();
    macro_rules! on {
        ($scalar:ident $isa:ident $($vectors:literal)*) => {$(
            if apply::<$scalar, F, $vectors>(Isa::$isa, &[], &mut []).is_some() {
                let (isa, time) = (Isa::$isa, time::<$scalar, F, $vectors> as _);
                cases.push(Case { scalar: stringify!($scalar), isa, vectors: $vectors, time });
            }
        )*};
    }
    on!(f32 Avx512 1 2 4);
    on!(f32 Avx2 1 2 4);
    on!(f64 Avx512 1 2 4);
    on!(f64 Avx2 1 2 4);
    on!(f32 Neon 1 2 4);
    on!(f64 Neon 1 2 4);
    on!(f32 Portable 1);
    on!(f64 Portable 1);
    cases
}

/// The square root, which is an instruction.
struct Sqrt;

impl Function for Sqrt {
    fn float<V: Float>(x: V) -> V {
        x.root()
    }
    #[inline(always)]
    fn lanes<V: Lanes<Scalar: Real>>(x: V) -> V {
        x.sqrt()
    }
}

macro_rules! functions {
    ($($name:ident $Name:path;)*) => {$(
        #[divan::bench(args = cases::<$Name>())]
        fn $name(bencher: Bencher<'_, '_>, case: &Case) {
            (case.time)(case.isa, bencher);
        }
    )*};
}
functions! {
    exp math::Exp;
    exp_m1 math::ExpM1;
    ln math::Ln;
    ln_1p math::Ln1p;
    tanh math::Tanh;
    sigmoid math::Sigmoid;
    softplus math::Softplus;
    erf math::Erf;
    sinh math::Sinh;
    cosh math::Cosh;
    sin math::Sin;
    cos math::Cos;
    sqrt Sqrt;
}
