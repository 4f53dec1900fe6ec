//! The methods of a generated struct: arrays in, arrays out.

use super::Bounds;
use super::signature::{Signature, one, one_mut, zeros};
use crate::entries::{Derivative, INPUTS, JVPS, VJPS, Wrt};
use crate::trace::Mode;
use crate::typed::Typed;
use std::fmt::Write as _;

/// `impl` block with the methods of a state.
pub fn state(model: &str) -> String {
    format!(
        "impl<T: __pb::Scalar> {model}State<T> {{\n\
         /// The state at the beginning, as PyTorch's.\n\
         pub fn new() -> __pb::Boxed<Self> {{ ::core::default::Default::default() }} }}\n"
    )
}

/// `impl` block with the methods of a mode. Those for one sample are not there where it would change state.
pub fn methods(name: &str, bounds: &Bounds, typed: &Typed, explain: &str, mode: Mode) -> String {
    let s = Signature::of(name, typed, mode);
    let mut out = String::new();
    if mode == Mode::Training {
        // The workspace of a model with statistics over the batch has a size.
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
             pub const EXPLAIN: &'static str = __pb::told(r#\"{explain}\"#);\n{workspace}",
            bounds.head(&format!("{name}Training<T>")),
        );
        // A state is that of a batch.
        let only_batch = !typed.state().is_empty();
        forward(&s, only_batch, &mut out);
        jvps(&s, if only_batch { &[true] } else { &[false, true] }, &mut out);
        vjps(&s, only_batch, &mut out);
        value_and_grad(&s, typed.output.is_empty(), only_batch, &mut out);
        out.push_str("}\n");
        if !only_batch {
            typed_forward(
                &s,
                &bounds.head(&format!("__pb::Forward for {name}Training<T>")),
                &mut out,
            );
        }
        return out;
    }
    let _ = writeln!(
        out,
        "{}{{\n\
         /// The number of parameters.\n\
         pub const PARAMS: usize = __pb::told(__PARAMS);\n\
         /// Floating-point operations of `forward` for one sample; a function such as `exp` counts as one.\n\
         pub const FLOPS: usize = __pb::told(<Self as __pb::Model>::FLOPS);\n\
         /// The bytes of [`workspace`](Self::workspace) that each sample of a tile takes.\n\
         pub const WORKSPACE_BYTES: usize = __pb::told(__PER_SAMPLE * ::core::mem::size_of::<T>());\n\
         /// The plan of the generated code: contractions, loops and buffers of every function.\n\
         pub const EXPLAIN: &'static str = __pb::told(r#\"{explain}\"#);\n\
         /// All parameters zero.\n\
         #[doc(alias = \"zero_grad\", alias = \"zeros_like\")]\n\
         pub fn zeros() -> __pb::Boxed<Self> {{ __pb::zeros() }}\n\
         /// Parameters as PyTorch initialises them by default.\n\
         #[doc(alias = \"new\")]\n\
         pub fn init(rng: &mut (impl __pb::Generator + ?::core::marker::Sized)) -> __pb::Boxed<Self> {{ __pb::init(rng) }}\n\
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
    typed_forward(&s, &bounds.head(&format!("__pb::Forward for {name}<T>")), &mut out);
    out
}

/// `forward` for code that is generic over models.
fn typed_forward(s: &Signature, head: &str, out: &mut String) {
    let inputs = s.types.iter().map(|ty| format!("&'a {ty}"));
    let extras = s.extras.iter().map(|extra| extra.ty.replace('&', "&'a "));
    let types: Vec<String> = inputs.chain(extras).collect();
    let (types, arguments) = match types.as_slice() {
        [one] => (one.clone(), s.arguments()),
        many => (format!("({})", many.join(", ")), format!("({})", s.arguments())),
    };
    let _ = writeln!(
        out,
        "{head} {{ type Inputs<'a> = {types}; type Output = {}; \
         fn forward(&self, {arguments}: Self::Inputs<'_>) -> Self::Output {{ Self::forward(self, {}) }} }}",
        s.output,
        s.arguments(),
    );
}

const WS: &str = "ws: &mut __pb::Workspace<Self>";

/// What a method says whose values are arrays on the stack.
fn on_the_stack(what: &str, into: &str) -> String {
    format!(
        "///\n/// {what} by value, on the stack: that takes up to four times as much \
         as they have bytes, and most threads have 2 MB of it. [`{into}`](Self::{into}) writes them to memory of the caller's."
    )
}

