use pullback::model;

model! {
    pub Lengths(x: [5, 3], y: [4, 3]) -> [5, 3] {
        scan(x, y, h: [3]) { h <- h + x * y }
    }

    pub Scalar: [] -> [1] {
        scan(h: []) { |x| x * x, h <- exp }
    }

    pub Labels(i: index(3)) -> [3] {
        scan(i, h: []) { h <- h + i }
    }

    pub Unknown(input: [5, 3]) -> [5, 3] {
        scan(inputs, h: [3]) { h <- h + inputs }
    }
}

fn main() {}
