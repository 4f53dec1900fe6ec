//! Models inside models: their steps are read where they are used, as those of a block are, but in the
//! scope of their own source.
//!
//! The shapes of the arguments decide the sizes of a generic model, and `const`s in the declared shapes
//! are taken to be what they are given, which rustc is asked to confirm. A model was checked where it was
//! declared; what does not fit here is reported here.

use super::repeat::snake_of;
use super::*;
use crate::ast::{Arg, DimKind, Use};
use crate::library::ItemKind;
use crate::ops::Arity;
use crate::typed::NodeKind;
use proc_macro2::TokenStream;

/// Whose source is being read.
#[derive(Default)]
pub(super) struct Context {
    pub(super) at: ModelId,
    /// What the sizes of a generic model are here.
    pub(super) sizes: HashMap<String, Dim>,
    /// What the `const`s in the shapes of its inputs are given.
    bound: Vec<(Dim, Dim)>,
    /// A division that leaves a remainder, in words.
    pub(super) inexact: Option<String>,
}

impl Context {
    pub(super) fn of(at: ModelId) -> Context {
        Context { at, ..Context::default() }
    }

    /// "`T` = 8, `D` = 10"
    fn sizes_of(&self, model: &ast::Model) -> String {
        let known =
            |name: &Ident| Some(format!("`{name}` = {}", self.sizes.get(&name.to_string())?));
        model.sizes.iter().filter_map(known).collect::<Vec<_>>().join(", ")
    }

    /// What stands for a `const` in this source.
    pub(super) fn given(&self, name: Dim) -> Dim {
        self.bound.iter().find(|(bound, _)| *bound == name).map_or(name, |(_, given)| given.clone())
    }
}

/// A model that is used, and how.
struct Used<'a> {
    text: &'a str,
    span: Span,
    model: &'a ast::Model,
    context: Context,
    /// The path of its struct, if there is one that can be named here.
    own: Option<&'a TokenStream>,
}

impl<'a> Infer<'a> {
    /// Lets the sizes of a generic model stand for themselves.
    pub(super) fn open_sizes(&mut self, sizes: &[Ident]) {
        for name in sizes.iter().map(Ident::to_string) {
            let size = Dim::named(&name, &name);
            self.open.push(size.clone());
            self.context.sizes.insert(name, size);
        }
    }

    /// Reports models that are called as what belongs to this one.
    pub(super) fn struct_names(&mut self, model: &ast::Model) {
        let made = [
            ("State", "the state", !self.typed.state().is_empty()),
            ("Training", "the training calls", self.typed.modes().is_some()),
        ];
        for (ending, what, is_made) in made {
            let name = format!("{}{ending}", model.name);
            if let (true, Some(other)) = (is_made, self.library.of_this_call(&name)) {
                let message = format!("`{name}` is the struct of {what} of `{}`", model.name);
                self.error(other.name.span(), message, Some("give this model another name".into()));
                // A struct of its own would be in the way of that one.
                self.typed.header = false;
            }
        }
    }

