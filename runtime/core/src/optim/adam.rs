//! Adam and AdamW.

use super::{
    Groups, Optimizer, Params, Settings, change_trained, expect_lengths, is_optimizer,
    non_negative, remembered, shared_among_threads, takes_groups,
};
use crate::kernel::Change;
use crate::lanes::Lanes;
use crate::scalar::Real;

/// What Adam and AdamW share: both moments and how far their bias has been worked off.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Moments<T> {
    /// β₁, β₂
    betas: [f64; 2],
    epsilon: f64,
    /// β₁ᵗ, β₂ᵗ
    powers: [f64; 2],
    threads: usize,
    groups: Groups,
    first: Vec<T>,
    second: Vec<T>,
}

/// How large the pull of the weights towards 0 is in one step.
struct Decay {
    /// What is added to the gradient, as a multiple of the parameter
    gradient: f64,
    /// What the parameter is multiplied by
    shrink: f64,
}

/// One step.
#[derive(Clone, Copy)]
struct Rule<T> {
    /// η / (1 − β₁ᵗ)
    step: T,
    /// 1 / √(1 − β₂ᵗ)
    scale: T,
    epsilon: T,
    new_first: T,
    new_second: T,
    keep_second: T,
    decay: T,
    shrink: T,
}

impl<T: Real> Change<T, 3> for Rule<T> {
    #[inline(always)]
    fn f<V: Lanes<Scalar = T>>(self, [p, m, v]: [V; 3], g: V) -> [V; 3] {
        let g = p.mul_add(V::splat(self.decay), g);
        let m = (g - m).mul_add(V::splat(self.new_first), m);
        let v = (g * g).mul_add(V::splat(self.new_second), V::splat(self.keep_second) * v);
        let scaled = v.sqrt().mul_add(V::splat(self.scale), V::splat(self.epsilon));
        let step = V::splat(self.step) * m / scaled;
        [p.mul_add(V::splat(self.shrink), -step), m, v]
    }
}

impl<T: Real> Moments<T> {
    fn new(params: usize) -> Self {
        let (first, second) = (remembered(params), remembered(params));
        Self {
            betas: [0.9, 0.999],
            epsilon: 1e-8,
            powers: [1.0; 2],
            threads: 1,
            groups: Groups::default(),
            first,
            second,
        }
    }

    #[track_caller]
    fn set_betas(&mut self, betas: [f64; 2]) {
        for beta in betas {
            assert!((0.0..1.0).contains(&beta), "beta is {beta}, needs a number from 0 to below 1");
        }
        self.betas = betas;
    }

    #[track_caller]
    fn step(
        &mut self,
        [learning_rate, weight_decay]: [f64; 2],
        decay: impl Fn(f64, f64) -> Decay,
        mut params: impl Params<T>,
        gradient: &[T],
    ) {
        let (infos, params) = (params.infos(), params.all());
        expect_lengths(self.first.len(), params.len(), gradient.len());
        for (power, beta) in self.powers.iter_mut().zip(self.betas) {
            *power *= beta;
        }
        let [new_first, new_second] = self.betas.map(|beta| T::from_f64(1.0 - beta));
        let (powers, epsilon, keep) = (self.powers, self.epsilon, self.betas[1]);
        let rule = |settings: Settings| {
            let (rate, lambda) = settings.of(learning_rate, weight_decay);
            let decay = decay(rate, lambda);
            Rule {
                step: T::from_f64(rate / (1.0 - powers[0])),
                scale: T::from_f64(1.0 / (1.0 - powers[1]).sqrt()),
                epsilon: T::from_f64(epsilon),
                new_first,
                new_second,
                keep_second: T::from_f64(keep),
                decay: T::from_f64(decay.gradient),
                shrink: T::from_f64(decay.shrink),
            }
        };
        let arrays = [params, &mut self.first, &mut self.second];
        change_trained(self.threads, &self.groups, infos, arrays, gradient, rule);
    }
}

/// The settings and the trait, which differ only in where the weight decay acts.
macro_rules! adam {
    ($Name:ident, $decay:literal, |$rate:ident, $lambda:ident| $Decay:expr) => {
        impl<T: Real> $Name<T> {
            /// The optimiser for this number of parameters, with PyTorch's defaults:
            /// β₁ = 0.9, β₂ = 0.999, ε = 1e-8,
            #[doc = concat!("λ = ", stringify!($decay), ".")]
            ///
            /// # Panics
            /// If the learning rate is negative, infinite or NaN.
            #[must_use]
            #[track_caller]
            pub fn new(params: usize, learning_rate: f64) -> Self {
                let learning_rate = non_negative("learning rate", learning_rate);
                Self { learning_rate, weight_decay: $decay, moments: Moments::new(params) }
            }

            /// Sets how much the two moments keep of themselves, β₁ and β₂.
            ///
            /// # Panics
            /// If one of them is not from 0 to below 1.
            #[must_use]
            #[track_caller]
            pub fn betas(mut self, first: f64, second: f64) -> Self {
                self.moments.set_betas([first, second]);
                self
            }

            /// Sets ε.
            ///
            /// # Panics
            /// If it is negative, infinite or NaN.
            #[must_use]
            #[track_caller]
            pub fn epsilon(mut self, epsilon: f64) -> Self {
                self.moments.epsilon = non_negative("epsilon", epsilon);
                self
            }

            /// Sets the weight decay λ.
            ///
            /// # Panics
            /// If it is negative, infinite or NaN.
            #[must_use]
            #[track_caller]
            pub fn weight_decay(self, weight_decay: f64) -> Self {
                Self { weight_decay: non_negative("weight decay", weight_decay), ..self }
            }

            takes_groups!(moments.first; moments.groups);

            shared_among_threads!(moments.threads);
        }

        impl<T: Real> $Name<T> {
            /// One step towards a smaller loss. The `#[frozen]` parameters of a model stay as they are,
            /// whatever the weight decay.
            ///
            /// # Panics
            /// If `params` or `gradient` has another length than the optimiser was made for.
            #[track_caller]
            pub fn step(&mut self, params: impl Params<T>, gradient: &[T]) {
                let settings = [self.learning_rate, self.weight_decay];
                self.moments.step(settings, |$rate, $lambda| $Decay, params, gradient);
            }
        }

        is_optimizer!($Name);
    };
}

