//! Attention.
//!
//! Each query is independent of the others. So long sequences run in blocks of queries (`Tracer::scan`),
//! each with its scores to all keys, which the way back computes anew: memory is linear in the length of
//! the sequence, as in "FlashAttention" (Dao et al., 2022), and the exact softmax needs no rescaling.

use super::{
    Arity, At, Body, Call, Default, Init, Lowering, Mistake, OpDef, Opt, OptDef, OptKind, ParamDef,
};
use crate::ir::{Flow, Labels, Var};
use crate::number::Num;
use crate::shape::{Dim, Shape, show};
use crate::trace::{Loop, Tracer};

const CAUSAL: OptDef =
    OptDef { name: "causal", kind: OptKind::Bool, default: Default::Bool(false) };

/// Up to so many queries have all their scores in memory; from there on they come in blocks.
const ALL_AT_ONCE: i64 = 128;
const BLOCK: i64 = 32;

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "scaled_dot_product_attention",
        signature: "scaled_dot_product_attention(q, k, v, mask, causal = false)",
        doc: "`softmax(q · kᵀ / √d) · v` for queries `q: [T, d]`, keys `k: [S, d]` and values `v: [S, e]`, or with heads `[H, T, d]`, `[G, S, d]`, `[G, S, e]`, where each of the `G` key heads serves `H / G` query heads. `mask: [T, S]` or `[1, S]`, if given, is positive where a query may look at a key; a query that may look nowhere gives 0. `causal`: only at keys up to its own place.",
        arity: Arity::Between(3, 4),
        options: &[CAUSAL],
        shape: checked,
        params: |_, _| Vec::new(),
        body: Body::Lower(|t, l| {
            let causal = matches!(l.options[0], Opt::Bool(true));
            attend(t, l.args[0], l.args[1], l.args[2], l.args.get(3).copied(), causal)
        }),
        examples: &[
            "(q: [3, 2], k: [4, 2], v: [4, 5]) -> [3, 5] { scaled_dot_product_attention(q, k, v) }",
            "(q: [2, 3, 2], k: [2, 3, 2], v: [2, 3, 3]) -> [2, 3, 3] { scaled_dot_product_attention(q, k, v, causal = true) }",
            "(q: [4, 3, 2], k: [2, 5, 2], v: [2, 5, 3], m: [3, 5]) -> [4, 3, 3] { scaled_dot_product_attention(q, k, v, m) }",
            "(q: [2, 160, 1], k: [1, 3, 1], v: [1, 3, 1], m: [1, 3]) -> [2, 160, 1] { scaled_dot_product_attention(q, k, v, m) }",
            "(q: [130, 1], k: [3, 1], v: [3, 1]) -> [130, 1] { scaled_dot_product_attention(q, k, v, causal = true) }",
        ],
    },
    OpDef {
        name: "multihead_attention",
        signature: "multihead_attention(x, memory, mask, heads, kv_heads = heads, causal = false, bias = true)",
        doc: "`scaled_dot_product_attention` with `heads` heads between linear maps: queries of `x: [T, E]`, keys and values of `memory: [S, E]`, or of `x` itself (`torch.nn.MultiheadAttention`; `in_proj_weight` has the columns of queries, keys and values side by side). With `kv_heads` fewer than `heads`, several query heads share keys and values.",
        arity: Arity::Between(1, 3),
        options: &[
            OptDef { name: "heads", kind: OptKind::Size, default: Default::Required },
            OptDef { name: "kv_heads", kind: OptKind::Size, default: Default::Absent },
            CAUSAL,
            OptDef { name: "bias", kind: OptKind::Bool, default: Default::Bool(true) },
        ],
        shape: |call| {
            heads(call)?;
            Ok(call.x().clone())
        },
        params: |call, out| {
            let (Ok(h), Some(e)) = (heads(call), out.last()) else { return Vec::new() };
            let wide = e.add(&h.kv.mul(&h.size).mul(&Dim::known(2)));
            // Glorot's uniform, as PyTorch has it for the first; biases begin at 0.
            let param = |name, shape, init| ParamDef { name, shape, init };
            let bias = call.flag(3);
            let first = Init::Glorot(e.clone(), wide.clone());
            let mut params = vec![param("in_proj_weight", vec![e.clone(), wide.clone()], first)];
            if bias {
                params.push(param("in_proj_bias", vec![wide], Init::Constant(0.0)));
            }
            params.push(param(
                "out_proj_weight",
                vec![e.clone(), e.clone()],
                Init::FanIn(e.clone()),
            ));
            if bias {
                params.push(param("out_proj_bias", vec![e.clone()], Init::Constant(0.0)));
            }
            params
        },
        body: Body::Lower(multihead),
        examples: &[
            "(x: [3, 4]) -> [3, 4] { multihead_attention(heads = 2) }",
            "(x: [3, 4]) -> [3, 4] { multihead_attention(heads = 4, kv_heads = 2, causal = true, bias = false) }",
            "(x: [2, 4], memory: [3, 4], mask: [1, 3]) -> [2, 4] { multihead_attention(x, memory, mask, heads = 2) }",
        ],
    },
];

