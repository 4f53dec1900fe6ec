//! Each invariant, broken once.

use crate::builder::Builder;
use crate::corpus;
use crate::fuse::{Split, fuse};
use crate::invariant::{Checked, Verify};
use crate::lin::Linear;
use crate::nest::{Kind, Nest, Program, Reg};
use crate::plan::{Area, Plan, plan};
use crate::programs::programs;
use crate::shape::Dim;
use crate::text::read;
use std::ops::Range;

/// What `check` says of the one thing that was broken.
#[track_caller]
fn names(checked: Checked, expected: &str, of: &str) {
    match checked {
        Ok(()) => panic!("nothing is found, `{expected}` was expected:\n{of}"),
        Err(what) => assert!(what.contains(expected), "`{what}`, not `{expected}`:\n{of}"),
    }
}

#[test]
fn of_functions() {
    let head = "%0: [n, 2, 3] = input 0\n%1: [n, 3] = input 1\n%2: [3] = param 0\n%3: [n] = integers 2\n%4: [] = 2\n";
    let right = [
        "%5: [n, 2, 3] = mul(%0, %4)",
        "%5: [n, 2, 3] = broadcast(%1; [0, 2])",
        "%5: [n, 3] = reduce_sum(%0; [1])",
        "%5: [n, 3, 2] = permute(%0; [0, 2, 1])",
        "%5: [n, 6] = reshape(%0)",
        "%5: [n, 2, 2] = slice(%0; axis 2 from 1)",
        "%5: [n, 2, 2] = window(%1; from [0, 0] steps [0 by 1, 1 by 1, 1 by 1])",
        "%5: [n, 4] = overlap(%1 from [0, 1] steps [0 by 1, 1 by 1])",
        "%5: [n, 4] = concat(%1, zeros 1; axis 1)",
        "%5: [n, 2] = contract(%0, %2; nij,j->ni)",
        "%5: [n] = gather(%2, %3; v,n->n)",
        "%5: [7, 3] = scatter(%1, %3; nj,n->vj)",
        "%5: [4] = iota(repeat 1, cycle 4)",
        "%5: [n, 2] = random(0)",
        "%5: [n, 5] = custom(%1; op 0)",
        "%5: [n, 3] = custom_jvp(%1, %1; op 0)",
        "%5: [n, 3] = custom_vjp(%1, %0; op 0)",
        "%5: [] = scan(%0 each 1 by 1, %1 carry; length 2) -> [carry] {\n%0: [n, 3] = step 1\nreturn step 0 %0\n}\n%6: [n, 3] = result(%5; 0)",
        "return output %1",
    ];
    for text in right {
        let func = read::func(&format!("{head}{text}")).expect("it can be read");
        assert_eq!(func.check(), Ok(()), "{text}");
    }
    let wrong = [
        ("%5: [n, 2, 3] = neg(%6)\n%6: [n, 2, 3] = neg(%0)", "%5: it reads a later value"),
        ("%5: [3, n] = permute(%1; [1, 0])", "the batch is not the first axis"),
        ("%5: [3] = 1.5", "a constant has axes"),
        ("%5: [n, 2, 3] = mul(%0)", "another number of arguments"),
        ("%5: [n, 2, 3] = mul(%0, %1)", "an argument has another shape"),
        ("%5: [] = exp(%4)", "a function of constants is a constant"),
        ("%5: [n, 2, 3] = broadcast(%1; [0])", "not an axis of the result for each"),
        ("%5: [n, 2, 3] = broadcast(%1; [2, 0])", "not an axis of the result for each"),
        ("%5: [n, 2, 3] = broadcast(%1; [0, 1])", "another length than what is repeated"),
        ("%5: [n, 2, 3] = broadcast(%1; [0, 3])", "another length than what is repeated"),
        ("%5: [n, 3] = reduce_max(%0; [3])", "no such axes to fold"),
        ("%5: [n] = reduce_sum(%0; [2, 1])", "no such axes to fold"),
        ("%5: [n, 2] = reduce_sum(%0; [1])", "not what is left after folding"),
        ("%5: [n, 2, 2] = permute(%0; [0, 1, 1])", "not an order of the axes"),
        ("%5: [n, 2, 3] = permute(%0; [0, 2, 1])", "the axes in this order"),
        ("%5: [n, 5] = reshape(%0)", "another number of elements"),
        ("%5: [n, 2, 2] = slice(%0; axis 3 from 0)", "no such axis to cut"),
        ("%5: [n, 1, 2] = slice(%0; axis 2 from 0)", "another axis has another length"),
        ("%5: [n, 2, 2] = slice(%0; axis 2 from 2)", "it reaches beyond the end"),
        ("%5: [n, 2] = window(%1; from [0] steps [0 by 1, 1 by 1])", "over other axes"),
        ("%5: [n, 2] = window(%1; from [0, 0] steps [0 by 1, 2 by 1])", "over other axes"),
        (
            "%5: [n, 2] = window(%1; from [0, 2] steps [0 by 1, 1 by 1])",
            "the window reaches beyond",
        ),
        (
            "%5: [n, 3] = overlap(%1 from [0, 1] steps [0 by 1, 1 by 1])",
            "the window reaches beyond",
        ),
        ("%5: [n, 4] = concat(%1, zeros 1; axis 2)", "a part has no such axis"),
        ("%5: [n, 4] = concat(zeros 4; axis 2)", "no such axis to put parts along"),
        ("%5: [n, 2, 6] = concat(%1, %0; axis 1)", "a part has another shape"),
        ("%5: [n, 5] = concat(%1, zeros 1; axis 1)", "not as long as the whole"),
        ("%5: [n, 2] = contract(%0, %2; nij,->ni)", "not a label for each axis"),
        ("%5: [n, 2] = contract(%0, %2; njj,j->nj)", "a label stands twice"),
        ("%5: [n, 3] = contract(%0, %2; nij,i->nj)", "axes of one label have different lengths"),
        ("%5: [n] = contract(%0, %2; nij,j->n)", "a label stands alone"),
        ("%5: [n, 7] = contract(%1, %2; nj,j->nk)", "a label stands alone"),
        ("%5: [n, 3] = gather(%2, %3; j,n->nj)", "not one axis for the integers"),
        ("%5: [3] = scatter(%1, %3; nj,n->j)", "not one axis for the integers"),
        ("%5: [n] = iota(repeat 1, cycle 4)", "positions are a vector without the batch"),
        ("%5: [2] = random(0)", "random numbers are those of samples"),
        ("%5: [n, 5] = custom(%2; op 0)", "a user's op is given samples"),
        ("%5: [n, 5] = custom_jvp(%1, %0; op 0)", "the tangent has another shape"),
        ("%5: [n, 5] = custom_vjp(%1, %0; op 0)", "the cotangent has another shape"),
        ("%5: [n] = result(%1; 0)", "the result of what is no loop"),
        ("%5: [n] = neg(%3)", "it computes with integers"),
        ("%5: [n] = gather(%3, %3; v,n->n)", "it computes with integers"),
        ("return output %9", "a result that nothing defines"),
    ];
    for (text, expected) in wrong {
        let func = read::func(&format!("{head}{text}")).expect("it can be read");
        names(func.check(), expected, text);
    }
    let rule = |rule: &str| {
        let value = "%5: [n, 3] = exp(%1)\n%6: [n, 3] = add(%1, %5)\nreturn output %6\n";
        read::func(&format!("{head}{value}rule {rule}")).expect("it can be read")
    };
    let right = "%7: [n, 3] = add(%5, %4)\n~0: [n, 3] = step 0\n~1: [n, 3] = scale(~0, %7)\nreturn step 0 ~1";
    assert_eq!(rule(&format!("%6 of [%1] from %7 {{ {right} }}")).check(), Ok(()));
    assert_eq!(rule("%6 of [%1] from %7 { }").check(), Ok(()));
    let wrong = [
        ("%6 of [%6] from %7 { }", "the rule of %6: its arguments do not precede it"),
        ("%9 of [%1] from %7 { }", "the rule of %9: its arguments do not precede it"),
        ("%6 of [%1] from %8 { }", "it mentions what nothing defines"),
        ("%6 of [%1] from %7 { %7: [n, 2] = neg(%5) }", "an argument has another shape"),
        (
            "%6 of [%1] from %7 { ~0: [n, 3] = step 0\n~1: [n, 3] = scale(~0, %7) }",
            "a primal value that nothing defines",
        ),
        ("%6 of [%1] from %7 { ~0: [n, 3] = step 1 }", "it reads what it is not given"),
        ("%6 of [%1] from %7 { ~0: [n, 3] = input_tangent 0 }", "it reads what it is not given"),
        ("%6 of [%1] from %7 { ~0: [n, 2] = step 0 }", "another shape than the argument"),
        (
            "%6 of [%1] from %7 { ~0: [n, 3] = step 0\n~1: [n] = sum(~0; [1])\nreturn step 0 ~1 }",
            "another shape than the value",
        ),
        (
            "%6 of [%1] from %7 { ~0: [n, 3] = step 0\nreturn step 0 ~0\nreturn step 0 ~0 }",
            "not one tangent",
        ),
        ("%6 of [%1] from %7 { ~0: [n, 3] = step 0\nreturn output_tangent ~0 }", "not one tangent"),
    ];
    for (text, expected) in wrong {
        names(rule(text).check(), expected, text);
    }
    let looped = |args: &str, results: &str, body: &str, rest: &str| {
        format!("{head}%5: [] = scan({args}; length 2) -> [{results}] {{\n{body}\n}}\n{rest}")
    };
    let step = "%0: [n, 1, 3] = step 0\n%1: [n, 3] = step 1\n%2: [n, 3] = reshape(%0)\n%3: [n, 3] = add(%1, %2)\nreturn step 0 %3";
    let args = "%0 each 1 by 1, %1 carry";
    let wrong = [
        (looped(args, "whole", step, ""), "carried in is not carried out"),
        (looped(args, "carry, whole", step, ""), "no step makes result 1"),
        (
            looped(args, "carry", &format!("{step}\nreturn step 0 %1"), ""),
            "a step makes result 0 twice",
        ),
        (looped("%0 each 3 by 1, %1 carry", "carry", step, ""), "no such axis to go along"),
        (
            looped("%0 each 2 by 1, %1 carry", "carry", step, ""),
            "argument 0: a step sees another shape",
        ),
        (
            looped(
                "%0 each 1 by 2, %1 carry",
                "carry",
                "%0: [n, 2, 3] = step 0\n%1: [n, 3] = step 1\nreturn step 0 %1",
                "",
            ),
            "the steps make another shape",
        ),
        (
            looped(args, "carry", "%0: [n, 1, 3] = step 0\nreturn step 0 %0", ""),
            "a state changes its shape",
        ),
        (
            looped(args, "carry", "%0: [n, 3] = step 2\nreturn step 0 %0", ""),
            "reads what it is not given",
        ),
        (
            looped(args, "carry", "%0: [n, 3] = input 1\nreturn step 0 %0", ""),
            "reads what it is not given",
        ),
        (
            looped(args, "carry", "%0: [n, 3] = neg(%0)\nreturn step 0 %0", ""),
            "in the loop, %0: it reads a later value",
        ),
        (looped(args, "carry", step, "%6: [n, 3] = result(%5; 1)"), "the loop has no such result"),
        (looped(args, "carry", step, "%6: [n, 2] = result(%5; 0)"), "the steps make another shape"),
    ];
    for (text, expected) in wrong {
        let func = read::func(&text).expect("it can be read");
        names(func.check(), expected, &text);
    }
}

