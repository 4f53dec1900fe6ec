//! A small GPT learns to write like the Gospels of the King James Bible, character by character.
//!
//! `cargo run --release --example 08_chargpt [steps]`
//!
//! The text is real and in the public domain (see `examples/data/README.md`). Nine tenths of it train
//! the network; the last tenth tells how well it predicts what it has never read, in nats per
//! character. The program ends with an error unless that is below 1.3: whoever counts in the same nine
//! tenths which character comes how often after which three others, and predicts by that, gets to 1.35.
//!
//! The 6000 steps take about two minutes on one core; with more of them the sentences get better, with
//! fewer the words get worse (and nothing is demanded of them).

mod text;

use indicatif::{ProgressBar, ProgressStyle};
use pullback::optim::{AdamW, Optimizer};
use pullback::{Index, Workspace, loss, model};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;
use text::{Char, VOCAB};

/// Characters that are read at once.
const CONTEXT: usize = 64;
/// Features of a character.
const WIDTH: usize = 96;
/// What the network looks for at the same time.
const HEADS: usize = 3;

model! {
    /// Attention and a small MLP, each of which adds to the stream what it finds (GPT-2's arrangement).
    pub Block(x: [CONTEXT, WIDTH]) -> [CONTEXT, WIDTH] {
        look = { layer_norm, multihead_attention(heads = HEADS, causal = true) },
        y = x + look,
        think = { layer_norm, linear -> [_, 4 * WIDTH], gelu_tanh, linear -> [_, WIDTH] },
        y + think,
    }

    /// A text in, and for each of its places the logits of the character after it.
    pub Gpt(text: [CONTEXT] of index(VOCAB), places: [CONTEXT] of index(CONTEXT)) -> [CONTEXT, VOCAB] {
        token = embedding(text, std = 0.1) -> [_, WIDTH],
        place = embedding(places, std = 0.1) -> [_, WIDTH],
        token + place,
        blocks = [Block; 3],
        layer_norm,
        logits = linear -> [_, VOCAB],
    }
}

/// What the network reads, and what it answers.
type Window = [Char; CONTEXT];
type Logits = [[f32; VOCAB]; CONTEXT];

const SEED: u64 = 1;
const STEPS: usize = 6000;
const BATCH: usize = 16;
const LEARNING_RATE: f64 = 2e-3;
/// Steps in which the learning rate rises from 0.
const WARM_UP: usize = 100;
/// Steps between two looks at the held-out text.
const LOOK: usize = 200;
/// Windows of the held-out text in such a look.
const LOOK_AT: usize = 64;
const NEEDED: f64 = 1.3;

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
    let steps = steps(std::env::args().nth(1))?;
    let text = text::read(include_str!("../data/gospels.txt"))?;
    let (train, held_out) = text.split_at(text.len() / 10 * 9);
    println!(
        "{} characters to train with, {} held out, {} parameters",
        train.len(),
        held_out.len(),
        Gpt::<f32>::PARAMS
    );

    let mut rng = StdRng::seed_from_u64(SEED);
    let mut net = Gpt::<f32>::init(&mut rng);
    let mut gradient = Gpt::zeros();
    let mut workspace = Gpt::workspace();
    let mut optimizer = AdamW::new(Gpt::<f32>::PARAMS, LEARNING_RATE).betas(0.9, 0.99);
    let places = [std::array::from_fn(|i| Index::new(i).expect("a place is below CONTEXT")); BATCH];
    let mut windows = [[text[0]; CONTEXT]; BATCH];
    let mut targets = windows;

    let bar = ProgressBar::new(steps as u64);
    bar.set_style(ProgressStyle::with_template(
        "step {pos}/{len} {bar:30.cyan} {msg} ({eta} left)",
    )?);
    let start = Instant::now();
    let mut recent = 0.0;
    for step in 0..steps {
        for (window, target) in windows.iter_mut().zip(&mut targets) {
            let at = rng.random_range(0..train.len() - CONTEXT);
            window.copy_from_slice(&train[at..][..CONTEXT]);
            target.copy_from_slice(&train[at + 1..][..CONTEXT]);
        }
        let criterion = |i: usize, logits: &Logits| mean_loss(logits, &targets[i]);
        let loss =
            net.value_and_grad_batch(&windows, &places, criterion, &mut gradient, &mut workspace);
        clip(gradient.flat_mut());
        optimizer.set_learning_rate(LEARNING_RATE * schedule(step, steps));
        optimizer.step(net.flat_mut(), gradient.flat());

        recent += f64::from(loss) / LOOK as f64;
        bar.inc(1);
        if (step + 1) % LOOK == 0 {
            let held_out = held_out_loss(&net, held_out, LOOK_AT, &mut workspace);
            bar.set_message(format!("nats per character: {recent:.3}, held out {held_out:.3}"));
            recent = 0.0;
        }
    }
    bar.finish_and_clear();
    println!("{steps} steps in {:.0} s", start.elapsed().as_secs_f64());

    for (prompt, temperature) in [("And Jesus ", 0.5), ("And it came to pass", 0.8), ("\n", 1.0)] {
        let sample = write(&net, &text::read(prompt)?, 400, temperature, &mut rng);
        println!("\n── temperature {temperature} {}\n{}", "─".repeat(60), text::show(&sample));
    }

    let windows = held_out.len() / CONTEXT;
    let found = held_out_loss(&net, held_out, windows, &mut workspace);
    println!("\nheld-out text: {found:.3} nats per character");
    if found >= NEEDED && steps >= STEPS {
        return Err(format!("{found:.3} nats per character, needs less than {NEEDED}").into());
    }
    Ok(())
}

