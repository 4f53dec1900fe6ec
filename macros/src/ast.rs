//! The syntax tree of `model!`: what the user wrote, with the span of every token an error may
//! have to point at. It knows nothing about ops or shapes; a name is only a name here.

use proc_macro2::{Ident, Span, TokenStream};

/// The index of a model in the library.
pub type ModelId = usize;

/// One `model! { … }` call: several models.
#[derive(Default)]
pub struct File {
    pub models: Vec<Model>,
}

/// `#[doc = "…"] pub Name: [σ] -> [τ] { steps }` or `pub Name(a: [σ], b: [σ]) -> [τ] { steps }`.
pub struct Model {
    /// Outer attributes, whole (`#[…]`), doc comments among them; they go to the struct.
    pub attrs: Vec<TokenStream>,
    /// The visibility, empty for a private model.
    pub vis: TokenStream,
    pub name: Ident,
    /// `<T, D>`: the sizes of a generic model, which its uses decide.
    pub sizes: Vec<Ident>,
    /// `Name = Generic<64, 128>;`: the generic model that this is. It has no inputs and steps of its own.
    pub instance_of: Option<Use>,
    /// At least one, or none if the header could not be read. The single input of `Name: [σ] -> [τ]` has
    /// no name.
    pub inputs: Vec<Input>,
    pub output: Shape,
    pub body: Vec<Step>,
    /// All of it from the name on, as written: what the users of this model are given to read.
    pub source: TokenStream,
    /// False when the parser could not read all of it. The errors are already reported, and only a stub
    /// may be generated.
    pub complete: bool,
}

/// Another model by its name, as an op: `Attention`, `blocks::FeedForward<64, _>`.
pub struct Use {
    pub path: TokenStream,
    /// The path, as errors spell it.
    pub text: String,
    /// `<64, _>`, in the order of the generic model's sizes.
    pub sizes: Option<Vec<Dim>>,
    pub span: Span,
}

/// `x: [64]`; `label: index(10)` for an integer below 10, `tokens: [64] of index(10)` for many.
pub struct Input {
    pub name: Option<Ident>,
    pub kind: InputKind,
    pub shape: Shape,
}

pub enum InputKind {
    Real,
    /// Integers in `0..bound`.
    Index {
        bound: Dim,
    },
}

/// `[28, 4 * D, _]`, with the span of the brackets and what they hold.
#[derive(Clone)]
pub struct Shape {
    pub dims: Vec<Dim>,
    pub span: Span,
}

/// One dimension as written.
#[derive(Clone)]
pub struct Dim {
    pub kind: DimKind,
    pub span: Span,
}

#[derive(Clone)]
pub enum DimKind {
    /// `_`
    Infer,
    /// `28`
    Lit(u64),
    /// A `const` in scope: `D`, `Self::D`, `config::WIDTH`. The text is how errors spell it.
    Const { path: TokenStream, text: String },
    /// `a + b`, `a - b`, `a * b`, `a / b`, `a % b`
    Bin(char, Box<Dim>, Box<Dim>),
}

/// One element of a body.
pub enum Step {
    /// `[name =] rhs [: σ] [-> τ]`
    Apply(Apply),
    /// `let f = rhs [: σ] [-> τ]`: parameters declared once, applied by `f` or `f(v)`.
    Let { name: Ident, def: Apply },
    /// `h <- rhs`: what the next step of a scan is given as `h`.
    Next { state: Ident, def: Apply },
}

pub struct Apply {
    /// Empty for an unnamed step; several for `(a, b) = split(…)`.
    pub names: Vec<Ident>,
    pub attrs: StepAttrs,
    pub rhs: Rhs,
    /// `: [σ]`
    pub domain: Option<Shape>,
    /// `-> [τ]`
    pub codomain: Option<Shape>,
    /// The first token of the right-hand side.
    pub span: Span,
}