#[test]
fn of_linear_programs() {
    let text = "%0: [n, 3] = input 0\n%1: [3, 2] = param 0\n%2: [n] = integers 1";
    let primal = Builder::after(read::func(text).expect("it can be read").defs);
    let check = |text: &str| {
        let lin = read::lin_func(&format!("~0: [n, 3] = input_tangent 0\n{text}"));
        Linear { lin: lin.expect("it can be read"), primal: primal.clone() }.check()
    };
    let looped = |args: &str, results: &str, body: &str, rest: &str| {
        format!("~1: [] = scan({args}; length 3) -> [{results}] {{\n{body}\n}}\n{rest}")
    };
    let step =
        "%0: [n, 1] = step 0\n~0: [n, 1] = step 1\n~1: [n, 1] = scale(~0, %0)\nreturn step 0 ~1";
    let args = "%0 each 1 by 1, ~0 each 1 by 1 [n, 1]";
    let right = [
        "~1: [n, 2] = contract(~0, %1; ni,io->no)\nreturn output_tangent ~1".to_string(),
        "~1: [n, 3] = custom(~0, %0; op 0)".to_string(),
        looped(args, "each 1 by 1 [n, 1]", step, "~2: [n, 3] = result(~1; 0)"),
        looped("%0 each 1 by 1, zero each 1 by 1 [n, 1]", "whole [n, 1]", step, ""),
    ];
    for text in right {
        assert_eq!(check(&text), Ok(()), "{text}");
    }
    let wrong = [
        ("~1: [n, 3] = add(~0, ~1)".to_string(), "~1: it reads a later value"),
        ("~1: [n, 3] = scale(~0, %9)".into(), "a primal value that nothing defines"),
        ("~1: [3, n] = permute(~0; [1, 0])".into(), "the batch is not the first axis"),
        ("~1: [3] = sum(~0; [0])\n~2: [3] = add(~1, ~0)".into(), "a sum of two shapes"),
        ("~1: [n, 3] = scale(~0, %1)".into(), "a slope of another shape"),
        ("~1: [n, 2, 3] = broadcast(~0; [0, 1])".into(), "another length than what is repeated"),
        ("~1: [n] = sum(~0; [0])".into(), "not what is left after folding"),
        ("~1: [n, 3] = permute(~0; [0, 0])".into(), "not an order of the axes"),
        ("~1: [n, 4] = reshape(~0)".into(), "another number of elements"),
        ("~1: [n, 2] = slice(~0; axis 1 from 2)".into(), "it reaches beyond the end"),
        (
            "~1: [n, 2] = window(~0; from [0, 2] steps [0 by 1, 1 by 1])".into(),
            "the window reaches beyond",
        ),
        (
            "~1: [n, 3] = overlap(~0; from [0, 1] steps [0 by 1, 1 by 1])".into(),
            "the window reaches beyond",
        ),
        ("~1: [n, 5] = concat(~0, zeros 1; axis 1)".into(), "not as long as the whole"),
        ("~1: [n, 5] = concat(~0, zeros 2; axis 2)".into(), "a part has no such axis"),
        ("~1: [n, 2] = contract(~0, %1; no,io->ni)".into(), "axes of one label"),
        ("~1: [n, 3] = gather(~0, %2; ni,n->ni)".into(), "not one axis for the integers"),
        ("~1: [3] = scatter(~0, %2; ni,n->i)".into(), "not one axis for the integers"),
        ("~1: [n, 2] = custom(~0, %0; op 0, transposed)".into(), "of another shape than the value"),
        ("~1: [n] = result(~0; 0)".into(), "the result of what is no loop"),
        ("return output_tangent ~4".into(), "a result that nothing defines"),
        (looped(args, "carry [n, 1]", step, ""), "carried in is not carried out"),
        (
            looped("%0 carry, ~0 each 1 by 1 [n, 1]", "whole [n, 1]", step, ""),
            "a primal value is carried",
        ),
        (
            looped("%0 each 1 by 1, ~0 each 1 by 1 [n, 3]", "whole [n, 1]", step, ""),
            "a step sees another shape",
        ),
        (
            looped("%0 each 2 by 1, ~0 each 1 by 1 [n, 1]", "whole [n, 1]", step, ""),
            "no such axis to go along",
        ),
        (
            looped(
                args,
                "whole [n, 1]",
                "%0: [n, 1] = step 1\n~0: [n, 1] = step 1\nreturn step 0 ~0",
                "",
            ),
            "reads what it is not given",
        ),
        (
            looped(args, "whole [n, 1]", "~0: [n, 1] = step 0\nreturn step 0 ~0", ""),
            "reads what it is not given",
        ),
        (
            looped(args, "whole [n, 1]", "~0: [n, 1, 1] = step 1\nreturn step 0 ~0", ""),
            "a step sees another shape",
        ),
        (
            looped(args, "whole [n, 1]", "~0: [n, 1] = step 1\nreturn step 1 ~0", ""),
            "makes what nobody is given",
        ),
        (looped(args, "whole [n]", step, ""), "a step makes another shape"),
        (
            looped(args, "whole [n, 1]", step, "~2: [n, 1] = result(~1; 1)"),
            "the loop has no such result",
        ),
        (
            looped(args, "whole [n, 1]", step, "~2: [n, 3] = result(~1; 0)"),
            "the steps make another shape",
        ),
    ];
    for (text, expected) in wrong {
        names(check(&text), expected, &text);
    }
}

