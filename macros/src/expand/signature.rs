//! What the methods of a generated struct are given, and what they give: names and types of arguments.

use super::array;
use crate::entries::Wrt;
use crate::shape::Dim;
use crate::trace::Mode;
use crate::typed::Typed;

/// What a call is given after its inputs.
pub struct Extra {
    pub(super) name: &'static str,
    pub(super) ty: String,
    /// The expression for the drivers.
    pub(super) data: &'static str,
    /// How many scalars it has.
    pub size: &'static str,
}

/// State and key, as far as the calls of a mode take them.
pub fn extras(model: &str, typed: &Typed, mode: Mode) -> Vec<Extra> {
    let model = model.strip_suffix("Training").filter(|_| mode == Mode::Training).unwrap_or(model);
    let mut extras = Vec::new();
    if !typed.state().is_empty() {
        let borrow = if mode == Mode::Training { "&mut " } else { "&" };
        extras.push(Extra {
            name: "state",
            ty: format!("{borrow}{model}State<T>"),
            data: "__pb::Data::State(__pb::slice(state))",
            size: "__STATE",
        });
    }
    if mode == Mode::Training && typed.modes() == Some(true) {
        extras.push(Extra {
            name: "key",
            ty: "__pb::Key".into(),
            data: "__pb::Data::key(key)",
            size: "0",
        });
    }
    extras
}

/// Names of parameters and locals of the methods, which inputs must not shadow.
const TAKEN: [&str; 12] =
    ["self", "y", "dy", "y_bar", "ws", "loss", "grad", "d_params", "tile", "rng", "n", "N"];

pub(super) struct Signature {
    /// Names of all inputs.
    pub(super) names: Vec<String>,
    /// Their types for one sample.
    pub(super) types: Vec<String>,
    /// The real ones.
    pub(super) real: Vec<usize>,
    pub(super) output: String,
    /// The shapes of the inputs and of the output.
    pub(super) shapes: Vec<Vec<Dim>>,
    pub(super) extras: Vec<Extra>,
    /// The type of a gradient.
    pub(super) params: String,
    /// What follows a call: the new state is taken over.
    pub(super) after: &'static str,
    /// What the methods for a batch say about panics.
    pub(super) panics: &'static str,
}

impl Signature {
    pub(super) fn of(model: &str, typed: &Typed, mode: Mode) -> Signature {
        let extras = extras(model, typed, mode);
        let mut names: Vec<String> = Vec::new();
        for input in &typed.inputs {
            // Names are made of it, so that it has no prefix, and is no keyword.
            let mut name = match input.name.strip_prefix("r#") {
                Some(keyword) => format!("{keyword}_"),
                None => input.name.clone(),
            };
            // Neither a name nor what is made of it, in either direction.
            let made = |name: &str| [name.to_string(), format!("d_{name}"), format!("{name}_bar")];
            let clash = |name: &str| {
                names.iter().any(|other| made(other).iter().any(|part| made(name).contains(part)))
            };
            while made(&name).iter().any(|part| TAKEN.contains(&part.as_str()))
                || extras.iter().any(|extra| extra.name == name)
                || clash(&name)
            {
                name.push('_');
            }
            names.push(name);
        }
        let types = typed.inputs.iter().map(|input| match &input.index {
            Some(bound) => array(&format!("__pb::Index<{{ {} }}>", bound.code()), &input.shape),
            None => array("T", &input.shape),
        });
        Signature {
            types: types.collect(),
            real: (0..names.len()).filter(|i| typed.inputs[*i].index.is_none()).collect(),
            output: array("T", &typed.output),
            shapes: typed
                .inputs
                .iter()
                .map(|input| &input.shape)
                .chain([&typed.output])
                .cloned()
                .collect(),
            names,
            params: match mode {
                Mode::Evaluation => "Self".into(),
                Mode::Training => format!("{model}<T>"),
            },
            after: match mode {
                Mode::Training if !typed.state().is_empty() => {
                    "__pb::slice_mut(state).copy_from_slice(ws.state());"
                }
                _ => "",
            },
            panics: match mode {
                Mode::Training if !typed.state().is_empty() => {
                    "///\n/// # Panics\n/// If the slices have different lengths, the workspace is for fewer samples, or there are too few for a variance."
                }
                _ => "///\n/// # Panics\n/// If the slices have different lengths.",
            },
            extras,
        }
    }

