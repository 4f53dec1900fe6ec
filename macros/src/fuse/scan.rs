//! Loops: the nests of a step, and the memory around them.

use super::{Around, Input, Split, Writer, written};
use crate::bug::OrBug;
use crate::ir::{Def, Inst, Passing, Scan, Target, Var, View};
use crate::nest::{Access, Add, Body, BufId, Kind, Nest, Place, Reg, Store, Wanted};
use crate::number::Num;
use crate::shape::{Dim, Shape, size, strides};

impl Writer<'_> {
    /// A loop, with what has to be done before and after it.
    pub fn scan(&mut self, var: Var, scan: &Scan, args: &[Var]) -> Vec<Nest> {
        let late = self.late[var];
        let depth = self.around.depth;
        let step = Dim::step(depth);
        let (mut before, mut behind) = (Vec::new(), Vec::new());
        // What the last step made and what this one makes.
        let mut carried: Vec<(BufId, BufId)> = Vec::new();
        let mut given = Vec::new();
        for (arg, flow) in args.iter().zip(&scan.args) {
            let ty = self.ty(*arg).clone();
            if *flow == Passing::Carry {
                let pair = (
                    self.new_buffer(Place::Workspace, size(&ty)),
                    self.new_buffer(Place::Workspace, size(&ty)),
                );
                carried.push(pair);
                let (body, value) = self.read(*arg);
                before.push(map(&ty, body, whole(pair.0, &ty), value, late));
                given.push(whole(pair.0, &ty));
                continue;
            }
            let Some(at) = self.located(*arg) else {
                unreachable!("what has no strides is copied")
            };
            let mut access = self.access(at);
            advance(&mut access, flow, &step, &scan.length);
            given.push(access);
        }
        let results = self.results.get(&var).cloned().unwrap_or_default();
        let (mut made, mut sinks) = (Vec::new(), Vec::new());
        let mut pairs = carried.iter();
        for (index, flow) in scan.results.iter().enumerate() {
            let result = results.iter().find(|(i, _)| *i == index).map(|(_, var)| *var);
            let inside = result_ty(scan, index);
            if *flow == Passing::Carry {
                let Some((last, now)) = pairs.next() else { unreachable!("carried in and out") };
                sinks.push((whole(*now, &inside), Add::No));
                if let Some(result) = result {
                    // After the last step they have changed places once more.
                    let buf = self.buffer(result);
                    let body = Body { loads: vec![whole(*last, &inside)], ..Body::default() };
                    behind.push(map(&inside, body, whole(buf, &inside), Reg::Load(0), late));
                }
                continue;
            }
            let Some(result) = result else { unreachable!("what nobody reads is not made") };
            let ty = self.ty(result).clone();
            let buf = self.buffer(result);
            made.push(buf);
            let mut access = whole(buf, &ty);
            advance(&mut access, flow, &step, &scan.length);
            if *flow == Passing::Whole {
                let zero = Reg::Num(Num::ZERO);
                before.push(map(&ty, Body::default(), access.clone(), zero, late));
                sinks.push((access, Add::Yes));
            } else {
                sinks.push((access, Add::No));
            }
        }
        let around = Around { depth: depth + 1, late, given, made: sinks };
        let program = std::mem::take(&mut self.program);
        let nests;
        (self.program, nests) = written(Input::new(&scan.body, around, Split::Whole), program);
        let kind = Kind::Loop {
            step,
            length: scan.length.clone(),
            reverse: scan.reverse,
            nests,
            carried,
            made,
        };
        let run = Nest {
            space: Vec::new(),
            kind,
            body: Body::default(),
            stores: Vec::new(),
            late,
            wanted: Wanted::ALWAYS,
        };
        before.push(run);
        before.append(&mut behind);
        before
    }

    /// A body that does nothing but read a value.
    fn read(&mut self, var: Var) -> (Body, Reg) {
        let mut scalars = self.scalars(usize::MAX);
        let value = self.reg(var, &mut scalars);
        (scalars.body, value)
    }
}

/// The shape a step makes of a result.
fn result_ty(scan: &Scan, index: usize) -> Shape {
    let result = scan.body.results.iter().find(|res| res.target == Target::Step(index));
    scan.body.defs[result.or_bug("fuse", "result of a step").value].ty.clone()
}

/// The value without axes of length 1 that it was only given to be written, and the strides of what is
/// left: so it is written where it is computed.
pub(super) fn solid(defs: &[Def], mut value: Var, strides: &[Dim]) -> (Var, Vec<Dim>) {
    let longer = |var: Var| -> Vec<&Dim> { defs[var].ty.iter().filter(|dim| !dim.is(1)).collect() };
    let of = |var: Var| defs[var].ty.iter();
    let mut strides = strides.to_vec();
    while let Inst::View { x, view: View::Reshape } = &defs[value].inst {
        if longer(*x) != longer(value) {
            break;
        }
        let mut left = of(value).zip(strides).filter(|(dim, _)| !dim.is(1)).map(|(_, s)| s);
        let next = |dim: &Dim| if dim.is(1) { None } else { left.next() };
        strides = of(*x).map(next).map(|s| s.unwrap_or(Dim::known(0))).collect();
        value = *x;
    }
    (value, strides)
}

fn whole(buf: BufId, ty: &[Dim]) -> Access {
    Access { buf, offset: Dim::known(0), strides: strides(ty) }
}

/// Moves an access to the part of its array that belongs to a step.
fn advance(access: &mut Access, flow: &Passing, step: &Dim, length: &Dim) {
    let along = match flow {
        Passing::Each { axis, width } => step.mul(width).mul(&access.strides[*axis]),
        Passing::Mirrored { axis } => {
            length.sub(&Dim::known(1)).sub(step).mul(&access.strides[*axis])
        }
        Passing::Whole | Passing::Carry => return,
    };
    access.offset = access.offset.add(&along);
}

/// A loop that does nothing but write a value.
fn map(ty: &[Dim], body: Body, to: Access, value: Reg, late: bool) -> Nest {
    Nest {
        space: ty.to_vec(),
        kind: Kind::Map,
        body,
        stores: vec![Store { to, add: Add::No, value }],
        late,
        wanted: Wanted::ALWAYS,
    }
}
