//! Several vectors as one.

#![allow(unsafe_code, reason = "lanes are read and written through pointers")]

use super::math::{self, Function};
use super::{Float, Lanes, OnLanes, sealed};
use crate::scalar::{Real, Scalar as _, for_each_function};
use core::ops::{Add, Div, Mul, Neg, Sub};

/// `C ≤ 6` vectors side by side, the first one in front.
///
/// Every operation is done to all of them before the next one, so a chain of operations that depend
/// on each other becomes `C` chains that do not, and the processor need not wait for any.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wide<V, const C: usize>([V; C]);

/// Does something for every vector. Not a loop: the optimiser need not unroll what has no loops.
macro_rules! each {
    ($C:ident, $i:ident => $do:expr) => {{
        const { assert!($C >= 1 && $C <= 6, "one to six vectors") };
        {
            let $i = 0;
            $do;
        }
        if $C > 1 {
            let $i = 1;
            $do;
        }
        if $C > 2 {
            let $i = 2;
            $do;
        }
        if $C > 3 {
            let $i = 3;
            $do;
        }
        if $C > 4 {
            let $i = 4;
            $do;
        }
        if $C > 5 {
            let $i = 5;
            $do;
        }
    }};
}

macro_rules! operator {
    ($($Trait:ident $method:ident $op:tt),*) => {$(
        impl<V: Lanes, const C: usize> $Trait for Wide<V, C> {
            type Output = Self;
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn $method(mut self, other: Self) -> Self {
                each!(C, i => self.0[i] = self.0[i] $op other.0[i]);
                self
            }
        }
    )*};
}
operator!(Add add +, Sub sub -, Mul mul *, Div div /);

impl<V: Lanes, const C: usize> Neg for Wide<V, C> {
    type Output = Self;
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn neg(mut self) -> Self {
        each!(C, i => self.0[i] = -self.0[i]);
        self
    }
}

/// A kernel that is to run on several of whatever lanes it is given.
#[derive(Debug)]
pub struct OnWide<K, const C: usize>(pub K);

impl<T: crate::Scalar, K: OnLanes<T>, const C: usize> OnLanes<T> for OnWide<K, C> {
    type Output = K::Output;
    #[inline(always)]
    fn run<V: Lanes<Scalar = T>>(self) -> K::Output {
        self.0.run::<Wide<V, C>>()
    }
}

