//! Safe code cannot reach undefined behaviour, whatever it says: calls that lie about lengths, axes and sizes, and
//! implementations of public traits that do not keep to them, panic or give some result.
//!
//! In release, with a tool that sees every access to memory (on Linux, with valgrind installed):
//!
//! ```text
//! cargo --config "target.'cfg(unix)'.runner='valgrind -q --error-exitcode=9'" test --release --test hostile
//! ```
//!
//! valgrind has no AVX-512: what it sees are the loops on AVX2.

#![allow(clippy::suspicious_arithmetic_impl, reason = "hostile numbers do what they like")]

use pullback::__private::k::*;
use pullback::__private::lanes::Pack;
use pullback::model::{Cotangents, Data, Tangents, Wrt};
use pullback::{Model, Scalar, Workspace, model};
use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs code, in which `on` is the lanes of a scalar, as generated code runs its loops.
macro_rules! on_lanes {
    ($T:ty, |$on:ident| $code:expr) => {{
        struct Run;
        impl __OnLanes<$T> for Run {
            type Output = ();
            #[allow(unused_must_use)]
            fn run<V: __Lanes<Scalar = $T>>(self) {
                let $on = __lanes::<V>();
                $code;
            }
        }
        <$T as Scalar>::dispatch(Run);
    }};
}

/// The call panics, for every scalar that has other lanes.
macro_rules! refused {
    ($(|$on:ident| $code:expr;)*) => {$(
        refuses(stringify!($code), || on_lanes!(f32, |$on| $code));
        refuses(stringify!($code), || on_lanes!(f64, |$on| $code));
        refuses(stringify!($code), || on_lanes!(Odd, |$on| $code));
    )*};
}

#[track_caller]
fn refuses(what: &str, call: impl FnOnce()) {
    assert!(catch_unwind(AssertUnwindSafe(call)).is_err(), "no panic: {what}");
}

/// Memory of exactly so many elements: what lies beyond is not the program's.
fn memory<T: Scalar>(len: usize) -> Vec<T> {
    let memory: Box<[T]> = (0..len).map(|i| T::from_f64(f64::from((i % 9) as u32))).collect();
    memory.into_vec()
}

/// A scalar of 24 bytes whose lanes are three, and whose order and sums make no sense.
#[derive(Clone, Copy, Debug)]
struct Odd(f64, [u64; 2]);

macro_rules! operators {
    ($($Trait:ident $method:ident $op:tt),*) => {$(
        impl $Trait for Odd {
            type Output = Odd;
            fn $method(self, other: Odd) -> Odd {
                Odd(other.0 $op self.0, self.1)
            }
        }
    )*};
}
operators!(Add add -, Sub sub *, Mul mul +, Div div -);
impl Neg for Odd {
    type Output = Odd;
    fn neg(self) -> Odd {
        self
    }
}
impl PartialEq for Odd {
    fn eq(&self, _: &Odd) -> bool {
        false
    }
}
impl PartialOrd for Odd {
    fn partial_cmp(&self, _: &Odd) -> Option<std::cmp::Ordering> {
        Some(std::cmp::Ordering::Greater)
    }
}
impl std::ops::Rem for Odd {
    type Output = Odd;
    fn rem(self, other: Odd) -> Odd {
        Odd(other.0 * self.0, [1; 2])
    }
}
impl num_traits::Zero for Odd {
    fn zero() -> Odd {
        Odd(4.0, [7; 2])
    }
    fn is_zero(&self) -> bool {
        true
    }
}
impl num_traits::One for Odd {
    fn one() -> Odd {
        Odd(-4.0, [7; 2])
    }
}
impl num_traits::Num for Odd {
    type FromStrRadixErr = ();
    fn from_str_radix(_: &str, _: u32) -> Result<Odd, ()> {
        Err(())
    }
}
impl Scalar for Odd {
    const ZERO: Odd = Odd(1.0, [7; 2]);
    const ONE: Odd = Odd(0.0, [8; 2]);
    fn constant(approx: f64, _: i128, _: i128) -> Odd {
        Odd(-approx, [9; 2])
    }
    fn from_f64(x: f64) -> Odd {
        Odd(x, [3; 2])
    }
    fn maximum(self, other: Odd) -> Odd {
        other
    }
    fn dispatch<K: __OnLanes<Odd>>(kernel: K) -> K::Output {
        kernel.run::<Pack<Odd, 3>>()
    }
}

