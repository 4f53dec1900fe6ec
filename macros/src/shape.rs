//! Dimensions and shapes: polynomials with integer coefficients over named atoms.
//!
//! A literal is a constant polynomial. An atom is a `const` in scope (`D`), an integer quotient that
//! does not divide out (`D / 3`), the one the compiler adds, which is the batch, known only at run time,
//! or a size of a generic model that is checked by itself.

mod show;

pub use show::{BATCH, show, show_arrow, spell_integers};

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Dim(Repr);

/// Monomials (sorted atoms) with their coefficients, none of them 0.
type Terms = BTreeMap<Vec<Atom>, i64>;

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
enum Repr {
    /// `each · batch + rest`: nearly every dimension; kept apart because it is cheap.
    Linear { each: i64, rest: i64 },
    /// Anything else.
    Poly(Rc<Terms>),
}

#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
enum Atom {
    Batch,
    /// How the user spells it, and what the generated code calls it.
    Const {
        text: Rc<str>,
        code: Rc<str>,
    },
    /// Integer division and remainder (`/`, `%`).
    Quotient(char, Box<(Dim, Dim)>),
}

pub type Shape = Vec<Dim>;

/// Whether two dimensions agree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Agree {
    Yes,
    No,
    /// Two different `const`s: rustc knows, this macro does not.
    Unknown,
}

impl Dim {
    pub fn known(n: i64) -> Dim {
        Dim::linear(0, n)
    }

    pub fn batch() -> Dim {
        Dim::linear(1, 0)
    }

    fn linear(each: i64, rest: i64) -> Dim {
        Dim(Repr::Linear { each, rest })
    }

    pub fn named(text: &str, code: &str) -> Dim {
        Dim::atom(Atom::Const { text: text.into(), code: code.into() })
    }

    /// The step of a loop inside so many others.
    pub fn step(depth: usize) -> Dim {
        let name = format!("t{depth}");
        Dim::named(&name, &name)
    }

    fn atom(atom: Atom) -> Dim {
        Dim::from_terms(BTreeMap::from([(vec![atom], 1)]))
    }

    pub fn as_known(&self) -> Option<i64> {
        match self.0 {
            Repr::Linear { each: 0, rest } => Some(rest),
            _ => None,
        }
    }

    /// What is added in it, and what is subtracted.
    pub fn plus_and_minus(&self) -> (Dim, Dim) {
        let terms = self.terms();
        let some = |sign: i64| {
            let of_sign = terms.iter().filter(|(_, c)| **c * sign > 0);
            Dim::from_terms(of_sign.map(|(atoms, c)| (atoms.clone(), c * sign)).collect())
        };
        (some(1), some(-1))
    }

    /// What something is divided by in it, adding to those that are known already.
    pub fn divisors(&self, found: &mut BTreeSet<Dim>) {
        for atom in self.terms().keys().flatten() {
            if let Atom::Quotient(_, parts) = atom {
                parts.0.divisors(found);
                parts.1.divisors(found);
                found.insert(parts.1.clone());
            }
        }
    }

    /// Whether something is subtracted.
    pub fn has_minus(&self) -> bool {
        self.terms().values().any(|c| *c < 0)
    }

    pub fn is(&self, n: i64) -> bool {
        self.as_known() == Some(n)
    }

    /// Whether the batch occurs in it.
    pub fn has_batch(&self) -> bool {
        match &self.0 {
            Repr::Linear { each, .. } => *each != 0,
            Repr::Poly(terms) => terms.keys().flatten().any(|atom| *atom == Atom::Batch),
        }
    }

    /// Whether a division that does not divide out occurs in it.
    pub fn has_quotient(&self) -> bool {
        match &self.0 {
            Repr::Linear { .. } => false,
            Repr::Poly(terms) => {
                terms.keys().flatten().any(|atom| matches!(atom, Atom::Quotient(..)))
            }
        }
    }

    fn terms(&self) -> Terms {
        match &self.0 {
            Repr::Linear { each, rest } => {
                let terms = [(Vec::new(), *rest), (vec![Atom::Batch], *each)];
                terms.into_iter().filter(|(_, c)| *c != 0).collect()
            }
            Repr::Poly(terms) => (**terms).clone(),
        }
    }

