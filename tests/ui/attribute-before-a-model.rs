//! Attributes that reach one of the items of a model only.

use pullback::model;

model! {
    #[derive(Clone)]
    pub Derived: [4] -> [4] { linear -> [4] }
}

model! {
    #[cfg(test)]
    pub Configured: [4] -> [4] { linear -> [4] }
}

model! {
    /// These are fine.
    #[allow(dead_code)]
    #[must_use]
    pub Whole: [4] -> [4] { linear -> [4] }
}

fn main() {}
