//! Forms with invariants, which are checked in debug builds after every pass that makes one. `verify` says what they are.

/// What is wrong, or nothing.
pub type Checked = Result<(), String>;

/// A form that has invariants.
pub trait Verify {
    /// What the broken invariant is, and where.
    fn check(&self) -> Checked;
    /// The text of the whole, for the message.
    fn text(&self) -> String;

    /// Itself, after its invariants were checked in debug builds.
    ///
    /// # Panics
    /// If a pass has broken one.
    #[must_use]
    fn verified(self, pass: &str) -> Self
    where
        Self: Sized,
    {
        if cfg!(debug_assertions)
            && let Err(what) = self.check()
        {
            panic!("`{pass}` broke an invariant: {what}\n{}", self.text());
        }
        self
    }
}
