//! W8: ResNet-18 (He et al. 2015), one photograph.

use crate::data::{Fill, Group, Results, Tensor};
use crate::float::Float;
use crate::harness::{self, Family, Task, Workload};
use pullback::{Boxed, Model, Workspace, model};

/// Rows and columns of the image.
const SIZE: usize = 224;
const CHANNELS: usize = 3;
const CLASSES: usize = 1000;

model! {
    /// Two convolutions beside a skip connection.
    Basic<C, N>(x: [C, N, N]) -> [C, N, N] {
        conv1 = conv2d(3, padding = 1, bias = false) -> [C, _, _],
        bn1 = batch_norm,
        relu,
        conv2 = conv2d(3, padding = 1, bias = false) -> [C, _, _],
        bn2 = batch_norm,
        relu(x + bn2),
    }

    /// The same to twice as many channels of half the rows and columns.
    Halving<C, N>(x: [C, N, N]) -> [2 * C, N / 2, N / 2] {
        conv1 = conv2d(3, stride = 2, padding = 1, bias = false) -> [2 * C, _, _],
        bn1 = batch_norm,
        relu,
        conv2 = conv2d(3, padding = 1, bias = false) -> [2 * C, _, _],
        bn2 = batch_norm,
        skip = {
            conv = conv2d(x, 1, stride = 2, bias = false) -> [2 * C, _, _],
            bn = batch_norm,
        },
        relu(skip + bn2),
    }

    /// An image in, a logit for each class out.
    ResNet18: [CHANNELS, SIZE, SIZE] -> [CLASSES] {
        conv1 = conv2d(7, stride = 2, padding = 3, bias = false) -> [64, _, _],
        bn1 = batch_norm,
        relu,
        max_pool2d(3, stride = 2, padding = 1),
        layer1 = [Basic; 2],
        layer2 = { first = Halving, second = Basic },
        layer3 = { first = Halving, second = Basic },
        layer4 = { first = Halving, second = Basic },
        mean(axes = [1, 2]),
        fc = linear -> [CLASSES],
    }
}

type Image<T> = [[[T; SIZE]; SIZE]; CHANNELS];

pub(crate) fn workloads() -> Vec<Workload> {
    vec![Workload::of::<Resnet>()]
}

/// The logits.
struct Resnet;

impl Family for Resnet {
    const NAME: &'static str = "w8_resnet18_fwd";
    const ABOUT: &'static str = "ResNet-18 on 3 × 224 × 224, one image: logits";
    const GROUP: Option<&'static str> = Some("w8");
    const LOOPS: bool = false;
    type Ours<T: Float> = Forward<T>;
    type Plain<T: Float> = Forward<T>;
}

struct Forward<T: Float> {
    net: Boxed<ResNet18<T>>,
    state: Boxed<ResNet18State<T>>,
    x: Vec<Image<T>>,
    y: Vec<[T; CLASSES]>,
    workspace: Workspace<ResNet18<T>>,
}

/// The running statistics, which the files have under the names that the library gives them.
fn state<T: Float>(group: &Group) -> Boxed<ResNet18State<T>> {
    let mut state = ResNet18State::new();
    for info in ResNet18::<T>::STATE_INFO {
        let numbers = group.input(info.name, info.len(), Fill::Unit);
        state.flat_mut()[info.start..][..info.len()].copy_from_slice(&numbers);
    }
    state
}

impl<T: Float> Task for Forward<T> {
    type Output = ();
    fn new(group: &Group) -> Self {
        let rows: Vec<[T; SIZE]> = group.samples("x", CHANNELS * SIZE, Fill::Wide);
        Forward {
            net: crate::network(group),
            state: state(group),
            x: rows.as_chunks::<SIZE>().0.as_chunks::<CHANNELS>().0.to_vec(),
            y: vec![[T::ZERO; CLASSES]],
            workspace: harness::workspace(),
        }
    }
    fn call(&mut self) {
        self.net.forward_batch(&self.x, &self.state, &mut self.y, &mut self.workspace);
    }
    fn results(&mut self) -> Results {
        self.call();
        vec![Tensor::new("out", self.y.as_flattened())]
    }
}
