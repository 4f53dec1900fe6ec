//! What is known of the inputs and of the parameter arrays of a model: names, shapes, how they begin, what PyTorch
//! calls them.

/// An input of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputInfo {
    /// Its name, `x` if it has none.
    pub name: &'static str,
    /// Its shape; of a single integer, `[]`.
    pub shape: &'static [usize],
    /// What each integer is below; `None` for real numbers.
    pub index: Option<usize>,
}

/// How a parameter begins: what PyTorch's layers do by default.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Init {
    /// Uniform in `±1/√fan_in`: weight and bias of `torch.nn.Linear`.
    FanIn(usize),
    /// Uniform in `±√(6 / (fan_in + fan_out))` (Glorot and Bengio, 2010): the projection of queries, keys
    /// and values of `torch.nn.MultiheadAttention`.
    Glorot(usize, usize),
    /// The same number everywhere: 1 and 0, the weight and bias of `torch.nn.LayerNorm`.
    Constant(f64),
    /// The lengths of what the array before it begins with at each place of its axis `axis`, over all other
    /// axes: the magnitudes of a layer with `weight_norm`, whose weight so begins as its `weight_v`.
    NormsOfLast {
        /// The axis.
        axis: usize,
    },
    /// Normal, as `torch.nn.Embedding` is.
    Normal {
        /// The mean.
        mean: f64,
        /// The standard deviation.
        std: f64,
        /// The elements `zeros[0]..zeros[1]` begin as 0: a row of padding.
        zeros: [usize; 2],
    },
}

/// A parameter array of a model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParamInfo {
    /// `fc1.weight`
    pub name: &'static str,
    /// Its shape.
    pub shape: &'static [usize],
    /// Where it begins in the flat slice.
    pub start: usize,
    /// How it begins.
    pub init: Init,
    /// Whether it is `#[frozen]`: its gradient is zero, and its tangent is taken as zero.
    pub frozen: bool,
    /// The op that it belongs to: `linear`.
    pub op: &'static str,
    /// What it is in PyTorch's layer.
    pub torch: Torch,
}

/// What a parameter is in the `state_dict` of PyTorch's layer that does the same as the op.
/// With an option that the layer has not, such as `kv_heads`, there is none, and the names are the layer's all the same.
///
/// ```
/// pullback::model! { pub Net: [6, 3] -> [6, 4] { up = linear -> [6, 5], memory = lstm -> [6, 4] } }
///
/// use pullback::Model;
/// let info = &Net::<f32>::PARAM_INFO;
/// assert_eq!((info[0].torch_name(), info[0].torch.shape), ("up.weight".into(), &[5, 3][..]));
/// assert_eq!((info[2].torch_name(), info[2].torch.shape), ("memory.weight_ih_l0".into(), &[16, 5][..]));
/// assert!(info[2].torch.transposed && info[2].shape == [5, 16]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Torch {
    /// Its name after that of the layer: `weight_ih_l0`. Empty if it has the layer's own, as a `torch.nn.Parameter` has.
    pub name: &'static str,
    /// Its shape there, which may have axes of length 1 that it has not here.
    pub shape: &'static [usize],
    /// Whether its axes are in the opposite order.
    pub transposed: bool,
    /// A whole number that PyTorch's layer has beside it and no op needs: `num_batches_tracked`. It is passed over when
    /// a file is read, and written as 0. Empty of most.
    pub beside: &'static str,
}

impl ParamInfo {
    /// How many scalars it has.
    pub const fn len(&self) -> usize {
        let (mut product, mut i) = (1, 0);
        while i < self.shape.len() {
            product *= self.shape[i];
            i += 1;
        }
        product
    }

    /// The name that it has in a `state_dict` of PyTorch's, if the layers there are called as the steps here:
    /// `fc1.weight`, `memory.weight_ih_l0`.
    pub fn torch_name(&self) -> String {
        let layer = self.name.rsplit_once('.').map_or("", |(layer, _)| layer);
        match (layer, self.torch.name) {
            (layer, "") => layer.into(),
            ("", name) => name.into(),
            (layer, name) => format!("{layer}.{name}"),
        }
    }

    /// Never: every dimension is at least 1.
    pub fn is_empty(&self) -> bool {
        false
    }
}

/// A parameter array seen in a model: its name, its shape, its scalars in row-major order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View<'a, T> {
    /// `fc1.weight`
    pub name: &'static str,
    /// Its shape.
    pub shape: &'static [usize],
    /// Its scalars.
    pub data: &'a [T],
}

/// A parameter array for writing ([`View`]).
#[derive(Debug, PartialEq)]
pub struct ViewMut<'a, T> {
    /// `fc1.weight`
    pub name: &'static str,
    /// Its shape.
    pub shape: &'static [usize],
    /// Its scalars.
    pub data: &'a mut [T],
}

/// How many scalars some arrays have.
pub const fn len_of(infos: &[ParamInfo]) -> usize {
    let (mut sum, mut i) = (0, 0);
    while i < infos.len() {
        sum += infos[i].len();
        i += 1;
    }
    sum
}