/// What a method says that writes to the memory of its caller.
const OF_THE_CALLER: &str = "///\n/// What it writes is overwritten, and may be of any size: it takes as much stack as for one number. Large \
                             arrays that never were on the stack are made by `pullback::flat::zeros`.";

/// What others call a gradient over a batch; rustc tells of it to those who do.
const TRAINING: &str = "#[doc(alias = \"backward\", alias = \"train\", alias = \"fit\")]";

const TOO_MANY: &str =
    "#[allow(clippy::too_many_arguments, reason = \"as many as the model has inputs\")]";

fn forward(s: &Signature, only_batch: bool, out: &mut String) {
    let y = &s.output;
    if !only_batch {
        let _ = writeln!(
            out,
            "/// The output for one sample.\n{}\n\
             #[doc(alias = \"predict\", alias = \"apply\", alias = \"call\", alias = \"eval\")]\n\
             pub fn forward(&self, {inputs}) -> {y} {{\n\
             let mut y = {}; __pb::with_memory::<Self, _>(|ws| __pb::forward(self, {data}, {}, ws)); y }}\n\
             /// `y` becomes the output for one sample.\n{OF_THE_CALLER}\n\
             {TOO_MANY} pub fn forward_into(&self, {inputs}, y: &mut {y}) {{\n\
             __pb::with_memory::<Self, _>(|ws| __pb::forward(self, {data}, {}, ws)) }}",
            on_the_stack("It is returned", "forward_into"),
            s.zeros(),
            one_mut("&mut y"),
            one_mut("y"),
            data = s.data(false),
            inputs = s.inputs(false),
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
    for Derivative { method, wrt } in JVPS {
        let entry = wrt.ty();
        let Wrt { inputs, params: wants_params } = wrt;
        let towards = wrt.words();
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
                (true, false) => one(&format!("d_{name}")),
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
                let run = |y: &str, dy: &str| {
                    format!(
                        "__pb::with_memory::<Self, _>(|ws| __pb::jvp(__pb::entry::{entry}, self, {data}, {d_inputs}, \
                         {d_params}, {}, {}, ws))",
                        one_mut(y),
                        one_mut(dy)
                    )
                };
                writeln!(
                    out,
                    "/// The output and its tangent, towards the {towards}.\n{stack}\n\
                     {TOO_MANY} pub fn {method}(&self, {args}) -> ({y}, {y}) {{\n\
                     let mut y = {zeros}; let mut dy = {zeros}; {by_value}; (y, dy) }}\n\
                     /// `y` becomes the output and `dy` its tangent, towards the {towards}.\n{OF_THE_CALLER}\n\
                     {TOO_MANY} pub fn {method}_into(&self, {args}, y: &mut {y}, dy: &mut {y}) {{ {into} }}",
                    stack = on_the_stack("Both are returned", &format!("{method}_into")),
                    zeros = s.zeros(),
                    by_value = run("&mut y", "&mut dy"),
                    into = run("y", "dy"),
                )
            };
        }
    }
}

fn vjps(s: &Signature, only_batch: bool, out: &mut String) {
    for derivative in VJPS {
        if derivative.wrt == INPUTS && s.real.is_empty() {
            continue;
        }
        if !only_batch {
            vjp(s, derivative, out);
            vjp_into(s, derivative, out);
        }
        vjp_batch(s, derivative, out);
    }
}