/// The number of steps, if one is given.
fn steps(argument: Option<String>) -> Result<usize, String> {
    let Some(text) = argument else { return Ok(STEPS) };
    let steps = text.parse().ok().filter(|steps| *steps > 0);
    steps.ok_or_else(|| format!("found {text:?} for the number of steps, needs a positive integer"))
}

/// The share of the learning rate: it rises for a while, then falls in half a cosine to a tenth.
fn schedule(step: usize, steps: usize) -> f64 {
    let warm = ((step + 1) as f64 / WARM_UP as f64).min(1.0);
    let angle = std::f64::consts::PI * step as f64 / steps as f64;
    warm * (0.55 + 0.45 * angle.cos())
}

/// Shortens a gradient to length 1 if it is longer: a text has surprises.
fn clip(gradient: &mut [f32]) {
    let length = gradient.iter().map(|g| g * g).sum::<f32>().sqrt();
    if length > 1.0 {
        gradient.iter_mut().for_each(|g| *g /= length);
    }
}

/// The mean cross-entropy over the places of a window, and its cotangent.
fn mean_loss(logits: &Logits, target: &Window) -> (f32, Logits) {
    let mut cotangent = [[0.0; VOCAB]; CONTEXT];
    let mut sum = 0.0;
    for ((logits, target), cotangent) in logits.iter().zip(target).zip(&mut cotangent) {
        sum += loss::cross_entropy_into(logits, target.get(), cotangent);
        cotangent.iter_mut().for_each(|c| *c /= CONTEXT as f32);
    }
    (sum / CONTEXT as f32, cotangent)
}

/// The mean loss over this many windows, spread evenly over a text.
fn held_out_loss(
    net: &Gpt<f32>,
    text: &[Char],
    count: usize,
    workspace: &mut Workspace<Gpt<f32>>,
) -> f64 {
    let places = [std::array::from_fn(|i| Index::new(i).expect("a place is below CONTEXT"))];
    let mut logits = vec![[[0.0; VOCAB]; CONTEXT]];
    let last = text.len() - CONTEXT - 1;
    let losses = (0..count).map(|i| {
        let at = last * i / count;
        let window: &Window = text[at..][..CONTEXT].try_into().expect("it is as long");
        let target: &Window = text[at + 1..][..CONTEXT].try_into().expect("it is as long");
        net.forward_batch(std::slice::from_ref(window), &places, &mut logits, workspace);
        f64::from(mean_loss(&logits[0], target).0)
    });
    losses.sum::<f64>() / count as f64
}

/// Goes on from a prompt: draws each character with the probability that the network gives it, sharpened
/// by a temperature below 1.
fn write(
    net: &Gpt<f32>,
    prompt: &[Char],
    length: usize,
    temperature: f32,
    rng: &mut StdRng,
) -> Vec<Char> {
    let places = std::array::from_fn(|i| Index::new(i).expect("a place is below CONTEXT"));
    let mut text = prompt.to_vec();
    while text.len() < length {
        // A short text stands at the front; as attention is causal, what is after it does not matter.
        let seen = &text[text.len().saturating_sub(CONTEXT)..];
        let mut window = [text[0]; CONTEXT];
        window[..seen.len()].copy_from_slice(seen);
        let logits = net.forward(&window, &places)[seen.len() - 1];
        let max = logits.iter().copied().fold(f32::MIN, f32::max);
        let weights = logits.map(|x| ((x - max) / temperature).exp());
        let mut at = rng.random_range(0.0..weights.iter().sum());
        let drawn = Char::all().zip(weights).find(|(_, weight)| {
            at -= weight;
            at < 0.0
        });
        text.push(drawn.map_or(Char::argmax(&logits), |(char, _)| char));
    }
    text
}
