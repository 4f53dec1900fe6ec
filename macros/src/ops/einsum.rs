//! `einsum`: sums of products by labels, and the two products that need none.

use super::option::{Key, text};
use super::{Arity, At, Body, Call, Lowering, Mistake, OpDef};
use crate::builder::without;
use crate::ir::{Labels, Var};
use crate::number::Num;
use crate::shape::{Dim, Shape, show};
use crate::trace::Tracer;
use std::rc::Rc;

/// The labels from here on are those of the axes that `...` stands for.
const DOTS: char = '\u{2460}';

const EQUATION: Key<Rc<str>> = text("equation");

pub static OPS: &[OpDef] = &[
    OpDef {
        name: "einsum",
        values: "a, b, ..",
        doc: "Sums of products: a letter for each axis of each operand; what is missing after `->` is summed over. As in `torch.einsum`, without the batch: `...` stands for further axes, a letter twice in an operand for its diagonal, and without `->` the result has the letters that occur once, in order.",
        arity: Arity::AtLeast(1),
        options: &[EQUATION.required_shown("\"ij,jk->ik\"")],
        shape: |call| {
            let ranks: Vec<usize> = call.args.iter().map(Vec::len).collect();
            let equation = Equation::read(&call.get(EQUATION), &ranks)
                .map_err(|(message, help)| Mistake::new(EQUATION.at(), message).help(help))?;
            equation.shape(call)
        },
        body: Body::Lower(lower),
        examples: &[
            "(a: [2, 3], b: [3, 4]) -> [2, 4] { einsum(\"ij,jk->ik\", a, b) }",
            "(a: [2, 3], b: [3, 4]) -> [4, 2] { einsum(\"ij, jk -> ki\", a, b) }",
            "(a: [5, 2, 3], b: [5, 4, 3]) -> [2, 5, 4] { einsum(\"bik,bjk->ibj\", a, b) }",
            "(a: [2], b: [2, 3], c: [3]) -> [] { einsum(\"i,ij,j\", a, b, c) }",
            "(a: [2, 3], b: [4]) -> [4, 2] { einsum(\"ij,k->ki\", a, b) }",
            "(a: [2, 3], b: [2, 3]) -> [3, 2] { einsum(\"ij,ij->ji\", a, b) }",
            "(x: [3, 2, 3]) -> [2, 3] { einsum(\"iji->ji\") }",
            "(x: [3, 3]) -> [] { einsum(\"ii\") }",
            "(a: [2, 3, 4], b: [4, 5]) -> [2, 3, 5] { einsum(\"...i,ij->...j\", a, b) }",
        ],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "outer",
        values: "b",
        doc: "`aᵢ · bⱼ` of two vectors, `[n, m]`.",
        arity: Arity::Exactly(2),
        shape: |call| match (call.args[0].as_slice(), call.args[1].as_slice()) {
            ([n], [m]) => Ok(vec![n.clone(), m.clone()]),
            _ => Err(vectors(call)),
        },
        body: Body::Lower(|t, l| {
            let a = t.broadcast(l.args[0], vec![0], l.shape.clone());
            let b = t.broadcast(l.args[1], vec![1], l.shape.clone());
            t.point(&[a, b], &[], |x, _| x[0] * x[1], None)
        }),
        examples: &["(a: [2], b: [3]) -> [2, 3] { outer(a, b) }"],
        ..OpDef::PLAIN
    },
    OpDef {
        name: "dot",
        values: "b",
        doc: "`Σ aᵢ · bᵢ` of two vectors.",
        arity: Arity::Exactly(2),
        shape: |call| match (call.args[0].as_slice(), call.args[1].as_slice()) {
            ([n], [m]) if call.fits(n, m) => Ok(Vec::new()),
            _ => Err(vectors(call)),
        },
        body: Body::Lower(|t, l| t.contract(l.args[0], l.args[1], Labels::new("i", "i", ""))),
        examples: &["(a: [3], b: [3]) -> [] { dot(a, b) }"],
        ..OpDef::PLAIN
    },
];

fn vectors(call: &Call<'_>) -> Mistake {
    let (a, b) = (show(&call.args[0]), show(&call.args[1]));
    let (what, help) = match call.op {
        "dot" => ("two vectors of one length", "`matmul` multiplies matrices, `einsum` anything"),
        _ => ("two vectors", "`flatten` makes a vector, `einsum` multiplies anything"),
    };
    Mistake::new(At::Op, format!("`{}` takes {what}, found {a} and {b}", call.op)).help(help)
}

/// The labels of the operands and of the result.
struct Equation {
    operands: Vec<Vec<char>>,
    out: Vec<char>,
}

type Complaint = (String, String);

