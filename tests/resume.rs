//! A run that is written down, killed and taken up again is the run that was not: to the bit, whatever the optimiser.

use pullback::data::Shuffle;
use pullback::optim::{
    Adagrad, Adam, AdamW, EarlyStop, Ema, Group, Lbfgs, Lion, Optimizer, Plateau, RmsProp,
    Schedule, Sgd, clip_norm,
};
use pullback::{Boxed, Key, loss, model};
use rand::{SeedableRng, rngs::StdRng};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

model! {
    pub Net: [3] -> [2] {
        hidden = linear -> [8],
        norm = batch_norm,
        relu,
        dropout(0.3),
        out = linear -> [2],
    }
}

const SAMPLES: usize = 24;
const BATCH: usize = 6;

/// Everything that a run remembers.
#[derive(Serialize, Deserialize)]
struct Run<O> {
    net: Boxed<Net>,
    state: Boxed<NetState>,
    optimizer: O,
    average: Ema<Net>,
    plateau: Plateau,
    stop: EarlyStop,
    schedule: Schedule,
    shuffle: Shuffle,
    key: Key,
    epoch: u64,
    step: u64,
}

impl<O: Optimizer<f32> + Serialize + DeserializeOwned> Run<O> {
    fn new(optimizer: O) -> Self {
        let net = Net::init(&mut StdRng::seed_from_u64(1));
        Run {
            state: NetState::new(),
            optimizer,
            average: Ema::new(&*net, 0.9).warm_up(true),
            net,
            plateau: Plateau::new(1.0, 0.5, 1),
            stop: EarlyStop::new(100),
            schedule: Schedule::cosine(1e-2, 1e-4, 30).warm_up(5),
            shuffle: Shuffle::new(SAMPLES, BATCH).unwrap(),
            key: Key::new(7),
            epoch: 0,
            step: 0,
        }
    }

    fn epoch(&mut self) {
        let x = |i: usize| [i as f32 / 12.0 - 1.0, (i % 5) as f32, (i % 3) as f32 - 1.0];
        let (mut grad, mut ws) = (Net::zeros(), NetTraining::workspace(BATCH));
        // What is drawn in an epoch depends on its number alone.
        let mut rng = StdRng::seed_from_u64(self.epoch);
        for batch in self.shuffle.epoch(&mut rng) {
            let xs: Vec<[f32; 3]> = batch.iter().map(|i| x(*i)).collect();
            let mse = |i: usize, y: &[f32; 2]| loss::mse(y, &[xs[i][0] * xs[i][1], xs[i][2]]);
            let key = self.key.fold_in(self.step);
            let net = self.net.training();
            let mean = net.value_and_grad_batch(&xs, &mut self.state, key, mse, &mut grad, &mut ws);
            clip_norm(grad.flat_mut(), 1.0);
            let rate = self.schedule.rate(self.step as usize) * self.plateau.next(f64::from(mean));
            self.optimizer.set_learning_rate(rate);
            self.optimizer.step_model(&mut *self.net, &grad);
            self.average.update(&self.net);
            self.stop.see(f64::from(mean));
            self.step += 1;
        }
        self.epoch += 1;
    }

    /// All of it as bytes.
    fn bytes(&self) -> Vec<u8> {
        postcard::to_stdvec(self).unwrap()
    }
}

fn is_resumed<O: Optimizer<f32> + Serialize + DeserializeOwned>(name: &str, make: impl Fn() -> O) {
    let (mut whole, mut first) = (Run::new(make()), Run::new(make()));
    (0..5).for_each(|_| whole.epoch());
    (0..2).for_each(|_| first.epoch());
    let written = first.bytes();
    drop(first);
    let mut second: Run<O> = postcard::from_bytes(&written).unwrap();
    assert_eq!(second.bytes(), written, "{name}");
    (0..3).for_each(|_| second.epoch());
    assert_eq!(second.net, whole.net, "{name}");
    assert_eq!(second.bytes(), whole.bytes(), "{name}");

    // What an optimiser remembers counts.
    let mut forgetful: Run<O> = postcard::from_bytes(&written).unwrap();
    forgetful.optimizer = make();
    (0..3).for_each(|_| forgetful.epoch());
    assert_ne!(forgetful.net, whole.net, "{name}");
}

#[test]
fn runs_are_resumed_to_the_bit() {
    const N: usize = Net::<f32>::PARAMS;
    let group = || Group::biases_and_norms::<Net>().weight_decay(0.0).rate_factor(2.0);
    is_resumed("sgd", || Sgd::new(N, 1e-2).momentum(0.9).nesterov(true).group(group()));
    is_resumed("dampened", || Sgd::new(N, 1e-2).momentum(0.9).dampening(0.3));
    is_resumed("adam", || Adam::new(N, 1e-2).weight_decay(0.1).group(group()));
    is_resumed("adamw", || AdamW::new(N, 1e-2).group(group()));
    is_resumed("rmsprop", || RmsProp::new(N, 1e-2).momentum(0.5).centered(true).group(group()));
    is_resumed("adagrad", || Adagrad::new(N, 1e-2).rate_decay(0.1).group(group()));
    is_resumed("lion", || Lion::new(N, 1e-3).weight_decay(0.1).group(group()));
}

/// L-BFGS, whose steps ask for the loss themselves.
#[test]
fn lbfgs_is_resumed_to_the_bit() {
    // Rosenbrock's function.
    let step = |lbfgs: &mut Lbfgs<f64>, params: &mut [f64; 2]| {
        lbfgs.step(params, |p, gradient| {
            let (across, along) = (p[1] - p[0] * p[0], 1.0 - p[0]);
            gradient.copy_from_slice(&[-400.0 * p[0] * across - 2.0 * along, 200.0 * across]);
            100.0 * across * across + along * along
        })
    };
    let make = || Lbfgs::new(2, 1.0).iterations(3).history(2).strong_wolfe(true);
    let (mut lbfgs, mut params) = (make(), [-1.2, 1.0]);
    for _ in 0..2 {
        step(&mut lbfgs, &mut params);
    }
    let written = postcard::to_stdvec(&lbfgs).unwrap();
    let (mut resumed, mut others) = (postcard::from_bytes(&written).unwrap(), params);
    let (mut forgetful, mut astray) = (make(), params);
    for _ in 0..3 {
        let loss = step(&mut lbfgs, &mut params);
        assert_eq!((loss, params), (step(&mut resumed, &mut others), others));
        step(&mut forgetful, &mut astray);
        assert_ne!(astray, params);
    }
}