/// `let (y, pullback) = net.vjp(&x);`
fn vjp(s: &Signature, Derivative { method, wrt }: Derivative, out: &mut String) {
    let (y, entry, of) = (&s.output, wrt.ty(), wrt.words());
    let result = match (wrt.inputs, wrt.params) {
        (true, true) => format!("({}, __pb::Boxed<{}>)", s.bars(), s.params),
        (true, false) => s.bars(),
        _ => format!("__pb::Boxed<{}>", s.params),
    };
    let lifetimes =
        s.each(&s.all(), |name, ty| format!("{name}: &'a {ty}")) + &s.behind().replace('&', "&'a ");
    // Cotangents of the inputs, on the stack of the caller like every value.
    let local = |i: &usize| format!("let mut {}_bar = {}; ", s.names[*i], zeros(&s.shapes[*i]));
    let locals: String =
        if wrt.inputs { s.real.iter().map(local).collect() } else { String::new() };
    let bars = s.bars_or_none(wrt, |name| one_mut(&format!("&mut {name}_bar")));
    let names = match s.real.as_slice() {
        [one] => format!("{}_bar", s.names[*one]),
        many => format!(
            "({})",
            many.iter().map(|i| format!("{}_bar, ", s.names[*i])).collect::<String>()
        ),
    };
    let grad = match wrt.params {
        true => format!("let mut grad: __pb::Boxed<{}> = __pb::zeros();", s.params),
        false => String::new(),
    };
    let value = match (wrt.inputs, wrt.params) {
        (true, true) => format!("({names}, grad)"),
        (true, false) => names,
        _ => "grad".into(),
    };
    let _ = writeln!(
        out,
        "/// The output, and the pullback: a function from the output's cotangent to those of the {of}.\n{stack}\n\
         pub fn {method}<'a>(&'a self, {lifetimes}) -> ({y}, impl ::core::ops::Fn(&{y}) -> {result} + 'a) {{\n\
         let mut y = {zeros};\n\
         let ws = __pb::primal(__pb::entry::{entry}, self, {data}, {y_flat});\n\
         let pullback = move |y_bar: &{y}| {{\n\
         {locals} {grad}\n\
         __pb::pullback(__pb::entry::{entry}, self, {data}, {y_bar}, {bars}, {grad_flat}, &ws);\n\
         {value} }};\n\
         (y, pullback) }}",
        stack = on_the_stack("All arrays are returned", &format!("{method}_into")),
        zeros = s.zeros(),
        data = s.data(false),
        y_flat = one_mut("&mut y"),
        y_bar = one("y_bar"),
        grad_flat = grad_of(wrt),
    );
}

/// `net.vjp_into(&x, &y_bar, &mut y, &mut x_bar);`
fn vjp_into(s: &Signature, Derivative { method, wrt }: Derivative, out: &mut String) {
    let _ = writeln!(
        out,
        "/// `y` becomes the output, and for its cotangent `y_bar` those of the {of} are computed.\n{OF_THE_CALLER}\n\
         {TOO_MANY} pub fn {method}_into(&self, {args}) {{\n\
         __pb::with_memory::<Self, _>(|ws| __pb::vjp_given(__pb::entry::{entry}, self, {data}, {y_bar}, {y}, {bars}, {grad}, ws)) }}",
        of = wrt.words(),
        args = vjp_args(s, wrt, false),
        entry = wrt.ty(),
        data = s.data(false),
        y_bar = one("y_bar"),
        y = one_mut("y"),
        bars = s.bars_or_none(wrt, |name| one_mut(&format!("{name}_bar"))),
        grad = grad_of(wrt),
    );
}

/// `net.vjp_batch(&xs, &y_bars, &mut ys, &mut x_bars, &mut ws);`
fn vjp_batch(s: &Signature, Derivative { method, wrt }: Derivative, out: &mut String) {
    let _ = writeln!(
        out,
        "/// The outputs of a batch, and for given cotangents `y_bar` those of the {of}; that of the parameters is summed over the batch.\n{panics}\n\
         #[track_caller] {TOO_MANY}\n\
         pub fn {method}_batch(&self, {args}, {WS}) {{\n\
         let (y_bar, y) = (__pb::Value::<T>::flat(y_bar), __pb::Value::<T>::flat_mut(y));\n\
         __pb::vjp_given(__pb::entry::{entry}, self, {data}, y_bar, y, {bars}, {grad}, ws.memory()); {after} }}",
        of = wrt.words(),
        panics = s.panics,
        args = vjp_args(s, wrt, true),
        entry = wrt.ty(),
        data = s.data(true),
        bars = s.bars_or_none(wrt, |name| format!("__pb::Value::<T>::flat_mut({name}_bar)")),
        grad = grad_of(wrt),
        after = s.after,
    );
}

/// What the methods with a given cotangent take.
fn vjp_args(s: &Signature, wrt: Wrt, batch: bool) -> String {
    let y = &s.output;
    let many = |ty: &str| if batch { format!("[{ty}]") } else { ty.to_string() };
    let mut args = vec![s.inputs(batch), format!("y_bar: &{}, y: &mut {}", many(y), many(y))];
    if wrt.inputs && !s.real.is_empty() {
        args.push(s.each(&s.real, |name, ty| format!("{name}_bar: &mut {}", many(ty))));
    }
    args.extend(wrt.params.then(|| format!("grad: &mut {}", s.params)));
    args.join(", ")
}

/// Where the cotangent of the parameters goes, if it is wanted.
fn grad_of(wrt: Wrt) -> &'static str {
    if wrt.params { "grad.flat_mut()" } else { "&mut []" }
}

