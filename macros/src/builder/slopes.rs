//! Products with slopes, in which what was not chosen has no say.

use super::{Builder, V};
use crate::ir::{Inst, Var};
use crate::prim;
use crate::prim::Arith;

impl Builder {
    /// The product of a linear value and a slope: 0 where either was not chosen. A slope that is a choice is chosen from,
    /// with 0 where it is 0; a linear value that is 0 makes nothing of any slope, even if that is infinite or NaN.
    pub fn scale(&self, x: V<'_>, slope: V<'_>) -> V<'_> {
        self.times(slope, x, |slope, x| match self.as_num(slope.var) {
            Some(_) => x * slope,
            None => self.point(prim::MUL_STRONG, &[x, slope]),
        })
    }

    /// The product of two slopes, a choice if one of them is.
    pub fn compose(&self, f: V<'_>, g: V<'_>) -> V<'_> {
        let (f, g) = if self.choice(f.var).is_some() { (f, g) } else { (g, f) };
        self.times(f, g, |f, g| f * g)
    }

    /// A product with what may be a choice: one of products, and 0 where it is 0.
    fn times<'b>(
        &'b self,
        choice: V<'_>,
        x: V<'_>,
        product: impl Fn(V<'b>, V<'b>) -> V<'b> + Copy,
    ) -> V<'b> {
        let Some([a, b, yes, no]) = self.choice(choice.var) else {
            return product(self.v(choice.var), self.v(x.var));
        };
        let of = |branch: Var| match self.as_num(branch) {
            Some(num) if num.is(0) => self.int(0),
            _ => self.times(self.v(branch), x, product),
        };
        self.v(a).select_gt(self.v(b), of(yes), of(no))
    }

    /// The arguments of a selection that is 0 on some side, or on some side of one.
    fn choice(&self, var: Var) -> Option<[Var; 4]> {
        let args: [Var; 4] = match &self.defs.borrow()[var].inst {
            Inst::Point { prim: prim::SELECT_GT, args } => args.as_slice().try_into().ok()?,
            _ => return None,
        };
        let zero = |branch: &Var| self.as_num(*branch).is_some_and(|num| num.is(0));
        let chooses = |branch: &Var| zero(branch) || self.choice(*branch).is_some();
        args[2..].iter().any(chooses).then_some(args)
    }
}