impl Equation {
    /// Reads an equation for operands of these ranks.
    fn read(text: &str, ranks: &[usize]) -> Result<Equation, Complaint> {
        let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (left, right) = match plain.split_once("->") {
            Some((left, right)) => (left, Some(right)),
            None => (plain.as_str(), None),
        };
        let terms: Vec<&str> = left.split(',').collect();
        if terms.len() != ranks.len() {
            let count =
                |n: usize| if n == 1 { "1 operand".into() } else { format!("{n} operands") };
            return Err((
                format!(
                    "\"{text}\" has {}, but `einsum` is given {}",
                    count(terms.len()),
                    count(ranks.len())
                ),
                "write as many values after the equation as it has terms between commas".into(),
            ));
        }
        let widest = terms.iter().zip(ranks).map(|(term, rank)| {
            if term.contains("...") { rank.saturating_sub(letters(term)) } else { 0 }
        });
        let dots: Vec<char> = (DOTS..).take(widest.max().unwrap_or(0)).collect();
        let mut operands = Vec::new();
        for (i, (term, rank)) in terms.iter().zip(ranks).enumerate() {
            let spare = rank.saturating_sub(letters(term)).min(dots.len());
            let labels = expand(text, term, &dots[dots.len() - spare..])?;
            if labels.len() != *rank {
                let axes = |n: usize| if n == 1 { "1 axis".into() } else { format!("{n} axes") };
                return Err((
                    format!(
                        "`{term}` in \"{text}\" names {}, but operand {i} has {}",
                        axes(labels.len()),
                        axes(*rank)
                    ),
                    "write a letter for each axis of a sample, or `...` for those that just stay"
                        .into(),
                ));
            }
            operands.push(labels);
        }
        let all: Vec<char> = operands.concat();
        let out = match right {
            Some(right) => {
                let out = expand(text, right, &dots)?;
                for (i, label) in out.iter().enumerate() {
                    if !all.contains(label) {
                        return Err((
                            format!(
                                "the result of \"{text}\" has the letter `{label}`, which no operand has"
                            ),
                            "every letter after `->` is one from before it".into(),
                        ));
                    }
                    if out[..i].contains(label) {
                        return Err((
                            format!("the result of \"{text}\" has the letter `{label}` twice"),
                            "a letter after `->` is one axis of the result".into(),
                        ));
                    }
                }
                out
            }
            None => {
                let once = |label: &char| all.iter().filter(|other| *other == label).count() == 1;
                let mut out: Vec<char> =
                    all.iter().copied().filter(|label| *label < DOTS && once(label)).collect();
                out.sort_unstable();
                dots.into_iter().chain(out).collect()
            }
        };
        Ok(Equation { operands, out })
    }

    /// The shape of the result; the axes of one label are equal.
    fn shape(&self, call: &Call<'_>) -> Result<Shape, Mistake> {
        let mut known: Vec<(char, &Dim, usize)> = Vec::new();
        for (i, (labels, shape)) in self.operands.iter().zip(call.args).enumerate() {
            for (label, dim) in labels.iter().zip(shape) {
                match known.iter().find(|(other, ..)| other == label) {
                    None => known.push((*label, dim, i)),
                    Some((_, other, _)) if call.fits(other, dim) => {}
                    Some((_, other, of)) => {
                        let name = if *label >= DOTS { "...".into() } else { label.to_string() };
                        let message = format!(
                            "`{name}` of `einsum` is {other} in {} and {dim} in {}",
                            show(&call.args[*of]),
                            show(shape),
                        );
                        return Err(Mistake::new(EQUATION.at(), message)
                            .help("axes with the same letter have the same length"));
                    }
                }
            }
        }
        let dim =
            |label: &char| known.iter().find(|(other, ..)| other == label).map(|k| k.1.clone());
        Ok(self.out.iter().filter_map(dim).collect())
    }
}

fn letters(term: &str) -> usize {
    term.chars().filter(|c| *c != '.').count()
}

/// The labels of a term, with those of `...`.
fn expand(text: &str, term: &str, dots: &[char]) -> Result<Vec<char>, Complaint> {
    let parts: Vec<&str> = term.split("...").collect();
    let strange = parts.iter().flat_map(|part| part.chars()).find(|c| !c.is_ascii_alphabetic());
    if let Some(strange) = strange {
        return Err((
            format!("\"{text}\" has `{strange}` where a letter should be"),
            "an equation looks like \"ij,jk->ik\"".into(),
        ));
    }
    if parts.len() > 2 {
        return Err((
            format!("`{term}` in \"{text}\" has `...` more than once"),
            "it stands once in a term, for all further axes".into(),
        ));
    }
    let mut labels: Vec<char> = parts[0].chars().collect();
    if let Some(rest) = parts.get(1) {
        labels.extend(dots);
        labels.extend(rest.chars());
    }
    Ok(labels)
}

