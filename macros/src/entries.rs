//! What a model can be asked for: one table, from which come the functions of tiles, the methods, and what stands in
//! for them where a model has mistakes.

use crate::codegen::Half;

/// Towards what a derivative is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wrt {
    pub inputs: bool,
    pub params: bool,
}

pub const INPUTS: Wrt = Wrt { inputs: true, params: false };
pub const PARAMS: Wrt = Wrt { inputs: false, params: true };
pub const ALL: Wrt = Wrt { inputs: true, params: true };

impl Wrt {
    /// As a user reads it.
    pub fn words(self) -> &'static str {
        match (self.inputs, self.params) {
            (true, true) => "inputs and parameters",
            (true, false) => "inputs",
            _ => "parameters",
        }
    }
}

/// A method that takes a derivative, from which the others of its kind have their names (`jvp_batch`, `jvp_into`).
#[derive(Clone, Copy)]
pub struct Derivative {
    pub method: &'static str,
    pub wrt: Wrt,
    /// Its entry in the runtime (`pullback::__private::entry`).
    pub entry: &'static str,
}

pub const JVPS: [Derivative; 3] = [
    Derivative { method: "jvp", wrt: INPUTS, entry: "JvpInputs" },
    Derivative { method: "jvp_params", wrt: PARAMS, entry: "JvpParams" },
    Derivative { method: "jvp_all", wrt: ALL, entry: "JvpAll" },
];

pub const VJPS: [Derivative; 3] = [
    Derivative { method: "vjp_inputs", wrt: INPUTS, entry: "Inputs" },
    Derivative { method: "vjp_params", wrt: PARAMS, entry: "Params" },
    Derivative { method: "vjp", wrt: ALL, entry: "All" },
];

/// A function of a tile of samples: a method of the runtime's trait `Tiles`, there with `_tile` after its name.
#[derive(Clone, Copy)]
pub struct Tile {
    pub name: &'static str,
    /// What `EXPLAIN` calls it.
    pub title: &'static str,
    /// Which part of a program it runs. What is a part of a VJP is told which cotangents are wanted.
    pub half: Half,
}

pub const FORWARD: Tile = Tile { name: "forward", title: "forward", half: Half::Whole };
pub const PRIMAL: Tile = Tile { name: "primal", title: "vjp", half: Half::Primal };
pub const PULLBACK: Tile = Tile { name: "pullback", title: "vjp", half: Half::Pullback };
/// The runtime has it made of the two, where it is not written.
pub const VJP: Tile = Tile { name: "vjp", title: "vjp, given the cotangents", half: Half::Both };

impl Wrt {
    /// The function for JVPs.
    pub const fn jvp(self) -> Tile {
        let (name, title) = match (self.inputs, self.params) {
            (true, true) => ("jvp_all", "jvp, all"),
            (true, false) => ("jvp_inputs", "jvp, inputs"),
            _ => ("jvp_params", "jvp, params"),
        };
        Tile { name, title, half: Half::Whole }
    }
}

impl Tile {
    /// Those that every model has.
    pub const ALL: [Tile; 6] = [FORWARD, INPUTS.jvp(), PARAMS.jvp(), ALL.jvp(), PRIMAL, PULLBACK];

    /// The head of the function.
    pub fn head(self, io: &str) -> String {
        let wanted = if self.half == Half::Whole { "" } else { ", W: __pb::Wanted" };
        format!("fn {}_tile<V: __Lanes<Scalar = T>{wanted}>({io}: __pb::Io<'_, T, __N>)", self.name)
    }
}
