//! Models made of models: what is inlined is what was written, wherever it was written.

mod zoo;

use pullback::check::{self, Dual, Gf, Rng64};
use pullback::model::{Cotangents, Data, Tangents, Wrt};
use pullback::{Model, Workspace, model};
use pullback_test_blocks::{FeedForward, attention};

/// Another module, with names that mean something else here.
mod elsewhere {
    use pullback::model;

    const WIDTH: usize = 3;
    const SLOPE: f64 = 0.5;

    model! {
        /// A layer of this module's width.
        pub(crate) Layer: [WIDTH] -> [WIDTH] { linear -> [WIDTH], leaky_relu(SLOPE) }
    }

    pub(crate) mod deeper {
        super::model! {
            /// A private model of the module above, which this one can name.
            pub(crate) Twice: [3] -> [3] { first = super::Layer, second = super::Hidden }
        }
    }

    model! {
        Hidden: [WIDTH] -> [WIDTH] { linear -> [WIDTH], tanh }
    }
}

const WIDTH: usize = 2;
const SLOPE: f64 = -7.0;

model! {
    pub(crate) Half: [3] -> [3] { linear -> [3], tanh }
    pub(crate) Sized<D>: [D] -> [D] { linear -> [D] }
    pub(crate) Bare: [3] -> [3] { Half, first = Half, Sized<3>, [Half; 2] }
    /// The same, by paths that begin at this module.
    pub(crate) Pathed: [3] -> [3] { self::Half, first = self::Half, self::Sized<3>, [self::Half; 2] }
    pub(crate) Three = self::Sized<3>;
}

model! {
    /// The `const`s of `Layer` are those of its module.
    pub(crate) Modules: [3] -> [WIDTH] {
        layer = elsewhere::Layer,
        elsewhere::deeper::Twice,
        leaky_relu(SLOPE),
        linear -> [WIDTH],
    }

    /// The same by hand.
    pub(crate) ModulesByHand: [3] -> [2] {
        layer = linear -> [3],
        leaky_relu(0.5),
        twice1 = {
            first = { linear -> [3], leaky_relu(0.5) },
            second = { linear -> [3], tanh },
        },
        leaky_relu(-7),
        linear -> [2],
    }

    /// Models of another crate.
    pub(crate) Crates(x: [2, 3]) -> [4] {
        blocks = [attention::Block; 2],
        ff = FeedForward,
        flatten,
        head = pullback_test_blocks::Mlp<_, 5, 3>,
        pullback_test_blocks::Narrow,
    }

    /// The same by hand, but for the op of the other crate's.
    pub(crate) CratesByHand(x: [2, 3]) -> [4] {
        first = {
            attn = {
                q = linear(x) -> [2, 6], k = linear(x) -> [2, 6], v = linear(x) -> [2, 3],
                matmul(q, transpose(k)), softmax, matmul(v),
            },
            h = x + attn,
            up = linear -> [2, 12], leaky_relu(0.25), down = linear -> [2, 3],
            u = h + down / 3,
            leaky_relu(3 * u, 0.25),
            h + 0.5 * u,
        },
        second = {
            attn = {
                q = linear(first) -> [2, 6], k = linear(first) -> [2, 6], v = linear(first) -> [2, 3],
                matmul(q, transpose(k)), softmax, matmul(v),
            },
            h = first + attn,
            up = linear -> [2, 12], leaky_relu(0.25), down = linear -> [2, 3],
            u = h + down / 3,
            leaky_relu(3 * u, 0.25),
            h + 0.5 * u,
        },
        ff = { up = linear -> [2, 12], leaky_relu(0.25), down = linear -> [2, 3], second + down / 3 },
        flatten,
        linear -> [5], tanh, linear -> [3],
        linear -> [2], tanh, linear -> [4],
    }

    /// The zoo's block by hand.
    pub(crate) BlockByHand(x: [4, 3]) -> [4, 3] {
        attn = {
            q = linear(x) -> [4, 2],
            k = linear(x) -> [4, 2],
            v = linear(x) -> [4, 3],
            scores = matmul(q, transpose(k)),
            scale(0.7),
            softmax,
            matmul(v),
        },
        h = x + attn,
        ff = { up = linear -> [4, 6], tanh, down = linear -> [4, 3], h + down / 3 },
        h * ff,
    }
}

