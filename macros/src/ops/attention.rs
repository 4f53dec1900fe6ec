//! Attention.
//!
//! Each query is independent of the others. So long sequences run in blocks of queries (`Tracer::scan`),
//! each with its scores to all keys, which the way back computes anew: memory is linear in the length of
//! the sequence, as in "FlashAttention" (Dao et al., 2022), and the exact softmax needs no rescaling.

use super::option::{Key, flag, number, size};
use super::softmax::softmax_where;
use super::{
    Arity, At, Body, Call, Init, Layout, Lowering, Mistake, OpDef, Options, ParamDef, called,
};
use crate::bug::OrBug;
use crate::builder::V;
use crate::ir::{Labels, Passing, Var};
use crate::number::Num;
use crate::prim::Arith;
use crate::shape::{Dim, Shape, show};
use crate::trace::{Loop, Tracer};
use crate::tuning::{QUERIES_AT_ONCE, QUERIES_OF_A_BLOCK};

const HEADS: Key<Dim> = size("heads");
const KV_HEADS: Key<Dim> = size("kv_heads");
const BIAS: Key<bool> = flag("bias");
// How scores are made.
const CAUSAL: Key<bool> = flag("causal");
const SCALE: Key<Num> = number("scale");
const SOFTCAP: Key<Num> = number("softcap");
const ADDITIVE: Key<bool> = flag("additive");

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "scaled_dot_product_attention",
        values: "q, k, v, mask",
        doc: "`softmax(q · kᵀ / √d) · v` for queries `q: [T, d]`, keys `k: [S, d]` and values `v: [S, e]`, or with heads `[H, T, d]`, `[G, S, d]`, `[G, S, e]`, where each of the `G` key heads serves `H / G` query heads. `mask: [T, S]`, or `[H, T, S]` with one for each head, is positive where a query may look at a key; of its axes but the last, 1 is for all. With `additive` it is added to the scaled scores (biases of positions; a key with −∞, or less than −10³⁰, is not looked at). A query that may look nowhere gives 0. A score that a query may not look at gives nothing, even if it is infinite or NaN; a key or a value that holds NaN passes it on all the same, in sums of products with 0. `causal`: only at keys up to its own place. `softcap = c`: `c · tanh(s / c)` of the scaled scores `s`, before the mask.",
        arity: Arity::Between(3, 4),
        options: &[
            CAUSAL.or("false"),
            SCALE.optional_shown("1/√d"),
            SOFTCAP.optional(),
            ADDITIVE.or("false"),
        ],
        shape: checked,
        body: Body::Lower(|t, l| {
            let how = Scores::new(l.options);
            attend(t, l.args[0], l.args[1], l.args[2], l.args.get(3).copied(), &how)
        }),
        examples: &[
            "(q: [3, 2], k: [4, 2], v: [4, 5]) -> [3, 5] { scaled_dot_product_attention(q, k, v) }",
            "(q: [2, 3, 2], k: [2, 3, 2], v: [2, 3, 3]) -> [2, 3, 3] { scaled_dot_product_attention(q, k, v, causal = true) }",
            "(q: [4, 3, 2], k: [2, 5, 2], v: [2, 5, 3], m: [3, 5]) -> [4, 3, 3] { scaled_dot_product_attention(q, k, v, m) }",
            "(q: [2, 160, 1], k: [1, 3, 1], v: [1, 3, 1], m: [1, 3]) -> [2, 160, 1] { scaled_dot_product_attention(q, k, v, m) }",
            "(q: [130, 1], k: [3, 1], v: [3, 1]) -> [130, 1] { scaled_dot_product_attention(q, k, v, causal = true) }",
            "(q: [4, 3, 2], k: [2, 5, 2], v: [2, 5, 3], m: [4, 3, 5]) -> [4, 3, 3] { scaled_dot_product_attention(q, k, v, m) }",
            "(q: [2, 3, 2], k: [2, 4, 2], v: [2, 4, 1], m: [1, 3, 4]) -> [2, 3, 1] { scaled_dot_product_attention(q, k, v, m, scale = 0.5, additive = true) }",
            "(q: [4, 3, 2], k: [2, 5, 2], v: [2, 5, 3], m: [4, 1, 5]) -> [4, 3, 3] { scaled_dot_product_attention(q, k, v, m, causal = true, softcap = 1.5) }",
            "(q: [3, 2], k: [4, 2], v: [4, 5], m: [3, 4]) -> [3, 5] { scaled_dot_product_attention(q, k, v, m, causal = true, scale = 2, softcap = 3, additive = true) }",
            "(q: [2, 130, 1], k: [1, 3, 1], v: [1, 3, 1], m: [2, 130, 3]) -> [2, 130, 1] { scaled_dot_product_attention(q, k, v, m, additive = true) }",
            "(q: [2, 130, 1], k: [2, 3, 1], v: [2, 3, 1]) -> [2, 130, 1] { bias = parameter -> [2, 1, 3], scaled_dot_product_attention(q, k, v, bias, causal = true, softcap = 2, additive = true) }",
            "(q: [130, 1], k: [3, 1], v: [3, 1]) -> [130, 1] { bias = parameter -> [130, 3], scaled_dot_product_attention(q, k, v, bias, additive = true) }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "multihead_attention",
        elsewhere: &[
            called("MultiheadAttention", "embed_dim num_heads dropout bias"),
            called(
                "MultiHeadAttention MultiHeadDotProductAttention SelfAttention",
                "num_heads key_dim",
            ),
        ],
        values: "x, memory, mask",
        doc: "`scaled_dot_product_attention` with `heads` heads between linear maps: queries of `x: [T, E]`, keys and values of `memory: [S, E]`, or of `x` itself (`torch.nn.MultiheadAttention`; `in_proj_weight` has the columns of queries, keys and values side by side). With `kv_heads` fewer than `heads`, several query heads share keys and values. A mask for self-attention is `multihead_attention(x, x, mask, ..)`.",
        arity: Arity::Between(1, 3),
        options: &[
            HEADS.required(),
            KV_HEADS.optional_shown("heads"),
            CAUSAL.or("false"),
            BIAS.or("true"),
            SCALE.optional_shown("1/√d"),
            SOFTCAP.optional(),
            ADDITIVE.or("false"),
        ],
        shape: |call| {
            heads(call)?;
            Ok(call.x().clone())
        },
        params: |call, out| {
            let (Ok(h), Some(e)) = (heads(call), out.last()) else { return Vec::new() };
            let wide = e.add(&h.width_of_keys(e).mul(&Dim::known(2)));
            // Glorot's uniform, as PyTorch has it for the first; biases begin at 0.
            let param = ParamDef::new;
            let bias = call.get(BIAS);
            let first = Init::Glorot(e.clone(), wide.clone());
            let mut params = vec![
                param("in_proj_weight", vec![e.clone(), wide.clone()], first)
                    .laid_out(Layout::Transposed),
            ];
            if bias {
                params.push(param("in_proj_bias", vec![wide], Init::Constant(0.0)));
            }
            let last = param("out_proj_weight", vec![e.clone(), e.clone()], Init::FanIn(e.clone()));
            params.push(last.called("out_proj.weight").laid_out(Layout::Transposed));
            if bias {
                let last = param("out_proj_bias", vec![e.clone()], Init::Constant(0.0));
                params.push(last.called("out_proj.bias"));
            }
            params
        },
        body: Body::Lower(multihead),
        examples: &[
            "(x: [3, 4]) -> [3, 4] { multihead_attention(heads = 2) }",
            "(x: [3, 4]) -> [3, 4] { multihead_attention(heads = 4, kv_heads = 2, causal = true, bias = false) }",
            "(x: [2, 4], memory: [3, 4], mask: [1, 3]) -> [2, 4] { multihead_attention(x, memory, mask, heads = 2) }",
            "(x: [3, 4], bias: [2, 3, 3]) -> [3, 4] { multihead_attention(x, x, bias, heads = 2, scale = 0.5, softcap = 2, additive = true) }",
        ],
        ..OpDef::PLAIN
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
    check_mask(call, 3, (q.len() == 3).then_some(&h), &t, &s)?;
    check_scores(call, 3)?;
    let out = [h, t, e];
    Ok(if q.len() == 3 { out.to_vec() } else { out[1..].to_vec() })
}

