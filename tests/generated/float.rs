//! Numbers of both precisions.

/// Floating-point numbers that a test compares.
pub(crate) trait Float: pullback::Real {
    /// How close two ways of computing come, relative to what is computed.
    const CLOSE: f64;
    fn to_f64(self) -> f64;
}

impl Float for f64 {
    const CLOSE: f64 = 1e-11;
    fn to_f64(self) -> f64 {
        self
    }
}

impl Float for f32 {
    const CLOSE: f64 = 2e-4;
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
}
