//! Linear programs: what tangents and cotangents are made of, as data. The set of operations is closed, which is why no op
//! ever needs a transpose of its own; `lin` writes them.

use super::{Def, Labels, Passing, Source, Target, Var, Window};
use crate::shape::{Dim, Shape};
use std::rc::Rc;

/// A linear value, by the index of its definition.
pub type LinVar = usize;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum LinOp {
    /// A tangent or a cotangent that comes from outside.
    Source(Source),
    Add(LinVar, LinVar),
    /// Element by element with a primal value, or a constant.
    Scale(LinVar, Var),
    Broadcast {
        x: LinVar,
        axes: Vec<usize>,
    },
    Sum {
        x: LinVar,
        axes: Vec<usize>,
    },
    Permute {
        x: LinVar,
        perm: Vec<usize>,
    },
    Reshape {
        x: LinVar,
    },
    Slice {
        x: LinVar,
        axis: usize,
        start: Dim,
    },
    /// A strided view; each other's transpose.
    Window {
        x: LinVar,
        window: Window,
    },
    /// Zeros, and `x` added where the window lies.
    Overlap {
        x: LinVar,
        window: Window,
    },
    Concat {
        parts: Vec<LinPart>,
        axis: usize,
    },
    /// With a primal value; `labels.a` are those of `x`.
    Contract {
        x: LinVar,
        with: Var,
        labels: Labels,
    },
    /// What integers choose, and sums into what they choose: each is the transpose of the other.
    Gather {
        x: LinVar,
        index: Var,
        labels: Labels,
        skip: Option<Dim>,
    },
    Scatter {
        x: LinVar,
        index: Var,
        labels: Labels,
        skip: Option<Dim>,
    },
    /// The derivative of a user's op at a primal value, or its transpose.
    Custom {
        op: usize,
        at: Var,
        x: LinVar,
        transposed: bool,
    },
    /// A loop, linear in `args`; `None` is zero.
    Scan {
        scan: Rc<LinScan>,
        with: Vec<Var>,
        args: Vec<Option<LinVar>>,
    },
    /// What a loop leads to.
    ScanResult {
        of: LinVar,
        index: usize,
    },
}

impl LinOp {
    /// The linear values it reads.
    pub fn args(&self) -> Vec<LinVar> {
        match self {
            LinOp::Source(_) => Vec::new(),
            LinOp::Add(x, y) => vec![*x, *y],
            LinOp::Scan { args, .. } => args.iter().flatten().copied().collect(),
            LinOp::ScanResult { of, .. } => vec![*of],
            LinOp::Scale(x, _)
            | LinOp::Broadcast { x, .. }
            | LinOp::Sum { x, .. }
            | LinOp::Permute { x, .. }
            | LinOp::Reshape { x }
            | LinOp::Slice { x, .. }
            | LinOp::Window { x, .. }
            | LinOp::Overlap { x, .. }
            | LinOp::Contract { x, .. }
            | LinOp::Gather { x, .. }
            | LinOp::Scatter { x, .. }
            | LinOp::Custom { x, .. } => vec![*x],
            LinOp::Concat { parts, .. } => parts
                .iter()
                .filter_map(|part| match part {
                    LinPart::Value(x) => Some(*x),
                    LinPart::Zeros(_) => None,
                })
                .collect(),
        }
    }

    /// The primal values it mentions.
    pub fn primals(&self) -> Vec<Var> {
        match self {
            LinOp::Scale(_, with)
            | LinOp::Contract { with, .. }
            | LinOp::Gather { index: with, .. }
            | LinOp::Scatter { index: with, .. }
            | LinOp::Custom { at: with, .. } => vec![*with],
            LinOp::Scan { with, .. } => with.clone(),
            _ => Vec::new(),
        }
    }

    /// Renames the primal values it mentions.
    pub fn rename_primals(&mut self, name: impl Fn(Var) -> Var) {
        match self {
            LinOp::Scale(_, with)
            | LinOp::Contract { with, .. }
            | LinOp::Gather { index: with, .. }
            | LinOp::Scatter { index: with, .. }
            | LinOp::Custom { at: with, .. } => *with = name(*with),
            LinOp::Scan { with, .. } => with.iter_mut().for_each(|x| *x = name(*x)),
            _ => {}
        }
    }

    /// Renames the linear values it reads.
    pub fn rename(&mut self, name: impl Fn(LinVar) -> LinVar) {
        match self {
            LinOp::Source(_) => {}
            LinOp::Add(x, y) => (*x, *y) = (name(*x), name(*y)),
            LinOp::Scan { args, .. } => args.iter_mut().flatten().for_each(|x| *x = name(*x)),
            LinOp::ScanResult { of: x, .. }
            | LinOp::Scale(x, _)
            | LinOp::Broadcast { x, .. }
            | LinOp::Sum { x, .. }
            | LinOp::Permute { x, .. }
            | LinOp::Reshape { x }
            | LinOp::Slice { x, .. }
            | LinOp::Window { x, .. }
            | LinOp::Overlap { x, .. }
            | LinOp::Contract { x, .. }
            | LinOp::Gather { x, .. }
            | LinOp::Scatter { x, .. }
            | LinOp::Custom { x, .. } => *x = name(*x),
            LinOp::Concat { parts, .. } => parts.iter_mut().for_each(|part| {
                if let LinPart::Value(x) = part {
                    *x = name(*x);
                }
            }),
        }
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum LinPart {
    Value(LinVar),
    Zeros(Dim),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct LinDef {
    pub op: LinOp,
    pub ty: Shape,
}

/// A linear program and where its values go.
#[derive(Clone, Default, PartialEq, Eq, Hash, Debug)]
pub struct LinFunc {
    pub defs: Vec<LinDef>,
    pub results: Vec<(Target, LinVar)>,
}

/// A linear loop: a linear program for each step over primal values.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct LinScan {
    pub length: Dim,
    pub reverse: bool,
    /// Whether its steps compute from the primal arguments what they mention.
    pub recompute: bool,
    /// How the primal arguments pass into the steps. In a step they are the first sources.
    pub with: Vec<Passing>,
    /// The primal values that `lin` mentions.
    pub primal: Vec<Def>,
    /// How the linear arguments pass into the steps and the results out of them, and what a step sees.
    pub args: Vec<(Passing, Shape)>,
    pub results: Vec<(Passing, Shape)>,
    pub lin: LinFunc,
}
