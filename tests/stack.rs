//! Large values and small stacks: calls that write to memory of the caller's take the same stack whatever the sizes
//! are, in builds without optimisation too.

use pullback::{Workspace, flat, loss, model};
use std::thread;

model! {
    /// 360 kB of `f32` in, as many out.
    Blur: [1, 300, 300] -> [1, 300, 300] {
        conv = conv2d(kernel = 3, padding = 1) -> [1, 300, 300],
        tanh,
    }

    /// 400 kB.
    Tiles: [100, 1000] -> [100, 1000] { scale(2), act = prelu }
}

type Image = [[[f32; 300]; 300]; 1];
type Tile = [[f32; 1000]; 100];

#[track_caller]
fn with_stack(bytes: usize, run: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(bytes).spawn(run).expect("a thread can be made");
    thread.join().expect("the stack is large enough");
}

/// Far less than a value has, and a few times what a call takes that is of one number.
const SMALL: usize = 256 << 10;

fn image() -> Box<Image> {
    let mut x: Box<Image> = flat::zeros();
    for (i, x) in x.as_flattened_mut().as_flattened_mut().iter_mut().enumerate() {
        *x = (i % 7) as f32 / 7.0;
    }
    x
}

#[test]
fn calls_into_memory_of_the_caller() {
    with_stack(SMALL, || {
        let mut net = Blur::<f32>::zeros();
        net.conv.weight[0][0][1][1] = 0.5;
        net.conv.bias = [0.25];
        let (x, c) = (image(), image());
        let (mut y, mut dy, mut x_bar): (Box<Image>, Box<Image>, Box<Image>) =
            (flat::zeros(), flat::zeros(), flat::zeros());
        let (mut grad, d_net) = (Blur::zeros(), net.boxed());

        net.forward_into(&x, &mut y);
        let value = (0.5 * x[0][3][4] + 0.25).tanh();
        assert!((y[0][3][4] - value).abs() < 1e-6);

        net.jvp_into(&x, &c, &mut y, &mut dy);
        let slope = 1.0 - value * value;
        assert!((dy[0][3][4] - 0.5 * slope * c[0][3][4]).abs() < 1e-6);
        net.jvp_params_into(&x, &d_net, &mut y, &mut dy);
        assert!((dy[0][3][4] - slope * (0.5 * x[0][3][4] + 0.25)).abs() < 1e-6);
        net.jvp_all_into(&x, &c, &d_net, &mut y, &mut dy);

        net.vjp_into(&x, &c, &mut y, &mut x_bar, &mut grad);
        assert!((y[0][3][4] - value).abs() < 1e-6);
        assert!((x_bar[0][3][4] - 0.5 * slope * c[0][3][4]).abs() < 1e-6);
        let bias = grad.conv.bias[0];
        assert!(bias > 0.0);
        grad.flat_mut().fill(0.0);
        x_bar[0][3][4] = 0.0;
        net.vjp_inputs_into(&x, &c, &mut y, &mut x_bar);
        assert!((x_bar[0][3][4] - 0.5 * slope * c[0][3][4]).abs() < 1e-6);
        net.vjp_params_into(&x, &c, &mut y, &mut grad);
        assert_eq!(grad.conv.bias, [bias]);
    });
}

#[test]
fn losses_into_memory_of_the_caller() {
    with_stack(SMALL, || {
        let net = Tiles::<f32>::init(&mut rand::rng());
        let mut x: Box<[Tile; 3]> = flat::zeros();
        x[1][99][999] = 3.0;
        let loss = |y: &Tile, y_bar: &mut Tile| {
            assert_eq!(y_bar[99][999], 0.0);
            y_bar[99][999] = 2.0 * y[99][999];
            y[99][999] * y[99][999]
        };
        let mut grad = Tiles::zeros();
        assert_eq!(net.value_and_grad_into(&x[1], loss, &mut grad), 36.0);
        grad.act.weight = [5.0];
        let mut ws = Tiles::workspace();
        let indexed = |_: usize, y: &Tile, y_bar: &mut Tile| loss(y, y_bar);
        let mean = net.value_and_grad_batch_into(&x[..], indexed, &mut grad, &mut ws);
        assert!((mean - 12.0).abs() < 1e-5);
        assert_eq!(grad.act.weight, [0.0]);
    });
}

#[test]
fn batches() {
    with_stack(SMALL, || {
        let net = Tiles::<f32>::init(&mut rand::rng());
        let (mut x, mut y): (Box<[Tile; 2]>, Box<[Tile; 2]>) = (flat::zeros(), flat::zeros());
        let mut x_bar: Box<[Tile; 2]> = flat::zeros();
        let mut grad = Tiles::zeros();
        x[1][0][0] = 1.0;
        let mut ws = Workspace::with_tile(1);
        net.forward_batch(&x[..], &mut y[..], &mut ws);
        assert_eq!(y[1][0][0], 2.0);
        net.vjp_batch(&x[..], &x[..], &mut y[..], &mut x_bar[..], &mut grad, &mut ws);
        assert_eq!(x_bar[1][0][0], 2.0);
    });
}

/// What the documentation of the calls that return arrays says: four times their bytes.
mod by_value {
    use super::*;

    /// How many times the bytes of all arrays that a call gives.
    const TIMES: usize = 4;

    #[test]
    fn forward() {
        with_stack(TIMES * size_of::<Tile>() + SMALL, || {
            let net = Tiles::<f32>::init(&mut rand::rng());
            let x: Box<Tile> = flat::zeros();
            let y = net.forward(&x);
            assert_eq!(y[99][999], 0.0);
        });
    }

    #[test]
    fn jvp() {
        with_stack(2 * TIMES * size_of::<Tile>() + SMALL, || {
            let net = Tiles::<f32>::init(&mut rand::rng());
            let x: Box<Tile> = flat::zeros();
            let (y, dy) = net.jvp(&x, &x);
            assert_eq!(y[99][999] + dy[99][999], 0.0);
        });
    }

    #[test]
    fn vjp() {
        with_stack(2 * TIMES * size_of::<Tile>() + SMALL, || {
            let net = Tiles::<f32>::init(&mut rand::rng());
            let x: Box<Tile> = flat::zeros();
            let (_, pullback) = net.vjp(&x);
            let (x_bar, _) = pullback(&x);
            assert_eq!(x_bar[99][999], 0.0);
        });
    }

    #[test]
    fn value_and_grad() {
        with_stack(2 * TIMES * size_of::<Tile>() + SMALL, || {
            let net = Tiles::<f32>::init(&mut rand::rng());
            let (x, target): (Box<Tile>, Box<Tile>) = (flat::zeros(), flat::zeros());
            let mse = |y: &Tile| {
                let mut y_bar = [[0.0; 1000]; 100];
                y_bar[0] = loss::mse(&y[0], &target[0]).1;
                (0.0, y_bar)
            };
            let (value, _) = net.value_and_grad(&x, mse);
            assert_eq!(value, 0.0);
        });
    }
}