/// Output, tangent and cotangents of a model of one real input, with parameters drawn in order.
fn run<M: Model<Scalar = f64>>() -> Vec<f64> {
    const SAMPLES: usize = 5;
    let mut rng = Rng64::new(11);
    let mut vector =
        |n: usize| -> Vec<f64> { (0..n).map(|_| 2.0 * rng.unit_f64() - 1.0).collect() };
    let mut net = pullback::model::zeros::<M>();
    net.flat_mut().copy_from_slice(&vector(M::PARAMS));
    let d_params = vector(M::PARAMS);
    let size = SAMPLES * M::INPUTS[0].shape.iter().product::<usize>();
    let out: usize = M::OUTPUT.iter().product();
    let (x, dx, y_bar) = (vector(size), vector(size), vector(SAMPLES * out));
    let mut ws = Workspace::with_tile(2);
    let (mut y, mut dy) = (vec![0.0; SAMPLES * out], vec![0.0; SAMPLES * out]);
    let tangents = Tangents { inputs: &[&dx], params: &d_params };
    net.jvp_flat(Wrt::All, &[Data::Real(&x)], tangents, &mut y, &mut dy, &mut ws);
    let (mut x_bar, mut grad) = (vec![0.0; size], vec![0.0; M::PARAMS]);
    let cotangents = Cotangents { inputs: &mut [&mut x_bar], params: &mut grad };
    let mut loss = |i: usize, _: &[f64], of: &mut [f64]| {
        of.copy_from_slice(&y_bar[i * out..(i + 1) * out]);
    };
    net.vjp_flat(Wrt::All, &[Data::Real(&x)], &mut loss, cotangents, &mut ws);
    [y, dy, x_bar, grad].concat()
}

/// Two models that do the same with the same parameters in the same order, bit by bit.
#[track_caller]
fn same<A: Model<Scalar = f64>, B: Model<Scalar = f64>>() {
    assert_eq!((A::PARAMS, A::FLOPS), (B::PARAMS, B::FLOPS));
    let [a, b] =
        [run::<A>(), run::<B>()].map(|all| Vec::from_iter(all.iter().map(|x| x.to_bits())));
    assert!(a.iter().any(|bits| *bits != 0));
    assert_eq!(a, b);
}

fn names<M: Model>() -> Vec<&'static str> {
    M::PARAM_INFO.iter().map(|info| info.name).collect()
}

#[test]
fn a_model_inside_another_is_as_if_written_there() {
    same::<zoo::Block<f64>, BlockByHand<f64>>();
    assert_eq!(names::<zoo::Block<f64>>(), names::<BlockByHand<f64>>());
}

#[test]
fn names_mean_what_they_mean_where_they_are_written() {
    same::<Modules<f64>, ModulesByHand<f64>>();
    assert_eq!(
        names::<Modules<f64>>(),
        [
            "layer.linear1.weight",
            "layer.linear1.bias",
            "twice1.first.linear1.weight",
            "twice1.first.linear1.bias",
            "twice1.second.linear1.weight",
            "twice1.second.linear1.bias",
            "linear1.weight",
            "linear1.bias"
        ]
    );
}

#[test]
fn a_model_of_this_call_has_a_path_too() {
    assert_eq!(names::<Bare<f64>>(), names::<Pathed<f64>>());
    same::<Bare<f64>, Pathed<f64>>();
    assert_eq!(names::<Three<f64>>(), ["linear1.weight", "linear1.bias"]);
}

