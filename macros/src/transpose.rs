//! `transpose`: a linear program becomes its adjoint.
//!
//! One arm for each linear operation, and so one place where cotangents are made. Naming: `x_bar` is
//! the cotangent of `x`.

use crate::build::Builder;
use crate::ir::{Labels, Source, Target};
use crate::lin::{Lin, LinFunc, LinOp, LinPart, LinStream};
use crate::shape::Dim;

/// The adjoint of `func`, whose one result is the tangent of the output: from the cotangent of the
/// output to those of the inputs and parameters. A target may occur several times; the results add up.
pub fn transpose(func: &LinFunc, primal: &Builder) -> LinFunc {
    let stream = LinStream::new(primal);
    let mut bars: Vec<Option<Lin<'_>>> = vec![None; func.defs.len()];
    let mut results: Vec<(Target, Lin<'_>)> = Vec::new();
    if let Some((_, y)) = func.results.first() {
        bars[*y] = Some(stream.source(Source::Cotangent, func.defs[*y].ty.clone()));
    }
    for (id, def) in func.defs.iter().enumerate().rev() {
        let Some(bar) = bars[id] else { continue };
        let ty = |x: &usize| func.defs[*x].ty.clone();
        let mut give = |x: usize, x_bar: Lin<'_>| {
            // The lifetimes are those of one stream; `lin` renews the handle.
            let x_bar = stream.lin(x_bar.id);
            bars[x] = Some(bars[x].map_or(x_bar, |sum| sum + x_bar));
        };
        match &def.op {
            LinOp::Source(source) => match source {
                Source::InputTangent(i) => results.push((Target::Input(*i), bar)),
                Source::ParamTangent(i) => results.push((Target::Param(*i), bar)),
                Source::Param(_) | Source::Input(_) | Source::Cotangent => {}
            },
            LinOp::Add(x, y) => {
                give(*x, bar);
                give(*y, bar);
            }
            LinOp::Scale(x, factor) => give(*x, bar * primal.v(*factor)),
            LinOp::Broadcast { x, axes } => {
                let new = (0..def.ty.len()).filter(|axis| !axes.contains(axis)).collect();
                give(*x, bar.sum(new));
            }
            LinOp::Sum { x, axes } => {
                let kept = (0..ty(x).len()).filter(|axis| !axes.contains(axis)).collect();
                give(*x, bar.broadcast(kept, ty(x)));
            }
            LinOp::Permute { x, perm } => {
                let mut inverse = vec![0; perm.len()];
                perm.iter().enumerate().for_each(|(i, p)| inverse[*p] = i);
                give(*x, bar.permute(inverse));
            }
            LinOp::Reshape { x } => give(*x, bar.reshape(ty(x))),
            LinOp::Slice { x, axis, start } => {
                let behind = ty(x)[*axis].sub(&start.add(&def.ty[*axis]));
                let parts = vec![
                    LinPart::Zeros(start.clone()),
                    LinPart::Value(bar.id),
                    LinPart::Zeros(behind),
                ];
                give(*x, stream.concat(parts, *axis, ty(x)));
            }
            LinOp::Concat { parts, axis } => {
                let mut start = Dim::known(0);
                for part in parts {
                    let length = match part {
                        LinPart::Zeros(length) => length.clone(),
                        LinPart::Value(x) => {
                            let length = ty(x)[*axis].clone();
                            give(*x, bar.slice(*axis, start.clone(), length.clone()));
                            length
                        }
                    };
                    start = start.add(&length);
                }
            }
            LinOp::Contract { x, with, labels } => {
                let labels =
                    Labels { a: labels.out.clone(), b: labels.b.clone(), out: labels.a.clone() };
                give(*x, bar.contract(*with, labels, ty(x)));
            }
            LinOp::Custom { op, at, x, transposed } => {
                give(*x, bar.custom(*op, *at, !transposed, ty(x)))
            }
        }
    }
    let results = results.into_iter().map(|(target, bar)| (target, bar.id)).collect();
    LinFunc { defs: stream.into_defs(), results }
}
