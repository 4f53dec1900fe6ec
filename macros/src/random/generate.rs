//! Makes models.

use crate::shape::Dim;
use crate::typed::Typed;
use pullback_core::check::Rng64;
use std::fmt::Write as _;

/// A model that a step may apply.
pub struct Example {
    name: String,
    /// Its declaration.
    text: String,
    /// Its body alone, where that says all: it has one input, which it does not name.
    body: Option<String>,
    inputs: Vec<(Vec<usize>, Option<usize>)>,
    output: Vec<usize>,
    has_params: bool,
}

impl Example {
    pub fn new(name: String, text: &str, typed: &Typed) -> Example {
        let number = |dim: &Dim| dim.as_known().expect("an example has numbers") as usize;
        let numbers = |shape: &[Dim]| -> Vec<usize> { shape.iter().map(number).collect() };
        let inputs: Vec<_> = typed
            .inputs
            .iter()
            .map(|input| (numbers(&input.shape), input.index.as_ref().map(number)))
            .collect();
        let body = text.split_once('{').and_then(|(_, body)| Some(body.rsplit_once('}')?.0.trim()));
        let names_it = |body: &&str| words(body).any(|word| word == typed.inputs[0].name);
        let body =
            body.filter(|body| inputs.len() == 1 && inputs[0].1.is_none() && !names_it(body));
        Example {
            text: format!("{name}{text}"),
            body: body.map(str::to_string),
            output: numbers(&typed.output),
            has_params: !typed.trained().is_empty(),
            inputs,
            name,
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
}

/// A model of steps.
#[derive(Clone, Default)]
pub struct Model {
    /// Declarations that steps refer to, by name.
    used: Vec<(String, String)>,
    /// Names, shapes, and what integers are below.
    inputs: Vec<(String, Vec<usize>, Option<usize>)>,
    steps: Vec<Step>,
    rng: u64,
}

#[derive(Clone)]
struct Step {
    /// The value it defines.
    name: String,
    shape: Vec<usize>,
    text: String,
}

/// How many elements a value may have, about.
const MOST: usize = 48;

/// A model of any size.
const GENERIC: (&str, &str) = (
    "Generic",
    "Generic<N>(x: [N]) -> [N] { up = linear -> [2 * N], tanh, down = linear -> [N], x + down / N }",
);

fn size(shape: &[usize]) -> usize {
    shape.iter().product()
}

impl Model {
    /// A random model.
    pub fn new(seed: u64, examples: &[Example]) -> Model {
        let mut model = Model { rng: seed, ..Model::default() };
        for i in 0..1 + model.below(2) {
            let rank = [0, 1, 1, 2, 2, 3][model.below(6)];
            let shape: Vec<usize> = (0..rank).map(|_| 1 + model.below(4)).collect();
            model.inputs.push((format!("x{i}"), shape, None));
        }
        for _ in 0..1 + model.below(6) {
            model.step(examples);
        }
        model
    }

    fn below(&mut self, bound: usize) -> usize {
        let mut rng = Rng64::new(self.rng);
        self.rng = rng.next_u64();
        (self.rng >> 11) as usize % bound
    }

    fn one_of<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }

    /// The real values so far.
    fn values(&self) -> Vec<(String, Vec<usize>)> {
        let inputs = self.inputs.iter().filter(|(_, _, index)| index.is_none());
        let inputs = inputs.map(|(name, shape, _)| (name.clone(), shape.clone()));
        let steps = self.steps.iter().map(|step| (step.name.clone(), step.shape.clone()));
        inputs.chain(steps).collect()
    }

    /// A value: the last ones more often.
    fn value(&mut self) -> (String, Vec<usize>) {
        let values = self.values();
        let back = self.below(values.len()).min(self.below(values.len()));
        values[values.len() - 1 - back].clone()
    }

    /// Some value as one of a shape.
    fn some(&mut self, shape: &[usize]) -> String {
        let value = self.value();
        self.fitted(value, shape)
    }

    /// Adds a step, whose text has `@` for the name of the value.
    fn define(&mut self, shape: Vec<usize>, text: &str) -> String {
        let name = format!("v{}", self.steps.len());
        let text = text.replace('@', &name);
        self.steps.push(Step { name: name.clone(), shape, text });
        name
    }

    /// A value as one of another shape: cut, repeated, spread by a layer.
    fn fitted(&mut self, (mut name, shape): (String, Vec<usize>), to: &[usize]) -> String {
        if shape == to {
            return name;
        }
        let (mut have, want) = (size(&shape), size(to));
        if shape.len() != 1 {
            name = self.define(vec![have], &format!("@ = reshape({name}) -> [{have}]"));
        }
        if have < want {
            let times = want.div_ceil(have);
            let (length, text) = match self.below(3) {
                0 => {
                    (have * times, format!("@ = concat({})", vec![name.as_str(); times].join(", ")))
                }
                1 => (have * times, format!("@ = repeat({name}, [{times}])")),
                _ => (want, format!("@ = linear({name}) -> [{want}]")),
            };
            name = self.define(vec![length], &text);
            have = length;
        }
        if have > want {
            let start = self.below(have - want + 1);
            name =
                self.define(vec![want], &format!("@ = slice({name}, {start}..{})", start + want));
        }
        if to.len() != 1 {
            name = self.define(to.to_vec(), &format!("@ = reshape({name}) -> {to:?}"));
        }
        name
    }

    /// Integers below a bound.
    fn integers(&mut self, shape: &[usize], bound: usize) -> String {
        let known = self.inputs.iter().find(|(_, of, index)| of == shape && *index == Some(bound));
        if let Some((name, ..)) = known {
            return name.clone();
        }
        let name = format!("i{}", self.inputs.len());
        self.inputs.push((name.clone(), shape.to_vec(), Some(bound)));
        name
    }

    fn step(&mut self, examples: &[Example]) {
        match self.below(20) {
            0..9 => self.apply(examples),
            9..12 => self.pointwise(),
            12..15 => self.arithmetic(),
            15 | 16 => self.layout(),
            17 => self.scan(),
            18 => self.shared(),
            _ => self.other(),
        }
    }

    fn apply(&mut self, examples: &[Example]) {
        let example = self.one_of(examples);
        if size(&example.output) > 4 * MOST {
            return;
        }
        let given: Vec<String> = example
            .inputs
            .iter()
            .map(|(shape, index)| match index {
                Some(bound) => self.integers(shape, *bound),
                None => self.some(shape),
            })
            .collect();
        let (of, output) = (given.join(", "), example.output.clone());
        match &example.body {
            Some(body) if self.below(3) > 0 => {
                let marks = ["", "", "", "#[recompute] ", "#[frozen] "];
                let mark = marks[self.below(if example.has_params { 5 } else { 4 })];
                self.define(output, &format!("{of}, {mark}@ = {{ {body} }}"));
            }
            _ => {
                self.declare(&example.name, &example.text);
                self.define(output, &format!("@ = {}({of})", example.name));
            }
        }
    }

    fn declare(&mut self, name: &str, text: &str) {
        if !self.used.iter().any(|(used, _)| used == name) {
            self.used.push((name.into(), text.into()));
        }
    }

    fn pointwise(&mut self) {
        let (x, shape) = self.value();
        let f = *self.one_of(&[
            "tanh",
            "relu",
            "square",
            "sigmoid",
            "abs",
            "exp",
            "neg",
            "softplus",
            "gelu",
            "sin",
            "|u| u * sigmoid(1.5 * u)",
            "|u| u * u / (1 + u * u)",
            "|u| maximum(u, 0.5 - u)",
            "dropout",
            "stop_gradient",
        ]);
        self.define(shape, &format!("{x}, @ = {f}"));
    }

    fn arithmetic(&mut self) {
        let (a, shape) = self.value();
        let b = match self.below(4) {
            // A number for every element, or of a vector along the last axis.
            0 => self.some(&[]),
            1 if !shape.is_empty() => self.some(&[shape[shape.len() - 1]]),
            _ => self.some(&shape),
        };
        let text = match self.below(6) {
            0 => format!("{a} + {b}"),
            1 => format!("{a} * {b}"),
            2 => format!("{a} - 0.5 * {b}"),
            3 => format!("({a} + {b}) * ({a} - {b})"),
            4 => format!("{a} / (2 + {b} * {b})"),
            _ => format!("1 - {a} * {b} + {a} / 3"),
        };
        self.define(shape, &format!("@ = {text}"));
    }

    fn layout(&mut self) {
        let (x, shape) = self.value();
        let count = size(&shape);
        match self.below(5) {
            0 if shape.len() > 1 => {
                let turn = 1 + self.below(shape.len() - 1);
                let perm: Vec<usize> = (0..shape.len()).map(|i| (i + turn) % shape.len()).collect();
                let to = perm.iter().map(|axis| shape[*axis]).collect();
                let perm: Vec<String> = perm.iter().map(usize::to_string).collect();
                self.define(to, &format!("@ = permute({x}, {})", perm.join(", ")));
            }
            1 if !shape.is_empty() && count * 2 <= MOST => {
                let axis = self.below(shape.len());
                let mut to = shape.clone();
                to[axis] *= 2;
                let y = self.some(&shape);
                self.define(to, &format!("@ = concat({x}, {y}, axis = {axis})"));
            }
            2 if shape.iter().any(|length| *length > 1) => {
                let axis = shape.iter().position(|length| *length > 1).unwrap_or(0);
                let (start, mut to) = (1 + self.below(shape[axis] - 1), shape.clone());
                to[axis] -= start;
                self.define(
                    to,
                    &format!("@ = slice({x}, {start}..{}, axis = {axis})", shape[axis]),
                );
            }
            3 if !shape.is_empty() => {
                let axis = self.below(shape.len());
                self.define(shape, &format!("@ = flip({x}, axes = {axis})"));
            }
            4 if count.is_multiple_of(2) => {
                let half = count / 2;
                self.define(vec![2, half], &format!("@ = reshape({x}) -> [2, {half}]"));
            }
            _ => {
                self.define(vec![count], &format!("@ = reshape({x}) -> [{count}]"));
            }
        }
    }

    fn scan(&mut self) {
        let (t, m) = (1 + self.below(4), 1 + self.below(3));
        let rows = self.some(&[t, m]);
        let start = match self.below(2) {
            0 => String::new(),
            _ => format!(" = {}", self.some(&[m])),
        };
        let around = self.some(&[m]);
        let body = match self.below(6) {
            0 => format!("h <- tanh(h + {rows})"),
            1 => format!("h <- h * {rows} + {around}"),
            2 => format!("u = linear(h) -> [{m}], h <- sigmoid(u + {rows})"),
            3 => format!("h <- 0.5 * h + {rows} * {around}, h * {around}"),
            4 => format!("#[recompute] u = {{ {rows} * h, tanh, linear -> [{m}] }}, h <- u + h"),
            _ => format!("h <- dropout({rows} + h)"),
        };
        self.define(vec![t, m], &format!("@ = scan({rows}, h: [{m}]{start}) {{ {body} }}"));
    }

    /// A layer that is used several times, a row of blocks, a generic model.
    fn shared(&mut self) {
        let m = 1 + self.below(4);
        let x = self.some(&[m]);
        let text = match self.below(4) {
            0 => format!("let layer@ = linear -> [{m}], layer@({x}), tanh, @ = layer@"),
            1 => format!(
                "let layer@ = {{ linear -> [{m}], tanh, linear -> [{m}] }}, layer@({x}), @ = layer@"
            ),
            2 => format!("{x}, @ = [{{ linear -> [{m}], sigmoid }}; 2]"),
            _ => {
                self.declare(GENERIC.0, GENERIC.1);
                format!("@ = {}({x})", GENERIC.0)
            }
        };
        self.define(vec![m], &text);
    }

    fn other(&mut self) {
        let m = 1 + self.below(3);
        let x = self.some(&[m, 2]);
        match self.below(5) {
            0 => self.define(vec![3], &format!("{x}, @ = Mine {{}} -> [3]")),
            1 => self.define(vec![m, 2], &format!("{x}, @ = softmax")),
            2 => self.define(vec![m, 2], &format!("{x}, @ = layer_norm")),
            3 => self.define(vec![m, 3], &format!("@ = parameter -> [{m}, 3]")),
            _ => {
                let axis = self.below(2);
                self.define(vec![[2, m][axis]], &format!("@ = amax({x}, axes = {axis})"))
            }
        };
    }

    /// The text of the model, after those of the models that it uses.
    pub fn text(&self) -> String {
        self.text_with(|shape| format!("{shape:?}"))
    }

    /// The text with the shapes of inputs written in some way.
    pub fn text_with(&self, mut write: impl FnMut(&[usize]) -> String) -> String {
        let mut text = String::new();
        let mut lines: Vec<&str> = self.steps.iter().map(|step| step.text.as_str()).collect();
        let (end, output) = match self.steps.last() {
            Some(step) => (step.name.as_str(), &step.shape),
            None => ("x0", &self.inputs[0].1),
        };
        // What nobody uses goes into the result: its parameters would have no gradient.
        let is_used = |(at, step): (usize, &Step)| {
            self.steps[at + 1..]
                .iter()
                .any(|later| words(&later.text).any(|word| word == step.name))
        };
        let unused = self.steps.iter().enumerate().filter(|(at, step)| !is_used((*at, step)));
        let mut result = end.to_string();
        for (_, step) in unused.filter(|(_, step)| step.name != end) {
            let _ = match step.shape.is_empty() {
                true => write!(result, " + 0.5 * {}", step.name),
                false => write!(result, " + 0.5 * sum({})", step.name),
            };
        }
        lines.push(&result);
        let body = lines.join(",\n    ");
        let mentions = |name: &str| words(&body).any(|word| word == name);
        for (_, declaration) in self.used.iter().filter(|(name, _)| mentions(name)) {
            let _ = writeln!(text, "{declaration}");
        }
        let inputs = self.inputs.iter().filter(|(name, ..)| mentions(name) || name == "x0");
        let inputs: Vec<String> = inputs
            .map(|(name, shape, index)| match index {
                Some(bound) => format!("{name}: {} of index({bound})", write(shape)),
                None => format!("{name}: {}", write(shape)),
            })
            .collect();
        let _ = write!(text, "M({}) -> {output:?} {{\n    {body}\n}}", inputs.join(", "));
        text
    }

    /// Models with one step less.
    pub fn smaller(&self) -> impl Iterator<Item = Model> + use<'_> {
        (0..self.steps.len()).rev().map(move |at| {
            let mut model = self.clone();
            model.steps.remove(at);
            model
        })
    }
}
