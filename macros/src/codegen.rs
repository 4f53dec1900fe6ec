//! `codegen`: planned programs become the text of Rust functions.
//!
//! Text, because a string is parsed by rustc itself in one step, whereas pushing tokens one by one is
//! most of a macro's time. Nothing of the user's is in it: `const`s and custom ops are items of the
//! expansion with the user's spans, and the text refers to them by name.

use crate::fuse::merge;
use crate::ir::{Fold, Source, Target};
use crate::nest::{Access, Body, BufId, Kind, Nest, Place, Program, Reg, Side, Store};
use crate::number::Num;
use crate::plan::Plan;
use crate::shape::{Dim, Shape};
use std::fmt::Write as _;

/// Which nests of a program a function runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Half {
    Whole,
    /// Of a VJP: what does not depend on the cotangent.
    Primal,
    Pullback,
}

/// One function for a tile of samples.
pub fn function(name: &str, plan: &Plan, half: Half) -> String {
    let emit = Emit { plan };
    let nests = plan.program.nests.iter().filter(|nest| match half {
        Half::Whole => true,
        Half::Primal => !nest.late,
        Half::Pullback => nest.late,
    });
    let nests: Vec<&Nest> = nests.collect();
    let mut text = format!(
        "#[cfg_attr(not(debug_assertions), inline(always))] fn {name}<V: __pb::Lanes<Scalar = Self::Scalar>>(io: __pb::Io<'_, Self::Scalar, N>) {{\n\
         let n = io.n;\n"
    );
    emit.places(&nests, &mut text);
    for nest in nests {
        emit.nest(nest, &mut text);
    }
    text.push_str("}\n");
    text
}

/// The size of the arrays that a program leaves in the workspace, and its work per sample.
pub fn flops(program: &Program) -> Dim {
    program.nests.iter().fold(Dim::known(0), |sum, nest| {
        let each = crate::shape::size(&nest.space);
        let work = Dim::known(nest.body.lines.len() as i64).mul(&each);
        let inner = match &nest.kind {
            Kind::Contract { inner, .. } => {
                crate::shape::size(inner).mul(&each).mul(&Dim::known(2))
            }
            Kind::Reduce { inner, body, folds } => {
                let lines = (body.lines.len() + folds.len()) as i64;
                crate::shape::size(inner).mul(&each).mul(&Dim::known(lines))
            }
            Kind::Map | Kind::OneHot { .. } | Kind::Custom { .. } => Dim::known(0),
        };
        sum.add(&work).add(&inner)
    })
}

struct Emit<'p> {
    plan: &'p Plan,
}

