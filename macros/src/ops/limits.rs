//! Which numbers an option can be.

/// Numbers that an option can be.
#[derive(Clone, Copy, PartialEq)]
pub struct Limits {
    /// The least, and whether it can be that.
    pub from: Option<(f64, bool)>,
    /// The greatest, and whether it can be that.
    pub to: Option<(f64, bool)>,
    /// Whether it can be 0.
    pub zero: bool,
    /// Whether it has to be a whole number.
    pub whole: bool,
    /// In words: "`eps` is ..".
    pub is: &'static str,
    pub help: &'static str,
}

const ANY: Limits = Limits { from: None, to: None, zero: true, whole: false, is: "", help: "" };

/// 0, 1, or what lies between them.
pub const fn share(help: &'static str) -> Limits {
    Limits { from: Some((0.0, true)), to: Some((1.0, true)), is: "from 0 to 1", help, ..ANY }
}

/// 0, or what lies below 1.
pub const fn below_one(help: &'static str) -> Limits {
    Limits { to: Some((1.0, false)), is: "from 0 to below 1", ..share(help) }
}

/// What is added to a divisor. `batch_norm(64)` is what PyTorch's users write.
pub const EPS_LIMITS: Limits = below_one("sizes are those of the input; leave it out");

pub const fn at_least_0(help: &'static str) -> Limits {
    Limits { from: Some((0.0, true)), is: "at least 0", help, ..ANY }
}

pub const fn more_than_0(help: &'static str) -> Limits {
    Limits { from: Some((0.0, false)), is: "more than 0", help, ..ANY }
}

pub const fn not_0(help: &'static str) -> Limits {
    Limits { zero: false, is: "not 0", help, ..ANY }
}

/// A whole number from 0 to `most`, which `is` says.
pub const fn whole(most: f64, is: &'static str, help: &'static str) -> Limits {
    Limits { to: Some((most, true)), whole: true, is, ..at_least_0(help) }
}

impl Limits {
    pub fn hold(&self, x: f64) -> bool {
        let above = self.from.is_none_or(|(from, equal)| x > from || equal && x == from);
        let below = self.to.is_none_or(|(to, equal)| x < to || equal && x == to);
        above && below && (self.zero || x != 0.0) && (!self.whole || x.fract() == 0.0)
    }

    /// As a condition of Rust about the `const` called `name`.
    pub fn code(&self, name: &str) -> String {
        let bound = |sign: char, (bound, equal): (f64, bool)| {
            format!("{name} {sign}{} {bound:?}f64", if equal { "=" } else { "" })
        };
        let conditions = [
            self.from.map(|from| bound('>', from)),
            self.to.map(|to| bound('<', to)),
            (!self.zero).then(|| format!("{name} != 0f64")),
            self.whole.then(|| format!("{name} % 1f64 == 0f64")),
        ];
        conditions.into_iter().flatten().collect::<Vec<_>>().join(" && ")
    }
}
