//! `codegen`: planned programs become the text of Rust functions.
//!
//! Text, because a string is parsed by rustc itself in one step, whereas pushing tokens one by one is
//! most of a macro's time. It is short, because parsing is most of what is left: a loop that several
//! functions run, or several layers, is written once, as a function of the memory it works on; so is a
//! pointwise body. Names are those of `pullback::__private::k`. Nothing of the user's is in it:
//! `const`s and custom ops are items of the expansion with the user's spans, and the text refers to
//! them by name.

mod areas;
mod chosen;
mod contract;
mod convolve;
mod stages;
mod text;
mod wanted;

use crate::entries::{ALL, Half, INPUTS, PARAMS, Tile};
use crate::ir::{Fold, Source, Target};
use crate::layout::merge;
use crate::nest::{Access, Body, BufId, Kind, Nest, Place, Reg, Store, Wanted, loops};
use crate::plan::Plan;
use crate::shape::{Dim, Shape, size};
use crate::tuning::INLINED_LOOPS;
use stages::Stages;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use text::{add, all_strides, axis, body_code, dims, lines, names, reg_code, sparse};

/// Arrays that are stretches of one slice.
struct Arrays<'a> {
    /// The number of a place that is one of them.
    which: fn(Place) -> Option<usize>,
    /// What stands before and after the number in the name of one.
    name: (&'static str, &'static str),
    /// The slice.
    of: String,
    lengths: &'a [Dim],
    written: bool,
}

/// The code of a model under construction.
#[derive(Default)]
pub struct Code {
    /// The functions of `Tiles`.
    pub functions: String,
    /// What they call, as items: loops over memory they are given, and pointwise bodies.
    pub items: String,
    /// The number of each of these, by what it is.
    seen: BTreeMap<String, usize>,
    /// Rows and steps of the contractions that may pack a factor.
    pub packed: BTreeSet<String>,
    /// The elements of each parameter and of each array of state.
    params: Vec<Dim>,
    state: Vec<Dim>,
    /// How many inputs there are. After them an entry is given the state, if any, and the key.
    inputs: usize,
}

impl Code {
    pub fn new(params: Vec<Dim>, state: Vec<Dim>, inputs: usize) -> Code {
        Code { params, state, inputs, ..Code::default() }
    }

    /// Code for another program of the same model, which shares the items of this one.
    pub fn another(&mut self) -> Code {
        Code {
            items: std::mem::take(&mut self.items),
            seen: std::mem::take(&mut self.seen),
            ..Code::new(self.params.clone(), self.state.clone(), self.inputs)
        }
    }

    /// Adds one function for a tile of samples.
    pub fn function(&mut self, tile: Tile, plan: &Plan) {
        let nests = plan.program.nests.iter().filter(|nest| match tile.half {
            Half::Whole | Half::Both => true,
            Half::Primal => !nest.late,
            Half::Pullback => nest.late,
        });
        let nests: Vec<&Nest> = nests.collect();
        let mut text = format!("{INLINE} {} {{\nlet n = io.n;\n", tile.head("io"));
        let is_long = |wrt| loops(nests.iter().copied(), wrt) > INLINED_LOOPS;
        let run = if [INPUTS, PARAMS, ALL].into_iter().any(is_long) {
            "V::out_of_line"
        } else {
            "__inline::<V, _>"
        };
        let mut emit = Emit { plan, code: self, args: Vec::new(), shared: Vec::new(), run };
        emit.places(&nests, &mut text);
        let cuts = emit.cuts(&nests);
        for (nest, cut) in nests.into_iter().zip(cuts) {
            text.push_str(&cut);
            emit.wanted(nest, Wanted::ALWAYS, &mut text);
        }
        text.push_str("}\n");
        self.functions += &text;
    }

    /// The number of an item, and whether it is new.
    fn number(&mut self, key: String) -> (usize, bool) {
        let next = self.seen.len();
        let number = *self.seen.entry(key).or_insert(next);
        (number, number == next)
    }