    fn from_terms(mut terms: Terms) -> Dim {
        terms.retain(|_, c| *c != 0);
        let (mut each, mut rest) = (0, 0);
        for (monomial, c) in &terms {
            match monomial.as_slice() {
                [] => rest = *c,
                [Atom::Batch] => each = *c,
                _ => return Dim(Repr::Poly(Rc::new(terms))),
            }
        }
        Dim::linear(each, rest)
    }

    /// Overflow saturates: `infer` refuses such sizes before anything is generated.
    pub fn add(&self, other: &Dim) -> Dim {
        if let (Repr::Linear { each: a, rest: b }, Repr::Linear { each: c, rest: d }) =
            (&self.0, &other.0)
        {
            return Dim::linear(a.saturating_add(*c), b.saturating_add(*d));
        }
        let mut terms = self.terms();
        for (monomial, c) in other.terms() {
            let sum = terms.entry(monomial).or_insert(0);
            *sum = sum.saturating_add(c);
        }
        Dim::from_terms(terms)
    }

    pub fn sub(&self, other: &Dim) -> Dim {
        self.add(&other.mul(&Dim::known(-1)))
    }

    pub fn mul(&self, other: &Dim) -> Dim {
        match (self.as_known(), other.as_known()) {
            (_, Some(by)) => self.times(by),
            (Some(by), _) => other.times(by),
            _ => Dim::product(&self.terms(), &other.terms()),
        }
    }

    fn times(&self, by: i64) -> Dim {
        match &self.0 {
            _ if by == 1 => self.clone(),
            Repr::Linear { each, rest } => {
                Dim::linear(each.saturating_mul(by), rest.saturating_mul(by))
            }
            Repr::Poly(terms) => {
                let scaled = terms.iter().map(|(m, c)| (m.clone(), c.saturating_mul(by)));
                Dim::from_terms(scaled.collect())
            }
        }
    }

    fn product(left: &Terms, right: &Terms) -> Dim {
        let mut terms = BTreeMap::new();
        for (a, x) in left {
            for (b, y) in right {
                let mut monomial = [a.as_slice(), b.as_slice()].concat();
                monomial.sort();
                let sum = terms.entry(monomial).or_insert(0i64);
                *sum = sum.saturating_add(x.saturating_mul(*y));
            }
        }
        Dim::from_terms(terms)
    }

    /// Integer division, of what is certainly a multiple too. `None` for a division by zero.
    pub fn div(&self, other: &Dim) -> Option<Dim> {
        match (self.as_known(), other.as_known()) {
            (_, Some(0)) => None,
            (Some(a), Some(b)) => Some(Dim::known(a.wrapping_div(b))),
            _ => Some(self.divided(other).unwrap_or_else(|| self.quotient('/', other))),
        }
    }

    /// Remainder. `None` for a division by zero.
    pub fn rem(&self, other: &Dim) -> Option<Dim> {
        match (self.as_known(), other.as_known()) {
            (_, Some(0)) => None,
            (Some(a), Some(b)) => Some(Dim::known(a.wrapping_rem(b))),
            _ if self.divided(other).is_some() => Some(Dim::known(0)),
            _ => Some(self.quotient('%', other)),
        }
    }

    fn quotient(&self, operator: char, other: &Dim) -> Dim {
        Dim::atom(Atom::Quotient(operator, Box::new((self.clone(), other.clone()))))
    }

    /// `self / other` where it is a multiple whatever the atoms are; that `other` is not 0 is checked elsewhere.
    fn divided(&self, other: &Dim) -> Option<Dim> {
        if self == other {
            return Some(Dim::known(1));
        }
        let divisor = other.terms();
        let (by, c) = divisor.iter().next().filter(|_| divisor.len() == 1)?;
        let divided = self.terms().into_iter().map(|(mut monomial, d)| {
            for atom in by {
                let at = monomial.iter().position(|other| other == atom)?;
                monomial.remove(at);
            }
            (d.wrapping_rem(*c) == 0).then_some((monomial, d.wrapping_div(*c)))
        });
        divided.collect::<Option<Terms>>().map(Dim::from_terms)
    }

