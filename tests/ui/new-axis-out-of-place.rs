pullback::model! {
    pub Unsqueeze: [2, 3] -> [2, 3, 1] { unsqueeze(3) }
    pub Stack(a: [2], b: [2]) -> [2, 2] { stack(a, b, axis = -3) }
    pub Unlike(a: [2], b: [3]) -> [5] { stack(a, b) }
    pub Repeat: [2, 3] -> [4, 3] { repeat(2) }
    pub Squeeze: [2, 1, 3] -> [2, 1] { squeeze(2) }
}

fn main() {}