/// The shape of an attention's result.
fn checked(call: &Call<'_>) -> Result<Shape, Mistake> {
    let [q, k, v, ..] = call.args else { unreachable!("the arity was checked") };
    let op = call.op;
    let sizes = |x: &Shape| match x.as_slice() {
        [t, d] => Some((Dim::known(1), t.clone(), d.clone())),
        [h, t, d] => Some((h.clone(), t.clone(), d.clone())),
        _ => None,
    };
    let all = (sizes(q), sizes(k), sizes(v));
    let (Some((h, t, d)), Some((g, s, of_k)), Some((of_v, s_of_v, e))) = all else {
        let i = [q, k, v].iter().position(|x| sizes(x).is_none()).unwrap_or(0);
        let name = ["queries", "keys", "values"][i];
        let message = format!(
            "the {name} of `{op}` are [length, width] or [heads, length, width], found {}",
            show(&call.args[i])
        );
        return Err(Mistake::new(At::Arg(i), message).help("`reshape` them, with the heads first"));
    };
    let unlike = |i: usize, what: &str, a: &str, x: &Dim, b: &str, y: &Dim| {
        Err(Mistake::new(
            At::Arg(i),
            format!(
                "`{op}` needs {a} and {b} of one {what}: {x} of {}, {y} of {}",
                show(&call.args[if i == 1 { 0 } else { 1 }]),
                show(&call.args[i])
            ),
        )
        .help(format!("make the two {what}s equal")))
    };
    if q.len() != k.len() || k.len() != v.len() {
        let message = format!(
            "`{op}` needs queries, keys and values with heads, or all without: found {}, {} and {}",
            show(q),
            show(k),
            show(v)
        );
        return Err(
            Mistake::new(At::Op, message).help("`reshape -> [1, length, width]` makes one head")
        );
    }
    if !call.fits(&d, &of_k) {
        return unlike(1, "width", "queries", &d, "keys", &of_k);
    }
    if !call.fits(&s, &s_of_v) {
        return unlike(2, "length", "keys", &s, "values", &s_of_v);
    }
    if !call.fits(&g, &of_v) {
        return unlike(2, "number of head", "keys", &g, "values", &of_v);
    }
    let shared = h.rem(&g).is_some_and(|rest| call.fits(&rest, &Dim::known(0)));
    if !shared {
        let message = format!(
            "`{op}` shares {g} heads of keys among {h} heads of queries, but {h} is not a multiple of {g}"
        );
        return Err(Mistake::new(At::Arg(1), message)
            .help("make the heads of the queries a multiple of those of the keys"));
    }
    check_mask(call, 3, &t, &s)?;
    let out = [h, t, e];
    Ok(if q.len() == 3 { out.to_vec() } else { out[1..].to_vec() })
}

/// Whether the mask, if argument `arg` is given, has a row for each query or one for all.
fn check_mask(call: &Call<'_>, arg: usize, queries: &Dim, keys: &Dim) -> Result<(), Mistake> {
    let Some(mask) = call.args.get(arg) else { return Ok(()) };
    if let [rows, columns] = mask.as_slice()
        && (rows.is(1) || call.fits(rows, queries))
        && call.fits(columns, keys)
    {
        return Ok(());
    }
    let message = format!(
        "the mask of `{}` is [{queries}, {keys}] or [1, {keys}]: a row for each query or one for all, and a column for each key; found {}",
        call.op,
        show(mask)
    );
    Err(Mistake::new(At::Arg(arg), message).help("`reshape` it"))
}

