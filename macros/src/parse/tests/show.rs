//! Syntax trees as text.

use crate::ast::*;
use proc_macro2::Ident;

pub(super) fn show_model(model: &Model) -> String {
    let inputs = model.inputs.iter().map(|input| {
        let name = input.name.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
        match &input.kind {
            InputKind::Real => format!("{name}{}", show_shape(&input.shape)),
            InputKind::Index { bound } if input.shape.dims.is_empty() => {
                format!("{name}index({})", show_dim(bound))
            }
            InputKind::Index { bound } => {
                format!("{name}{} of index({})", show_shape(&input.shape), show_dim(bound))
            }
        }
    });
    let mut text = format!("{} attributes, `{}` ", model.attrs.len(), model.vis);
    text += &format!("{}({})", model.name, inputs.collect::<Vec<_>>().join(", "));
    text += &format!(" -> {}", show_shape(&model.output));
    for step in &model.body {
        text += &format!("\n{}", show_step(step));
    }
    text
}

pub(super) fn show_step(step: &Step) -> String {
    match step {
        Step::Apply(apply) => show_apply(apply),
        Step::Let { name, def } => format!("let {name} = {}", show_apply(def)),
        Step::Next { state, def } => format!("{state} <- {}", show_apply(def)),
    }
}

pub(super) fn show_apply(apply: &Apply) -> String {
    let names = apply.names.iter().map(Ident::to_string).collect::<Vec<_>>().join(", ");
    let mut text = if names.is_empty() { names } else { format!("{names} = ") };
    text += &match &apply.rhs {
        Rhs::Expr(expr) => show_expr(expr),
        Rhs::Closure { params, body } => {
            let params = params.iter().map(Ident::to_string).collect::<Vec<_>>().join(", ");
            format!("|{params}| {}", show_expr(body))
        }
        Rhs::Scan(scan) => {
            let carried = scan.carried.iter().map(|c| {
                let init =
                    c.init.as_ref().map_or(String::new(), |e| format!(" = {}", show_expr(e)));
                format!("{}: {}{init}", c.name, show_shape(&c.shape))
            });
            let items: Vec<String> =
                scan.each.iter().map(Ident::to_string).chain(carried).collect();
            let steps: Vec<String> = scan.steps.iter().map(show_step).collect();
            let back = if scan.reverse { " back" } else { "" };
            format!("scan{back}({}) {{ {} }}", items.join(", "), steps.join(", "))
        }
        Rhs::Block { steps } => {
            format!("{{ {} }}", steps.iter().map(show_step).collect::<Vec<_>>().join(", "))
        }
        Rhs::Model { used, args } => {
            let sizes = used.sizes.as_ref().map_or(String::new(), |sizes| {
                format!("<{}>", sizes.iter().map(show_dim).collect::<Vec<_>>().join(", "))
            });
            let args: Vec<String> = args.iter().map(|arg| show_expr(&arg.value)).collect();
            let args =
                if args.is_empty() { args.concat() } else { format!("({})", args.join(", ")) };
            format!("model {}{sizes}{args}", used.text)
        }
        Rhs::Repeat { item, count } => format!("[{}; {}]", show_apply(item), show_dim(count)),
        Rhs::Custom { text, .. } => format!("custom {text}"),
        Rhs::Lost => "lost".to_string(),
    };
    for (sign, shape) in [(":", &apply.domain), (" ->", &apply.codomain)] {
        text += &shape
            .as_ref()
            .map(|shape| format!("{sign} {}", show_shape(shape)))
            .unwrap_or_default();
    }
    text
}

pub(super) fn show_shape(shape: &Shape) -> String {
    format!("[{}]", shape.dims.iter().map(show_dim).collect::<Vec<_>>().join(", "))
}

pub(super) fn show_dim(dim: &Dim) -> String {
    match &dim.kind {
        DimKind::Infer => "_".to_string(),
        DimKind::Lit(size) => size.to_string(),
        DimKind::Const { text, .. } => text.clone(),
        DimKind::Bin(op, left, right) => format!("({} {op} {})", show_dim(left), show_dim(right)),
    }
}

pub(super) fn show_expr(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Number(Number { digits, exponent: 0 }) => digits.to_string(),
        ExprKind::Number(Number { digits, exponent }) => format!("{digits}e{exponent}"),
        ExprKind::Name(name) => name.to_string(),
        ExprKind::Path { text, .. } => format!("path {text}"),
        ExprKind::Member(names) => {
            names.iter().map(ToString::to_string).collect::<Vec<_>>().join(".")
        }
        ExprKind::Call { op, args } => {
            let args = args.iter().map(|arg| {
                let name = arg.name.as_ref().map(|name| format!("{name} = ")).unwrap_or_default();
                format!("{name}{}", show_expr(&arg.value))
            });
            format!("{op}({})", args.collect::<Vec<_>>().join(", "))
        }
        ExprKind::Bin(op, left, right) => {
            format!("({} {op} {})", show_expr(left), show_expr(right))
        }
        ExprKind::Neg(inside) => format!("-{}", show_expr(inside)),
        ExprKind::List(list) => {
            format!("[{}]", list.iter().map(show_expr).collect::<Vec<_>>().join(", "))
        }
        ExprKind::Range(start, end) => format!("{}..{}", show_expr(start), show_expr(end)),
        ExprKind::Method { receiver, name, given } => {
            let given = given.iter().map(|given| match &given.name {
                Some(name) => format!("{name} = {}", given.text),
                None => given.text.clone(),
            });
            format!("{receiver}.{name}({})", given.collect::<Vec<_>>().join(", "))
        }
        ExprKind::Index { text, items, .. } => format!("{text}[{}]", items.join(", ")),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Text(text) => format!("{text:?}"),
    }
}
