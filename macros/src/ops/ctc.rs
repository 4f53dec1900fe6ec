//! Connectionist temporal classification: how likely a sequence of labels is, whatever its alignment (Graves et al. 2006).

use super::loss::{MEAN, REDUCTION};
use super::math::log_add_exp;
use super::option::{Key, flag, size};
use super::{Arity, At, Body, Call, Lowering, Mistake, OpDef, Takes, called};
use crate::ir::{Labels, Passing, Var};
use crate::number::Num;
use crate::prim::Arith;
use crate::shape::{Dim, Shape, show, spell_integers};
use crate::trace::{Loop, Tracer, Value};

const BLANK: Key<Dim> = size("blank");
const ZERO_INFINITY: Key<bool> = flag("zero_infinity");

pub static OPS: &[OpDef] = &[OpDef {
    name: "ctc_loss",
    elsewhere: &[called("CTCLoss ctc", "blank reduction zero_infinity")],
    values: "x, target, input_length, target_length",
    doc: "`−ln` of the probability that a sequence spells the target, where `x: [steps, classes]` holds the logarithms of the \
          probabilities of each step (`log_softmax`) and the target is integers `index(classes)`: repeated classes count \
          once, and `blank` not at all (`torch.nn.CTCLoss`). The lengths are integers that say how many steps and labels \
          count, `index(steps + 1)` and `index(labels + 1)`; without them all do, and `ctc_loss(target)` takes the value before it. `\"mean\"` divides by the number of \
          labels. The loss is infinite where the target is too long, or 0 with `zero_infinity`.",
    arity: Arity::Between(2, 4),
    options: &[BLANK.or("0"), ZERO_INFINITY.or("false"), REDUCTION.or(MEAN)],
    shape,
    body: Body::Indexed(&[Takes::Reals, Takes::Integers, Takes::Integers, Takes::Integers], lower),
    examples: &[
        "(x: [5, 4], target: [2] of index(4)) -> [] { log_softmax(x), ctc_loss(target) }",
        "(x: [4, 3], target: [1] of index(3)) -> [] { ctc_loss(x, target, blank = 2, reduction = \"sum\") }",
        "(x: [6, 3], target: [4] of index(3), n: index(7), m: index(5)) -> [] { y = log_softmax(x), ctc_loss(y, target, n, m, blank = 2, zero_infinity = true) }",
    ],
    ..OpDef::PLAIN
}];

fn shape(call: &Call<'_>) -> Result<Shape, Mistake> {
    let [steps, classes] = call.x().as_slice() else {
        let message =
            format!("`ctc_loss` reads a sequence [steps, classes], found {}", show(call.x()));
        return Err(Mistake::new(At::Op, message)
            .help("each step has the logarithms of the probabilities of all classes"));
    };
    let target = &call.args[1];
    let labels = match (target.as_slice(), call.bound(1)) {
        ([labels], Some(bound)) if call.fits(bound, classes) => labels,
        (_, bound) => {
            let found = bound.map_or_else(
                || format!("real numbers {}", show(target)),
                |bound| spell_integers(target, bound),
            );
            let message = format!(
                "the target of `ctc_loss` is a row of integers below {classes}, found {found}"
            );
            return Err(Mistake::new(At::Arg(1), message)
                .help(format!("declare it as `[labels] of index({classes})`")));
        }
    };
    let blank = call.get(BLANK);
    if !call.at_least(classes, &blank.add(&Dim::known(1))) {
        let message =
            format!("`blank` of `ctc_loss` is one of its {classes} classes, found {blank}");
        return Err(Mistake::new(BLANK.at(), message).help("they count from 0"));
    }
    for (arg, name, most) in [(2, "input_length", steps), (3, "target_length", labels)] {
        let Some(length) = call.args.get(arg) else { continue };
        let bound = most.add(&Dim::known(1));
        let found = call.bound(arg);
        if !length.is_empty() || !found.is_some_and(|found| call.fits(found, &bound)) {
            let found = found.map_or_else(|| show(length), |found| spell_integers(length, found));
            let message =
                format!("`{name}` of `ctc_loss` is an integer up to {most}, found {found}");
            let help = format!("declare it as `index({bound})`");
            return Err(Mistake::new(At::Arg(arg), message).help(help));
        }
    }
    Ok(Vec::new())
}

/// The sizes of one loss.
struct Ctc {
    steps: Dim,
    labels: Dim,
    classes: Dim,
}

fn lower(t: &Tracer, l: &Lowering<'_>) -> Var {
    let (x, target, one) = (l.args[0], l.args[1], Dim::known(1));
    let (of_x, labels) = (t.shape(x), t.shape(target)[0].clone());
    let ctc = Ctc { steps: of_x[0].clone(), labels, classes: of_x[1].clone() };
    let paths = ctc.paths(t, x, target, l.get(BLANK));
    let at_end = match l.args.get(2) {
        None => t.slice(paths, 0, ctc.steps.clone(), one.clone()),
        Some(steps) => t.gather(paths, *steps, Labels::new("Vb", "", "b"), None),
    };
    let at_end = t.reshape(at_end, vec![ctc.places()]);
    let spelled = match l.args.get(3) {
        None => t.slice(at_end, 0, ctc.labels.clone(), one.clone()),
        Some(labels) => t.gather(at_end, *labels, Labels::new("V", "", ""), None),
    };
    let spelled = t.reshape(spelled, Vec::new());
    // How many labels the loss is divided by.
    let labels = match l.args.get(3) {
        _ if &*l.get(REDUCTION) != "mean" => t.num(Num::ONE),
        None => t.count(std::slice::from_ref(&ctc.labels)),
        Some(labels) => {
            let numbers = t.b.iota(ctc.places(), one, ctc.places()).var;
            let count = t.gather(numbers, *labels, Labels::new("V", "", ""), None);
            t.point(&[count], &[], |x, _| x[0].int(1).select_gt(x[0], x[0].int(1), x[0]), None)
        }
    };
    // −∞ is less than this in every scalar type; NaN is not, and stays.
    let finite: Value = |x, _| x[0].decimal(-1, 38).select_gt(x[0], x[0].int(0), -x[0] / x[1]);
    let value: Value = if l.get(ZERO_INFINITY) { finite } else { |x, _| -x[0] / x[1] };
    t.point(&[spelled, labels], &[], value, None)
}

