//! How other frameworks say it: their constructors, functions and options, and what is written here.
//!
//! The stanzas of ops know their names, and what arguments without a name are; tables know what options are called here. From
//! them [`translate`] makes the step that somebody meant who wrote `nn.Linear(8, 64)`: `linear -> [64]`.

mod tables;
#[cfg(test)]
mod tests;
mod words;

use crate::ast::Given;
use crate::elsewhere::{self, INFINITE, has, op, sentence};
use crate::ops::{self, Arity, Fallback, OpDef, OptKind};
use crate::shape::Dim;
use tables::{INPUTS, ONLY, OPTIONS, WIDTHS, WITHOUT};
use words::{flattened, is_value, list, tidy};
pub use words::{given, spell_expr as spell};

/// What the value has that a call is about.
#[derive(Clone, Copy, Default)]
pub struct Seen<'a> {
    /// The shape of the value it is applied to.
    pub shape: Option<&'a [Dim]>,
    /// `[64]`: what stands after its arrow.
    pub arrow: Option<&'a str>,
}

/// What to write instead.
#[derive(Debug, PartialEq)]
pub enum Advice {
    /// Steps of the language, and what to know about it.
    Write { code: String, notes: Vec<String> },
    /// A sentence.
    Say(&'static str),
}

impl Advice {
    pub fn help(&self) -> String {
        match self {
            Advice::Say(text) => (*text).to_string(),
            Advice::Write { code, notes } if notes.is_empty() => format!("write `{code}`"),
            Advice::Write { code, notes } => format!("write `{code}`; {}", notes.join("; ")),
        }
    }
}

/// What an option of another framework is here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meaning {
    /// The option or the weight of this name.
    Option(&'static str),
    /// The width that an arrow says.
    Width,
    /// What the value itself says.
    Input,
    /// The shape that an arrow says.
    Shape,
    /// Nothing, and why.
    Without(&'static str),
}

/// What an option of another framework is for an op.
pub fn meaning(op: &OpDef, name: &str) -> Option<Meaning> {
    let own = |name: &str| {
        let options = op.options.iter().map(|option| option.name);
        options.chain(op.arity.weights().iter().copied()).find(|own| *own == name)
    };
    if let Some(own) = own(name) {
        return Some(Meaning::Option(own));
    }
    let alias = OPTIONS.iter().filter(|(names, _)| has(names, name));
    if let Some(own) = alias.flat_map(|(_, ours)| ours.iter()).find_map(|name| own(name)) {
        return Some(Meaning::Option(own));
    }
    let wide = ["linear", "bilinear", "embedding", "rnn", "lstm", "gru", "fold"].contains(&op.name)
        || op.name.starts_with("conv");
    if wide && has(WIDTHS, name) {
        return Some(Meaning::Width);
    }
    if ["shape", "size"].contains(&name) && op.takes_shape() {
        return Some(Meaning::Shape);
    }
    if has(INPUTS, name) {
        return Some(Meaning::Input);
    }
    if ONLY.iter().any(|(option, of)| *option == name && !op.name.starts_with(of)) {
        return None;
    }
    let without = WITHOUT.iter().find(|(names, _)| has(names, name));
    without.map(|(_, why)| Meaning::Without(why))
}

/// The step that a call of another framework means, or what to do instead.
pub fn translate(name: &str, given: &[Given], seen: Seen<'_>) -> Option<Advice> {
    let name = name.strip_suffix("Config").unwrap_or(name);
    let texts = || given.iter().map(|given| given.text.as_str());
    if ["float", "f32", "f64"].contains(&name) && texts().any(|text| text.contains("inf")) {
        return Some(Advice::Say(INFINITE));
    }
    // `v.max(0.0)` of Rust, and not `x.max(1)` of PyTorch.
    if let ("max" | "min", [a, b]) = (name, given)
        && b.name.is_none()
        && (is_value(&b.text) || b.text.contains('.'))
    {
        let code = format!("{name}imum({}, {})", a.text, b.text);
        return Some(Advice::Write { code, notes: Vec::new() });
    }
    if let (Some(a), "pow" | "powi" | "powf", [.., exponent]) = (given.first(), name, given)
        && given.len() == 2
        && exponent.text == "2"
    {
        return Some(Advice::Write { code: format!("square({})", a.text), notes: Vec::new() });
    }
    if elsewhere::find(name).is_none()
        && let Some(text) = sentence(name)
    {
        return Some(Advice::Say(text));
    }
    let op = op(name)?;
    // An op without names elsewhere: what its options are called here.
    let own: Vec<&str> = op.options.iter().map(|option| option.name).collect();
    let same = |found: &(&OpDef, _)| found.0.name == op.name;
    let args: Vec<&str> =
        match elsewhere::find(name).or_else(|| elsewhere::find(op.name).filter(same)) {
            Some((_, all)) => all.args.split_whitespace().collect(),
            None => own,
        };
    let mut writing = Writing::of(op, seen);
    writing.sort(&args, given);
    Some(writing.finish())
}

/// A step under way.
struct Writing<'a> {
    op: &'static OpDef,
    seen: Seen<'a>,
    values: Vec<String>,
    options: Vec<(&'static str, String)>,
    width: Option<String>,
    shape: Option<Vec<String>>,
    notes: Vec<String>,
}

impl<'a> Writing<'a> {
    fn of(op: &'static OpDef, seen: Seen<'a>) -> Self {
        let (values, options, notes) = (Vec::new(), Vec::new(), Vec::new());
        Writing { op, seen, values, options, width: None, shape: None, notes }
    }

    fn sort(&mut self, args: &[&str], given: &[Given]) {
        let mut loose = Vec::new();
        for Given { name, text } in given {
            let text = tidy(text);
            match name {
                Some(name) => self.option(name, &text),
                None if is_value(&text) => self.values.push(text),
                None => match list(&text) {
                    // `cat([a, b])`
                    Some(items) if !items.is_empty() && items.iter().all(|item| is_value(item)) => {
                        self.values.extend(items);
                    }
                    _ => loose.push(text),
                },
            }
        }
        let meaning = |arg: &&str| meaning(self.op, arg);
        let all: Vec<Option<Meaning>> = args.iter().map(meaning).collect();
        if self.op.name == "parameter" {
            // `nn.Parameter(torch.zeros(8))`
            let inside = |text: String| text.rsplit_once('(').map(|(_, rest)| format!("({rest}"));
            loose.extend(std::mem::take(&mut self.values).into_iter().filter_map(inside));
        }
        if self.is_shaped() {
            self.shape = Some(flattened(&loose));
            return;
        }
        if self.takes_lists() {
            if !loose.is_empty() {
                let items = flattened(&loose);
                if let Some(option) = self.op.options.first() {
                    let is_axes = matches!(option.kind, OptKind::Axes | OptKind::Order);
                    let items = if is_axes { self.axes(items) } else { items };
                    let list = if items.len() == 1 && option.kind != OptKind::Order {
                        items[0].clone()
                    } else {
                        format!("[{}]", items.join(", "))
                    };
                    self.options.push((option.name, list));
                }
            }
            return;
        }
        // burn's `Conv2dConfig::new([3, 16], [3, 3])`
        if all.first() == Some(&Some(Meaning::Input))
            && all.get(1) == Some(&Some(Meaning::Width))
            && let Some(both) = loose.first().and_then(|first| list(first))
        {
            loose.splice(..1, both);
        }
        // Keras and flax leave the size of the input out.
        let essential = |meaning: &Option<Meaning>| match meaning {
            Some(Meaning::Width) => self.width.is_none(),
            Some(Meaning::Option(name)) => self.is_required(name),
            _ => false,
        };
        let needed = all.iter().rposition(essential).map_or(0, |last| last + 1);
        let skip = usize::from(
            loose.len() < needed && all.first() == Some(&Some(Meaning::Input)) && needed > 1,
        );
        for (arg, text) in args.iter().skip(skip).zip(&loose) {
            self.option(arg, text);
        }
        // What elementwise ops compare with: `maximum(x, 0)`.
        let rest: Vec<String> = loose.into_iter().skip(args.len() - skip.min(args.len())).collect();
        if matches!(self.op.body, ops::Body::Point(..)) && args.is_empty() {
            self.values.extend(rest);
        }
    }

    /// Whether an option has to be given and is not yet.
    fn is_required(&self, name: &str) -> bool {
        let required = |option: &ops::OptDef| {
            option.name == name && matches!(option.fallback, Fallback::Required(_))
        };
        self.op.options.iter().any(required) && self.options.iter().all(|(own, _)| *own != name)
    }

    /// `reshape`, `broadcast`, `parameter`: all that is given is a shape.
    fn is_shaped(&self) -> bool {
        self.op.takes_shape()
    }

    /// `permute(2, 0, 1)`, `tile(2, 3)`: numbers are one list.
    fn takes_lists(&self) -> bool {
        ["permute", "repeat", "flip"].contains(&self.op.name)
    }

    fn note(&mut self, text: &str) {
        if !self.notes.iter().any(|note| note == text) {
            self.notes.push(text.to_string());
        }
    }

    fn option(&mut self, name: &str, text: &str) {
        let Some(meaning) = meaning(self.op, name) else {
            self.note(&format!("there is no `{name}`"));
            return;
        };
        let text = match text {
            "True" => "true".to_string(),
            "False" => "false".to_string(),
            "None" => return,
            _ => list(text).map_or(text.to_string(), |items| format!("[{}]", items.join(", "))),
        };
        match meaning {
            Meaning::Option(own) => {
                let kind = self.op.options.iter().find(|option| option.name == own);
                let text = match kind.map(|option| option.kind) {
                    Some(OptKind::Axis | OptKind::Axes | OptKind::Order)
                        if self.op.name != "transpose" =>
                    {
                        match list(&text) {
                            Some(items) => format!("[{}]", self.axes(items).join(", ")),
                            None => self.axes(vec![text]).concat(),
                        }
                    }
                    Some(OptKind::Padding) => text.trim_matches('"').to_lowercase(),
                    _ => text,
                };
                if own == "momentum" && text.parse::<f64>().is_ok_and(|share| share > 0.5) {
                    self.note("`momentum` is the share of the new statistics: 0.99 elsewhere may be 0.01 here");
                }
                if self.options.iter().all(|(other, _)| *other != own) {
                    self.options.push((own, text));
                }
            }
            Meaning::Width => self.width = Some(text),
            Meaning::Input => self.note("the size of its input is known"),
            Meaning::Shape => self.shape = list(&text),
            Meaning::Without("`gelu_tanh` is the approximation") if text.contains("tanh") => {
                if let Some(op) = ops::find("gelu_tanh") {
                    self.op = op;
                }
            }
            Meaning::Without(_) if ["false", "0", "1", "\"none\""].contains(&text.as_str()) => {}
            Meaning::Without(why) => self.note(why),
        }
    }

    /// Axes of one sample: those who count the batch are one ahead.
    fn axes(&mut self, texts: Vec<String>) -> Vec<String> {
        let numbers: Option<Vec<usize>> = texts.iter().map(|text| text.parse().ok()).collect();
        let rank = self.seen.shape.map(|shape| shape.len());
        let (Some(numbers), Some(rank)) = (numbers, rank) else { return texts };
        let beyond = numbers.iter().any(|axis| *axis >= rank);
        // An order names all axes, that of the batch as well.
        let names_all = self.op.options.iter().any(|option| option.kind == OptKind::Order);
        let rest = match numbers.as_slice() {
            [0, rest @ ..] if beyond && names_all => rest,
            all => all,
        };
        if !beyond || rest.contains(&0) {
            return texts;
        }
        self.note("axes are those of one sample, without the batch");
        rest.iter().map(|axis| (axis - 1).to_string()).collect()
    }

    fn finish(mut self) -> Advice {
        let dims = |shape: Option<&[Dim]>| -> Vec<String> {
            shape.unwrap_or_default().iter().map(Dim::to_string).collect()
        };
        let shape = dims(self.seen.shape);
        if self.op.name == "transpose" {
            let both = self.options.iter().map(|(_, axis)| axis.clone()).collect();
            let both = self.axes(both);
            self.options.iter_mut().zip(both).for_each(|((_, old), new)| *old = new);
        }
        let is_conv = self.op.name.starts_with("conv");
        let digit = self.op.name.chars().find_map(|c| c.to_digit(10));
        let rank = digit.unwrap_or(1) as usize;
        let arrow = if self.is_shaped() {
            match self.reshaped(&shape) {
                Some(dims) => Some(dims),
                None => return self.flattened(),
            }
        } else if self.op.arrow.is_none() {
            None
        } else if let (None, Some(arrow)) = (&self.width, self.seen.arrow) {
            Some(arrow.to_string())
        } else if self.op.name == "fold" {
            Some(self.image())
        } else {
            let width = self.width.clone().unwrap_or_else(|| {
                self.notes.push("64 stands for how wide it is".into());
                "64".into()
            });
            let lead = match self.op.name {
                _ if is_conv => Vec::new(),
                "rnn" | "lstm" | "gru" => vec![shape.first().cloned().unwrap_or("_".into())],
                "embedding" => shape,
                _ => shape.split_last().map_or(Vec::new(), |(_, lead)| lead.to_vec()),
            };
            let blanks = if is_conv { rank } else { 0 };
            let all = lead.into_iter().chain([width]).chain((0..blanks).map(|_| "_".into()));
            Some(format!("[{}]", all.collect::<Vec<_>>().join(", ")))
        };
        // What has to be given and was not.
        let missing: Vec<&'static str> = self
            .op
            .options
            .iter()
            .map(|option| option.name)
            .filter(|name| self.is_required(name))
            .collect();
        for name in missing {
            let stand_in = match name {
                "padding" | "shift" => "1",
                "min" => "f64::NEG_INFINITY",
                "max" => "f64::INFINITY",
                "axis" | "axes" => "0",
                "range" => "0..1",
                _ => "2",
            };
            self.options.push((name, stand_in.into()));
            self.note(&format!("{stand_in} stands for its `{name}`"));
        }
        let order = |name: &str| self.op.options.iter().position(|option| option.name == name);
        self.options.sort_by_key(|(name, _)| order(name));
        let options = self.options.iter().map(|(name, text)| match *name {
            "range" => text.clone(),
            _ => format!("{name} = {text}"),
        });
        if self.values.is_empty() && matches!(self.op.arity, Arity::Weighted(2, _)) {
            self.values.push("target".into());
        }
        let args: Vec<String> = self.values.iter().cloned().chain(options).collect();
        let mut code = self.op.name.to_string();
        if !args.is_empty() {
            code += &format!("({})", args.join(", "));
        }
        if let Some(arrow) = arrow {
            code += &format!(" -> {arrow}");
        }
        Advice::Write { code, notes: self.notes }
    }

    /// The arrow of what is given the height and the width of an image.
    fn image(&self) -> String {
        let given = self.width.as_deref().unwrap_or("h, w");
        let sides = given.trim_matches(['[', ']', '(', ')']);
        let both =
            if sides.contains(',') { sides.to_string() } else { format!("{sides}, {sides}") };
        format!("[_, {both}]")
    }

    /// The arrow of what is given a shape; `None` if that is the shape of a vector of all.
    fn reshaped(&mut self, from: &[String]) -> Option<String> {
        let given = self.shape.clone().unwrap_or_default();
        let mut dims: Vec<String> = given
            .iter()
            .map(|dim| if dim == "-1" { "_".to_string() } else { dim.clone() })
            .collect();
        let is_batch = |dim: &String| {
            dim.contains("size(") || dim.contains(".shape") || ["batch", "B", "N"].contains(&&**dim)
        };
        let blanks = dims.iter().filter(|dim| *dim == "_").count();
        let numbers = |dims: &[String]| -> Option<u64> {
            dims.iter().map(|d| d.parse::<u64>().ok()).product()
        };
        let rest = dims.get(1..).unwrap_or_default();
        let elements = numbers(from).filter(|_| !from.is_empty());
        if self.op.name != "parameter"
            && dims.len() > 1
            && (is_batch(&dims[0])
                || dims[0] == "_" && blanks == 1 && elements.is_some() && numbers(rest) == elements)
        {
            self.note("the batch is not an axis");
            dims.remove(0);
        }
        if dims.iter().any(|dim| !dim.chars().all(|c| c.is_alphanumeric() || "_ *+/-".contains(c)))
        {
            dims = Vec::new();
        }
        match (self.op.name, dims.as_slice()) {
            ("reshape", [one])
                if one == "_" || numbers(&dims) == elements && elements.is_some() =>
            {
                None
            }
            (_, []) => Some(self.seen.arrow.map_or("[..]".to_string(), str::to_string)),
            _ => Some(format!("[{}]", dims.join(", "))),
        }
    }

    fn flattened(self) -> Advice {
        let value = self.values.first().map_or(String::new(), |value| format!("({value})"));
        Advice::Write { code: format!("flatten{value}"), notes: self.notes }
    }
}
