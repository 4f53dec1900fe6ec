//! Arrays as they begin.

use super::Model;
use crate::flat::{self, Block, Boxed};
use crate::info::{Init, ParamInfo};
use crate::random::Generator;
use crate::scalar::Scalar;

impl Init {
    /// Element `i` of an array.
    fn draw(self, i: usize, bits: &mut impl FnMut() -> u64) -> f64 {
        // 53 random bits make a uniform number in [0, 1).
        let mut unit = || (bits() >> 11) as f64 / (1u64 << 53) as f64;
        match self {
            Init::FanIn(fan_in) => (2.0 * unit() - 1.0) / (fan_in as f64).sqrt(),
            Init::Glorot(fan_in, fan_out) => {
                (2.0 * unit() - 1.0) * (6.0 / (fan_in + fan_out) as f64).sqrt()
            }
            Init::Constant(x) => x,
            // Nothing to be drawn: `start` knows the last array.
            Init::NormsOfLast { .. } => 0.0,
            Init::Normal { zeros: [start, end], .. } if (start..end).contains(&i) => 0.0,
            // Box and Muller 1958.
            Init::Normal { mean, std, .. } => {
                let radius = (-2.0 * (1.0 - unit()).ln()).sqrt();
                mean + std * radius * (core::f64::consts::TAU * unit()).cos()
            }
        }
    }
}

/// A model with PyTorch's default initialisation: see [`Init`].
pub fn init<M: Model>(rng: &mut (impl Generator + ?Sized)) -> Boxed<M> {
    start(M::PARAM_INFO, || rng.next_u64())
}

/// Arrays as they begin.
#[doc(hidden)]
pub fn start<B: Block>(infos: &[ParamInfo], mut bits: impl FnMut() -> u64) -> Boxed<B> {
    let mut at = 0;
    let mut squares = Vec::new();
    flat::boxed(|i| {
        while infos.get(at).is_some_and(|info| i >= info.start + info.len()) {
            at += 1;
        }
        let Some(info) = infos.get(at) else { return B::Scalar::ZERO };
        let i = i - info.start;
        if let Init::NormsOfLast { .. } = info.init {
            return B::Scalar::from_f64(squares.get(i).map_or(0.0, |sum: &f64| sum.sqrt()));
        }
        let x = info.init.draw(i, &mut bits);
        if let Some(Init::NormsOfLast { axis }) = infos.get(at + 1).map(|next| next.init) {
            if i == 0 {
                squares = vec![0.0; info.shape[axis]];
            }
            let inner: usize = info.shape[axis + 1..].iter().product();
            squares[i / inner % info.shape[axis]] += x * x;
        }
        B::Scalar::from_f64(x)
    })
}