    /// The name of a body of `made` and `read` arguments.
    fn body(&mut self, made: usize, read: usize, values: usize, lines: &str) -> String {
        let (number, new) = self.number(format!("{made},{read},{values}>{lines}"));
        if new {
            let copies = if lines == " [a0]" { "const COPIES: bool = true; " } else { "" };
            let _ = writeln!(
                self.items,
                "struct __B{number}; impl<T: __BOUND> __Body<T, {made}, {read}, {values}> for __B{number} {{ {copies}\
                 {INLINE} fn f<V: __Lanes<Scalar = T>>([{}]: [V; {made}], [{}]: [V; {read}]) -> [V; {values}] {{{lines} }} }}",
                names("a", made),
                names("l", read),
            );
        }
        format!("__B{number}")
    }

    /// The name of a loop, given its call of a driver and what its arguments are.
    fn looped(&mut self, call: &str, args: &[Arg]) -> String {
        let (number, new) = self.number(call.to_string());
        if new {
            let count = args.len();
            let args: Vec<&str> = args.iter().map(|arg| arg.ty()).collect();
            let _ = writeln!(
                self.items,
                "struct __L{number}<'a, 's, T>(&'a mut __Scratch<'s, T>, {}); \
                 impl<T: __BOUND> __OnLanes<T> for __L{number}<'_, '_, T> {{ type Output = (); \
                 {INLINE} fn run<V: __Lanes<Scalar = T>>(self) {{ let v = __lanes::<V>(); \
                 let Self(s, {}) = self; let (n, add) = (s.n, s.add); let _ = (n, add, &s); {call} }} }}",
                args.join(", "),
                names("b", count),
            );
        }
        format!("__L{number}")
    }
}

const INLINE: &str = "#[cfg_attr(not(debug_assertions), inline(always))]";

/// The work of loop nests on a tile.
pub fn flops(nests: &[Nest]) -> Dim {
    nests.iter().fold(Dim::known(0), |sum, nest| {
        let each = size(&nest.space);
        let work = Dim::known(nest.body.lines.len() as i64).mul(&each);
        let inner = match &nest.kind {
            Kind::Contract { inner, .. } => size(inner).mul(&each).mul(&Dim::known(2)),
            Kind::Reduce { inner, body, folds } => {
                let lines = (body.lines.len() + folds.len()) as i64;
                size(inner).mul(&each).mul(&Dim::known(lines))
            }
            Kind::Loop { length, nests, .. } => flops(nests).mul(length),
            Kind::Scatter { inner, body, .. } => {
                return sum.add(&size(inner).mul(&Dim::known(body.lines.len() as i64 + 1)));
            }
            Kind::Map
            | Kind::Gather { .. }
            | Kind::Iota { .. }
            | Kind::Random { .. }
            | Kind::Custom { .. } => Dim::known(0),
        };
        sum.add(&work).add(&inner)
    })
}

struct Emit<'p> {
    plan: &'p Plan,
    code: &'p mut Code,
    /// What the loop under way works on.
    args: Vec<(String, Arg)>,
    /// What it writes in several places, or works on in place, by the argument it is.
    shared: Vec<(BufId, Option<usize>)>,
    /// How loops are called.
    run: &'static str,
}

/// Memory that a loop works on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arg {
    Read,
    Written,
    Integers,
}

impl Arg {
    fn ty(self) -> &'static str {
        match self {
            Arg::Read => "&'a [T]",
            Arg::Written => "&'a mut [T]",
            Arg::Integers => "&'a [u32]",
        }
    }
}

