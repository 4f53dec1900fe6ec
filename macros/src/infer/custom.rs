//! Ops of the user's own.

use super::*;

impl Infer<'_> {
    pub(super) fn custom(
        &mut self,
        apply: &Apply,
        value: &proc_macro2::TokenStream,
        text: &str,
        flow: Flow,
    ) -> Option<ValueId> {
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
            if apply.codomain.is_none() && text.chars().all(|c| !c.is_lowercase()) {
                self.error(
                    apply.span,
                    "a number alone is not a step",
                    Some(format!("combine it with a value, as in `{text} * x`")),
                );
                return None;
            }
            let name: String =
                text.chars().take_while(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
            self.error(
                apply.span,
                format!(
                    "`{text}` is an op of yours, so its step needs the full shape of its result"
                ),
                Some(match ops::find(&name) {
                    Some(_) => {
                        format!("did you mean `{name}`? a capital letter begins an op of your own")
                    }
                    None => {
                        format!("write `{text} -> [..]`; rustc compares it with the op's `Cod`")
                    }
                }),
            );
            return None;
        };
        let domain = self.typed.values[x].shape.clone();
        let op = self.typed.customs.len();
        self.row(apply, text, Some(domain.clone()), codomain.clone(), Dim::known(0));
        self.typed.customs.push(Custom {
            value: value.clone(),
            text: text.to_string(),
            span: apply.span,
            domain,
            codomain: codomain.clone(),
        });
        Some(self.push(codomain, ValueDef::Custom { op, x }))
    }
}