/// Adam, with weight decay λ as part of the gradient and learning rate η, at step t = 1, 2, …:
///
/// ```text
/// g ← g + λ·p
/// m ← β₁·m + (1 − β₁)·g
/// v ← β₂·v + (1 − β₂)·g²
/// p ← p − η·m̂/(√v̂ + ε)     with m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ)
/// ```
///
/// m and v start at 0. Kingma and Ba 2015; PyTorch: `torch.optim.Adam`.
///
/// ```
/// use pullback::optim::{Adam, Optimizer};
///
/// let mut params = [1.0f32, -2.0];
/// let mut optimizer = Adam::new(params.len(), 1e-3).betas(0.9, 0.99);
/// optimizer.step(&mut params, &[0.5, -0.5]);
/// assert!((params[0] - 0.999).abs() < 1e-6 && (params[1] + 1.999).abs() < 1e-6);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Adam<T> {
    learning_rate: f64,
    weight_decay: f64,
    moments: Moments<T>,
}

adam!(Adam, 0.0, |_rate, lambda| Decay { gradient: lambda, shrink: 1.0 });

/// [`Adam`] with the weight decay λ apart from the gradient: before the step p ← p − η·λ·p, and no
/// λ·p in g. Loshchilov and Hutter 2019; PyTorch: `torch.optim.AdamW`.
///
/// ```
/// use pullback::optim::{AdamW, Optimizer};
///
/// let mut params = [1.0f32, -2.0];
/// let mut optimizer = AdamW::new(params.len(), 1e-3).weight_decay(0.1);
/// optimizer.step(&mut params, &[0.5, -0.5]);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AdamW<T> {
    learning_rate: f64,
    weight_decay: f64,
    moments: Moments<T>,
}

adam!(AdamW, 0.01, |rate, lambda| Decay { gradient: 0.0, shrink: 1.0 - rate * lambda });

#[cfg(test)]
mod tests {
    use super::super::assert_run;
    use super::*;

    #[test]
    fn adam_as_pytorch() {
        assert_run(
            Adam::new(3, 0.1),
            [
                [0.9000000006666666, -2.099999998, 0.40000000066666663],
                [0.8001027084204906, -2.199964099833189, 0.30062558295594466],
                [0.7003811862100776, -2.3000277723417417, 0.20245218720390945],
                [0.6009116000987051, -2.4003408585054444, 0.10620142489963016],
                [0.5017728629246831, -2.5010437020361738, 0.012755242480310389],
            ],
        );
        assert_run(
            Adam::new(3, 0.05).betas(0.8, 0.99).epsilon(1e-6).weight_decay(0.02),
            [
                [0.9500000328947152, -2.049999891304584, 0.45000003311256087],
                [0.8999600539769462, -2.1002802770036677, 0.40009855166086916],
                [0.8498548024792302, -2.151014347409868, 0.35036417784674423],
                [0.7996604746132145, -2.202343115112653, 0.30086640306652235],
                [0.7493549919549986, -2.2543755279568787, 0.251674395417754],
            ],
        );
    }

    #[test]
    fn adamw_as_pytorch() {
        assert_run(
            AdamW::new(3, 0.1),
            [
                [0.8990000006666666, -2.097999998, 0.3995000006666667],
                [0.7982072941983049, -2.1958683804155315, 0.29973314146154295],
                [0.6976969664975954, -2.293740202458304, 0.20128005741909738],
                [0.5975469539617941, -2.3917646237268366, 0.10486763629507473],
                [0.49783763311505413, -2.490081240516945, 0.011382353291246816],
            ],
        );
        assert_run(
            AdamW::new(3, 0.05).betas(0.8, 0.99).epsilon(1e-6).weight_decay(0.2),
            [
                [0.9400000333333111, -2.0299999000002, 0.4450000333333111],
                [0.8805827201996631, -2.0599783601484454, 0.39067978233291384],
                [0.8217289819300659, -2.0900977464334325, 0.3371196209386402],
                [0.763418920449191, -2.1204892524226446, 0.28439736810971],
                [0.7056320554509403, -2.1512539246209874, 0.2325863908124114],
            ],
        );
    }

    #[test]
    #[should_panic(expected = "the gradient has 1 elements, the optimizer was made for 2")]
    fn a_gradient_of_another_length_panics() {
        Adam::new(2, 0.1).step(&mut [0.0; 2], &[0.0]);
    }

    #[test]
    #[should_panic(expected = "beta is 1, needs a number from 0 to below 1")]
    fn a_beta_of_one_panics() {
        let _ = Adam::<f32>::new(2, 0.1).betas(0.9, 1.0);
    }
}
