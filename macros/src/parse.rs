//! Tokens to syntax tree.
//!
//! Reading never fails: a step that cannot be read is reported once, at the token that does not
//! fit, and reading resumes after the next `,`; after a broken header, at the next model. Inside a
//! step errors travel as `Err(Diag)`; whoever can resume puts them into the sink.
//!
//! The parser is a position in a [`TokenBuffer`], moved by hand: an error has to say what was found
//! and how to repair it, which `syn`'s ready-made parsers cannot know.

mod expr;
mod habits;
mod models;
mod scan;
mod shape;
#[cfg(test)]
pub(crate) mod tests;
mod tokens;

use crate::ast::{
    Apply, Expr, ExprKind, File, Input, InputKind, Model, Rhs, Shape, Step, StepAttrs,
};
use crate::diag::{Diag, Diags};
pub use habits::{constructor, corrected, expression};
use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use syn::buffer::{Cursor, TokenBuffer};
use tokens::{Parser, Result, is_capital, is_keyword, is_path_root, operator_at, spell};

/// Reads the models of one `model! { … }`, whatever the tokens are.
pub fn parse(tokens: TokenStream, diags: &mut Diags) -> File {
    // The only recursion, here and in `TokenBuffer`, is into groups: bounding them once guards all.
    if let Some(span) = too_deep(tokens.clone()) {
        let message = format!("brackets are nested more than {MAX_DEPTH} levels deep");
        diags.push(Diag::new(span, message).help("name the inner parts as steps of their own"));
        return File::default();
    }
    let buffer = TokenBuffer::new2(tokens);
    Parser::new(buffer.begin(), diags).file()
}

/// Reads one model that was read before, without attributes and visibility.
pub fn one(tokens: TokenStream) -> Option<Model> {
    let (buffer, mut diags) = (TokenBuffer::new2(tokens), Diags::default());
    Parser::new(buffer.begin(), &mut diags).model().ok()
}

const MAX_DEPTH: usize = 64;
const MODEL_HELP: &str = "a model is `Name: [28, 28] -> [10] { steps }`";

/// Where brackets go deeper than `MAX_DEPTH`, found without recursion.
fn too_deep(tokens: TokenStream) -> Option<Span> {
    let mut open = vec![tokens.into_iter()];
    while let Some(innermost) = open.last_mut() {
        match innermost.next() {
            Some(TokenTree::Group(group)) if open.len() > MAX_DEPTH => {
                return Some(group.span_open());
            }
            Some(TokenTree::Group(group)) => open.push(group.stream().into_iter()),
            Some(_) => {}
            None => drop(open.pop()),
        }
    }
    None
}

/// Models.
impl Parser<'_, '_> {
    fn file(mut self) -> File {
        let mut file = File::default();
        while !self.at.eof() {
            let start = self.at;
            match self.model() {
                Ok(model) => self.add(&mut file, model),
                Err((diag, model)) => {
                    self.diags.push(diag);
                    self.skip_model(start);
                    if let Some(model) = model {
                        self.add(&mut file, *model);
                    }
                }
            }
            if self.peek(",") || self.peek(";") {
                let diag = self.expected("a model");
                self.diags.push(diag.help("models follow each other without a separator"));
                self.skip();
            }
        }
        file
    }

    fn add(&mut self, file: &mut File, model: Model) {
        if file.models.iter().any(|other| other.name == model.name) {
            let message = format!("there are two models called `{}`", model.name);
            self.diags.push(Diag::new(model.name.span(), message).help("rename one of them"));
        } else {
            file.models.push(model);
        }
    }

    /// To the end of this model's braces, or to what can only be the start of another.
    fn skip_model(&mut self, start: Cursor<'_>) {
        while !self.at.eof() {
            let starts = self.peek("#") || self.at.ident().is_some_and(|(ident, _)| ident == "pub");
            if starts && self.at != start {
                return;
            }
            let body = self.peek_group(Delimiter::Brace);
            self.skip();
            if body {
                return;
            }
        }
    }

