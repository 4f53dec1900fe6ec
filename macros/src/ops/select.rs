//! Comparisons and selection, element by element.
//!
//! A comparison is 1 where it holds and 0 elsewhere, of the scalar type of the model. It has no
//! derivative: what a mask selects has one, the choice has none.

use super::pointwise;
use crate::builder::V;
use crate::prim::Arith;

pointwise! {
    /// 1 where `a > b`, else 0. Comparisons have no derivative; shapes broadcast, and either may be a number.
    /// A product by a mask is a product, and `0 · NaN` is NaN: `where` chooses.
    gt(a, b) also("greater": "") = a.mask_gt(b);
        "(a: [2, 3], b: [3]) -> [2, 3] { gt(a, b) }", "(x: [7]) -> [7] { x + gt(x, 0.5) }";

    /// 1 where `a < b`, else 0.
    lt(a, b) also("less": "") = b.mask_gt(a);
        "(a: [2, 3], b: [3]) -> [2, 3] { a + lt(a, b) }";

    /// 1 where `a ≥ b`, else 0.
    ge(a, b) also("greater_equal greater_or_equal": "") = are_numbers(a, b) - b.mask_gt(a);
        "(a: [2, 3], b: [3]) -> [2, 3] { a * ge(a, b) }";

    /// 1 where `a ≤ b`, else 0.
    le(a, b) also("less_equal less_or_equal": "") = are_numbers(a, b) - a.mask_gt(b);
        "(a: [2, 3], b: [3]) -> [2, 3] { a * le(a, b) }";

    /// 1 where `a = b`, else 0.
    eq(a, b) also("equal": "") = are_numbers(a, b) - a.mask_gt(b) - b.mask_gt(a);
        "(a: [2, 3], b: [3]) -> [2, 3] { a * eq(a, b) }";

    /// 1 where `a ≠ b`, also where either is NaN; else 0.
    ne(a, b) also("not_equal": "") = {
        let unordered = a.int(1) - is_number(a + b);
        a.select_gt(b, a.int(1), b.select_gt(a, a.int(1), unordered))
    };
        "(a: [2, 3], b: [3]) -> [2, 3] { a * ne(a, b) }";

    /// `x` where `mask` is not 0 (nor NaN), else `y`; the mask has no derivative. What is not chosen gives nothing, in value, JVP and
    /// VJP, even if it or its slope is infinite or NaN: a tangent or cotangent of 0 stays 0 whatever it is multiplied by.
    /// Only sums of products add it up, as those of `linear`, `matmul` and convolutions: there 0 · NaN is NaN.
    where(mask, x, y) ["mask, x, y"] = {
        let zero = x.int(0);
        mask.select_gt(zero, x, zero.select_gt(mask, x, y))
    };
        "(m: [2, 3], x: [2, 3], y: [3]) -> [2, 3] { where(gt(m, 0), x, y) }",
        "(x: [7]) -> [7] { where(gt(x, 0.5), square(x), 0) }";

    /// `value` where `mask` is not 0 (nor NaN), else `x`; the mask has no derivative. What is not chosen gives nothing, as in `where`.
    masked_fill(x, mask; value) = {
        let zero = x.int(0);
        mask.select_gt(zero, value, zero.select_gt(mask, value, x))
    };
        "(x: [2, 3], m: [3]) -> [2, 3] { masked_fill(x, gt(m, 0), -1e4) }";
}

/// 1, or 0 where `x` is NaN.
pub(super) fn is_number<'b>(x: V<'b>) -> V<'b> {
    (x.abs() + x.int(1)).gt(x.int(0))
}

/// 1, or 0 where either is NaN. What a mask is made of is no choice of it: `0 · NaN` is NaN.
fn are_numbers<'b>(a: V<'b>, b: V<'b>) -> V<'b> {
    is_number(a) * is_number(b)
}
