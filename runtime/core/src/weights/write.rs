//! From a model to what is written.

use super::container::{Numbers, Written};
use super::dtype::Element;
use super::fault::{Fault, WeightsError};
use super::read::turned;
use super::{ParamInfo, Weights};
use std::collections::HashSet;

/// The arrays of a file, whose bytes are made when they are written.
pub(super) fn written<'a, T: Element>(
    weights: &Weights,
    arrays: &[(&'static ParamInfo, &'a [T])],
) -> Result<Vec<Written<'a>>, WeightsError> {
    let dtype = weights.dtype.unwrap_or(T::DTYPE);
    let (mut out, mut faults) = (Vec::new(), Vec::new());
    for (info, numbers) in arrays.iter().filter(|(info, _)| !weights.keeps(info)) {
        let mut bytes = Vec::new();
        let large = numbers.iter().filter(|x| {
            bytes.clear();
            !x.write(dtype, &mut bytes)
        });
        let large = large.count();
        if large > 0 {
            let (tensor, wanted) = (weights.names(info).join("`, `"), format!("{dtype:?}"));
            faults.push(Fault::TooLarge { tensor, count: large, wanted });
        }
        let tensors = match tensors_of(weights, info) {
            Ok(tensors) => tensors,
            Err(fault) => {
                faults.push(fault);
                continue;
            }
        };
        let parts = tensors.len();
        let len = numbers.len() / parts;
        for (i, (name, shape)) in tensors.into_iter().enumerate() {
            let (info, numbers) = (*info, *numbers);
            let bytes = move || {
                let whole = match info.torch.transposed {
                    true => turned(numbers, info.shape),
                    false => numbers.to_vec(),
                };
                let mut bytes = Vec::with_capacity(len * dtype.size());
                whole[i * len..(i + 1) * len].iter().for_each(|x| {
                    x.write(dtype, &mut bytes);
                });
                bytes
            };
            let numbers = Numbers::Real(dtype, Box::new(bytes));
            out.push(Written { name, shape, numbers });
        }
        out.extend(weights.beside(info).map(|name| Written {
            name,
            shape: Vec::new(),
            numbers: Numbers::Integer(0),
        }));
    }
    let mut seen = HashSet::new();
    for array in &out {
        if !seen.insert(&array.name) {
            faults.push(Fault::Twice { tensor: array.name.clone() });
        }
    }
    if faults.is_empty() { Ok(out) } else { Err(WeightsError::Tensors(faults)) }
}

/// The tensors that an array is in a file, with their shapes.
pub(super) fn tensors_of(
    weights: &Weights,
    info: &ParamInfo,
) -> Result<Vec<(String, Vec<usize>)>, Fault> {
    let (names, mut shape) = (weights.names(info), info.torch.shape.to_vec());
    let parts = names.len();
    if parts > 1 {
        match shape.first_mut() {
            Some(rows) if *rows % parts == 0 => *rows /= parts,
            _ => {
                let reason = format!("{shape:?} cannot be divided into {parts} equal parts");
                return Err(Fault::Data { tensor: names.join("`, `"), reason });
            }
        }
    }
    Ok(names.into_iter().map(|name| (name, shape.clone())).collect())
}