/// Gives what it reads, or was made, and `COPIES` says that whatever it is.
struct Body<const COPIES: bool>;
impl<T: Scalar, const A: usize, const I: usize, const O: usize, const COPIES: bool>
    __Body<T, A, I, O> for Body<COPIES>
{
    const COPIES: bool = COPIES;
    fn f<V: __Lanes<Scalar = T>>(made: [V; A], read: [V; I]) -> [V; O] {
        let sum = made.into_iter().chain(read).reduce(|a, b| a + b);
        [sum.unwrap_or_else(|| V::splat(T::ONE)); O]
    }
}
const BODY: Body<false> = Body;

/// Panics in the middle of a loop.
struct Panics;
impl<T: Scalar, const A: usize, const I: usize, const O: usize> __Body<T, A, I, O> for Panics {
    fn f<V: __Lanes<Scalar = T>>(_: [V; A], _: [V; I]) -> [V; O] {
        panic!("a body that panics")
    }
}

/// Nothing is known.
const ANY: __Axis<0, 1, false> = __Axis;
const HUGE: usize = 1 << 32;

#[test]
fn what_is_said_of_axes_is_so() {
    refused! {
        |on| __map(on, __Axis::<1, 1, true>, [40], [__read(&memory(40), [1])], [__write(&mut memory(40), [1], false)], BODY);
        |on| __map(on, __Axis::<0, 16, true>, [40], [__read(&memory(40), [1])], [__write(&mut memory(40), [1], false)], BODY);
        |on| __map(on, __Axis::<64, 64, true>, [40], [], [__write(&mut memory(40), [1], false)], BODY);
        |on| __map(on, __Axis::<0, 0, true>, [40], [], [__write(&mut memory(40), [1], false)], BODY);
        |on| __map(on, __Axis::<40, 40, true>, [40], [__read(&memory(79), [2])], [__write(&mut memory(40), [1], false)], BODY);
        |on| __map(on, __Staged::<true>, [40], [__read(&memory(40), [1])], [__write(&mut memory(79), [2], false)], BODY);
        |on| __reduce(on, (ANY, __Axis::<64, 64, true>), [3], [5], [__read2(&memory(15), [5], [1])], [__SUM], BODY, [], [__write(&mut memory(3), [1], false)], BODY);
        |on| __reduce(on, (__Axis::<64, 64, true>, ANY), [3], [5], [__read2(&memory(15), [1], [3])], [__MAX], BODY, [], [__write(&mut memory(3), [1], false)], BODY);
        |on| __reduce(on, (__Axis::<1, 1, true>, ANY), [3], [5], [__read2(&memory(15), [1], [3])], [__MAX], BODY, [], [__write(&mut memory(3), [1], false)], BODY);
        |on| __contract(on, (ANY, __Axis::<1, 1, true>), &mut __scratch(&mut [], 1, false, 1), [], [2, 40, 3], __read2(&memory(6), [], [3, 1]), __read2(&memory(120), [], [40, 1]), [], [__write2(&mut memory(80), [], [40, 1], false)], BODY);
        |on| __contract(on, (ANY, __Axis::<0, 64, true>), &mut __scratch(&mut [], 1, false, 1), [], [2, 40, 3], __read2(&memory(6), [], [3, 1]), __read2(&memory(120), [], [40, 1]), [], [__write2(&mut memory(80), [], [40, 1], false)], BODY);
        |on| __contract(on, (__Axis::<5, 5, true>, ANY), &mut __scratch(&mut [], 1, false, 1), [], [1, 40, 3], __read2(&memory(6), [], [3, 1]), __read2(&memory(120), [], [40, 1]), [], [__write2(&mut memory(80), [], [40, 1], false)], BODY);
        |on| __convolve(on, __Axis::<1, 1, true>, &mut __scratch(&mut memory(4096), 1, false, 1), WINDOWS, __read3(&memory(3), [], [3], [1]), __read3(&memory(42), [], [1], [1]), [], [__write3(&mut memory(40), [], [40], [1], false)], BODY);
        |on| __gather(on, __Axis::<1, 1, true>, [9], __read(&memory(27), [1]), __chosen(&[2], [0], 3, 9, __Skip::Nothing), [], [__write(&mut memory(9), [1], false)], BODY);
    }
}

const WINDOWS: __Windows<0, 1, 1, 1, 1> =
    __Windows { outer: [], steps: [3], columns: [40], out: ([1], [40]) };

