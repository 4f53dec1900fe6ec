//! An MLP 8-64-64-4 with tanh, for one sample: its output, its gradient, its tangent.
//!
//! There is nothing to arrange but the parameters: every sum of a layer is a lane of eight registers, and
//! all lies in the first-level cache.

use super::vectors::{LANES, Vectors, load, splat, sums_of_lanes};
use std::array;

const IN: usize = 8;
const HIDDEN: usize = 64;
const OUT: usize = 4;
/// Registers of a hidden layer.
const WIDE: usize = HIDDEN / LANES;

/// The parameters, or their gradient.
#[repr(C, align(64))]
pub(crate) struct Policy {
    pub(crate) weight1: [[f32; HIDDEN]; IN],
    pub(crate) weight2: [[f32; HIDDEN]; HIDDEN],
    /// A row for each output: its sums run over lanes.
    pub(crate) weight3: [[f32; HIDDEN]; OUT],
    pub(crate) bias1: [f32; HIDDEN],
    pub(crate) bias2: [f32; HIDDEN],
    pub(crate) bias3: [f32; OUT],
}

/// The numbers of a hidden layer, in memory, from where they are broadcast.
#[repr(align(64))]
struct Hidden([f32; HIDDEN]);

impl Hidden {
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    fn of(x: Vectors<WIDE>) -> Hidden {
        let mut hidden = Hidden([0.0; HIDDEN]);
        x.store(&mut hidden.0, 0);
        hidden
    }
}

/// `x · weight + sums`
#[target_feature(enable = "avx2,fma")]
#[inline]
fn layer<const I: usize, const N: usize>(
    x: &[f32; I],
    weight: &[[f32; HIDDEN]; I],
    mut sums: Vectors<N>,
    at: usize,
) -> Vectors<N> {
    for (x, row) in x.iter().zip(weight) {
        sums = splat(*x).fma(load(row, at), sums);
    }
    sums
}

/// In halves, whose chains fill the processor, and whose numbers fit into its registers.
#[target_feature(enable = "avx2,fma")]
#[inline]
fn tanh(x: Vectors<WIDE>) -> Vectors<WIDE> {
    let half = |from: usize| Vectors::<{ WIDE / 2 }>(array::from_fn(|i| x.0[from + i])).tanh();
    let (left, right) = (half(0), half(WIDE / 2));
    Vectors(array::from_fn(|i| if i < WIDE / 2 { left.0[i] } else { right.0[i - WIDE / 2] }))
}

/// The last layer, without its bias.
#[target_feature(enable = "avx2,fma")]
#[inline]
fn last(x: Vectors<WIDE>, weight: &[[f32; HIDDEN]; OUT]) -> [f32; OUT] {
    // Two sums for each output.
    let parts = array::from_fn(|i| {
        let (row, from) = (&weight[i % OUT], i / OUT);
        let mut sum = splat::<1>(0.0);
        for j in (from..WIDE).step_by(2) {
            sum = Vectors([x.0[j]]).fma(load(row, j * LANES), sum);
        }
        sum.0[0]
    });
    let mut sums = [0.0; LANES];
    Vectors([sums_of_lanes(parts)]).store(&mut sums, 0);
    array::from_fn(|i| sums[i] + sums[OUT + i])
}

/// `outer = x · y`, and `weight · y` for eight rows.
#[target_feature(enable = "avx2,fma")]
#[inline]
fn back(
    x: &[f32],
    y: Vectors<WIDE>,
    weight: &[[f32; HIDDEN]],
    outer: &mut [[f32; HIDDEN]],
) -> Vectors<1> {
    let (x, weight, outer) = (&x[..LANES], &weight[..LANES], &mut outer[..LANES]);
    let sums = array::from_fn(|row| {
        splat::<WIDE>(x[row]).times(y).store(&mut outer[row], 0);
        let mut sums = [splat::<1>(0.0); 2];
        for i in 0..WIDE {
            let weight = load::<1>(&weight[row], i * LANES);
            sums[i % 2] = Vectors([y.0[i]]).fma(weight, sums[i % 2]);
        }
        sums[0].plus(sums[1]).0[0]
    });
    Vectors([sums_of_lanes(sums)])
}

