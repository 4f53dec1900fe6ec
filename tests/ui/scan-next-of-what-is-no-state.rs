use pullback::model;

model! {
    pub Outside: [3] -> [3] {
        h <- tanh,
    }

    pub Inner: [5, 4, 3] -> [5, 4, 3] {
        scan(h: [3]) {
            rows = scan(g: [3]) { h <- tanh, g <- h * g },
            h <- sum(rows, axes = 0),
            rows,
        }
    }

    pub Twice: [5, 3] -> [5, 3] {
        scan(h: [3]) { h <- tanh, h <- h + h }
    }

    pub NoShape: [5, 3] -> [5, 3] {
        scan(h = 0) { h <- tanh }
    }
}

fn main() {}
