//! A network, its layers and its state as values; models in code that does not know them.

use pullback::flat::{self, Block};
use pullback::model::{AnyModel, Data, any};
use pullback::optim::AdamW;
use pullback::{Boxed, Forward, Index, Key, Model, loss, model};
use rand::{SeedableRng, rngs::StdRng};

model! {
    /// Part of the other.
    pub Inner: [4] -> [4] { up = linear -> [6], tanh, down = linear -> [4] }
    /// Blocks in blocks, lists, a frozen layer, a name that is a keyword.
    pub Net: [3] -> [2] {
        r#in = linear -> [4],
        #[frozen]
        inner = [Inner; 2],
        deep = { list = [linear -> [4]; 3], norm = batch_norm },
        out = linear -> [2],
    }
    /// Without parameters.
    pub Bare: [3] -> [3] { tanh }
    /// Several inputs, one of them an integer.
    pub Two(x: [3], class: index(4)) -> [3] { table = embedding(class) -> [3], x + table, dropout(0.5) }
}

fn random() -> Boxed<Net> {
    Net::init(&mut StdRng::seed_from_u64(5))
}

fn names<B: Block>(_: &B) -> Vec<&'static str> {
    B::ARRAYS.iter().map(|info| info.name).collect()
}

#[test]
fn layers_are_blocks_with_names_of_their_own() {
    let mut net = random();
    assert_eq!(names(&net.r#in), ["weight", "bias"]);
    assert_eq!(names(&net.inner[1]), ["up.weight", "up.bias", "down.weight", "down.bias"]);
    assert_eq!(
        names(&net.deep),
        [
            "list.0.weight",
            "list.0.bias",
            "list.1.weight",
            "list.1.bias",
            "list.2.weight",
            "list.2.bias",
            "norm.weight",
            "norm.bias"
        ]
    );
    let state = NetState::<f32>::new();
    assert_eq!(names(&state.deep), ["norm.running_mean", "norm.running_var"]);
    // Each array of a layer is that of the network, at the same place.
    let start = net.flat().as_ptr() as usize;
    let infos = <Net as Block>::ARRAYS;
    let all: Vec<_> = net.views().map(|view| (view.data.as_ptr() as usize - start) / 4).collect();
    assert_eq!(all, infos.iter().map(|info| info.start).collect::<Vec<_>>());
    let first = infos.iter().find(|info| info.name == "deep.list.1.weight").unwrap();
    let offset = (net.deep.list[1].flat().as_ptr() as usize - start) / 4;
    assert_eq!(offset, first.start);
    assert_eq!(net.deep.list[1].flat().len(), 20);
    for array in net.deep.views_mut().filter(|array| array.name.ends_with("bias")) {
        array.data.fill(7.0);
    }
    assert_eq!((net.deep.list[2].bias, net.deep.norm.bias), ([7.0; 4], [7.0; 4]));
    assert_ne!(net.out.bias, [7.0; 2]);
}

#[test]
fn they_are_copied_compared_and_shown() {
    let net = random();
    let mut copy = net.clone();
    assert_eq!(copy, net);
    copy.deep.list[0].bias[3] += 1.0;
    assert_ne!(copy, net);
    assert_ne!(copy.deep, net.deep);
    assert_eq!((&copy.inner[0], &copy.out), (&net.inner[0], &net.out));
    copy.deep = net.deep.clone();
    assert_eq!(copy, net);
    assert_eq!(Boxed::<Net>::default(), Net::zeros());
    assert_eq!(Net::<f32>::default(), Net::zeros().into_inner());
    assert_eq!(NetState::<f64>::default().deep.norm.running_var, [1.0; 4]);
    assert_eq!(*Boxed::<NetState>::default(), *NetState::new());
    assert_eq!(Bare::<f32>::default(), Bare::zeros().into_inner());

    let mut layer = Inner::<f32>::zeros();
    layer.up.bias[0] = -1.5;
    layer.down.weight[0][0] = f32::NAN;
    assert_eq!(
        format!("{layer:?}"),
        "Inner { up.weight: [4, 6] all 0.0, up.bias: [6] from -1.5 to 0.0, \
         down.weight: [6, 4] from 0.0 to 0.0, 1 NaN, down.bias: [0.0, 0.0, 0.0, 0.0] }"
    );
    assert_ne!(layer, layer.clone(), "NaN");
}

#[test]
fn they_are_converted() {
    let net = random();
    let wide = net.cast::<f64>();
    assert!(net.flat().iter().zip(wide.flat()).all(|(x, y)| f64::from(*x) == *y));
    assert_eq!(wide.cast::<f32>(), net);
    assert_eq!(wide.deep.cast::<f32>().into_inner(), net.deep);
    let boxed: Box<Net> = net.clone().into();
    assert_eq!(Boxed::from(boxed), net);

    let mut numbers = net.flat().to_vec();
    assert_eq!(flat::from_slice::<Net>(&numbers), Some(&*net));
    assert_eq!(flat::from_slice::<Net>(&numbers[1..]), None);
    flat::from_slice_mut::<Net>(&mut numbers).unwrap().out.bias = [3.0; 2];
    assert_eq!(numbers[numbers.len() - 2..], [3.0; 2]);
    assert!(flat::from_slice::<Bare>(&numbers[..0]).is_some());
    assert!(flat::from_slice::<Bare>(&numbers).is_none());
}

#[test]
fn they_are_serialized() {
    #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Robot {
        policy: Boxed<Net>,
        state: Boxed<NetState>,
        layer: Inner<f64>,
        bare: Bare,
    }
    let mut robot = Robot {
        policy: random(),
        state: NetState::new(),
        layer: Inner::default(),
        bare: Bare::default(),
    };
    robot.layer.up.bias = [1.0, -2.0, 0.5, 0.1, 0.2, 0.3];
    let text = serde_json::to_string(&robot).unwrap();
    assert!(text.contains(r#""up.bias":[1.0,-2.0,0.5,0.1,0.2,0.3]"#), "{text}");
    assert_eq!(serde_json::from_str::<Robot>(&text).unwrap(), robot);

    let right = serde_json::to_string(&robot.layer).unwrap();
    for (from, to, says) in [
        ("\"up.bias\":", "\"up.b\":", "found `up.b`, which is no array here"),
        ("[1.0,-2.0,", "[-2.0,", "`up.bias`: found 5 elements, needed 6"),
        ("[1.0,-2.0,", "[1.0,1.0,-2.0,", "`up.bias`: found more than 6 elements"),
        ("[1.0,-2.0,", "[[1.0],-2.0,", "`up.bias`: invalid type: sequence, expected f64"),
        (",\"down.bias\":[0.0,0.0,0.0,0.0]", "", "found no `down.bias`"),
        ("\"down.bias\"", "\"up.bias\"", "found `up.bias` twice"),
    ] {
        let wrong = right.replace(from, to);
        assert_ne!(wrong, right, "{from}");
        let error = serde_json::from_str::<Inner<f64>>(&wrong).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn frozen_layers_are_frozen_by_themselves() {
    model! { pub Half: [2] -> [2] { block = { #[frozen] base = linear -> [2], head = linear -> [2] } } }
    let mut net = Half::<f32>::zeros();
    (net.block.base.bias, net.block.head.bias) = ([1.0; 2], [1.0; 2]);
    let grad = net.block.clone();
    let mut optimizer = AdamW::new(net.block.flat().len(), 0.1);
    optimizer.step(net.block.flat_mut(), grad.flat());
    assert_eq!(net.block.base.bias, [1.0; 2]);
    assert!(net.block.head.bias[0] < 1.0);
}

#[test]
fn generic_code_knows_the_shapes() {
    fn output<'a, M: Forward>(net: &M, inputs: M::Inputs<'a>) -> M::Output {
        net.forward(inputs)
    }
    let (net, state) = (random(), NetState::new());
    assert_eq!(output(&*net, (&[1.0, 2.0, 3.0], &*state)), net.forward(&[1.0, 2.0, 3.0], &state));
    let two = Two::<f32>::init(&mut StdRng::seed_from_u64(1));
    let (x, class) = ([1.0, 2.0, 3.0], Index::new(2).unwrap());
    assert_eq!(output(&*two, (&x, &class)), two.forward(&x, &class));
    let key = Key::new(3);
    assert_eq!(output(two.training(), (&x, &class, key)), two.training().forward(&x, &class, key));
    assert_eq!(output(&*Bare::<f64>::zeros(), &[0.0; 3]), [0.0; 3]);
}

#[test]
fn models_of_any_type_are_one_type() {
    let mut rng = StdRng::seed_from_u64(2);
    let (inner, two) = (Inner::<f64>::init(&mut rng), Two::<f64>::init(&mut rng));
    let mut models: Vec<Box<dyn AnyModel<f64>>> = vec![any(inner.clone()), any(two.clone())];
    assert_eq!(models.iter().map(|model| model.name()).collect::<Vec<_>>(), ["Inner", "Two"]);
    assert_eq!((models[0].output(), models[1].inputs()[1].index), (&[4][..], Some(4)));
    assert_eq!(models[0].arrays(), Inner::<f64>::PARAM_INFO);

    let xs = [[0.1, 0.2, 0.3, 0.4], [1.0, -1.0, 0.5, 0.0]];
    let mut y = [0.0; 8];
    models[0].forward(&[Data::Real(xs.as_flattened())], &mut y);
    close(&y[4..], &inner.forward(&xs[1]));
    let (mut grad, mut ws, mut found) =
        (Inner::zeros(), Inner::workspace(), vec![0.0; models[0].flat().len()]);
    let square = |_: usize, y: &[f64; 4]| loss::mse(y, &[0.0; 4]);
    inner.value_and_grad_batch(&xs, square, &mut grad, &mut ws);
    let mut half = |_: usize, y: &[f64], y_bar: &mut [f64]| {
        y_bar.iter_mut().zip(y).for_each(|(bar, y)| *bar = 2.0 * y / 4.0 / 2.0);
    };
    models[0].grad(&[Data::Real(xs.as_flattened())], &mut half, &mut found);
    close(&found, grad.flat());
    let (x, classes) = ([0.5; 6], [Index::<4>::new(1).unwrap(), Index::new(3).unwrap()]);
    let mut y = [0.0; 6];
    models[1].forward(&[Data::Real(&x), Data::index(&classes)], &mut y);
    close(&y[3..], &two.forward(&[0.5; 3], &classes[1]));
}

/// A batch is computed in another order than one sample.
fn close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-14, "{found} {expected}");
    }
}