    pub fn agree(&self, other: &Dim) -> Agree {
        let difference = self.sub(other);
        if let Some(difference) = difference.as_known() {
            return if difference == 0 { Agree::Yes } else { Agree::No };
        }
        let terms = difference.terms();
        // Atoms are whole numbers and not negative: `2 * A` is never 7, nor is `A + 8` ever 5.
        let constant = terms.get(&Vec::new()).copied().unwrap_or(0);
        let named = || terms.iter().filter(|(monomial, _)| !monomial.is_empty()).map(|(_, c)| *c);
        let one_sided = constant != 0 && named().all(|c| (c > 0) == (constant > 0));
        let unit = named().fold(0, |unit, c| gcd(unit, c.unsigned_abs()));
        let is_no_multiple = constant.unsigned_abs() % unit != 0;
        if one_sided || is_no_multiple { Agree::No } else { Agree::Unknown }
    }

    /// Whether it is at least `other` whatever the atoms are.
    pub fn covers(&self, other: &Dim) -> bool {
        match (&self.0, &other.0) {
            (Repr::Linear { each: a, rest: b }, Repr::Linear { each: c, rest: d }) => {
                a >= c && b >= d
            }
            (Repr::Poly(a), Repr::Poly(b)) => {
                let of = |terms: &Terms, monomial| terms.get(monomial).copied().unwrap_or(0);
                a.iter().all(|(monomial, c)| *c >= of(b, monomial))
                    && b.iter().all(|(monomial, c)| of(a, monomial) >= *c)
            }
            _ => self.sub(other).terms().values().all(|c| *c >= 0),
        }
    }

    /// Splits `a · batch + b` into `a` and `b`.
    pub fn by_batch(&self) -> (Dim, Dim) {
        let terms = match &self.0 {
            Repr::Linear { each, rest } => return (Dim::known(*each), Dim::known(*rest)),
            Repr::Poly(terms) => terms,
        };
        let (mut each, mut rest) = (Terms::new(), Terms::new());
        for (monomial, c) in terms.iter() {
            if monomial.contains(&Atom::Batch) {
                let others = monomial.iter().filter(|atom| **atom != Atom::Batch).cloned();
                let sum = each.entry(others.collect()).or_insert(0i64);
                *sum = sum.saturating_add(*c);
            } else {
                rest.insert(monomial.clone(), *c);
            }
        }
        (Dim::from_terms(each), Dim::from_terms(rest))
    }

    /// The number it is for a batch, given what each `const` is, by what the generated code calls it.
    #[cfg(test)]
    pub fn value(&self, batch: i64, named: &dyn Fn(&str) -> i64) -> i64 {
        if let Repr::Linear { each, rest } = self.0 {
            return each * batch + rest;
        }
        let atom = |atom: &Atom| match atom {
            Atom::Batch => batch,
            Atom::Const { code, .. } => named(code),
            Atom::Quotient(op, parts) => {
                let (a, b) = (parts.0.value(batch, named), parts.1.value(batch, named));
                if *op == '/' { a / b } else { a % b }
            }
        };
        let terms = self.terms();
        terms.iter().map(|(monomial, c)| monomial.iter().map(atom).product::<i64>() * c).sum()
    }

    /// Solves `self = other` for a named atom that occurs in it once: what may be replaced, and by what.
    /// `A + 5 = 8` gives `A` and `3`.
    pub fn solve(&self, other: &Dim) -> Option<(Dim, Dim)> {
        self.solve_for(other, |atom| matches!(atom, Atom::Const { .. }))
    }

    /// The same for a division that does not divide out: `A / B + 1 = C` gives `A / B` and `C - 1`.
    pub fn solve_quotient(&self, other: &Dim) -> Option<(Dim, Dim)> {
        self.solve_for(other, |atom| matches!(atom, Atom::Quotient(..)))
    }

