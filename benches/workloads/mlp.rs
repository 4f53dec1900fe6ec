//! Three layers with an activation between them, by hand.

use crate::data::{Fill, Group, Results, Tensor};
use crate::float::Float;
use crate::plain::{Activation, Layer};
use std::marker::PhantomData;

/// The names of the parameters.
pub(crate) const NAMES: [&str; 6] = ["W1", "b1", "W2", "b2", "W3", "b3"];
/// Those of their gradients.
pub(crate) const GRADIENTS: [&str; 6] = ["gW1", "gb1", "gW2", "gb2", "gW3", "gb3"];

/// The network, or its gradient: from `I` over `A` and `B` to `O` numbers.
#[derive(Clone)]
pub(crate) struct Mlp<F, T, const I: usize, const A: usize, const B: usize, const O: usize> {
    first: Layer<T, I, A>,
    second: Layer<T, A, B>,
    third: Layer<T, B, O>,
    activation: PhantomData<F>,
}

/// What lies between the layers.
pub(crate) struct Hidden<T, const A: usize, const B: usize>([T; A], [T; B]);

fn activated<F: Activation, T: Float, const N: usize>(mut x: [T; N]) -> [T; N] {
    for x in &mut x {
        *x = F::value(*x);
    }
    x
}

/// `t`, a tangent or a cotangent, times the slopes where the activation gives `y`.
fn sloped<F: Activation, T: Float, const N: usize>(mut t: [T; N], y: &[T; N]) -> [T; N] {
    for (t, y) in t.iter_mut().zip(y) {
        *t = *t * F::slope(*y);
    }
    t
}

impl<F: Activation, T: Float, const I: usize, const A: usize, const B: usize, const O: usize>
    Mlp<F, T, I, A, B, O>
{
    pub(crate) fn read(group: &Group) -> Self {
        let bias = |name, inputs, len| group.input(name, len, Fill::FanIn(inputs));
        Mlp {
            first: Layer::new(group.weight::<T, I, A>("W1"), &bias("b1", I, A)),
            second: Layer::new(group.weight::<T, A, B>("W2"), &bias("b2", A, B)),
            third: Layer::new(group.weight::<T, B, O>("W3"), &bias("b3", B, O)),
            activation: PhantomData,
        }
    }

    pub(crate) fn zeros() -> Self {
        Mlp {
            first: Layer::zeros(),
            second: Layer::zeros(),
            third: Layer::zeros(),
            activation: PhantomData,
        }
    }

    pub(crate) fn clear(&mut self) {
        self.first.clear();
        self.second.clear();
        self.third.clear();
    }

    /// The output, and what `back` needs.
    pub(crate) fn primal(&self, x: &[T; I]) -> ([T; O], Hidden<T, A, B>) {
        let a = activated::<F, _, _>(self.first.forward(x));
        let b = activated::<F, _, _>(self.second.forward(&a));
        (self.third.forward(&b), Hidden(a, b))
    }

    pub(crate) fn forward(&self, x: &[T; I]) -> [T; O] {
        self.primal(x).0
    }

    /// The output and its tangent.
    pub(crate) fn jvp(&self, x: &[T; I], dx: &[T; I]) -> ([T; O], [T; O]) {
        let (y, Hidden(a, b)) = self.primal(x);
        let da = sloped::<F, _, _>(self.first.times(dx), &a);
        let db = sloped::<F, _, _>(self.second.times(&da), &b);
        (y, self.third.times(&db))
    }

    /// Adds the cotangent of the parameters to `gradient`; gives the cotangent of what the first layer
    /// returns.
    pub(crate) fn back(
        &self,
        x: &[T; I],
        hidden: &Hidden<T, A, B>,
        y_bar: &[T; O],
        gradient: &mut Self,
    ) -> [T; A] {
        let Hidden(a, b) = hidden;
        gradient.third.gather(b, y_bar);
        let b_bar = sloped::<F, _, _>(self.third.back(y_bar), b);
        gradient.second.gather(a, &b_bar);
        let a_bar = sloped::<F, _, _>(self.second.back(&b_bar), a);
        gradient.first.gather(x, &a_bar);
        a_bar
    }

    /// From there to the cotangent of the input.
    pub(crate) fn back_to_input(&self, a_bar: &[T; A]) -> [T; I] {
        self.first.back(a_bar)
    }

    pub(crate) fn descend(&mut self, gradient: &Self, rate: T) {
        self.first.descend(&gradient.first, rate);
        self.second.descend(&gradient.second, rate);
        self.third.descend(&gradient.third, rate);
    }

    /// The parameters under the names of gradients.
    pub(crate) fn tensors(&self) -> Results {
        let [w1, b1, w2, b2, w3, b3] = GRADIENTS;
        vec![
            Tensor::weight(w1, &*self.first.weight),
            Tensor::new(b1, &self.first.bias),
            Tensor::weight(w2, &*self.second.weight),
            Tensor::new(b2, &self.second.bias),
            Tensor::weight(w3, &*self.third.weight),
            Tensor::new(b3, &self.third.bias),
        ]
    }
}