#[test]
fn slices_are_long_enough() {
    refused! {
        |on| __map(on, ANY, [40], [__read(&memory(39), [1])], [__write(&mut memory(40), [1], false)], BODY);
        |on| __map(on, ANY, [40], [__read(&memory(40), [1])], [__write(&mut memory(39), [1], true)], BODY);
        |on| __map(on, ANY, [2, usize::MAX], [__read(&memory(40), [1, 1])], [__write(&mut memory(40), [20, 1], true)], BODY);
        |on| __map(on, ANY, [3], [__read(&memory(40), [usize::MAX / 2 + 2])], [__write(&mut memory(40), [1], true)], BODY);
        |on| __map(on, ANY, [3], [], [__write(&mut memory(40), [0], true)], BODY);
        |on| __map(on, ANY, [3], [], [__write(__shared_out(&mut memory(40)).from(38), [1], true)], BODY);
        |on| __shared_out(&mut memory::<f32>(40)).from({ let _ = on; 41 });
        |on| __reduce(on, (ANY, ANY), [3], [5], [__read2(&memory(14), [5], [1])], [__SUM], BODY, [], [__write(&mut memory(3), [1], false)], BODY);
        |on| __reduce(on, (ANY, ANY), [3], [5], [__read2(&memory(15), [5], [1])], [__SUM], BODY, [], [__write(&mut memory(2), [1], false)], BODY);
        |on| __reduce(on, (ANY, ANY), [3], [5], [], [__SUM], BODY, [__read(&memory(2), [1])], [__write(&mut memory(3), [1], false)], BODY);
        |on| __reduce(on, (ANY, ANY), [3], [0], [], [__MAX], BODY, [], [__write(&mut memory(3), [1], false)], BODY);
        |on| __contract(on, (ANY, ANY), &mut __scratch(&mut [], 1, false, 1), [], [2, 40, 0], __read2(&memory(6), [], [3, 1]), __read2(&memory(120), [], [40, 1]), [], [__write2(&mut memory(80), [], [40, 1], false)], BODY);
        |on| __contract(on, (ANY, ANY), &mut __scratch(&mut [], 1, false, 1), [], [2, 40, 3], __read2(&memory(5), [], [3, 1]), __read2(&memory(120), [], [40, 1]), [], [__write2(&mut memory(80), [], [40, 1], false)], BODY);
        |on| __contract(on, (ANY, ANY), &mut __scratch(&mut [], 1, false, 1), [], [2, 40, 3], __read2(&memory(6), [], [3, 1]), __read2(&memory(119), [], [40, 1]), [], [__write2(&mut memory(80), [], [40, 1], false)], BODY);
        |on| __contract(on, (ANY, ANY), &mut __scratch(&mut [], 1, false, 1), [], [2, 40, 3], __read2(&memory(6), [], [3, 1]), __read2(&memory(120), [], [40, 1]), [__read2(&memory(39), [], [0, 1])], [__write2(&mut memory(80), [], [40, 1], false)], BODY);
        |on| __contract(on, (ANY, ANY), &mut __scratch(&mut [], 1, false, 1), [], [2, 40, 3], __read2(&memory(6), [], [3, 1]), __read2(&memory(120), [], [40, 1]), [], [__write2(&mut memory(79), [], [40, 1], false)], Body::<true>);
        |on| __contract_shared(on, (ANY, ANY), &mut __scratch(&mut [], 1, false, 3), [], [256, 128, 64], __read2(&memory(256 * 64 - 1), [], [64, 1]), __read2(&memory(64 * 128), [], [128, 1]), [], [__write2(&mut memory(256 * 128), [], [128, 1], false)], BODY);
        |on| __contract_shared(on, (ANY, ANY), &mut __scratch(&mut [], 1, false, 3), [], [256, 128, 64], __read2(&memory(256 * 64), [], [64, 1]), __read2(&memory(64 * 128 - 1), [], [128, 1]), [], [__write2(&mut memory(256 * 128), [], [128, 1], false)], BODY);
        |on| __contract_shared(on, (ANY, ANY), &mut __scratch(&mut [], 1, false, 3), [], [256, 128, 64], __read2(&memory(256 * 64), [], [64, 1]), __read2(&memory(64 * 128), [], [128, 1]), [], [__write2(&mut memory(256 * 128 - 1), [], [128, 1], false)], BODY);
        |on| __contract_shared(on, (ANY, ANY), &mut __scratch(&mut [], 1, false, 3), [HUGE], [256, 128, 0], __read2(&memory(256 * 64), [0], [64, 1]), __read2(&memory(64 * 128), [0], [128, 1]), [], [], BODY);
        |on| __contract_shared(on, (ANY, ANY), &mut __scratch(&mut [], 1, false, 3), [HUGE, HUGE], [HUGE, 128, 64], __read2(&memory(64), [0, 0], [0, 1]), __read2(&memory(64 * 128), [0, 0], [128, 1]), [], [], BODY);
        |on| __convolve_shared(on, ANY, &mut __scratch(&mut memory(9999), 1, false, 3), __Windows { outer: [], steps: [64], columns: [128], out: ([256], [128]) }, __read3(&memory(256 * 64), [], [64], [1]), __read3(&memory(190), [], [1], [1]), [], [__write3(&mut memory(256 * 128), [], [128], [1], false)], BODY);
        |on| __convolve_shared(on, ANY, &mut __scratch(&mut memory(9999), 1, false, 3), __Windows { outer: [], steps: [64], columns: [128], out: ([256], [128]) }, __read3(&memory(256 * 64), [], [64], [1]), __read3(&memory(191), [], [1], [1]), [], [__write3(&mut memory(256 * 128 - 1), [], [128], [1], false)], BODY);
        |on| __convolve_shared(on, ANY, &mut __scratch(&mut memory(99), 1, false, 3), __Windows { outer: [], steps: [64], columns: [128], out: ([256], [128]) }, __read3(&memory(256 * 64), [], [64], [1]), __read3(&memory(191), [], [1], [1]), [], [__write3(&mut memory(256 * 128), [], [128], [1], false)], Body::<true>);
        |on| __convolve(on, ANY, &mut __scratch(&mut memory(4096), 1, false, 1), WINDOWS, __read3(&memory(3), [], [3], [1]), __read3(&memory(41), [], [1], [1]), [], [__write3(&mut memory(40), [], [40], [1], false)], BODY);
        |on| __convolve(on, ANY, &mut __scratch(&mut memory(4096), 1, false, 1), WINDOWS, __read3(&memory(3), [], [3], [1]), __read3(&memory(42), [], [1], [1]), [], [__write3(&mut memory(39), [], [40], [1], false)], Body::<true>);
        |on| __convolve(on, ANY, &mut __scratch(&mut memory(2), 1, false, 1), WINDOWS, __read3(&memory(3), [], [3], [1]), __read3(&memory(42), [], [1], [1]), [], [__write3(&mut memory(40), [], [40], [1], false)], Body::<true>);
        |on| __gather(on, ANY, [9], __read(&memory(26), [1]), __chosen(&[2], [0], 3, 9, __Skip::Nothing), [], [__write(&mut memory(9), [1], false)], BODY);
        |on| __gather(on, ANY, [9], __read(&memory(27), [1]), __chosen(&[3], [0], 3, 9, __Skip::Nothing), [], [__write(&mut memory(9), [1], false)], BODY);
        |on| __gather(on, ANY, [9], __read(&memory(27), [1]), __chosen(&[2; 8], [1], 3, 9, __Skip::Nothing), [], [__write(&mut memory(9), [1], false)], BODY);
        |on| __scatter(on, [9], __write(&mut memory(26), [1], true), 26, __chosen(&[2], [0], 3, 9, __Skip::Nothing), [], BODY);
        |on| __scatter(on, [9], __write(&mut memory(27), [1], false), 28, __chosen(&[2], [0], 3, 9, __Skip::Nothing), [], BODY);
        |on| __scatter(on, [9], __write(&mut memory(27), [1], true), 27, __chosen(&[u32::MAX], [0], 3, 9, __Skip::Zero(1)), [], BODY);
    }
}

