//! A random generator that is none of `rand` 0.10, such as that of an older version.

use pullback::data::{Shuffle, train_test_split};
use pullback::model;

model! { pub Net: [4] -> [2] { linear -> [2] } }

mod rand {
    pub struct StdRng;
}

fn main() {
    let mut rng = rand::StdRng;
    let _ = Net::<f32>::init(&mut rng);
    let _ = train_test_split(10, 0.2, &mut rng);
    let _ = Shuffle::new(10, 2).unwrap().epoch(&mut rng);
}