fn value_and_grad(s: &Signature, scalar: bool, only_batch: bool, out: &mut String) {
    let (y, params, n, after) = (&s.output, &s.params, &s.names[0], s.after);
    let panics =
        "///\n/// # Panics\n/// If the batch is empty or the slices have different lengths.";
    let (inputs, data) = ([s.inputs(false), s.inputs(true)], [s.data(false), s.data(true)]);
    if scalar {
        // A model that ends in its loss is its own: the cotangent of every sample is known beforehand.
        let run = "__pb::mean_and_grad::<Self, __N, _>";
        if !only_batch {
            let _ = writeln!(
                out,
                "/// The output, which is a loss, and its gradient with respect to the parameters.\n\
                 {TOO_MANY} pub fn value_and_grad(&self, {args}) -> (T, __pb::Boxed<{params}>) {{\n\
                 let mut grad: __pb::Boxed<{params}> = __pb::zeros(); let value = self.value_and_grad_into({given}, &mut grad); (value, grad) }}\n\
                 /// The output, which is a loss; `grad` becomes its gradient with respect to the parameters.\n\
                 {TOO_MANY} pub fn value_and_grad_into(&self, {args}, grad: &mut {params}) -> T {{\n\
                 __pb::with_memory::<Self, _>(|ws| {run}(self, 1, {}, grad.flat_mut(), ws)) }}",
                data[0],
                args = inputs[0],
                given = s.arguments(),
            );
        }
        let _ = writeln!(
            out,
            "/// The output, which is a loss, and its gradient with respect to the parameters, as means over a batch; `grad` is overwritten.\n\
             {panics}\n\
             {TRAINING} #[track_caller] {TOO_MANY} pub fn value_and_grad_batch(&self, {}, grad: &mut {params}, {WS}) -> T {{\n\
             let n = {n}.len();\n\
             let value = {run}(self, n, {}, grad.flat_mut(), ws.memory()); {after} value }}",
            inputs[1], data[1],
        );
        return;
    }
    let run = format!("__pb::value_and_grad::<Self, {y}, __N, _>");
    let gives = "`loss` gives its value and its cotangent, as the functions of `pullback::loss` do; kept in a variable, it names the types of its arguments, as in `|i: usize, y: &_| ..`.";
    let writes = "`loss` gives its value and writes its cotangent, which is zero at first.";
    if !only_batch {
        let _ = writeln!(
            out,
            "/// A loss of the output and its gradient with respect to the parameters. {gives}\n\
             {TOO_MANY} pub fn value_and_grad(&self, {args}, mut loss: impl __pb::Criterion<T, {y}>) -> (T, __pb::Boxed<{params}>) {{\n\
             let mut grad: __pb::Boxed<{params}> = __pb::zeros();\n\
             let value = __pb::with_memory::<Self, _>(|ws| {run}(self, 1, {data}, __pb::returned(|_, y| loss(y)), grad.flat_mut(), ws));\n\
             (value, grad) }}\n\
             /// A loss of the output; `grad` becomes its gradient with respect to the parameters. {writes}\n{OF_THE_CALLER}\n\
             {TOO_MANY} pub fn value_and_grad_into(&self, {args}, mut loss: impl ::core::ops::FnMut(&{y}, &mut {y}) -> T, grad: &mut {params}) -> T {{\n\
             __pb::with_memory::<Self, _>(|ws| {run}(self, 1, {data}, __pb::written(|_, y, y_bar| loss(y, y_bar)), grad.flat_mut(), ws)) }}",
            args = inputs[0],
            data = data[0],
        );
    }
    for (method, loss, adapt, about) in [
        ("value_and_grad_batch", format!("__pb::BatchCriterion<T, {y}>"), "returned", gives),
        (
            "value_and_grad_batch_into",
            format!("::core::ops::FnMut(usize, &{y}, &mut {y}) -> T"),
            "written",
            writes,
        ),
    ] {
        let alias = if method == "value_and_grad_batch" { TRAINING } else { "" };
        let _ = writeln!(
            out,
            "/// A loss of the output and its gradient with respect to the parameters, as means over a batch. {about} It is also given the sample's index; `grad` is overwritten.\n\
             {panics}\n\
             {alias} #[track_caller] {TOO_MANY} pub fn {method}(&self, {}, loss: impl {loss}, grad: &mut {params}, {WS}) -> T {{\n\
             let n = {n}.len();\n\
             let value = {run}(self, n, {}, __pb::{adapt}(loss), grad.flat_mut(), ws.memory()); {after} value }}",
            inputs[1], data[1],
        );
    }
}
