//! Arrays of the interpreter.

use crate::ir::{Labels, Passing};

/// A row-major array.
#[derive(Clone, PartialEq, Debug)]
pub struct Array<T> {
    pub shape: Vec<usize>,
    pub data: Vec<T>,
}

/// What an instruction defines.
#[derive(Clone, PartialEq, Debug)]
pub enum Value<T> {
    Real(Array<T>),
    Integers(Array<usize>),
    /// What a loop leads to, result by result.
    Loop(Vec<Value<T>>),
}

/// Calls `f` with all indices of a shape after those of `index`, which is as before in the end.
pub fn each_index(index: &mut Vec<usize>, shape: &[usize], f: &mut impl FnMut(&[usize])) {
    let Some((length, rest)) = shape.split_first() else { return f(index) };
    for i in 0..*length {
        index.push(i);
        each_index(index, rest, f);
        index.pop();
    }
}

/// Calls `f` with some places for every index of a shape, in row-major order: each begins `at` somewhere, and moves so far
/// along each axis.
pub fn each_place<const K: usize>(
    shape: &[usize],
    strides: [&[usize]; K],
    at: [usize; K],
    f: &mut impl FnMut([usize; K]),
) {
    let Some((length, rest)) = shape.split_first() else { return f(at) };
    let mut at = at;
    for _ in 0..*length {
        each_place(rest, strides.map(|strides| &strides[1..]), at, f);
        at.iter_mut().zip(strides).for_each(|(at, strides)| *at += strides[0]);
    }
}

/// How far an element is from that after it along each axis of an array.
pub fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

impl<T: Clone> Array<T> {
    /// The array that has `f(i)` at every index `i`.
    pub fn of(shape: &[usize], mut f: impl FnMut(&[usize]) -> T) -> Array<T> {
        let mut data = Vec::with_capacity(shape.iter().product());
        each_index(&mut Vec::new(), shape, &mut |index| data.push(f(index)));
        Array { shape: shape.to_vec(), data }
    }

    pub fn map<U>(&self, f: impl Fn(&T) -> U) -> Array<U> {
        Array { shape: self.shape.clone(), data: self.data.iter().map(f).collect() }
    }

    /// The elements from a place on, which move so far along each axis of a shape.
    fn strided(&self, shape: &[usize], from: usize, strides: &[usize]) -> Array<T> {
        let mut data = Vec::with_capacity(shape.iter().product());
        each_place(shape, [strides], [from], &mut |[at]| data.push(self.data[at].clone()));
        Array { shape: shape.to_vec(), data }
    }

    pub fn view(&self, shape: &[usize], view: &Strided) -> Array<T> {
        let (from, strides) = view.within(shape, &self.shape);
        self.strided(shape, from, &strides)
    }

    pub fn broadcast(&self, axes: &[usize], shape: &[usize]) -> Array<T> {
        let mut along = vec![0; shape.len()];
        for ((axis, length), stride) in axes.iter().zip(&self.shape).zip(strides(&self.shape)) {
            assert_eq!(shape[*axis], *length, "{:?} along {axes:?} of {shape:?}", self.shape);
            along[*axis] = stride;
        }
        self.strided(shape, 0, &along)
    }

    pub fn permute(&self, perm: &[usize]) -> Array<T> {
        let of = |all: &[usize]| perm.iter().map(|axis| all[*axis]).collect::<Vec<usize>>();
        self.strided(&of(&self.shape), 0, &of(&strides(&self.shape)))
    }

    pub fn reshape(&self, shape: &[usize]) -> Array<T> {
        assert_eq!(
            self.data.len(),
            shape.iter().product::<usize>(),
            "{:?} as {shape:?}",
            self.shape
        );
        Array { shape: shape.to_vec(), data: self.data.clone() }
    }

    /// `length` elements of an axis from `start` on.
    pub fn slice(&self, axis: usize, start: usize, length: usize) -> Array<T> {
        let (mut shape, strides) = (self.shape.clone(), strides(&self.shape));
        assert!(start + length <= shape[axis], "{length} of {shape:?} from {start} on");
        shape[axis] = length;
        self.strided(&shape, start * strides[axis], &strides)
    }

