//! An MLP 784-256-128-10 with relu, for a batch: its logits, and a step of gradient descent.
//!
//! The matrices are kept in panels. A step changes each of them where a tile of its gradient is finished, so
//! that the gradient is nowhere in memory.

use super::gemm::{COLUMNS, Left, Line, Right, Scratch, Sizes};
use super::gemm::{load_two, product, store_two};
use super::vectors::{LANES, Vectors, splat, transposed};
use std::arch::x86_64::*;

pub(crate) const IN: usize = 784;
pub(crate) const FIRST: usize = 256;
pub(crate) const SECOND: usize = 128;
pub(crate) const CLASSES: usize = 10;

/// A layer: its matrix in panels, each with a line for every input; and its bias.
pub(crate) struct Layer {
    weight: Vec<Line>,
    bias: Vec<Line>,
    inputs: usize,
    outputs: usize,
}

impl Layer {
    /// From a matrix in rows, one for each input.
    pub(crate) fn new(weight: &[f32], bias: &[f32]) -> Layer {
        let (outputs, inputs) = (bias.len(), weight.len() / bias.len());
        let mut panels = vec![];
        for column in (0..outputs).step_by(COLUMNS) {
            let end = outputs.min(column + COLUMNS);
            panels.extend(weight.chunks_exact(outputs).map(|row| Line::of(&row[column..end])));
        }
        let bias = bias.chunks(COLUMNS).map(Line::of).collect();
        Layer { weight: panels, bias, inputs, outputs }
    }

    /// The matrix in rows.
    pub(crate) fn weight(&self) -> Vec<f32> {
        let row = |i: usize| {
            let line = move |o: usize| self.weight[o / COLUMNS * self.inputs + i].0[o % COLUMNS];
            (0..self.outputs).map(line)
        };
        (0..self.inputs).flat_map(row).collect()
    }

    pub(crate) fn bias(&self) -> &[f32] {
        let lines = self.bias.as_ptr().cast();
        // SAFETY: a line is nothing but its columns.
        let all = unsafe { std::slice::from_raw_parts(lines, self.bias.len() * COLUMNS) };
        &all[..self.outputs]
    }

    fn panels(&self) -> usize {
        self.bias.len()
    }

    fn sizes(&self, rows: usize) -> Sizes {
        Sizes { rows, panels: self.panels(), steps: self.inputs, group: 1 }
    }

    /// Calls `put` with every row of the output, panel by panel.
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    fn forward(
        &self,
        x: &[f32],
        scratch: &mut Scratch,
        mut put: impl FnMut(usize, usize, [__m256; 2]),
    ) {
        let Layer { weight, bias, inputs, .. } = self;
        let left = |row, block: std::ops::Range<usize>| Left {
            data: &x[row * inputs + block.start..],
            row: *inputs,
            step: 1,
        };
        let sizes = self.sizes(x.len() / inputs);
        product(sizes, scratch, left, Right::Panels(weight), |row, panel, tile| {
            let bias = bias[panel].load();
            for (r, line) in tile.iter().enumerate() {
                let [a, b] = line.load();
                put(row + r, panel, [_mm256_add_ps(a, bias[0]), _mm256_add_ps(b, bias[1])]);
            }
        });
    }

    /// The matrix turned: panels of inputs, each with a line for every output.
    #[target_feature(enable = "avx2,fma")]
    fn turned(&self, to: &mut Vec<Line>) {
        to.resize(self.inputs / COLUMNS * self.outputs, Line::ZERO);
        for (panel, lines) in self.weight.chunks_exact(self.inputs).enumerate() {
            for (i, lines) in lines.chunks_exact(COLUMNS).enumerate() {
                let outputs = (self.outputs - panel * COLUMNS).min(COLUMNS);
                let to = &mut to[i * self.outputs + panel * COLUMNS..][..outputs];
                for half in 0..2 {
                    let eight = |from: usize| {
                        transposed(std::array::from_fn(|r| lines[from + r].load()[half]))
                    };
                    let (left, right) = (eight(0), eight(LANES));
                    let to = to.iter_mut().skip(half * LANES);
                    for ((to, left), right) in to.zip(left).zip(right) {
                        to.store([left, right]);
                    }
                }
            }
        }
    }

