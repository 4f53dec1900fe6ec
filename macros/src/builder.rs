//! The builder: how every pass writes instructions.
//!
//! Its constructors simplify as they go: equal instructions are one instruction, constants fold,
//! neutral elements vanish, a view of a view is one view. So no pass leaves what a later
//! one would have to clean up, except dead code (`simplify`).

mod slopes;
mod value;

pub use value::V;

use crate::bug::{OrBug, bug};
use crate::ir::{
    CustomCall, Def, Fold, Inst, Labels, Part, Scan, Skip, Source, Target, Var, View, Window,
};
use crate::number::Num;
use crate::prim::Arith;
use crate::prim::{self, Prim};
use crate::shape::{Dim, Shape};
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::cell::RefCell;
use std::hash::BuildHasher;
use std::rc::Rc;

#[derive(Clone, Default, Debug)]
pub struct Builder {
    defs: RefCell<Vec<Def>>,
    /// The instructions by what they hash to, or by the next number that was free.
    known: RefCell<FxHashMap<u64, Var>>,
}

impl Builder {
    /// What somebody sees in the instructions, without a copy.
    pub fn with_defs<R>(&self, see: impl FnOnce(&[Def]) -> R) -> R {
        see(&self.defs.borrow())
    }

    pub fn into_defs(self) -> Vec<Def> {
        self.defs.into_inner()
    }

    /// A builder that goes on after instructions, which stay as they are and where they are.
    pub fn after(defs: Vec<Def>) -> Builder {
        let b = Builder::default();
        {
            let mut known = b.known.borrow_mut();
            for (var, def) in defs.iter().enumerate() {
                if let Err(key) = find(&known, &defs, def) {
                    known.insert(key, var);
                }
            }
        }
        b.defs.replace(defs);
        b
    }

    /// Takes back the instructions from the `first` on.
    pub fn split_off(&self, first: Var) -> Vec<Def> {
        let (mut defs, mut known) = (self.defs.borrow_mut(), self.known.borrow_mut());
        for (var, def) in defs.iter().enumerate().skip(first).rev() {
            let mut key = FxBuildHasher.hash_one(def);
            while known.get(&key).is_some_and(|at| *at != var) {
                key = key.wrapping_add(1);
            }
            known.remove(&key);
        }
        defs.split_off(first)
    }

