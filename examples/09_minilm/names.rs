//! What the checkpoint of all-MiniLM-L6-v2 calls the parameters of [`MiniLm`](crate::model::MiniLm).

use pullback::weights::Weights;

/// Tensors of the checkpoint that no embedding of a sentence is made from: the numbers 0 to 511, and the
/// layer that BERT was trained with to tell whether one text follows another.
pub(crate) const UNUSED: [&str; 2] = ["embeddings.position_ids", "pooler"];

/// Here, and in the checkpoint.
const NAMES: [(&str, &str); 12] = [
    ("position_embeddings", "embeddings.position_embeddings.weight"),
    ("token_type_embeddings", "embeddings.token_type_embeddings.weight"),
    ("word_embeddings", "embeddings.word_embeddings"),
    ("embeddings_norm", "embeddings.LayerNorm"),
    ("layers.*.query", "encoder.layer.*.attention.self.query"),
    ("layers.*.key", "encoder.layer.*.attention.self.key"),
    ("layers.*.value", "encoder.layer.*.attention.self.value"),
    ("layers.*.attention", "encoder.layer.*.attention.output.dense"),
    ("layers.*.attention_norm", "encoder.layer.*.attention.output.LayerNorm"),
    ("layers.*.intermediate", "encoder.layer.*.intermediate.dense"),
    ("layers.*.output", "encoder.layer.*.output.dense"),
    ("layers.*.output_norm", "encoder.layer.*.output.LayerNorm"),
];

/// How the checkpoint is read.
pub(crate) fn checkpoint() -> Weights {
    let ignoring = UNUSED.into_iter().fold(Weights::new(), Weights::ignore);
    NAMES.into_iter().fold(ignoring, |weights, (ours, theirs)| weights.rename(ours, theirs))
}
