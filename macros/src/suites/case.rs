//! A case: what a model is given, and what another library made of it.

use super::{Json, lists, numbers};
use crate::eval::both::{Data, Made, both};
use crate::eval::{World, laws};
use crate::ir::{Source, Target};
use crate::programs::Programs;
use crate::shape::Shape;
use crate::typed::{Param, Typed};
use std::ops::Range;

/// Whether found numbers are as close to those wanted as a suite asks for; of a case, and told how many samples there are.
pub type Agrees = fn(&Json, usize, &[f64], &[f64]) -> Result<(), String>;

/// A case of a model.
pub struct Case<'a> {
    typed: &'a Typed,
    row: &'a Json,
    world: World,
    inputs: Vec<Vec<f64>>,
    d_inputs: Vec<Vec<f64>>,
    agrees: Agrees,
}

impl<'a> Case<'a> {
    pub fn new(typed: &'a Typed, row: &'a Json, agrees: Agrees) -> Result<Case<'a>, String> {
        let mut world = World::new(typed, 1, &laws::known);
        let sizes: Vec<usize> =
            typed.inputs.iter().map(|input| size(&world, &input.shape)).collect();
        let inputs = lists(&row["inputs"]);
        world.batch = inputs.iter().zip(&sizes).map(|(x, n)| x.len() / n).max().unwrap_or(1);
        // What is given once is the same for all samples.
        let spread = |arrays: Vec<Vec<f64>>| -> Result<Vec<Vec<f64>>, String> {
            let spread = |(x, n): (Vec<f64>, &usize)| match x.len() {
                len if len == n * world.batch => Ok(x),
                len if len == *n => Ok(x.repeat(world.batch)),
                0 => Ok(x), // integers have no tangents
                len => Err(format!("an input of {n} numbers has {len}")),
            };
            arrays.into_iter().zip(&sizes).map(spread).collect()
        };
        let inputs = spread(inputs)?;
        let d_inputs = row.get("d_inputs").map_or(Vec::new(), lists);
        let d_inputs = spread(d_inputs)?;
        let case = Case { typed, row, world, inputs, d_inputs, agrees };
        for (what, arrays) in [("params", typed.trained()), ("state", typed.state())] {
            let wanted = total(&case.world, arrays);
            let found = row.get(what).map_or(0, |x| numbers(x).len());
            if found != wanted {
                return Err(format!("{wanted} numbers of {what}, found {found}"));
            }
        }
        Ok(case)
    }

    /// Where an array lies among several.
    fn place(&self, arrays: &[Param], i: usize) -> Range<usize> {
        total(&self.world, &arrays[..i])..total(&self.world, &arrays[..=i])
    }

    fn source(&self, source: Source) -> Data<f64> {
        let of = |key: &str, arrays: &[Param], i: usize| {
            Data::Real(numbers(&self.row[key])[self.place(arrays, i)].to_vec())
        };
        match source {
            Source::Input(i) => Data::Real(self.inputs[i].clone()),
            Source::Integers(i) => {
                Data::Integers(self.inputs[i].iter().map(|x| *x as usize).collect())
            }
            Source::InputTangent(i) => Data::Real(self.d_inputs[i].clone()),
            Source::Param(i) => of("params", self.typed.trained(), i),
            Source::ParamTangent(i) => of("d_params", self.typed.trained(), i),
            Source::State(i) => of("state", self.typed.state(), i),
            Source::Cotangent => Data::Real(numbers(&self.row["y_bar"])),
            Source::Step(_) => unreachable!("a step is no model"),
        }
    }

    /// That programs make what the case says.
    pub fn check(&self, programs: &Programs) -> Result<(), String> {
        let derived = self.row.get("dy").is_some();
        for (entry, func) in
            programs.functions().filter(|(entry, _)| derived || *entry == "forward")
        {
            for (what, made) in both(&self.world, func, &|source| self.source(source), f64::NAN) {
                self.compare(made).map_err(|why| format!("{what} of {entry}: {why}"))?;
            }
        }
        Ok(())
    }

    fn compare(&self, mut made: Made<f64>) -> Result<(), String> {
        let samples = self.world.batch;
        let agrees = |what: &str, samples: usize, found: &[f64], wanted: &[f64]| {
            let same = if found.len() == wanted.len() {
                (self.agrees)(self.row, samples, found, wanted)
            } else {
                Err(format!("{} numbers, {} were needed", found.len(), wanted.len()))
            };
            same.map_err(|why| format!("{what}: {why}"))
        };
        let is_vjp =
            made.keys().any(|target| matches!(target, Target::Input(_) | Target::Param(_)));
        let y = made.remove(&Target::Output).ok_or("it has no output")?;
        agrees("output", samples, &y, &numbers(&self.row["y"]))?;
        if let Some(dy) = made.remove(&Target::OutputTangent) {
            agrees("tangent", samples, &dy, &numbers(&self.row["dy"]))?;
        }
        if is_vjp {
            let wanted = lists(&self.row["input_bars"]);
            for (i, (input, wanted)) in self.typed.inputs.iter().zip(&wanted).enumerate() {
                if input.index.is_some() {
                    continue;
                }
                let bar =
                    made.remove(&Target::Input(i)).ok_or(format!("input {i}: no cotangent"))?;
                // The sum over the samples of what is given once.
                let once = wanted.len() < bar.len();
                let bar = if once { summed(&bar, wanted.len()) } else { bar };
                let samples = if once { 1 } else { samples };
                agrees(&format!("cotangent of input {i}"), samples, &bar, wanted)?;
            }
            let mut bars = Vec::new();
            for (i, param) in self.typed.trained().iter().enumerate() {
                let zeros = || param.frozen.then(|| vec![0.0; size(&self.world, &param.shape)]);
                let bar = made.remove(&Target::Param(i)).or_else(zeros);
                bars.extend(bar.ok_or(format!("parameter {i}: no cotangent"))?);
            }
            agrees("cotangent of the parameters", 1, &bars, &numbers(&self.row["params_bar"]))?;
        }
        if let Some(state) = self.row.get("new_state").map(numbers) {
            for i in 0..self.typed.state().len() {
                let new = made.remove(&Target::State(i)).ok_or(format!("state {i} is not made"))?;
                let wanted = &state[self.place(self.typed.state(), i)];
                agrees(&format!("new state {i}"), 1, &new, wanted)?;
            }
        }
        Ok(())
    }
}

