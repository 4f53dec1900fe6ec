//! `gelu_tanh(x W + b)` for a batch, and its gradient.

use super::gemm::{COLUMNS, Left, Line, ROWS, Right, Scratch, Sizes};
use super::gemm::{in_sixes, load_two, product, sixes, store_two};
use super::vectors::Vectors;
use std::arch::x86_64::*;

pub(crate) const WIDTH: usize = 1024;
const PANELS: usize = WIDTH / COLUMNS;
/// Rows of the gradient of the matrix that are computed together: with their part of the input in the
/// second-level cache.
const GROUP: usize = 35 * ROWS;

/// The layer by hand. What it is called with and what it returns are in rows; everything is copied to another
/// order inside of a call.
pub(crate) struct Layer {
    pub(crate) weight: Vec<f32>,
    pub(crate) bias: Vec<f32>,
    scratch: Scratch,
    /// Samples in panels of six rows.
    samples: Vec<f32>,
    /// The cotangent of what the linear layer returns, in rows, and in panels of columns.
    z_bar: Vec<f32>,
    z_bar_panels: Vec<Line>,
    /// Part of the samples turned, in panels of six features.
    features: Vec<f32>,
}

/// What the gradient is written to.
pub(crate) struct Gradient {
    pub(crate) weight: Vec<f32>,
    pub(crate) bias: Vec<f32>,
    pub(crate) x: Vec<f32>,
}

impl Layer {
    pub(crate) fn new(weight: Vec<f32>, bias: Vec<f32>) -> Layer {
        Layer {
            weight,
            bias,
            scratch: Scratch::default(),
            samples: vec![],
            z_bar: vec![],
            z_bar_panels: vec![],
            features: vec![],
        }
    }

    #[target_feature(enable = "avx2,fma")]
    pub(crate) fn forward(&mut self, x: &[f32], y: &mut [f32]) {
        let Layer { weight, bias, scratch, samples, .. } = self;
        let rows = x.len() / WIDTH;
        let sizes = Sizes { rows, panels: PANELS, steps: WIDTH, group: PANELS };
        sixes(x, rows, WIDTH, samples);
        let left =
            |row, block| Left { data: &samples[in_sixes(rows, row, &block)..], row: 1, step: ROWS };
        product(sizes, scratch, left, Right::Rows(weight, WIDTH), |row, panel, tile| {
            let bias = load_two(bias, panel * COLUMNS);
            in_fours(tile, bias, |at, z, ways| {
                put(y, row, panel, at, ways, z.gelu_tanh());
            });
        });
    }

    #[target_feature(enable = "avx2,fma")]
    pub(crate) fn vjp(&mut self, x: &[f32], c: &[f32], y: &mut [f32], gradient: &mut Gradient) {
        let Layer { weight, bias, scratch, samples, z_bar, z_bar_panels, features } = self;
        let rows = x.len() / WIDTH;
        let sizes = Sizes { rows, panels: PANELS, steps: WIDTH, group: PANELS };
        sixes(x, rows, WIDTH, samples);
        let Gradient { weight: weight_bar, bias: bias_bar, x: x_bar } = gradient;
        bias_bar.fill(0.0);
        z_bar.resize(x.len(), 0.0);
        z_bar_panels.resize(rows * PANELS, Line::ZERO);
        let left =
            |row, block| Left { data: &samples[in_sixes(rows, row, &block)..], row: 1, step: ROWS };
        product(sizes, scratch, left, Right::Rows(weight, WIDTH), |row, panel, tile| {
            let column = panel * COLUMNS;
            let bias = load_two(bias, column);
            let mut sums = load_two(bias_bar, column);
            in_fours(tile, bias, |at, z, ways| {
                let c = Vectors(std::array::from_fn(|i| {
                    if i < 2 * ways {
                        load_two(c, (row + at + i / 2) * WIDTH + column)[i % 2]
                    } else {
                        z.0[i]
                    }
                }));
                let (value, slope) = z.gelu_tanh_and_slope();
                let cotangent = c.times(slope);
                put(y, row, panel, at, ways, value);
                put(z_bar, row, panel, at, ways, cotangent);
                for i in 0..ways {
                    let pair = [cotangent.0[2 * i], cotangent.0[2 * i + 1]];
                    z_bar_panels[panel * rows + row + at + i].store(pair);
                    sums = [_mm256_add_ps(sums[0], pair[0]), _mm256_add_ps(sums[1], pair[1])];
                }
            });
            store_two(bias_bar, column, sums);
        });

        sixes(z_bar, rows, WIDTH, samples);
        let left =
            |row, block| Left { data: &samples[in_sixes(rows, row, &block)..], row: 1, step: ROWS };
        product(sizes, scratch, left, Right::Columns(weight, WIDTH), |row, panel, tile| {
            for (r, line) in tile.iter().enumerate() {
                store_two(x_bar, (row + r) * WIDTH + panel * COLUMNS, line.load());
            }
        });

        for first in (0..WIDTH).step_by(GROUP) {
            let group = GROUP.min(WIDTH - first);
            let sizes = Sizes { rows: group, panels: PANELS, steps: rows, group: PANELS };
            turned_sixes(x, first, group, features);
            let left = |row, _| Left { data: &features[row * rows..], row: 1, step: ROWS };
            product(sizes, scratch, left, Right::Panels(z_bar_panels), |row, panel, tile| {
                for (r, line) in tile.iter().enumerate() {
                    let at = (first + row + r) * WIDTH + panel * COLUMNS;
                    store_two(weight_bar, at, line.load());
                }
            });
        }
    }
}

/// Calls `f` with two rows of a tile at a time, four registers, after the bias was added: with the first of them
/// and how many there are.
#[target_feature(enable = "avx2,fma")]
#[inline]
fn in_fours(tile: &[Line], bias: [__m256; 2], mut f: impl FnMut(usize, Vectors<4>, usize)) {
    for (i, lines) in tile.chunks(2).enumerate() {
        let [a, b] = lines[0].load();
        let [c, d] = lines[lines.len() - 1].load();
        let z = Vectors([a, b, c, d]).plus(Vectors([bias[0], bias[1], bias[0], bias[1]]));
        f(2 * i, z, lines.len());
    }
}

/// Two rows of a tile, or one, to where they belong.
#[target_feature(enable = "avx2,fma")]
#[inline]
fn put(to: &mut [f32], row: usize, panel: usize, at: usize, rows: usize, x: Vectors<4>) {
    let [a, b, c, d] = x.0;
    store_two(to, (row + at) * WIDTH + panel * COLUMNS, [a, b]);
    if rows == 2 {
        store_two(to, (row + at + 1) * WIDTH + panel * COLUMNS, [c, d]);
    }
}

/// Some features of all samples, in panels of six, with the samples one after the other.
#[target_feature(enable = "avx2,fma")]
fn turned_sixes(x: &[f32], first: usize, features: usize, to: &mut Vec<f32>) {
    let samples = x.len() / WIDTH;
    to.resize(features.next_multiple_of(ROWS) * samples + 2, 0.0);
    for (sample, x) in x.chunks_exact(WIDTH).enumerate() {
        for feature in (0..features).step_by(ROWS) {
            let to = &mut to[feature * samples + sample * ROWS..][..ROWS];
            let end = WIDTH.min(first + feature + ROWS);
            let from = &x[first + feature..end];
            if from.len() == ROWS {
                to.copy_from_slice(from);
            } else {
                to[..from.len()].copy_from_slice(from);
            }
        }
    }
}