    /// The model that a name means, and the sizes that are written; `None` after a mistake.
    fn used(&mut self, used: &'a Use) -> Option<Used<'a>> {
        let (library, text) = (self.library, &used.text);
        let Some(id) = library.models[self.context.at].uses.get(text).copied() else {
            return self.broken_model(used); // reported when its definition was read
        };
        if self.inside.contains(&id) {
            let name = |id: &ModelId| format!("`{}`", library.models[*id].ast.name);
            let first = self.inside.iter().position(|inside| *inside == id).unwrap_or(0);
            let way: Vec<String> = self.inside[first + 1..].iter().map(name).collect();
            let way = if way.is_empty() {
                String::new()
            } else {
                format!(" by way of {}", way.join(", "))
            };
            self.cyclic = true;
            self.error(
                used.span,
                format!("{} contains itself{way}", name(&id)),
                Some("a model is made of others; `let` applies a block several times".into()),
            );
            return None;
        }
        let entry = &library.models[id];
        if entry.broken {
            return self.broken_model(used);
        }
        // A path is good for the source it stands in.
        let own = (self.context.at == self.inside[0]).then_some(&used.path);
        let sizes = self.written_sizes(used, &entry.ast.sizes)?;
        let Some(of) = &entry.ast.instance_of else {
            let own = own.filter(|_| entry.ast.sizes.is_empty());
            let context = Context { sizes, ..Context::of(id) };
            return Some(Used { text, span: used.span, model: &entry.ast, context, own });
        };
        let Some(generic) = entry.uses.get(&of.text).copied() else {
            return self.broken_model(used);
        };
        let model = &library.models[generic].ast;
        let outer = std::mem::replace(&mut self.context, Context::of(id));
        let sizes = self.written_sizes(of, &model.sizes);
        self.context = outer;
        let context = Context { sizes: sizes?, ..Context::of(generic) };
        Some(Used { text, span: used.span, model, context, own })
    }

    /// What is made of a model with a mistake can be no more than a stub.
    fn broken_model<R>(&mut self, used: &Use) -> Option<R> {
        let path = if self.inside.len() == 1 { used.path.clone() } else { quote::quote!(()) };
        self.typed.broken.get_or_insert(path);
        None
    }

    /// `<64, _>` by the names of the sizes.
    fn written_sizes(&mut self, used: &'a Use, names: &'a [Ident]) -> Option<HashMap<String, Dim>> {
        let text = &used.text;
        let Some(written) = &used.sizes else { return Some(HashMap::new()) };
        if written.len() != names.len() {
            let listed: Vec<String> = names.iter().map(Ident::to_string).collect();
            let (message, help) = if names.is_empty() {
                (format!("`{text}` is not generic"), format!("write `{text}`"))
            } else {
                let count = names.len();
                let s = if count == 1 { "" } else { "s" };
                (
                    format!("`{text}` has {count} size{s}, found {}", written.len()),
                    format!("it is declared as `{text}<{}>`", listed.join(", ")),
                )
            };
            self.error(used.span, message, Some(help));
            return None;
        }
        let mut sizes = HashMap::new();
        for (name, dim) in names.iter().zip(written) {
            if !matches!(dim.kind, DimKind::Infer) {
                sizes.insert(name.to_string(), self.dim(dim)?);
            }
        }
        Some(sizes)
    }

    /// The model that `Name = Generic<64, 128>;` declares; `None` after a mistake.
    pub(super) fn instance(&mut self, used: &'a Use) -> Option<&'a ast::Model> {
        let found = self.used(used)?;
        if found.model.sizes.is_empty() {
            self.error(
                used.span,
                format!("`{}` is not generic", used.text),
                Some("a second name for a model is made by `pub use` and `as`".into()),
            );
            return None;
        }
        self.inside.push(found.context.at);
        self.context = found.context;
        self.all_sizes(found.model, &used.text, used.span).then_some(found.model)
    }

    /// Whether every size of a generic model is known; reports those that are not.
    fn all_sizes(&mut self, model: &ast::Model, text: &str, span: Span) -> bool {
        let open = |name: &&Ident| !self.context.sizes.contains_key(&name.to_string());
        let missing: Vec<String> =
            model.sizes.iter().filter(open).map(|name| format!("`{name}`")).collect();
        if missing.is_empty() {
            return true;
        }
        let sizes: Vec<String> = model.sizes.iter().map(Ident::to_string).collect();
        self.error(
            span,
            format!("the inputs of `{text}` do not tell {}", missing.join(" and ")),
            Some(format!("write the sizes, as in `{text}<{}>`", sizes.join(", "))),
        );
        false
    }

    /// `Attention`, `Distance(u, v)`
    pub(super) fn apply_model(
        &mut self,
        apply: &'a Apply,
        used: &'a Use,
        args: &'a [Arg],
        flow: Flow,
    ) -> Option<ValueId> {
        if self.meant_layer(apply, used, args, flow) {
            return None;
        }
        let found = self.used(used);
        if let Some(option) = args.iter().find_map(|arg| arg.name.as_ref()) {
            let message = format!("`{}` is a model and has no options", used.text);
            let help = "its inputs are given in order, without names";
            self.error(option.span(), message, Some(help.into()));
            return None;
        }
        let values: Vec<Option<Operand>> =
            args.iter().map(|arg| self.operand(&arg.value)).collect();
        let (found, values) = (found?, values.into_iter().collect::<Option<Vec<_>>>()?);
        let spans = args.iter().map(|arg| arg.value.span).collect();
        let wanted = Arity::Exactly(found.model.inputs.len());
        let (values, spans) =
            self.fill(&used.text, wanted, used.span, values, spans, Some(flow))?;
        let mut inputs = Vec::new();
        for (value, span) in values.into_iter().zip(&spans) {
            let Operand::Value(id) = value else {
                let message = format!("`{}` is applied to a number; it needs a value", used.text);
                self.error(*span, message, None);
                return None;
            };
            inputs.push(id);
        }
        let what = format!("`{}`", used.text);
        if let Some(first) = inputs.first_mut() {
            *first = self.check_domain(apply, &what, *first)?;
        }
        if inputs.iter().any(|id| self.is_broken(*id)) || self.too_many(&found.model.name) {
            return None;
        }
        let arrow = match &apply.codomain {
            Some(arrow) => self.arrow(arrow),
            None => None,
        };
        let shapes: Vec<Shape> =
            inputs.iter().map(|id| self.typed.values[*id].shape.clone()).collect();
        let (rows, given) = (self.typed.rows.len(), self.given.len());
        let own = found.own;
        let (result, fields) = self.inline(found, &inputs, &spans, arrow.as_deref());
        self.typed.rows.truncate(rows);
        let id = result?;
        let count = self.given[given..]
            .iter()
            .fold(Dim::known(0), |sum, param| sum.add(&size(&self.typed.params[*param].shape)));
        self.row(
            apply,
            &used.text,
            shapes.first().cloned(),
            self.typed.values[id].shape.clone(),
            count,
        );
        if !fields.is_empty() && self.replay.is_none() {
            let kind = own.map_or(NodeKind::Struct, |path| NodeKind::Model(path.clone()));
            self.node(apply.names.first(), &snake_of(&used.text), fields, kind);
        }
        self.check_arrow(apply, &what, inputs.first().copied(), id)
    }

    /// The parameters of a step with a struct of their own.
    pub(super) fn node(
        &mut self,
        name: Option<&Ident>,
        unnamed: &str,
        fields: Vec<Field>,
        kind: NodeKind,
    ) {
        if let Some(name) = name {
            self.check_field(name);
        }
        let name = name.map_or_else(|| self.numbered(unnamed), Ident::to_string);
        if let Some(owner) = self.owner() {
            owner.fields.push(Field::Node { name, fields, kind });
        }
    }

    /// Runs through the steps of another model; its result and its fields.
    fn inline(
        &mut self,
        found: Used<'a>,
        inputs: &[ValueId],
        spans: &[Span],
        arrow: Option<&[Option<Dim>]>,
    ) -> (Option<ValueId>, Vec<Field>) {
        let Used { text, span, model, context, .. } = found;
        let before = self.diags.len();
        self.inside.push(context.at);
        let context = std::mem::replace(&mut self.context, context);
        let scopes = std::mem::replace(&mut self.scopes, vec![Scope::default()]);
        let later = std::mem::take(&mut self.later);
        let elsewhere = self.elsewhere.take();
        // Where everything inside is reported.
        let outermost = self.used_at.is_none();
        self.used_at.get_or_insert((span, text.to_string()));
        self.depth += 1;
        let fits = self.bind_inputs(text, span, model, inputs, spans, arrow);
        let header = self.diags.len();
        let result = if fits { self.result_of(model, inputs) } else { None };
        self.depth -= 1;
        if outermost {
            self.used_at = None;
        }
        self.later = later;
        self.elsewhere = elsewhere;
        let fields = std::mem::replace(&mut self.scopes, scopes).pop().unwrap_or_default().fields;
        let context = std::mem::replace(&mut self.context, context);
        self.inside.pop();
        self.blame_sizes(header, text, span, model, &context);
        if self.diags.len() > before { (None, fields) } else { (result, fields) }
    }

    /// Reports mistakes found inside a model where it is used: it is right where it is declared, so these
    /// sizes do not fit it.
    pub(super) fn blame_sizes(
        &mut self,
        before: usize,
        text: &str,
        span: Span,
        model: &ast::Model,
        context: &Context,
    ) {
        // A model that contains itself is another matter.
        if self.cyclic || self.diags.len() == before {
            return;
        }
        let Some(inner) = self.diags.split_off(before).into_iter().next() else { return };
        let sizes = context.sizes_of(model);
        let with = if sizes.is_empty() { sizes } else { format!(" with {sizes}") };
        let (message, help) = match &context.inexact {
            Some(inexact) => (inexact.clone(), Some(format!("inside it, {}", inner.message))),
            None => (inner.message, inner.help),
        };
        self.error(span, format!("`{text}`{with} does not work: {message}"), help);
    }

    /// Gives the inputs their names, and the sizes of a generic model what follows from their shapes.
    fn bind_inputs(
        &mut self,
        text: &str,
        span: Span,
        model: &'a ast::Model,
        inputs: &[ValueId],
        spans: &[Span],
        arrow: Option<&[Option<Dim>]>,
    ) -> bool {
        let given: Vec<Taken> = inputs.iter().map(|id| self.taken(*id)).collect();
        self.bind_sizes(model, &given, arrow);
        if !model.sizes.is_empty() && !self.all_sizes(model, text, span) {
            return false;
        }
        for ((input, given), (id, at)) in
            model.inputs.iter().zip(&given).zip(inputs.iter().zip(spans))
        {
            let Some(wanted) = self.wanted(text, span, input) else { return false };
            if !self.is_wanted(text, *at, model, input, &wanted, given) {
                return false;
            }
            self.settle(*at, &format!("`{text}`"));
            if let Some(name) = &input.name {
                self.bind(name, Binding::Value(Some(*id)));
            }
        }
        true
    }

    /// The sizes of a generic model, as far as they follow from what it is given and from the arrow.
    fn bind_sizes(
        &mut self,
        model: &'a ast::Model,
        given: &[Taken],
        arrow: Option<&[Option<Dim>]>,
    ) {
        for (input, (shape, index)) in model.inputs.iter().zip(given) {
            if input.shape.dims.len() == shape.len() {
                for (dim, given) in input.shape.dims.iter().zip(shape) {
                    self.bind_dim(model, dim, given);
                }
            }
            if let (ast::InputKind::Index { bound }, Some(given)) = (&input.kind, index) {
                self.bind_dim(model, bound, given);
            }
        }
        // What only the result depends on follows from the arrow.
        if let Some(arrow) = arrow.filter(|arrow| arrow.len() == model.output.dims.len()) {
            for (dim, arrow) in model.output.dims.iter().zip(arrow) {
                if let (DimKind::Const { text, .. }, Some(arrow)) = (&dim.kind, arrow)
                    && model.sizes.iter().any(|size| size == text)
                {
                    self.context.sizes.entry(text.clone()).or_insert_with(|| arrow.clone());
                }
            }
        }
        let rank = |(input, given): (&ast::Input, &Taken)| input.shape.dims.len() == given.0.len();
        if !model.inputs.iter().zip(given).all(rank) {
            // Told later, of sizes by their names.
            for name in model.sizes.iter().map(Ident::to_string) {
                let itself = Dim::named(&name, &name);
                self.context.sizes.entry(name).or_insert(itself);
            }
        }
    }

    /// What an input takes, of the sizes that are known by now.
    fn wanted(&mut self, text: &str, span: Span, input: &'a ast::Input) -> Option<Taken> {
        let before = self.diags.len();
        let shape = self.full_shape(&input.shape);
        let index = match &input.kind {
            ast::InputKind::Real => None,
            ast::InputKind::Index { bound } => self.dim(bound),
        };
        if self.diags.len() == before {
            return Some((shape, index));
        }
        // A size of 0, or one that is too large.
        if let Some(diag) = self.diags.split_off(before).into_iter().next() {
            self.error(span, format!("`{text}` does not work: {}", diag.message), diag.help);
        }
        None
    }

    /// Whether an input is given what it takes; reports if not.
    fn is_wanted(
        &mut self,
        text: &str,
        at: Span,
        model: &ast::Model,
        input: &ast::Input,
        wanted: &Taken,
        given: &Taken,
    ) -> bool {
        let bounds = match (&wanted.1, &given.1) {
            (Some(a), Some(b)) => self.fits(std::slice::from_ref(a), std::slice::from_ref(b)),
            (a, b) => a.is_none() && b.is_none(),
        };
        if bounds && self.fits(&wanted.0, &given.0) {
            return true;
        }
        self.assumed.take();
        let sizes = self.context.sizes_of(model);
        let help = if wanted.0.len() == given.0.len() && !sizes.is_empty() {
            format!("here it has {sizes}")
        } else if wanted.1.is_some() {
            format!("give it {}", spell_taken(wanted))
        } else {
            format!("give it a value of shape {}", show(&wanted.0))
        };
        let name = input.name.as_ref().map_or(String::new(), |name| format!(" as `{name}`"));
        let (wanted, given) = (spell_taken(wanted), spell_taken(given));
        let message = format!("`{text}` takes {wanted}{name}, but is given {given}");
        self.error(at, message, Some(help));
        false
    }

    /// Lets a size of a generic model, or a `const`, be what it is given.
    fn bind_dim(&mut self, model: &ast::Model, dim: &ast::Dim, given: &Dim) {
        let size = |dim: &ast::Dim| match &dim.kind {
            DimKind::Const { text, .. } if model.sizes.iter().any(|size| size == text) => {
                Some(text.clone())
            }
            _ => None,
        };
        match &dim.kind {
            DimKind::Const { path, text } => match size(dim) {
                Some(text) => {
                    self.context.sizes.entry(text).or_insert_with(|| given.clone());
                }
                None => {
                    let name = self.const_dim(path.clone(), text);
                    if self.context.given(name.clone()) == name && name != *given {
                        self.assumed.borrow_mut().push((name.clone(), given.clone()));
                        self.context.bound.push((name, given.clone()));
                    }
                }
            },
            // `4 * D`
            DimKind::Bin('*', a, b) => {
                let factor = match (&a.kind, &b.kind) {
                    (DimKind::Lit(n), _) => size(b).map(|text| (*n, text)),
                    (_, DimKind::Lit(n)) => size(a).map(|text| (*n, text)),
                    _ => None,
                };
                if let Some((n, text)) = factor
                    && let Ok(n) = i64::try_from(n)
                    && n > 0
                    && given.rem(&Dim::known(n)).is_some_and(|rest| rest.is(0))
                    && let Some(size) = given.div(&Dim::known(n))
                {
                    self.context.sizes.entry(text).or_insert(size);
                }
            }
            _ => {}
        }
    }

    fn result_of(&mut self, model: &'a ast::Model, inputs: &[ValueId]) -> Option<ValueId> {
        let flow = match inputs {
            [one] => Flow::Value(*one),
            _ => Flow::None("the model has several inputs"),
        };
        let output = self.full_shape(&model.output);
        let result = self.steps(&model.body, flow);
        self.unused_lets();
        let Flow::Value(id) = result else { return None };
        let found = self.typed.values[id].shape.clone();
        if !self.fits(&found, &output) {
            self.assumed.take();
            let message = format!("it declares {}, but gives {}", show(&output), show(&found));
            self.error(model.output.span, message, None);
            return None;
        }
        self.settle(model.output.span, &format!("the result of `{}`", model.name));
        Some(id)
    }

    /// A Rust expression of the source being read, as it is reached from here.
    pub(super) fn item(
        &self,
        kind: ItemKind,
        text: &str,
        tokens: &TokenStream,
    ) -> (TokenStream, Option<ModelId>) {
        self.library.item(self.context.at, kind, text, tokens)
    }

    /// A size of the generic model being read, where a number is needed.
    pub(super) fn size_as_number(&mut self, text: &str) -> Option<Operand> {
        let size = self.context.sizes.get(text)?.clone();
        if let Some(n) = size.as_known() {
            return Some(Operand::Number(Num::int(n.into())));
        }
        if !self.open.is_empty() {
            let text: std::rc::Rc<str> = size.to_string().into();
            return Some(Operand::Number(Num::Named { code: text.clone(), text }));
        }
        let code: TokenStream = size.code().parse().unwrap_or_default();
        Some(self.number_named(quote::quote!((#code) as f64), &size.to_string()))
    }

    /// Whether an equality of open sizes is one for the uses of the generic model to confirm: it depends on
    /// how a division comes out. Any other is a mistake, because the sizes are independent.
    pub(super) fn is_left_open(
        &mut self,
        left: &Dim,
        right: &Dim,
        span: Span,
        context: &str,
    ) -> bool {
        let (difference, nothing) = (left.sub(right), Dim::known(0));
        if self.open.iter().all(|size| difference.replace(size, &nothing) == difference) {
            return false;
        }
        if !difference.has_quotient() {
            let is_open =
                |dim: &Dim| self.open.iter().any(|size| dim.replace(size, &nothing) != *dim);
            let help = match (is_open(left), is_open(right)) {
                (true, true) => {
                    "the sizes of a generic model are independent; use the same one for both".into()
                }
                (true, false) => format!(
                    "`{left}` differs from use to use: write `{left}` for both, or `{right}`"
                ),
                _ => format!(
                    "`{right}` differs from use to use: write `{right}` for both, or `{left}`"
                ),
            };
            let message =
                format!("{context} needs `{left}` and `{right}` to be equal, which nothing says");
            self.error(span, message, Some(help));
        }
        true
    }
}
