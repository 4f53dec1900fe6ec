//! Parameters with settings of their own.

use super::{non_negative, params};
use crate::flat::Block;
use crate::info::ParamInfo;
use core::ops::Range;

/// Some arrays of a model with a learning rate or a weight decay of their own: a parameter group.
///
/// ```
/// use pullback::optim::{AdamW, Group};
///
/// pullback::model! { pub Net: [4] -> [2] { base = linear -> [8], layer_norm, relu, head = linear -> [2] } }
///
/// let optimizer = AdamW::<f32>::new(Net::<f32>::PARAMS, 1e-3)
///     .group(Group::biases_and_norms::<Net>().weight_decay(0.0));
/// // Or by name:
/// let optimizer = AdamW::<f32>::new(Net::<f32>::PARAMS, 1e-3)
///     .group(Group::of::<Net>(|array| array.name.starts_with("head")).rate_factor(10.0));
/// ```
#[derive(Clone, Debug)]
pub struct Group {
    /// In order.
    arrays: Vec<&'static ParamInfo>,
    /// How many parameters the model has.
    params: usize,
    settings: Settings,
}

/// What holds for some parameters.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Settings {
    /// What the learning rate is multiplied by.
    factor: f64,
    /// The weight decay, if it is another one.
    decay: Option<f64>,
}

impl Settings {
    /// The learning rate and the weight decay, where those are the optimiser's.
    pub(super) fn of(self, rate: f64, decay: f64) -> (f64, f64) {
        (rate * self.factor, self.decay.unwrap_or(decay))
    }
}

/// Those of the optimiser.
const OWN: Settings = Settings { factor: 1.0, decay: None };

impl Group {
    /// The arrays of a model, or of what else is given to the steps, that are chosen. Without further settings they are
    /// trained as the others.
    #[must_use]
    pub fn of<B: Block>(choose: impl Fn(&ParamInfo) -> bool) -> Self {
        let arrays = B::ARRAYS.iter().filter(|info| choose(info)).collect();
        Group { arrays, params: B::LEN, settings: OWN }
    }

    /// Biases, and the parameters of normalisations: what is usually left out of the weight decay.
    #[must_use]
    pub fn biases_and_norms<B: Block>() -> Self {
        Self::of::<B>(|info| {
            let name = info.name.rsplit('.').next().map_or("", |name| name);
            name.contains("bias") || info.op.ends_with("_norm")
        })
    }

    /// Multiplies the learning rate.
    ///
    /// # Panics
    /// If it is negative, infinite or NaN.
    #[must_use]
    #[track_caller]
    pub fn rate_factor(mut self, factor: f64) -> Self {
        self.settings.factor = non_negative("factor", factor);
        self
    }

    /// Sets the weight decay.
    ///
    /// # Panics
    /// If it is negative, infinite or NaN.
    #[must_use]
    #[track_caller]
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        self.settings.decay = Some(non_negative("weight decay", weight_decay));
        self
    }
}

/// The groups of an optimiser.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Groups {
    /// In order, none in two of them.
    parts: Vec<(Range<usize>, Settings)>,
}

impl Groups {
    /// One more.
    ///
    /// # Panics
    /// If it is of another model than the optimiser, or has an array of another group.
    #[track_caller]
    pub(super) fn add(&mut self, group: Group, params: usize) {
        assert!(
            group.params == params,
            "the group is of {} parameters, the optimizer was made for {params}",
            group.params
        );
        for info in group.arrays {
            let range = info.start..info.start + info.len();
            let at = self.parts.partition_point(|(other, _)| other.start < range.start);
            let taken = |part: Option<&(Range<usize>, Settings)>| {
                part.is_some_and(|(other, _)| other.start < range.end && range.start < other.end)
            };
            let before = at.checked_sub(1).and_then(|at| self.parts.get(at));
            assert!(
                !taken(before) && !taken(self.parts.get(at)),
                "`{}` is in two groups",
                info.name
            );
            self.parts.insert(at, (range, group.settings));
        }
    }

    /// The stretches of so many parameters that are not frozen, with what holds for each.
    pub(super) fn stretches(
        &self,
        len: usize,
        infos: &'static [ParamInfo],
    ) -> impl Iterator<Item = (Range<usize>, Settings)> {
        params::trained(len, infos).flat_map(|stretch| self.split(stretch))
    }

    fn split(&self, stretch: Range<usize>) -> impl Iterator<Item = (Range<usize>, Settings)> {
        let Range { start: mut at, end } = stretch;
        core::iter::from_fn(move || {
            if at == end {
                return None;
            }
            let next = self.parts.partition_point(|(part, _)| part.end <= at);
            let (stop, settings) = match self.parts.get(next) {
                Some((part, settings)) if part.start <= at => (part.end, *settings),
                Some((part, _)) => (part.start, OWN),
                None => (end, OWN),
            };
            let start = core::mem::replace(&mut at, stop.min(end));
            Some((start..at, settings))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_cut_at_groups() {
        let settings = |factor| Settings { factor, decay: None };
        let groups = Groups {
            parts: vec![(2..4, settings(2.0)), (4..5, settings(3.0)), (8..9, settings(4.0))],
        };
        let cut =
            |range| groups.split(range).map(|(range, s)| (range, s.factor)).collect::<Vec<_>>();
        assert_eq!(
            cut(0..10),
            [(0..2, 1.0), (2..4, 2.0), (4..5, 3.0), (5..8, 1.0), (8..9, 4.0), (9..10, 1.0)]
        );
        assert_eq!(cut(3..4), [(3..4, 2.0)]);
        assert_eq!(cut(5..8), [(5..8, 1.0)]);
    }
}