/// The VJP of a model, as loops.
fn fused(model: &str) -> Program {
    let (_, typed) = corpus::models(model).next().expect("a model");
    fuse(&programs(&typed).vjp, Split::Halves)
}

/// The first loop of a kind.
fn first(program: &mut Program, is: impl Fn(&Kind) -> bool) -> &mut Nest {
    program.nests.iter_mut().find(|nest| is(&nest.kind)).expect("such a loop")
}

#[test]
fn of_programs() {
    let model = "M(x: [4, 3], i: [2] of index(4)) -> [] {
        rows = index_select(x, i), h = linear(rows) -> [2, 5], tanh, softmax, s = scan(h, c: [5]) { c <- c * h + h },
        mean(s)
    }";
    let contract = |kind: &Kind| matches!(kind, Kind::Contract { .. });
    let reduce = |kind: &Kind| matches!(kind, Kind::Reduce { .. });
    let gather = |kind: &Kind| matches!(kind, Kind::Gather { .. });
    let scatter = |kind: &Kind| matches!(kind, Kind::Scatter { .. });
    let steps = |kind: &Kind| matches!(kind, Kind::Loop { .. });
    type Break = Box<dyn Fn(&mut Program)>;
    let breaks: Vec<(&str, Break)> = vec![
        ("a late loop before an early one", Box::new(|p| p.nests.reverse())),
        ("no such memory", Box::new(move |p| first(p, contract).stores[0].to.buf = 999)),
        (
            "it reads what was not made, where derivatives are taken towards the parameters",
            Box::new(move |p| first(p, contract).wanted.params = false),
        ),
        (
            "not a stride for each axis",
            Box::new(move |p| {
                first(p, contract).stores[0].to.strides.pop();
            }),
        ),
        (
            "beyond the end of the memory",
            Box::new(move |p| {
                first(p, contract).stores[0].to.offset = Dim::known(1);
            }),
        ),
        (
            "not a side for each axis",
            Box::new(move |p| {
                if let Kind::Contract { of, .. } = &mut first(p, contract).kind {
                    of.pop();
                }
            }),
        ),
        (
            "it stores what is not there",
            Box::new(move |p| {
                first(p, contract).stores[0].value = Reg::Acc(1);
            }),
        ),
        (
            "a line reads what is not there yet",
            Box::new(move |p| {
                let nest =
                    p.nests.iter_mut().find(|nest| !nest.body.lines.is_empty()).expect("a body");
                nest.body.lines[0].1[0] = Reg::Line(0);
            }),
        ),
        (
            "another number of arguments",
            Box::new(move |p| {
                let nest =
                    p.nests.iter_mut().find(|nest| !nest.body.lines.is_empty()).expect("a body");
                nest.body.lines[0].1.clear();
            }),
        ),
        ("it makes nothing", Box::new(move |p| first(p, reduce).stores.clear())),
        (
            "it reads what it writes",
            Box::new(move |p| {
                let nest = first(p, contract);
                if let Kind::Contract { a, .. } = &nest.kind {
                    let buf = a.buf;
                    nest.stores[0].to.buf = buf;
                    nest.stores[0].to.strides.iter_mut().for_each(|stride| *stride = Dim::known(0));
                }
            }),
        ),
        (
            "it writes to a source",
            Box::new(move |p| {
                let source = p.buffers.iter().position(|buffer| {
                    buffer.place == crate::nest::Place::Source(crate::ir::Source::Cotangent)
                });
                let nest = first(p, contract);
                nest.stores[0].to.buf = source.expect("the cotangent");
                nest.stores[0].to.strides.iter_mut().for_each(|stride| *stride = Dim::known(0));
            }),
        ),
        (
            "no such memory",
            Box::new(move |p| {
                if let Kind::Gather { chosen, .. } = &mut first(p, gather).kind {
                    chosen.index.buf = 999;
                }
            }),
        ),
        (
            "the integers choose no axis",
            Box::new(move |p| {
                if let Kind::Scatter { axis, .. } = &mut first(p, scatter).kind {
                    *axis = 7;
                }
            }),
        ),
        (
            "no such axis to add to",
            Box::new(move |p| {
                if let Kind::Scatter { axis, to, .. } = &mut first(p, scatter).kind {
                    to[0] = Some(*axis);
                }
            }),
        ),
        (
            "sums have no epilogue",
            Box::new(move |p| {
                let nest = first(p, scatter);
                nest.body.lines.push((crate::prim::NEG, vec![Reg::Acc(0)]));
            }),
        ),
        (
            "another name of the step",
            Box::new(move |p| {
                if let Kind::Loop { step, .. } = &mut first(p, steps).kind {
                    *step = Dim::step(4);
                }
            }),
        ),
        (
            "what changes places has two sizes",
            Box::new(move |p| {
                if let Kind::Loop { carried, .. } = &mut first(p, steps).kind {
                    carried[0].1 = carried[0].0;
                }
            }),
        ),
    ];
    let program = fused(model);
    assert_eq!(program.check(), Ok(()));
    for (expected, damage) in breaks {
        let mut program = program.clone();
        damage(&mut program);
        names(program.check(), expected, &program.show());
    }
}

