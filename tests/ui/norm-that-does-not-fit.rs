use pullback::model;

const GROUPS: usize = 4;

model! {
    pub Scalar: [] -> [] { layer_norm }

    pub Groups: [6, 8, 8] -> [6, 8, 8] { group_norm(4) }

    pub NoGroups: [6, 8, 8] -> [6, 8, 8] { group_norm }

    pub Half: [6, 8, 8] -> [6, 8, 8] { group_norm(0.5) }

    pub ByValue(x: [6, 8]) -> [6, 8] { group_norm(x, groups = x) }

    pub None: [6] -> [6] { group_norm(0) }

    pub Vector: [6] -> [6] { instance_norm }
}

model! {
    pub Const: [6, 8, 8] -> [6, 8, 8] { group_norm(GROUPS) }
}

fn main() {}
