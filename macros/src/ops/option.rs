//! Options of ops: by name, with types, and with defaults as a user would write them.
//!
//! A stanza lists its options, `&[AXIS.or("-1"), EPS.or("1e-5")]`; what it does reads them with the same keys,
//! `l.get(EPS)`. How the op is written follows from the list. A key finds an option by its name alone, so that two keys of
//! one name may read it in two ways.

use super::limits::Limits;
use super::{At, OpDef};
use crate::bug::OrBug;
use crate::number::Num;
use crate::shape::Dim;
use std::rc::Rc;

/// What a user may write for an option.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OptKind {
    /// A number or a `const` of type `f64`.
    Number,
    /// A size: a number or a `const` of type `usize`.
    Size,
    /// An axis of the first value; negative ones count from the end.
    Axis,
    /// One axis or a list of them.
    Axes,
    /// Axes in an order that matters.
    Order,
    /// The place of a new axis: one more than there are.
    NewAxis,
    /// `"text"`
    Text,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// `start..end` of dimensions.
    Range,
    Bool,
    /// A dimension for each axis of a window, or one for all.
    Sizes,
    /// Sizes, or `same`, or `valid`.
    Padding,
}

/// An option that an op has.
#[derive(Clone, Copy)]
pub struct OptDef {
    pub name: &'static str,
    pub kind: OptKind,
    pub fallback: Fallback,
    /// Which numbers it can be.
    pub limits: Option<Limits>,
}

