//! A model whose names are resolved and whose shapes are known: what `infer` makes and `lower` reads.

use crate::ast::ModelId;
use crate::number::Num;
use crate::ops::{Body, Init, OpDef, Opt, Torch};
use crate::shape::{Dim, Shape};
use proc_macro2::{Span, TokenStream};

/// The index of a value.
pub type ValueId = usize;

#[derive(Default)]
pub struct Typed {
    /// Whether the shapes of inputs and output are known.
    pub header: bool,
    pub inputs: Vec<Input>,
    pub output: Shape,
    /// In order of computation; shapes are those of one sample.
    pub values: Vec<Value>,
    pub result: ValueId,
    /// In the order of the struct's fields, which is that of memory: first those that are trained,
    /// after them the state.
    pub params: Vec<Param>,
    /// How many are trained.
    pub trained: usize,
    pub fields: Vec<Field>,
    pub consts: Vec<Const>,
    pub asserts: Vec<Assert>,
    pub limits: Vec<Limit>,
    pub customs: Vec<Custom>,
    pub rows: Vec<Row>,
    /// What is computed again on the way back, and not kept.
    pub recomputed: Vec<Region>,
    /// A model inside it that has a mistake, which was reported there.
    pub broken: Option<TokenStream>,
}

/// The values of a step that is marked `#[recompute]`, and the one among them that it gives.
pub struct Region {
    pub values: std::ops::Range<ValueId>,
    pub result: ValueId,
}

impl Typed {
    /// The parameters that are trained.
    pub fn trained(&self) -> &[Param] {
        &self.params[..self.trained]
    }

    /// The arrays of state.
    pub fn state(&self) -> &[Param] {
        &self.params[self.trained..]
    }

    /// The fields that hold state, or those that do not.
    pub fn fields_of(&self, state: bool) -> Vec<Field> {
        fn pick(fields: &[Field], wanted: &impl Fn(usize) -> bool) -> Vec<Field> {
            let field = |field: &Field| match field {
                Field::Leaf { param, .. } => wanted(*param).then(|| field.clone()),
                Field::Node { name, fields: inner, kind } => {
                    let fields = pick(inner, wanted);
                    let left = !fields.is_empty() || inner.is_empty() && wanted(usize::MAX);
                    // The struct of a model that can be named is that of its parameters.
                    let kind = match kind {
                        NodeKind::Model(_) if !wanted(usize::MAX) => NodeKind::Struct,
                        kind => kind.clone(),
                    };
                    left.then(|| Field::Node { name: name.clone(), fields, kind })
                }
            };
            fields.iter().filter_map(field).collect()
        }
        let is_state = |param: usize| {
            self.params.get(param).is_some_and(|param| matches!(param.init, Init::State(_)))
        };
        pick(&self.fields, &|param| is_state(param) == state)
    }

    /// Whether training calls are another program than evaluation calls, and if so whether they are
    /// random.
    pub fn modes(&self) -> Option<bool> {
        let random = self.values.iter().filter_map(|value| match &value.def {
            ValueDef::Apply { op: OpDef { body: Body::Modes { random, .. }, .. }, .. } => {
                Some(*random)
            }
            _ => None,
        });
        random.reduce(|a, b| a || b)
    }
}

pub struct Input {
    /// `x` if the user gave none.
    pub name: String,
    pub shape: Shape,
    /// What integers are below.
    pub index: Option<Dim>,
}

pub struct Value {
    pub shape: Shape,
    /// What integers are below; `None` for real numbers.
    pub index: Option<Dim>,
    pub def: ValueDef,
}

