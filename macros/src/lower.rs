//! `lower`: a typed model becomes a tape, with the batch as axis 0 of every value. Where some op is
//! another one in training, there are two tapes of one model.

use crate::ir::{Source, Var};
use crate::ops::{Body, Lowering, Opt, spread};
use crate::shape::{Dim, Shape};
use crate::trace::{Mode, Tracer};
use crate::typed::{Operand, Typed, ValueDef};

/// The primal program of a model with its rules, and where its leaves and its result are.
pub struct Lowered {
    pub tracer: Tracer,
    /// Real inputs and parameters: the primal source, and the source of its tangent.
    pub inputs: Vec<(Var, Source)>,
    pub params: Vec<(Var, Source)>,
    pub output: Var,
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
    let batched = |shape: &Shape| -> Shape {
        [Dim::batch()].into_iter().chain(shape.iter().cloned()).collect()
    };
    let leaf = |source, tangent, ty| (t.b.source(source, ty), tangent);
    let params: Vec<(Var, Source)> = typed
        .trained()
        .iter()
        .enumerate()
        .map(|(i, param)| leaf(Source::Param(i), Source::ParamTangent(i), param.shape.clone()))
        .collect();
    let state = typed.state().iter().enumerate();
    let state = state.map(|(i, state)| t.b.source(Source::State(i), state.shape.clone()));
    let arrays: Vec<Var> = params.iter().map(|(var, _)| *var).chain(state).collect();
    let mut inputs = Vec::new();
    let mut vars: Vec<Var> = Vec::with_capacity(typed.values.len());
    for value in &typed.values {
        let ty = batched(&value.shape);
        let var = match &value.def {
            ValueDef::Input(i) if value.index.is_some() => {
                t.b.source(Source::Integers(*i), ty.clone())
            }
            ValueDef::Input(i) => {
                let input = leaf(Source::Input(*i), Source::InputTangent(*i), ty.clone());
                inputs.push(input);
                input.0
            }
            ValueDef::Apply { op, args, options, params: of_op } => {
                let args: Vec<Var> = args
                    .iter()
                    .map(|arg| match arg {
                        Operand::Value(id) => vars[*id],
                        Operand::Number(num) => t.num(num.clone()),
                    })
                    .collect();
                match &op.body {
                    Body::Point(value, slopes) => {
                        let args: Vec<Var> = args.iter().map(|x| spread(&t, *x, &ty)).collect();
                        let numbers: Vec<Var> = options
                            .iter()
                            .filter_map(|option| match option {
                                Opt::Number(num) => Some(t.num(num.clone())),
                                _ => None,
                            })
                            .collect();
                        t.point(&args, &numbers, *value, *slopes)
                    }
                    Body::Lower(lower)
                    | Body::Layout(lower)
                    | Body::Indexed(_, lower)
                    | Body::Modes { lower, .. } => {
                        let params: Vec<Var> = of_op.iter().map(|i| arrays[*i]).collect();
                        lower(&t, &Lowering { args: &args, options, params: &params, ty: &ty })
                    }
                }
            }
            ValueDef::Custom { op, x } => t.custom(*op, vars[*x], ty.clone()),
            // Only after a mistake, and then nothing is lowered.
            ValueDef::Broken => t.num(crate::number::Num::ZERO),
        };
        vars.push(t.b.fill(var, &ty));
    }
    Lowered { output: vars[typed.result], tracer: t, inputs, params }
}
