//! From a file into a model: everything is checked and read before anything is written.

use super::arrays::Target;
use super::container::{Container, Found};
use super::dtype::{Dtype, Element};
use super::fault::{Fault, WeightsError};
use super::{ParamInfo, Weights};
use std::collections::HashSet;

/// Where the numbers of an array are, as far as the file's headers say.
struct Place {
    parts: Vec<Part>,
}

struct Part {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    reversed: bool,
}

pub(super) fn read<T: Target>(
    weights: &Weights,
    mut target: T,
    file: &mut impl Container,
) -> Result<(), WeightsError> {
    let mut arrays = target.arrays_mut();
    arrays.retain(|(info, _)| !weights.keeps(info));
    let infos: Vec<&ParamInfo> = arrays.iter().map(|(info, _)| *info).collect();
    let places = places(weights, &infos, file).map_err(WeightsError::Tensors)?;
    let mut faults = Vec::new();
    let mut numbers = Vec::with_capacity(places.len());
    for (place, info) in places.iter().zip(infos) {
        numbers.push(numbers_of::<T::Scalar>(weights, place, info, file, &mut faults));
    }
    if !faults.is_empty() {
        return Err(WeightsError::Tensors(faults));
    }
    for ((_, array), numbers) in arrays.iter_mut().zip(numbers) {
        array.copy_from_slice(&numbers);
    }
    Ok(())
}

/// Where all arrays are, or all that is wrong with the names, shapes and kinds of the file.
fn places(
    weights: &Weights,
    infos: &[&ParamInfo],
    file: &mut impl Container,
) -> Result<Vec<Place>, Vec<Fault>> {
    let mut faults = Vec::new();
    let has: HashSet<String> = file.names().into_iter().collect();
    let mut used = HashSet::new();
    let mut missing = Vec::new();
    let mut places = Vec::new();
    for info in infos {
        let mut parts = Vec::new();
        let names = weights.names(info);
        let wanted = names.len();
        for name in names {
            if !used.insert(name.clone()) {
                faults.push(Fault::Twice { tensor: name });
            } else if !has.contains(&name) {
                missing.push((name, *info));
            } else {
                match file.found(&name) {
                    Ok(Found { dtype: Ok(dtype), shape, reversed }) => {
                        parts.push(Part { name, dtype, shape, reversed });
                    }
                    Ok(Found { dtype: Err(found), .. }) => {
                        faults.push(Fault::Dtype { tensor: name, found });
                    }
                    Err(reason) => faults.push(Fault::Data { tensor: name, reason }),
                }
            }
        }
        if parts.len() == wanted {
            faults.extend(misshapen(info, &parts));
        }
        places.push(Place { parts });
    }
    used.extend(infos.iter().filter_map(|info| weights.beside(info)));
    let is_surplus = |name: &&String| {
        !used.contains(*name) && !weights.ignored.iter().any(|pattern| pattern.begins(name))
    };
    let mut surplus: Vec<&String> = has.iter().filter(is_surplus).collect();
    surplus.sort();
    for (name, info) in missing {
        let similar = similar(&name, &surplus, |other| {
            file.found(other).is_ok_and(|found| found.shape == info.torch.shape)
        });
        faults.push(Fault::Missing { tensor: name, parameter: info.name.into(), similar });
    }
    faults.extend(surplus.into_iter().map(|name| Fault::Surplus { tensor: name.clone() }));
    faults.extend(unused(weights, infos));
    if faults.is_empty() { Ok(places) } else { Err(faults) }
}

/// What is wrong with the shapes of what an array is made of.
fn misshapen(info: &ParamInfo, parts: &[Part]) -> Option<Fault> {
    let needed = info.torch.shape;
    let wrong = |part: &Part| {
        Some(Fault::Shape {
            tensor: part.name.clone(),
            parameter: info.name.into(),
            found: part.shape.clone(),
            needed: needed.to_vec(),
        })
    };
    if let [one] = parts {
        return if one.shape == needed { None } else { wrong(one) };
    }
    let Some((rows, rest)) = needed.split_first() else { return wrong(parts.first()?) };
    if let Some(part) = parts.iter().find(|part| part.shape.get(1..) != Some(rest)) {
        return wrong(part);
    }
    let found = parts.iter().try_fold(0usize, |sum, part| sum.checked_add(part.shape[0]));
    if found == Some(*rows) { None } else { wrong(parts.last()?) }
}