    fn solve_for(&self, other: &Dim, wanted: impl Fn(&Atom) -> bool) -> Option<(Dim, Dim)> {
        let difference = self.sub(other);
        let solution = |(monomial, c): (Vec<Atom>, i64)| {
            let [atom] = monomial.as_slice() else { return None };
            if !wanted(atom) {
                return None;
            }
            let name = Dim::atom(atom.clone());
            let rest = name.mul(&Dim::known(c)).sub(&difference);
            let whole = rest.terms().values().all(|d| d.wrapping_rem(c) == 0);
            (whole && !rest.mentions(&name)).then(|| (name, rest.div(&Dim::known(c))))
        };
        let solutions = difference.terms().into_iter().filter_map(solution);
        let solutions = solutions.filter_map(|(name, by)| Some((name, by?)));
        // One without a minus, if there is one: the generated code has no negative numbers.
        solutions.min_by_key(|(_, by)| by.terms().values().any(|c| *c < 0))
    }

    /// Whether `self = other` says that `self` divides, and nothing else: `D = 2 * (D / 2)`.
    pub fn is_divisibility(&self, other: &Dim) -> bool {
        let by_quotient = |atom: &Atom| match atom {
            Atom::Quotient('/', parts) => {
                let (of, by) = &**parts;
                of == self && by.mul(&Dim::atom(atom.clone())) == *other
            }
            _ => false,
        };
        other.terms().keys().flatten().any(by_quotient)
    }

    /// Whether the atom `name` occurs in it, in a division too.
    pub fn mentions(&self, name: &Dim) -> bool {
        self.terms().keys().flatten().any(|atom| match atom {
            _ if Dim::atom(atom.clone()) == *name => true,
            Atom::Quotient(_, parts) => parts.0.mentions(name) || parts.1.mentions(name),
            _ => false,
        })
    }

