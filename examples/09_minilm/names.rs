//! What the checkpoint of all-MiniLM-L6-v2 calls the parameters of [`MiniLm`](crate::model::MiniLm).

use crate::load::Source;

/// Tensors of the checkpoint that no embedding of a sentence is made from: the numbers 0 to 511, and the
/// layer that BERT was trained with to tell whether one text follows another.
pub(crate) const UNUSED: [&str; 3] =
    ["embeddings.position_ids", "pooler.dense.weight", "pooler.dense.bias"];

/// The tensor of the checkpoint that a parameter is read from.
pub(crate) fn source(parameter: &str) -> Source {
    let (place, array) = parameter.rsplit_once('.').unwrap_or((parameter, ""));
    let Some((number, part)) = place.strip_prefix("layers.").and_then(|at| at.split_once('.'))
    else {
        let part = if place == "embeddings_norm" { "LayerNorm" } else { place };
        return Source { tensor: format!("embeddings.{part}.{array}"), transposed: false };
    };
    let part = match part {
        "query" => "attention.self.query",
        "key" => "attention.self.key",
        "value" => "attention.self.value",
        "attention" => "attention.output.dense",
        "attention_norm" => "attention.output.LayerNorm",
        "intermediate" => "intermediate.dense",
        "output" => "output.dense",
        "output_norm" => "output.LayerNorm",
        other => other,
    };
    // Matrices are transposed; a vector is the same either way.
    Source { tensor: format!("encoder.layer.{number}.{part}.{array}"), transposed: true }
}
