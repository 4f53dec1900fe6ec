//! What layers with a weight have in common: a weight may be given by its direction and its magnitude.

use super::option::{Key, flag};
use super::squares::unit;
use super::{Init, Layout, ParamDef};
use crate::ir::Var;
use crate::number::Num;
use crate::shape::Shape;
use crate::trace::Tracer;

pub const NORM: Key<bool> = flag("weight_norm");

/// The weight of a layer; `layout` is that of PyTorch's. With `norm`, for each place of its axis `axis` a direction of any
/// length, `weight_v`, and a magnitude, `weight_g`, which begins as that length (Salimans and Kingma, 2016).
pub fn params(shape: Shape, init: &Init, axis: usize, norm: bool, layout: Layout) -> Vec<ParamDef> {
    let (name, length) = (if norm { "weight_v" } else { "weight" }, shape[axis].clone());
    // PyTorch keeps the other axes of a magnitude, with length 1.
    let ones = Layout::Ones(shape.len() - 1);
    let weight = ParamDef::new(name, shape, init.clone()).laid_out(layout);
    let magnitude =
        ParamDef::new("weight_g", vec![length], Init::NormsOfLast { axis }).laid_out(ones);
    if norm { vec![weight, magnitude] } else { vec![weight] }
}

/// The weight, and the parameters after it.
pub fn of<'a>(t: &Tracer, params: &'a [Var], axis: usize, norm: bool) -> (Var, &'a [Var]) {
    let (v, rest) = (params[0], &params[1..]);
    if !norm {
        return (v, rest);
    }
    let shape = t.shape(v);
    let others: Vec<usize> = (0..shape.len()).filter(|other| *other != axis).collect();
    let direction = unit(t, v, &others, Num::ZERO);
    let magnitude = t.broadcast_shared(rest[0], vec![axis], shape);
    (t.point(&[direction, magnitude], &[], |x, _| x[0] * x[1], None), &rest[1..])
}