/// With strides of 0, sizes may be anything.
#[test]
fn sizes_do_not_overflow() {
    refused! {
        |on| __contract(on, (ANY, ANY), &mut __scratch(&mut memory(4096), 1, false, 1), [], [8, 1, usize::MAX / 2 + 1], __read2(&memory(8), [], [1, 0]), __read2(&memory(1), [], [0, 0]), [], [__write2(&mut memory(8), [], [1, 1], false)], BODY);
        |on| __contract(on, (ANY, ANY), &mut __scratch(&mut memory(4096), 1, false, 1), [HUGE, HUGE], [1, 1, 1], __read2(&memory(1), [0, 0], [0, 0]), __read2(&memory(1), [0, 0], [0, 0]), [], [], BODY);
        |on| __convolve(on, ANY, &mut __scratch(&mut memory(4096), 1, false, 1), __Windows { outer: [], steps: [HUGE, HUGE], columns: [40], out: ([1], [40]) }, __read3(&memory(1), [], [0], [0, 0]), __read3(&memory(40), [], [0, 0], [1]), [], [__write3(&mut memory(40), [], [40], [1], false)], BODY);
        |on| __convolve(on, ANY, &mut __scratch(&mut memory(4096), 1, false, 1), __Windows { outer: [], steps: [HUGE << 26], columns: [40], out: ([1], [40]) }, __read3(&memory(1), [], [0], [0]), __read3(&memory(79), [], [0], [2]), [__read3(&memory(1), [], [0], [0])], [__write3(&mut memory(79), [], [40], [2], false)], BODY);
    }
}

