//! How far results are from what they should be.

use crate::data::{Results, Tensor};

/// The comparison of all tensors of a task.
pub(crate) struct Check {
    tolerance: f64,
    worst: f64,
    /// The tensor that is farthest; none before anything was compared.
    worst_name: Option<&'static str>,
}

impl Check {
    /// `PEERS_TOL` says how far off `f32` may be.
    pub(crate) fn new(single: bool) -> Check {
        let given = std::env::var("PEERS_TOL").ok().and_then(|text| text.parse().ok());
        let tolerance = if single { given.unwrap_or(1e-4) } else { 1e-9 };
        Check { tolerance, worst: 0.0, worst_name: None }
    }

    /// Compares every tensor. Its error is the greatest difference, divided by the greatest number
    /// that is expected.
    pub(crate) fn against(&mut self, found: &Results, expected: impl Fn(&Tensor) -> Vec<f64>) {
        for tensor in found {
            let error = error(tensor, &expected(tensor));
            if self.worst_name.is_none() || error > self.worst {
                (self.worst, self.worst_name) = (error, Some(tensor.name));
            }
        }
    }

    /// The error of the worst tensor.
    pub(crate) fn worst(&self) -> f64 {
        self.worst
    }

    /// Whether all is as expected; if not, what is not.
    pub(crate) fn verdict(&self) -> Result<(), String> {
        match self.worst_name {
            None => Err("check failed: nothing was compared".into()),
            Some(_) if self.worst <= self.tolerance => Ok(()),
            Some(name) => Err(format!("check failed: {name} is {:.2e} off", self.worst)),
        }
    }
}

fn error(found: &Tensor, expected: &[f64]) -> f64 {
    assert_eq!(found.values.len(), expected.len(), "{} has another size than expected", found.name);
    let greatest = expected.iter().fold(1e-30, |max: f64, x| max.max(x.abs()));
    let worst = found.values.iter().zip(expected).fold(0.0, |worst: f64, (found, expected)| {
        let difference = (found - expected).abs();
        if difference.is_nan() { f64::INFINITY } else { worst.max(difference) }
    });
    worst / greatest
}
