//! Recurrent layers: loops over the first axis of a sequence, with the parameters of PyTorch's.
//!
//! What depends on the input alone is one contraction in front of the loop; the gradients of the weights
//! are contractions after it (`transpose::scan`). `T` steps, `n` numbers in each, `m` of state.

use super::option::{Key, flag};
use super::{At, Body, Call, Init, Layout, Lowering, Mistake, OpDef, ParamDef, called};
use crate::ir::{Labels, Passing, Var};
use crate::prim::Arith;
use crate::shape::{Dim, Shape, show, show_arrow};
use crate::trace::{Loop, Tracer};

const BIAS: Key<bool> = flag("bias");
const REVERSE: Key<bool> = flag("reverse");
const RESET_AFTER: Key<bool> = flag("reset_after");

/// The order of arguments without a name in other frameworks.
const RECURRENT: &str = "input_size hidden_size num_layers bias batch_first dropout bidirectional";

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "rnn",
        elsewhere: &[
            called("SimpleRNN", "units activation use_bias"),
            called(
                "RNN",
                "input_size hidden_size num_layers nonlinearity bias batch_first dropout bidirectional",
            ),
        ],
        arrow: Some("[T, m]"),
        doc: "`hₜ = tanh(xₜ · weight_ih + bias_ih + hₜ₋₁ · weight_hh + bias_hh)` from `h = 0`, the states `h` of all steps (`torch.nn.RNN`); `reverse` begins with the last.",
        options: &[BIAS.or("true"), REVERSE.or("false")],
        shape,
        params: |call, out| params(call, out, 1),
        body: Body::Lower(|t, l| {
            let state = |t: &Tracer, gates: &Gates| {
                let h = t.point(&[gates.x, gates.h], &[], |x, _| (x[0] + x[1]).tanh(), None);
                (vec![h], h)
            };
            run(t, l, 1, 1, state)
        }),
        examples: &[
            "(x: [4, 3]) -> [4, 2] { rnn -> [4, 2] }",
            "(x: [3, 2]) -> [3, 4] { rnn(bias = false, reverse = true) -> [3, 4] }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "lstm",
        elsewhere: &[called("LSTM", RECURRENT)],
        arrow: Some("[T, m]"),
        doc: "`cₜ = σ(f) cₜ₋₁ + σ(i) tanh(g)` and `hₜ = σ(o) tanh(cₜ)`, where `[i, f, g, o] = xₜ · weight_ih + bias_ih + hₜ₋₁ · weight_hh + bias_hh`, from `h = c = 0`; the states `h` of all steps (`torch.nn.LSTM`).",
        options: &[BIAS.or("true"), REVERSE.or("false")],
        shape,
        params: |call, out| params(call, out, 4),
        body: Body::Lower(|t, l| {
            run(t, l, 4, 4, |t, gates| {
                let gate = |i: usize| {
                    let (x, h) = (gates.part(t, gates.x, i), gates.part(t, gates.h, i));
                    (x, h)
                };
                let [(xi, hi), (xf, hf), (xg, hg), (xo, ho)] = [0, 1, 2, 3].map(gate);
                let sigmoid = |x, h| t.point(&[x, h], &[], |x, _| (x[0] + x[1]).sigmoid(), None);
                let (i, f, o) = (sigmoid(xi, hi), sigmoid(xf, hf), sigmoid(xo, ho));
                let g = t.point(&[xg, hg], &[], |x, _| (x[0] + x[1]).tanh(), None);
                let c = t.point(
                    &[f, gates.states[1], i, g],
                    &[],
                    |x, _| x[0] * x[1] + x[2] * x[3],
                    None,
                );
                let h = t.point(&[o, c], &[], |x, _| x[0] * x[1].tanh(), None);
                (vec![h, c], h)
            })
        }),
        examples: &[
            "(x: [4, 3]) -> [4, 2] { lstm -> [4, 2] }",
            "(x: [3, 2]) -> [3, 3] { lstm(bias = false, reverse = true) -> [3, 3] }",
            "(x: [3, 2]) -> [3, 2] { lstm -> [3, 3], lstm -> [3, 2] }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "gru",
        elsewhere: &[called("GRU", RECURRENT)],
        arrow: Some("[T, m]"),
        doc: "`hₜ = (1 − z) n + z hₜ₋₁` with `r = σ(xᵣ + hᵣ)`, `z = σ(x_z + h_z)`, `n = tanh(xₙ + r hₙ)`, where `[xᵣ, x_z, xₙ] = xₜ · weight_ih + bias_ih` and `[hᵣ, h_z, hₙ] = hₜ₋₁ · weight_hh + bias_hh`, from `h = 0`; the states `h` of all steps (`torch.nn.GRU`). With `reset_after = false` the state is reset before it is multiplied, `n = tanh(xₙ + (r hₜ₋₁) · weight_hh + bias_hh)` with the columns of `n` (Cho et al. 2014).",
        options: &[BIAS.or("true"), REVERSE.or("false"), RESET_AFTER.or("true")],
        shape,
        params: |call, out| params(call, out, 3),
        body: Body::Lower(|t, l| {
            let after = l.get(RESET_AFTER);
            run(t, l, 3, if after { 3 } else { 2 }, |t, gates| {
                let sigmoid = |i: usize| {
                    let (x, h) = (gates.part(t, gates.x, i), gates.part(t, gates.h, i));
                    t.point(&[x, h], &[], |x, _| (x[0] + x[1]).sigmoid(), None)
                };
                let (r, z, xn) = (sigmoid(0), sigmoid(1), gates.part(t, gates.x, 2));
                let n = if after {
                    let hn = gates.part(t, gates.h, 2);
                    t.point(&[xn, r, hn], &[], |x, _| (x[0] + x[1] * x[2]).tanh(), None)
                } else {
                    let h = t.point(&[r, gates.states[0]], &[], |x, _| x[0] * x[1], None);
                    let hn = gates.of_state(t, h, 2, 1);
                    t.point(&[xn, hn], &[], |x, _| (x[0] + x[1]).tanh(), None)
                };
                let h = t.point(
                    &[n, z, gates.states[0]],
                    &[],
                    |x, _| x[0] + x[1] * (x[2] - x[0]),
                    None,
                );
                (vec![h], h)
            })
        }),
        examples: &[
            "(x: [4, 3]) -> [4, 2] { gru -> [4, 2] }",
            "(x: [3, 2]) -> [3, 3] { gru(bias = false, reverse = true) -> [3, 3] }",
            "(x: [3, 2]) -> [3, 3] { gru(reset_after = false) -> [3, 3] }",
            "(x: [4, 2]) -> [4, 2] { gru(bias = false, reverse = true, reset_after = false) -> [4, 2] }",
        ],
        ..OpDef::PLAIN
    },
];

