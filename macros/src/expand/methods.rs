//! The methods of a generated struct: arrays in, arrays out.

use super::{Bounds, array};
use crate::typed::Typed;
use std::fmt::Write as _;

/// Names of parameters and locals of the methods, which inputs must not shadow.
const TAKEN: [&str; 12] =
    ["self", "y", "dy", "y_bar", "ws", "loss", "grad", "d_params", "tile", "rng", "n", "N"];

struct Signature {
    /// Names of all inputs.
    names: Vec<String>,
    /// Their types for one sample.
    types: Vec<String>,
    /// The real ones.
    real: Vec<usize>,
    output: String,
}

impl Signature {
    fn of(typed: &Typed) -> Signature {
        let mut names: Vec<String> = Vec::new();
        for input in &typed.inputs {
            let mut name = input.name.clone();
            // Neither a name nor what is made of it, in either direction.
            let made = |name: &str| [name.to_string(), format!("d_{name}"), format!("{name}_bar")];
            let clash = |name: &str| {
                names.iter().any(|other| made(other).iter().any(|part| made(name).contains(part)))
            };
            while TAKEN.contains(&name.as_str()) || clash(&name) {
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
            names,
        }
    }

    fn each(&self, which: &[usize], f: impl Fn(&str, &str) -> String) -> String {
        let parts: Vec<String> =
            which.iter().map(|i| f(&self.names[*i], &self.types[*i])).collect();
        parts.join(", ")
    }

    fn all(&self) -> Vec<usize> {
        (0..self.names.len()).collect()
    }

    /// `x: &[f32; 4]`, or `x: &[[f32; 4]]` for a batch.
    fn inputs(&self, batch: bool) -> String {
        self.each(&self.all(), |name, ty| {
            if batch { format!("{name}: &[{ty}]") } else { format!("{name}: &{ty}") }
        })
    }

    fn tangents(&self, batch: bool) -> String {
        self.each(&self.real, |name, ty| {
            if batch { format!("d_{name}: &[{ty}]") } else { format!("d_{name}: &{ty}") }
        })
    }

    /// The type of the inputs' cotangents: one array, or a tuple.
    fn bars(&self) -> String {
        match self.real.as_slice() {
            [one] => self.types[*one].clone(),
            many => format!(
                "({})",
                many.iter().map(|i| self.types[*i].clone() + ", ").collect::<String>()
            ),
        }
    }

    /// `[Data; N]` from the arguments.
    fn data(&self, batch: bool) -> String {
        let part = |i: &usize| {
            let name = &self.names[*i];
            let slice =
                if batch { name.clone() } else { format!("::core::slice::from_ref({name})") };
            if self.real.contains(i) {
                format!("__pb::Data::Real(__pb::Value::<T>::flat({slice}))")
            } else {
                format!("__pb::Data::index({slice})")
            }
        };
        format!("[{}]", self.all().iter().map(part).collect::<Vec<_>>().join(", "))
    }

    /// An array of slices, one for each input; empty ones for integers.
    fn slices(&self, empty: &str, real: impl Fn(&str) -> String) -> String {
        let part = |i: &usize| {
            if self.real.contains(i) { real(&self.names[*i]) } else { empty.to_string() }
        };
        format!("[{}]", self.all().iter().map(part).collect::<Vec<_>>().join(", "))
    }
}

/// `impl` block with all methods of a whole model.
pub fn methods(name: &str, bounds: &Bounds, typed: &Typed, explain: &str) -> String {
    let s = Signature::of(typed);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{}{{\n\
         /// The number of parameters.\n\
         pub const PARAMS: usize = __PARAMS;\n\
         /// Floating-point operations of `forward` for one sample; a function such as `exp` counts as one.\n\
         pub const FLOPS: usize = <Self as __pb::Model>::FLOPS;\n\
         /// The bytes of [`workspace`](Self::workspace) that each sample of a tile takes.\n\
         pub const WORKSPACE_BYTES: usize = __PER_SAMPLE * ::core::mem::size_of::<T>();\n\
         /// The plan of the generated code: contractions, loops and buffers of every function.\n\
         pub const EXPLAIN: &'static str = r#\"{explain}\"#;\n\
         /// All parameters zero.\n\
         pub fn zeros() -> __pb::Boxed<Self> {{ __pb::zeros() }}\n\
         /// Parameters as PyTorch initialises them by default.\n\
         pub fn init(rng: &mut (impl __pb::Rng + ?::core::marker::Sized)) -> __pb::Boxed<Self> {{ __pb::init(rng) }}\n\
         /// A copy on the heap.\n\
         pub fn boxed(&self) -> __pb::Boxed<Self> {{ let flat = self.flat(); __pb::boxed(|i| flat[i]) }}\n\
         /// All parameters as one slice.\n\
         pub fn flat(&self) -> &[T] {{ __pb::slice(self) }}\n\
         /// All parameters as one slice, for writing.\n\
         pub fn flat_mut(&mut self) -> &mut [T] {{ __pb::slice_mut(self) }}\n\
         /// The parameter arrays with their names and shapes.\n\
         pub fn views(&self) -> impl __pb::Iterator<Item = __pb::View<'_, T>> {{ __pb::views(self) }}\n\
         /// Memory for the batched methods.\n\
         pub fn workspace() -> __pb::Workspace<Self> {{ __pb::Workspace::new() }}",
        bounds.head(&format!("{name}<T>")),
    );
    forward(&s, &mut out);
    jvps(&s, &mut out);
    vjps(&s, &mut out);
    value_and_grad(&s, typed.output.is_empty(), &mut out);
    out.push_str("}\n");
    let _ = writeln!(
        out,
        "{}{{\n\
         fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {{ __pb::debug(self, f) }} }}",
        bounds.head(&format!("::core::fmt::Debug for {name}<T>")),
    );
    out
}

const WS: &str = "ws: &mut __pb::Workspace<Self>";

fn forward(s: &Signature, out: &mut String) {
    let y = &s.output;
    let _ = writeln!(
        out,
        "/// The output for one sample.\n\
         pub fn forward(&self, {}) -> {y} {{\n\
         let mut y = <{y} as __pb::Value<T>>::zero();\n\
         __pb::with_memory::<Self, _>(|ws| __pb::forward(self, {}, __pb::Value::<T>::flat_mut(::core::slice::from_mut(&mut y)), ws));\n\
         y }}\n\
         /// The outputs of a batch.\n///\n/// # Panics\n/// If the slices have different lengths.\n\
         #[track_caller] pub fn forward_batch(&self, {}, y: &mut [{y}], {WS}) {{\n\
         __pb::forward(self, {}, __pb::Value::<T>::flat_mut(y), ws.memory()) }}",
        s.inputs(false),
        s.data(false),
        s.inputs(true),
        s.data(true),
    );
}

fn jvps(s: &Signature, out: &mut String) {
    let y = &s.output;
    let kinds = [
        ("jvp", "JvpInputs", "inputs", true, false),
        ("jvp_params", "JvpParams", "parameters", false, true),
        ("jvp_all", "JvpAll", "inputs and parameters", true, true),
    ];
    for (method, entry, towards, inputs, params) in kinds {
        if inputs && s.real.is_empty() {
            continue;
        }
        for batch in [false, true] {
            let mut args = vec![s.inputs(batch)];
            args.extend(inputs.then(|| s.tangents(batch)));
            args.extend(params.then(|| "d_params: &Self".to_string()));
            let args = args.join(", ");
            let d_inputs = s.slices("&[]", |name| match (inputs, batch) {
                (false, _) => "&[]".into(),
                (true, false) => {
                    format!("__pb::Value::<T>::flat(::core::slice::from_ref(d_{name}))")
                }
                (true, true) => format!("__pb::Value::<T>::flat(d_{name})"),
            });
            let d_params = if params { "d_params.flat()" } else { "&[]" };
            let data = s.data(batch);
            let _ = if batch {
                writeln!(
                    out,
                    "/// [`{method}`](Self::{method}) for a batch.\n///\n/// # Panics\n/// If the slices have different lengths.\n\
                     #[track_caller] #[allow(clippy::too_many_arguments, reason = \"as many as the model has inputs\")]\n\
                     pub fn {method}_batch(&self, {args}, y: &mut [{y}], dy: &mut [{y}], {WS}) {{\n\
                     __pb::jvp(__pb::entry::{entry}, self, {data}, {d_inputs}, {d_params}, \
                     __pb::Value::<T>::flat_mut(y), __pb::Value::<T>::flat_mut(dy), ws.memory()) }}"
                )
            } else {
                writeln!(
                    out,
                    "/// The output and its tangent, towards the {towards}.\n\
                     pub fn {method}(&self, {args}) -> ({y}, {y}) {{\n\
                     let mut y = <{y} as __pb::Value<T>>::zero(); let mut dy = <{y} as __pb::Value<T>>::zero();\n\
                     __pb::with_memory::<Self, _>(|ws| __pb::jvp(__pb::entry::{entry}, self, {data}, {d_inputs}, {d_params}, \
                     __pb::Value::<T>::flat_mut(::core::slice::from_mut(&mut y)), \
                     __pb::Value::<T>::flat_mut(::core::slice::from_mut(&mut dy)), ws));\n\
                     (y, dy) }}"
                )
            };
        }
    }
}

fn vjps(s: &Signature, out: &mut String) {
    let y = &s.output;
    let kinds = [
        ("vjp_inputs", "Inputs", "inputs", true, false),
        ("vjp_params", "Params", "parameters", false, true),
        ("vjp", "All", "inputs and parameters", true, true),
    ];
    for (method, entry, of, inputs, params) in kinds {
        if inputs && s.real.is_empty() && method != "vjp" {
            continue;
        }
        let result = match (inputs, params) {
            (true, true) => format!("({}, __pb::Boxed<Self>)", s.bars()),
            (true, false) => s.bars(),
            _ => "__pb::Boxed<Self>".into(),
        };
        let lifetimes = s.each(&s.all(), |name, ty| format!("{name}: &'a {ty}"));
        // Cotangents of the inputs, on the stack of the caller like every value.
        let local = |i: &usize| {
            format!("let mut {}_bar = <{} as __pb::Value<T>>::zero(); ", s.names[*i], s.types[*i])
        };
        let locals: String =
            if inputs { s.real.iter().map(local).collect() } else { String::new() };
        let bars = if inputs {
            s.slices("&mut []", |name| {
                format!("__pb::Value::<T>::flat_mut(::core::slice::from_mut(&mut {name}_bar))")
            })
        } else {
            s.slices("&mut []", |_| "&mut []".into())
        };
        let names = match s.real.as_slice() {
            [one] => format!("{}_bar", s.names[*one]),
            many => format!(
                "({})",
                many.iter().map(|i| format!("{}_bar, ", s.names[*i])).collect::<String>()
            ),
        };
        let (grad, grad_flat, value) = match (inputs, params) {
            (true, true) => {
                ("let mut grad = Self::zeros();", "grad.flat_mut()", format!("({names}, grad)"))
            }
            (true, false) => ("", "&mut []", names),
            _ => ("let mut grad = Self::zeros();", "grad.flat_mut()", "grad".into()),
        };
        let _ = writeln!(
            out,
            "/// The output, and the pullback: a function from the output's cotangent to those of the {of}.\n\
             pub fn {method}<'a>(&'a self, {lifetimes}) -> ({y}, impl ::core::ops::Fn(&{y}) -> {result} + 'a) {{\n\
             let mut y = <{y} as __pb::Value<T>>::zero();\n\
             let ws = __pb::primal(__pb::entry::{entry}, self, {data}, __pb::Value::<T>::flat_mut(::core::slice::from_mut(&mut y)));\n\
             let pullback = move |y_bar: &{y}| {{\n\
             {locals} {grad}\n\
             __pb::pullback(__pb::entry::{entry}, self, {data}, __pb::Value::<T>::flat(::core::slice::from_ref(y_bar)), {bars}, {grad_flat}, &ws);\n\
             {value} }};\n\
             (y, pullback) }}",
            data = s.data(false),
        );
        let mut args = vec![s.inputs(true), format!("y_bar: &[{y}]"), format!("y: &mut [{y}]")];
        if inputs && !s.real.is_empty() {
            args.push(s.each(&s.real, |name, ty| format!("{name}_bar: &mut [{ty}]")));
        }
        args.extend(params.then(|| "grad: &mut Self".to_string()));
        let bars = if inputs {
            s.slices("&mut []", |name| format!("__pb::Value::<T>::flat_mut({name}_bar)"))
        } else {
            s.slices("&mut []", |_| "&mut []".into())
        };
        let grad = if params { "grad.flat_mut()" } else { "&mut []" };
        let _ = writeln!(
            out,
            "/// The outputs of a batch, and for given cotangents `y_bar` those of the {of}; that of the parameters is summed over the batch.\n\
             ///\n/// # Panics\n/// If the slices have different lengths.\n\
             #[track_caller] #[allow(clippy::too_many_arguments, reason = \"as many as the model has inputs\")]\n\
             pub fn {method}_batch(&self, {}, {WS}) {{\n\
             let (y_bar, y) = (__pb::Value::<T>::flat(y_bar), __pb::Value::<T>::flat_mut(y));\n\
             __pb::vjp_given(__pb::entry::{entry}, self, {}, y_bar, y, {bars}, {grad}, ws.memory()) }}",
            args.join(", "),
            s.data(true),
        );
    }
}

fn value_and_grad(s: &Signature, scalar: bool, out: &mut String) {
    let y = &s.output;
    let (what, one, many, call) = if scalar {
        (
            "The output, which is a loss,",
            "",
            "",
            "|_, y: &T| (*y, <T as __pb::Scalar>::ONE)".to_string(),
        )
    } else {
        (
            "A loss of the output",
            "mut loss: impl ::core::ops::FnMut(&Y) -> (T, Y)",
            "loss: impl ::core::ops::FnMut(usize, &Y) -> (T, Y)",
            "loss".to_string(),
        )
    };
    let comma = |loss: &str| {
        if loss.is_empty() { String::new() } else { format!(", {}", loss.replace("Y", y)) }
    };
    let first = if scalar { call.clone() } else { format!("move |_, y: &{y}| loss(y)") };
    let explain = if scalar {
        ""
    } else {
        " `loss` gives its value and its cotangent, as the functions of `pullback::loss` do."
    };
    let n = &s.names[0];
    let _ = writeln!(
        out,
        "/// {what} and its gradient with respect to the parameters.{explain}\n\
         pub fn value_and_grad(&self, {}{}) -> (T, __pb::Boxed<Self>) {{\n\
         let mut grad = Self::zeros();\n\
         let value = __pb::with_memory::<Self, _>(|ws| __pb::value_and_grad::<Self, {y}, __N>(self, 1, {}, {first}, &mut grad, ws));\n\
         (value, grad) }}\n\
         /// The mean over a batch of [`value_and_grad`](Self::value_and_grad); `grad` is overwritten. A loss is also given the sample's index.\n\
         ///\n/// # Panics\n/// If the batch is empty or the slices have different lengths.\n\
         #[track_caller] pub fn value_and_grad_batch(&self, {}{}, grad: &mut Self, {WS}) -> T {{\n\
         let n = {n}.len();\n\
         __pb::value_and_grad::<Self, {y}, __N>(self, n, {}, {call}, grad, ws.memory()) }}",
        s.inputs(false),
        comma(one),
        s.data(false),
        s.inputs(true),
        comma(many),
        s.data(true),
    );
}
