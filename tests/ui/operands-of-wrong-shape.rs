pullback::model! {
    pub Var: [4, 1] -> [4] { var(axes = 1) }
    pub Std: [3] -> [] { std(correction = 3) }
    pub Glu: [5] -> [2] { glu }
    pub Prelu: [3, 4] -> [3, 4] { prelu(num_parameters = 4) }
    pub Roll: [3] -> [3] { roll(0.5, axis = 0) }
    pub Outer(a: [3], b: [2, 3]) -> [3, 6] { outer(a, b) }
    pub Dot(a: [3], b: [4]) -> [] { dot(a, b) }
    pub Cumsum: [3] -> [3] { cumsum }
}

fn main() {}
