//! Ops of the user's own: closures, and Rust expressions, whose shapes rustc compares.

use super::*;
use crate::library::ItemKind;
use crate::typed::Custom;

impl Infer<'_> {
    pub(super) fn custom(
        &mut self,
        apply: &Apply,
        value: &proc_macro2::TokenStream,
        text: &str,
        flow: Flow,
    ) -> Option<ValueId> {
        if let Some((name, help)) = self.constructed(apply, value, flow) {
            let message = format!("there is no layer or op called `{name}`");
            // What may well be the name of a struct of the user's.
            let own = match apply.codomain.is_none() && !crate::elsewhere::is_layer(&name) {
                true => "; an op of yours by that name needs the whole shape in its arrow",
                false => "",
            };
            self.error(apply.span, message, Some(format!("{help}{own}")));
            return None;
        }
        if apply.codomain.is_none()
            && let Some(model) = self.model_called(value)
        {
            let message =
                format!("`{model}` is a model, which is neither made nor given options here");
            let help = format!(
                "write its name, `{model}`, with its sizes if it has any, `{model}<8, 32>`, and with values `{model}(x)`"
            );
            self.error(apply.span, message, Some(help));
            return None;
        }
        let what = format!("`{text}`");
        let x = self.flowing(flow, apply.span, &what)?;
        let x = self.check_domain(apply, &what, x)?;
        if let Some(integers) = self.integers(x) {
            let message = format!("{what} takes real numbers, but is given {integers}");
            self.error(apply.span, message, Some(INTEGERS_HELP.into()));
            return None;
        }
        let codomain: Option<Shape> = match &apply.codomain {
            Some(arrow) => self.arrow(arrow)?.into_iter().collect(),
            None => None,
        };
        let Some(codomain) = codomain else {
            self.error(
                apply.span,
                format!(
                    "`{text}` is an op of yours, so its step needs the full shape of its result"
                ),
                Some(format!("write `{text} -> [..]`; rustc compares it with the op's `Cod`")),
            );
            return None;
        };
        let domain = self.typed.values[x].shape.clone();
        if self.has_sizes(text, [&domain, &codomain], apply.span) {
            return None;
        }
        let op = self.typed.customs.len();
        self.row(apply, text, Some(domain.clone()), codomain.clone(), Dim::known(0));
        let (value, scope) = self.item(ItemKind::Op, text, value);
        self.typed.customs.push(Custom {
            value,
            text: text.to_string(),
            span: apply.span,
            domain,
            codomain: codomain.clone(),
            scope,
        });
        Some(self.push(codomain, ValueDef::Custom { op, x }))
    }

    /// Refuses an op of the user's on shapes that depend on the sizes of a generic model: it has its shapes
    /// in its type.
    /// The model of this call that an expression begins with: `Block::new(8)`.
    fn model_called(&self, value: &proc_macro2::TokenStream) -> Option<String> {
        match value.clone().into_iter().next()? {
            proc_macro2::TokenTree::Ident(name) => {
                let name = name.to_string();
                self.library.of_this_call(&name).map(|_| name)
            }
            _ => None,
        }
    }

    fn has_sizes(&mut self, text: &str, shapes: [&[Dim]; 2], span: Span) -> bool {
        let nothing = Dim::known(0);
        let open = |dim: &Dim| self.open.iter().any(|size| dim.replace(size, &nothing) != *dim);
        let Some(shape) = shapes.into_iter().find(|shape| shape.iter().any(open)) else {
            return false;
        };
        self.error(
            span,
            format!("`{text}` has its shapes in its type, but {} depends on sizes", show(shape)),
            Some("use an op of yours in models of given sizes".into()),
        );
        true
    }
}

impl<'a> Infer<'a> {
    pub(super) fn closure(
        &mut self,
        params: &'a [Ident],
        body: &'a ast::Expr,
        args: Vec<Operand>,
    ) -> Option<ValueId> {
        let mut scope = Scope::default();
        for (param, arg) in params.iter().zip(args) {
            if let Operand::Value(id) = arg {
                scope.names.insert(param.to_string(), Binding::Value(Some(id)));
            }
        }
        self.scopes.push(scope);
        let result = match self.operand(body) {
            Some(Operand::Value(id)) => Some(id),
            Some(Operand::Number(_)) => {
                let help = format!(
                    "use its parameter, as in `2.0 * {}`",
                    params.first().map_or("v".into(), Ident::to_string)
                );
                self.error(body.span, "the closure gives a number alone", Some(help));
                None
            }
            None => None,
        };
        self.scopes.pop();
        result
    }
}
