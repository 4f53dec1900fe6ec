//! What a program is given beside its sources: how long dimensions are, and what its `const`s, random numbers and
//! foreign ops are.

use super::array::Array;
use crate::number::Num;
use crate::shape::Dim;
use crate::text::read;
use crate::typed::Typed;
use pullback_core::Real;
use pullback_core::check::{Gf, Rng64};
use rustc_hash::FxHashMap;
use std::cell::Cell;
use std::hash::{BuildHasher, BuildHasherDefault};

/// The world of a run.
pub struct World {
    pub batch: usize,
    /// What the `const`s are, by what the generated code calls them.
    consts: FxHashMap<String, f64>,
    /// Whether some greatest value was that of several arguments.
    pub ties: Cell<bool>,
}

impl World {
    /// One for a model; `known` says what the names are that its `const`s have in the source.
    pub fn new(typed: &Typed, batch: usize, known: &dyn Fn(&str) -> Option<f64>) -> World {
        let consts = typed.consts.iter().map(|c| {
            let value = known(&c.text).unwrap_or_else(|| panic!("what is `{}`?", c.text));
            (c.code.clone(), value)
        });
        World { batch, consts: consts.collect(), ties: Cell::new(false) }
    }

    pub fn dim(&self, dim: &Dim) -> usize {
        self.dim_with(dim, &|_| None)
    }

    /// A dimension in which there may be names that only the caller knows.
    pub fn dim_with(&self, dim: &Dim, known: &dyn Fn(&str) -> Option<i64>) -> usize {
        let named = |code: &str| known(code).unwrap_or_else(|| self.named(code));
        let value = dim.value(self.batch as i64, &named);
        usize::try_from(value).unwrap_or_else(|_| panic!("`{dim}` is {value}"))
    }

    pub fn shape(&self, shape: &[Dim]) -> Vec<usize> {
        shape.iter().map(|dim| self.dim(dim)).collect()
    }

    fn named(&self, code: &str) -> i64 {
        if let Some(value) = self.consts.get(code) {
            return *value as i64;
        }
        // `block` of the runtime: how many queries attention takes at once.
        let of = code.strip_prefix("__pb::block(").and_then(|rest| rest.strip_suffix(')'));
        let Some(of) = of else { panic!("what is `{code}`?") };
        let mut parts = of.rsplitn(3, ", ");
        let mut part =
            || self.dim(&read::dim(parts.next().unwrap_or_default()).expect("a dimension"));
        let (block, most, queries) = (part(), part(), part());
        (if queries <= most { queries } else { block }) as i64
    }

    pub fn num<T: Real>(&self, num: &Num) -> T {
        match num {
            Num::Ratio(p, q) => T::constant(num.approx().expect("a known number"), *p, *q),
            Num::Inverse(dim) => T::ONE / T::from_f64(self.dim(dim) as f64),
            Num::Named { code, .. } => T::from_f64(self.consts[&**code]),
            Num::Call(prim, args) => {
                let args: Vec<T> = args.iter().map(|arg| self.num(arg)).collect();
                super::function(*prim)(&args)
            }
        }
    }

    /// Random numbers in [0, 1) that depend on the place, the steps of the loops around it and the element.
    pub fn random<T: Real>(&self, site: usize, steps: &[usize], shape: &[usize]) -> Array<T> {
        let each: usize = shape[1..].iter().product();
        let number =
            |at: usize| T::from_f64(mixed(&(site, steps, at / each, at % each)).unit_f64());
        Array { shape: shape.to_vec(), data: (0..shape[0] * each).map(number).collect() }
    }

    /// A foreign op and its derivatives, sample by sample: `y_j = Σᵢ (a + b · x_i) · x_i` with pseudo-random `a` and `b`.
    pub fn custom<T: Real>(&self, op: usize, x: &Array<T>, shape: &[usize]) -> Array<T> {
        of_samples(op, x, shape, |x, [a, b]| (a + b * x) * x)
    }

    /// `Df(x)·dx`
    pub fn custom_jvp<T: Real>(
        &self,
        op: usize,
        x: &Array<T>,
        dx: &Array<T>,
        shape: &[usize],
    ) -> Array<T> {
        let both = Array {
            shape: x.shape.clone(),
            data: x.data.iter().copied().zip(dx.data.iter().copied()).collect(),
        };
        of_samples(op, &both, shape, |(x, dx), [a, b]| (a + b * x + b * x) * dx)
    }

    /// `Df(x)ᵀ·ȳ`
    pub fn custom_vjp<T: Real>(&self, op: usize, x: &Array<T>, y_bar: &Array<T>) -> Array<T> {
        let (of_x, of_y) = (x.data.len() / self.batch, y_bar.data.len() / self.batch);
        let mut x_bar = x.clone();
        for (i, x_bar) in x_bar.data.iter_mut().enumerate() {
            let (sample, x) = (i / of_x, *x_bar);
            *x_bar = (0..of_y).fold(T::ZERO, |sum, j| {
                let [a, b] = coefficients::<T>(op, i % of_x, j);
                sum + (a + b * x + b * x) * y_bar.data[sample * of_y + j]
            });
        }
        x_bar
    }
}

fn of_samples<T: Real, X: Copy>(
    op: usize,
    x: &Array<X>,
    shape: &[usize],
    term: impl Fn(X, [T; 2]) -> T,
) -> Array<T> {
    let (batch, of_y) = (shape[0], shape[1..].iter().product::<usize>());
    let of_x = x.data.len() / batch;
    let y = |at: usize| {
        let (sample, j) = (at / of_y, at % of_y);
        let xs = &x.data[sample * of_x..][..of_x];
        let terms = xs.iter().enumerate().map(|(i, x)| term(*x, coefficients(op, i, j)));
        terms.fold(T::ZERO, |sum, term| sum + term)
    };
    Array { shape: shape.to_vec(), data: (0..batch * of_y).map(y).collect() }
}

fn coefficients<T: Real>(op: usize, i: usize, j: usize) -> [T; 2] {
    let mut rng = mixed(&(op, i, j));
    [(); 2].map(|()| T::from_f64(rng.unit_f64() - 0.5))
}

/// A source of random numbers that something determines.
pub fn mixed(of: &impl std::hash::Hash) -> Rng64 {
    Rng64::new(BuildHasherDefault::<rustc_hash::FxHasher>::default().hash_one(of))
}

/// Numbers that tests draw.
pub trait Draw: Real {
    fn draw(rng: &mut Rng64) -> Self;
    /// A number of either sign, where there are signs.
    fn draw_signed(rng: &mut Rng64) -> Self {
        Self::draw(rng)
    }
}

impl Draw for Gf {
    fn draw(rng: &mut Rng64) -> Gf {
        Gf::new(rng.next_u64())
    }
}

impl Draw for f64 {
    /// Positive, so that logarithms and roots exist.
    fn draw(rng: &mut Rng64) -> f64 {
        0.1 + rng.unit_f64()
    }

    fn draw_signed(rng: &mut Rng64) -> f64 {
        let sign = if rng.next_u64().is_multiple_of(2) { 1.0 } else { -1.0 };
        sign * f64::draw(rng)
    }
}