/// A value and the labels of its axes.
struct Term {
    x: Var,
    labels: Vec<char>,
}

/// From left to right, two operands at a time; a label goes as soon as nothing else has it.
fn lower(t: &Tracer, l: &Lowering<'_>) -> Var {
    let ranks: Vec<usize> = l.args.iter().map(|x| t.shape(*x).len()).collect();
    // `infer` has read it before.
    let Ok(equation) = Equation::read(&l.get(EQUATION), &ranks) else { return l.args[0] };
    let mut terms = l.args.iter().zip(&equation.operands).map(|(x, labels)| {
        // A number is a scalar for every sample.
        diagonal(t, Term { x: t.fill(*x, &[]), labels: labels.clone() })
    });
    let out = &equation.out;
    let Some(mut left) = terms.next() else { return l.args[0] };
    for (i, right) in terms.enumerate() {
        let later = |label: &char| {
            out.contains(label) || equation.operands[i + 2..].iter().any(|of| of.contains(label))
        };
        left = multiply(t, left, right, out, later);
    }
    let left = summed(t, left, |label| out.contains(label));
    let perm = out.iter().filter_map(|label| left.labels.iter().position(|other| other == label));
    t.permute(left.x, perm.collect())
}

/// Without the axes whose label nobody needs.
fn summed(t: &Tracer, term: Term, needed: impl Fn(&char) -> bool) -> Term {
    let axes: Vec<usize> = (0..term.labels.len()).filter(|i| !needed(&term.labels[*i])).collect();
    if axes.is_empty() {
        return term;
    }
    let labels = term.labels.iter().copied().filter(|label| needed(label)).collect();
    Term { x: t.sum(term.x, axes), labels }
}

/// The product of two terms, with the labels that are needed `later`, in the order of `out` where it has
/// them all.
fn multiply(t: &Tracer, a: Term, b: Term, out: &[char], later: impl Fn(&char) -> bool) -> Term {
    let of_b = b.labels.clone();
    let a = summed(t, a, |label| later(label) || of_b.contains(label));
    let b = summed(t, b, |label| later(label) || a.labels.contains(label));
    let both = a.labels.iter().chain(b.labels.iter().filter(|label| !a.labels.contains(label)));
    let kept: Vec<char> = both.copied().filter(|label| later(label)).collect();
    if [&a.labels, &b.labels]
        .iter()
        .all(|of| kept.len() == of.len() && kept.iter().all(|label| of.contains(label)))
    {
        // Nothing is summed and nothing repeats.
        let perm = kept.iter().filter_map(|label| b.labels.iter().position(|other| other == label));
        let right = t.permute(b.x, perm.collect());
        let x = t.point(&[a.x, right], &[], |x, _| x[0] * x[1], None);
        return Term { x, labels: kept };
    }
    let ordered: Vec<char> = out.iter().copied().filter(|label| kept.contains(label)).collect();
    let labels = if ordered.len() == kept.len() { ordered } else { kept };
    let of = Labels { a: a.labels, b: b.labels, out: labels.clone() };
    Term { x: t.contract(a.x, b.x, of), labels }
}

/// A label that occurs twice becomes one axis. After `n · n` elements come `n` zeros, and of rows of
/// `n + 1` elements the first column is the diagonal.
fn diagonal(t: &Tracer, mut term: Term) -> Term {
    while let Some((first, second)) = twice(&term.labels) {
        let shape = t.shape(term.x);
        let (n, label) = (shape[first].clone(), term.labels[first]);
        let rest: Vec<usize> = (0..shape.len()).filter(|i| *i != first && *i != second).collect();
        let lead: Shape = without(&shape, &[first, second]);
        let with = |more: &[Dim]| lead.iter().chain(more).cloned().collect::<Shape>();
        let (axis, one) = (lead.len(), Dim::known(1));
        let x = t.permute(term.x, rest.iter().chain(&[first, second]).copied().collect());
        let line = t.reshape(x, with(&[n.mul(&n)]));
        let zeros = t.fill(t.num(Num::ZERO), &with(std::slice::from_ref(&n)));
        let padded = t.concat(&[line, zeros], axis);
        let rows = t.reshape(padded, with(&[n.clone(), n.add(&one)]));
        let column = t.slice(rows, axis + 1, Dim::known(0), one);
        let labels = rest.iter().map(|i| term.labels[*i]).chain([label]).collect();
        term = Term { x: t.reshape(column, with(&[n])), labels };
    }
    term
}

fn twice(labels: &[char]) -> Option<(usize, usize)> {
    (0..labels.len()).find_map(|i| {
        let other = labels[i + 1..].iter().position(|label| *label == labels[i])?;
        Some((i, i + 1 + other))
    })
}
