//! Numbers that are options, and out of their range.

use super::*;
use crate::number::Num;
use crate::ops::{OpDef, OptDef};
use crate::typed::Limit;

/// Numbers that an option can be.
struct Range {
    option: &'static str,
    /// The ops that it is of, or all that have it.
    ops: &'static [&'static str],
    /// The least that it can be, and whether it can be that.
    from: Option<(f64, bool)>,
    /// The greatest, and whether it can be that.
    to: Option<(f64, bool)>,
    /// Whether it can be 0.
    zero: bool,
    /// Whether it has to be a whole number.
    whole: bool,
    /// In words.
    is: &'static str,
    help: &'static str,
}

const ANY: Range = Range {
    option: "",
    ops: &[],
    from: None,
    to: None,
    zero: true,
    whole: false,
    is: "",
    help: "",
};

const RANGES: [Range; 12] = [
    // `batch_norm(64)` is what PyTorch's users write.
    Range {
        option: "eps",
        from: Some((0.0, true)),
        to: Some((1.0, false)),
        is: "from 0 to below 1",
        help: "sizes are those of the input; leave it out",
        ..ANY
    },
    Range {
        option: "momentum",
        from: Some((0.0, true)),
        to: Some((1.0, true)),
        is: "from 0 to 1",
        help: "it is the share of the new statistics",
        ..ANY
    },
    Range {
        option: "label_smoothing",
        from: Some((0.0, true)),
        to: Some((1.0, true)),
        is: "from 0 to 1",
        help: "it is the share of all classes",
        ..ANY
    },
    Range {
        option: "p",
        ops: &["dropout", "feature_dropout", "drop_path", "alpha_dropout"],
        from: Some((0.0, true)),
        to: Some((1.0, true)),
        is: "from 0 to 1",
        help: "it is the probability with which an element is dropped",
        ..ANY
    },
    Range {
        option: "std",
        from: Some((0.0, true)),
        is: "at least 0",
        help: "it is a standard deviation",
        ..ANY
    },
    Range {
        option: "delta",
        from: Some((0.0, false)),
        is: "more than 0",
        help: "it is where the squares end",
        ..ANY
    },
    Range {
        option: "base",
        from: Some((0.0, false)),
        is: "more than 0",
        help: "the usual one is 10000",
        ..ANY
    },
    Range {
        option: "alpha",
        ops: &["celu"],
        zero: false,
        is: "not 0",
        help: "`x` is divided by it; `relu` is what it tends to near 0",
        ..ANY
    },
    Range {
        option: "beta",
        ops: &["smooth_l1"],
        from: Some((0.0, true)),
        is: "at least 0",
        help: "it is where the squares end",
        ..ANY
    },
    Range {
        option: "b",
        ops: &["squareplus"],
        from: Some((0.0, false)),
        is: "more than 0",
        help: "its root is twice the value at 0",
        ..ANY
    },
    Range {
        option: "n",
        ops: &["polygamma"],
        from: Some((0.0, true)),
        to: Some((169.0, true)),
        whole: true,
        is: "a whole number up to 169",
        help: "it counts derivatives",
        ..ANY
    },
    Range {
        option: "beta",
        ops: &["smooth_max_pool1d", "smooth_max_pool2d", "smooth_max_pool3d"],
        zero: false,
        is: "not 0",
        help: "the logarithm is divided by it; an average is `avg_pool1d`, `avg_pool2d` or `avg_pool3d`",
        ..ANY
    },
];

impl Range {
    fn holds(&self, x: f64) -> bool {
        let above = self.from.is_none_or(|(from, equal)| x > from || equal && x == from);
        let below = self.to.is_none_or(|(to, equal)| x < to || equal && x == to);
        above && below && (self.zero || x != 0.0) && (!self.whole || x.fract() == 0.0)
    }

    /// The same as a condition of Rust about the `const` called `name`.
    fn code(&self, name: &str) -> String {
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

impl Infer<'_> {
    /// Whether a number is one that the option can be. For a `const`, rustc is asked.
    pub(super) fn in_range(&mut self, op: &OpDef, option: &OptDef, num: &Num, span: Span) -> bool {
        let of = |range: &&Range| {
            range.option == option.name && (range.ops.is_empty() || range.ops.contains(&op.name))
        };
        let Some(range) = RANGES.iter().find(of) else { return true };
        let (name, is) = (option.name, range.is);
        match num.approx() {
            Some(found) if !range.holds(found) => {
                let message = format!("`{name}` of `{}` is {is}, found {found}", op.name);
                self.error(span, message, Some(range.help.to_string()));
                return false;
            }
            None => {
                if let Num::Named { text, code } = num {
                    let message = format!(
                        "`{name}` of `{}` is {is}, which `{text}` is not: {}",
                        op.name, range.help
                    );
                    let limit = Limit { holds: range.code(code), message, span };
                    self.typed.limits.push(limit);
                }
            }
            Some(_) => {}
        }
        true
    }
}
