//! From a typed model to the text of its functions. What is between typing and loops is in `programs`.

#[cfg(test)]
mod tests;

use crate::codegen::{self, Code};
use crate::entries::{ALL, FORWARD, JVP, PRIMAL, PULLBACK, Tile, VJP};
use crate::fuse::{Split, fuse};
use crate::invariant::Verify;
use crate::ir::Func;
use crate::nest::{Program, loops};
use crate::plan::{Plan, plan};
use crate::programs::{Programs, programs, training_programs};
use crate::shape::{Dim, size};
use crate::tuning::FUSED_VJP_LOOPS;
use crate::typed::{Param, Typed};

/// Everything a model's generated code is made from.
pub struct Compiled {
    /// The functions of `Tiles` and their bodies.
    pub code: Code,
    /// Elements of workspace for a tile: the largest of all entries.
    pub workspace: Vec<Dim>,
    pub flops: Dim,
    /// The plan in words, for `EXPLAIN`.
    pub explain: String,
    /// Whether some function needs `Real`.
    pub real: bool,
    /// For each statistic over the batch, how many values a sample gives it.
    pub over_batch: Vec<Dim>,
    /// The program of training calls, if it is another one.
    pub training: Option<Box<Compiled>>,
}

impl Compiled {
    /// Adds a function of tiles, which `EXPLAIN` has under its titles.
    fn add(&mut self, tile: Tile, plan: &Plan) {
        self.code.function(tile, plan);
        self.workspace.push(plan.elements());
        self.real |= plan.program.is_real();
        for (i, (title, wrt)) in tile.titles.iter().enumerate() {
            self.explain += &describe(title, plan, &plan.program.asked(*wrt), i == 0);
        }
    }

    /// What stands in for a model with mistakes, in one mode or two.
    pub fn broken(modes: bool) -> Compiled {
        let mut code = Code::default();
        for tile in Tile::ALL {
            code.functions += &tile.head("_");
            code.functions += "{ ::core::unreachable!(\"this model does not compile\") }\n";
        }
        Compiled {
            code,
            workspace: vec![Dim::known(0)],
            flops: Dim::known(0),
            explain: String::new(),
            real: true,
            over_batch: Vec::new(),
            training: modes.then(|| Box::new(Compiled::broken(false))),
        }
    }
}

/// The code of a model: of one program, or of that of evaluation and with it that of training.
pub fn compile_modes(typed: &Typed) -> Compiled {
    let sizes = |params: &[Param]| params.iter().map(|param| size(&param.shape)).collect();
    let code = Code::new(sizes(typed.trained()), sizes(typed.state()), typed.inputs.len());
    let mut made = compile(code, programs(typed));
    if let Some(training) = training_programs(typed) {
        let training = compile(made.code.another(), training);
        made.real |= training.real;
        made.training = Some(Box::new(training));
    }
    made
}

fn compile(code: Code, programs: Programs) -> Compiled {
    let forward = planned(&programs.forward, Split::Whole);
    let mut made = Compiled {
        code,
        workspace: Vec::new(),
        flops: codegen::flops(&forward.program.nests),
        explain: String::new(),
        real: false,
        over_batch: programs.over_batch,
        training: None,
    };
    made.add(FORWARD, &forward);
    made.add(JVP, &planned(&programs.jvp, Split::Whole));
    let vjp = planned(&programs.vjp, Split::Halves);
    made.code.function(PRIMAL, &vjp);
    made.add(PULLBACK, &vjp);
    if let Some(whole) = in_fewer_loops(&programs.vjp, &vjp) {
        made.add(VJP, &whole);
    }
    made
}

/// A VJP whose cotangents are known beforehand, if it then takes fewer loops: what the output is made in
/// and what its cotangent goes into first can be one.
fn in_fewer_loops(program: &Func, halves: &Plan) -> Option<Plan> {
    let loops = |plan: &Plan| loops(&plan.program.nests, ALL);
    if loops(halves) > FUSED_VJP_LOOPS {
        return None;
    }
    let whole = planned(program, Split::Whole);
    (loops(&whole) < loops(halves)).then_some(whole)
}

fn planned(program: &Func, split: Split) -> Plan {
    plan(fuse(program, split).verified("fuse")).verified("plan")
}

fn describe(name: &str, plan: &Plan, program: &Program, loops: bool) -> String {
    let (per_sample, fixed) = plan.elements().by_batch();
    let fixed = if fixed.is(0) { String::new() } else { format!(" and {fixed} at once") };
    let summary = program.summary();
    let loops = if loops { program.show() } else { String::new() };
    format!("{name}: {summary} of {per_sample} numbers per sample{fixed}\n{loops}")
}