    pub(super) fn each(&self, which: &[usize], f: impl Fn(&str, &str) -> String) -> String {
        let parts: Vec<String> =
            which.iter().map(|i| f(&self.names[*i], &self.types[*i])).collect();
        parts.join(", ")
    }

    pub(super) fn all(&self) -> Vec<usize> {
        (0..self.names.len()).collect()
    }

    /// `x: &[f32; 4]`, or `x: &[[f32; 4]]` for a batch.
    pub(super) fn inputs(&self, batch: bool) -> String {
        let inputs = self.each(&self.all(), |name, ty| {
            if batch { format!("{name}: &[{ty}]") } else { format!("{name}: &{ty}") }
        });
        inputs + &self.behind()
    }

    /// The inputs and what stands after them, handed on to another method.
    pub(super) fn arguments(&self) -> String {
        let extras = self.extras.iter().map(|extra| extra.name);
        self.names.iter().map(String::as_str).chain(extras).collect::<Vec<_>>().join(", ")
    }

    /// An output of zeros.
    pub(super) fn zeros(&self) -> String {
        zeros(self.shapes.last().map_or(&[], |shape| shape))
    }

    /// What stands after the inputs, each with a comma before it.
    pub(super) fn behind(&self) -> String {
        self.extras.iter().map(|extra| format!(", {}: {}", extra.name, extra.ty)).collect()
    }

    pub(super) fn tangents(&self, batch: bool) -> String {
        self.each(&self.real, |name, ty| {
            if batch { format!("d_{name}: &[{ty}]") } else { format!("d_{name}: &{ty}") }
        })
    }

    /// The type of the inputs' cotangents: one array, or a tuple.
    pub(super) fn bars(&self) -> String {
        match self.real.as_slice() {
            [one] => self.types[*one].clone(),
            many => format!(
                "({})",
                many.iter().map(|i| self.types[*i].clone() + ", ").collect::<String>()
            ),
        }
    }

    /// `[Data; N]` from the arguments.
    pub(super) fn data(&self, batch: bool) -> String {
        let part = |i: &usize| {
            let name = &self.names[*i];
            match (self.real.contains(i), batch) {
                (true, true) => format!("__pb::Data::Real(__pb::Value::<T>::flat({name}))"),
                (true, false) => format!("__pb::Data::Real({})", one(name)),
                (false, true) => format!("__pb::Data::index({name})"),
                (false, false) => format!("__pb::Data::index(::core::slice::from_ref({name}))"),
            }
        };
        let behind = self.extras.iter().map(|extra| extra.data.to_string());
        let parts: Vec<String> = self.all().iter().map(part).chain(behind).collect();
        format!("[{}]", parts.join(", "))
    }

    /// An array of slices, one for each input; empty ones for integers and what stands after.
    pub(super) fn slices(&self, empty: &str, real: impl Fn(&str) -> String) -> String {
        let part = |i: &usize| {
            if self.real.contains(i) { real(&self.names[*i]) } else { empty.to_string() }
        };
        let behind = self.extras.iter().map(|_| empty.to_string());
        let parts: Vec<String> = self.all().iter().map(part).chain(behind).collect();
        format!("[{}]", parts.join(", "))
    }

    /// Where the cotangents of the inputs go, if they are wanted.
    pub(super) fn bars_or_none(&self, wrt: Wrt, real: impl Fn(&str) -> String) -> String {
        self.slices("&mut []", |name| if wrt.inputs { real(name) } else { "&mut []".into() })
    }
}

/// `[[0; 28]; 28]`, which takes no more stack than it has bytes.
pub(super) fn zeros(shape: &[Dim]) -> String {
    array("<T as __pb::Scalar>::ZERO", shape)
}

/// A value as a slice of numbers.
pub(super) fn one(name: &str) -> String {
    format!("__pb::Value::<T>::flat(::core::slice::from_ref({name}))")
}

/// The same of a unique borrow, for writing.
pub(super) fn one_mut(borrow: &str) -> String {
    format!("__pb::Value::<T>::flat_mut(::core::slice::from_mut({borrow}))")
}
