//! `lower`: a typed model becomes a function, with the batch as axis 0 of every value. Where some op is
//! another one in training, there are two functions of one model.

use crate::bug::bug;
use crate::invariant::Verify;
use crate::ir::{Func, Passing, Res, Source, Target, Var};
use crate::ops::{Body, Lowering, Options, spread};
use crate::shape::Dim;
use crate::trace::{Loop, Mode, Tracer, batched};
use crate::typed::{Operand, Region, Typed, ValueDef, ValueId};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::ops::Range;

/// The function of a model, with its rules, and where its leaves and its output are.
pub struct Lowered {
    /// It leads to the output, and to what state becomes.
    pub func: Func,
    /// Real inputs and parameters: the primal source, and the source of its tangent.
    pub inputs: Vec<(Var, Source)>,
    pub params: Vec<(Var, Source)>,
    pub output: Var,
    /// Which of its instructions are run again for the way back.
    pub recomputed: Vec<bool>,
    /// The parameters, by their number, towards which there are derivatives.
    pub trained: Vec<bool>,
    /// For each statistic over the batch, how many values it takes from a sample.
    pub over_batch: Vec<Dim>,
}

/// The program of evaluation calls.
pub fn lower(typed: &Typed) -> Lowered {
    lower_in(Mode::Evaluation, typed)
}

/// The program of training calls.
pub fn lower_training(typed: &Typed) -> Lowered {
    lower_in(Mode::Training, typed)
}

fn lower_in(mode: Mode, typed: &Typed) -> Lowered {
    let t = Tracer::new(mode);
    let leaf = |source, tangent, ty| (t.b.source(source, ty), tangent);
    let params: Vec<(Var, Source)> = typed
        .trained()
        .iter()
        .enumerate()
        .map(|(i, param)| leaf(Source::Param(i), Source::ParamTangent(i), param.shape.clone()))
        .collect();
    let state = typed.state().iter().enumerate();
    let state = state.map(|(i, state)| t.b.source(Source::State(i), state.shape.clone()));
    let arrays = params.iter().map(|(var, _)| *var).chain(state);
    let mut known = Known { params: arrays.enumerate().collect(), ..Known::default() };
    let mut inputs = Vec::new();
    for (id, value) in typed.values.iter().enumerate() {
        let ValueDef::Input(i) = value.def else { continue };
        let ty = batched(&value.shape);
        let var = if value.index.is_some() {
            t.b.source(Source::Integers(i), ty)
        } else {
            let input = leaf(Source::Input(i), Source::InputTangent(i), ty);
            inputs.push(input);
            input.0
        };
        known.values.insert(id, var);
    }
    let all = 0..typed.values.len();
    let mut lower = Lower { typed, t: &t, known, starts: FxHashMap::default() };
    lower.values(all);
    let output = lower.known.values[&typed.result];
    let recomputed = lower.recomputed();
    let trained = typed.trained().iter().map(|param| !param.frozen).collect();
    let Tracer { b, rules, updates, over_batch, .. } = t;
    let results = [Res { target: Target::Output, value: output }];
    let func = Func {
        defs: b.into_defs(),
        results: results.into_iter().chain(updates.into_inner()).collect(),
        rules: rules.into_inner(),
    }
    .verified("lower");
    let over_batch = over_batch.into_inner();
    Lowered { func, inputs, params, output, recomputed, trained, over_batch }
}

/// What a function, or a step of a loop, has at hand.
#[derive(Clone, Default)]
struct Known {
    values: FxHashMap<ValueId, Var>,
    params: FxHashMap<usize, Var>,
}

struct Lower<'a> {
    typed: &'a Typed,
    t: &'a Tracer,
    known: Known,
    /// How long the program was before each value.
    starts: FxHashMap<ValueId, usize>,
}