    /// Descends along the gradient from the input and the cotangent of the output, in panels with a line for
    /// every sample, and the sum of that.
    #[target_feature(enable = "avx2,fma")]
    #[inline]
    fn descend(&mut self, x: &[f32], bar: &[Line], sum: &[Line], rate: f32, scratch: &mut Scratch) {
        let (inputs, steps) = (self.inputs, x.len() / self.inputs);
        let panels = self.panels();
        let Layer { weight, bias, .. } = self;
        let rate = _mm256_set1_ps(rate);
        let less = |line: &mut Line, by: &Line| {
            let ([a, b], [da, db]) = (line.load(), by.load());
            line.store([_mm256_fnmadd_ps(rate, da, a), _mm256_fnmadd_ps(rate, db, b)]);
        };
        let sizes = Sizes { rows: inputs, panels, steps, group: 1 };
        let left = |row: usize, _| Left { data: &x[row..], row: 1, step: inputs };
        product(sizes, scratch, left, Right::Panels(bar), |row, panel, tile| {
            let weight = &mut weight[panel * inputs + row..][..tile.len()];
            for (line, by) in weight.iter_mut().zip(tile) {
                less(line, by);
            }
        });
        for (line, by) in bias.iter_mut().zip(sum) {
            less(line, by);
        }
    }
}

/// The network, and what lies between its layers.
pub(crate) struct Digits {
    pub(crate) first: Layer,
    pub(crate) second: Layer,
    pub(crate) third: Layer,
    scratch: Scratch,
    /// Values of the hidden layers, in rows.
    a: Vec<f32>,
    b: Vec<f32>,
    /// The logits, or their cotangent.
    y: Vec<Line>,
    /// Cotangents of what the layers return, in panels, and their sums over samples.
    a_bar: Vec<Line>,
    b_bar: Vec<Line>,
    sums: [Vec<Line>; 3],
    /// That of the second layer in rows, too.
    b_bar_rows: Vec<f32>,
    turned: Vec<Line>,
}

impl Digits {
    pub(crate) fn new([first, second, third]: [Layer; 3]) -> Digits {
        let sums = [&first, &second, &third].map(|layer| vec![Line::ZERO; layer.panels()]);
        Digits {
            first,
            second,
            third,
            scratch: Scratch::default(),
            a: vec![],
            b: vec![],
            y: vec![],
            a_bar: vec![],
            b_bar: vec![],
            sums,
            b_bar_rows: vec![],
            turned: vec![],
        }
    }

    /// The logits of all samples, in lines.
    #[target_feature(enable = "avx2,fma")]
    pub(crate) fn forward(&mut self, x: &[f32]) -> &[Line] {
        let Digits { first, second, third, scratch, a, b, y, .. } = self;
        let batch = x.len() / IN;
        a.resize(batch * FIRST, 0.0);
        b.resize(batch * SECOND, 0.0);
        y.resize(batch, Line::ZERO);
        let zero = _mm256_setzero_ps();
        let relu = |x: [__m256; 2]| x.map(|x| _mm256_max_ps(x, zero));
        first.forward(x, scratch, |row, panel, z| {
            store_two(a, row * FIRST + panel * COLUMNS, relu(z));
        });
        second.forward(a, scratch, |row, panel, z| {
            store_two(b, row * SECOND + panel * COLUMNS, relu(z));
        });
        third.forward(b, scratch, |row, _, z| y[row].store(z));
        y
    }