/// What a step has not written is not what lay in memory.
#[test]
fn blocks_are_initialised() {
    fn zeros<T: Scalar>() -> Vec<String> {
        vec![format!("{:?}", T::ZERO); 8]
    }
    fn found<T: Scalar>(y: &[T]) -> Vec<String> {
        y.iter().map(|y| format!("{y:?}")).collect()
    }
    macro_rules! unwritten {
        ($($T:ty)*) => {$(
            on_lanes!($T, |on| {
                let (mut temp, mut y) = (__temp::<$T>(), memory(8));
                let _ = temp.write(8);
                __map(on, ANY, [8], [temp.read()], [__write(&mut y, [1], false)], BODY);
                assert_eq!(found(&y), zeros::<$T>());
            });
        )*};
    }
    unwritten!(f32 f64 Odd);
    refused! {
        |on| { let _ = on; let _ = __temp::<f32>().write(1 << 20); };
        |on| __map(on, ANY, [8], [__temp().read()], [__write(&mut memory(8), [1], false)], BODY);
    }
}

#[test]
fn bodies_may_do_anything() {
    refused! {
        |on| __map(on, ANY, [40], [], [__write(&mut memory(40), [1], false)], Panics);
        |on| __contract(on, (ANY, ANY), &mut __scratch(&mut [], 1, false, 1), [], [2, 40, 3], __read2(&memory(6), [], [3, 1]), __read2(&memory(120), [], [40, 1]), [], [__write2(&mut memory(80), [], [40, 1], false)], Panics);
    }
    // A body that says that it copies is not called.
    on_lanes!(f32, |on| {
        let mut y = memory(80);
        let (a, b, c) = (memory(6), memory(120), memory(80));
        let (ins, outs) = ([__read2(&c, [], [40, 1])], [__write2(&mut y, [], [40, 1], false)]);
        let (a, b) = (__read2(&a, [], [3, 1]), __read2(&b, [], [40, 1]));
        let s = &mut __scratch(&mut [], 1, false, 1);
        __contract(on, (ANY, ANY), s, [], [2, 40, 3], a, b, ins, outs, Body::<true>);
    });
}