impl Policy {
    /// The hidden layers.
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    fn hidden(&self, x: &[f32; IN]) -> (Hidden, Vectors<WIDE>) {
        let first = Hidden::of(tanh(layer(x, &self.weight1, load(&self.bias1, 0), 0)));
        let second = tanh(layer(&first.0, &self.weight2, load(&self.bias2, 0), 0));
        (first, second)
    }

    #[target_feature(enable = "avx2,fma")]
    #[inline]
    fn output(&self, second: Vectors<WIDE>) -> [f32; OUT] {
        let sums = last(second, &self.weight3);
        array::from_fn(|i| self.bias3[i] + sums[i])
    }

    #[target_feature(enable = "avx2,fma")]
    pub(crate) fn forward(&self, x: &[f32; IN]) -> [f32; OUT] {
        self.output(self.hidden(x).1)
    }

    /// The output and its tangent along `dx`.
    #[target_feature(enable = "avx2,fma")]
    pub(crate) fn jvp(&self, x: &[f32; IN], dx: &[f32; IN]) -> ([f32; OUT], [f32; OUT]) {
        // Primal and tangent share the loads of the weights: half of the columns at a time, for registers.
        const HALF: usize = WIDE / 2;
        let (mut first, mut tangent) = (Hidden([0.0; HIDDEN]), Hidden([0.0; HIDDEN]));
        for at in [0, HIDDEN / 2] {
            let (mut a, mut da) = (load::<HALF>(&self.bias1, at), splat(0.0));
            for (i, row) in self.weight1.iter().enumerate() {
                let row = load(row, at);
                (a, da) = (splat(x[i]).fma(row, a), splat(dx[i]).fma(row, da));
            }
            let a = a.tanh();
            a.store(&mut first.0, at);
            a.tanh_slope().times(da).store(&mut tangent.0, at);
        }
        let (mut second, mut second_tangent) = (splat::<WIDE>(0.0), splat::<WIDE>(0.0));
        for half in 0..2 {
            let at = half * HIDDEN / 2;
            let (mut b, mut db) = (load::<HALF>(&self.bias2, at), splat(0.0));
            for (i, row) in self.weight2.iter().enumerate() {
                let row = load(row, at);
                (b, db) = (splat(first.0[i]).fma(row, b), splat(tangent.0[i]).fma(row, db));
            }
            let b = b.tanh();
            let db = b.tanh_slope().times(db);
            second.0[half * HALF..][..HALF].copy_from_slice(&b.0);
            second_tangent.0[half * HALF..][..HALF].copy_from_slice(&db.0);
        }
        (self.output(second), last(second_tangent, &self.weight3))
    }

    /// The output, and the cotangents of parameters and input along `c`.
    #[target_feature(enable = "avx2,fma")]
    pub(crate) fn vjp(
        &self,
        x: &[f32; IN],
        c: &[f32; OUT],
        gradient: &mut Policy,
        x_bar: &mut [f32; IN],
    ) -> [f32; OUT] {
        let (first, second) = self.hidden(x);
        let y = self.output(second);
        gradient.bias3 = *c;
        let mut bar = splat::<WIDE>(0.0);
        for (o, c) in c.iter().enumerate() {
            let c = splat::<WIDE>(*c);
            c.times(second).store(&mut gradient.weight3[o], 0);
            bar = c.fma(load(&self.weight3[o], 0), bar);
        }
        let bar = bar.times(second.tanh_slope());
        bar.store(&mut gradient.bias2, 0);
        for row in (0..HIDDEN).step_by(LANES) {
            let (weight, outer) = (&self.weight2[row..], &mut gradient.weight2[row..]);
            let sums = back(&first.0[row..], bar, weight, outer);
            let slope = load::<1>(&first.0, row).tanh_slope();
            sums.times(slope).store(&mut gradient.bias1, row);
        }
        let bar = load(&gradient.bias1, 0);
        back(x, bar, &self.weight1, &mut gradient.weight1).store(x_bar, 0);
        y
    }
}
