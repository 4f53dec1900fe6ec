//! Inputs, and the results of a reference.
//!
//! Where the folder of the peer benchmarks is there, both are PyTorch's, read from files of
//! little-endian `f32`. Otherwise inputs are made from a fixed seed. Matrices are PyTorch's in the
//! files, `[outputs, inputs]`, and the other way round in models.

use crate::float::Float;
use pullback::{Boxed, Index, Model, model};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::path::PathBuf;

/// Where inputs come from.
pub(crate) struct Data {
    folder: Option<PathBuf>,
    few: bool,
}

/// Samples of a batch that is only checked.
const FEW: usize = 2;

impl Data {
    /// The folder `PEERS_DATA`; or else the one where the peer benchmarks keep their data, if it is
    /// there; or else made-up numbers.
    pub(crate) fn find() -> Data {
        let folder = std::env::var_os("PEERS_DATA").map(PathBuf::from).or_else(|| {
            let folder = std::env::home_dir()?.join(".cache/pullback-peers/data");
            folder.is_dir().then_some(folder)
        });
        Data { folder, few: false }
    }

    /// Made-up numbers in small batches, to check and not to time.
    pub(crate) fn few() -> Data {
        Data { folder: None, few: true }
    }

    /// What results in `f32` are compared with.
    pub(crate) fn reference(&self) -> String {
        match &self.folder {
            Some(folder) => format!("PyTorch's in {}", folder.display()),
            None => "those in f64".into(),
        }
    }

    /// The tensors in this part of the folder; made-up ones if it is an older folder without that part.
    pub(crate) fn group(&self, name: &'static str) -> Group {
        let folder = self.folder.as_ref().and_then(|all| {
            let folder = all.join(name);
            // Where nothing is there at all, the folder is a wrong one, and reading it says so.
            (folder.is_dir() || !all.is_dir()).then_some(folder)
        });
        Group { name, folder, few: self.few }
    }

    /// Tensors that the peer benchmarks do not have.
    pub(crate) fn own_group(&self, name: &'static str) -> Group {
        Group { name, folder: None, few: self.few }
    }
}

/// How numbers are distributed that are made up.
#[derive(Clone, Copy)]
pub(crate) enum Fill {
    /// Uniform from −2 to 2
    Wide,
    /// Uniform from 0 to 1
    Unit,
    /// Uniform between ±1/√n, for parameters of a layer of n inputs
    FanIn(usize),
}

/// Tensors that belong together.
pub(crate) struct Group {
    name: &'static str,
    folder: Option<PathBuf>,
    few: bool,
}

impl Group {
    /// How many samples a batch has, which has `full` of them when it is timed.
    pub(crate) fn batch(&self, full: usize) -> usize {
        if self.few { full.min(FEW) } else { full }
    }

    /// A tensor. Its numbers are `f32` even where an `f64` is computed with them.
    pub(crate) fn input<T: Float>(&self, name: &str, len: usize, fill: Fill) -> Vec<T> {
        let numbers = self.read(name, "f32", f32::from_le_bytes).unwrap_or_else(|| {
            let (low, high) = match fill {
                Fill::Wide => (-2.0, 2.0),
                Fill::Unit => (0.0, 1.0),
                Fill::FanIn(n) => (-1.0 / (n as f32).sqrt(), 1.0 / (n as f32).sqrt()),
            };
            let mut rng = self.rng(name);
            (0..len).map(|_| rng.random_range(low..high)).collect()
        });
        assert_eq!(numbers.len(), len, "{}/{name} has another size", self.name);
        numbers.into_iter().map(|x| T::from_f64(f64::from(x))).collect()
    }

    /// A batch of samples of `N` numbers.
    pub(crate) fn samples<T: Float, const N: usize>(
        &self,
        name: &str,
        count: usize,
        fill: Fill,
    ) -> Vec<[T; N]> {
        self.input(name, count * N, fill).as_chunks().0.to_vec()
    }

    /// A matrix of a layer with `I` inputs and `O` outputs.
    pub(crate) fn weight<T: Float, const I: usize, const O: usize>(
        &self,
        name: &str,
    ) -> Vec<[T; O]> {
        let numbers = self.input(name, I * O, Fill::FanIn(I));
        transposed(&numbers, I, O).as_chunks().0.to_vec()
    }

    /// Classes below `N`.
    pub(crate) fn labels<const N: usize>(&self, name: &str, count: usize) -> Vec<Index<N>> {
        let labels = self.read(name, "i32", i32::from_le_bytes).unwrap_or_else(|| {
            let mut rng = self.rng(name);
            (0..count).map(|_| rng.random_range(0..N as i32)).collect()
        });
        assert_eq!(labels.len(), count, "{}/{name} has another size", self.name);
        let index = |label: i32| usize::try_from(label).ok().and_then(|n| Index::new(n).ok());
        labels.into_iter().map(|label| index(label).expect("a label is a class")).collect()
    }