/// The one tensor that has the same last name and is as large.
fn similar(name: &str, surplus: &[&String], mut fits: impl FnMut(&str) -> bool) -> Option<String> {
    let last = |name: &str| name.rsplit('.').next().map(str::to_string);
    let mut found = surplus.iter().filter(|other| last(other) == last(name) && fits(other));
    match (found.next(), found.next()) {
        (Some(one), None) => Some(one.to_string()),
        _ => None,
    }
}

/// Names that are to be changed and that nothing has.
fn unused(weights: &Weights, infos: &[&ParamInfo]) -> Vec<Fault> {
    let about =
        |rule: &&super::Rule| infos.iter().any(|info| rule.apply(&info.torch_name()).is_some());
    let unused = weights.rules.iter().filter(|rule| !about(rule));
    unused.map(|rule| Fault::Unused { name: rule.text.clone() }).collect()
}

/// The numbers of an array, in the order in which they are here.
fn numbers_of<T: Element>(
    weights: &Weights,
    place: &Place,
    info: &ParamInfo,
    file: &mut impl Container,
    faults: &mut Vec<Fault>,
) -> Vec<T> {
    let mut numbers: Vec<T> = Vec::with_capacity(info.len());
    for Part { name, dtype, shape, reversed } in &place.parts {
        let (mut nan, mut large) = (0, 0);
        let start = numbers.len();
        match file.data(name, shape.iter().product::<usize>() * dtype.size()) {
            Err(reason) => faults.push(Fault::Data { tensor: name.clone(), reason }),
            Ok(bytes) => numbers.extend(bytes.chunks_exact(dtype.size()).map(|bytes| {
                let x = T::read(*dtype, bytes);
                large += usize::from(x.is_none());
                let x = x.unwrap_or(T::ZERO);
                nan += usize::from(x.partial_cmp(&x).is_none());
                x
            })),
        }
        if *reversed {
            let axes: Vec<usize> = shape.iter().rev().copied().collect();
            let turned = turned(&numbers[start..], &axes);
            numbers.truncate(start);
            numbers.extend(turned);
        }
        if nan > 0 && !weights.nan {
            faults.push(Fault::Nan { tensor: name.clone(), count: nan });
        }
        if large > 0 {
            let wanted = format!("{:?}", T::DTYPE);
            faults.push(Fault::TooLarge { tensor: name.clone(), count: large, wanted });
        }
    }
    if info.torch.transposed && faults.is_empty() {
        return turned(&numbers, info.torch.shape);
    }
    numbers
}

/// The elements of an array of this shape with the axes in the opposite order.
pub(super) fn turned<T: Copy>(numbers: &[T], shape: &[usize]) -> Vec<T> {
    // One axis is taken to the front after the other: the last of what is left goes before the rest.
    let mut numbers = numbers.to_vec();
    let mut done = 1;
    for (i, len) in shape.iter().enumerate().rev() {
        // Now [done, left, len], where `done` are the axes that are in place.
        let left: usize = shape[..i].iter().product();
        let mut next = Vec::with_capacity(numbers.len());
        for row in 0..done {
            for column in 0..*len {
                next.extend((0..left).map(|at| numbers[(row * left + at) * len + column]));
            }
        }
        numbers = next;
        done *= len;
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::turned;

    #[test]
    fn axes_are_turned() {
        assert_eq!(turned(&[1, 2, 3, 4, 5, 6], &[2, 3]), [1, 4, 2, 5, 3, 6]);
        let (shape, reversed) = ([2, 3, 4], [4, 3, 2]);
        let numbers: Vec<usize> = (0..24).collect();
        let there = turned(&numbers, &shape);
        for (i, j, k) in (0..24).map(|n| (n / 12, n / 4 % 3, n % 4)) {
            assert_eq!(there[(k * 3 + j) * 2 + i], numbers[(i * 3 + j) * 4 + k]);
        }
        assert_eq!(turned(&there, &reversed), numbers);
        assert_eq!(turned(&[7], &[]), [7]);
    }
}
