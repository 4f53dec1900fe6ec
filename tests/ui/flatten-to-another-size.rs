use pullback::model;

model! {
    pub Lenet: [16, 4, 4] -> [10] {
        flatten -> [400],
        linear -> [10],
    }
}

fn main() {}
