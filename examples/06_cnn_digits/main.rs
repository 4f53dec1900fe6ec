//! Trains a convolutional network to read handwritten digits, in a few seconds.
//!
//! `cargo run --release --example 06_cnn_digits [picture.svg]`
//!
//! The data and the way they are shared out are those of `05_digits`, where the network knows nothing of
//! what is beside what. New here are convolutions, and two ops that are not the same in training:
//! `batch_norm`, which takes its statistics from the batch, and `dropout`, which is random. The program ends
//! with an error unless at least 98 % of the test images are read right.

#[path = "../05_digits/data.rs"]
mod data;
#[path = "../05_digits/plot.rs"]
mod plot;

use data::{CLASSES, Digits, SIDE};
use indicatif::{ProgressBar, ProgressStyle};
use pullback::data::{Shuffle, gather, stratified_split};
use pullback::optim::{AdamW, Optimizer};
use pullback::{Index, Key, Workspace, loss, model};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

model! {
    /// An image in, one logit for each digit out.
    pub Reader: [SIDE * SIDE] -> [CLASSES] {
        reshape -> [1, SIDE, SIDE],
        conv1 = conv2d(kernel = 3, padding = 1, bias = false) -> [16, 8, 8],
        bn1 = batch_norm,
        relu,
        conv2 = conv2d(kernel = 3, padding = 1, bias = false) -> [32, 8, 8],
        bn2 = batch_norm,
        relu,
        max_pool2d(kernel = 2),
        conv3 = conv2d(kernel = 3, padding = 1, bias = false) -> [64, 4, 4],
        bn3 = batch_norm,
        relu,
        max_pool2d(kernel = 2),
        flatten,
        dropout(0.3),
        out = linear -> [CLASSES],
    }
}

const SEED: u64 = 1;
const EPOCHS: usize = 30;
const BATCH: usize = 64;
const LEARNING_RATE: f64 = 3e-3;
/// Up to how much each pixel is changed at random, while training. The full range is 2.
const NOISE: f32 = 0.4;
const NEEDED: f64 = 0.98;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut rng = StdRng::seed_from_u64(SEED);
    let digits = Digits::parse(include_str!("../data/digits.csv"))?;
    let split = stratified_split(&digits.labels, 0.2, &mut rng)?;
    let (train, test) = (digits.pick(&split.train), digits.pick(&split.test));
    println!(
        "{} images to train with, {} to test with, {} parameters",
        train.len(),
        test.len(),
        Reader::<f32>::PARAMS
    );

    let mut net = Reader::<f32>::init(&mut rng);
    // The running statistics of `batch_norm`: training changes them, evaluation reads them.
    let mut state = ReaderState::new();
    let mut gradient = Reader::zeros();
    // Statistics are those of a whole batch, so training needs room for all of it at once.
    let mut training = ReaderTraining::workspace(BATCH);
    let mut evaluation = Reader::workspace();
    let mut optimizer = AdamW::new(Reader::<f32>::PARAMS, LEARNING_RATE);
    let mut shuffle = Shuffle::new(train.len(), BATCH)?;
    let mut images = [[0.0; SIDE * SIDE]; BATCH];
    let mut labels = [train.labels[0]; BATCH];
    let mut outputs = vec![[0.0; CLASSES]; train.len().max(test.len())];
    let mut history = Vec::with_capacity(EPOCHS);

    // What is random in `dropout` follows from a key, another one for each step.
    let keys = Key::new(SEED);
    let mut steps = 0;
    let bar = ProgressBar::new(EPOCHS as u64);
    bar.set_style(ProgressStyle::with_template("epoch {pos:>2}/{len} {bar:30.cyan} {msg}")?);
    let start = Instant::now();
    for epoch in 0..EPOCHS {
        optimizer.set_learning_rate(cosine(epoch));
        for batch in shuffle.epoch(&mut rng) {
            gather(&train.images, batch, &mut images);
            let labels = gather(&train.labels, batch, &mut labels);
            let images = &mut images[..batch.len()];
            for pixel in images.as_flattened_mut() {
                *pixel += rng.random_range(-NOISE..NOISE);
            }
            let criterion = |i: usize, logits: &_| loss::cross_entropy(logits, labels[i]);
            let key = keys.fold_in(steps);
            let (grad, ws) = (&mut gradient, &mut training);
            net.training().value_and_grad_batch(images, &mut state, key, criterion, grad, ws);
            optimizer.step(net.flat_mut(), gradient.flat());
            steps += 1;
        }
        let mut scores = |digits| Scores::of(&net, &state, digits, &mut outputs, &mut evaluation);
        let progress = Progress { train: scores(&train), test: scores(&test) };
        bar.set_message(progress.to_string());
        bar.inc(1);
        history.push(progress);
    }
    bar.finish_and_clear();
    let time = start.elapsed();

    let last = history.last().expect("there is at least one epoch");
    println!("{EPOCHS} epochs in {:.1} s: {last}", time.as_secs_f64());

    let path = match std::env::args_os().nth(1) {
        Some(path) => PathBuf::from(path),
        None => std::env::current_exe()?.with_file_name("cnn_digits.svg"),
    };
    std::fs::write(&path, plot::svg(&history)).map_err(|e| format!("{}: {e}", path.display()))?;
    println!("learning curves: {}", path.display());

    let accuracy = last.test.accuracy;
    println!("test accuracy: {:.2} %", 100.0 * accuracy);
    if accuracy < NEEDED {
        let (found, needed) = (100.0 * accuracy, 100.0 * NEEDED);
        return Err(format!("a test accuracy of {found:.2} %, needs at least {needed} %").into());
    }
    Ok(())
}

/// Half a cosine from the full learning rate to 0.
fn cosine(epoch: usize) -> f64 {
    let angle = std::f64::consts::PI * epoch as f64 / EPOCHS as f64;
    LEARNING_RATE * 0.5 * (1.0 + angle.cos())
}

/// How well a set of digits is read.
struct Scores {
    /// The mean cross-entropy
    loss: f64,
    /// The share of images that are read right
    accuracy: f64,
}

impl Scores {
    fn of(
        net: &Reader<f32>,
        state: &ReaderState<f32>,
        digits: &Digits,
        outputs: &mut [[f32; CLASSES]],
        workspace: &mut Workspace<Reader<f32>>,
    ) -> Scores {
        let outputs = &mut outputs[..digits.len()];
        net.forward_batch(&digits.images, state, outputs, workspace);
        let (mut loss, mut right) = (0.0, 0);
        for (logits, label) in outputs.iter().zip(&digits.labels) {
            loss += f64::from(loss::cross_entropy(logits, *label).0);
            right += usize::from(Index::argmax(logits) == *label);
        }
        let count = digits.len() as f64;
        Scores { loss: loss / count, accuracy: right as f64 / count }
    }
}

/// The scores after an epoch.
struct Progress {
    train: Scores,
    test: Scores,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (train, test) = (100.0 * self.train.accuracy, 100.0 * self.test.accuracy);
        write!(f, "loss {:.4}, train {train:.2} %, test {test:.2} %", self.train.loss)
    }
}