    /// Writes an array into this one, from `start` on along an axis.
    pub fn put(&mut self, part: &Array<T>, axis: usize, start: usize) {
        let (own, of_part) = (strides(&self.shape), strides(&part.shape));
        assert!(start + part.shape[axis] <= self.shape[axis], "{:?} from {start} on", part.shape);
        let from = [0, start * own[axis]];
        each_place(&part.shape, [&of_part, &own], from, &mut |[from, to]| {
            self.data[to] = part.data[from].clone();
        });
    }

    /// What step `t` of so many sees of it.
    pub fn inside(&self, flow: &Passing, width: usize, t: usize, steps: usize) -> Array<T> {
        match flow {
            Passing::Whole | Passing::Carry => self.clone(),
            Passing::Each { axis, .. } => self.slice(*axis, t * width, width),
            Passing::Mirrored { axis } => self.slice(*axis, steps - 1 - t, 1),
        }
    }
}

/// A strided view: where it begins, and along which axis each of its own runs with what step.
pub struct Strided {
    pub from: Vec<usize>,
    pub steps: Vec<(usize, usize)>,
}

impl Strided {
    /// Where it begins in an array, and how far each of its axes moves there. All of it is inside.
    pub fn within(&self, shape: &[usize], of: &[usize]) -> (usize, Vec<usize>) {
        let mut last = self.from.clone();
        for ((axis, step), length) in self.steps.iter().zip(shape) {
            last[*axis] += step * length.saturating_sub(1);
        }
        let inside = last.iter().zip(of).all(|(last, length)| last < length);
        assert!(inside || shape.contains(&0), "a view of {of:?} that ends at {last:?}");
        let of = strides(of);
        let from = self.from.iter().zip(&of).map(|(from, stride)| from * stride).sum();
        (from, self.steps.iter().map(|(axis, step)| step * of[*axis]).collect())
    }
}

/// The lengths of the labels that some arrays have.
pub struct Lengths(Vec<(char, usize)>);

impl Lengths {
    pub fn of(labels: &[(&[char], &[usize])]) -> Lengths {
        let mut lengths: Vec<(char, usize)> = Vec::new();
        for (label, length) in labels.iter().flat_map(|(labels, shape)| {
            assert_eq!(labels.len(), shape.len(), "{labels:?} of {shape:?}");
            labels.iter().copied().zip(shape.iter().copied())
        }) {
            match lengths.iter().find(|(known, _)| *known == label) {
                Some((_, known)) => assert_eq!(*known, length, "two lengths of `{label}`"),
                None => lengths.push((label, length)),
            }
        }
        Lengths(lengths)
    }

    /// How far the element of an array with some labels moves along each of all; along `but` it does not.
    fn strides(&self, labels: &[char], shape: &[usize], but: Option<char>) -> Vec<usize> {
        let mut all = vec![0; self.0.len()];
        for (label, stride) in labels.iter().zip(strides(shape)) {
            if but != Some(*label) {
                let place = self.0.iter().position(|(known, _)| known == label);
                all[place.expect("a label of some array")] += stride;
            }
        }
        all
    }

    /// For every index of all labels, where the element of each of three arrays is; along `but` it is the first.
    pub fn places(
        &self,
        of: [(&[char], &[usize]); 3],
        but: Option<char>,
        mut see: impl FnMut([usize; 3]),
    ) {
        let shape: Vec<usize> = self.0.iter().map(|(_, length)| *length).collect();
        let strides = of.map(|(labels, shape)| self.strides(labels, shape, but));
        each_place(&shape, strides.each_ref().map(Vec::as_slice), [0; 3], &mut see);
    }
}

/// The label of `labels.a` that integers choose: the others are in `out`.
pub fn chosen(labels: &[char], others: &Labels, out: &[char]) -> char {
    let of = |label: &&char| !out.contains(label) && !others.b.contains(label);
    *labels.iter().find(of).expect("a label that integers choose")
}
