//! The crate under another name, and models in modules, functions and macros.
use pullback as pb;

mod deep {
    pub(crate) mod deeper {
        use super::super::pb;

        pb::model! {
            pub(super) Hidden: [2] -> [2] { linear -> [2] }

            pub(crate) Open: [2] -> [1] { linear -> [1] }

            pub(in crate::deep) Inside: [2] -> [1] { linear -> [1] }
        }
    }

    pub(crate) fn forward() -> [f32; 1] {
        deeper::Inside::<f32>::zeros().forward(&deeper::Hidden::zeros().forward(&[1.0; 2]))
    }
}

macro_rules! perceptron {
    ($name:ident, $from:literal -> $to:expr, $act:ident) => {
        pb::model! {
            pub $name: [$from] -> [$to] {
                fc = linear -> [2 * $to],
                $act,
                out = linear -> [$to],
            }
        }
    };
}

perceptron!(Small, 3 -> 1 + 1, tanh);
perceptron!(Large, 300 -> 20, relu);

fn local() -> f64 {
    const WIDTH: usize = 3;
    pb::model! {
        Local: [WIDTH] -> [] {
            linear -> [WIDTH + 1],
            sum,
        }
    }
    let mut net = Local::<f64>::zeros();
    net.linear1.bias = [1.0; 4];
    net.forward(&[0.0; WIDTH])
}

fn main() {
    assert_eq!(deep::forward(), [0.0]);
    assert_eq!(deep::deeper::Open::<f32>::zeros().forward(&[1.0; 2]), [0.0]);
    assert_eq!(Small::<f32>::PARAMS, 3 * 4 + 4 + 4 * 2 + 2);
    assert_eq!(Large::<f32>::zeros().forward(&[0.0; 300]), [0.0; 20]);
    assert_eq!(local(), 4.0);
}
