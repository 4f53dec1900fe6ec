//! What is called otherwise in other frameworks: which op a name is, and what there is to say about one that is none.
//!
//! An op has its other names in its stanza ([`Elsewhere`]); `foreign` translates whole calls.

mod sentences;

use crate::ops::{self, Elsewhere, OpDef};
pub use sentences::SENTENCES;

/// Where a framework keeps its layers and functions: `nn.Linear`, `F.relu`, `jax.nn.gelu`.
pub fn is_namespace(root: &str) -> bool {
    const ROOTS: &str = "nn F f torch tch keras tf tensorflow layers jnp jax np numpy linen flax nnx \
                         haiku hk eqx equinox optax functional lax math burn candle candle_nn dfdx \
                         activation activations losses self f32 f64";
    has(ROOTS, root)
}

pub const INFINITE: &str = "write `f64::INFINITY`, and below 0 `f64::NEG_INFINITY`";

/// What to write for a number that has a name elsewhere: `inf`, `math.pi`.
pub fn number(name: &str) -> Option<&'static str> {
    Some(match name {
        "inf" | "Inf" | "infinity" | "Infinity" | "INF" | "INFINITY" | "NEG_INFINITY" => INFINITE,
        "nan" | "NaN" | "NAN" => "write `f64::NAN`",
        "pi" | "PI" => "write `std::f64::consts::PI`",
        "None" => "leave it out: what is not given is as it is by default",
        "True" | "False" => "`true` and `false` are written in lower case",
        _ => return None,
    })
}

/// Whether a word is in a list of words.
pub fn has(list: &str, name: &str) -> bool {
    list.split_whitespace().any(|word| word == name)
}

fn plain(name: &str) -> String {
    name.replace('_', "").to_lowercase()
}

fn is_called(names: &str, name: &str) -> bool {
    names.split_whitespace().any(|word| plain(word) == plain(name))
}

/// The op that has a name elsewhere, and with which arguments: as it is spelled, else without regard to capitals and
/// underscores.
pub fn find(name: &str) -> Option<(&'static OpDef, &'static Elsewhere)> {
    let first = |is: fn(&str, &str) -> bool| {
        let of_op = |op: &'static OpDef| op.elsewhere.iter().map(move |names| (op, names));
        ops::all().flat_map(of_op).find(|(_, all)| is(all.names, name))
    };
    first(has).or_else(|| first(is_called))
}

/// What there is to say about a name that is no op.
pub fn sentence(name: &str) -> Option<&'static str> {
    let exact = SENTENCES.iter().find(|(names, _)| has(names, name));
    let found = exact.or_else(|| SENTENCES.iter().find(|(names, _)| is_called(names, name)));
    found.map(|(_, text)| *text)
}

/// The op that a name of another framework stands for, if it is one.
pub fn op(name: &str) -> Option<&'static OpDef> {
    let name = name.strip_suffix("Config").unwrap_or(name);
    let own = || ops::all().find(|op| plain(op.name) == plain(name));
    match find(name) {
        Some((op, _)) => Some(op),
        None if sentence(name).is_some() => None,
        None => own(),
    }
}

/// Whether a capitalised name of another framework is more than one word: `Embedding` and `Dense` may well be ops of
/// the user's, `BatchNorm2d` and `LeakyReLU` hardly are.
pub fn is_layer(name: &str) -> bool {
    let one_word = name.chars().skip(1).all(|c| c.is_ascii_lowercase());
    !one_word && (find(name).is_some() || sentence(name).is_some())
}

/// Whether a name of another framework is one that no model of the user's has, as `MultiHeadAttention` might.
pub fn is_no_model(name: &str) -> bool {
    let unlikely = name.ends_with("Loss")
        || name.chars().any(|c| c.is_ascii_digit())
        || ["Sequential", "ModuleList"].contains(&name);
    unlikely && (find(name).is_some() || sentence(name).is_some())
}
