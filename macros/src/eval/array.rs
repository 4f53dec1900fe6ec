//! Arrays of the interpreter.

use crate::ir::{Flow, Labels};

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

/// All indices of a shape, in row-major order.
pub fn indices(shape: &[usize]) -> impl Iterator<Item = Vec<usize>> + use<> {
    let count: usize = shape.iter().product();
    let shape = shape.to_vec();
    (0..count).map(move |mut flat| {
        let mut index = vec![0; shape.len()];
        for (i, length) in shape.iter().enumerate().rev() {
            index[i] = flat % length;
            flat /= length;
        }
        index
    })
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

impl<T: Clone> Array<T> {
    /// The array that has `f(i)` at every index `i`.
    pub fn of(shape: &[usize], mut f: impl FnMut(&[usize]) -> T) -> Array<T> {
        let mut data = Vec::with_capacity(shape.iter().product());
        each_index(&mut Vec::new(), shape, &mut |index| data.push(f(index)));
        Array { shape: shape.to_vec(), data }
    }

    fn place(&self, index: &[usize]) -> usize {
        assert_eq!(index.len(), self.shape.len(), "an index of another rank");
        index.iter().zip(&self.shape).fold(0, |flat, (i, length)| {
            assert!(i < length, "an index is outside: {index:?} of {:?}", self.shape);
            flat * length + i
        })
    }

    pub fn at(&self, index: &[usize]) -> T {
        self.data[self.place(index)].clone()
    }

    pub fn at_mut(&mut self, index: &[usize]) -> &mut T {
        let place = self.place(index);
        &mut self.data[place]
    }

    pub fn map<U>(&self, f: impl Fn(&T) -> U) -> Array<U> {
        Array { shape: self.shape.clone(), data: self.data.iter().map(f).collect() }
    }

    /// `y[i] = x[view(i)]`
    pub fn view(&self, shape: &[usize], view: impl Fn(&[usize]) -> Vec<usize>) -> Array<T> {
        Array::of(shape, |index| self.at(&view(index)))
    }

    pub fn broadcast(&self, axes: &[usize], shape: &[usize]) -> Array<T> {
        self.view(shape, |index| axes.iter().map(|axis| index[*axis]).collect())
    }

    pub fn permute(&self, perm: &[usize]) -> Array<T> {
        let shape: Vec<usize> = perm.iter().map(|axis| self.shape[*axis]).collect();
        self.view(&shape, |index| {
            let mut from = vec![0; index.len()];
            perm.iter().zip(index).for_each(|(axis, i)| from[*axis] = *i);
            from
        })
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
        let mut shape = self.shape.clone();
        shape[axis] = length;
        self.view(&shape, |index| {
            let mut from = index.to_vec();
            from[axis] += start;
            from
        })
    }

    /// What step `t` of so many sees of it.
    pub fn inside(&self, flow: &Flow, width: usize, t: usize, steps: usize) -> Array<T> {
        match flow {
            Flow::Whole | Flow::Carry => self.clone(),
            Flow::Each { axis, .. } => self.slice(*axis, t * width, width),
            Flow::Mirrored { axis } => self.slice(*axis, steps - 1 - t, 1),
        }
    }
}

/// A strided view: where it begins, and along which axis each of its own runs with what step.
pub struct View {
    pub from: Vec<usize>,
    pub steps: Vec<(usize, usize)>,
}

impl View {
    pub fn place(&self, index: &[usize]) -> Vec<usize> {
        let mut from = self.from.clone();
        self.steps.iter().zip(index).for_each(|((axis, step), i)| from[*axis] += i * step);
        from
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

    fn shape(&self) -> Vec<usize> {
        self.0.iter().map(|(_, length)| *length).collect()
    }

    /// For every index of all labels, the index of each array that has some of them.
    pub fn all<'l>(&'l self, of: &'l [&'l [char]]) -> impl Iterator<Item = Vec<Vec<usize>>> + 'l {
        let place = |label: &char| {
            self.0.iter().position(|(known, _)| known == label).expect("a label of some array")
        };
        let places: Vec<Vec<usize>> =
            of.iter().map(|labels| labels.iter().map(place).collect()).collect();
        indices(&self.shape()).map(move |index| {
            places.iter().map(|places| places.iter().map(|place| index[*place]).collect()).collect()
        })
    }

    /// For every index of all labels, where the element of each of three arrays is.
    pub fn places(&self, of: [(&[char], &[usize]); 3], mut see: impl FnMut(usize, usize, usize)) {
        let strides = of.map(|(labels, shape)| {
            let mut strides = vec![0; self.0.len()];
            let mut stride = 1;
            for (label, length) in labels.iter().zip(shape).rev() {
                let place = self.0.iter().position(|(known, _)| known == label);
                strides[place.expect("a label of some array")] += stride;
                stride *= length;
            }
            strides
        });
        each_index(&mut Vec::new(), &self.shape(), &mut |index| {
            let at = |strides: &[usize]| index.iter().zip(strides).map(|(i, s)| i * s).sum();
            see(at(&strides[0]), at(&strides[1]), at(&strides[2]));
        });
    }
}

/// The label of `labels.a` that integers choose: the others are in `out`.
pub fn chosen(labels: &[char], others: &Labels, out: &[char]) -> char {
    let of = |label: &&char| !out.contains(label) && !others.b.contains(label);
    *labels.iter().find(of).expect("a label that integers choose")
}