    /// With `by` in place of the atom `name`.
    pub fn replace(&self, name: &Dim, by: &Dim) -> Dim {
        if self.as_known().is_some() {
            return self.clone();
        }
        let mut sum = Dim::known(0);
        for (monomial, c) in self.terms() {
            let mut product = Dim::known(c);
            for atom in monomial {
                let factor = match &atom {
                    _ if Dim::atom(atom.clone()) == *name => by.clone(),
                    Atom::Quotient(op, parts) => {
                        let (a, b) = (parts.0.replace(name, by), parts.1.replace(name, by));
                        let quotient = if *op == '/' { a.div(&b) } else { a.rem(&b) };
                        quotient.unwrap_or_else(|| Dim::atom(atom.clone()))
                    }
                    _ => Dim::atom(atom),
                };
                product = product.mul(&factor);
            }
            sum = sum.add(&product);
        }
        sum
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// How many elements a shape has.
pub fn size(shape: &[Dim]) -> Dim {
    shape.iter().fold(Dim::known(1), |size, dim| size.mul(dim))
}

/// The row-major strides of a contiguous array.
pub fn strides(shape: &[Dim]) -> Vec<Dim> {
    let mut strides = vec![Dim::known(1); shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis].mul(&shape[axis]);
    }
    strides
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d() -> Dim {
        Dim::named("D", "D0")
    }

    #[test]
    fn polynomials_are_normal_forms() {
        let four_d = d().mul(&Dim::known(4));
        assert_eq!(four_d.sub(&d()).sub(&d().mul(&Dim::known(3))), Dim::known(0));
        assert_eq!(four_d.to_string(), "4 * D");
        assert_eq!(four_d.add(&Dim::known(1)).mul(&d()).to_string(), "4 * D * D + D");
        assert_eq!(four_d.div(&Dim::known(2)).unwrap().to_string(), "2 * D");
        assert_eq!(d().add(&Dim::known(1)).div(&Dim::known(2)).unwrap().to_string(), "(D + 1) / 2");
        assert_eq!(d().sub(&Dim::known(2)).code(), "usize::saturating_sub(D0, 2)");
        let less = d().mul(&d()).sub(&four_d).sub(&Dim::known(2));
        assert_eq!(less.code(), "usize::saturating_sub(D0 * D0, 4 * D0 + 2)");
        assert_eq!(less.to_string(), "D * D - 4 * D - 2");
        assert_eq!(Dim::batch().mul(&d()).sub(&d()).code(), "n * D0 - D0");
    }

    /// A form of their own has what is linear in the batch: everything that leads to it has to end there.
    #[test]
    fn what_is_linear_in_the_batch_is_one_form() {
        let (n, known) = (Dim::batch(), Dim::known);
        let four_n = n.mul(&known(4)).add(&known(3));
        assert_eq!(four_n.sub(&n.mul(&known(4))), known(3));
        assert_eq!(four_n.add(&d()).sub(&d()), four_n);
        assert_eq!(n.mul(&d()).add(&n).sub(&d().mul(&n)), n);
        assert_eq!(four_n.by_batch(), (known(4), known(3)));
        assert_eq!(n.mul(&d()).by_batch(), (d(), known(0)));
        assert_eq!(four_n.replace(&d(), &known(7)), four_n);
        let texts = [&n, &four_n, &n.sub(&known(2)), &known(2).sub(&n), &n.mul(&known(4))];
        assert_eq!(texts.map(Dim::code), ["n", "4 * n + 3", "n - 2", "2 - n", "4 * n"]);
        assert!(n.mul(&n).has_batch() && n.mul(&n).as_known().is_none());
        assert!(four_n.covers(&n) && !n.covers(&four_n) && !n.covers(&known(1)));
        assert_eq!(n.mul(&known(4)).div(&known(2)), Some(n.mul(&known(2))));
        assert_eq!(n.div(&known(2)).map(|half| half.to_string()), Some("n / 2".into()));
    }

    #[test]
    fn agreement_is_decided_where_it_can_be() {
        let e = Dim::named("E", "D1");
        assert_eq!(d().agree(&d()), Agree::Yes);
        assert_eq!(d().agree(&d().add(&Dim::known(1))), Agree::No);
        assert_eq!(d().agree(&e), Agree::Unknown);
        assert_eq!(Dim::known(3).agree(&Dim::known(4)), Agree::No);
        let n = Dim::known;
        assert_eq!(d().add(&n(8)).agree(&n(5)), Agree::No);
        assert_eq!(n(5).agree(&d().add(&e).add(&n(8))), Agree::No);
        assert_eq!(d().add(&n(5)).agree(&n(8)), Agree::Unknown);
        assert_eq!(d().mul(&n(2)).agree(&n(7)), Agree::No);
        assert_eq!(d().mul(&n(2)).agree(&e.mul(&n(4)).add(&n(6))), Agree::Unknown);
        assert_eq!(d().sub(&n(2)).agree(&n(5)), Agree::Unknown);
    }

    #[test]
    fn equations_are_solved_for_a_name() {
        let (e, n) = (Dim::named("E", "D1"), Dim::known);
        let solved = |left: &Dim, right: &Dim| {
            left.solve(right).map(|(name, by)| format!("{name} = {by}")).unwrap_or_default()
        };
        assert_eq!(solved(&d().add(&n(5)), &n(8)), "D = 3");
        assert_eq!(solved(&n(8), &d().mul(&n(2))), "D = 4");
        assert_eq!(solved(&d(), &e.add(&n(1))), "D = E + 1");
        assert_eq!(solved(&e, &d().add(&n(1))), "E = D + 1");
        assert_eq!(solved(&d().mul(&n(2)), &e.sub(&n(1))), "E = 2 * D + 1");
        assert_eq!(solved(&d().add(&e), &n(9)), "D = 9 - E");
        // No whole number of one for each of the other, a product, and a quotient.
        assert_eq!(solved(&d().mul(&n(2)), &e.mul(&n(3))), "");
        assert_eq!(solved(&d().mul(&e), &n(12)), "");
        assert_eq!(solved(&d().add(&d().div(&n(2)).unwrap()), &n(12)), "");
        // Nothing is solved by what contains it, in a division too.
        assert_eq!(solved(&n(9).div(&d()).unwrap(), &d()), "");
        assert!(n(9).div(&d()).unwrap().mentions(&d()) && n(0).div(&d()).unwrap().is(0));
        assert_eq!(d().mul(&e).div(&d()), Some(e));
    }
}