    /// A model, or the mistake in its header with what stands in for it: at least its name.
    fn model(&mut self) -> std::result::Result<Model, (Diag, Option<Box<Model>>)> {
        let head = |p: &mut Self| {
            let (attrs, vis) = (p.attrs()?, p.vis()?);
            Ok((attrs, vis, p.model_name()?))
        };
        let (attrs, vis, name) = head(self).map_err(|diag| (diag, None))?;
        let mut model = Model {
            attrs,
            vis,
            sizes: Vec::new(),
            instance_of: None,
            inputs: Vec::new(),
            output: Shape { dims: Vec::new(), span: name.span() },
            body: Vec::new(),
            source: TokenStream::new(),
            complete: false,
            name,
        };
        self.complete = true;
        match self.rest(&mut model) {
            Ok(()) => {
                model.complete = self.complete;
                Ok(model)
            }
            Err(diag) => {
                (model.inputs, model.body) = (Vec::new(), Vec::new());
                Err((diag, Some(Box::new(model))))
            }
        }
    }

    /// What follows the name.
    fn rest(&mut self, model: &mut Model) -> Result<()> {
        let start = self.at;
        if self.peek("<") {
            model.sizes = self.size_names(&model.name)?;
        }
        if model.sizes.is_empty() && self.eat("=").is_some() {
            model.instance_of = Some(self.instance(&model.name)?);
        } else {
            (model.inputs, model.output, model.body) = self.signature(&model.name)?;
        }
        let (name, rest) = (&model.name, self.since(start));
        model.source = quote::quote!(#name #rest);
        Ok(())
    }

    /// What follows the name and the sizes.
    fn signature(&mut self, name: &Ident) -> Result<(Vec<Input>, Shape, Vec<Step>)> {
        let inputs = self.inputs(name)?;
        if !self.arrow() {
            let help = format!("`{name}` needs its output as well: `-> [10]`");
            return Err(self.expected("`->`").help(help));
        }
        let output = self.shape("->")?;
        let body = self
            .enter(Delimiter::Brace, |p, _| Ok(p.body(&format!("body of `{name}`"), name.span())));
        let Some(body) = body else {
            let diag = self.expected(&format!("the steps of `{name}` in `{{…}}`"));
            let is_where = self.at.ident().is_some_and(|(word, _)| word == "where");
            return Err(if is_where {
                diag.help("sizes have no types and bounds: leave `where` out")
            } else {
                diag
            });
        };
        Ok((inputs, output, body?))
    }

    fn vis(&mut self) -> Result<TokenStream> {
        let start = self.at;
        if let Some((ident, rest)) = self.at.ident()
            && ident == "pub"
        {
            self.at = rest;
            if let Some((inside, _, after)) = self.at.group(Delimiter::Parenthesis) {
                let scope =
                    inside.ident().is_some_and(|(ident, _)| ident == "in" || is_path_root(&ident));
                if !scope {
                    return Err(self.expected("`pub`, `pub(crate)` or `pub(in path)`"));
                }
                self.at = after;
            }
        }
        Ok(self.since(start))
    }

    fn inputs(&mut self, name: &Ident) -> Result<Vec<Input>> {
        if self.eat(":").is_some() {
            return Ok(vec![self.numbers(None, name)?]);
        }
        let listed = self.enter(Delimiter::Parenthesis, |p, span| {
            let inputs = p.list("inputs", Self::input)?;
            if inputs.is_empty() {
                let diag =
                    Diag::new(span, format!("`{name}` has no inputs, a model needs at least one"));
                return Err(diag.help(format!("`{name}(x: [64])`")));
            }
            Ok(inputs)
        });
        let needed = || {
            let help = format!("`{name}: [64] -> [10]`, or with names `{name}(x: [64]) -> [10]`");
            self.expected(&format!("the input of `{name}`")).help(help)
        };
        listed.unwrap_or_else(|| Err(needed()))
    }

    fn input(&mut self) -> Result<Input> {
        if self.peek("#") {
            let diag = self.expected("the name of an input");
            return Err(diag.help("attributes stand before steps; inputs have no parameters"));
        }
        let name = self.name("an input")?;
        if self.eat(":").is_none() {
            return Err(self
                .expected("`:`")
                .help(format!("every input has a shape: `{name}: [64]`")));
        }
        self.numbers(Some(name.clone()), &name)
    }

    /// What an input is made of: `[8, 8]`, `index(10)` or `[64] of index(10)`. `owner` is for errors.
    fn numbers(&mut self, name: Option<Ident>, owner: &Ident) -> Result<Input> {
        let word = |p: &Self, word: &str| p.at.ident().filter(|(ident, _)| ident == word);
        let span = self.span();
        let shape = match word(self, "index") {
            Some(_) => Shape { dims: Vec::new(), span },
            None => {
                let shape = self.shape(":")?;
                let Some((_, rest)) = word(self, "of") else {
                    return Ok(Input { name, kind: InputKind::Real, shape });
                };
                self.at = rest;
                shape
            }
        };
        let span = self.span();
        let Some((_, rest)) = word(self, "index") else {
            let diag = self.expected("`index(..)` after `of`");
            return Err(
                diag.help("integers are bounded: `[64] of index(10)` is 64 numbers below 10")
            );
        };
        self.at = rest;
        let Some(bound) = self.enter(Delimiter::Parenthesis, |p, _| p.only(Self::dim)) else {
            let help = format!("`{owner}: index(10)`");
            return Err(Diag::new(span, "`index` needs its bound").help(help));
        };
        Ok(Input { name, kind: InputKind::Index { bound: bound? }, shape })
    }
}

/// What stands left of the `=` of a step.
enum Names {
    Let(Ident),
    Results(Vec<Ident>),
}

/// Steps.
impl<'a> Parser<'a, '_> {
    /// The steps up to the end of the group. `what` and `name` are for the error that there are none.
    fn body(&mut self, what: &str, name: Span) -> Vec<Step> {
        if self.at.eof() {
            self.lost(Diag::new(name, format!("the {what} has no steps")));
        }
        let (mut steps, mut semicolons) = (Vec::new(), 0);
        while !self.at.eof() {
            self.pending = self.step_attrs();
            if self.peek(",") {
                let diag = self.expected("a step");
                self.lost(diag);
            } else if !(self.at.eof() || self.peek(";")) {
                self.operators = 0;
                let start = self.at;
                match self.step().and_then(|step| self.step_end(start).map(|()| step)) {
                    Ok(step) => steps.push(step),
                    Err(diag) => {
                        self.lost(diag);
                        self.skip_to(&[",", ";"]);
                        steps.push(self.lost_step(start));
                    }
                }
            }
            if self.eat(",").is_none()
                && let Some(span) = self.eat(";")
            {
                semicolons += 1;
                if semicolons == 1 {
                    let diag = Diag::new(span, "steps are separated by `,`");
                    self.diags.push(diag.help("write `,` for `;`"));
                }
            }
        }
        steps
    }

