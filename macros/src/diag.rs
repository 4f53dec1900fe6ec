//! Diagnostics: a sink that collects, so that one run reports every independent mistake.
//!
//! Messages are lower case, unpunctuated at the end, spell the user's tokens in backticks, and say
//! what was found, what was needed, and how to fix it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

/// One mistake at one token.
#[derive(Debug)]
pub struct Diag {
    pub span: Span,
    pub message: String,
    pub help: Option<String>,
    /// What is written, and what to write for it, where that is known.
    pub instead: Option<(String, String)>,
}

impl Diag {
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Diag { span, message: message.into(), help: None, instead: None }
    }

    /// Adds what to write for what is written.
    #[must_use]
    pub fn instead(self, written: String, code: String) -> Self {
        let help = format!("write `{code}`");
        Diag { instead: Some((written, code)), ..self.help(help) }
    }

    /// Adds the fix; it is printed as a line `help: …` of the same error.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn text(&self) -> String {
        match &self.help {
            Some(help) => format!("{}\n\nhelp: {help}", self.message),
            None => self.message.clone(),
        }
    }
}

/// The sink.
#[derive(Default, Debug)]
pub struct Diags {
    list: Vec<Diag>,
}

impl Diags {
    pub fn push(&mut self, diag: Diag) {
        self.list.push(diag);
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Forgets what came after the first `len`.
    pub fn truncate(&mut self, len: usize) {
        self.list.truncate(len);
    }

    /// Takes out what came after the first `len`.
    pub fn split_off(&mut self, len: usize) -> Vec<Diag> {
        self.list.split_off(len)
    }

    pub fn append(&mut self, other: Diags) {
        self.list.extend(other.list);
    }

    /// One `compile_error!` for each mistake. The first is the value of a `const` of type `usize` with
    /// the given name, for stubs: rustc is silent about whatever depends on it.
    pub fn to_tokens(&self, name: Option<&Ident>) -> TokenStream {
        let error = |diag: &Diag| {
            let text = diag.text();
            quote_spanned! { diag.span => ::core::compile_error! { #text } }
        };
        let Some((first, rest)) = self.list.split_first() else { return TokenStream::new() };
        let (first, rest) = (error(first), rest.iter().map(error));
        let first = match name {
            Some(name) => quote! {
                #[doc(hidden)]
                #[allow(non_upper_case_globals, dead_code, reason = "named after the model")]
                const #name: usize = #first;
            },
            None => first,
        };
        quote! { #first #(#rest)* }
    }

    #[cfg(test)]
    pub fn messages(&self) -> Vec<String> {
        self.list.iter().map(Diag::text).collect()
    }
}

/// The closest of `candidates` to `name`, near enough to be a slip of the fingers.
pub fn did_you_mean<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = 1 + name.len() / 4;
    candidates
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(d, candidate)| *d <= limit && *d < candidate.len())
        .min_by_key(|(d, _)| *d)
        .map(|(_, candidate)| candidate)
}

/// Edit distance in which a swap of neighbours counts once.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let change = usize::from(a[i - 1] != b[j - 1]);
                let mut best =
                    (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + change);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(rows[i - 2][j - 2] + 1);
                }
                best
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let ops = ["relu", "linear", "flatten", "sigmoid"];
        assert_eq!(did_you_mean("rleu", ops.into_iter()), Some("relu"));
        assert_eq!(did_you_mean("liner", ops.into_iter()), Some("linear"));
        assert_eq!(did_you_mean("convolve", ops.into_iter()), None);
    }
}
