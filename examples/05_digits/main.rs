//! Trains a network to read handwritten digits, in a second or two.
//!
//! `cargo run --release --example 05_digits [picture.svg]`
//!
//! The data are the real ones of the UCI repository (see `examples/data/README.md`): 1797 images of
//! 8×8 pixels. Four fifths train the network, one fifth tests it. The program ends with an error
//! unless at least 97 % of the test images are read right.

mod data;
mod plot;

use data::{CLASSES, Digits, Image, Label, SIDE};
use indicatif::{ProgressBar, ProgressStyle};
use pullback::data::{Shuffle, gather, stratified_split};
use pullback::optim::{AdamW, Optimizer};
use pullback::{Workspace, loss, model};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

model! {
    /// An image in, one logit for each digit out. Change a number and see what the compiler says.
    pub Reader: [64] -> [10] {
        fc1 = linear -> [128],
        gelu,
        fc2 = linear -> [64],
        gelu,
        fc3 = linear -> [10],
    }
}

const SEED: u64 = 1;
const EPOCHS: usize = 40;
const BATCH: usize = 64;
const LEARNING_RATE: f64 = 3e-3;
/// Up to how much each pixel is changed at random, while training, so that the network does not
/// learn the images by heart. The full range from paper to ink is 2.
const NOISE: f32 = 0.5;
const NEEDED: f64 = 0.97;

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

    // All memory is made here: a step of the training below allocates nothing.
    let mut net = Reader::<f32>::init(&mut rng);
    let mut gradient = Reader::zeros();
    let mut workspace = Reader::workspace();
    let mut optimizer = AdamW::new(net.flat().len(), LEARNING_RATE);
    let mut shuffle = Shuffle::new(train.len(), BATCH)?;
    let mut images = [[0.0; 64]; BATCH];
    let mut labels = [train.labels[0]; BATCH];
    let mut outputs = vec![[0.0; CLASSES]; train.len().max(test.len())];
    let mut history = Vec::with_capacity(EPOCHS);

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
            net.value_and_grad_batch(images, criterion, &mut gradient, &mut workspace);
            optimizer.step(net.flat_mut(), gradient.flat());
        }
        let mut scores = |digits| Scores::of(&net, digits, &mut outputs, &mut workspace);
        let progress = Progress { train: scores(&train), test: scores(&test) };
        bar.set_message(progress.to_string());
        bar.inc(1);
        history.push(progress);
    }
    bar.finish_and_clear();
    let time = start.elapsed();

    let last = history.last().expect("there is at least one epoch");
    println!("{EPOCHS} epochs in {:.2} s: {last}\n", time.as_secs_f64());
    let readings = read(&net, &test, &mut outputs, &mut workspace);
    print!("{}", Confusion::of(&test.labels, &readings));
    show_misread(&test, &readings);

    let path = match std::env::args_os().nth(1) {
        Some(path) => PathBuf::from(path),
        None => std::env::current_exe()?.with_file_name("digits.svg"),
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
        digits: &Digits,
        outputs: &mut [[f32; CLASSES]],
        workspace: &mut Workspace<Reader<f32>>,
    ) -> Scores {
        let outputs = &mut outputs[..digits.len()];
        net.forward_batch(&digits.images, outputs, workspace);
        let (mut loss, mut right) = (0.0, 0);
        for (logits, label) in outputs.iter().zip(&digits.labels) {
            loss += f64::from(loss::cross_entropy(logits, *label).0);
            right += usize::from(largest(logits) == label.get());
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

/// Which digit the network takes each image for.
fn read(
    net: &Reader<f32>,
    digits: &Digits,
    outputs: &mut [[f32; CLASSES]],
    workspace: &mut Workspace<Reader<f32>>,
) -> Vec<usize> {
    let outputs = &mut outputs[..digits.len()];
    net.forward_batch(&digits.images, outputs, workspace);
    outputs.iter().map(largest).collect()
}

/// The place of the largest number.
fn largest(logits: &[f32; CLASSES]) -> usize {
    let places = 0..CLASSES;
    places.max_by(|i, j| logits[*i].total_cmp(&logits[*j])).expect("there are classes")
}

/// `counts[true][read]`
struct Confusion([[usize; CLASSES]; CLASSES]);

impl Confusion {
    fn of(labels: &[Label], readings: &[usize]) -> Confusion {
        let mut counts = [[0; CLASSES]; CLASSES];
        for (label, reading) in labels.iter().zip(readings) {
            counts[label.get()][*reading] += 1;
        }
        Confusion(counts)
    }
}

impl fmt::Display for Confusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "       read as\n  true")?;
        (0..CLASSES).try_for_each(|digit| write!(f, "{digit:>4}"))?;
        writeln!(f, "   found\n      ┌{}┐", "─".repeat(4 * CLASSES))?;
        for (digit, row) in self.0.iter().enumerate() {
            write!(f, "    {digit} │")?;
            for count in row {
                match count {
                    0 => write!(f, "   ·")?,
                    count => write!(f, "{count:>4}")?,
                }
            }
            let share = 100.0 * row[digit] as f64 / row.iter().sum::<usize>().max(1) as f64;
            writeln!(f, "│ {share:>5.1} %")?;
        }
        writeln!(f, "      └{}┘", "─".repeat(4 * CLASSES))
    }
}

/// Prints the first few test images that are read wrong, side by side.
fn show_misread(test: &Digits, readings: &[usize]) {
    let all = test.images.iter().zip(&test.labels).zip(readings);
    let wrong = all.filter(|((_, label), reading)| label.get() != **reading);
    let wrong: Vec<((&Image, &Label), &usize)> = wrong.take(4).collect();
    if wrong.is_empty() {
        return;
    }
    println!("\nsome of the misread ones");
    for row in 0..SIDE {
        for ((image, _), _) in &wrong {
            let pixels = &image[row * SIDE..][..SIDE];
            // Two characters a pixel: they are about twice as high as wide.
            let shades = pixels.iter().map(|v| ["  ", "░░", "▒▒", "▓▓", "██"][shade(*v)]);
            print!("  {}", shades.collect::<String>());
        }
        println!();
    }
    for ((_, label), reading) in &wrong {
        let caption = format!("{label}, read as {reading}");
        print!("  {caption:^0$}", 2 * SIDE);
    }
    println!("\n");
}

/// A pixel from −1 to 1 as one of five shades.
fn shade(pixel: f32) -> usize {
    (2.0 * (pixel + 1.0)).round() as usize
}
