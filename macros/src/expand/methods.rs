//! The methods of a generated struct: arrays in, arrays out.

use super::{Bounds, array};
use crate::trace::Mode;
use crate::typed::Typed;
use std::fmt::Write as _;

/// What a call is given behind its inputs.
pub struct Extra {
    name: &'static str,
    ty: String,
    /// The expression for the drivers.
    data: &'static str,
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

struct Signature {
    /// Names of all inputs.
    names: Vec<String>,
    /// Their types for one sample.
    types: Vec<String>,
    /// The real ones.
    real: Vec<usize>,
    output: String,
    extras: Vec<Extra>,
    /// The type of a gradient.
    params: String,
    /// What follows a call: the new state is taken over.
    after: &'static str,
    /// What the methods for a batch say about panics.
    panics: &'static str,
}

impl Signature {
    fn of(model: &str, typed: &Typed, mode: Mode) -> Signature {
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
        let inputs = self.each(&self.all(), |name, ty| {
            if batch { format!("{name}: &[{ty}]") } else { format!("{name}: &{ty}") }
        });
        inputs + &self.behind()
    }

    /// What stands behind the inputs, each with a comma before it.
    fn behind(&self) -> String {
        self.extras.iter().map(|extra| format!(", {}: {}", extra.name, extra.ty)).collect()
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
        let behind = self.extras.iter().map(|extra| extra.data.to_string());
        let parts: Vec<String> = self.all().iter().map(part).chain(behind).collect();
        format!("[{}]", parts.join(", "))
    }

    /// An array of slices, one for each input; empty ones for integers and what stands behind.
    fn slices(&self, empty: &str, real: impl Fn(&str) -> String) -> String {
        let part = |i: &usize| {
            if self.real.contains(i) { real(&self.names[*i]) } else { empty.to_string() }
        };
        let behind = self.extras.iter().map(|_| empty.to_string());
        let parts: Vec<String> = self.all().iter().map(part).chain(behind).collect();
        format!("[{}]", parts.join(", "))
    }
}

/// `impl` block with the methods of a state.
pub fn state(model: &str) -> String {
    format!(
        "impl<T: __pb::Scalar> {model}State<T> {{\n\
         /// The state at the beginning, as PyTorch's.\n\
         #[allow(clippy::new_without_default)]\n\
         pub fn new() -> __pb::Boxed<Self> {{ __pb::start(__STATE_INFO, || 0) }}\n\
         /// All of it as one slice.\n\
         pub fn flat(&self) -> &[T] {{ __pb::slice(self) }}\n\
         /// All of it as one slice, for writing.\n\
         pub fn flat_mut(&mut self) -> &mut [T] {{ __pb::slice_mut(self) }}\n\
         /// Its arrays with their names and shapes.\n\
         pub fn views(&self) -> impl __pb::Iterator<Item = __pb::View<'_, T>> {{ __pb::named(__pb::slice(self), __STATE_INFO) }} }}\n\
         impl<T: __pb::Scalar> ::core::fmt::Debug for {model}State<T> {{\n\
         fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {{ \
         f.debug_list().entries(self.views()).finish() }} }}\n"
    )
}

/// `impl` block with the methods of a mode. Those for one sample are not there where it would change state.
pub fn methods(name: &str, bounds: &Bounds, typed: &Typed, explain: &str, mode: Mode) -> String {
    let s = Signature::of(name, typed, mode);
    let mut out = String::new();
    if mode == Mode::Training {
        // Of a model with statistics over the batch a workspace has a size.
        let workspace = if typed.state().is_empty() {
            "/// Memory for the batched methods.\n\
             pub fn workspace() -> __pb::Workspace<Self> { __pb::Workspace::new() }"
        } else {
            "/// Memory for batches of up to so many samples, which enter the statistics as one.\n\
             ///\n/// # Panics\n/// If `batch` is 0.\n\
             pub fn workspace(batch: usize) -> __pb::Workspace<Self> { __pb::Workspace::with_tile(batch) }"
        };
        let _ = writeln!(
            out,
            "{}{{\n\
             /// The plan of the generated code: contractions, loops and buffers of every function.\n\
             pub const EXPLAIN: &'static str = r#\"{explain}\"#;\n{workspace}",
            bounds.head(&format!("{name}Training<T>")),
        );
        // A state is that of a batch.
        let only_batch = !typed.state().is_empty();
        forward(&s, only_batch, &mut out);
        jvps(&s, if only_batch { &[true] } else { &[false, true] }, &mut out);
        vjps(&s, only_batch, &mut out);
        value_and_grad(&s, typed.output.is_empty(), only_batch, &mut out);
        out.push_str("}\n");
        debug(&format!("{name}Training"), bounds, &mut out);
        return out;
    }
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
         #[doc(alias = \"zero_grad\", alias = \"zeros_like\")]\n\
         pub fn zeros() -> __pb::Boxed<Self> {{ __pb::zeros() }}\n\
         /// Parameters as PyTorch initialises them by default.\n\
         pub fn init(rng: &mut (impl __pb::Generator + ?::core::marker::Sized)) -> __pb::Boxed<Self> {{ __pb::init(rng) }}\n\
         /// A copy on the heap.\n\
         pub fn boxed(&self) -> __pb::Boxed<Self> {{ let flat = self.flat(); __pb::boxed(|i| flat[i]) }}\n\
         /// All parameters as one slice.\n\
         pub fn flat(&self) -> &[T] {{ __pb::slice(self) }}\n\
         /// All parameters as one slice, for writing.\n\
         #[doc(alias = \"load_state_dict\", alias = \"set_weights\", alias = \"parameters_mut\")]\n\
         pub fn flat_mut(&mut self) -> &mut [T] {{ __pb::slice_mut(self) }}\n\
         /// The parameter arrays with their names and shapes.\n\
         #[doc(alias = \"parameters\", alias = \"named_parameters\", alias = \"state_dict\", alias = \"get_weights\", alias = \"variables\")]\n\
         pub fn views(&self) -> impl __pb::Iterator<Item = __pb::View<'_, T>> {{ __pb::views(self) }}\n\
         /// Memory for the batched methods.\n\
         pub fn workspace() -> __pb::Workspace<Self> {{ __pb::Workspace::new() }}",
        bounds.head(&format!("{name}<T>")),
    );
    if typed.modes().is_some() {
        let _ = writeln!(
            out,
            "/// The same parameters in training.\n\
             #[doc(alias = \"train\")]\n\
             pub fn training(&self) -> &{name}Training<T> {{ __pb::view(self) }}"
        );
    }
    forward(&s, false, &mut out);
    jvps(&s, &[false, true], &mut out);
    vjps(&s, false, &mut out);
    value_and_grad(&s, typed.output.is_empty(), false, &mut out);
    out.push_str("}\n");
    debug(name, bounds, &mut out);
    out
}