impl Emit<'_> {
    fn buffer_name(&self, buf: BufId) -> String {
        match self.plan.program.buffers[buf].place {
            Place::Source(Source::Param(i)) => format!("p{i}"),
            Place::Source(Source::Input(i)) => format!("x{i}"),
            Place::Source(Source::ParamTangent(i)) => format!("dp{i}"),
            Place::Source(Source::InputTangent(i)) => format!("dx{i}"),
            Place::Source(Source::Cotangent) => "y_bar".into(),
            Place::Target(Target::Output) => "y".into(),
            Place::Target(Target::OutputTangent) => "dy".into(),
            Place::Target(Target::Input(i)) => format!("x{i}_bar"),
            Place::Target(Target::Param(i)) => format!("p{i}_bar"),
            Place::Workspace => format!("w{}", self.plan.slot_of[buf].unwrap_or(0)),
        }
    }

    /// Names for the memory that the nests touch.
    fn places(&self, nests: &[&Nest], text: &mut String) {
        let buffers = &self.plan.program.buffers;
        let mut used: Vec<BufId> =
            nests.iter().flat_map(|nest| nest.reads().into_iter().chain(nest.writes())).collect();
        used.sort_unstable();
        used.dedup();
        for nest in nests {
            if let Kind::OneHot { source: Source::Input(i), .. } = nest.kind {
                let _ = writeln!(text, "let i{i} = io.inputs[{i}].integers();");
            }
        }
        let mut param_bars = Vec::new();
        for buf in &used {
            let name = self.buffer_name(*buf);
            let _ = match buffers[*buf].place {
                Place::Source(Source::Param(i)) => {
                    writeln!(text, "let {name} = &io.params[START{i}..START{}];", i + 1)
                }
                Place::Source(Source::ParamTangent(i)) => {
                    writeln!(text, "let {name} = &io.d_params[START{i}..START{}];", i + 1)
                }
                Place::Source(Source::Input(i)) => {
                    writeln!(text, "let {name} = io.inputs[{i}].real();")
                }
                Place::Source(Source::InputTangent(i)) => {
                    writeln!(text, "let {name} = io.d_inputs[{i}];")
                }
                Place::Source(Source::Cotangent) => writeln!(text, "let {name} = io.y_bar;"),
                Place::Target(Target::Output) => writeln!(text, "let {name} = io.y;"),
                Place::Target(Target::OutputTangent) => writeln!(text, "let {name} = io.dy;"),
                Place::Target(Target::Param(i)) => {
                    param_bars.push(i);
                    Ok(())
                }
                Place::Target(Target::Input(_)) | Place::Workspace => Ok(()),
            };
        }
        // Each gradient is a stretch of the flat one; cut off from the front, in order.
        param_bars.sort_unstable();
        if !param_bars.is_empty() {
            text.push_str("let rest = io.params_bar;\n");
        }
        let mut from = "0".to_string();
        for i in param_bars {
            let _ = writeln!(
                text,
                "let (_, rest) = rest.split_at_mut(START{i} - {from}); \
                 let (p{i}_bar, rest) = rest.split_at_mut(START{} - START{i});",
                i + 1
            );
            from = format!("START{}", i + 1);
        }
        let input_bars: Vec<usize> = used
            .iter()
            .filter_map(|buf| match buffers[*buf].place {
                Place::Target(Target::Input(i)) => Some(i),
                _ => None,
            })
            .collect();
        if let Some(last) = input_bars.iter().max() {
            let names: Vec<String> = (0..=*last)
                .map(|i| if input_bars.contains(&i) { format!("x{i}_bar") } else { "_".into() })
                .collect();
            let _ = writeln!(text, "let [{}, ..] = io.input_bars;", names.join(", "));
        }
        let slots: std::collections::BTreeSet<usize> =
            used.iter().filter_map(|buf| self.plan.slot_of[*buf]).collect();
        if let Some(last) = slots.last() {
            text.push_str("let rest = io.ws;\n");
            for slot in 0..=*last {
                let name = if slots.contains(&slot) { format!("w{slot}") } else { "_".into() };
                let _ = writeln!(
                    text,
                    "let ({name}, rest) = rest.split_at_mut({});",
                    self.plan.slots[slot].code()
                );
            }
        }
        if text.contains("rest") {
            text.push_str("let _ = rest;\n");
        }
    }

    fn nest(&self, nest: &Nest, text: &mut String) {
        match &nest.kind {
            Kind::Map => self.map(nest, text),
            Kind::Reduce { inner, body, folds } => self.reduce(nest, inner, body, folds, text),
            Kind::Contract { inner, a, b, of } => self.contract(nest, inner, a, b, of, text),
            Kind::OneHot { source, classes } => {
                if let Source::Input(i) = source {
                    let to = self.buffer_name(nest.stores[0].to.buf);
                    let _ = writeln!(text, "__pb::one_hot(i{i}, {}, {to});", classes.code());
                }
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
                    "__pb::custom::{call}(&op{op}::<Self::Scalar>(), n, {}, &mut {to}[..n * ({})]);",
                    args.join(", "),
                    per_sample.code()
                );
            }
        }
    }

    fn map(&self, nest: &Nest, text: &mut String) {
        let mut space = nest.space.clone();
        let mut strides = all_strides(&nest.body, &nest.stores);
        merge(&mut space, &mut strides);
        let (loads, stores) = strides.split_at(nest.body.loads.len());
        let (ni, no) = (loads.len(), stores.len());
        let ins = self.ins(&nest.body.loads, loads);
        let outs =
            self.outs("Out", &nest.stores, &stores.iter().map(|s| dims(s)).collect::<Vec<_>>());
        let names = names("l", ni);
        let _ = writeln!(
            text,
            "__pb::kernel::map::<V, {}, {ni}, {no}>({}, [{ins}], [{outs}], |[{names}]: [V; {ni}]| {{ {} }});",
            space.len(),
            dims(&space),
            self.body("l", &nest.body, &nest.stores)
        );
    }

    fn reduce(
        &self,
        nest: &Nest,
        inner: &Shape,
        body: &Body,
        folds: &[(Fold, Reg)],
        text: &mut String,
    ) {
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
                format!("__pb::kernel::In2::new({}, {}, {})", self.from(load), dims(o), dims(i))
            })
            .collect();
        let kinds: Vec<String> =
            folds.iter().map(|(fold, _)| format!("__pb::kernel::Fold::{fold:?}")).collect();
        let values: Vec<String> = folds.iter().map(|(_, reg)| reg_code("l", reg)).collect();
        let extras = self.ins(&nest.body.loads, extra);
        let outs =
            self.outs("Out", &nest.stores, &stores.iter().map(|s| dims(s)).collect::<Vec<_>>());
        let (ni, na, ne, no) = (ins.len(), folds.len(), extra.len(), stores.len());
        let _ = writeln!(
            text,
            "__pb::kernel::reduce::<V, {}, {}, {ni}, {na}, {ne}, {no}>({}, {}, [{}], [{}], \
             |[{}]: [V; {ni}]| {{ {} [{}] }}, [{extras}], [{outs}], |[{}]: [V; {na}], [{}]: [V; {ne}]| {{ {} }});",
            outer.len(),
            folded.len(),
            dims(&outer),
            dims(&folded),
            ins.join(", "),
            kinds.join(", "),
            names("l", ni),
            lines("l", body),
            values.join(", "),
            names("a", na),
            names("e", ne),
            self.body("e", &nest.body, &nest.stores),
        );
    }

    fn contract(
        &self,
        nest: &Nest,
        inner: &Shape,
        a: &Access,
        b: &Access,
        of: &[Side],
        text: &mut String,
    ) {
        let rank = nest.space.len();
        let axes =
            |side: Side| -> Vec<usize> { (0..rank).filter(|axis| of[*axis] == side).collect() };
        let pick = |strides: &[Dim], axes: &[usize]| -> Vec<Dim> {
            axes.iter().map(|axis| strides[*axis].clone()).collect()
        };
        let ends = all_strides(&nest.body, &nest.stores);
        // For a group of axes: its lengths, and the strides of both operands and of all ends.
        let group = |axes: &[usize]| {
            let mut space = pick(&nest.space, axes);
            let mut strides = vec![pick(&a.strides, axes), pick(&b.strides, axes)];
            strides.extend(ends.iter().map(|end| pick(end, axes)));
            merge(&mut space, &mut strides);
            (space, strides)
        };
        let (mut outer, mut over_outer) = group(&axes(Side::Both));
        // One axis of rows and one of columns go to the kernel, what does not merge with it is a loop.
        let mut last = |side: Side| {
            let (mut space, mut strides) = group(&axes(side));
            let length = space.pop().unwrap_or(Dim::known(1));
            let inner: Vec<Dim> =
                strides.iter_mut().map(|s| s.pop().unwrap_or(Dim::known(0))).collect();
            outer.extend(space);
            over_outer.iter_mut().zip(strides).for_each(|(all, more)| all.extend(more));
            (length, inner)
        };
        let (m, of_m) = last(Side::A);
        let (n, of_n) = last(Side::B);
        let mut summed = inner.clone();
        let mut over_summed = vec![a.strides[rank..].to_vec(), b.strides[rank..].to_vec()];
        merge(&mut summed, &mut over_summed);
        let k = summed.pop().unwrap_or(Dim::known(1));
        let of_k: Vec<Dim> =
            over_summed.iter_mut().map(|s| s.pop().unwrap_or(Dim::known(0))).collect();
        debug_assert!(summed.is_empty(), "fuse copies what does not merge");
        let two = |x: &Dim, y: &Dim| format!("[{}, {}]", x.code(), y.code());
        let operand = |access: &Access, i: usize, x: &Dim, y: &Dim| {
            format!(
                "__pb::kernel::In2::new({}, {}, {})",
                self.from(access),
                dims(&over_outer[i]),
                two(x, y)
            )
        };
        let ni = nest.body.loads.len();
        let ins: Vec<String> = (0..ni)
            .map(|i| operand(&nest.body.loads[i], i + 2, &of_m[i + 2], &of_n[i + 2]))
            .collect();
        let outs: Vec<String> = (0..nest.stores.len())
            .map(|i| i + 2 + ni)
            .map(|i| format!("{}, {}", dims(&over_outer[i]), two(&of_m[i], &of_n[i])))
            .collect();
        let _ = writeln!(
            text,
            "__pb::kernel::contract::<V, {}, {ni}, {}>({}, {}, {}, {}, {}, {}, [{}], [{}], \
             |a0: V, [{}]: [V; {ni}]| {{ {} }});",
            outer.len(),
            outs.len(),
            dims(&outer),
            m.code(),
            n.code(),
            k.code(),
            operand(a, 0, &of_m[0], &of_k[0]),
            operand(b, 1, &of_k[1], &of_n[1]),
            ins.join(", "),
            self.outs("Out2", &nest.stores, &outs),
            names("l", ni),
            self.body("l", &nest.body, &nest.stores),
        );
    }

    /// `&x0[8..]`
    fn from(&self, access: &Access) -> String {
        let name = self.buffer_name(access.buf);
        if access.offset.is(0) {
            format!("&{name}[..]")
        } else {
            format!("&{name}[{}..]", access.offset.code())
        }
    }

    fn ins(&self, loads: &[Access], strides: &[Vec<Dim>]) -> String {
        let ins = loads.iter().zip(strides);
        let ins: Vec<String> = ins
            .map(|(load, s)| format!("__pb::kernel::In::new({}, {})", self.from(load), dims(s)))
            .collect();
        ins.join(", ")
    }

    fn outs(&self, ty: &str, stores: &[Store], strides: &[String]) -> String {
        let out = |(store, strides): (&Store, &String)| {
            let how = if store.add { "add" } else { "set" };
            let name = self.buffer_name(store.to.buf);
            format!(
                "__pb::kernel::{ty}::{how}(&mut {name}[{}..], {strides})",
                store.to.offset.code()
            )
        };
        stores.iter().zip(strides).map(out).collect::<Vec<_>>().join(", ")
    }

    fn body(&self, load: &str, body: &Body, stores: &[Store]) -> String {
        let values: Vec<String> = stores.iter().map(|store| reg_code(load, &store.value)).collect();
        format!("{} [{}]", lines(load, body), values.join(", "))
    }
}

