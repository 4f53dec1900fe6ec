//! `#[frozen]` parameters stay as they are under every optimiser, whatever its weight decay.

use pullback::optim::{Adagrad, Adam, AdamW, Lbfgs, Lion, Optimizer, RmsProp, Sgd};
use pullback::{Boxed, Model, model};
use rand::{SeedableRng, rngs::StdRng};

mod parts {
    pullback::model! {
        pub Half: [3] -> [3] { #[frozen] base = linear -> [3], tanh, head = linear -> [3] }
    }
}

model! {
    /// What is frozen lies at the beginning, in the middle and within another model.
    pub Net: [3] -> [2] {
        #[frozen]
        first = linear -> [3],
        tanh,
        second = linear -> [3],
        half = parts::Half,
        #[frozen]
        last = linear -> [2],
    }
}

/// A rule of a user's, which knows nothing of models.
struct Shrink;

impl Optimizer<f32> for Shrink {
    fn step(&mut self, params: &mut [f32], gradient: &[f32]) {
        params.iter_mut().zip(gradient).for_each(|(p, g)| *p = 0.9 * *p - g);
    }
    fn learning_rate(&self) -> f64 {
        1.0
    }
    fn set_learning_rate(&mut self, _: f64) {}
}

/// A hundred steps; everything that is trained moves, and nothing else.
fn run(what: &str, mut step: impl FnMut(&mut Boxed<Net<f32>>, &Net<f32>)) {
    let mut net = Net::<f32>::init(&mut StdRng::seed_from_u64(3));
    let before = net.boxed();
    let (mut grad, mut ws) = (Net::zeros(), Net::workspace());
    for _ in 0..100 {
        let loss = |_: usize, y: &[f32; 2]| (y[0] + y[1], [1.0; 2]);
        net.value_and_grad_batch(&[[1.0, 0.5, -1.0]; 4], loss, &mut grad, &mut ws);
        step(&mut net, &grad);
    }
    for (i, info) in Net::<f32>::PARAM_INFO.iter().enumerate() {
        let range = info.start..info.start + info.shape.iter().product::<usize>();
        let stays = net.flat()[range.clone()] == before.flat()[range];
        assert_eq!(stays, info.frozen, "{what}: {} of {i}", info.name);
    }
}

#[test]
fn frozen_parameters_stay() {
    let n = Net::<f32>::PARAMS;
    let mut adamw = AdamW::new(n, 1e-2);
    run("AdamW", |net, grad| adamw.step(net.flat_mut(), grad.flat()));
    let mut adamw = AdamW::new(n, 1e-2).weight_decay(0.5);
    run("AdamW by trait", |net, grad| adamw.step_model(&mut **net, grad));
    let mut adam = Adam::new(n, 1e-2).weight_decay(0.1);
    run("Adam", |net, grad| adam.step(net.flat_mut(), grad.flat()));
    let mut sgd = Sgd::new(n, 1e-2).weight_decay(0.1);
    run("SGD", |net, grad| sgd.step(net.flat_mut(), grad.flat()));
    let mut sgd = Sgd::new(n, 1e-2).weight_decay(0.1).momentum(0.9).nesterov(true);
    run("SGD with momentum", |net, grad| sgd.step(net.flat_mut(), grad.flat()));
    let mut sgd = Sgd::new(n, 1e-2).weight_decay(0.1).momentum(0.9).dampening(0.5);
    run("SGD with dampening", |net, grad| sgd.step(net.flat_mut(), grad.flat()));
    let mut rms = RmsProp::new(n, 1e-2).weight_decay(0.1).momentum(0.9).centered(true);
    run("RMSprop", |net, grad| rms.step(net.flat_mut(), grad.flat()));
    let mut adagrad = Adagrad::new(n, 1e-2).weight_decay(0.1);
    run("Adagrad", |net, grad| adagrad.step(net.flat_mut(), grad.flat()));
    let mut lion = Lion::new(n, 1e-3).weight_decay(0.1);
    run("Lion", |net, grad| lion.step(net.flat_mut(), grad.flat()));
    for search in [false, true] {
        // Whatever is written as the gradient of what is frozen.
        let mut lbfgs = Lbfgs::new(n, 1e-2).iterations(1).strong_wolfe(search);
        run("L-BFGS", |net, _| {
            lbfgs.step(net.flat_mut(), |params, gradient| {
                gradient.copy_from_slice(params);
                f64::from(params.iter().map(|p| p * p).sum::<f32>() / 2.0)
            });
        });
    }
    run("another rule", |net, grad| Shrink.step_model(&mut **net, grad));
}

/// Whatever is written as the gradient of what is frozen: neither does it move, by the sign of a zero, nor do others
/// move otherwise.
#[test]
fn frozen_parameters_are_no_part_of_lbfgs() {
    let [some, other] = [1.0, 100.0].map(|written| {
        let mut net = Net::<f32>::init(&mut StdRng::seed_from_u64(3));
        net.first.bias = [-0.0; 3];
        let mut lbfgs = Lbfgs::new(Net::<f32>::PARAMS, 1.0).iterations(10).strong_wolfe(true);
        lbfgs.step_model(&mut *net, |net, grad| {
            let mut loss = 0.0;
            for (i, (g, p)) in grad.flat_mut().iter_mut().zip(net.flat()).enumerate() {
                *g = (i % 5 + 1) as f32 * p;
                loss += f64::from(*g * p) / 2.0;
            }
            for x in grad.views_mut().zip(Net::<f32>::PARAM_INFO).filter(|(_, info)| info.frozen) {
                x.0.data.fill(written);
            }
            loss
        });
        net
    });
    assert_eq!(some, other);
    assert_eq!(some.first.bias.map(f32::to_bits), [(-0.0f32).to_bits(); 3]);
}

/// What `flat_mut` gives is a slice wherever one is taken.
#[test]
fn flat_parameters_are_a_slice() {
    let mut net = Net::<f32>::zeros();
    let slice: &mut [f32] = net.flat_mut();
    slice[0] = 1.0;
    for x in net.flat_mut() {
        *x += 1.0;
    }
    net.flat_mut()[1] = 5.0;
    let copy: Vec<f32> = net.flat_mut().to_vec();
    net.flat_mut().copy_from_slice(&copy);
    assert_eq!(net.flat()[..3], [2.0, 5.0, 1.0]);
}
