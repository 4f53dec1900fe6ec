//! How long known networks take to answer: ResNet-18 and the sentence encoder all-MiniLM-L6-v2, with
//! random weights, on the command line of the peer benchmarks.
//!
//! ```text
//! cargo bench --bench inference                                   a table
//! cargo bench --bench inference -- WORKLOAD THREADS [VARIANT]     one line of JSON for each variant
//! cargo bench --bench inference -- list                           what there is
//! ```
//!
//! It is a program beside `benches/workloads` because these networks take long to compile. That one
//! says where inputs and references come from; where there is no reference, `f32` is compared with
//! the same network in `f64`.

#[path = "../workloads/check.rs"]
mod check;
#[path = "../workloads/command.rs"]
mod command;
#[path = "../workloads/data.rs"]
#[expect(dead_code, reason = "it also reads what training and hand-written loops need")]
mod data;
#[path = "../workloads/float.rs"]
#[expect(dead_code, reason = "nothing here is written by hand")]
mod float;
#[path = "../workloads/harness.rs"]
#[expect(dead_code, reason = "nothing here is trained, or compared with hand-written loops")]
mod harness;
#[path = "../workloads/system.rs"]
mod system;
#[path = "../workloads/table.rs"]
mod table;

mod minilm;
/// The network itself is the example's.
#[path = "../../examples/09_minilm/model.rs"]
mod model;
mod resnet;

use data::Group;
use float::Float;
use pullback::{Boxed, Model};
use std::process::ExitCode;

fn main() -> ExitCode {
    let all: Vec<_> = resnet::workloads().into_iter().chain(minilm::workloads()).collect();
    command::run(&all)
}

/// A network whose parameters are in the files that have the names which the library gives them.
fn network<M: Model<Scalar: Float>>(group: &Group) -> Boxed<M> {
    let names: Vec<_> = M::PARAM_INFO.iter().map(|info| info.name).collect();
    group.network(&names)
}
