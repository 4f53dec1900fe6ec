//! Where a `let` may stand, and what it shares: first and again, in blocks, scans, repeats, arguments.

use pullback::check::{self, Dual, Gf};
use pullback::{Index, Model, model};

mod blocks {
    pullback::model! {
        pub Layer: [2] -> [2] { linear -> [2], tanh }
    }
}

/// The names of the parameters, and the exact laws.
macro_rules! shared {
    ($($Model:ident $names:expr;)*) => {$(
        let names: Vec<&str> = $Model::<f64>::PARAM_INFO.iter().map(|param| param.name).collect();
        let expected: &[&str] = &$names;
        assert_eq!(names, expected, stringify!($Model));
        check::exactly::<$Model<Gf>, $Model<Dual<Gf>>>();
    )*};
}

/// The first use is inside something without a name of its own: the parameters are those of the `let`.
#[test]
fn a_let_is_used_first_anywhere() {
    model! {
        InBlock(h: [2]) -> [2] { let f = linear -> [2], { f(h), tanh } }
        InBlocks(h: [2]) -> [2] {
            let f = linear -> [2],
            { linear(h) -> [2], { f, tanh }, linear -> [2], f },
            linear -> [2],
        }
        InScan(x: [3, 2]) -> [3, 2] {
            let f = linear -> [2],
            scan(x, h: [2]) { u = f(x), h <- tanh(u + h) },
        }
        Recomputed(h: [2]) -> [2] { let f = linear -> [2], #[recompute] { f(h), tanh, f } }
        InRow(h: [2]) -> [2] { let f = linear -> [2], [{ f, linear -> [2] }; 2] }
        Alone(h: [2]) -> [2] { let f = linear -> [2], [f; 3], { f, tanh } }
        OfModel(h: [2]) -> [2] { let f = blocks::Layer, { f(h), tanh }, f }
        OfBlock(h: [2]) -> [2] { let f = { a = linear -> [2], tanh }, { { f(h) }, tanh }, f }
        OfScan(x: [3, 2]) -> [3, 2] {
            let f = scan(h: [2]) { z = linear -> [2], h <- tanh(z + h) },
            #[recompute] { f, relu },
            f,
        }
        Member(x: [2]) -> [2] { let f = linear -> [2], { f(x), tanh }, h = matmul(f.weight), f(h) }
    }
    shared! {
        InBlock ["f.weight", "f.bias"];
        InBlocks [
            "linear1.weight", "linear1.bias", "f.weight", "f.bias", "linear2.weight",
            "linear2.bias", "linear3.weight", "linear3.bias"
        ];
        InScan ["f.weight", "f.bias"];
        Recomputed ["f.weight", "f.bias"];
        InRow [
            "f.weight", "f.bias", "row1.0.linear1.weight", "row1.0.linear1.bias",
            "row1.1.linear1.weight", "row1.1.linear1.bias"
        ];
        Alone ["f.weight", "f.bias"];
        OfModel ["f.linear1.weight", "f.linear1.bias"];
        OfBlock ["f.a.weight", "f.a.bias"];
        OfScan ["f.z.weight", "f.z.bias"];
        Member ["f.weight", "f.bias"];
    }
}

/// In its own arguments, in those of ops, and in what other `let`s are made of.
#[test]
fn a_let_stands_where_a_value_does() {
    model! {
        Own(x: [2]) -> [2] { let f = linear -> [2], f(f(f(x))) }
        OwnOfTwo(x: [2], y: [2]) -> [2] { let f = |a, b| a * b + a, f(f(x, y), f(y, x)) }
        Arguments(x: [2]) -> [4] { let f = linear -> [2], concat(f(x), f(tanh(x))) }
        Sum(x: [2]) -> [2] { let f = linear -> [2], f(x) * f(-x) + f(f(x)) }
        Nested(x: [2]) -> [2] {
            let g = linear -> [2],
            let f = { g, tanh, g },
            f,
            f(f(x)) + g(x),
        }
        Begins(x: [3, 2], y: [2]) -> [3, 2] {
            let f = linear -> [2],
            scan(x, h: [2] = f(y)) { h <- f(tanh(x + h)) },
        }
        OfEachOther(x: [2]) -> [2] {
            let g = linear -> [2],
            let f = linear -> [2],
            g(f(g(f(x)))),
        }
    }
    shared! {
        Own ["f.weight", "f.bias"];
        OwnOfTwo [];
        Arguments ["f.weight", "f.bias"];
        Sum ["f.weight", "f.bias"];
        Nested ["g.weight", "g.bias"];
        Begins ["f.weight", "f.bias"];
        OfEachOther ["f.weight", "f.bias", "g.weight", "g.bias"];
    }
    let mut own = Own::<f64>::zeros();
    own.f.weight = [[2.0, 0.0], [0.0, 3.0]];
    own.f.bias = [1.0, 0.0];
    assert_eq!(own.forward(&[1.0, 1.0]), [15.0, 27.0]);
}

/// The parameters are shared, not the shape: those of `linear` are the same for one row and for many.
#[test]
fn a_let_takes_every_shape_that_its_parameters_fit() {
    model! {
        Rows(x: [5, 2], y: [2]) -> [5, 3] { let f = linear(bias = false) -> [5, 3], f(x) + f(y) }
        MoreRows(x: [5, 2], y: [2], z: [4, 5, 2]) -> [4, 5, 3] {
            let f = linear -> [3],
            a = f(y),
            b = f(x) -> [5, 3],
            f(z) + a + b,
        }
        Block(x: [5, 2], y: [2]) -> [5, 2] {
            let f = { layer_norm, linear -> [5, 2], tanh },
            f(x) + f(y),
        }
        Tokens(a: [3] of index(7), b: index(7)) -> [3, 2] {
            let table = embedding -> [3, 2],
            table(a) + table(b),
        }
        Conv(x: [1, 6, 6], y: [1, 4, 4]) -> [2, 2, 2] {
            let f = conv2d(kernel = 3) -> [2, _, _],
            u = f(x),
            v = f(y),
            avg_pool2d(u, 2) + v,
        }
    }
    shared! {
        Rows ["f.weight"];
        MoreRows ["f.weight", "f.bias"];
        Block ["f.layer_norm1.weight", "f.layer_norm1.bias", "f.linear1.weight", "f.linear1.bias"];
        Tokens ["table.weight"];
        Conv ["f.weight", "f.bias"];
    }
    let mut tokens = Tokens::<f64>::zeros();
    tokens.table.weight[1] = [1.0, 2.0];
    let [one, two] = [1, 2].map(|i| Index::<7>::new(i).unwrap());
    assert_eq!(tokens.forward(&[one, two, one], &one), [[2.0, 4.0], [1.0, 2.0], [2.0, 4.0]]);
}