/// Every driver over memory of exactly the length that it needs.
#[test]
fn ragged_sizes() {
    fn all<V: __Lanes>() {
        let on = __lanes::<V>();
        let many = 2 * V::N + 3;
        for n in [1, 2, 3, V::N - 1, V::N, V::N + 1, many, 4 * V::N, 70].map(|n| n.max(1)) {
            let mut y = memory::<V::Scalar>(2 * n - 1);
            __map(on, ANY, [n], [__read(&memory(n), [1])], [__write(&mut y, [2], true)], BODY);
            let (x, mut y) = (memory(3 * n), memory(3));
            let (ins, outs) = ([__read2(&x, [n], [1])], [__write(&mut y, [1], false)]);
            __reduce(on, (ANY, ANY), [3], [n], ins, [__MAX], BODY, [], outs, BODY);
            let (ins, outs) = ([__read2(&x, [1], [n])], [__write(&mut y[..1], [0], true)]);
            __reduce(on, (ANY, ANY), [1], [3], ins, [__SUM], BODY, [], outs, BODY);
            for m in [1, 2, 7, 9, 25] {
                for (sa, sb) in [([many, 1], [n, 1]), ([many, 1], [1, many]), ([1, m], [1, many])] {
                    for room in [0, many * 64, many * 64 + 64] {
                        let (a, b) = (memory(m * many), memory(many * n));
                        let (c, mut y, mut packed) = (memory(n), memory(m * n), memory(room));
                        __contract(
                            on,
                            (ANY, ANY),
                            &mut __scratch(&mut packed, 1, false, 1),
                            [],
                            [m, n, many],
                            __read2(&a, [], sa),
                            __read2(&b, [], sb),
                            [__read2(&c, [], [0, 1])],
                            [__write2(&mut y, [], [n, 1], true)],
                            BODY,
                        );
                    }
                }
            }
            for (width, kernel) in [(n, 1), (n, 3), (1, n)] {
                let (image, weight) = (memory(2 * (width + kernel - 1)), memory(5 * 2 * kernel));
                let mut packed = memory(64 * 2 * kernel + 64);
                let mut y = memory(5 * width);
                __convolve(
                    on,
                    ANY,
                    &mut __scratch(&mut packed, 1, false, 1),
                    __Windows {
                        outer: [],
                        steps: [2, kernel],
                        columns: [width],
                        out: ([5], [width]),
                    },
                    __read3(&weight, [], [2 * kernel], [kernel, 1]),
                    __read3(&image, [], [width + kernel - 1, 1], [1]),
                    [],
                    [__write3(&mut y, [], [width], [1], false)],
                    Body::<true>,
                );
            }
            let (x, index) = (memory(5 * n), vec![4; n]);
            let mut y = memory(n);
            let each = || __chosen(&index, [1], 5, n, __Skip::Zero(3));
            let outs = [__write(&mut y, [1], true)];
            __gather(on, ANY, [n], __read(&x, [1]), each(), [], outs, BODY);
            let mut y = memory(5 * n);
            __scatter(on, [n], __write(&mut y, [1], false), 5 * n, each(), [], BODY);
        }
    }
    struct All;
    impl<T: Scalar> __OnLanes<T> for All {
        type Output = ();
        fn run<V: __Lanes<Scalar = T>>(self) {
            all::<V>();
        }
    }
    f32::dispatch(All);
    f64::dispatch(All);
    Odd::dispatch(All);
}

model! {
    Net(x: [5], label: index(3)) -> [] {
        linear(x) -> [7],
        tanh,
        linear -> [3],
        cross_entropy(label),
    }
}

#[test]
fn flat_calls_check_what_they_are_given() {
    let (net, mut ws) = (Net::<f32>::zeros(), Net::<f32>::workspace());
    let (x, y_bar) = (memory(10), memory::<f32>(2));
    let forward = |inputs: &[Data<'_, f32>], y: &mut [f32], ws: &mut Workspace<Net>| {
        catch_unwind(AssertUnwindSafe(|| Net::forward_flat(&net, inputs, y, ws))).is_ok()
    };
    let (real, index) = (Data::Real(&x[..]), Data::Index(&[0, 2]));
    let y = &mut [0.0; 2][..];
    assert!(forward(&[real, index], y, &mut ws));
    let short = Data::Real(&x[..9]);
    let lies: [&[Data<'_, f32>]; 8] = [
        &[short, index],
        &[real, Data::Index(&[0])],
        &[real, Data::Index(&[0, 3])],
        &[real, Data::Index(&[0, u32::MAX])],
        &[real],
        &[index, real],
        &[real, index, index],
        &[real, Data::State(&x)],
    ];
    for (i, lie) in lies.into_iter().enumerate() {
        assert!(!forward(lie, y, &mut ws), "forward {i}");
    }
    let (mut bars, mut more) = (memory(10), memory(net.flat().len()));
    for (x_len, params) in [(9, more.len()), (10, more.len() - 1), (0, more.len()), (10, 0)] {
        let (bar, params) = (&mut bars[..x_len], &mut more[..params]);
        let tangents = Tangents { inputs: &[&*bar, &[]], params };
        refuses("jvp", || {
            net.jvp_flat(Wrt::All, &[real, index], tangents, &mut [0.0; 2], &mut [0.0; 2], &mut ws);
        });
        refuses("vjp", || {
            let cotangents = Cotangents { inputs: &mut [bar, &mut []], params };
            net.vjp_given_flat(Wrt::All, &[real, index], &y_bar, y, cotangents, &mut ws);
        });
    }
}