    /// Reports what makes the model incomplete.
    fn lost(&mut self, diag: Diag) {
        self.complete = false;
        self.diags.push(diag);
    }

    /// What can still be told of a step that could not be read: its names and its arrow.
    fn lost_step(&mut self, start: Cursor<'a>) -> Step {
        let (end, span) = (self.at, start.span());
        let mut quiet = Diags::default();
        let mut p = Parser::new(start, &mut quiet);
        let attrs = StepAttrs::default();
        let lost =
            |names, codomain| Apply { names, attrs, rhs: Rhs::Lost, domain: None, codomain, span };
        let names = p.names();
        let mut codomain = None;
        while p.at != end && !p.at.eof() {
            if p.eat("->").is_some() {
                codomain = p.shape("->").ok();
            } else {
                p.skip();
            }
        }
        match names {
            Ok(Names::Let(name)) => Step::Let { name, def: lost(Vec::new(), codomain) },
            Ok(Names::Results(names)) => Step::Apply(lost(names, codomain)),
            Err(_) => Step::Apply(lost(Vec::new(), codomain)),
        }
    }

    /// What may follow a step: a separator or, with the comma forgotten, the next step.
    fn step_end(&mut self, start: Cursor<'a>) -> Result<()> {
        if self.at.eof() || self.peek(",") || self.peek(";") {
            return Ok(());
        }
        if self.peek(":") {
            let diag = Diag::new(self.span(), "`: […]` stands before `-> […]`");
            return Err(diag.help("a step is `name = op: [its input] -> [its output]`"));
        }
        // Any other operator continues the step in a way the language does not have.
        if self.operator().is_some_and(|operator| operator != "#") {
            return Err(self.expected("`,`"));
        }
        let step = spell(self.since(start));
        let step = if step.chars().count() > 60 { String::new() } else { format!(" `{step}`") };
        let diag = self.expected("`,` between steps");
        self.diags.push(diag.help(format!("the step{step} ends before it")));
        Ok(())
    }