#[test]
fn parameters_have_the_names_of_the_steps_around_them() {
    model! {
        pub(crate) Named: [4, 3] -> [4, 3] {
            let s = scan(h: [3]) { u = linear -> [3], v = linear -> [3], h <- tanh(u + v) },
            v = linear -> [4, 3],
            a = s(v),
            s(a),
            scan(h: [3]) { u = linear -> [3], h <- tanh(u + h) },
            r#for = { r#in = linear -> [4, 3] },
        }
        pub(crate) r#Impl(r#type: [2], params: [2]) -> [2] { a = linear(r#type) -> [2], a + params }
    }
    assert_eq!(
        names::<Named<f64>>().join(" "),
        "v.weight v.bias s.u.weight s.u.bias s.v.weight s.v.bias u.weight u.bias for.in.weight for.in.bias"
    );
    assert_eq!((r#Impl::<f64>::NAME, r#Impl::<f64>::INPUTS[0].name), ("Impl", "type"));
    let net = Named::<f64>::zeros();
    assert_eq!(net.s.u.weight, net.r#for.r#in.weight);
    check::exactly::<Named<Gf>, Named<Dual<Gf>>>();
}

#[test]
fn models_come_from_other_crates() {
    let [ours, by_hand] = [run::<Crates<f64>>(), run::<CratesByHand<f64>>()];
    for (a, b) in ours.iter().zip(&by_hand) {
        assert!((a - b).abs() < 1e-12, "{a} and {b}");
    }
    check::exactly::<Crates<Gf>, Crates<Dual<Gf>>>();
}

#[test]
fn rows_are_arrays_of_the_models_own_struct() {
    let mut net = Crates::<f64>::zeros();
    assert_eq!(
        names::<Crates<f64>>()[8..14],
        [
            "blocks.0.up.down.weight",
            "blocks.0.up.down.bias",
            "blocks.1.attn.q.weight",
            "blocks.1.attn.q.bias",
            "blocks.1.attn.k.weight",
            "blocks.1.attn.k.bias"
        ]
    );
    let blocks: &mut [attention::Block<f64>; 2] = &mut net.blocks;
    let attn: &mut attention::Attention<f64> = &mut blocks[1].attn;
    attn.v.bias = [1.0, 2.0, 3.0];
    // A part is a model by itself.
    assert_eq!(attn.forward(&[[0.5; 3]; 2]), [[1.0, 2.0, 3.0]; 2]);
    let start = net.flat().iter().position(|x| *x == 1.0);
    let info = Crates::<f64>::PARAM_INFO.iter().find(|info| info.name == "blocks.1.attn.v.bias");
    assert_eq!(start, info.map(|info| info.start));
    assert_eq!(zoo::Encoder::<f32>::zeros().row1[1].linear1.bias, [0.0; 3]);
}

#[test]
fn a_generic_model_has_the_sizes_it_is_given() {
    assert_eq!(pullback_test_blocks::Narrow::<f32>::PARAMS, 3 * 2 + 2 + 2 * 4 + 4);
    assert_eq!(names::<pullback_test_blocks::Narrow<f32>>()[..2], ["fc1.weight", "fc1.bias"]);
    let wide = zoo::Wide::<f64>::zeros();
    assert_eq!((wide.up.bias.len(), wide.forward(&[[2.0; 5]; 2])), (10, [[2.0; 5]; 2]));
    assert_eq!(Crates::<f32>::zeros().head.fc1.bias.len(), 5);
}

#[test]
fn what_is_computed_again_is_the_same_and_takes_less_memory() {
    same::<zoo::Recomputed<f64>, zoo::Kept<f64>>();
    let (again, kept) =
        (zoo::Recomputed::<f32>::WORKSPACE_BYTES, zoo::Kept::<f32>::WORKSPACE_BYTES);
    assert!(3 * again < 2 * kept, "{again} and {kept} bytes per sample");
}

#[test]
fn frozen_parameters_have_no_gradient() {
    let mut rng = Rng64::new(5);
    let net = pullback::flat::boxed::<zoo::Frozen<f64>>(|_| rng.unit_f64() - 0.5);
    let (_, pullback) = net.vjp_params(&[0.3, -0.2, 0.7, 0.1]);
    let grad = pullback(&[1.0, -2.0, 0.5]);
    for (view, info) in grad.views().zip(zoo::Frozen::<f64>::PARAM_INFO) {
        let frozen = view.name.starts_with("base") || view.name.starts_with("shared");
        assert_eq!(info.frozen, frozen, "{}", view.name);
        assert_eq!(view.data.iter().all(|x| *x == 0.0), frozen, "{}", view.name);
    }
}