fn size(world: &World, shape: &Shape) -> usize {
    shape.iter().map(|dim| world.dim(dim)).product()
}

fn total(world: &World, arrays: &[Param]) -> usize {
    arrays.iter().map(|array| size(world, &array.shape)).sum()
}

fn summed(x: &[f64], length: usize) -> Vec<f64> {
    let mut sum = vec![0.0; length];
    x.chunks(length).for_each(|x| sum.iter_mut().zip(x).for_each(|(sum, x)| *sum += x));
    sum
}

/// That numbers are as close to those wanted as `bound` of each of them says; what is not finite is equal.
fn close(found: &[f64], wanted: &[f64], bound: impl Fn(f64) -> f64) -> Result<(), String> {
    for (i, (a, b)) in found.iter().zip(wanted).enumerate() {
        let same = a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= bound(*b);
        if !same {
            return Err(format!("element {i} is {a}, the suite has {b}"));
        }
    }
    Ok(())
}

fn greatest(numbers: &[f64], least: f64) -> f64 {
    numbers.iter().filter(|x| x.is_finite()).fold(least, |max, x| max.max(x.abs()))
}

/// To 1e-9 of the greatest number of an array, or what the case says.
pub fn relative(row: &Json, _: usize, found: &[f64], wanted: &[f64]) -> Result<(), String> {
    let tolerance = row.get("tolerance").and_then(Json::as_f64).unwrap_or(1e-9);
    let bound = tolerance * greatest(wanted, 1e-3);
    close(found, wanted, |_| bound)
}

/// As ONNX says of a case.
pub fn as_told(row: &Json, _: usize, found: &[f64], wanted: &[f64]) -> Result<(), String> {
    let [rtol, atol] = ["rtol", "atol"].map(|key| row[key].as_f64().expect("a tolerance"));
    close(found, wanted, |y| atol + rtol * y.abs())
}

/// Sample by sample, which are at other points.
pub fn sample_by_sample(
    _: &Json,
    samples: usize,
    found: &[f64],
    wanted: &[f64],
) -> Result<(), String> {
    let size = (wanted.len() / samples).max(1);
    for (i, (found, wanted)) in found.chunks(size).zip(wanted.chunks(size)).enumerate() {
        let scale = 1e-12 * greatest(wanted, 1.0);
        close(found, wanted, |x| scale + 1e-10 * x.abs())
            .map_err(|why| format!("sample {i}, {why}"))?;
    }
    Ok(())
}