    fn step(&mut self) -> Result<Step> {
        self.reject_states()?;
        if let Some(state) = self.next_state() {
            return Ok(Step::Next { state, def: self.apply(Vec::new())? });
        }
        match self.names()? {
            Names::Let(name) => Ok(Step::Let { name, def: self.apply(Vec::new())? }),
            Names::Results(names) => Ok(Step::Apply(self.apply(names)?)),
        }
    }

    /// `let f =`, `y =`, `(a, b) =` or nothing.
    fn names(&mut self) -> Result<Names> {
        if let Some((_, rest)) = self.at.ident().filter(|(ident, _)| ident == "let") {
            self.at = rest;
            if self.peek_group(Delimiter::Parenthesis) {
                let diag = Diag::new(self.span(), "`let` gives one name to one op");
                return Err(diag.help("results are named without `let`: `(a, b) = …`"));
            }
            if self.at.ident().is_some_and(|(ident, _)| ident == "mut") {
                let diag = Diag::new(self.span(), "values do not change, so a `let` has no `mut`");
                return Err(diag.help("leave `mut` out; a state that changes is that of a `scan`"));
            }
            let name = self.name("a `let`")?;
            if self.peek(":") {
                let diag = Diag::new(self.span(), format!("the `let` of `{name}` has no type"));
                return Err(
                    diag.help(format!("a value gets its name without `let`: `{name} = ..`"))
                );
            }
            if self.eat("=").is_none() {
                return Err(self.expected("`=`").help(format!("`let {name} = linear -> [10]`")));
            }
            return Ok(Names::Let(name));
        }
        let mut names = Vec::new();
        let assigned = |at| operator_at(at).is_some_and(|(operator, _)| operator == "=");
        if self.at.ident().is_some_and(|(_, rest)| assigned(rest)) {
            names.push(self.name("a step")?);
            self.eat("=");
        } else if self.at.group(Delimiter::Parenthesis).is_some_and(|(_, _, after)| assigned(after))
        {
            let listed = self.enter(Delimiter::Parenthesis, |p, span| {
                let result = |p: &mut Self| {
                    let nested = p.peek_group(Delimiter::Parenthesis);
                    let help = "`split` is the only op with several results; `lstm` and `gru` give the states of all steps";
                    p.name("a result").map_err(|diag| if nested { diag.help(help) } else { diag })
                };
                let names = p.list("names", result)?;
                let empty = Diag::new(span, "expected names between the parentheses");
                if names.is_empty() { Err(empty) } else { Ok(names) }
            });
            names = listed.unwrap_or_else(|| Ok(Vec::new()))?;
            self.eat("=");
        }
        Ok(Names::Results(names))
    }

    /// `rhs [: σ] [-> τ]`
    fn apply(&mut self, names: Vec<Ident>) -> Result<Apply> {
        let (span, attrs) = (self.span(), std::mem::take(&mut self.pending));
        let rhs = self.rhs()?;
        let mut domain = None;
        if let Some(colon) = self.eat(":") {
            if self.peek("=") {
                let diag = Diag::new(colon, "`:=` names nothing");
                return Err(diag.help("a step is named by `=`, the next state of a `scan` by `<-`"));
            }
            if let Rhs::Expr(Expr { kind: ExprKind::Name(name), .. }) = &rhs
                && let Some((op, _)) = self.at.ident().filter(|(ident, _)| !is_capital(ident))
            {
                return Err(
                    Diag::new(colon, "a step is named with `=`").help(format!("`{name} = {op}`"))
                );
            }
            domain = Some(self.shape(":")?);
        }
        let codomain = if self.arrow() {
            Some(self.shape("->")?)
        } else if let Some((dims, span, _)) = self.at.group(Delimiter::Bracket) {
            let shape = spell(dims.token_stream());
            let message = format!("expected `->` before the shape `[{shape}]`");
            self.diags.push(Diag::new(span.join(), message).help(format!("`-> [{shape}]`")));
            Some(self.shape("->")?)
        } else {
            None
        };
        Ok(Apply { names, attrs, rhs, domain, codomain, span })
    }