    /// The mean cross-entropy, after which the network has descended by `rate` along its gradient.
    #[target_feature(enable = "avx2,fma")]
    pub(crate) fn step(&mut self, x: &[f32], labels: &[usize], rate: f32) -> f32 {
        self.forward(x);
        let Digits { first, second, third, scratch, a, b, y, .. } = self;
        let Digits { a_bar, b_bar, sums, b_bar_rows, turned, .. } = self;
        let batch = labels.len();
        a_bar.resize(batch * FIRST / COLUMNS, Line::ZERO);
        b_bar.resize(batch * SECOND / COLUMNS, Line::ZERO);
        b_bar_rows.resize(batch * SECOND, 0.0);
        for line in sums.iter_mut().flatten() {
            *line = Line::ZERO;
        }
        let loss = cross_entropy(y, labels, &mut sums[2][0]);

        third.turned(turned);
        let (rows, steps) = (batch, CLASSES);
        let left = |row: usize, _| Left { data: &flat(y)[row * COLUMNS..], row: COLUMNS, step: 1 };
        let sizes = Sizes { rows, panels: SECOND / COLUMNS, steps, group: 1 };
        product(sizes, scratch, left, Right::Panels(turned), |row, panel, tile| {
            let at = |r: usize| (row + r) * SECOND + panel * COLUMNS;
            let mut sum = sums[1][panel].load();
            for (r, line) in tile.iter().enumerate() {
                let bar = masked(line.load(), load_two(b, at(r)));
                store_two(b_bar_rows, at(r), bar);
                b_bar[panel * batch + row + r].store(bar);
                sum = [_mm256_add_ps(sum[0], bar[0]), _mm256_add_ps(sum[1], bar[1])];
            }
            sums[1][panel].store(sum);
        });
        third.descend(b, y, &sums[2], rate, scratch);

        second.turned(turned);
        let left = |row: usize, _| Left { data: &b_bar_rows[row * SECOND..], row: SECOND, step: 1 };
        let sizes = Sizes { rows, panels: FIRST / COLUMNS, steps: SECOND, group: 1 };
        product(sizes, scratch, left, Right::Panels(turned), |row, panel, tile| {
            let mut sum = sums[0][panel].load();
            for (r, line) in tile.iter().enumerate() {
                let at = (row + r) * FIRST + panel * COLUMNS;
                let bar = masked(line.load(), load_two(a, at));
                a_bar[panel * batch + row + r].store(bar);
                sum = [_mm256_add_ps(sum[0], bar[0]), _mm256_add_ps(sum[1], bar[1])];
            }
            sums[0][panel].store(sum);
        });
        second.descend(a, b_bar, &sums[1], rate, scratch);
        first.descend(x, a_bar, &sums[0], rate, scratch);
        loss
    }
}

/// The elements of lines, one line after the other.
pub(crate) fn flat(lines: &[Line]) -> &[f32] {
    // SAFETY: a line is nothing but its columns.
    unsafe { std::slice::from_raw_parts(lines.as_ptr().cast(), lines.len() * COLUMNS) }
}

/// A cotangent where relu gave a positive number, and else 0.
#[target_feature(enable = "avx2,fma")]
#[inline]
fn masked(bar: [__m256; 2], value: [__m256; 2]) -> [__m256; 2] {
    let zero = _mm256_setzero_ps();
    std::array::from_fn(|i| _mm256_and_ps(bar[i], _mm256_cmp_ps::<_CMP_GT_OQ>(value[i], zero)))
}

/// The mean cross-entropy of logits, which become their cotangents, and the sum of those.
#[target_feature(enable = "avx2,fma")]
fn cross_entropy(y: &mut [Line], labels: &[usize], sum: &mut Line) -> f32 {
    let share = 1.0 / labels.len() as f32;
    let is_class =
        Line(std::array::from_fn(|i| if i < CLASSES { f32::from_bits(!0) } else { 0.0 }));
    let is_class = is_class.load();
    let (mut loss, mut total) = (0.0, splat::<2>(0.0));
    for (line, label) in y.iter_mut().zip(labels) {
        let max =
            line.0[..CLASSES].iter().fold(line.0[0], |max, x| if *x > max { *x } else { max });
        let exp = Vectors(line.load()).minus(splat(max)).exp();
        let exp = [_mm256_and_ps(exp.0[0], is_class[0]), _mm256_and_ps(exp.0[1], is_class[1])];
        let at_label = line.0[*label];
        let lanes = _mm256_add_ps(exp[0], exp[1]);
        let lanes = _mm_add_ps(_mm256_castps256_ps128(lanes), _mm256_extractf128_ps::<1>(lanes));
        let lanes = _mm_add_ps(lanes, _mm_movehl_ps(lanes, lanes));
        let sum = _mm_cvtss_f32(_mm_add_ss(lanes, _mm_movehdup_ps(lanes)));
        loss += sum.ln() + max - at_label;
        Vectors(exp).times(splat(share / sum)).store(&mut line.0, 0);
        line.0[*label] -= share;
        total = total.plus(Vectors(line.load()));
    }
    sum.store(total.0);
    loss * share
}
