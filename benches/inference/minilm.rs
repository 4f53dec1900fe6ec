//! W9: the sentence encoder of the example `09_minilm`, one sentence and sixteen.

use crate::data::{Fill, Group, Results, Tensor};
use crate::float::Float;
use crate::harness::{self, Family, Task, Workload};
use crate::model::{MiniLm, TOKENS, VOCABULARY, WIDTH};
use pullback::{Boxed, Index, Workspace};

/// Sentences that there are; the small workload takes the first.
const ALL: usize = 16;

pub(crate) fn workloads() -> Vec<Workload> {
    vec![Workload::of::<Sentences<1>>(), Workload::of::<Sentences<ALL>>()]
}

/// The embeddings of so many sentences.
struct Sentences<const B: usize>;

impl<const B: usize> Family for Sentences<B> {
    const NAME: &'static str = if B == 1 { "w9_minilm_b1_fwd" } else { "w9_minilm_b16_fwd" };
    const ABOUT: &'static str = if B == 1 {
        "all-MiniLM-L6-v2, 32 tokens, one sentence: its embedding"
    } else {
        "the same, sixteen sentences"
    };
    const GROUP: Option<&'static str> = Some("w9");
    const LOOPS: bool = false;
    type Ours<T: Float> = Forward<T, B>;
    type Plain<T: Float> = Forward<T, B>;
}

struct Forward<T: Float, const B: usize> {
    net: Boxed<MiniLm<T>>,
    tokens: Vec<[Index<VOCABULARY>; TOKENS]>,
    /// 1 for each token, 0 for padding; made up, how much each token counts in the mean.
    masks: Vec<[[T; TOKENS]; 1]>,
    y: Vec<[T; WIDTH]>,
    workspace: Workspace<MiniLm<T>>,
}

impl<T: Float, const B: usize> Task for Forward<T, B> {
    type Output = ();
    fn new(group: &Group) -> Self {
        let all = group.batch(ALL);
        let mut tokens = group.labels("tokens", all * TOKENS).as_chunks().0.to_vec();
        let mut masks: Vec<_> =
            group.samples("mask", all, Fill::Unit).into_iter().map(|row| [row]).collect();
        tokens.truncate(B);
        masks.truncate(B);
        let y = vec![[T::ZERO; WIDTH]; tokens.len()];
        Forward { net: crate::network(group), tokens, masks, y, workspace: harness::workspace() }
    }
    fn call(&mut self) {
        let Forward { net, tokens, masks, y, workspace } = self;
        net.forward_batch(&*tokens, &*masks, y, workspace);
    }
    fn results(&mut self) -> Results {
        self.call();
        vec![Tensor::new(if B == 1 { "out_b1" } else { "out_b16" }, self.y.as_flattened())]
    }
}
