mod nets {
    pullback::model! {
        pub Header: [64, ?] -> [10] {
            fc = linear -> [10],
        }

        pub Body: [64] -> [10] {
            fc = linear -> [10, 1],
        }

        pub Rank: [64] -> [4, 4] {
            h = linear -> [4],
            out = reshape(h),
        }
    }
}

use nets::{Body, Header, Rank};

struct Trained {
    header: pullback::Boxed<Header>,
    body: pullback::Boxed<Body<f64>>,
}

impl Body<f64> {
    fn bias(&self) -> f64 {
        self.fc.bias[0]
    }
}

fn main() {
    let trained = Trained { header: Header::zeros(), body: Body::zeros() };
    let y: [f32; 10] = trained.header.forward(&[[0.0; 2]; 64]);
    let z: [f64; 10] = trained.body.forward(&[0.0; 64]);
    let rank: [[f32; 4]; 4] = Rank::zeros().forward(&[0.0; 64]);
    println!("{} {} {} {}", y[0], z[0], trained.body.bias(), rank[0][0]);
}