fn debug(name: &str, bounds: &Bounds, out: &mut String) {
    let _ = writeln!(
        out,
        "{}{{\n\
         fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {{ __pb::debug(self, f) }} }}",
        bounds.head(&format!("::core::fmt::Debug for {name}<T>")),
    );
}

const WS: &str = "ws: &mut __pb::Workspace<Self>";

const TOO_MANY: &str =
    "#[allow(clippy::too_many_arguments, reason = \"as many as the model has inputs\")]";

fn forward(s: &Signature, only_batch: bool, out: &mut String) {
    let y = &s.output;
    if !only_batch {
        let _ = writeln!(
            out,
            "/// The output for one sample.\n\
             #[doc(alias = \"predict\", alias = \"apply\", alias = \"call\", alias = \"eval\")]\n\
             pub fn forward(&self, {}) -> {y} {{\n\
             let mut y = <{y} as __pb::Value<T>>::zero();\n\
             __pb::with_memory::<Self, _>(|ws| __pb::forward(self, {}, __pb::Value::<T>::flat_mut(::core::slice::from_mut(&mut y)), ws));\n\
             y }}",
            s.inputs(false),
            s.data(false),
        );
    }
    let _ = writeln!(
        out,
        "/// The outputs of a batch.\n{}\n\
         #[track_caller] pub fn forward_batch(&self, {}, y: &mut [{y}], {WS}) {{\n\
         __pb::forward(self, {}, __pb::Value::<T>::flat_mut(y), ws.memory()); {} }}",
        s.panics,
        s.inputs(true),
        s.data(true),
        s.after,
    );
}