impl Emit<'_> {
    fn buffer_name(&self, buf: BufId) -> String {
        match self.plan.program.buffers[buf].place {
            Place::Source(Source::Param(i)) => format!("p{i}"),
            Place::Source(Source::Input(i)) => format!("x{i}"),
            Place::Source(Source::Integers(i)) => format!("i{i}"),
            Place::Source(Source::ParamTangent(i)) => format!("dp{i}"),
            Place::Source(Source::InputTangent(i)) => format!("dx{i}"),
            Place::Source(Source::Cotangent) => "y_bar".into(),
            Place::Source(Source::State(i)) => format!("s{i}"),
            Place::Target(Target::Output) => "y".into(),
            Place::Target(Target::OutputTangent) => "dy".into(),
            Place::Target(Target::Input(i)) => format!("x{i}_bar"),
            Place::Target(Target::Param(i)) => format!("p{i}_bar"),
            Place::Source(Source::Step(_)) | Place::Target(Target::Step(_)) => {
                unreachable!("a step works on the memory around it")
            }
            Place::Target(Target::State(i)) => format!("new_s{i}"),
            Place::Workspace => self.area_name(buf),
        }
    }

    /// Names for the memory that the nests touch.
    fn places(&self, nests: &[&Nest], text: &mut String) {
        let mut touched = vec![false; self.plan.program.buffers.len()];
        for nest in nests {
            nest.reads().into_iter().chain(nest.writes()).for_each(|buf| touched[buf] = true);
        }
        let used: Vec<BufId> = (0..touched.len()).filter(|buf| touched[*buf]).collect();
        let places = used.iter().map(|buf| self.plan.program.buffers[*buf].place);
        let mut inputs = BTreeSet::new();
        for place in places.clone() {
            let _ = match place {
                Place::Source(Source::Input(i)) => {
                    writeln!(text, "let x{i} = io.inputs[{i}].real();")
                }
                Place::Source(Source::Integers(i)) => {
                    writeln!(text, "let i{i} = io.inputs[{i}].integers();")
                }
                Place::Source(Source::InputTangent(i)) => {
                    writeln!(text, "let dx{i} = io.d_inputs[{i}];")
                }
                Place::Source(Source::Cotangent) => writeln!(text, "let y_bar = io.y_bar;"),
                Place::Target(Target::Output) => writeln!(text, "let y = io.y;"),
                Place::Target(Target::OutputTangent) => writeln!(text, "let dy = io.dy;"),
                Place::Target(Target::Input(i)) => {
                    inputs.insert(i);
                    Ok(())
                }
                Place::Source(_) | Place::Target(_) | Place::Workspace => Ok(()),
            };
        }
        let mut all = nests.iter().flat_map(|nest| nest.flat());
        if all.any(|nest| matches!(nest.kind, Kind::Random { .. })) {
            let place = self.code.inputs + usize::from(!self.code.state.is_empty());
            let _ = writeln!(text, "let key = io.inputs[{place}].draws();");
        }
        if let Some(last) = inputs.last() {
            let names = sparse(*last, |i| inputs.contains(&i).then(|| format!("x{i}_bar")));
            let _ = writeln!(text, "let [{names}, ..] = io.input_bars;");
        }
        // Each parameter is a stretch of the flat ones.
        for arrays in self.arrays() {
            let used: BTreeSet<usize> = places.clone().filter_map(arrays.which).collect();
            let Some(last) = used.last() else { continue };
            let name = |i: usize| format!("{}{i}{}", arrays.name.0, arrays.name.1);
            let names = sparse(*last, |i| used.contains(&i).then(|| name(i)));
            let (of, lengths) = (&arrays.of, dims(&arrays.lengths[..=*last]));
            let _ = match arrays.written {
                false => writeln!(text, "let [{names}] = __cut({of}, {lengths});"),
                true => writeln!(text, "let ([{names}], _) = __cut_mut({of}, {lengths});"),
            };
        }
        // Each buffer is a stretch of the workspace.
        let slot_of = |buf: &BufId| self.plan.areas[*buf].as_ref().map(|area| area.slot);
        let slots: BTreeSet<usize> = used.iter().filter_map(slot_of).collect();
        // What is left of the workspace is for packing. The two halves of a VJP share their buffers.
        let all = &self.plan.slots;
        let moved: BTreeSet<usize> =
            swapped(nests.iter().copied()).iter().filter_map(slot_of).collect();
        let names: Vec<String> = (0..all.len())
            .map(|i| match (slots.contains(&i), moved.contains(&i)) {
                (true, true) => format!("mut w{i}"),
                (true, false) => format!("w{i}"),
                _ => "_".into(),
            })
            .collect();
        let _ = writeln!(
            text,
            "let ([{}], rest) = __cut_mut(io.ws, {}); let s = &mut __scratch(rest, n, io.add, io.threads);",
            names.join(", "),
            dims(&all.iter().map(|slot| slot.size.clone()).collect::<Vec<_>>())
        );
    }

    /// The slices that are cut, in this order.
    fn arrays(&self) -> [Arrays<'_>; 5] {
        macro_rules! number {
            ($i:ident of $place:pat) => {
                |place| match place {
                    $place => Some($i),
                    _ => None,
                }
            };
        }
        let Code { params, state, inputs, .. } = &*self.code;
        let read = |which, name, of: &str| Arrays {
            which,
            name: (name, ""),
            of: of.into(),
            lengths: params,
            written: false,
        };
        let state_of = format!("io.inputs[{inputs}].state()");
        let bars = read(number!(i of Place::Target(Target::Param(i))), "p", "io.params_bar");
        let old = read(number!(i of Place::Source(Source::State(i))), "s", &state_of);
        let new = read(number!(i of Place::Target(Target::State(i))), "new_s", "io.state");
        [
            read(number!(i of Place::Source(Source::Param(i))), "p", "io.params"),
            read(number!(i of Place::Source(Source::ParamTangent(i))), "dp", "io.d_params"),
            Arrays { name: ("p", "_bar"), written: true, ..bars },
            Arrays { lengths: state, ..old },
            Arrays { lengths: state, written: true, ..new },
        ]
    }

    fn nest(&mut self, nest: &Nest, text: &mut String) {
        self.args.clear();
        let mut written = nest.writes();
        written.sort_unstable();
        let twice = written.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
        let loads = nest.body.loads.iter().map(|load| load.buf);
        let in_place = loads.filter(|buf| nest.works_in_place(*buf));
        let mut shared: Vec<BufId> = twice.chain(in_place).collect();
        shared.dedup();
        self.shared = shared.into_iter().map(|buf| (buf, None)).collect();
        let call = match &nest.kind {
            Kind::Map => self.map(nest),
            Kind::Reduce { inner, body, folds } => self.reduce(nest, inner, body, folds),
            Kind::Contract { inner, a, b, of, windowed: false } => {
                self.contract(nest, inner, a, b, of)
            }
            Kind::Contract { inner, a, b, of, windowed: true } => {
                self.convolve(nest, inner, [a, b], of)
            }
            Kind::Gather { x, chosen } => self.gather(nest, x, chosen),
            Kind::Scatter { inner, body, value, chosen, axis, to } => {
                self.scatter(nest, inner, (body, value), chosen, *axis, to)
            }
            Kind::Iota { repeat, cycle } => {
                let (to, length) = (self.buffer_name(nest.stores[0].to.buf), size(&nest.space));
                let (length, repeat, cycle) = (length.code(), repeat.code(), cycle.code());
                let _ = writeln!(text, "__iota(&mut {to}[..{length}], {repeat}, {cycle});");
                return;
            }
            Kind::Random { site, steps, per_sample } => {
                let (to, size) = (self.buffer_name(nest.stores[0].to.buf), per_sample.code());
                let steps: String = steps.iter().map(|t| format!(", {}", t.code())).collect();
                let to = format!("&mut {to}[..n * ({size})]");
                let _ = writeln!(text, "__pb::uniform(key, [{site}{steps}], {size}, {to});");
                return;
            }
            Kind::Custom { op, call, args, per_sample } => {
                let to = self.buffer_name(nest.stores[0].to.buf);
                let args: Vec<String> = args
                    .iter()
                    .map(|(buf, size)| {
                        format!("&{}[..n * ({})]", self.buffer_name(*buf), size.code())
                    })
                    .collect();
                let _ = writeln!(
                    text,
                    "__pb::custom::{call}(&__op{op}::<T>(), n, {}, &mut {to}[..n * ({})]);",
                    args.join(", "),
                    per_sample.code()
                );
                return;
            }
            Kind::Loop { step, length, reverse, nests, carried, .. } => {
                let steps = if *reverse {
                    format!("::core::iter::Iterator::rev(0..{})", length.code())
                } else {
                    format!("0..{}", length.code())
                };
                let _ = writeln!(text, "for {} in {steps} {{", step.code());
                let around = nest.wanted;
                nests.iter().for_each(|nest| self.wanted(nest, around, text));
                for (before, now) in carried {
                    let (before, now) = (self.buffer_name(*before), self.buffer_name(*now));
                    let _ = writeln!(text, "__pb::swap(&mut {before}, &mut {now});");
                }
                text.push_str("}\n");
                return;
            }
        };
        let kinds: Vec<Arg> = self.args.iter().map(|(_, kind)| *kind).collect();
        let shared = self.shared.iter().filter_map(|(_, arg)| *arg);
        let outs = shared.map(|arg| format!("let b{arg} = __shared_out(b{arg}); "));
        let call = outs.collect::<String>() + &call;
        let name = self.code.looped(&call, &kinds);
        let args: Vec<&str> = self.args.iter().map(|(arg, _)| arg.as_str()).collect();
        let _ = writeln!(text, "{}({name}(s, {}));", self.run, args.join(", "));
    }

    fn map(&mut self, nest: &Nest) -> String {
        let mut space = nest.space.clone();
        let mut strides = all_strides(&nest.body, &nest.stores);
        merge(&mut space, &mut strides);
        if let ([length], Some(steps)) = (space.as_slice(), Stages::of(&nest.body, &nest.stores)) {
            return self.steps(nest, length, &strides, &steps);
        }
        let (loads, stores) = strides.split_at(nest.body.loads.len());
        let ins = self.ins(&nest.body.loads, loads);
        let outs = self.outs("__write", &nest.stores, stores.iter().map(|s| dims(s)));
        let body = self.epilogue(0, &nest.body, &nest.stores);
        let axis = axis(space.last(), strides.iter().map(|s| s.last()));
        format!("__map(v, {axis}, {}, [{ins}], [{outs}], {body})", dims(&space))
    }

    fn reduce(&mut self, nest: &Nest, inner: &Shape, body: &Body, folds: &[(Fold, Reg)]) -> String {
        let rank = nest.space.len();
        // Strides over the space: of what is folded, of what the epilogue reads, of what is written.
        let (mut outer, mut folded) = (nest.space.clone(), inner.clone());
        let mut over_outer: Vec<Vec<Dim>> =
            body.loads.iter().map(|load| load.strides[..rank].to_vec()).collect();
        over_outer.extend(all_strides(&nest.body, &nest.stores));
        let mut over_inner: Vec<Vec<Dim>> =
            body.loads.iter().map(|load| load.strides[rank..].to_vec()).collect();
        merge(&mut outer, &mut over_outer);
        merge(&mut folded, &mut over_inner);
        let (of_body, rest) = over_outer.split_at(body.loads.len());
        let (extra, stores) = rest.split_at(nest.body.loads.len());
        let ins: Vec<String> = body
            .loads
            .iter()
            .zip(of_body.iter().zip(&over_inner))
            .map(|(load, (o, i))| {
                format!("__read2({}, {}, {})", self.arg(load, Arg::Read), dims(o), dims(i))
            })
            .collect();
        let kinds: Vec<&str> = folds
            .iter()
            .map(|(fold, _)| match fold {
                Fold::Sum => "__SUM",
                Fold::Max => "__MAX",
            })
            .collect();
        let lines = body_code(body, folds.iter().map(|(_, reg)| reg));
        let folding = self.code.body(0, body.loads.len(), folds.len(), &lines);
        let extras = self.ins(&nest.body.loads, extra);
        let outs = self.outs("__write", &nest.stores, stores.iter().map(|s| dims(s)));
        let finish = self.epilogue(folds.len(), &nest.body, &nest.stores);
        let of_outer = axis(outer.last(), over_outer.iter().map(|s| s.last()));
        let of_inner = axis(folded.last(), over_inner.iter().map(|s| s.last()));
        format!(
            "__reduce(v, ({of_outer}, {of_inner}), {}, {}, [{}], [{}], {folding}, [{extras}], [{outs}], {finish})",
            dims(&outer),
            dims(&folded),
            ins.join(", "),
            kinds.join(", "),
        )
    }

    /// The name of the memory of an access inside the loop that is under way.
    fn arg(&mut self, access: &Access, kind: Arg) -> String {
        let name = self.buffer_name(access.buf);
        let arg = match access.offset.is(0) {
            true => name,
            false if kind == Arg::Written => format!("&mut {name}[{}..]", access.offset.code()),
            false => format!("&{name}[{}..]", access.offset.code()),
        };
        self.args.push((arg, kind));
        format!("b{}", self.args.len() - 1)
    }

    /// The memory that a store writes to.
    fn written(&mut self, access: &Access) -> String {
        match self.shared_arg(access) {
            Some((name, offset)) => format!("{name}.from({offset})"),
            None => self.arg(access, Arg::Written),
        }
    }

    /// The name of memory that the loop writes in several places or reads as well, and the offset in it.
    fn shared_arg(&mut self, access: &Access) -> Option<(String, String)> {
        let place = self.shared.iter().position(|(buf, _)| *buf == access.buf)?;
        let arg = match self.shared[place].1 {
            Some(arg) => arg,
            None => {
                self.args.push((self.buffer_name(access.buf), Arg::Written));
                self.args.len() - 1
            }
        };
        self.shared[place].1 = Some(arg);
        Some((format!("b{arg}"), access.offset.code()))
    }

    fn ins(&mut self, loads: &[Access], strides: &[Vec<Dim>]) -> String {
        let ins = loads.iter().zip(strides);
        let ins: Vec<String> = ins
            .map(|(load, s)| match self.shared_arg(load) {
                Some((name, offset)) => format!("__own({name}.from({offset}), {})", dims(s)),
                None => format!("__read({}, {})", self.arg(load, Arg::Read), dims(s)),
            })
            .collect();
        ins.join(", ")
    }

    fn outs(
        &mut self,
        how: &str,
        stores: &[Store],
        strides: impl Iterator<Item = String>,
    ) -> String {
        let out = |(store, strides): (&Store, String)| {
            format!("{how}({}, {strides}, {})", self.written(&store.to), add(store.add))
        };
        stores.iter().zip(strides).map(out).collect::<Vec<_>>().join(", ")
    }

    /// The body of a nest after what its kind makes: `made` values.
    fn epilogue(&mut self, made: usize, body: &Body, stores: &[Store]) -> String {
        let text = body_code(body, stores.iter().map(|store| &store.value));
        self.code.body(made, body.loads.len(), stores.len(), &text)
    }
}

/// The buffers that change places in some loop.
fn swapped<'n>(nests: impl Iterator<Item = &'n Nest>) -> Vec<BufId> {
    nests
        .flat_map(|nest| match &nest.kind {
            Kind::Loop { nests, carried, .. } => {
                let mut all = swapped(nests.iter());
                all.extend(carried.iter().flat_map(|(before, now)| [*before, *now]));
                all
            }
            _ => Vec::new(),
        })
        .collect()
}