/// Whether the mask, if argument `arg` is given, has a row for each query or one for all, and that once
/// or, where there are heads, for each of them.
fn check_mask(
    call: &Call<'_>,
    arg: usize,
    heads: Option<&Dim>,
    queries: &Dim,
    keys: &Dim,
) -> Result<(), Mistake> {
    let Some(mask) = call.args.get(arg) else { return Ok(()) };
    let fits = |found: &Dim, wanted: &Dim| found.is(1) || call.fits(found, wanted);
    let whole = match (mask.as_slice(), heads) {
        ([rows, columns], _) => fits(rows, queries) && call.fits(columns, keys),
        ([each, rows, columns], Some(heads)) => {
            fits(each, heads) && fits(rows, queries) && call.fits(columns, keys)
        }
        _ => false,
    };
    if whole {
        return Ok(());
    }
    let each =
        heads.map(|heads| format!(", or [{heads}, {queries}, {keys}] with one for each head"));
    let message = format!(
        "the mask of `{}` is [{queries}, {keys}]{}, found {}",
        call.op,
        each.unwrap_or_default(),
        show(mask)
    );
    Err(Mistake::new(At::Arg(arg), message).help(match heads {
        Some(_) => "it has a column for each key; 1 row is for all queries, 1 head for all heads",
        None => "without heads it has two axes: a column for each key, a row for each query or 1 for all",
    }))
}

