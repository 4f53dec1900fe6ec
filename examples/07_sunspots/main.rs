//! Forecasts the sunspots of the next year with a GRU, in about a second.
//!
//! `cargo run --release --example 07_sunspots [picture.svg]`
//!
//! The data are the yearly means from 1700 to 2008 (see `examples/data/README.md`). The network learns
//! from the years up to 1958 and then forecasts each of the fifty after them from the years before it. The
//! program ends with an error unless its error is at most three quarters of that of the persistence
//! forecast, which says that the next year will be as this one.

mod data;
mod plot;

use data::Series;
use indicatif::{ProgressBar, ProgressStyle};
use pullback::data::{Shuffle, gather};
use pullback::optim::{AdamW, Optimizer};
use pullback::{loss, model};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// The years that a forecast looks back, three cycles of the sun.
const SPAN: usize = 33;

model! {
    /// The numbers of some years in, and for each of them a forecast of the year after it.
    pub Forecaster(years: [SPAN, 1]) -> [SPAN, 1] {
        gru -> [_, 16],
        change = linear -> [_, 1],
        years + change,
    }
}

const SEED: u64 = 1;
/// Years at the end that are not trained with.
const HELD_OUT: usize = 50;
/// The first years of a span, after which the network cannot yet know where in a cycle it is: they do
/// not count.
const LEAD: usize = 11;
const EPOCHS: usize = 200;
const BATCH: usize = 16;
const LEARNING_RATE: f64 = 5e-3;
/// Up to how much each number is changed at random, while training, on the scale of [`scaled`].
const NOISE: f32 = 0.1;
const NEEDED: f64 = 0.75;

/// The numbers as the network sees them: the square root makes the deviations alike in quiet and in
/// busy years.
fn scaled(number: f64) -> f32 {
    (number.sqrt() / 4.0 - 1.5) as f32
}

/// The other way round.
fn unscaled(value: f32) -> f64 {
    let root = 4.0 * (f64::from(value) + 1.5);
    root.max(0.0).powi(2)
}

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
    let series = Series::parse(include_str!("../data/sunspots.csv"))?;
    let numbers = &series.numbers;
    if numbers.len() < SPAN + HELD_OUT + BATCH {
        let needed = SPAN + HELD_OUT + BATCH;
        return Err(format!("found {} years, needs at least {needed}", numbers.len()).into());
    }
    let values: Vec<[f32; 1]> = numbers.iter().map(|number| [scaled(*number)]).collect();
    let known = numbers.len() - HELD_OUT;
    let span = |at: usize| -> [[f32; 1]; SPAN] { std::array::from_fn(|i| values[at + i]) };
    // Spans of the known years, each with the same span a year later.
    let spans: Vec<_> = (0..known - SPAN).map(|at| (span(at), span(at + 1))).collect();
    println!(
        "{known} years from {}, {HELD_OUT} held out, {} parameters",
        series.first_year,
        Forecaster::<f32>::PARAMS
    );

    let mut rng = StdRng::seed_from_u64(SEED);
    let mut net = Forecaster::<f32>::init(&mut rng);
    let mut gradient = Forecaster::zeros();
    let mut workspace = Forecaster::workspace();
    let mut optimizer = AdamW::new(Forecaster::<f32>::PARAMS, LEARNING_RATE);
    let mut shuffle = Shuffle::new(spans.len(), BATCH)?;
    let mut pairs = [spans[0]; BATCH];
    let mut inputs = [spans[0].0; BATCH];

    let bar = ProgressBar::new(EPOCHS as u64);
    bar.set_style(ProgressStyle::with_template("epoch {pos:>3}/{len} {bar:30.cyan} {msg}")?);
    let start = Instant::now();
    for epoch in 0..EPOCHS {
        let angle = std::f64::consts::PI * epoch as f64 / EPOCHS as f64;
        optimizer.set_learning_rate(LEARNING_RATE * 0.5 * (1.0 + angle.cos()));
        let mut sum = 0.0;
        for batch in shuffle.epoch(&mut rng) {
            let pairs = gather(&spans, batch, &mut pairs);
            for (input, (years, _)) in inputs.iter_mut().zip(pairs) {
                *input = years.map(|[x]| [x + rng.random_range(-NOISE..NOISE)]);
            }
            let criterion = |i: usize, y: &[[f32; 1]; SPAN]| {
                let mut cotangent = [[0.0; 1]; SPAN];
                let (y, target) = (&y.as_flattened()[LEAD..], &pairs[i].1.as_flattened()[LEAD..]);
                let value = loss::mse_into(y, target, &mut cotangent.as_flattened_mut()[LEAD..]);
                (value, cotangent)
            };
            let inputs = &inputs[..batch.len()];
            sum += net.value_and_grad_batch(inputs, criterion, &mut gradient, &mut workspace)
                * batch.len() as f32;
            optimizer.step(net.flat_mut(), gradient.flat());
        }
        bar.set_message(format!("mean squared error {:.4}", sum / spans.len() as f32));
        bar.inc(1);
    }
    bar.finish_and_clear();
    println!("{EPOCHS} epochs in {:.1} s", start.elapsed().as_secs_f64());

    // A year at a time, from the true numbers of the years before it.
    let truth = &numbers[known..];
    let persistence = &numbers[known - 1..numbers.len() - 1];
    let forecast: Vec<f64> = (known..numbers.len())
        .map(|year| unscaled(net.forward(&span(year - SPAN))[SPAN - 1][0]))
        .collect();

    println!("\n  year   truth  forecast  persistence");
    let first = series.first_year + known;
    for (i, year) in (first..).take(HELD_OUT).enumerate().step_by(5) {
        println!(
            "  {year}   {:>5.1}     {:>5.1}        {:>5.1}",
            truth[i], forecast[i], persistence[i]
        );
    }
    let (found, baseline) = (error(&forecast, truth), error(persistence, truth));
    println!("\nroot of the mean squared error: forecast {found:.1}, persistence {baseline:.1}");

    let path = match std::env::args_os().nth(1) {
        Some(path) => PathBuf::from(path),
        None => std::env::current_exe()?.with_file_name("sunspots.svg"),
    };
    let picture = plot::svg(first, truth, &forecast, persistence);
    std::fs::write(&path, picture).map_err(|e| format!("{}: {e}", path.display()))?;
    println!("forecast beside truth: {}", path.display());

    if found > NEEDED * baseline {
        let needed = NEEDED * baseline;
        return Err(format!("an error of {found:.1}, needs at most {needed:.1}").into());
    }
    Ok(())
}

/// The root of the mean squared error.
fn error(forecast: &[f64], truth: &[f64]) -> f64 {
    let squares = forecast.iter().zip(truth).map(|(y, t)| (y - t).powi(2));
    (squares.sum::<f64>() / truth.len() as f64).sqrt()
}
