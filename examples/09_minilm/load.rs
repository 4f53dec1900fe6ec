//! Parameters from a safetensors file, by name.

use pullback::Model;
use safetensors::{Dtype, SafeTensorError, SafeTensors};
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

/// The tensor of a file that a parameter is read from.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// Its name.
    pub(crate) tensor: String,
    /// Whether it is the other way round, if it is a matrix: PyTorch keeps the weight of a linear map as
    /// [out, in].
    pub(crate) transposed: bool,
}

/// What is known of a tensor without reading its numbers.
pub(crate) type Info<'a> = (Dtype, &'a [usize]);

/// Why a file does not go with a model.
#[derive(Debug)]
pub(crate) enum LoadError {
    /// It is no safetensors file.
    Format(SafeTensorError),
    /// Its tensors are not those of the model: all that is wrong with them.
    Tensors(Vec<Fault>),
}

/// What is wrong with a tensor.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A parameter needs it, and the file has none of this name.
    Missing { tensor: String, parameter: &'static str },
    /// The file has it, and no parameter needs it.
    Surplus { tensor: String },
    /// It has another shape than the parameter.
    Shape { tensor: String, parameter: &'static str, found: Vec<usize>, needed: Vec<usize> },
    /// Its numbers are not `f32`.
    Kind { tensor: String, found: Dtype },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Missing { tensor, parameter } => {
                write!(f, "found no `{tensor}`, needed for `{parameter}`")
            }
            Fault::Surplus { tensor } => {
                write!(f, "found `{tensor}`, which no parameter of the model is read from")
            }
            Fault::Shape { tensor, parameter, found, needed } => {
                write!(
                    f,
                    "found `{tensor}` of shape {found:?}, needed {needed:?} for `{parameter}`"
                )
            }
            Fault::Kind { tensor, found } => {
                write!(f, "found `{tensor}` of {found:?}, needed F32")
            }
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Format(error) => write!(f, "this is no safetensors file: {error}"),
            LoadError::Tensors(faults) => {
                write!(f, "the tensors of the file are not those of the model")?;
                faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
            }
        }
    }
}

impl Error for LoadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            LoadError::Format(error) => Some(error),
            LoadError::Tensors(_) => None,
        }
    }
}

/// Reads all parameters of a model from a safetensors file of `f32`.
///
/// `source` says where each parameter is to be found. Tensors that are meant to be left out are
/// `unused`; they need not be there.
///
/// # Errors
/// If the file cannot be understood, or if a tensor is missing, is left over, or has another shape or
/// type than the parameter. The model is then as it was.
pub(crate) fn load<M: Model<Scalar = f32>>(
    model: &mut M,
    file: &[u8],
    source: impl Fn(&str) -> Source,
    unused: &[&str],
) -> Result<(), LoadError> {
    let file = SafeTensors::deserialize(file).map_err(LoadError::Format)?;
    let tensors: BTreeMap<&str, _> = file.iter().collect();
    let infos = tensors.iter().map(|(name, tensor)| (*name, (tensor.dtype(), tensor.shape())));
    let faults = faults::<M>(&infos.collect(), &source, unused);
    if !faults.is_empty() {
        return Err(LoadError::Tensors(faults));
    }
    for parameter in M::PARAM_INFO {
        let Source { tensor, transposed } = source(parameter.name);
        let (numbers, _) = tensors[&*tensor].data().as_chunks::<4>();
        let place = &mut model.flat_mut()[parameter.start..][..parameter.len()];
        // What is not transposed is one row.
        let (rows, columns) = match (transposed, parameter.shape) {
            (true, &[inputs, outputs]) => (outputs, inputs),
            _ => (1, parameter.len()),
        };
        for (i, row) in numbers.chunks_exact(columns).enumerate() {
            for (j, number) in row.iter().enumerate() {
                place[j * rows + i] = f32::from_le_bytes(*number);
            }
        }
    }
    Ok(())
}