/// Whether the options `softcap` and `additive` make sense, where argument `mask` is the mask.
fn check_scores(call: &Call<'_>, mask: usize) -> Result<(), Mistake> {
    if let Some(cap) = call.given(SOFTCAP)
        && cap.approx().is_some_and(|cap| cap <= 0.0)
    {
        let message = format!("the `softcap` of `{}` is positive, found {cap}", call.op);
        return Err(
            Mistake::new(SOFTCAP.at(), message).help("take a positive number, or leave it out")
        );
    }
    if call.get(ADDITIVE) && call.args.len() <= mask {
        let message = format!("`additive` says that a mask is added, but `{}` has none", call.op);
        return Err(
            Mistake::new(ADDITIVE.at(), message).help("give it a mask, or leave `additive` out")
        );
    }
    Ok(())
}

/// How scores are made of products of queries and keys.
struct Scores {
    causal: bool,
    /// `1/√d` if it is not given.
    scale: Option<Num>,
    softcap: Option<Num>,
    /// Whether a mask is added.
    additive: bool,
}

impl Scores {
    fn new(options: Options<'_>) -> Self {
        Scores {
            causal: options.get(CAUSAL),
            scale: options.given(SCALE),
            softcap: options.given(SOFTCAP),
            additive: options.get(ADDITIVE),
        }
    }

    /// The scores of `q: [g, h, t, d]` and `k: [g, s, d]`, and what is positive where they count.
    fn of(
        &self,
        t: &Tracer,
        q: Var,
        k: Var,
        mask: Option<&Mask>,
        place: Option<Var>,
    ) -> (Var, Option<Var>) {
        let b = &t.b;
        let d = &t.shape(k)[2];
        let scores = t.contract(q, k, Labels::new("ghtd", "gsd", "ghts"));
        let scale = match &self.scale {
            Some(scale) => b.num(scale.clone()),
            None => b.num(Num::inverse(d)).sqrt(),
        };
        let mut scores = match &self.softcap {
            None => t.point(&[scores], &[scale.var], |x, scale| x[0] * scale[0], None),
            Some(cap) => {
                let cap = b.num(cap.clone());
                let options = [(scale / cap).var, cap.var];
                t.point(&[scores], &options, |x, o| (x[0] * o[0]).tanh() * o[1], None)
            }
        };
        let shape = t.shape(scores);
        let mut keep = mask.map(|mask| t.broadcast(mask.x, mask.axes.clone(), shape.clone()));
        if let (true, Some(mask)) = (self.additive, keep) {
            scores = t.point(&[scores, mask], &[], |x, _| x[0] + x[1], None);
            // Not a number is no reason to look away.
            keep = Some(b.decimal(-1, 30).select_gt(b.v(mask), b.int(0), b.int(1)).var);
        }
        if let Some(place) = place {
            let query = t.broadcast(place, vec![2], shape.clone());
            let key = b.iota(shape[3].clone(), Dim::known(1), shape[3].clone());
            let key = t.broadcast(key.var, vec![3], shape.clone());
            let other = keep.unwrap_or_else(|| t.fill(t.num(Num::ONE), &shape));
            keep = Some(b.v(key).select_gt(b.v(query), b.int(0), b.v(other)).var);
        }
        (scores, keep)
    }
}

/// A mask without the axes along which it is the same.
#[derive(Clone)]
struct Mask {
    x: Var,
    /// Those it has of key heads, query heads of each, queries, keys.
    axes: Vec<usize>,
}

