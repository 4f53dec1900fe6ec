//! The bodies of nests: what each reads, computes and writes.

use super::view::Located;
use super::{Draft, DraftKind, Input, Writer};
use crate::bug::{OrBug, bug};
use crate::ir::{CustomCall, Inst, Labels, Res, Skip, Source, Target, Var, View};
use crate::nest::{Access, Add, Body, BufId, Chosen, Kind, Nest, Place, Reg, Side, Store, Wanted};
use crate::number::Num;
use crate::prim::Prim;
use crate::shape::{Dim, Shape, size, strides};
use rustc_hash::FxHashMap;

/// The nests of a draft, and the registers of its members in the last of them.
type Written = (Vec<Nest>, Vec<(Var, Reg)>);

/// A scalar program under construction in some nest.
pub(super) struct Scalars {
    /// Which program this is: registers are known by it.
    id: usize,
    /// The nest whose members are at hand in registers.
    nest: usize,
    pub(super) body: Body,
}

impl Input<'_> {
    /// Whether sums may be stored in a result: they add to what is there, or begin by filling one stretch of
    /// memory with zeros.
    fn is_in_order(&self, result: &Res) -> bool {
        let Target::Step(i) = result.target else { return true };
        let (to, add) = &self.around.made[i];
        *add == Add::Yes || to.strides == strides(self.ty(result.value))
    }

    fn constant(&self, var: Var) -> Option<Num> {
        match self.inst(var) {
            Inst::Num(num) => Some(num.clone()),
            Inst::View { x, view: View::Broadcast(_) } => match self.inst(*x) {
                Inst::Num(num) => Some(num.clone()),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Writer<'_> {
    pub fn write_nests(&mut self) -> Vec<Nest> {
        let drafts = std::mem::take(&mut self.groups.drafts);
        // First what is read, then what has to be written for it.
        let mut written: Vec<Written> = Vec::new();
        for (nest, draft) in drafts.iter().enumerate() {
            written.push(self.write(nest, draft));
        }
        let mut overlaps = self.overlaps();
        let mut copies = Vec::new();
        let mut nests = Vec::new();
        let mut targets: FxHashMap<Target, BufId> = FxHashMap::default();
        let mut wanted: FxHashMap<Var, Vec<Target>> = FxHashMap::default();
        for result in self.ends.clone() {
            let alone = |nest: usize| match drafts.get(nest).map(|draft| &draft.kind) {
                None | Some(DraftKind::Alone) => true,
                Some(DraftKind::Scatter) => !self.is_in_order(&result),
                Some(_) => false,
            };
            if self.root[result.value] && !alone(self.nest_of[result.value]) {
                wanted.entry(result.value).or_default().push(result.target);
            } else {
                copies.push(self.copy_nest(result.value, result.target, &mut targets));
            }
        }
        for (nest, (mut parts, members)) in written.into_iter().enumerate() {
            nests.append(&mut overlaps.zeros(nest));
            if let Some(last) = parts.last_mut() {
                for (var, value) in members {
                    let ty = self.ty(var).clone();
                    if self.loaded[var] {
                        let buf = self.buffer(var);
                        last.stores.push(store(buf, &ty, value.clone()));
                    }
                    last.stores.extend(self.placements(var, &value, &overlaps));
                    for target in wanted.get(&var).into_iter().flatten() {
                        let (to, add) = self.target(*target, &ty, &mut targets);
                        last.stores.push(Store { to, add, value: value.clone() });
                    }
                }
            }
            nests.append(&mut parts);
        }
        nests.append(&mut copies);
        nests
    }

    fn target(
        &mut self,
        target: Target,
        ty: &Shape,
        targets: &mut FxHashMap<Target, BufId>,
    ) -> (Access, Add) {
        if let Target::Step(i) = target {
            return self.around.made[i].clone();
        }
        let buf = *targets
            .entry(target)
            .or_insert_with(|| self.new_buffer(Place::Target(target), size(ty)));
        (Access { buf, offset: Dim::known(0), strides: strides(ty) }, Add::No)
    }

    /// A result that is a source, a constant or a view: copied to where it is wanted.
    fn copy_nest(
        &mut self,
        var: Var,
        target: Target,
        targets: &mut FxHashMap<Target, BufId>,
    ) -> Nest {
        let ty = self.ty(var).clone();
        let mut scalars = self.scalars(usize::MAX);
        let value = self.reg(var, &mut scalars);
        let (to, add) = self.target(target, &ty, targets);
        let stores = vec![Store { to, add, value }];
        // A cotangent may be a constant, but nobody asks for it before the second half.
        let late = self.late[var] || matches!(target, Target::Input(_) | Target::Param(_));
        let wanted = Wanted::ALWAYS;
        Nest { space: ty, kind: Kind::Map, body: scalars.body, stores, late, wanted }
    }

    /// The nests of a draft (several for a concatenation) and the registers of its members.
    fn write(&mut self, nest: usize, draft: &Draft) -> Written {
        let first = draft.members[0];
        let space = draft.space.clone();
        // What the kind makes.
        let mut made = vec![first];
        let kind = match (&draft.kind, self.inst(first)) {
            (DraftKind::Alone, Inst::Concat { parts, axis }) => {
                return (self.concat(first, parts, *axis, draft.late), Vec::new());
            }
            (DraftKind::Alone, Inst::Overlap { parts }) => {
                return (self.overlap_copies(first, parts, draft.late), Vec::new());
            }
            (DraftKind::Alone, Inst::Iota { repeat, cycle }) => {
                let kind = Kind::Iota { repeat: repeat.clone(), cycle: cycle.clone() };
                return (vec![self.alone(first, kind, draft.late)], Vec::new());
            }
            (DraftKind::Gather, Inst::Gather { x, index, labels, skip }) => {
                self.gather(*x, *index, labels, skip)
            }
            (DraftKind::Scatter, Inst::Scatter { x, index, labels, skip }) => {
                self.scatter(*x, *index, labels, (skip, &space))
            }
            (DraftKind::Alone, Inst::Random { site }) => {
                let steps = (0..self.around.depth).map(Dim::step).collect();
                let kind = Kind::Random { site: *site, steps, per_sample: size(&space[1..]) };
                return (vec![self.alone(first, kind, draft.late)], Vec::new());
            }
            (DraftKind::Alone, Inst::Custom { op, call }) => {
                let kind = self.custom(*op, call, &space);
                return (vec![self.alone(first, kind, draft.late)], Vec::new());
            }
            (DraftKind::Alone, Inst::Scan { scan, args }) => {
                return (self.scan(first, scan, args), Vec::new());
            }
            // Others have stored it.
            (DraftKind::Alone, Inst::View { view: View::Permute(_), .. }) => {
                return (Vec::new(), Vec::new());
            }
            (DraftKind::Contract, Inst::Contract { a, b, labels }) => {
                let placed = draft.members.iter().any(|var| self.is_in_windows(*var));
                self.contract(*a, *b, labels, placed)
            }
            (DraftKind::Reduce(of, axes), _) => {
                let members = draft.members.iter().copied();
                made =
                    members.filter(|var| matches!(self.inst(*var), Inst::Reduce { .. })).collect();
                self.reduce(&made, of, axes)
            }
            _ => {
                made.clear();
                Kind::Map
            }
        };
        let mut scalars = self.scalars(nest);
        for (i, var) in made.into_iter().enumerate() {
            self.registers[var] = (scalars.id, Reg::Acc(i));
        }
        let mut members = Vec::new();
        for var in &draft.members {
            let reg = self.member(*var, &mut scalars);
            members.push((*var, reg));
        }
        (
            vec![Nest {
                space,
                kind,
                body: scalars.body,
                stores: Vec::new(),
                late: draft.late,
                wanted: Wanted::ALWAYS,
            }],
            members,
        )
    }

    /// A scalar program in some nest, or of a loop that makes no values of its own.
    pub(super) fn scalars(&mut self, nest: usize) -> Scalars {
        self.bodies += 1;
        Scalars { id: self.bodies, nest, body: Body::default() }
    }

    /// The register of a root in its own nest.
    fn member(&mut self, var: Var, scalars: &mut Scalars) -> Reg {
        let (id, reg) = &self.registers[var];
        if *id == scalars.id {
            return reg.clone();
        }
        let reg = match self.inst(var) {
            Inst::Point { prim, args } => self.line(*prim, args, scalars),
            // A copy of what a step is given.
            Inst::Source(Source::Step(i)) => {
                scalars.body.loads.push(self.around.given[*i].clone());
                Reg::Load(scalars.body.loads.len() - 1)
            }
            _ => match self.seen(var) {
                Some(at) => self.load(at, scalars),
                None => match self.constant(var) {
                    Some(num) => Reg::Num(num),
                    None => bug!("fuse", "the copy %{var} has no layout in\n{}", self.func.show()),
                },
            },
        };
        self.registers[var] = (scalars.id, reg.clone());
        reg
    }

    /// The register of any value a body needs.
    pub(super) fn reg(&mut self, var: Var, scalars: &mut Scalars) -> Reg {
        let (id, reg) = &self.registers[var];
        if *id == scalars.id {
            return reg.clone();
        }
        let here = self.root[var] && self.nest_of[var] == scalars.nest;
        let reg = if here {
            return self.member(var, scalars);
        } else if let (false, Some(num)) = (self.is_stored(var), self.constant(var)) {
            Reg::Num(num)
        } else if let Some(at) = self.located(var) {
            self.load(at, scalars)
        } else if let Inst::Point { prim, args } = self.inst(var) {
            self.line(*prim, args, scalars)
        } else {
            bug!("fuse", "%{var} is no root, view or scalar function of\n{}", self.func.show())
        };
        self.registers[var] = (scalars.id, reg.clone());
        reg
    }

    fn line(&mut self, prim: Prim, args: &[Var], scalars: &mut Scalars) -> Reg {
        let args: Vec<Reg> = args.iter().map(|arg| self.reg(*arg, scalars)).collect();
        scalars.body.lines.push((prim, args));
        Reg::Line(scalars.body.lines.len() - 1)
    }

    fn load(&mut self, at: Located, scalars: &mut Scalars) -> Reg {
        let access = self.access(at);
        scalars.body.loads.push(access);
        Reg::Load(scalars.body.loads.len() - 1)
    }

    pub(super) fn access(&mut self, Located { base, layout }: Located) -> Access {
        self.loaded[base] = true;
        Access { buf: self.buffer(base), offset: layout.offset, strides: layout.strides }
    }

    fn contract(&mut self, a: Var, b: Var, labels: &Labels, placed: bool) -> Kind {
        let windowed = placed || !self.is_matrix_product(a, b, labels);
        let ty = |writer: &Self, label: char| {
            let of = |labels: &[char], x: Var| {
                labels.iter().position(|l| *l == label).map(|i| writer.ty(x)[i].clone())
            };
            of(&labels.a, a).or_else(|| of(&labels.b, b)).or_bug("fuse", "axis of a label")
        };
        let summed: Vec<char> =
            labels.a.iter().copied().filter(|label| !labels.out.contains(label)).collect();
        let inner = summed.iter().map(|label| ty(self, *label)).collect();
        let operand = |writer: &mut Self, x: Var, of: &[char]| {
            let Located { base, layout } = writer.located(x).unwrap_or_else(|| writer.whole(x));
            let axes = labels.out.iter().chain(&summed);
            let layout = layout.along(axes.map(|label| of.iter().position(|l| l == label)));
            writer.access(Located { base, layout })
        };
        let (left, right) = (operand(self, a, &labels.a), operand(self, b, &labels.b));
        let side = |label: &char| match (labels.a.contains(label), labels.b.contains(label)) {
            (true, true) => Side::Both,
            (true, false) => Side::A,
            _ => Side::B,
        };
        let of: Vec<Side> = labels.out.iter().map(side).collect();
        // The fastest axis of the result should be one of the second operand.
        if of.iter().rev().find(|side| **side != Side::Both) == Some(&Side::A) {
            let turn = |side: &Side| match side {
                Side::A => Side::B,
                Side::B => Side::A,
                Side::Both => Side::Both,
            };
            let of = of.iter().map(turn).collect();
            return Kind::Contract { inner, a: right, b: left, of, windowed };
        }
        Kind::Contract { inner, a: left, b: right, of, windowed }
    }

    /// The access of an operand of a gather or a scatter: its strides over the axes with these labels.
    fn along(&mut self, x: Var, of: &[char], space: &[char]) -> Access {
        let located = self.located(x);
        let Located { base, layout } =
            located.unwrap_or_else(|| unreachable!("an operand is a view"));
        let axes = space.iter().map(|label| of.iter().position(|l| l == label));
        self.access(Located { base, layout: layout.along(axes) })
    }

    fn gather(&mut self, x: Var, index: Var, labels: &Labels, skip: &Option<Skip>) -> Kind {
        let axis = labels.a.iter().position(|label| !labels.out.contains(label));
        let axis = axis.or_bug("fuse", "axis that integers choose from");
        let chosen = Chosen {
            index: self.along(index, &labels.b, &labels.out),
            bound: self.ty(x)[axis].clone(),
            stride: self.along(x, &labels.a, &labels.a[axis..=axis]).strides.remove(0),
            skip: skip.clone(),
        };
        Kind::Gather { x: self.along(x, &labels.a, &labels.out), chosen }
    }

    fn scatter(
        &mut self,
        x: Var,
        index: Var,
        labels: &Labels,
        (skip, space): (&Option<Dim>, &Shape),
    ) -> Kind {
        let axis = labels.out.iter().position(|label| !labels.a.contains(label));
        let axis = axis.or_bug("fuse", "axis that integers choose from");
        let chosen = Chosen {
            index: self.along(index, &labels.b, &labels.a),
            bound: space[axis].clone(),
            stride: Dim::known(0),
            skip: skip.clone().map(Skip::Zero),
        };
        let mut scalars = self.scalars(usize::MAX);
        let value = self.reg(x, &mut scalars);
        let to = labels.a.iter().map(|label| labels.out.iter().position(|l| l == label)).collect();
        let inner = self.ty(x).clone();
        Kind::Scatter { inner, body: scalars.body, value, chosen, axis, to }
    }

    fn reduce(&mut self, folds: &[Var], of: &Shape, axes: &[usize]) -> Kind {
        let mut scalars = self.scalars(usize::MAX);
        let mut made = Vec::new();
        for var in folds {
            if let Inst::Reduce { fold, x, .. } = self.inst(*var) {
                made.push((*fold, self.reg(*x, &mut scalars)));
            }
        }
        let mut body = scalars.body;
        // Strides over the space, then over what is folded.
        let order: Vec<usize> =
            (0..of.len()).filter(|axis| !axes.contains(axis)).chain(axes.iter().copied()).collect();
        for load in &mut body.loads {
            load.strides = order.iter().map(|axis| load.strides[*axis].clone()).collect();
        }
        Kind::Reduce {
            inner: axes.iter().map(|axis| of[*axis].clone()).collect(),
            body,
            folds: made,
        }
    }

    fn custom(&mut self, op: usize, call: &CustomCall, space: &Shape) -> Kind {
        let (call, args) = match *call {
            CustomCall::Forward { x } => ("forward", vec![x]),
            CustomCall::Jvp { x, dx } => ("jvp", vec![x, dx]),
            CustomCall::Vjp { x, y_bar } => ("vjp", vec![x, y_bar]),
        };
        let args = args
            .into_iter()
            .map(|x| {
                let base = self.base(x);
                self.loaded[base] = true;
                (self.buffer(base), size(&self.ty(x)[1..]))
            })
            .collect();
        Kind::Custom { op, call, args, per_sample: size(&space[1..]) }
    }

    /// A nest that writes the whole of a buffer by itself.
    fn alone(&mut self, var: Var, kind: Kind, late: bool) -> Nest {
        let ty = self.ty(var).clone();
        let buf = self.buffer(var);
        let stores = vec![store(buf, &ty, Reg::Acc(0))];
        let wanted = Wanted::ALWAYS;
        Nest { space: ty, kind, body: Body::default(), stores, late, wanted }
    }
}

fn store(buf: BufId, ty: &Shape, value: Reg) -> Store {
    Store { to: Access { buf, offset: Dim::known(0), strides: strides(ty) }, add: Add::No, value }
}
