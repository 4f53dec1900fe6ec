//! `transpose`: a linear program becomes its adjoint.
//!
//! One arm for each linear operation, and so one place where cotangents are made. Naming: `x_bar` is
//! the cotangent of `x`.

mod scan;

use crate::invariant::Verify;
use crate::ir::{Labels, LinFunc, LinOp, LinPart, LinVar, Source, Target};
use crate::lin::{Lin, LinStream, Linear};
use crate::shape::Dim;
use rustc_hash::FxHashMap;

/// The adjoint: from the cotangents of results to those of sources. `cotangent` says what the cotangent of a result
/// is called, and `target` where that of a source goes, if anywhere; it may go there several times, and adds up.
pub fn transpose(
    Linear { primal, lin }: Linear,
    cotangent: impl Fn(Target) -> Source,
    target: impl Fn(Source) -> Option<Target>,
) -> Linear {
    let stream = LinStream::new(&primal);
    let results = adjoint(&lin, &stream, cotangent, target);
    let lin = LinFunc { defs: stream.into_defs(), results };
    Linear { primal, lin }.verified("transpose")
}

/// Writes the adjoint of `func` to a stream. `cotangent` says what is the cotangent of a result, and
/// `target` where that of a source goes.
fn adjoint(
    func: &LinFunc,
    stream: &LinStream<'_>,
    cotangent: impl Fn(Target) -> Source,
    target: impl Fn(Source) -> Option<Target>,
) -> Vec<(Target, LinVar)> {
    let primal = stream.primal;
    let mut bars: Vec<Option<Lin<'_>>> = vec![None; func.defs.len()];
    let mut of_scans: FxHashMap<LinVar, Vec<(usize, LinVar)>> = FxHashMap::default();
    let mut results: Vec<(Target, LinVar)> = Vec::new();
    for (result, y) in &func.results {
        let bar = stream.source(cotangent(*result), func.defs[*y].ty.clone());
        bars[*y] = Some(bars[*y].map_or(bar, |sum| sum + bar));
    }
    for (id, def) in func.defs.iter().enumerate().rev() {
        if let LinOp::Scan { scan, with, args } = &def.op {
            // The cotangents of its results stand after it, and so came first.
            let Some(of) = of_scans.remove(&id) else { continue };
            for (arg, bar) in scan::transpose(scan, with, &of, stream) {
                if let Some(x) = args[arg] {
                    bars[x] = Some(bars[x].map_or(bar, |sum| sum + bar));
                }
            }
            continue;
        }
        let Some(bar) = bars[id] else { continue };
        let ty = |x: &usize| func.defs[*x].ty.clone();
        let mut give = |x: usize, x_bar: Lin<'_>| {
            // What a parameter is used for several times adds up where its gradient is written.
            if let LinOp::Source(source @ Source::ParamTangent(_)) = func.defs[x].op {
                results.extend(target(source).map(|target| (target, x_bar.id)));
                return;
            }
            // The lifetimes are those of one stream; `lin` renews the handle.
            let x_bar = stream.lin(x_bar.id);
            bars[x] = Some(bars[x].map_or(x_bar, |sum| sum + x_bar));
        };
        match &def.op {
            LinOp::Source(source) => {
                results.extend(target(*source).map(|target| (target, bar.id)));
            }
            LinOp::Scan { .. } => {}
            LinOp::ScanResult { of, index } => {
                of_scans.entry(*of).or_default().push((*index, bar.id));
            }
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
            LinOp::Window { x, window } => give(*x, bar.overlap(window.clone(), ty(x))),
            LinOp::Overlap { x, window } => give(*x, bar.window(window.clone(), ty(x))),
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
                give(*x, bar.contract(*with, turned(labels), ty(x)));
            }
            LinOp::Gather { x, index, labels, skip } => {
                let labels = turned(labels);
                give(*x, bar.scatter(*index, labels, skip.clone(), ty(x)));
            }
            LinOp::Scatter { x, index, labels, skip } => {
                give(*x, bar.gather(*index, turned(labels), skip.clone(), ty(x)));
            }
            LinOp::Custom { op, at, x, transposed } => {
                give(*x, bar.custom(*op, *at, !transposed, ty(x)))
            }
        }
    }
    results
}

/// The index equation from the cotangent of the result to that of the first operand.
fn turned(labels: &Labels) -> Labels {
    Labels { a: labels.out.clone(), b: labels.b.clone(), out: labels.a.clone() }
}
