pullback::model! {
    pub TooManyTerms(a: [2, 3], b: [3, 4]) -> [2] { einsum("ij,jk,k->i", a, b) }
    pub TooFewLetters(a: [2, 3], b: [3, 4]) -> [2] { einsum("ij,j->i", a, b) }
    pub StrangeLetter(a: [2, 3]) -> [2] { einsum("i1->i", a) }
    pub UnknownResult(a: [2, 3]) -> [2] { einsum("ij->k", a) }
    pub ResultTwice(a: [2, 3]) -> [2, 2] { einsum("ij->ii", a) }
    pub DotsTwice(a: [2, 3]) -> [2, 3] { einsum("...i...", a) }
    pub UnequalAxes(a: [2, 3], b: [4, 5]) -> [2, 5] { einsum("ij,jk->ik", a, b) }
    pub NoEquation(a: [2, 3], b: [3, 5]) -> [2, 5] { einsum(a, b) }
    pub NoText(a: [2, 3]) -> [3, 2] { einsum(equation = 3, a) }
}

fn main() {}