pub enum ValueDef {
    Input(usize),
    /// A parameter, by its name.
    Param(usize),
    Apply {
        op: &'static OpDef,
        args: Vec<Operand>,
        options: Vec<Opt>,
        params: Vec<usize>,
    },
    Custom {
        op: usize,
        x: ValueId,
    },
    /// What a step of a scan is given: an element of a sequence, or a state.
    Inside,
    /// A loop. Its body is a stretch of values before it, in which nothing else stands.
    Scan {
        body: std::ops::Range<ValueId>,
        /// Sequences and what a step sees of them.
        each: Vec<(ValueId, ValueId)>,
        /// How a state begins (`None`: with zeros), what a step sees of it, what the next one is given.
        carried: Vec<(Option<ValueId>, ValueId, ValueId)>,
        /// What a step gives.
        out: ValueId,
        reverse: bool,
    },
    /// What a step with a mistake would have provided, of the shape its arrow promises.
    Broken,
}

impl ValueDef {
    /// The values it is made from; those of a loop's body are not among them.
    pub fn values(&self) -> Vec<ValueId> {
        match self {
            ValueDef::Input(_) | ValueDef::Param(_) | ValueDef::Inside | ValueDef::Broken => {
                Vec::new()
            }
            ValueDef::Apply { args, .. } => args
                .iter()
                .filter_map(|arg| match arg {
                    Operand::Value(id) => Some(*id),
                    Operand::Number(_) => None,
                })
                .collect(),
            ValueDef::Custom { x, .. } => vec![*x],
            ValueDef::Scan { each, carried, out, .. } => {
                let each = each.iter().map(|(x, _)| *x);
                let carried = carried.iter().flat_map(|(init, _, next)| init.iter().chain([next]));
                each.chain(carried.copied()).chain([*out]).collect()
            }
        }
    }
}

#[derive(Clone)]
pub enum Operand {
    Value(ValueId),
    Number(Num),
}

pub struct Param {
    /// `fc1.weight`
    pub path: String,
    pub shape: Shape,
    pub init: Init,
    /// It is not trained: derivatives towards it are taken as zero.
    pub frozen: bool,
    /// The op that it belongs to.
    pub op: &'static str,
    pub torch: Torch,
}

/// A field of the generated struct.
#[derive(Clone)]
pub enum Field {
    /// An array of parameters.
    Leaf { name: String, param: usize },
    /// The parameters of a step or of a named block.
    Node { name: String, fields: Vec<Field>, kind: NodeKind },
}

/// What the type of a node is.
#[derive(Clone)]
pub enum NodeKind {
    /// A struct that is generated for it.
    Struct,
    /// The struct of another model, by the path that the user wrote.
    Model(TokenStream),
    /// An array: the fields are alike.
    List,
}

/// A Rust expression of the user's that generated code refers to by name.
pub struct Const {
    pub code: String,
    pub text: String,
    pub tokens: TokenStream,
    pub kind: ConstKind,
    /// The model in whose source it stands, if that is not in scope here.
    pub scope: Option<ModelId>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ConstKind {
    /// `usize`
    Dim,
    /// `f64`
    Number,
}

/// Two dimensions that must be equal, which only rustc can find out; or of which the left must be at least the
/// right.
pub struct Assert {
    pub at_least: bool,
    pub left: Dim,
    pub right: Dim,
    pub span: Span,
    /// The op whose rule needs it, and the shapes as the user wrote them.
    pub context: String,
}

/// What must hold of a number that only rustc knows, as a condition of Rust.
pub struct Limit {
    pub holds: String,
    pub message: String,
    pub span: Span,
}

pub struct Custom {
    pub value: TokenStream,
    pub text: String,
    pub span: Span,
    pub domain: Shape,
    pub codomain: Shape,
    /// As that of a `const`.
    pub scope: Option<ModelId>,
}

/// A line of the table in the struct's documentation.
pub struct Row {
    pub name: String,
    pub op: String,
    pub from: Option<Shape>,
    pub to: Shape,
    pub params: Dim,
}

/// The parameter arrays of a field, in order.
pub fn leaves(fields: &[Field]) -> Vec<usize> {
    fields
        .iter()
        .flat_map(|field| match field {
            Field::Leaf { param, .. } => vec![*param],
            Field::Node { fields, .. } => leaves(fields),
        })
        .collect()
}
