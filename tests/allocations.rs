//! Batched calls and a training step allocate nothing once everything is set up.
//!
//! Each thread counts for itself: what runs the tests allocates as well.

use pullback::flat::Flat;
use pullback::optim::{Adagrad, Adam, AdamW, Group, Lion, Optimizer, RmsProp, Sgd};
use pullback::weights::{Format, Weights};
use pullback::{Index, Key, loss, model};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    // Neither made lazily nor dropped, so that an allocator can use it.
    static COUNT: Cell<usize> = const { Cell::new(0) };
    static LARGEST: Cell<usize> = const { Cell::new(0) };
}

#[expect(unsafe_code, reason = "an allocator that counts")]
// SAFETY: everything is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        LARGEST.set(LARGEST.get().max(layout.size()));
        // SAFETY: the caller's contract is ours.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

model! {
    /// A classifier.
    pub Net: [16] -> [4] {
        fc1 = linear -> [24],
        gelu_tanh,
        fc2 = linear -> [24],
        relu,
        softmax,
        fc3 = linear -> [4],
    }
}

model! {
    /// Predicts each token from those before it.
    pub Language(text: [9] of index(20)) -> [] {
        embedding(slice(text, 0..8)) -> [8, 16],
        sinusoidal,
        x = linear -> [8, 16],
        rotary,
        tanh,
        linear -> [8, 20],
        cross_entropy(slice(text, 1..9)),
    }
}

model! {
    /// A model that is another one in training.
    pub Trained: [16] -> [4] {
        linear -> [24],
        batch_norm,
        relu,
        dropout(0.3),
        linear -> [4],
    }
}

fn count(f: impl FnOnce()) -> usize {
    let before = COUNT.get();
    f();
    COUNT.get() - before
}

#[test]
fn nothing_is_allocated_per_step() {
    let mut rng = StdRng::seed_from_u64(1);
    let mut net = Net::<f32>::init(&mut rng);
    let (mut grad, d_net) = (Net::<f32>::zeros(), Net::<f32>::init(&mut rng));
    let mut ws = Net::<f32>::workspace();
    let x = vec![[0.5f32; 16]; 70];
    let labels: Vec<Index<4>> = (0..70).map(|i| Index::new(i % 4).unwrap()).collect();
    let (mut y, mut dy, y_bar) = (vec![[0f32; 4]; 70], vec![[0f32; 4]; 70], vec![[1f32; 4]; 70]);
    let mut x_bar = vec![[0f32; 16]; 70];
    // The calling thread does all of so few parameters.
    let mut optimizer = AdamW::new(Net::<f32>::PARAMS, 1e-3).threads(2);

    assert!(count(|| drop(Net::<f32>::zeros())) > 0, "the allocator counts");
    assert_eq!(count(|| net.forward_batch(&x, &mut y, &mut ws)), 0, "forward");
    assert_eq!(count(|| net.jvp_batch(&x, &x, &mut y, &mut dy, &mut ws)), 0, "jvp");
    assert_eq!(
        count(|| net.jvp_all_batch(&x, &x, &d_net, &mut y, &mut dy, &mut ws)),
        0,
        "jvp of all"
    );
    assert_eq!(
        count(|| net.vjp_batch(&x, &y_bar, &mut y, &mut x_bar, &mut grad, &mut ws)),
        0,
        "vjp"
    );
    assert_eq!(
        count(|| net.vjp_inputs_batch(&x, &y_bar, &mut y, &mut x_bar, &mut ws)),
        0,
        "vjp of inputs"
    );
    let step = count(|| {
        let value = net.value_and_grad_batch(
            &x,
            |i, y| loss::cross_entropy(y, labels[i]),
            &mut grad,
            &mut ws,
        );
        assert!(value.is_finite());
        optimizer.step(net.flat_mut(), grad.flat());
    });
    assert_eq!(step, 0, "a training step");
    let one = count(|| {
        std::hint::black_box(net.forward(&x[0]));
    });
    assert_eq!(one, 0, "forward of one sample");

    let net = Language::<f32>::init(&mut rng);
    let (mut grad, mut ws) = (Language::<f32>::zeros(), Language::<f32>::workspace());
    let text: Vec<u32> = (0..90).map(|i| i * i % 20).collect();
    let step = count(|| {
        let (batch, _) = Index::<20>::slice(&text).expect("all are below 20").as_chunks::<9>();
        let loss = net.value_and_grad_batch(batch, &mut grad, &mut ws);
        assert!(loss.is_finite());
    });
    assert_eq!(step, 0, "a step on integers");

    let net = Trained::<f32>::init(&mut rng);
    let (mut grad, mut state) = (Trained::zeros(), TrainedState::new());
    let mut ws = TrainedTraining::workspace(70);
    let mut step = |step: u64| {
        count(|| {
            let key = Key::new(1).fold_in(step);
            let loss = |i: usize, y: &_| loss::cross_entropy(y, labels[i]);
            net.training().value_and_grad_batch(&x, &mut state, key, loss, &mut grad, &mut ws);
        })
    };
    assert_eq!((step(0), step(1)), (0, 0), "a training step with state and key");
}