/// All that is wrong with the tensors of a file: what each parameter needs, then what is left over.
pub(crate) fn faults<M: Model>(
    tensors: &BTreeMap<&str, Info<'_>>,
    source: impl Fn(&str) -> Source,
    unused: &[&str],
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut left: BTreeMap<_, _> = tensors.clone();
    unused.iter().for_each(|name| _ = left.remove(name));
    for parameter in M::PARAM_INFO {
        let Source { tensor, transposed } = source(parameter.name);
        let mut needed = parameter.shape.to_vec();
        if transposed && needed.len() == 2 {
            needed.reverse();
        }
        match left.remove(&*tensor) {
            None => faults.push(Fault::Missing { tensor, parameter: parameter.name }),
            Some((_, found)) if found != needed => {
                let found = found.to_vec();
                faults.push(Fault::Shape { tensor, parameter: parameter.name, found, needed });
            }
            Some((found, _)) if found != Dtype::F32 => faults.push(Fault::Kind { tensor, found }),
            Some(_) => {}
        }
    }
    faults.extend(left.into_keys().map(|name| Fault::Surplus { tensor: name.to_owned() }));
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use pullback::{Boxed, model};
    use safetensors::tensor::TensorView;

    model! {
        Tiny(token: index(3)) -> [2] {
            word = embedding -> [2],
            out = linear -> [2],
        }
    }

    fn source(name: &str) -> Source {
        let (layer, array) = name.split_once('.').unwrap();
        Source { tensor: format!("net.{layer}.{array}"), transposed: layer == "out" }
    }

    /// A file of tensors with the numbers 1, 2, … in each.
    fn file(tensors: &[(&str, Dtype, &[usize])]) -> Vec<u8> {
        let data = |shape: &[usize], width| -> Vec<u8> {
            let count = shape.iter().product::<usize>();
            let numbers = (1..=count).map(|i| (i as f32).to_le_bytes());
            numbers.flat_map(|bytes| bytes.into_iter().take(width)).collect()
        };
        let width = |kind| if kind == Dtype::F32 { 4 } else { 2 };
        let data: Vec<_> = tensors.iter().map(|t| data(t.2, width(t.1))).collect();
        let views = tensors.iter().zip(&data).map(|((name, kind, shape), data)| {
            (*name, TensorView::new(*kind, shape.to_vec(), data).unwrap())
        });
        safetensors::serialize(views, None).unwrap()
    }

    fn read(file: &[u8]) -> Result<Boxed<Tiny<f32>>, String> {
        let mut net = Tiny::<f32>::zeros();
        match load(&mut *net, file, source, &["net.buffer"]) {
            Ok(()) => Ok(net),
            Err(error) => {
                assert!(net.flat().iter().all(|x| *x == 0.0), "written in spite of an error");
                Err(error.to_string())
            }
        }
    }

    const WORD: (&str, Dtype, &[usize]) = ("net.word.weight", Dtype::F32, &[3, 2]);
    const WEIGHT: (&str, Dtype, &[usize]) = ("net.out.weight", Dtype::F32, &[2, 2]);
    const BIAS: (&str, Dtype, &[usize]) = ("net.out.bias", Dtype::F32, &[2]);
    const BUFFER: (&str, Dtype, &[usize]) = ("net.buffer", Dtype::I16, &[1, 2]);

    #[test]
    fn every_parameter_is_read_and_linear_maps_are_transposed() {
        let net = read(&file(&[WORD, WEIGHT, BIAS, BUFFER])).unwrap();
        assert_eq!(net.word.weight, [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
        assert_eq!(net.out.weight, [[1.0, 3.0], [2.0, 4.0]]);
        assert_eq!(net.out.bias, [1.0, 2.0]);
    }

    #[test]
    fn what_is_missing_left_over_or_of_another_shape_is_named() {
        let other = ("net.word.weight", Dtype::F32, &[2, 3][..]);
        let surplus = ("net.old.weight", Dtype::F32, &[1][..]);
        let error = read(&file(&[other, WEIGHT, surplus])).unwrap_err();
        assert_eq!(
            error,
            "the tensors of the file are not those of the model
  found `net.word.weight` of shape [2, 3], needed [3, 2] for `word.weight`
  found no `net.out.bias`, needed for `out.bias`
  found `net.old.weight`, which no parameter of the model is read from"
        );
    }

    #[test]
    fn numbers_of_another_type_are_named() {
        let half = ("net.out.bias", Dtype::F16, &[2][..]);
        let error = read(&file(&[WORD, WEIGHT, half])).unwrap_err();
        assert!(error.ends_with("\n  found `net.out.bias` of F16, needed F32"), "{error}");
    }

    #[test]
    fn a_file_of_another_format_is_none() {
        let error = read(b"PK\x03\x04 is how a zip archive begins").unwrap_err();
        assert!(error.starts_with("this is no safetensors file: "), "{error}");
    }
}
