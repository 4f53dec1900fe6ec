//! Products by masks are products, of every comparison: `0 · NaN` and `0 · ∞` are NaN, forward and in the
//! derivatives, as in PyTorch. `where` chooses.

use pullback::model;

macro_rules! masks {
    ($($name:ident $Model:ident $op:ident $held:literal $unheld:literal;)*) => {
        model! { $(#[doc = "A product by a mask."] pub(crate) $Model(a: [1], y: [1]) -> [1] { $op(a, 1.0) * y })* }
        $(#[test]
        fn $name() {
            let net = $Model::<f64>::zeros();
            let forward = |a: f64, y: f64| net.forward(&[a], &[y])[0];
            assert_eq!(forward($held, 3.0), 3.0);
            assert_eq!(forward($unheld, 3.0), 0.0);
            for infinite in [f64::NAN, f64::INFINITY] {
                assert!(forward($unheld, infinite).is_nan(), "0 · {infinite}");
                let (a, y) = ([$unheld], [3.0]);
                let (_, tangent) = net.jvp(&a, &y, &[0.0], &[infinite]);
                assert!(tangent[0].is_nan(), "jvp: 0 · {infinite}");
                let (_, pullback) = net.vjp_inputs(&a, &y);
                let (of_mask, of_y) = pullback(&[infinite]);
                assert!(of_y[0].is_nan(), "vjp: 0 · {infinite}");
                assert_eq!(of_mask, [0.0], "the choice has no derivative");
            }
        })*
    };
}

masks! {
    gt Gt gt 2.0 1.0;
    lt Lt lt 0.0 1.0;
    ge Ge ge 1.0 0.0;
    le Le le 1.0 2.0;
    eq Eq eq 1.0 2.0;
    ne Ne ne 2.0 1.0;
}

model! {
    /// A choice by a mask.
    pub(crate) Where(a: [1], y: [1]) -> [1] { where(gt(a, 1), y, 0) }
}

#[test]
fn where_chooses() {
    let net = Where::<f64>::zeros();
    assert_eq!(net.forward(&[1.0], &[f64::NAN]), [0.0]);
    assert_eq!(net.forward(&[2.0], &[3.0]), [3.0]);
}