impl Ctc {
    /// How many labels may have been spelled: none, one, …
    fn places(&self) -> Dim {
        self.labels.add(&Dim::known(1))
    }

    /// The logarithms of the probabilities that the steps so far spell the first `k` labels, before the first step and
    /// after each: `[steps + 1, labels + 1]`.
    ///
    /// Paths that end with a blank and those that end with a label are carried from step to step, as their logarithms.
    fn paths(&self, t: &Tracer, x: Var, target: Var, blank: Dim) -> Var {
        let one = Dim::known(1);
        let of_labels = t.gather(x, target, Labels::new("tV", "s", "ts"), None);
        let of_blank = t.slice(x, 1, blank, one.clone());
        // Nothing was spelled yet, and that is certain.
        let certain = t.fill(t.num(Num::ZERO), std::slice::from_ref(&one));
        let begin = t.concat(&[certain, self.never(t, &self.labels)], 0);
        let each = Passing::Each { axis: 0, width: one.clone() };
        let args = [
            (of_labels, each.clone()),
            (of_blank, each.clone()),
            (self.changes(t, target), Passing::Whole),
            (begin, Passing::Carry),
            (self.never(t, &self.labels), Passing::Carry),
        ];
        let all = Loop {
            length: self.steps.clone(),
            reverse: false,
            recompute: false,
            args: &args,
            out: each,
        };
        let after = t.scan(&all, |t, args| {
            let (blanks, letters, shown) = self.step(t, args);
            (vec![blanks, letters], t.reshape(shown, vec![Dim::known(1), self.places()]))
        });
        let begin = t.reshape(begin, vec![one, self.places()]);
        t.concat(&[begin, after], 0)
    }

    /// One step: the paths that end with a blank, those that end with a label, and all of them.
    fn step(&self, t: &Tracer, args: &[Var]) -> (Var, Var, Var) {
        let (changes, blanks, letters) = (args[2], args[3], args[4]);
        let of_labels = t.reshape(args[0], vec![self.labels.clone()]);
        let of_blank = t.reshape(args[1], Vec::new());
        let of_blank = t.broadcast(of_blank, Vec::new(), vec![self.places()]);
        // For each number of labels the paths that end with the last of them; none if there are none.
        let ending = |letters| t.concat(&[self.never(t, &Dim::known(1)), letters], 0);
        let without_last = |x: Var| t.slice(x, 0, Dim::known(0), self.labels.clone());
        let ended = ending(letters);
        let add: Value = |x, _| log_add_exp(x[0], x[1]) + x[2];
        let next_blanks = t.point(&[blanks, ended, of_blank], &[], add, None);
        // A label follows a blank, or another label.
        let never = [t.b.int(0).ln().var];
        let other: Value = |x, n| x[1].select_gt(x[1].int(0), x[0], n[0]);
        let other = t.point(&[without_last(ended), changes], &never, other, None);
        let stay: Value = |x, _| log_add_exp(log_add_exp(x[0], x[1]), x[2]) + x[3];
        let next_letters =
            t.point(&[letters, without_last(blanks), other, of_labels], &[], stay, None);
        let both: Value = |x, _| log_add_exp(x[0], x[1]);
        let shown = t.point(&[next_blanks, ending(next_letters)], &[], both, None);
        (next_blanks, next_letters, shown)
    }

    /// `ln 0`.
    fn never(&self, t: &Tracer, length: &Dim) -> Var {
        t.fill(t.b.int(0).ln().var, std::slice::from_ref(length))
    }

    /// 1 where a label is another one than that before it, else 0.
    fn changes(&self, t: &Tracer, target: Var) -> Var {
        let one = Dim::known(1);
        let first = t.fill(t.num(Num::ONE), std::slice::from_ref(&one));
        let rest = self.labels.sub(&one);
        if rest.is(0) {
            return first;
        }
        let classes = self.numbers(t, target);
        let part = |from: i64| t.slice(classes, 0, Dim::known(from), rest.clone());
        let differ: Value = |x, _| x[0].gt(x[1]) + x[1].gt(x[0]);
        t.concat(&[first, t.point(&[part(1), part(0)], &[], differ, None)], 0)
    }

    /// The integers of the target as numbers.
    fn numbers(&self, t: &Tracer, target: Var) -> Var {
        let numbers = t.b.iota(self.classes.clone(), Dim::known(1), self.classes.clone()).var;
        t.gather(numbers, target, Labels::new("V", "s", "s"), None)
    }
}