/// Whatever the optimiser, with groups and with what is frozen.
#[test]
fn steps_allocate_nothing() {
    model! {
        pub Half: [4] -> [4] {
            first = linear -> [8], layer_norm, #[frozen] base = linear -> [8], tanh, linear -> [4],
        }
    }
    const N: usize = Half::<f32>::PARAMS;
    fn check<O: Optimizer<f32>>(name: &str, mut optimizer: O, step: fn(&mut O, &mut Half, &[f32])) {
        let (mut net, grad) = (Half::<f32>::zeros(), [0.5; N]);
        assert_eq!(count(|| step(&mut optimizer, &mut net, &grad)), 0, "{name}");
    }
    macro_rules! check {
        ($($optimizer:expr;)*) => {$(
            let plain = Group::biases_and_norms::<Half>().weight_decay(0.0);
            let first = Group::of::<Half>(|array| array.name == "first.weight").rate_factor(0.1);
            let optimizer = $optimizer.weight_decay(0.1).group(plain).group(first);
            check(stringify!($optimizer), optimizer, |optimizer, net, grad| {
                optimizer.step(Flat::of(net), grad);
            });
        )*};
    }
    check! {
        Sgd::new(N, 1e-3).momentum(0.9).dampening(0.1);
        Adam::new(N, 1e-3);
        AdamW::new(N, 1e-3);
        RmsProp::new(N, 1e-3).momentum(0.9).centered(true);
        Adagrad::new(N, 1e-3);
        Lion::new(N, 1e-3);
    }
}

#[test]
fn a_spoilt_file_of_weights_takes_no_memory() {
    let net = Net::<f32>::zeros();
    let mut rng = StdRng::seed_from_u64(1);
    for format in [Format::Safetensors, Format::Npz] {
        let whole = Weights::new().to_bytes(&net, format).unwrap();
        let mut other = Net::<f32>::zeros();
        LARGEST.set(0);
        for _ in 0..5000 {
            let mut bytes = whole.clone();
            for _ in 0..rng.random_range(1..4) {
                // The headers are at the front of one and at the end of the other.
                let at = rng.random_range(0..bytes.len().min(1000));
                let at = if rng.random() { at } else { bytes.len() - 1 - at };
                bytes[at] = [0xff, b'9', 0x7f, rng.random()][rng.random_range(0..4)];
            }
            let _ = Weights::new().from_bytes(&mut other, &bytes);
        }
        // An inflater has a window of its own.
        let most = whole.len() + (1 << 18);
        assert!(LARGEST.get() <= most, "{} bytes at once, {most} allowed", LARGEST.get());
    }
}