// Functions of one argument interleave the vectors; those of two go through them one by one.
macro_rules! functions {
    ([] $($(#[$doc:meta])* $Name:ident $name:ident($x:ident $(, $other:ident)?) => $y:ident { $($rest:tt)* })*) => {$(
        #[cfg_attr(not(debug_assertions), inline(always))]
        #[allow(unused_mut, reason = "only functions of two arguments change it")]
        fn $name(mut self $(, $other: Self)?) -> Self
        where
            V::Scalar: Real,
        {
            functions!(@body self $Name $name $($other)?)
        }
    )*};
    (@body $self:ident $Name:ident $name:ident) => {
        Wide(V::side_by_side::<math::$Name, C>($self.0))
    };
    (@body $self:ident $Name:ident $name:ident $other:ident) => {{
        each!(C, i => $self.0[i] = $self.0[i].$name($other.0[i]));
        $self
    }};
}

impl<V: Lanes, const C: usize> sealed::Lanes for Wide<V, C> {}
impl<V: Lanes, const C: usize> Lanes for Wide<V, C> {
    type Scalar = V::Scalar;
    type Half = Self;
    const N: usize = C * V::N;
    const VECTORS: usize = 1;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn from_fn(mut f: impl FnMut(usize) -> V::Scalar) -> Self {
        let mut wide = Self::splat(V::Scalar::ZERO);
        each!(C, i => wide.0[i] = V::from_fn(|lane| f(i * V::N + lane)));
        wide
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn lane(self, i: usize) -> V::Scalar {
        self.0[i / V::N].lane(i % V::N)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn splat(x: V::Scalar) -> Self {
        Wide([V::splat(x); C])
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn load(from: *const V::Scalar) -> Self {
        let mut wide = Self::splat(V::Scalar::ZERO);
        // SAFETY: C times V::N elements are there.
        each!(C, i => wide.0[i] = unsafe { V::load(from.add(i * V::N)) });
        wide
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn load_part(from: *const V::Scalar, len: usize) -> Self {
        let mut wide = Self::splat(V::Scalar::ZERO);
        each!(C, i => {
            let start = len.min(i * V::N);
            // SAFETY: `len` elements are there, `len - start` of them after the start.
            wide.0[i] = unsafe { V::load_part(from.add(start), len - start) };
        });
        wide
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn store(self, to: *mut V::Scalar) {
        // SAFETY: C times V::N elements are there.
        each!(C, i => unsafe { self.0[i].store(to.add(i * V::N)) });
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn store_part(self, to: *mut V::Scalar, len: usize) {
        each!(C, i => {
            let start = len.min(i * V::N);
            // SAFETY: `len` elements are there, `len - start` of them after the start.
            unsafe { self.0[i].store_part(to.add(start), len - start) };
        });
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn load_twos(from: *const V::Scalar, len: usize) -> Self {
        let mut wide = Self::splat(V::Scalar::ZERO);
        each!(C, i => {
            let start = len.min(i * V::N);
            // SAFETY: `len` elements are there, `len - start` of them after the start.
            wide.0[i] = unsafe { V::load_twos(from.wrapping_add(2 * start), len - start) };
        });
        wide
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    unsafe fn store_twos(self, to: *mut V::Scalar, len: usize) {
        each!(C, i => {
            let start = len.min(i * V::N);
            // SAFETY: `len` elements are there, `len - start` of them after the start.
            unsafe { self.0[i].store_twos(to.wrapping_add(2 * start), len - start) };
        });
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn keep(mut self, len: usize, rest: Self) -> Self {
        each!(C, i => self.0[i] = self.0[i].keep(len.saturating_sub(i * V::N), rest.0[i]));
        self
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn mul_add(mut self, a: Self, b: Self) -> Self {
        each!(C, i => self.0[i] = self.0[i].mul_add(a.0[i], b.0[i]));
        self
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn maximum(mut self, other: Self) -> Self {
        each!(C, i => self.0[i] = self.0[i].maximum(other.0[i]));
        self
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn stop_gradient(mut self) -> Self {
        each!(C, i => self.0[i] = self.0[i].stop_gradient());
        self
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn mul_strong(mut self, slope: Self) -> Self {
        each!(C, i => self.0[i] = self.0[i].mul_strong(slope.0[i]));
        self
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn select_gt(a: Self, b: Self, mut x: Self, y: Self) -> Self {
        each!(C, i => x.0[i] = V::select_gt(a.0[i], b.0[i], x.0[i], y.0[i]));
        x
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sum(self) -> V::Scalar {
        // In pairs: ((0 + 1) + (2 + 3)) + (4 + 5).
        let mut sum = self.0[0];
        if C > 1 {
            sum = sum + self.0[1];
        }
        if C > 2 {
            sum = sum + if C > 3 { self.0[2] + self.0[3] } else { self.0[2] };
        }
        if C > 4 {
            sum = sum + if C > 5 { self.0[4] + self.0[5] } else { self.0[4] };
        }
        sum.sum()
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn max(self) -> V::Scalar {
        let mut max = self.0[0];
        each!(C, i => if i > 0 { max = max.maximum(self.0[i]) });
        max.max()
    }

    for_each_function!(functions);

    #[inline(always)]
    fn call<K: OnLanes<V::Scalar>>(kernel: K) -> Option<K::Output> {
        V::call(OnWide::<K, C>(kernel))
    }
    #[inline(always)]
    fn out_of_line<K: OnLanes<V::Scalar>>(kernel: K) -> K::Output {
        V::out_of_line(OnWide::<K, C>(kernel))
    }
}

impl<V: Float, const C: usize> Wide<V, C> {
    /// The function of all vectors, interleaved.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn function<F: Function>(xs: [V; C]) -> [V; C] {
        F::float(Wide(xs)).0
    }
}

macro_rules! one_by_one {
    ($($name:ident($($other:ident)*);)*) => {$(
        #[cfg_attr(not(debug_assertions), inline(always))]
        fn $name(mut self $(, $other: Self)*) -> Self {
            each!(C, i => self.0[i] = self.0[i].$name($($other.0[i]),*));
            self
        }
    )*};
}

impl<V: Float, const C: usize> Float for Wide<V, C> {
    type Mask = [V::Mask; C];
    const TABLES: bool = V::TABLES;
    const FUSED: bool = V::FUSED;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn gt(self, other: Self) -> Self::Mask {
        let mut mask = [self.0[0].gt(other.0[0]); C];
        each!(C, i => if i > 0 { mask[i] = self.0[i].gt(other.0[i]) });
        mask
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn ge(self, other: Self) -> Self::Mask {
        let mut mask = [self.0[0].ge(other.0[0]); C];
        each!(C, i => if i > 0 { mask[i] = self.0[i].ge(other.0[i]) });
        mask
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn ne(self, other: Self) -> Self::Mask {
        let mut mask = [self.0[0].ne(other.0[0]); C];
        each!(C, i => if i > 0 { mask[i] = self.0[i].ne(other.0[i]) });
        mask
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn any(mask: Self::Mask) -> bool {
        let mut any = V::any(mask[0]);
        each!(C, i => if i > 0 { any |= V::any(mask[i]) });
        any
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn choose(mask: Self::Mask, mut x: Self, y: Self) -> Self {
        each!(C, i => x.0[i] = V::choose(mask[i], x.0[i], y.0[i]));
        x
    }
    one_by_one! {
        at_least(low);
        at_most(high);
        root();
        and(other);
        without(other);
        or(other);
        xor(other);
        add_bits(other);
        to_exponent();
        of_exponent();
        scale_normal(n t);
        scale(n t);
        scale_floor(m);
        mend_ln(x);
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn look_up(mut self, table: &'static [V::Scalar; 16]) -> Self {
        each!(C, i => self.0[i] = self.0[i].look_up(table));
        self
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn power(n: Self, t: Self) -> Self {
        let mut x = n;
        each!(C, i => x.0[i] = V::power(n.0[i], t.0[i]));
        x
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn in_step(self) -> Self {
        Wide(V::all_in_step(self.0))
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn split(self) -> (Self, Self) {
        let (mut ms, mut ks) = (self, self);
        each!(C, i => (ms.0[i], ks.0[i]) = self.0[i].split());
        (ms, ks)
    }
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn split_normal(self) -> (Self, Self) {
        let (mut ms, mut ks) = (self, self);
        each!(C, i => (ms.0[i], ks.0[i]) = self.0[i].split_normal());
        (ms, ks)
    }
}
