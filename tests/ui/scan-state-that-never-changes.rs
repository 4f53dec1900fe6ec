use pullback::model;

model! {
    pub Unchanged: [5, 3] -> [5, 2] {
        scan(h: [2]) { z = linear -> [2], z + h }
    }
}

fn main() {}
