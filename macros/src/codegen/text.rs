//! Small pieces of text.

use crate::nest::{Add, Body, Reg, Store};
use crate::number::Num;
use crate::shape::Dim;
use std::fmt::Write as _;

/// Whether a store adds, as an expression.
pub fn add(add: Add) -> &'static str {
    match add {
        Add::No => "false",
        Add::LaterTiles => "add",
        Add::Yes => "true",
    }
}

pub fn all_strides(body: &Body, stores: &[Store]) -> Vec<Vec<Dim>> {
    let loads = body.loads.iter().map(|load| load.strides.clone());
    loads.chain(stores.iter().map(|store| store.to.strides.clone())).collect()
}

pub fn dims(dims: &[Dim]) -> String {
    let dims: Vec<String> = dims.iter().map(Dim::code).collect();
    format!("[{}]", dims.join(", "))
}

/// Patterns for `0 ..= last`, `_` where there is no name.
pub fn sparse(last: usize, name: impl Fn(usize) -> Option<String>) -> String {
    let names: Vec<String> = (0..=last).map(|i| name(i).unwrap_or_else(|| "_".into())).collect();
    names.join(", ")
}

pub fn names(prefix: &str, count: usize) -> String {
    let names: Vec<String> = (0..count).map(|i| format!("{prefix}{i}")).collect();
    names.join(", ")
}

pub fn lines(body: &Body) -> String {
    let mut text = String::new();
    for (i, (prim, args)) in body.lines.iter().enumerate() {
        let args: Vec<String> = args.iter().map(reg_code).collect();
        let _ = write!(text, " let c{i} = {};", prim.code(&args));
    }
    text
}

pub fn reg_code(reg: &Reg) -> String {
    match reg {
        Reg::Num(num) => number(num),
        Reg::Load(i) => format!("l{i}"),
        Reg::Acc(i) => format!("a{i}"),
        Reg::Line(i) => format!("c{i}"),
    }
}

pub fn number(num: &Num) -> String {
    match num {
        Num::Ratio(p, q) => {
            format!("V::constant({:?}f64, {p}, {q})", num.approx().unwrap_or(f64::NAN))
        }
        Num::Inverse(dim) => {
            let dim = dim.code();
            format!("V::constant(1f64 / ({dim}) as f64, 1, ({dim}) as i128)")
        }
        Num::Named { code, .. } => format!("V::from_f64({code})"),
        Num::Call(prim, args) => {
            let args: Vec<String> = args.iter().map(number).collect();
            format!("({})", prim.code(&args))
        }
    }
}
