use pullback::{Scalar, Shape, model, spec::Op};

struct Cubic;

impl<T: Scalar> Op<T> for Cubic {
    type Dom = Shape![3];
    type Cod = Shape![3, 2];
    fn forward(&self, _: &[T], _: &mut [T]) {}
    fn jvp(&self, _: &[T], _: &[T], _: &mut [T]) {}
    fn vjp(&self, _: &[T], _: &[T], _: &mut [T]) {}
}

model! {
    pub Domain: [4] -> [3, 2] {
        Cubic {} -> [3, 2],
    }

    pub Codomain: [3] -> [3, 5] {
        Cubic {} -> [3, 5],
    }

    pub Rank: [3] -> [6] {
        Cubic {} -> [6],
    }
}

fn main() {
    let _ = Domain::<f32>::zeros().forward(&[0.0; 4]);
}