impl Mask {
    /// From an argument [T, S] or [H, T, S] and the scores' shape.
    fn new(t: &Tracer, mask: Var, scores: &[Dim]) -> Mask {
        // A learned one is the same for every sample: not a mask for each.
        let (x, has) = t.unrepeated(mask);
        let heads = t.shape(mask).len() == 3;
        let mut axes = Vec::new();
        for (axis, dim) in has.iter().zip(t.shape(x)) {
            match (axis, heads) {
                _ if dim.is(1) => {}
                (0, true) => axes.extend([0, 1]),
                (axis, true) => axes.push(axis + 1),
                (axis, false) => axes.push(axis + 2),
            }
        }
        let x = t.reshape(x, axes.iter().map(|axis| scores[*axis].clone()).collect());
        Mask { x, axes }
    }

    /// Where its rows are, if it has one for each query.
    fn rows(&self) -> Option<usize> {
        self.axes.iter().position(|axis| *axis == 2)
    }
}

/// `softmax(q·kᵀ/√d)·v`.
fn attend(t: &Tracer, q: Var, k: Var, v: Var, mask: Option<Var>, how: &Scores) -> Var {
    let out: Shape = {
        let mut out = t.shape(q);
        out.pop();
        out.extend(t.shape(v).pop());
        out
    };
    // All have the axes key heads, query heads of each, length, width from here on.
    let rank = t.shape(q).len();
    let head = |x: Var| if rank == 3 { t.shape(x)[0].clone() } else { Dim::known(1) };
    let (h, g) = (head(q), head(k));
    let each = h.div(&g).or_bug("attention", "number of query heads");
    let last = |x: Var, back: usize| t.shape(x)[rank - back].clone();
    let (length, keys, d, e) = (last(q, 2), last(k, 2), last(q, 1), last(v, 1));
    let q = t.reshape(q, vec![g.clone(), each.clone(), length.clone(), d.clone()]);
    let k = t.reshape(k, vec![g.clone(), keys.clone(), d.clone()]);
    let v = t.reshape(v, vec![g.clone(), keys.clone(), e.clone()]);
    let mask = mask.map(|mask| Mask::new(t, mask, &[g, each, length.clone(), keys]));
    // The place of each query, of which a block sees its own.
    let places = |length: &Dim| t.b.iota(length.clone(), Dim::known(1), length.clone()).var;
    let block = |t: &Tracer, q: Var, k: Var, v: Var, mask: Option<&Mask>, place: Option<Var>| {
        let (scores, keep) = how.of(t, q, k, mask, place);
        let weights = softmax_where(t, scores, 3, keep);
        t.contract(weights, v, Labels::new("ghts", "gse", "ghte"))
    };
    if length.as_known().is_some_and(|length| length <= QUERIES_AT_ONCE) {
        let y = block(t, q, k, v, mask.as_ref(), how.causal.then(|| places(&length)));
        return t.reshape(y, out);
    }
    // Whole blocks, the last of them filled up with queries nobody asks for.
    let width = match length.as_known() {
        Some(_) => Dim::known(QUERIES_OF_A_BLOCK),
        // Only rustc knows whether one block is all.
        None => Dim::named(
            &format!("block({length})"),
            &format!("__pb::block({}, {QUERIES_AT_ONCE}, {QUERIES_OF_A_BLOCK})", length.code()),
        ),
    };
    let count =
        length.add(&width).sub(&Dim::known(1)).div(&width).or_bug("attention", "number of blocks");
    let padded = count.mul(&width);
    let fill = |x: Var, axis: usize, by: V<'_>| {
        let mut rest = t.shape(x);
        rest[axis] = padded.sub(&length);
        if rest[axis].is(0) {
            return x;
        }
        // Places, and a mask that is learned, are not there for each sample.
        let fill = if t.is_shared(x) { Tracer::fill_shared } else { Tracer::fill };
        t.concat(&[x, fill(t, by.var, &rest)], axis)
    };
    let zero = t.b.int(0);
    let along = |axis: usize| Passing::Each { axis, width: width.clone() };
    let mut args = vec![(fill(q, 2, zero), along(2)), (k, Passing::Whole), (v, Passing::Whole)];
    // What fills up looks nowhere, or at the first key alone: at nothing that no other query looks at.
    let nowhere = if how.additive { t.b.decimal(-1, 38) } else { zero };
    if let Some(mask) = &mask {
        args.push(match mask.rows() {
            Some(axis) => (fill(mask.x, axis, nowhere), along(axis)),
            None => (mask.x, Passing::Whole),
        });
    }
    if how.causal {
        args.push((fill(places(&length), 0, zero), along(0)));
    }
    let all = Loop { length: count, reverse: false, recompute: true, args: &args, out: along(2) };
    let y = t.scan(&all, |t, args| {
        let mask = mask.map(|mask| Mask { x: args[3], axes: mask.axes });
        let place = how.causal.then(|| args[args.len() - 1]);
        (Vec::new(), block(t, args[0], args[1], args[2], mask.as_ref(), place))
    });
    t.reshape(t.slice(y, 2, Dim::known(0), length), out)
}