fn jvps(s: &Signature, batches: &[bool], out: &mut String) {
    let (y, params, after, panics) = (&s.output, &s.params, s.after, s.panics);
    let kinds = [
        ("jvp", "JvpInputs", "inputs", true, false),
        ("jvp_params", "JvpParams", "parameters", false, true),
        ("jvp_all", "JvpAll", "inputs and parameters", true, true),
    ];
    for (method, entry, towards, inputs, wants_params) in kinds {
        if inputs && s.real.is_empty() {
            continue;
        }
        for batch in batches.iter().copied() {
            let mut args = vec![s.inputs(batch)];
            args.extend(inputs.then(|| s.tangents(batch)));
            args.extend(wants_params.then(|| format!("d_params: &{params}")));
            let args = args.join(", ");
            let d_inputs = s.slices("&[]", |name| match (inputs, batch) {
                (false, _) => "&[]".into(),
                (true, false) => {
                    format!("__pb::Value::<T>::flat(::core::slice::from_ref(d_{name}))")
                }
                (true, true) => format!("__pb::Value::<T>::flat(d_{name})"),
            });
            let d_params = if wants_params { "d_params.flat()" } else { "&[]" };
            let data = s.data(batch);
            let _ = if batch {
                writeln!(
                    out,
                    "/// The outputs of a batch and their tangents, towards the {towards}.\n{panics}\n\
                     #[track_caller] {TOO_MANY}\n\
                     pub fn {method}_batch(&self, {args}, y: &mut [{y}], dy: &mut [{y}], {WS}) {{\n\
                     __pb::jvp(__pb::entry::{entry}, self, {data}, {d_inputs}, {d_params}, \
                     __pb::Value::<T>::flat_mut(y), __pb::Value::<T>::flat_mut(dy), ws.memory()); {after} }}"
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

fn vjps(s: &Signature, only_batch: bool, out: &mut String) {
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
            (true, true) => format!("({}, __pb::Boxed<{}>)", s.bars(), s.params),
            (true, false) => s.bars(),
            _ => format!("__pb::Boxed<{}>", s.params),
        };
        let lifetimes = s.each(&s.all(), |name, ty| format!("{name}: &'a {ty}"))
            + &s.behind().replace('&', "&'a ");
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
        let zeros = format!("let mut grad = <{}>::zeros();", s.params);
        let (grad, grad_flat, value) = match (inputs, params) {
            (true, true) => (zeros.as_str(), "grad.flat_mut()", format!("({names}, grad)")),
            (true, false) => ("", "&mut []", names),
            _ => (zeros.as_str(), "grad.flat_mut()", "grad".into()),
        };
        if !only_batch {
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
        }
        let mut args = vec![s.inputs(true), format!("y_bar: &[{y}]"), format!("y: &mut [{y}]")];
        if inputs && !s.real.is_empty() {
            args.push(s.each(&s.real, |name, ty| format!("{name}_bar: &mut [{ty}]")));
        }
        args.extend(params.then(|| format!("grad: &mut {}", s.params)));
        let bars = if inputs {
            s.slices("&mut []", |name| format!("__pb::Value::<T>::flat_mut({name}_bar)"))
        } else {
            s.slices("&mut []", |_| "&mut []".into())
        };
        let grad = if params { "grad.flat_mut()" } else { "&mut []" };
        let _ = writeln!(
            out,
            "/// The outputs of a batch, and for given cotangents `y_bar` those of the {of}; that of the parameters is summed over the batch.\n{}\n\
             #[track_caller] {TOO_MANY}\n\
             pub fn {method}_batch(&self, {}, {WS}) {{\n\
             let (y_bar, y) = (__pb::Value::<T>::flat(y_bar), __pb::Value::<T>::flat_mut(y));\n\
             __pb::vjp_given(__pb::entry::{entry}, self, {}, y_bar, y, {bars}, {grad}, ws.memory()); {} }}",
            s.panics,
            args.join(", "),
            s.data(true),
            s.after,
        );
    }
}

fn value_and_grad(s: &Signature, scalar: bool, only_batch: bool, out: &mut String) {
    let y = &s.output;
    // A model that ends in its loss is its own: the cotangent of every sample is known beforehand.
    let (what, one, many, run, [first, call]) = if scalar {
        (
            "The output, which is a loss,",
            "",
            "",
            "mean_and_grad::<Self, __N, _>".to_string(),
            [""; 2],
        )
    } else {
        (
            "A loss of the output",
            "mut loss: impl __pb::Criterion<T, Y>",
            "loss: impl __pb::BatchCriterion<T, Y>",
            format!("value_and_grad::<Self, {y}, __N, _>"),
            ["|_, y| loss(y), ", "loss, "],
        )
    };
    let comma = |loss: &str| {
        if loss.is_empty() { String::new() } else { format!(", {}", loss.replace("Y", y)) }
    };
    let explain = if scalar {
        ""
    } else {
        " `loss` gives its value and its cotangent, as the functions of `pullback::loss` do; kept in a variable, it names the types of its arguments, as in `|i: usize, y: &_| ..`."
    };
    let n = &s.names[0];
    if !only_batch {
        let _ = writeln!(
            out,
            "/// {what} and its gradient with respect to the parameters.{explain}\n\
             pub fn value_and_grad(&self, {}{}) -> (T, __pb::Boxed<{params}>) {{\n\
             let mut grad = <{params}>::zeros();\n\
             let value = __pb::with_memory::<Self, _>(|ws| __pb::{run}(self, 1, {}, {first}grad.flat_mut(), ws));\n\
             (value, grad) }}",
            s.inputs(false),
            comma(one),
            s.data(false),
            params = s.params,
        );
    }
    let _ = writeln!(
        out,
        "/// {what} and its gradient with respect to the parameters, as means over a batch.{explain} It is also given the sample's index; `grad` is overwritten.\n\
         ///\n/// # Panics\n/// If the batch is empty or the slices have different lengths.\n\
         #[doc(alias = \"backward\", alias = \"train\", alias = \"fit\")]\n\
         #[track_caller] pub fn value_and_grad_batch(&self, {}{}, grad: &mut {}, {WS}) -> T {{\n\
         let n = {n}.len();\n\
         let value = __pb::{run}(self, n, {}, {call}grad.flat_mut(), ws.memory()); {} value }}",
        s.inputs(true),
        comma(many),
        s.params,
        s.data(true),
        s.after,
    );
}