    fn rhs(&mut self) -> Result<Rhs> {
        if self.peek_scan() {
            return self.scan();
        }
        if self.peek("||") {
            return Err(Diag::new(self.span(), "a closure needs at least one parameter")
                .help("`|v| v * v`"));
        }
        if self.peek("|") {
            return self.closure();
        }
        let block =
            self.enter(Delimiter::Brace, |p, span| Ok(Rhs::Block { steps: p.body("block", span) }));
        if let Some(block) = block {
            return block;
        }
        if let Some(repeat) = self.repeat() {
            return repeat;
        }
        if let Some(model) = self.used_model() {
            return model;
        }
        match self.custom() {
            Some(custom) => Ok(custom),
            None => Ok(Rhs::Expr(self.expr()?)),
        }
    }

    fn closure(&mut self) -> Result<Rhs> {
        self.eat("|");
        let start = self.at;
        let params = self.closure_params();
        if params.is_err() {
            // The commas between parameters are no place to resume.
            self.at = start;
            self.skip_to(&["|"]);
        }
        let params = params?;
        if self.peek_group(Delimiter::Brace) {
            return Err(self
                .expected("an expression")
                .help("the body of a closure has no braces: `|v| v * v`"));
        }
        Ok(Rhs::Closure { params, body: self.expr()? })
    }

    fn closure_params(&mut self) -> Result<Vec<Ident>> {
        let mut params = Vec::new();
        loop {
            if self.eat("|").is_some() {
                return Ok(params);
            }
            let param = self.name("a parameter")?;
            if self.peek(":") {
                let diag =
                    Diag::new(self.span(), format!("the parameter `{param}` cannot have a type"));
                return Err(diag.help(format!("values are all of one type: `|{param}| …`")));
            }
            params.push(param);
            if self.eat(",").is_none() && !self.peek("|") {
                return Err(self.expected("`,` or `|`"));
            }
        }
    }

    /// `MyOp {}`, `MyOp::<3>(0.5)`, `MyOp { rate: 0.5 }`, `MyOp::new(3).frozen()`. Does not move
    /// if this is an expression after all: `x`, `SCALE * x`, `f64::EPSILON + x`.
    fn custom(&mut self) -> Option<Rhs> {
        let start = self.at;
        let custom = self.custom_end();
        let value = self.since(start);
        if !custom {
            self.at = start;
            return None;
        }
        let text = spell(value.clone());
        Some(Rhs::Custom { value, text })
    }

    fn custom_end(&mut self) -> bool {
        let mut is_path = self.eat("::").is_some();
        loop {
            let usable = |ident: &Ident| !is_keyword(ident) || is_path_root(ident);
            let Some((ident, rest)) = self.at.ident().filter(|(ident, _)| usable(ident)) else {
                return false;
            };
            self.at = rest;
            let colons = self.eat("::").is_some();
            is_path |= colons || is_capital(&ident);
            let generics = self.after_generics().filter(|_| is_path);
            self.at = generics.unwrap_or(self.at);
            let more = if generics.is_some() { self.eat("::").is_some() } else { colons };
            if !more {
                break;
            }
        }
        if is_path && (self.peek_group(Delimiter::Parenthesis) || self.peek_group(Delimiter::Brace))
        {
            self.skip();
            // `Dense(4)(x)`
            while self.peek_group(Delimiter::Parenthesis) {
                self.skip();
            }
            while let Some((".", rest)) = operator_at(self.at)
                && let Some((_, method)) = rest.ident()
                && let Some((_, _, after)) = method.group(Delimiter::Parenthesis)
            {
                self.at = after;
            }
        }
        // Arithmetic makes it a constant; other operators are errors, which `expr` words best.
        let goes_on =
            self.operator().is_some_and(|next| !["->", "=>", ":", ",", ";", "="].contains(&next));
        is_path && !goes_on && self.at.ident().is_none_or(|(ident, _)| ident != "as")
    }
}

/// Shapes.
impl Parser<'_, '_> {
    /// Steps over `->`, and over `=>` with a report.
    fn arrow(&mut self) -> bool {
        if let Some(span) = self.eat("=>") {
            self.diags.push(Diag::new(span, "expected `->`, found `=>`"));
            return true;
        }
        self.eat("->").is_some()
    }
}