/// `softmax(q·kᵀ/√d)·v`, for values with the batch in front.
fn attend(t: &Tracer, q: Var, k: Var, v: Var, mask: Option<Var>, causal: bool) -> Var {
    let out: Shape = {
        let mut out = t.ty(q);
        out.pop();
        out.extend(t.ty(v).pop());
        out
    };
    // All have the axes batch, key heads, query heads of each, length, width from here on.
    let (n, rank) = (t.ty(q)[0].clone(), t.ty(q).len());
    let head = |x: Var| if rank == 4 { t.ty(x)[1].clone() } else { Dim::known(1) };
    let (h, g) = (head(q), head(k));
    let each = h.div(&g).unwrap_or(Dim::known(1));
    let last = |x: Var, back: usize| t.ty(x)[rank - back].clone();
    let (length, keys, d, e) = (last(q, 2), last(k, 2), last(q, 1), last(v, 1));
    let q = t.reshape(q, vec![n.clone(), g.clone(), each.clone(), length.clone(), d.clone()]);
    let k = t.reshape(k, vec![n.clone(), g.clone(), keys.clone(), d.clone()]);
    let v = t.reshape(v, vec![n.clone(), g.clone(), keys.clone(), e.clone()]);
    // The place of each query, of which a block sees its own.
    let places = |length: &Dim| t.b.iota(length.clone(), Dim::known(1), length.clone()).var;
    let block = |t: &Tracer, q: Var, k: Var, v: Var, mask: Option<Var>, place: Option<Var>| {
        let scores = t.contract(q, k, Labels::new("nghtd", "ngsd", "nghts"));
        let scale = t.b.num(Num::inverse(&d)).sqrt().var;
        let scores = t.point(&[scores], &[scale], |x, scale| x[0] * scale[0], None);
        let ty = t.ty(scores);
        let mut keep = mask.map(|mask| {
            let rows = t.ty(mask)[1].clone();
            if rows == ty[3] {
                t.broadcast(mask, vec![0, 3, 4], ty.clone())
            } else {
                let row = t.reshape(mask, vec![ty[0].clone(), ty[4].clone()]);
                t.broadcast(row, vec![0, 4], ty.clone())
            }
        });
        if let Some(place) = place {
            let query = t.broadcast(place, vec![3], ty.clone());
            let key = t.broadcast(
                t.b.iota(ty[4].clone(), Dim::known(1), ty[4].clone()).var,
                vec![4],
                ty.clone(),
            );
            let other = keep.unwrap_or_else(|| t.b.fill(t.num(Num::ONE), &ty));
            let seen = |x: &[crate::build::V<'_>]| x[0].select_gt(x[1], x[0].int(0), x[2]).var;
            let b = &t.b;
            let handles = [key, query, other].map(|x| b.v(x));
            keep = Some(seen(&handles));
        }
        let weights = t.softmax_where(scores, 4, keep);
        t.contract(weights, v, Labels::new("nghts", "ngse", "nghte"))
    };
    if length.as_known().is_some_and(|length| length <= ALL_AT_ONCE) {
        let y = block(t, q, k, v, mask, causal.then(|| places(&length)));
        return t.reshape(y, out);
    }
    // Whole blocks, the last of them filled up with queries nobody asks for.
    let width = Dim::known(BLOCK);
    let count = length.add(&Dim::known(BLOCK - 1)).div(&width).unwrap_or(Dim::known(1));
    let padded = count.mul(&width);
    let fill = |x: Var, axis: usize| {
        let mut zeros = t.ty(x);
        zeros[axis] = padded.sub(&length);
        if zeros[axis].is(0) { x } else { t.concat(&[x, t.b.fill(t.num(Num::ZERO), &zeros)], axis) }
    };
    let along = |axis: usize| Flow::Each { axis, width: width.clone() };
    let mut args = vec![(fill(q, 3), along(3)), (k, Flow::Whole), (v, Flow::Whole)];
    if let Some(mask) = mask {
        let rows = t.ty(mask)[1] == length;
        args.push(if rows { (fill(mask, 1), along(1)) } else { (mask, Flow::Whole) });
    }
    if causal {
        args.push((places(&padded), along(0)));
    }
    let all = Loop { length: count, reverse: false, recompute: true, args: &args, out: along(3) };
    let y = t.scan(&all, |t, args| {
        let mask = mask.map(|_| args[3]);
        let place = causal.then(|| args[args.len() - 1]);
        (Vec::new(), block(t, args[0], args[1], args[2], mask, place))
    });
    t.reshape(t.slice(y, 3, Dim::known(0), length), out)
}

struct Heads {
    /// The width of a head.
    size: Dim,
    kv: Dim,
}

fn heads(call: &Call<'_>) -> Result<Heads, Mistake> {
    let op = call.op;
    let x = call.x();
    let [_, e] = x.as_slice() else {
        let message = format!("`{op}` reads a sequence [length, width], found {}", show(x));
        return Err(Mistake::new(At::Op, message).help("`reshape` it to two axes"));
    };
    let heads = call.size(0);
    let kv = call.size_given(1).unwrap_or_else(|| heads.clone());
    let divides = |a: &Dim, b: &Dim| a.rem(b).is_some_and(|rest| call.fits(&rest, &Dim::known(0)));
    if !divides(e, &heads) {
        let message = format!(
            "`{op}` splits a width of {e} among {heads} heads, but {e} is not a multiple of {heads}"
        );
        return Err(
            Mistake::new(At::Opt(0), message).help("take a number of heads that divides the width")
        );
    }
    if !divides(&heads, &kv) {
        let message = format!(
            "`{op}` shares {kv} heads of keys among {heads} heads of queries, but {heads} is not a multiple of {kv}"
        );
        return Err(Mistake::new(At::Opt(1), message).help("take a number that divides `heads`"));
    }
    if let Some(memory) = call.args.get(1) {
        let fits = matches!(memory.as_slice(), [_, width] if call.fits(width, e));
        if !fits {
            let message = format!(
                "the memory of `{op}` on {} is [length, {e}], found {}",
                show(x),
                show(memory)
            );
            return Err(Mistake::new(At::Arg(1), message)
                .help(format!("`linear -> [_, {e}]` brings it to that width")));
        }
    }
    if let [_, memory, ..] = call.args {
        check_mask(call, 2, &x[0], &memory[0])?;
    }
    let size = e.div(&heads).unwrap_or(Dim::known(1));
    Ok(Heads { size, kv })
}

fn multihead(t: &Tracer, l: &Lowering<'_>) -> Var {
    let (x, memory) = (l.args[0], l.args.get(1).copied());
    let (n, e) = (l.ty[0].clone(), l.ty[2].clone());
    let h = l.size(0);
    let kv = l.size_given(1).unwrap_or_else(|| h.clone());
    let size = e.div(&h).unwrap_or(Dim::known(1));
    let causal = matches!(l.options[2], Opt::Bool(true));
    let bias = l.params.len() == 4;
    let (of_in, of_out) = (l.params[0], l.params[if bias { 2 } else { 1 }]);
    let (bias_in, bias_out) = (bias.then(|| l.params[1]), bias.then(|| l.params[3]));
    let affine = |x: Var, weight: Var, bias: Option<Var>| {
        let y = t.contract(x, weight, Labels::new("nti", "io", "nto"));
        let ty = t.ty(y);
        match bias {
            None => y,
            Some(bias) => {
                let bias = t.broadcast(bias, vec![2], ty);
                t.point(&[y, bias], &[], |x, _| x[0] + x[1], None)
            }
        }
    };
    let wide = kv.mul(&size);
    let all = e.add(&wide.mul(&Dim::known(2)));
    // With memory of its own, what is asked and what is looked at are two maps.
    let part = |x: Var, from: &Dim, width: &Dim| {
        let weight = t.slice(of_in, 1, from.clone(), width.clone());
        affine(x, weight, bias_in.map(|bias| t.slice(bias, 0, from.clone(), width.clone())))
    };
    let (q, k, v) = match memory {
        None => {
            let y = affine(x, of_in, bias_in);
            let (k, v) = (e.clone(), e.add(&wide));
            (
                t.slice(y, 2, Dim::known(0), e.clone()),
                t.slice(y, 2, k, wide.clone()),
                t.slice(y, 2, v, wide.clone()),
            )
        }
        Some(memory) => {
            let q = part(x, &Dim::known(0), &e);
            let y = part(memory, &e, &all.sub(&e));
            (
                q,
                t.slice(y, 2, Dim::known(0), wide.clone()),
                t.slice(y, 2, wide.clone(), wide.clone()),
            )
        }
    };
    let split = |x: Var, heads: &Dim| {
        let length = t.ty(x)[1].clone();
        let x = t.reshape(x, vec![n.clone(), length, heads.clone(), size.clone()]);
        t.permute(x, vec![0, 2, 1, 3])
    };
    let y = attend(t, split(q, &h), split(k, &kv), split(v, &kv), l.args.get(2).copied(), causal);
    let y = t.permute(y, vec![0, 2, 1, 3]);
    affine(t.reshape(y, l.ty.clone()), of_out, bias_out)
}
