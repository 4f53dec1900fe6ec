//! Calls by flat slices, whose lengths are found to be right when they are made.

use super::{Tiles, check_len, entry, forward, jvp, no_slices, samples, vjp, vjp_given};
use crate::model::{Cotangents, Data, Loss, Model, Tangents, Workspace, Wrt};

/// [`Model::jvp_flat`]
#[track_caller]
pub fn jvp_flat<M: Tiles<N>, const N: usize>(
    model: &M,
    wrt: Wrt,
    inputs: &[Data<'_, M::Scalar>],
    tangents: Tangents<'_, M::Scalar>,
    y: &mut [M::Scalar],
    dy: &mut [M::Scalar],
    ws: &mut Workspace<M>,
) {
    let memory = ws.memory();
    let inputs = exactly::<M, _, N>(inputs);
    let none = [&[][..]; N];
    match wrt {
        Wrt::Inputs => {
            jvp(
                entry::Inputs,
                model,
                inputs,
                with_none::<M, _, N>(tangents.inputs, y),
                &[],
                y,
                dy,
                memory,
            );
        }
        Wrt::Params => {
            check_len::<M>("the tangent of the parameters", tangents.params.len(), M::PARAMS, 1);
            jvp(entry::Params, model, inputs, none, tangents.params, y, dy, memory);
        }
        Wrt::All => {
            check_len::<M>("the tangent of the parameters", tangents.params.len(), M::PARAMS, 1);
            let d_inputs = with_none::<M, _, N>(tangents.inputs, y);
            jvp(entry::All, model, inputs, d_inputs, tangents.params, y, dy, memory);
        }
    }
}

/// [`Model::vjp_given_flat`]
#[track_caller]
pub fn vjp_given_flat<M: Tiles<N>, const N: usize>(
    model: &M,
    wrt: Wrt,
    inputs: &[Data<'_, M::Scalar>],
    y_bar: &[M::Scalar],
    y: &mut [M::Scalar],
    cotangents: Cotangents<'_, '_, M::Scalar>,
    ws: &mut Workspace<M>,
) {
    let memory = ws.memory();
    let inputs = exactly::<M, _, N>(inputs);
    let (bars, params) = wanted_of::<M, N>(wrt, cotangents, samples::<M, N>(y));
    match wrt {
        Wrt::Inputs => vjp_given(entry::Inputs, model, inputs, y_bar, y, bars, params, memory),
        Wrt::Params => vjp_given(entry::Params, model, inputs, y_bar, y, bars, params, memory),
        Wrt::All => vjp_given(entry::All, model, inputs, y_bar, y, bars, params, memory),
    }
}

/// The memory for cotangents that are asked for.
#[track_caller]
fn wanted_of<'a, 'b: 'a, M: Tiles<N>, const N: usize>(
    wrt: Wrt,
    cotangents: Cotangents<'a, 'b, M::Scalar>,
    n: usize,
) -> ([&'a mut [M::Scalar]; N], &'a mut [M::Scalar]) {
    let Cotangents { inputs: bars, params } = cotangents;
    if wrt != Wrt::Inputs {
        check_len::<M>("the cotangent of the parameters", params.len(), M::PARAMS, 1);
    }
    if wrt != Wrt::Params {
        check_each::<M, N>("cotangent", bars.iter().map(|bar| bar.len()), n);
    }
    let mut bars = bars.iter_mut();
    let bars = match wrt {
        Wrt::Params => no_slices(),
        _ => std::array::from_fn(|_| bars.next().map_or(&mut [][..], |bar| &mut **bar)),
    };
    (bars, if wrt == Wrt::Inputs { &mut [] } else { params })
}

/// [`Model::vjp_flat`]; the number of samples is that of the first input.
#[track_caller]
pub fn vjp_flat<M: Tiles<N>, const N: usize>(
    model: &M,
    wrt: Wrt,
    inputs: &[Data<'_, M::Scalar>],
    loss: Loss<'_, M::Scalar>,
    cotangents: Cotangents<'_, '_, M::Scalar>,
    ws: &mut Workspace<M>,
) {
    let memory = ws.memory();
    let inputs = exactly::<M, _, N>(inputs);
    let n = match inputs.first() {
        Some(Data::Real(xs)) => xs.len() / M::SIZES.0[0],
        Some(Data::Index(xs)) => xs.len() / M::SIZES.0[0],
        _ => 0,
    };
    let (bars, params) = wanted_of::<M, N>(wrt, cotangents, n);
    match wrt {
        Wrt::Inputs => vjp(entry::Inputs, model, n, inputs, loss, bars, params, memory),
        Wrt::Params => vjp(entry::Params, model, n, inputs, loss, bars, params, memory),
        Wrt::All => vjp(entry::All, model, n, inputs, loss, bars, params, memory),
    }
}

/// [`Model::forward_flat`]
#[track_caller]
pub fn forward_flat<M: Tiles<N>, const N: usize>(
    model: &M,
    inputs: &[Data<'_, M::Scalar>],
    y: &mut [M::Scalar],
    ws: &mut Workspace<M>,
) {
    let memory = ws.memory();
    forward(model, exactly::<M, _, N>(inputs), y, memory);
}

#[track_caller]
fn exactly<M: Model, X: Copy, const N: usize>(xs: &[X]) -> [X; N] {
    let Ok(xs) = xs.try_into() else {
        let (state, key) = match (M::STATE_INFO.is_empty(), M::RANDOM) {
            (false, true) => (", a state", " and a key"),
            (false, false) => (" and a state", ""),
            (true, true) => (" and a key", ""),
            (true, false) => ("", ""),
        };
        let inputs = M::INPUTS.len();
        let s = if inputs == 1 { "" } else { "s" };
        panic!("`{}` has {inputs} input{s}{state}{key}, found {}", M::NAME, xs.len())
    };
    xs
}

/// The tangents of the inputs, and none of state and key.
#[track_caller]
fn with_none<'a, M: Tiles<N>, T, const N: usize>(
    tangents: &[&'a [T]],
    y: &[M::Scalar],
) -> [&'a [T]; N] {
    check_each::<M, N>("tangent", tangents.iter().map(|x| x.len()), samples::<M, N>(y));
    std::array::from_fn(|i| tangents.get(i).copied().unwrap_or_default())
}

/// Checks that there is a slice for each input, and that those of real ones have so many samples.
#[track_caller]
fn check_each<M: Tiles<N>, const N: usize>(
    what: &str,
    lens: impl ExactSizeIterator<Item = usize>,
    n: usize,
) {
    let (inputs, found) = (M::INPUTS.len(), lens.len());
    let s = |count: usize| if count == 1 { "" } else { "s" };
    assert!(
        found == inputs,
        "`{}` has {inputs} input{}, found {found} {what}{}",
        M::NAME,
        s(inputs),
        s(found),
    );
    let real = M::INPUTS.iter().zip(lens).zip(M::SIZES.0);
    for ((input, len), size) in real.filter(|((input, _), _)| input.index.is_none()) {
        check_len::<M>(input.name, len, size, n);
    }
}
