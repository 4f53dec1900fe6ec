//! Bugs of this crate: what cannot be, and the message if it is.
//!
//! After `infer` nothing is the user's mistake any more. What does not fit there is told at once, with the
//! name of the pass, and never replaced by some 0: a wrong number would be compiled into the user's
//! program. `pipeline` turns it into an error that asks for a report.

/// Ends with a message that names the pass.
macro_rules! bug {
    ($pass:literal, $($what:tt)+) => {
        panic!("`{}`: {}", $pass, format_args!($($what)+))
    };
}
pub(crate) use bug;

/// What must be there.
pub trait OrBug<T> {
    /// It; or the end, with a message that names the pass and what is missing.
    fn or_bug(self, pass: &str, missing: &str) -> T;
}

impl<T> OrBug<T> for Option<T> {
    #[track_caller]
    fn or_bug(self, pass: &str, missing: &str) -> T {
        self.unwrap_or_else(|| panic!("`{pass}`: there is no {missing}"))
    }
}
