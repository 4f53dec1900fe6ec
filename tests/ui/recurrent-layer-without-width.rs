use pullback::model;

model! {
    pub Arrowless: [5, 3] -> [5, 4] { lstm }

    pub Vector: [5] -> [5, 4] { gru -> [5, 4] }

    pub Inferred: [5, 3] -> [5, 4] { rnn -> [5, _] }

    pub LastOnly: [5, 3] -> [4] { lstm -> [4] }
}

fn main() {}