fn shape(call: &Call<'_>) -> Result<Shape, Mistake> {
    let (op, x) = (call.op, call.x());
    let [steps, _] = x.as_slice() else {
        let message = format!("`{op}` reads a sequence [steps, width], found {}", show(x));
        return Err(Mistake::new(At::Op, message).help("`reshape` it to two axes"));
    };
    let example = format!("`{op} -> [{steps}, 16]`");
    match call.arrow {
        Some([_, Some(m)]) => Ok(vec![steps.clone(), m.clone()]),
        None => Err(Mistake::new(
            At::Op,
            format!("`{op}` on {} does not say how wide its state is", show(x)),
        )
        .help(format!("write the width after an arrow, as in {example}"))),
        Some([_, None]) => Err(Mistake::new(
            At::Arrow,
            format!("the width of the state of `{op}` on {} cannot be inferred", show(x)),
        )
        .help("write a number in place of the last `_`")),
        Some(arrow) => Err(Mistake::new(
            At::Arrow,
            format!(
                "`{op}` maps {} to [{steps}, width of the state], but its arrow says {}",
                show(x),
                show_arrow(arrow)
            ),
        )
        .help(format!("write two axes, as in {example}"))),
    }
}

/// PyTorch's, each transposed: `weight_ih: [n, gates · m]`, `weight_hh: [m, gates · m]` and two biases.
fn params(call: &Call<'_>, out: &Shape, gates: i64) -> Vec<ParamDef> {
    let (Some(n), Some(m)) = (call.x().last(), out.last()) else { return Vec::new() };
    let wide = m.mul(&Dim::known(gates));
    let param =
        |name, shape, torch| ParamDef::new(name, shape, Init::FanIn(m.clone())).called(torch);
    let mut params = vec![
        param("weight_ih", vec![n.clone(), wide.clone()], "weight_ih_l0")
            .laid_out(Layout::Transposed),
        param("weight_hh", vec![m.clone(), wide.clone()], "weight_hh_l0")
            .laid_out(Layout::Transposed),
    ];
    if call.get(BIAS) {
        params.push(param("bias_ih", vec![wide.clone()], "bias_ih_l0"));
        params.push(param("bias_hh", vec![wide], "bias_hh_l0"));
    }
    params
}

