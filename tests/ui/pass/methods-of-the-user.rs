//! A user's own methods may have the names that are answered with an error where there is none.

use pullback::optim::Sgd;
use pullback::{Boxed, Model, Scalar, model};

model! {
    pub Net: [4] -> [2] { linear -> [2] }
}

impl<T: Scalar> Net<T> {
    fn predict(&self, x: &[T; 4]) -> [T; 2] {
        self.forward(x)
    }
    fn zero_grad(&mut self) -> usize {
        self.flat_mut().len()
    }
}

trait Saved {
    fn save(&self) -> usize;
    fn load(&mut self, numbers: &[f32]);
}

impl Saved for Net<f32> {
    fn save(&self) -> usize {
        self.flat().len()
    }
    fn load(&mut self, numbers: &[f32]) {
        self.flat_mut().copy_from_slice(numbers);
    }
}

trait Moved: Sized {
    fn to(self, device: &str) -> Self;
    fn summary(&self) -> String;
}

impl<M: Model> Moved for Boxed<M> {
    fn to(self, _: &str) -> Self {
        self
    }
    fn summary(&self) -> String {
        format!("{} parameters", self.flat().len())
    }
}

trait Forgetful {
    fn zero_grad(&mut self) -> u8;
}

impl Forgetful for Sgd<f32> {
    fn zero_grad(&mut self) -> u8 {
        7
    }
}

fn main() {
    let mut net = Net::<f32>::zeros().to("here");
    net.load(&[0.5; 10]);
    assert_eq!(net.predict(&[1.0; 4]), [2.5; 2]);
    assert_eq!(net.zero_grad(), 10);
    assert_eq!(net.save(), 10);
    assert_eq!(net.summary(), "10 parameters");
    assert_eq!(Sgd::<f32>::new(1, 0.1).zero_grad(), 7);
}
