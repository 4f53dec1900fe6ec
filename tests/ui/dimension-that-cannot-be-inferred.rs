use pullback::model;

model! {
    pub Width: [64] -> [10] {
        fc1 = linear -> [_],
        fc2 = linear -> [10],
    }

    pub Several: [24] -> [2, 3, 4] {
        reshape -> [2, _, _],
    }

    pub Input: [28, _] -> [28] {
        sum(axes = 1),
    }

    pub Output: [28] -> [_] {
        relu,
    }

    pub Repeat: [28] -> [3, 28] {
        broadcast -> [_, 28],
    }
}

fn main() {}