struct Heads {
    all: Dim,
    /// Those of keys and values.
    kv: Dim,
}

impl Heads {
    fn of(options: Options<'_>) -> Heads {
        let all = options.get(HEADS);
        Heads { kv: options.given(KV_HEADS).unwrap_or_else(|| all.clone()), all }
    }

    /// The width of a head.
    fn size(&self, width: &Dim) -> Dim {
        width.div(&self.all).or_bug("attention", "width of a head")
    }

    /// All keys side by side, or all values. Where only rustc knows how many heads there are, the macro does
    /// not see that as many times the width of one is the width.
    fn width_of_keys(&self, width: &Dim) -> Dim {
        if self.kv == self.all { width.clone() } else { self.kv.mul(&self.size(width)) }
    }
}

fn heads(call: &Call<'_>) -> Result<Heads, Mistake> {
    let op = call.op;
    let x = call.x();
    let [_, e] = x.as_slice() else {
        let message = format!("`{op}` reads a sequence [length, width], found {}", show(x));
        return Err(Mistake::new(At::Op, message).help("`reshape` it to two axes"));
    };
    let Heads { all: heads, kv } = Heads::of(call.options);
    let divides = |a: &Dim, b: &Dim| a.rem(b).is_some_and(|rest| call.fits(&rest, &Dim::known(0)));
    if !divides(e, &heads) {
        let message = format!(
            "`{op}` splits a width of {e} among {heads} heads, but {e} is not a multiple of {heads}"
        );
        return Err(
            Mistake::new(HEADS.at(), message).help("take a number of heads that divides the width")
        );
    }
    if !divides(&heads, &kv) {
        let message = format!(
            "`{op}` shares {kv} heads of keys among {heads} heads of queries, but {heads} is not a multiple of {kv}"
        );
        return Err(Mistake::new(KV_HEADS.at(), message).help("take a number that divides `heads`"));
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
        check_mask(call, 2, Some(&heads), &x[0], &memory[0])?;
    }
    check_scores(call, 2)?;
    Ok(Heads { all: heads, kv })
}

fn multihead(t: &Tracer, l: &Lowering<'_>) -> Var {
    let (x, memory) = (l.args[0], l.args.get(1).copied());
    let e = l.shape[1].clone();
    let heads = Heads::of(l.options);
    let size = heads.size(&e);
    let bias = l.params.len() == 4;
    let (of_in, of_out) = (l.params[0], l.params[if bias { 2 } else { 1 }]);
    let (bias_in, bias_out) = (bias.then(|| l.params[1]), bias.then(|| l.params[3]));
    let affine = |x: Var, weight: Var, bias: Option<Var>| {
        let y = t.contract(x, weight, Labels::new("ti", "io", "to"));
        let shape = t.shape(y);
        match bias {
            None => y,
            Some(bias) => {
                let bias = t.broadcast(bias, vec![1], shape);
                t.point(&[y, bias], &[], |x, _| x[0] + x[1], None)
            }
        }
    };
    let wide = heads.width_of_keys(&e);
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
                t.slice(y, 1, Dim::known(0), e.clone()),
                t.slice(y, 1, k, wide.clone()),
                t.slice(y, 1, v, wide.clone()),
            )
        }
        Some(memory) => {
            let q = part(x, &Dim::known(0), &e);
            let y = part(memory, &e, &all.sub(&e));
            (
                q,
                t.slice(y, 1, Dim::known(0), wide.clone()),
                t.slice(y, 1, wide.clone(), wide.clone()),
            )
        }
    };
    let split = |x: Var, heads: &Dim| {
        let length = t.shape(x)[0].clone();
        let x = t.reshape(x, vec![length, heads.clone(), size.clone()]);
        t.permute(x, vec![1, 0, 2])
    };
    let how = Scores::new(l.options);
    let y = attend(
        t,
        split(q, &heads.all),
        split(k, &heads.kv),
        split(v, &heads.kv),
        l.args.get(2).copied(),
        &how,
    );
    let y = t.permute(y, vec![1, 0, 2]);
    affine(t.reshape(y, l.shape.clone()), of_out, bias_out)
}