    /// A model whose parameter arrays are the tensors with these names.
    pub(crate) fn network<M: Model<Scalar: Float>>(&self, names: &[&str]) -> Boxed<M> {
        let mut net = model::zeros::<M>();
        assert_eq!(names.len(), M::PARAM_INFO.len(), "a name for each parameter");
        for (info, name) in M::PARAM_INFO.iter().zip(names) {
            // Tables, of an embedding say, are the same way round in PyTorch.
            let table = matches!(info.init, model::Init::Normal { .. });
            let fill = match (info.init, info.shape) {
                (model::Init::FanIn(n), _) => Fill::FanIn(n),
                (_, [_, width]) if table => Fill::FanIn(*width),
                (_, [inputs, _]) => Fill::FanIn(*inputs),
                _ => Fill::Wide,
            };
            let mut numbers = self.input(name, info.len(), fill);
            if let ([inputs, outputs], false) = (info.shape, table) {
                numbers = transposed(&numbers, *inputs, *outputs);
            }
            net.flat_mut()[info.start..][..info.len()].copy_from_slice(&numbers);
        }
        net
    }

    pub(crate) fn has_reference(&self) -> bool {
        self.folder.is_some()
    }

    /// What a reference says that this tensor is.
    ///
    /// # Panics
    /// If there is none.
    pub(crate) fn reference(&self, tensor: &Tensor) -> Vec<f64> {
        let numbers = self.read(&format!("ref_{}", tensor.name), "f32", f32::from_le_bytes);
        let numbers = numbers.expect("there is a reference").into_iter().map(f64::from);
        match tensor.weight_of {
            Some((inputs, outputs)) => transposed(&numbers.collect::<Vec<_>>(), inputs, outputs),
            None => numbers.collect(),
        }
    }

    /// The file `name` as numbers, if the group has files.
    fn read<N>(&self, name: &str, ending: &str, number: fn([u8; 4]) -> N) -> Option<Vec<N>> {
        let path = self.folder.as_ref()?.join(format!("{name}.{ending}"));
        match std::fs::read(&path) {
            Ok(bytes) => Some(bytes.as_chunks().0.iter().map(|b| number(*b)).collect()),
            Err(error) => panic!("{}: {error}", path.display()),
        }
    }

    /// The same numbers for the same tensor, whatever else is made.
    fn rng(&self, name: &str) -> StdRng {
        let mix = |seed: u64, byte: u8| seed.wrapping_mul(31).wrapping_add(byte.into());
        StdRng::seed_from_u64(self.name.bytes().chain(name.bytes()).fold(7, mix))
    }
}

/// `[outputs, inputs]` as `[inputs, outputs]`.
fn transposed<T: Copy>(numbers: &[T], inputs: usize, outputs: usize) -> Vec<T> {
    let row = |i| (0..outputs).map(move |o| o * inputs + i);
    (0..inputs).flat_map(row).map(|at| numbers[at]).collect()
}

/// The results of one call.
pub(crate) type Results = Vec<Tensor>;

/// A result, arranged as a model has it.
pub(crate) struct Tensor {
    pub(crate) name: &'static str,
    pub(crate) values: Vec<f64>,
    /// Inputs and outputs, if it belongs to the matrix of a layer.
    weight_of: Option<(usize, usize)>,
}

impl Tensor {
    pub(crate) fn new<T: Float>(name: &'static str, values: &[T]) -> Tensor {
        let values = values.iter().map(|x| (*x).into()).collect();
        Tensor { name, values, weight_of: None }
    }

    /// The weight of a layer with `O` outputs.
    pub(crate) fn weight<T: Float, const O: usize>(
        name: &'static str,
        values: &[[T; O]],
    ) -> Tensor {
        let weight_of = Some((values.len(), O));
        Tensor { weight_of, ..Tensor::new(name, values.as_flattened()) }
    }

    /// The parameter arrays of a model, under these names.
    pub(crate) fn of_model<M: Model<Scalar: Float>>(
        names: &[&'static str],
        model: &M,
    ) -> Vec<Tensor> {
        assert_eq!(names.len(), M::PARAM_INFO.len(), "a name for each parameter");
        let tensor = |(view, name): (model::View<'_, M::Scalar>, &&'static str)| {
            let weight_of = match *view.shape {
                [inputs, outputs] => Some((inputs, outputs)),
                _ => None,
            };
            Tensor { weight_of, ..Tensor::new(name, view.data) }
        };
        model::views(model).zip(names).map(tensor).collect()
    }

    /// The difference of two tensors: the gradient that a step of size 1 has subtracted.
    pub(crate) fn minus(mut self, other: &Tensor) -> Tensor {
        for (x, y) in self.values.iter_mut().zip(&other.values) {
            *x -= y;
        }
        self
    }
}