impl Lower<'_> {
    /// A stretch of values; the bodies of loops in it belong to their loops.
    fn values(&mut self, range: Range<ValueId>) {
        let bodies: FxHashMap<ValueId, ValueId> = self.typed.values[range.clone()]
            .iter()
            .zip(range.clone())
            .filter_map(|(value, id)| match &value.def {
                ValueDef::Scan { body, .. } => Some((body.start, id)),
                _ => None,
            })
            .collect();
        let mut id = range.start;
        while id < range.end {
            let first = id;
            if let Some(scan) = bodies.get(&id) {
                id = *scan;
            }
            let length = self.t.b.len();
            self.starts.extend((first..=id).map(|id| (id, length)));
            if !self.known.values.contains_key(&id) {
                let value = self.value(id);
                let shape = &self.typed.values[id].shape;
                self.known.values.insert(id, self.t.fill(value, shape));
            }
            id += 1;
        }
        self.starts.insert(range.end, self.t.b.len());
    }

    /// What of the program so far is computed again for the way back. What is marked inside a loop is the
    /// loop's own affair.
    fn recomputed(&self) -> Vec<bool> {
        let mut recomputed = vec![false; self.t.b.len()];
        for region in &self.typed.recomputed {
            let Some(result) = self.known.values.get(&region.result) else { continue };
            let (start, end) = (self.starts[&region.values.start], self.starts[&region.values.end]);
            let inside = recomputed[start..end].iter_mut().enumerate();
            inside.for_each(|(i, again)| *again |= start + i != *result);
        }
        recomputed
    }

    fn value(&mut self, id: ValueId) -> Var {
        let (t, value) = (self.t, &self.typed.values[id]);
        let shape = &value.shape;
        match &value.def {
            ValueDef::Apply { op, args, options, params } => {
                let args: Vec<Var> = args
                    .iter()
                    .map(|arg| match arg {
                        Operand::Value(id) => self.known.values[id],
                        Operand::Number(num) => t.num(num.clone()),
                    })
                    .collect();
                match &op.body {
                    Body::Point(value, slopes) => {
                        let args: Vec<Var> = args.iter().map(|x| spread(t, *x, shape)).collect();
                        let numbers = Options::new(op, options).numbers();
                        let numbers: Vec<Var> = numbers.map(|num| t.num(num.clone())).collect();
                        t.point(&args, &numbers, *value, *slopes)
                    }
                    Body::Lower(lower)
                    | Body::Layout(lower)
                    | Body::Indexed(_, lower)
                    | Body::Modes { lower, .. } => {
                        let params: Vec<Var> =
                            params.iter().map(|i| self.known.params[i]).collect();
                        let options = Options::new(op, options);
                        lower(t, &Lowering { args: &args, options, params: &params, shape })
                    }
                    Body::Several => bug!("lower", "several values of `{}`", op.name),
                }
            }
            ValueDef::Param(i) => {
                t.broadcast(self.known.params[i], (0..shape.len()).collect(), shape.clone())
            }
            ValueDef::Custom { op, x } => t.custom(*op, self.known.values[x], shape),
            ValueDef::Scan { body, each, carried, out, reverse } => {
                self.scan(body.clone(), each, carried, *out, *reverse)
            }
            // Given already; or only after a mistake, and then nothing is lowered.
            ValueDef::Input(_) | ValueDef::Inside | ValueDef::Broken => {
                t.num(crate::number::Num::ZERO)
            }
        }
    }

    fn scan(
        &mut self,
        body: Range<ValueId>,
        each: &[(ValueId, ValueId)],
        carried: &[(Option<ValueId>, ValueId, ValueId)],
        out: ValueId,
        reverse: bool,
    ) -> Var {
        let typed = self.typed;
        let row = Passing::Each { axis: 0, width: Dim::known(1) };
        let mut args: Vec<(Var, Passing)> =
            each.iter().map(|(x, _)| (self.known.values[x], row.clone())).collect();
        for (init, inside, _) in carried {
            let init = init.map(|init| self.known.values[&init]).unwrap_or_else(|| {
                let zero = self.t.num(crate::number::Num::ZERO);
                self.t.fill(zero, &typed.values[*inside].shape)
            });
            args.push((init, Passing::Carry));
        }
        // What it mentions of the world around it.
        let nexts = carried.iter().map(|(_, _, next)| *next);
        let mentioned = typed.values[body.clone()].iter().flat_map(|value| value.def.values());
        let outside: BTreeSet<ValueId> =
            mentioned.chain(nexts).chain([out]).filter(|id| !body.contains(id)).collect();
        let params: BTreeSet<usize> = typed.values[body.clone()]
            .iter()
            .flat_map(|value| match &value.def {
                ValueDef::Apply { params, .. } => params.clone(),
                ValueDef::Param(param) => vec![*param],
                _ => Vec::new(),
            })
            .collect();
        let first = args.len();
        args.extend(outside.iter().map(|id| (self.known.values[id], Passing::Whole)));
        args.extend(params.iter().map(|param| (self.known.params[param], Passing::Whole)));
        let length = self.t.shape(args[0].0)[0].clone();
        // A loop keeps all that its steps mention, or nothing.
        let marked = |region: &Region| body.contains(&region.values.start);
        let recompute = typed.recomputed.iter().any(marked);
        let all = Loop { length, reverse, recompute, args: &args, out: row };
        self.t.scan(&all, |t, args| {
            let mut known = Known::default();
            for ((_, inside), arg) in each.iter().zip(args) {
                let row = t.reshape(*arg, typed.values[*inside].shape.clone());
                known.values.insert(*inside, row);
            }
            for ((_, inside, _), arg) in carried.iter().zip(&args[each.len()..]) {
                known.values.insert(*inside, *arg);
            }
            let given = outside.iter().zip(&args[first..]);
            known.values.extend(given.map(|(id, arg)| (*id, *arg)));
            let given = params.iter().zip(&args[first + outside.len()..]);
            known.params.extend(given.map(|(param, arg)| (*param, *arg)));
            let mut lower = Lower { typed, t, known, starts: FxHashMap::default() };
            lower.values(body.clone());
            let next = carried.iter().map(|(_, _, next)| lower.known.values[next]).collect();
            let y = lower.known.values[&out];
            let mut shape = t.shape(y);
            shape.insert(0, Dim::known(1));
            (next, t.reshape(y, shape))
        })
    }
}