/// What an option is when it is not given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// It has to be given; how the documentation shows it.
    Required(&'static str),
    /// What a user would write for the same: `1e-5`, `-1`, `all`, `"mean"`.
    Text(&'static str),
    /// [`Opt::Absent`], of which the op makes something; how the documentation shows that, if at all.
    Absent(Option<&'static str>),
}

/// The value of an option.
#[derive(Clone, Debug)]
pub enum Opt {
    Number(Num),
    Size(Dim),
    Axes(Vec<usize>),
    Range(Dim, Dim),
    Bool(bool),
    /// One for each axis of a window, or one for all.
    Sizes(Vec<Dim>),
    /// `padding = same`
    Same,
    /// Not given.
    Absent,
    Text(Rc<str>),
}

/// What lies around the axes of a window.
pub enum Around {
    /// Sizes for each axis, or one for all.
    Sizes(Vec<Dim>),
    /// As much as keeps the length of an axis.
    Same,
}

/// The name of an option and the type of its value.
pub struct Key<V> {
    pub name: &'static str,
    kind: OptKind,
    read: fn(&Opt) -> Option<V>,
    limits: Option<Limits>,
}

impl<V> Clone for Key<V> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<V> Copy for Key<V> {}

/// Keys: what is written, what its value is, and where that is in an [`Opt`].
macro_rules! keys {
    ($($(#[$doc:meta])* $key:ident($kind:expr) -> $value:ty: $pattern:pat => $read:expr;)*) => {$(
        $(#[$doc])*
        pub const fn $key(name: &'static str) -> Key<$value> {
            Key {
                name,
                kind: $kind,
                read: |opt| match opt {
                    $pattern => Some($read),
                    _ => None,
                },
                limits: None,
            }
        }
    )*};
}
keys! {
    number(OptKind::Number) -> Num: Opt::Number(num) => num.clone();
    size(OptKind::Size) -> Dim: Opt::Size(dim) => dim.clone();
    axis(OptKind::Axis) -> usize: Opt::Axes(axes) => axes[0];
    new_axis(OptKind::NewAxis) -> usize: Opt::Axes(axes) => axes[0];
    axes(OptKind::Axes) -> Vec<usize>: Opt::Axes(axes) => axes.clone();
    order(OptKind::Order) -> Vec<usize>: Opt::Axes(axes) => axes.clone();
    text(OptKind::Text) -> Rc<str>: Opt::Text(text) => text.clone();
    range(OptKind::Range) -> (Dim, Dim): Opt::Range(start, end) => (start.clone(), end.clone());
    flag(OptKind::Bool) -> bool: Opt::Bool(flag) => *flag;
    sizes(OptKind::Sizes) -> Vec<Dim>: Opt::Sizes(sizes) => sizes.clone();
}

/// One of several texts.
pub const fn one_of(name: &'static str, texts: &'static [&'static str]) -> Key<Rc<str>> {
    Key { kind: OptKind::OneOf(texts), ..text(name) }
}

/// Sizes; with `same`, also that word.
pub const fn padding(name: &'static str, same: bool) -> Key<Around> {
    Key {
        name,
        kind: if same { OptKind::Padding } else { OptKind::Sizes },
        read: |opt| match opt {
            Opt::Sizes(sizes) => Some(Around::Sizes(sizes.clone())),
            Opt::Same => Some(Around::Same),
            _ => None,
        },
        limits: None,
    }
}

impl Key<Num> {
    /// A number within limits.
    pub const fn within(self, limits: Limits) -> Self {
        Key { limits: Some(limits), ..self }
    }
}

impl<V> Key<V> {
    const fn def(self, fallback: Fallback) -> OptDef {
        OptDef { name: self.name, kind: self.kind, fallback, limits: self.limits }
    }

    /// An option that has to be given.
    pub const fn required(self) -> OptDef {
        self.required_shown(self.name)
    }

    /// An option that has to be given, and is shown as something else than its name.
    pub const fn required_shown(self, shown: &'static str) -> OptDef {
        self.def(Fallback::Required(shown))
    }

    /// An option with a default, as a user would write it.
    pub const fn or(self, default: &'static str) -> OptDef {
        self.def(Fallback::Text(default))
    }

    /// An option that may be left out.
    pub const fn optional(self) -> OptDef {
        self.def(Fallback::Absent(None))
    }

    /// An option that may be left out, and what it is then, for readers.
    pub const fn optional_shown(self, shown: &'static str) -> OptDef {
        self.def(Fallback::Absent(Some(shown)))
    }

    /// Where a mistake in it is.
    pub fn at(self) -> At {
        At::Opt(self.name)
    }
}

/// The options of a call.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    op: &'static str,
    defs: &'static [OptDef],
    values: &'a [Opt],
}

impl<'a> Options<'a> {
    /// No options.
    pub const NONE: Options<'static> = Options { op: "", defs: &[], values: &[] };

    pub fn new(op: &'static OpDef, values: &'a [Opt]) -> Self {
        Options { op: op.name, defs: op.options, values }
    }

    /// Each option with its value.
    pub fn each(self) -> impl Iterator<Item = (&'static OptDef, &'a Opt)> {
        self.defs.iter().zip(self.values)
    }

    /// The numbers among them, in the order of the stanza.
    pub fn numbers(self) -> impl Iterator<Item = &'a Num> {
        self.values.iter().filter_map(|value| match value {
            Opt::Number(num) => Some(num),
            _ => None,
        })
    }

    /// Whether the op has such an option.
    pub fn has<V>(self, key: Key<V>) -> bool {
        self.defs.iter().any(|def| def.name == key.name)
    }

    /// The value, if the call gives one or the option has a default.
    ///
    /// # Panics
    /// If the op has no such option.
    pub fn given<V>(self, key: Key<V>) -> Option<V> {
        let mut all = self.each();
        let (_, value) = all.find(|(def, _)| def.name == key.name).or_bug(self.op, key.name);
        match value {
            Opt::Absent => None,
            value => Some((key.read)(value).or_bug(self.op, key.name)),
        }
    }

    /// The value of an option that has one in every call.
    ///
    /// # Panics
    /// If it has none, or the op has no such option.
    pub fn get<V>(self, key: Key<V>) -> V {
        self.given(key).or_bug(self.op, key.name)
    }
}

impl OpDef {
    /// How it is written: `leaky_relu(slope = 0.01)`.
    pub fn signature(&self) -> String {
        let shown = |option: &OptDef| match option.fallback {
            Fallback::Required(shown) => shown.to_string(),
            Fallback::Text(shown) | Fallback::Absent(Some(shown)) => {
                format!("{} = {shown}", option.name)
            }
            Fallback::Absent(None) => option.name.to_string(),
        };
        let is_text = |option: &&OptDef| option.kind == OptKind::Text;
        // An equation comes before the values that it is about.
        let mut parts: Vec<String> = self.options.iter().filter(is_text).map(shown).collect();
        parts.extend((!self.values.is_empty()).then(|| self.values.to_string()));
        parts.extend(self.arity.weights().iter().map(|weight| format!("{weight} = 1")));
        parts.extend(self.options.iter().filter(|option| !is_text(option)).map(shown));
        let mut text = self.name.to_string();
        if !parts.is_empty() {
            text += &format!("({})", parts.join(", "));
        }
        if let Some(arrow) = self.arrow {
            text += &format!(" -> {arrow}");
        }
        if self.is_several() { format!("(a, b, ..) = {text}") } else { text }
    }
}