#[test]
fn of_plans() {
    let right =
        plan(fused("M: [3] -> [2] { linear -> [5], tanh, softmax, linear -> [2], softmax }"));
    assert_eq!(right.check(), Ok(()));
    let broken = |damage: &dyn Fn(&mut Plan)| {
        let mut plan = right.clone();
        damage(&mut plan);
        plan
    };
    let placed = |plan: &Plan| -> Vec<usize> {
        (0..plan.areas.len()).filter(|buf| plan.areas[*buf].is_some()).collect()
    };
    fn part(plan: &mut Plan, buf: usize) -> &mut Range<i64> {
        let area = plan.areas[buf].as_mut().expect("a place");
        area.part.as_mut().expect("a part of a slot")
    }
    type Break<'a> = &'a dyn Fn(&mut Plan);
    let wrong: [(&str, Break<'_>); 7] = [
        ("no such slot", &|plan| {
            let buf = placed(plan)[0];
            plan.areas[buf] = Some(Area { slot: 99, part: None });
        }),
        ("reaches beyond its end", &|plan| {
            plan.slots.iter_mut().for_each(|slot| slot.size = Dim::known(1))
        }),
        ("smaller than what is in it", &|plan| {
            let buf = placed(plan)[0];
            part(plan, buf).end -= 1;
        }),
        ("not shared, or all of one", &|plan| {
            let buf = placed(plan)[0];
            plan.areas[buf] = Some(Area { slot: 0, part: None });
        }),
        ("not shared, or all of one", &|plan| plan.slots[0].shared = None),
        ("two values that live at once are in one place of slot 0", &|plan| {
            for buf in placed(plan) {
                let part = part(plan, buf);
                *part = 0..part.end - part.start;
            }
        }),
        ("a value has no slot", &|plan| {
            let buf = placed(plan)[0];
            plan.areas[buf] = None;
        }),
    ];
    for (expected, damage) in wrong {
        let plan = broken(damage);
        names(plan.check(), expected, &plan.text());
    }
}

/// The message says which pass it was, and shows what it made.
#[test]
#[should_panic(expected = "`simplify` broke an invariant: %0: a constant has axes\n%0: [3] = 1")]
fn the_pass_is_named() {
    let _ = read::func("%0: [3] = 1").expect("it can be read").verified("simplify");
}
