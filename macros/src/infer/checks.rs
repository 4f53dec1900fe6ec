//! Parameters and their names, and the checks of domains, arrows and sizes.

use super::*;

impl Infer<'_> {
    pub(super) fn row(
        &mut self,
        apply: &Apply,
        op: &str,
        from: Option<Shape>,
        to: Shape,
        params: Dim,
    ) {
        let name = apply.names.first().map_or(String::new(), Ident::to_string);
        if self.replay.is_none() {
            self.typed.rows.push(Row { name, op: op.to_string(), from, to, params });
        }
    }

    /// The parameters of an op: new ones under the step's name, or those of the first application.
    pub(super) fn params(
        &mut self,
        op: &'static str,
        name: Option<&Ident>,
        defs: Vec<ops::ParamDef>,
    ) -> Vec<usize> {
        if let Some(replay) = &mut self.replay {
            let ids: Vec<usize> = replay.by_ref().take(defs.len()).collect();
            self.given.extend(&ids);
            let made = ids.iter().map(|id| self.typed.params[*id].shape.clone());
            let shapes: Vec<Shape> = made.collect();
            self.misfit |= ids.len() < defs.len()
                || defs.iter().zip(&shapes).any(|(def, made)| !self.fits(&def.shape, made));
            if let (Some(name), Some(scope)) = (name, self.scopes.last_mut()) {
                let leaf = |(def, param): (&ops::ParamDef, &usize)| Field::Leaf {
                    name: def.name.to_string(),
                    param: *param,
                };
                let fields = defs.iter().zip(&ids).map(leaf).collect();
                let (name, kind) = (name.to_string(), NodeKind::Struct);
                scope.again.push(Field::Node { name, fields, kind });
            }
            return ids;
        }
        if let Some(name) = name {
            self.check_field(name);
        }
        let name = name.map_or_else(|| self.numbered(op), Ident::to_string);
        let mut fields = Vec::new();
        let mut ids = Vec::new();
        for def in defs {
            let param = self.typed.params.len();
            fields.push(Field::Leaf { name: def.name.to_string(), param });
            ids.push(param);
            let (path, frozen) = (String::new(), self.frozen);
            let ops::ParamDef { shape, init, torch, .. } = def;
            self.typed.params.push(Param { path, shape, init, frozen, op, torch });
        }
        let kind = NodeKind::Struct;
        if let Some(owner) = self.owner() {
            owner.fields.push(Field::Node { name, fields, kind });
        }
        self.given.extend(&ids);
        ids
    }

    /// Numbers the parameters in the order of the fields and gives them their paths.
    pub(super) fn order_params(&mut self) {
        fn path(fields: &[Field], prefix: &str, params: &mut [Param]) {
            for field in fields {
                match field {
                    Field::Leaf { name, param } => params[*param].path = format!("{prefix}{name}"),
                    Field::Node { name, fields, .. } => {
                        path(fields, &format!("{prefix}{name}."), params)
                    }
                }
            }
        }
        fn renumber(fields: &mut [Field], place: &[usize]) {
            for field in fields {
                match field {
                    Field::Leaf { param, .. } => *param = place[*param],
                    Field::Node { fields, .. } => renumber(fields, place),
                }
            }
        }
        let typed = &mut self.typed;
        path(&typed.fields, "", &mut typed.params);
        let is_state = |param: &Param| matches!(param.init, ops::Init::State(_));
        typed.trained = typed.params.iter().filter(|param| !is_state(param)).count();
        let mut order = leaves(&typed.fields);
        if order.len() != typed.params.len() {
            return; // only after a mistake
        }
        order.sort_by_key(|param| is_state(&typed.params[*param]));
        let mut place = vec![0; order.len()];
        order.iter().enumerate().for_each(|(new, old)| place[*old] = new);
        renumber(&mut typed.fields, &place);
        let mut params: Vec<Option<Param>> =
            std::mem::take(&mut typed.params).into_iter().map(Some).collect();
        typed.params = order.iter().filter_map(|old| params[*old].take()).collect();
        for value in &mut typed.values {
            match &mut value.def {
                ValueDef::Apply { params, .. } => {
                    params.iter_mut().for_each(|param| *param = place[*param]);
                }
                ValueDef::Param(param) => *param = place[*param],
                _ => {}
            }
        }
    }

    /// What can be asked about dimensions.
    fn of_no_op(&self) -> ops::Call<'_> {
        ops::Call {
            op: "",
            args: &[],
            bounds: &[],
            options: ops::Options::NONE,
            arrow: None,
            assumed: &self.assumed,
            bounded: &self.bounded,
        }
    }

    /// Whether two shapes may be equal; what only rustc can decide is assumed.
    pub(super) fn fits(&self, a: &[Dim], b: &[Dim]) -> bool {
        let call = self.of_no_op();
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| call.fits(a, b))
    }

    /// Turns what was assumed so far into assertions that name `context`.
    pub(super) fn settle(&mut self, span: Span, context: &str) {
        let depends = |(left, right): (&Dim, &Dim), on: &[Dim]| {
            let (difference, nothing) = (left.sub(right), Dim::known(0));
            on.iter().any(|open| difference.replace(open, &nothing) != difference)
        };
        let place = match &self.used_at {
            Some((at, model)) => (*at, format!("{context} inside `{model}`")),
            None => (span, context.to_string()),
        };
        for (left, right) in self.bounded.take() {
            // For a generic model it is asked again of each instance.
            let pair = (&left, &right);
            if !depends(pair, &self.unknown) && !depends(pair, &self.open) {
                let (span, context) = place.clone();
                self.typed.asserts.push(Assert { at_least: true, left, right, span, context });
            }
        }
        for (left, right) in self.assumed.take() {
            if depends((&left, &right), &self.unknown) {
                continue;
            }
            let pair = (left.clone().min(right.clone()), left.clone().max(right.clone()));
            if self.settled.contains(&pair) {
                continue;
            }
            self.settled.push(pair);
            if !self.open.is_empty() && self.is_left_open(&left, &right, span, context) {
                continue;
            }
            let (span, context) = place.clone();
            self.typed.asserts.push(Assert { at_least: false, left, right, span, context });
        }
    }

    /// Where two dimensions are asserted to be equal, the compiler works with one of them.
    pub(super) fn substitute(&mut self) {
        let mut done: Vec<(Dim, Dim)> = Vec::new();
        let asserts = &self.typed.asserts;
        let mut open: Vec<usize> = (0..asserts.len()).filter(|i| !asserts[*i].at_least).collect();
        // First for names; what is left may still be solved for a division, which then stands for what it must
        // equal.
        for solve in [Dim::solve, Dim::solve_quotient] {
            // One equation may be solved only when another has been: `A * B = 6` with `A = 2`.
            while !open.is_empty() {
                let before = open.len();
                open.retain(|i| {
                    let Assert { left, right, .. } = &self.typed.asserts[*i];
                    let (left, right) = (replaced(left, &done), replaced(right, &done));
                    match left.agree(&right) {
                        Agree::Yes => return false,
                        Agree::No => return true,
                        // That a division leaves no rest says nothing about shapes: rustc checks it.
                        Agree::Unknown if left.is(0) || right.is(0) => return false,
                        Agree::Unknown => {}
                    }
                    // Only an assertion: the shapes are the same with and without it.
                    if left.is_divisibility(&right) || right.is_divisibility(&left) {
                        return false;
                    }
                    let Some((name, by)) = solve(&left, &right) else { return true };
                    done.iter_mut().for_each(|(_, other)| *other = other.replace(&name, &by));
                    done.push((name, by));
                    false
                });
                if open.len() == before {
                    break;
                }
            }
        }
        for i in &open {
            self.undecided(*i, &done);
        }
        for i in open.into_iter().rev() {
            self.typed.asserts.remove(i);
        }
        let all = |shape: &mut Shape| shape.iter_mut().for_each(|dim| *dim = replaced(dim, &done));
        let typed = &mut self.typed;
        let one = |dim: &mut Dim| *dim = replaced(dim, &done);
        for input in &mut typed.inputs {
            all(&mut input.shape);
            input.index.iter_mut().for_each(one);
        }
        typed.params.iter_mut().for_each(|param| all(&mut param.shape));
        typed.customs.iter_mut().for_each(|custom| {
            all(&mut custom.domain);
            all(&mut custom.codomain);
        });
        all(&mut typed.output);
        for value in &mut typed.values {
            all(&mut value.shape);
            value.index.iter_mut().for_each(one);
            if let ValueDef::Apply { options, .. } = &mut value.def {
                for option in options {
                    match option {
                        ops::Opt::Range(start, end) => [start, end].into_iter().for_each(one),
                        ops::Opt::Size(dim) => one(dim),
                        ops::Opt::Sizes(dims) => dims.iter_mut().for_each(one),
                        ops::Opt::Number(_)
                        | ops::Opt::Axes(_)
                        | ops::Opt::Bool(_)
                        | ops::Opt::Same
                        | ops::Opt::Absent
                        | ops::Opt::Text(_) => {}
                    }
                }
            }
        }
    }

    /// Refuses an equation that cannot be solved, or that the others contradict.
    fn undecided(&mut self, assert: usize, done: &[(Dim, Dim)]) {
        let Assert { left, right, span, context, .. } = &self.typed.asserts[assert];
        let contradicted = replaced(left, done).agree(&replaced(right, done)) == Agree::No;
        let mut message = format!("{context} needs `{left}` and `{right}` to be equal, ");
        if contradicted {
            let others: Vec<String> = done
                .iter()
                .filter(|(name, _)| left.mentions(name) || right.mentions(name))
                .map(|(name, by)| format!("`{name}` to be `{by}`"))
                .collect();
            message += &format!("but other steps need {}", others.join(" and "));
        } else {
            message += "which cannot be decided here";
        }
        let help = if contradicted {
            "write all of them with the same `const`s"
        } else {
            "write both with the same `const`s"
        };
        self.error(*span, message, Some(help.into()));
    }

    /// Checks `: σ` of a step against the value it takes, and turns that over.
    pub(super) fn check_domain(
        &mut self,
        apply: &Apply,
        what: &str,
        x: ValueId,
    ) -> Option<ValueId> {
        let Some(domain) = &apply.domain else { return Some(x) };
        let dims = self.arrow(domain)?;
        let found = self.typed.values[x].shape.clone();
        if !self.fits_arrow(&found, &dims) {
            if self.is_broken(x) {
                self.assumed.take();
                let shape = self.promise(domain);
                return Some(self.push(shape, ValueDef::Broken));
            }
            let what = match apply.names.first() {
                Some(name) if what.starts_with('`') => {
                    format!("`{name} = {}`", what.trim_matches('`'))
                }
                Some(name) => format!("`{name}`"),
                None => what.to_string(),
            };
            self.assumed.take();
            self.error(
                domain.span,
                format!(
                    "{what} is declared on {}, but its input is {}",
                    show_arrow(&dims),
                    show(&found)
                ),
                Some(format!("write `: {}`, or change what comes before", show(&found))),
            );
            let shape = self.merged(&found, &dims)?;
            return Some(self.push(shape, ValueDef::Broken));
        }
        self.settle(domain.span, &format!("the domain of {what}"));
        Some(x)
    }

    /// Refuses `: σ` where there is nothing it could mean.
    pub(super) fn no_domain(&mut self, apply: &Apply) {
        if let Some(domain) = &apply.domain {
            self.error(
                domain.span,
                "this step has no single input that could be declared",
                Some("leave `: […]` out; `-> […]` declares what it gives".into()),
            );
        }
    }

    /// Checks `-> τ` of a step against the value it gives, and turns that over.
    pub(super) fn check_arrow(
        &mut self,
        apply: &Apply,
        what: &str,
        from: Option<ValueId>,
        id: ValueId,
    ) -> Option<ValueId> {
        let Some(arrow) = &apply.codomain else { return Some(id) };
        let dims = self.arrow(arrow)?;
        let found = self.typed.values[id].shape.clone();
        if !self.fits_arrow(&found, &dims) {
            let verb = match from {
                Some(x) => {
                    format!("maps {} to {}", show(&self.typed.values[x].shape), show(&found))
                }
                None => format!("gives {}", show(&found)),
            };
            let shape = self.contradiction(arrow, &format!("{what} {verb}"), &found, &dims, true);
            return shape.map(|shape| self.push(shape, ValueDef::Broken));
        }
        self.settle(arrow.span, &format!("the arrow of {what}"));
        Some(id)
    }

    /// Reports an arrow that says something else than the op; what both agree on is the value's shape.
    pub(super) fn contradiction(
        &mut self,
        arrow: &ast::Shape,
        gives: &str,
        found: &[Dim],
        dims: &[Option<Dim>],
        optional: bool,
    ) -> Option<Shape> {
        self.assumed.take();
        let rest = if optional { ", or leave the arrow out" } else { "" };
        self.error(
            arrow.span,
            format!("{gives}, but its arrow says {}", show_arrow(dims)),
            Some(format!("write `-> {}`{rest}", show(found))),
        );
        self.merged(found, dims)
    }

    pub(super) fn fits_arrow(&self, found: &[Dim], arrow: &[Option<Dim>]) -> bool {
        let call = self.of_no_op();
        found.len() == arrow.len()
            && found
                .iter()
                .zip(arrow)
                .all(|(dim, arrow)| arrow.as_ref().is_none_or(|arrow| call.fits(dim, arrow)))
    }

    /// A value from an operand; a lone number is none.
    pub(super) fn value(&mut self, operand: Operand, span: Span, apply: &Apply) -> Option<ValueId> {
        match operand {
            Operand::Value(id) => Some(id),
            Operand::Number(num) => {
                let help = match apply.names.first() {
                    Some(name) => {
                        let name = name.to_string().to_uppercase();
                        format!(
                            "write it where it is used, or declare a constant above the model: `const {name}: f64 = {num};`"
                        )
                    }
                    None => "combine it with a value, as in `2.0 * x`".into(),
                };
                self.error(span, "a number alone is not a step", Some(help));
                None
            }
        }
    }

    /// Refuses arrays that no machine holds.
    pub(super) fn check_size(&mut self, what: &str, shape: &[Dim], span: Span) -> Option<()> {
        let elements = size(shape);
        if elements.as_known().is_some_and(|n| n > MOST_ELEMENTS) {
            let message = format!(
                "{what} of shape {} has {elements} elements, which is too many",
                show(shape)
            );
            self.error(
                span,
                message,
                Some(format!("an array has at most {MOST_ELEMENTS} elements")),
            );
            return None;
        }
        Some(())
    }
}

/// With what the names stand for in their place.
fn replaced(dim: &Dim, done: &[(Dim, Dim)]) -> Dim {
    done.iter().fold(dim.clone(), |dim, (name, by)| dim.replace(name, by))
}
