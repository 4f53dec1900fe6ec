use pullback::model;

model! {
    pub Doubling: [8] -> [8] {
        let a = { tanh, tanh },
        let b = { a, a, a, a },
        let c = { b, b, b, b },
        let d = { c, c, c, c },
        let e = { d, d, d, d },
        let f = { e, e, e, e },
        let g = { f, f, f, f },
        let h = { g, g, g, g },
        h,
    }
}

fn main() {}