/// What stands before a step.
#[derive(Clone, Copy, Default)]
pub struct StepAttrs {
    /// `#[frozen]`: the parameters of the step are not trained.
    pub frozen: bool,
    /// `#[recompute]`: nothing inside the step is kept for the way back.
    pub recompute: bool,
}

pub enum Rhs {
    /// An op, a value, a call or arithmetic. A bare `relu` is `Expr::Name`.
    Expr(Expr),
    /// `|a, b| a * sigmoid(b)`: a custom elementwise op.
    Closure { params: Vec<Ident>, body: Expr },
    /// `{ steps }`
    Block { steps: Vec<Step> },
    /// `scan(x, h: [16]) { steps }`
    Scan(Scan),
    /// `Attention`, `blocks::Distance(u, v)`: another model. Without arguments it takes the flowing value.
    Model { used: Use, args: Vec<Arg> },
    /// `[Block; 6]`: so many in a row, each with its own parameters.
    Repeat { item: Box<Apply>, count: Dim },
    /// `MyOp {}`, `MyOp(0.5)`, `path::MyOp::new(3)`: a Rust expression whose value implements
    /// `pullback::spec::Op`; it takes the flowing value. Recognised by a `::` in the path or a capital
    /// first letter of its last segment, and told from a model by what follows: a model is a bare path, or
    /// is given values.
    Custom { value: TokenStream, text: String },
    /// What the parser could not read and has reported. Names and arrow are kept where there were any, so
    /// that the steps after it can be checked.
    Lost,
}

/// A body that runs for each element of sequences.
pub struct Scan {
    /// The sequences, or none for the flowing value.
    pub each: Vec<Ident>,
    pub carried: Vec<Carried>,
    pub reverse: bool,
    pub steps: Vec<Step>,
    /// The word `scan`.
    pub span: Span,
}

/// `h: [16] = h0`: a state of a scan; it begins with zeros if nothing else is said.
pub struct Carried {
    pub name: Ident,
    pub shape: Shape,
    pub init: Option<Expr>,
}

/// Expressions over values, numbers and ops; also what stands between an op's parentheses.
pub struct Expr {
    pub kind: ExprKind,
    /// The token an error about this expression points at: a name, a number, an operator.
    pub span: Span,
}

pub enum ExprKind {
    /// `0.5`, `3`, `1e-6`: exactly as written.
    Number(Number),
    /// `x`: a value, an op, or a `const` in scope, which is for `infer` to say.
    Name(Ident),
    /// `f64::EPSILON`, `config::SLOPE`: a Rust path of several segments.
    Path { path: TokenStream, text: String },
    /// `table.weight`, `block.fc1.weight`: parameters of a step, by their name.
    Member(Vec<Ident>),
    /// `op(args)`
    Call { op: Ident, args: Vec<Arg> },
    /// `a + b`, `a - b`, `a * b`, `a / b`
    Bin(char, Box<Expr>, Box<Expr>),
    /// `-a`
    Neg(Box<Expr>),
    /// `[0, 2]`, as in `sum(axes = [0, 2])`
    List(Vec<Expr>),
    /// `0..32`, as in `slice(0..32)`
    Range(Box<Expr>, Box<Expr>),
    /// `true`, `false`
    Bool(bool),
    /// `"ij,jk->ik"`
    Text(String),
    /// `nn.Linear(8, 64)`, `x.relu()`: a mistake, of which `infer` knows what to write instead.
    Method { receiver: String, name: Ident, given: Vec<Given> },
    /// `x[0..4]`, `x[:, -1]`: a mistake as well; the texts between the commas.
    Index { value: Box<Expr>, text: String, items: Vec<String> },
}

/// An argument as it is written, whether or not it can be read.
#[derive(Clone, Debug)]
pub struct Given {
    pub name: Option<String>,
    pub text: String,
}

/// `value` or `name = value`
pub struct Arg {
    pub name: Option<Ident>,
    pub value: Expr,
}

/// A decimal number kept exactly: `digits · 10^exponent`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Number {
    pub digits: i128,
    pub exponent: i32,
}
