//! What a model can be asked for: one table, from which come the functions of tiles, the methods, and what stands in
//! for them where a model has mistakes.

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

    /// The type that says it to generated code (`pullback::__private::entry`).
    pub fn ty(self) -> &'static str {
        match (self.inputs, self.params) {
            (true, true) => "All",
            (true, false) => "Inputs",
            _ => "Params",
        }
    }
}

/// A method that takes a derivative, from which the others of its kind have their names (`jvp_batch`, `jvp_into`).
#[derive(Clone, Copy)]
pub struct Derivative {
    pub method: &'static str,
    pub wrt: Wrt,
}

pub const JVPS: [Derivative; 3] = [
    Derivative { method: "jvp", wrt: INPUTS },
    Derivative { method: "jvp_params", wrt: PARAMS },
    Derivative { method: "jvp_all", wrt: ALL },
];

pub const VJPS: [Derivative; 3] = [
    Derivative { method: "vjp_inputs", wrt: INPUTS },
    Derivative { method: "vjp_params", wrt: PARAMS },
    Derivative { method: "vjp", wrt: ALL },
];

/// Which nests of a program a function runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Half {
    Whole,
    /// Both of a VJP whose cotangents are known beforehand.
    Both,
    /// The part of a VJP that does not depend on the cotangent.
    Primal,
    Pullback,
}

/// A function of a tile of samples: a method of the runtime's trait `Tiles`, there with `_tile` after its name.
#[derive(Clone, Copy)]
pub struct Tile {
    pub name: &'static str,
    /// What `EXPLAIN` calls it, and the derivatives that a call then asks for; it has the loops of the first.
    pub titles: &'static [(&'static str, Wrt)],
    /// Which part of a program it runs.
    pub half: Half,
    /// Whether it is told which derivatives are wanted.
    pub asks: bool,
}

pub const FORWARD: Tile =
    Tile { name: "forward", titles: &[("forward", ALL)], half: Half::Whole, asks: false };
pub const JVP: Tile = Tile {
    name: "jvp",
    titles: &[("jvp, inputs", INPUTS), ("jvp, params", PARAMS), ("jvp, all", ALL)],
    half: Half::Whole,
    asks: true,
};
/// Told of with the second half.
pub const PRIMAL: Tile = Tile { name: "primal", titles: &[], half: Half::Primal, asks: true };
pub const PULLBACK: Tile =
    Tile { name: "pullback", titles: &[("vjp", ALL)], half: Half::Pullback, asks: true };
/// The runtime has it made of the two, where it is not written.
pub const VJP: Tile = Tile {
    name: "vjp",
    titles: &[("vjp, given the cotangents", ALL)],
    half: Half::Both,
    asks: true,
};

impl Tile {
    /// Those that every model has.
    pub const ALL: [Tile; 4] = [FORWARD, JVP, PRIMAL, PULLBACK];

    /// The head of the function.
    pub fn head(self, io: &str) -> String {
        let wanted = if self.asks { ", W: __pb::Wanted" } else { "" };
        format!("fn {}_tile<V: __Lanes<Scalar = T>{wanted}>({io}: __pb::Io<'_, T, __N>)", self.name)
    }
}
