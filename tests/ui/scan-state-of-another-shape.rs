use pullback::model;

model! {
    pub Next: [5, 3] -> [5, 4] {
        scan(h: [2]) {
            z = linear -> [4],
            h <- tanh(z),
        }
    }

    pub Start(x: [5, 3], h0: [4]) -> [5, 2] {
        scan(x, h: [2] = h0) { z = linear -> [2], h <- z * h }
    }

    pub Number(x: [5, 3]) -> [5, 2] {
        scan(x, h: [2] = 1.0) { z = linear -> [2], h <- z * h }
    }
}

fn main() {}