    pub fn v(&self, var: Var) -> V<'_> {
        V::new(self, var)
    }

    pub fn ty(&self, var: Var) -> Shape {
        self.defs.borrow()[var].ty.clone()
    }

    pub fn inst(&self, var: Var) -> Inst {
        self.defs.borrow()[var].inst.clone()
    }

    /// Whether an instruction is such a one; nothing is copied to see it.
    fn is(&self, var: Var, what: impl Fn(&Inst) -> bool) -> bool {
        what(&self.defs.borrow()[var].inst)
    }

    fn push(&self, inst: Inst, ty: Shape) -> Var {
        self.define(Def { inst, ty, late: false })
    }

    /// How many instructions there are.
    pub fn len(&self) -> usize {
        self.defs.borrow().len()
    }

    /// An instruction as it is; one that equals it is not written again.
    pub fn define(&self, def: Def) -> Var {
        let (mut defs, mut known) = (self.defs.borrow_mut(), self.known.borrow_mut());
        match find(&known, &defs, &def) {
            Ok(var) => var,
            Err(key) => {
                defs.push(def);
                known.insert(key, defs.len() - 1);
                defs.len() - 1
            }
        }
    }

    /// An instruction once more, though there is one that equals it.
    pub fn again(&self, var: Var) -> Var {
        let mut defs = self.defs.borrow_mut();
        let def = defs[var].clone();
        defs.push(def);
        defs.len() - 1
    }

    pub fn source(&self, source: Source, ty: Shape) -> Var {
        self.push(Inst::Source(source), ty)
    }

    pub fn num(&self, num: Num) -> V<'_> {
        self.v(self.push(Inst::Num(num), Vec::new()))
    }

    pub fn int(&self, n: i128) -> V<'_> {
        self.num(Num::int(n))
    }

    /// `digits · 10^exponent`; the callers' literals fit.
    pub fn decimal(&self, digits: i128, exponent: i32) -> V<'_> {
        self.num(Num::decimal(digits, exponent).unwrap_or(Num::ONE))
    }

    pub fn as_num(&self, var: Var) -> Option<Num> {
        match &self.defs.borrow()[var].inst {
            Inst::Num(num) => Some(num.clone()),
            _ => None,
        }
    }

    /// The constant as an array, where one is needed.
    pub fn fill(&self, var: Var, ty: &[Dim]) -> Var {
        match self.as_num(var) {
            Some(_) if !ty.is_empty() => {
                self.push(Inst::View { x: var, view: View::Broadcast(Vec::new()) }, ty.to_vec())
            }
            _ => var,
        }
    }

    /// The number that every element of an array is, if that is known.
    fn filled(&self, var: Var) -> Option<Var> {
        match &self.defs.borrow()[var].inst {
            Inst::View { x, view: View::Broadcast(_) } => {
                Some(*x).filter(|x| self.as_num(*x).is_some())
            }
            _ => None,
        }
    }

    pub fn point(&self, prim: Prim, args: &[V<'_>]) -> V<'_> {
        if let Some(simple) = self.simpler(prim, args) {
            return simple;
        }
        if let Some(args) = args.iter().map(|arg| self.as_num(arg.var)).collect() {
            return self.num(Num::Call(prim, args));
        }
        let args: Vec<Var> = args.iter().map(|arg| arg.var).collect();
        let array = args.iter().find(|arg| self.as_num(**arg).is_none());
        let ty = self.ty(*array.or_bug("builder", "array among the arguments"));
        self.v(self.push(Inst::Point { prim, args }, ty))
    }

    /// Arithmetic that needs no instruction.
    fn simpler(&self, prim: Prim, args: &[V<'_>]) -> Option<V<'_>> {
        let arg = |i: usize| self.v(args[i].var);
        let num = |i: usize| self.as_num(args[i].var);
        let is = |i: usize, n: i128| num(i).is_some_and(|num| num.is(n));
        let both = |what: fn(&Inst) -> bool| (0..2).all(|i| self.is(args[i].var, what));
        match prim {
            prim::NEG => {
                if let Some(neg) = num(0).and_then(|a| Num::fold('-', &Num::ZERO, &a)) {
                    return Some(self.num(neg));
                }
                match self.inst(arg(0).var) {
                    Inst::Point { prim: prim::NEG, args: of } => Some(self.v(of[0])),
                    _ => None,
                }
            }
            prim::ADD | prim::SUB | prim::MUL | prim::DIV => {
                let sign = prim.operator().unwrap_or('/');
                if let (Some(a), Some(b)) = (num(0), num(1))
                    && let Some(folded) = Num::fold(sign, &a, &b)
                {
                    return Some(self.num(folded));
                }
                match sign {
                    '+' if is(0, 0) => Some(arg(1)),
                    '+' | '-' if is(1, 0) => Some(arg(0)),
                    '-' if is(0, 0) => Some(-arg(1)),
                    '*' if is(0, 1) => Some(arg(1)),
                    '*' | '/' if is(1, 1) => Some(arg(0)),
                    '*' if is(0, -1) => Some(-arg(1)),
                    '*' | '/' if is(1, -1) => Some(-arg(0)),
                    '+' if both(|inst| matches!(inst, Inst::Concat { .. })) => {
                        self.merge_concats(arg(0).var, arg(1).var)
                    }
                    '+' if both(|inst| matches!(inst, Inst::Overlap { .. })) => {
                        self.merge_overlaps(arg(0).var, arg(1).var)
                    }
                    '*' => self.mask(arg(0), arg(1)).or_else(|| self.mask(arg(1), arg(0))),
                    _ => None,
                }
            }
            prim::MUL_STRONG if is(0, 1) => Some(arg(1)),
            prim::MUL_STRONG if num(1).is_some() => Some(arg(0) * arg(1)),
            prim::SELECT_GT if arg(2).var == arg(3).var => Some(arg(2)),
            _ => None,
        }
    }

    /// `select(a > b, 1, 0) · x` is `select(a > b, x, 0)`: no product, and nothing that is not
    /// selected can turn it into NaN.
    fn mask(&self, select: V<'_>, x: V<'_>) -> Option<V<'_>> {
        let args = match &self.defs.borrow()[select.var].inst {
            Inst::Point { prim: prim::SELECT_GT, args } => args.clone(),
            _ => return None,
        };
        let is = |i: usize, n: i128| self.as_num(args[i]).is_some_and(|num| num.is(n));
        let (a, b) = (self.v(args[0]), self.v(args[1]));
        let x = self.v(x.var);
        if is(2, 1) && is(3, 0) {
            Some(a.select_gt(b, x, self.int(0)))
        } else if is(2, 0) && is(3, 1) {
            Some(a.select_gt(b, self.int(0), x))
        } else {
            None
        }
    }

    /// `[a | 0] + [0 | b]` is `[a | b]`: what the transposes of several slices of one value add up to.
    fn merge_concats(&self, x: Var, y: Var) -> Option<V<'_>> {
        let (Inst::Concat { parts: left, axis }, Inst::Concat { parts: right, axis: other }) =
            (self.inst(x), self.inst(y))
        else {
            return None;
        };
        if axis != other {
            return None;
        }
        let length = |part: &Part| match part {
            Part::Value(v) => self.ty(*v)[axis].clone(),
            Part::Zeros(length) => length.clone(),
        };
        // Zeros may be cut anywhere, values nowhere.
        let (mut left, mut right) = (left, right);
        left.reverse();
        right.reverse();
        let mut merged = Vec::new();
        while let (Some(a), Some(b)) = (left.pop(), right.pop()) {
            let (p, q) = (length(&a), length(&b));
            let rest = q.sub(&p);
            merged.push(match (a, b) {
                (Part::Zeros(_), b) if rest.is(0) => b,
                (a, Part::Zeros(_)) if rest.is(0) => a,
                (a, Part::Zeros(_)) if rest.as_known().is_some_and(|n| n > 0) => {
                    right.push(Part::Zeros(rest));
                    a
                }
                (Part::Zeros(_), b) if rest.as_known().is_some_and(|n| n < 0) => {
                    left.push(Part::Zeros(p.sub(&q)));
                    b
                }
                _ => return None,
            });
        }
        Some(self.v(self.concat(&merged, axis, self.ty(x))))
    }

    /// What is added to the same zeros is one overlap: the transposes of several windows of one value.
    fn merge_overlaps(&self, x: Var, y: Var) -> Option<V<'_>> {
        let (Inst::Overlap { mut parts }, Inst::Overlap { parts: more }) =
            (self.inst(x), self.inst(y))
        else {
            return None;
        };
        parts.extend(more);
        Some(self.v(self.overlap(parts, self.ty(x))))
    }

    pub fn broadcast(&self, x: Var, axes: Vec<usize>, ty: Shape) -> Var {
        if self.as_num(x).is_some() || self.ty(x) == ty {
            return x;
        }
        if let Some(num) = self.filled(x) {
            return self.fill(num, &ty);
        }
        match self.inst(x) {
            Inst::View { x, view: View::Broadcast(inner) } => {
                self.broadcast(x, inner.iter().map(|axis| axes[*axis]).collect(), ty)
            }
            _ => self.push(Inst::View { x, view: View::Broadcast(axes) }, ty),
        }
    }

    pub fn reduce(&self, fold: Fold, x: Var, axes: Vec<usize>) -> Var {
        let ty: Shape = without(&self.ty(x), &axes);
        if axes.iter().all(|axis| self.ty(x)[*axis].is(1)) {
            return self.reshape(x, ty);
        }
        self.push(Inst::Reduce { fold, x, axes }, ty)
    }

    pub fn permute(&self, x: Var, perm: Vec<usize>) -> Var {
        if perm.iter().enumerate().all(|(i, p)| i == *p) {
            return x;
        }
        if let Inst::View { x, view: View::Permute(inner) } = self.inst(x) {
            return self.permute(x, perm.iter().map(|axis| inner[*axis]).collect());
        }
        let ty = self.ty(x);
        let ty: Shape = perm.iter().map(|axis| ty[*axis].clone()).collect();
        match self.filled(x) {
            Some(num) => self.fill(num, &ty),
            None => self.push(Inst::View { x, view: View::Permute(perm) }, ty),
        }
    }

    pub fn reshape(&self, x: Var, ty: Shape) -> Var {
        if self.ty(x) == ty {
            return x;
        }
        if let Some(num) = self.filled(x) {
            return self.fill(num, &ty);
        }
        match self.inst(x) {
            Inst::View { x, view: View::Reshape } => self.reshape(x, ty),
            _ => self.push(Inst::View { x, view: View::Reshape }, ty),
        }
    }

    pub fn slice(&self, x: Var, axis: usize, start: Dim, length: Dim) -> Var {
        let mut ty = self.ty(x);
        if ty[axis] == length {
            return x;
        }
        if let Inst::Concat { parts, axis: along } = self.inst(x)
            && along == axis
        {
            let mut at = Dim::known(0);
            for part in parts {
                let Part::Value(part) = part else { break };
                if at == start && self.ty(part)[axis] == length {
                    return part;
                }
                at = at.add(&self.ty(part)[axis]);
            }
        }
        ty[axis] = length;
        match self.filled(x) {
            Some(num) => self.fill(num, &ty),
            None => self.push(Inst::View { x, view: View::Slice { axis, start } }, ty),
        }
    }

    /// `ty` is the shape of the view.
    pub fn window(&self, x: Var, window: Window, ty: Shape) -> Var {
        if self.ty(x) == ty && window == Window::whole(ty.len()) {
            return x;
        }
        match self.filled(x) {
            Some(num) => self.fill(num, &ty),
            None => self.push(Inst::View { x, view: View::Window(window) }, ty),
        }
    }

    /// `ty` is the shape of the result.
    pub fn overlap(&self, parts: Vec<(Var, Window)>, ty: Shape) -> Var {
        match parts.as_slice() {
            [(x, window)] if self.ty(*x) == ty && *window == Window::whole(ty.len()) => *x,
            _ => self.push(Inst::Overlap { parts }, ty),
        }
    }

    /// `ty` is the shape of the result. Empty stretches of zeros are dropped.
    pub fn concat(&self, parts: &[Part], axis: usize, ty: Shape) -> Var {
        let parts: Vec<Part> = parts
            .iter()
            .filter(|part| !matches!(part, Part::Zeros(d) if d.is(0)))
            .cloned()
            .collect();
        match parts.as_slice() {
            [Part::Value(x)] => *x,
            _ => self.push(Inst::Concat { parts, axis }, ty),
        }
    }

    pub fn contract(&self, a: Var, b: Var, labels: Labels) -> Var {
        let summed: Vec<char> =
            labels.a.iter().copied().filter(|label| !labels.out.contains(label)).collect();
        let (a, of_a) = self.side_by_side(a, &labels.a, &summed);
        let (b, of_b) = self.side_by_side(b, &labels.b, &summed);
        let labels = Labels { a: of_a, b: of_b, out: labels.out };
        let dim = |label: &char| {
            let find = |labels: &[char], x: Var| {
                labels.iter().position(|l| l == label).map(|axis| self.ty(x)[axis].clone())
            };
            find(&labels.a, a).or_else(|| find(&labels.b, b)).or_bug("builder", "axis of a label")
        };
        let ty = labels.out.iter().map(dim).collect();
        self.push(Inst::Contract { a, b, labels: Rc::new(labels) }, ty)
    }

    /// Brings the axes that are summed over side by side and in one order, so that a kernel can run
    /// over them as over one axis.
    fn side_by_side(&self, x: Var, labels: &[char], summed: &[char]) -> (Var, Vec<char>) {
        if labels.windows(summed.len().max(1)).any(|window| window == summed) || summed.is_empty() {
            return (x, labels.to_vec());
        }
        let rest = labels.iter().copied().filter(|label| !summed.contains(label));
        // The batch stays in front.
        let order: Vec<char> = if summed.contains(&labels[0]) {
            summed.iter().copied().chain(rest).collect()
        } else {
            rest.chain(summed.iter().copied()).collect()
        };
        let perm =
            order.iter().filter_map(|label| labels.iter().position(|l| l == label)).collect();
        (self.permute(x, perm), order)
    }

    pub fn gather(&self, x: Var, index: Var, labels: Labels, skip: Option<Skip>) -> Var {
        let dim = |label: &char| {
            let find = |labels: &[char], x: Var| {
                labels.iter().position(|l| l == label).map(|axis| self.ty(x)[axis].clone())
            };
            find(&labels.b, index)
                .or_else(|| find(&labels.a, x))
                .or_bug("builder", "axis of a label")
        };
        let ty = labels.out.iter().map(dim).collect();
        self.push(Inst::Gather { x, index, labels: Rc::new(labels), skip }, ty)
    }

    /// `ty` is the shape of the result.
    pub fn scatter(&self, x: Var, index: Var, labels: Labels, skip: Option<Dim>, ty: Shape) -> Var {
        self.push(Inst::Scatter { x, index, labels: Rc::new(labels), skip }, ty)
    }

    /// Element `k` of so many is `k / repeat % cycle`.
    pub fn iota(&self, length: Dim, repeat: Dim, cycle: Dim) -> V<'_> {
        self.v(self.push(Inst::Iota { repeat, cycle }, vec![length]))
    }

    pub fn random(&self, site: usize, ty: Shape) -> Var {
        self.push(Inst::Random { site }, ty)
    }

    pub fn custom(&self, op: usize, call: CustomCall, ty: Shape) -> Var {
        self.push(Inst::Custom { op, call }, ty)
    }

    /// A loop. Its results are had one by one.
    pub fn scan(&self, scan: Scan, args: Vec<Var>) -> Var {
        self.push(Inst::Scan { scan: Rc::new(scan), args }, Vec::new())
    }

    pub fn scan_result(&self, of: Var, index: usize) -> Var {
        let Inst::Scan { scan, .. } = self.inst(of) else {
            bug!("builder", "%{of} is no loop");
        };
        let ty = scan.body.results.iter().find(|res| res.target == Target::Step(index));
        let ty = &scan.body.defs[ty.or_bug("builder", "result of a step").value].ty;
        let ty = scan.results[index].outside(ty, &scan.length);
        self.push(Inst::ScanResult { of, index }, ty)
    }

    /// The same instruction about values of this builder.
    pub fn copy(&self, def: &Def, name: impl Fn(Var) -> Var) -> Var {
        let mut inst = def.inst.clone();
        inst.rename(name);
        self.push(inst, def.ty.clone())
    }
}

/// The instruction that equals one, or the free key for it.
fn find(known: &FxHashMap<u64, Var>, defs: &[Def], def: &Def) -> Result<Var, u64> {
    let mut key = FxBuildHasher.hash_one(def);
    while let Some(var) = known.get(&key) {
        if defs[*var] == *def {
            return Ok(*var);
        }
        key = key.wrapping_add(1);
    }
    Err(key)
}

/// A shape without some of its axes.
pub fn without(ty: &[Dim], axes: &[usize]) -> Shape {
    ty.iter()
        .enumerate()
        .filter(|(axis, _)| !axes.contains(axis))
        .map(|(_, dim)| dim.clone())
        .collect()
}