fn all_strides(body: &Body, stores: &[Store]) -> Vec<Vec<Dim>> {
    let loads = body.loads.iter().map(|load| load.strides.clone());
    loads.chain(stores.iter().map(|store| store.to.strides.clone())).collect()
}

fn dims(dims: &[Dim]) -> String {
    let dims: Vec<String> = dims.iter().map(Dim::code).collect();
    format!("[{}]", dims.join(", "))
}

fn names(prefix: &str, count: usize) -> String {
    let names: Vec<String> = (0..count).map(|i| format!("{prefix}{i}")).collect();
    names.join(", ")
}

fn lines(load: &str, body: &Body) -> String {
    let mut text = String::new();
    for (i, (prim, args)) in body.lines.iter().enumerate() {
        let args: Vec<String> = args.iter().map(|arg| reg_code(load, arg)).collect();
        let _ = write!(text, "let c{i} = {}; ", prim.code(&args));
    }
    text
}

fn reg_code(load: &str, reg: &Reg) -> String {
    match reg {
        Reg::Num(num) => number(num),
        Reg::Load(i) => format!("{load}{i}"),
        Reg::Acc(i) => format!("a{i}"),
        Reg::Line(i) => format!("c{i}"),
    }
}

fn number(num: &Num) -> String {
    match num {
        Num::Ratio(p, q) => {
            format!("V::constant({:?}f64, {p}, {q})", num.approx().unwrap_or(f64::NAN))
        }
        Num::Inverse(dim) => {
            let dim = dim.code();
            format!("V::constant(1f64 / ({dim}) as f64, 1, ({dim}) as i128)")
        }
        Num::Named { code, .. } => format!("V::from_f64({code})"),
        Num::Call(prim, args) => {
            let args: Vec<String> = args.iter().map(number).collect();
            format!("({})", prim.code(&args))
        }
    }
}