/// What a step is made from: the parts of its gates from the input and from the state before, and the
/// states before, `h` first.
struct Gates {
    x: Var,
    h: Var,
    states: Vec<Var>,
    /// `weight_hh` and `bias_hh`.
    weight: Var,
    bias: Option<Var>,
}

impl Gates {
    /// What a state gives to `count` gates from `first` on.
    fn of_state(&self, t: &Tracer, state: Var, first: i64, count: i64) -> Var {
        let m = t.shape(self.states[0])[0].clone();
        let cut = |x: Var, axis: usize| {
            t.slice(x, axis, m.mul(&Dim::known(first)), m.mul(&Dim::known(count)))
        };
        let h = t.contract(state, cut(self.weight, 1), Labels::new("h", "ho", "o"));
        plus(t, h, self.bias.map(|bias| cut(bias, 0)))
    }

    /// One gate of several side by side.
    fn part(&self, t: &Tracer, of: Var, gate: usize) -> Var {
        let m = t.shape(self.states[0])[0].clone();
        t.slice(of, 0, m.mul(&Dim::known(gate as i64)), m)
    }
}

fn plus(t: &Tracer, x: Var, bias: Option<Var>) -> Var {
    let Some(bias) = bias else { return x };
    let shape = t.shape(x);
    let bias = t.broadcast(bias, vec![shape.len() - 1], shape);
    t.point(&[x, bias], &[], |x, _| x[0] + x[1], None)
}

/// The loop: `step` makes the next states and the result from the gates, of which the first `at_once` have
/// parts from the state before.
fn run(
    t: &Tracer,
    l: &Lowering<'_>,
    gates: i64,
    at_once: i64,
    step: impl Fn(&Tracer, &Gates) -> (Vec<Var>, Var),
) -> Var {
    let (steps, m) = (l.shape[0].clone(), l.shape[1].clone());
    let wide = m.mul(&Dim::known(gates));
    let of_x = t.contract(l.args[0], l.params[0], Labels::new("ti", "io", "to"));
    let of_x = plus(t, of_x, l.params.get(2).copied());
    let zero = t.fill(t.num(crate::number::Num::ZERO), std::slice::from_ref(&m));
    let each = Passing::Each { axis: 0, width: Dim::known(1) };
    let mut args = vec![(of_x, each.clone()), (l.params[1], Passing::Whole)];
    args.extend(l.params.get(3).map(|bias| (*bias, Passing::Whole)));
    let states = args.len();
    // An LSTM carries its cells beside its state.
    args.extend(std::iter::repeat_n((zero, Passing::Carry), if gates == 4 { 2 } else { 1 }));
    let reverse = l.get(REVERSE);
    let all = Loop { length: steps, reverse, recompute: false, args: &args, out: each };
    t.scan(&all, |t, args| {
        let x = t.reshape(args[0], vec![wide.clone()]);
        let (weight, bias) = (args[1], (states > 2).then(|| args[2]));
        let mut gates = Gates { x, h: x, states: args[states..].to_vec(), weight, bias };
        gates.h = gates.of_state(t, args[states], 0, at_once);
        let (next, y) = step(t, &gates);
        (next, t.reshape(y, vec![Dim::known(1), m.clone()]))
    })
}
