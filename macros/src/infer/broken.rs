//! What a step with a mistake leaves behind, so that the steps after it are checked as well.

use super::*;

impl Infer<'_> {
    /// The shape that an arrow promises; what is wrong or left out in it is unknown.
    pub(super) fn promise(&mut self, shape: &ast::Shape) -> Shape {
        let dims = shape.dims.iter().map(|dim| match dim.kind {
            ast::DimKind::Infer => self.unknown(),
            _ => self.dim(dim).unwrap_or_else(|| self.unknown()),
        });
        dims.collect()
    }

    pub(super) fn is_broken(&self, id: ValueId) -> bool {
        matches!(self.typed.values[id].def, ValueDef::Broken)
    }

    /// A dimension that nothing is known about after a mistake.
    pub(super) fn unknown(&mut self) -> Dim {
        let code = self.unknown_const();
        let dim = Dim::named("_", &code);
        self.unknown.push(dim.clone());
        dim
    }

    /// Where two shapes differ, unknown dimensions; nothing if they differ in rank.
    pub(super) fn merged(&mut self, found: &[Dim], arrow: &[Option<Dim>]) -> Option<Shape> {
        if found.len() != arrow.len() {
            return None;
        }
        let dims = found.iter().zip(arrow).map(|(dim, arrow)| match arrow {
            Some(arrow) if arrow != dim => self.unknown(),
            _ => dim.clone(),
        });
        Some(dims.collect())
    }

    /// Code that uses the parameters of a step with a mistake finds a field of its name.
    pub(super) fn field_of_broken(&mut self, apply: &Apply) {
        if let Some(name) = apply.names.first() {
            self.broken_field(name.to_string());
        } else if let Some(unnamed) = repeat::unnamed(&apply.rhs) {
            let name = self.numbered(&unnamed);
            self.broken_field(name);
        }
    }

    /// A field of a type about which rustc is silent: a node without fields.
    pub(super) fn broken_field(&mut self, name: String) {
        if let Some(owner) = self.owner()
            && !has_field(owner, &name)
        {
            let (fields, kind) = (Vec::new(), NodeKind::Struct);
            owner.fields.push(Field::Node { name, fields, kind });
        }
    }
}
