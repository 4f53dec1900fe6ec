//! Methods that networks and optimisers of other libraries have, answered by an error that says what is written here.
//!
//! No call of one compiles: its `impl` asks for a trait that nothing implements, and rustc prints what stands beside
//! that trait. For the same reason a method of the user's is found as if there were none of that name here.

use crate::flat::{Block, Boxed};
use crate::optim::{Adagrad, Adam, AdamW, Lbfgs, Lion, RmsProp, Sgd};

macro_rules! answer {
    (
        $(#[$says:meta])*
        $trait:ident, for $(<$param:ident$(: $bound:ident)?> $type:ty),+: $methods:tt
    ) => {
        /// Never implemented.
        #[doc(hidden)]
        $(#[$says])*
        pub trait $trait {}

        $(answer! { @impl $trait, <$param$(: $bound)?> $type: $methods })+
    };
    (@impl $trait:ident, <$param:ident$(: $bound:ident)?> $type:ty: { $($method:ident)* }) => {
        impl<$param$(: $bound)?> $type
        where
            Self: $trait,
        {
            $(
                #[doc(hidden)]
                pub fn $method(&self) {}
            )*
        }
    };
}

answer! {
    #[diagnostic::on_unimplemented(
        message = "a network keeps no gradients",
        label = "`value_and_grad` gives the loss and the gradient",
        note = "`let (l, grad) = net.value_and_grad(&x, loss)` for one sample; `net.value_and_grad_batch(&xs, loss, &mut grad, \
                &mut ws)` makes `grad`, which is another network, the gradient of a batch"
    )]
    HasGradientInside, for <B: Block> Boxed<B>: { backward grad gradient grads }
}

answer! {
    #[diagnostic::on_unimplemented(
        message = "a network keeps no gradients that could be set to zero",
        label = "leave this call out",
        note = "`value_and_grad_batch` overwrites the gradient it is given"
    )]
    NetworkKeepsGradients, for <B: Block> Boxed<B>: { zero_grad zero_grads clear_grad cleargrads }
}

answer! {
    #[diagnostic::on_unimplemented(
        message = "an optimiser keeps no gradients that could be set to zero",
        label = "leave this call out",
        note = "`value_and_grad_batch` overwrites the gradient it is given, and `step` is given it"
    )]
    OptimizerKeepsGradients, for <T> Sgd<T>, <T> Adam<T>, <T> AdamW<T>, <T> RmsProp<T>, <T> Adagrad<T>, <T> Lion<T>, <T> Lbfgs<T>: { zero_grad zero_grads clear_grad }
}

answer! {
    #[diagnostic::on_unimplemented(
        message = "an optimiser has one learning rate, that of the next step",
        label = "`set_learning_rate(..)` of the trait `Optimizer` sets it, `learning_rate()` tells it",
        note = "write `use pullback::optim::Optimizer;`; `Schedule::cosine(1e-3, 1e-5, steps).apply(&mut optimizer, step)` sets \
                that of a step",
        note = "some parameters have another one by `.group(Group::of::<Net>(|array| array.name.starts_with(\"head\")).rate_factor(10.0))`"
    )]
    HasGroups, for <T> Sgd<T>, <T> Adam<T>, <T> AdamW<T>, <T> RmsProp<T>, <T> Adagrad<T>, <T> Lion<T>: { set_lr lr get_lr set_rate adjust_learning_rate param_groups }
}

answer! {
    #[diagnostic::on_unimplemented(
        message = "a gradient is numbers like others: what is done to all of them is done to a slice",
        label = "`flat_mut()` is that slice",
        note = "its norm is bounded by `pullback::optim::clip_norm(grad.flat_mut(), 1.0)`, its elements by \
                `clip_value(grad.flat_mut(), 1.0)`"
    )]
    IsClipped, for <B: Block> Boxed<B>: {
        clip clip_grad_norm clip_grad_norm_ clip_grad_value clip_grad_value_ clip_by_norm clamp scale
    }
}

answer! {
    #[diagnostic::on_unimplemented(
        message = "a network has no mode to switch",
        label = "`forward` is evaluation, and `training()` gives the same network in training",
        note = "`net.training()` is there if the model has dropout, `batch_norm` or the like; without, training is `value_and_grad_batch` \
                and `step` of an optimiser"
    )]
    HasModes, for <B: Block> Boxed<B>: { eval train }
}

answer! {
    #[diagnostic::on_unimplemented(
        message = "the training of a network is a loop that you write",
        label = "`value_and_grad_batch` and `step` of an optimiser are its two calls",
        note = "`net.value_and_grad_batch(&xs, loss, &mut grad, &mut ws)` gives the loss and the gradient of a batch, and \
                `optimizer.step(net.flat_mut(), grad.flat())` moves the parameters"
    )]
    TrainsItself, for <B: Block> Boxed<B>: { fit train_step training_step train_on_batch step update }
}

answer! {
    #[diagnostic::on_unimplemented(
        message = "a network is compiled along with the program",
        label = "leave this call out",
        note = "the loss is an argument of `value_and_grad`, and optimisers are in `pullback::optim`"
    )]
    IsCompiled, for <B: Block> Boxed<B>: { compile jit script trace }
}

answer! {
    #[diagnostic::on_unimplemented(
        message = "the output of a network is what `forward` gives",
        label = "write `forward` for one sample, `forward_batch` for many",
        note = "losses to compare it with are in `pullback::loss`"
    )]
    IsCalled, for <B: Block> Boxed<B>: { predict call apply run infer evaluate predict_on_batch }
}

answer! {
    #[diagnostic::on_unimplemented(
        message = "the parameters of a network are the fields of its struct",
        label = "`flat()` is all of them as one slice, `views()` each array with its name and shape",
        note = "one alone is `net.layer.weight`, if the layer was given a name: `layer = linear -> [8]`"
    )]
    ListsParameters, for <B: Block> Boxed<B>: {
        parameters named_parameters state_dict get_weights variables weights params trainable_variables
        trainable_weights children modules layers named_modules get_layer state_dict_mut
    }
}

answer! {
    #[diagnostic::on_unimplemented(
        message = "the parameters of a network are the fields of its struct",
        label = "they are written there, or all of them to `flat_mut()`",
        note = "`flat_mut` is in the order of `views()`, which has the name and the shape of each array"
    )]
    TakesParameters, for <B: Block> Boxed<B>: {
        load_state_dict set_weights parameters_mut load load_weights load_model load_parameters views_mut
        copy_from_slice fill fill_ zero_ iter iter_mut get get_mut
    }
}

answer! {
    #[diagnostic::on_unimplemented(
        message = "a network is not written to files by itself",
        label = "`flat()` is all its numbers, to be read back to `flat_mut()`",
        note = "`views()` has the name and the shape of each array, as files of weights want them"
    )]
    IsSaved, for <B: Block> Boxed<B>: { save save_weights save_model save_pretrained save_parameters dump }
}

answer! {
    #[diagnostic::on_unimplemented(
        message = "a network runs on the processor, in the numbers that its type names",
        label = "leave this call out",
        note = "`Net::<f32>` and `Net::<f64>` are the types of a model `Net`"
    )]
    IsMoved, for <B: Block> Boxed<B>: { cuda cpu gpu to to_device half float double bfloat16 to_dtype }
}

answer! {
    #[diagnostic::on_unimplemented(
        message = "what there is to say of a network is known when the program is compiled",
        label = "`Net::<f32>::PARAMS`, `FLOPS` and `EXPLAIN` say it of a model `Net`",
        note = "`views()` has the name and the shape of each array of parameters"
    )]
    DescribesItself, for <B: Block> Boxed<B>: {
        summary count_params num_parameters num_params numel parameter_count tabulate
    }
}

answer! {
    #[diagnostic::on_unimplemented(
        message = "what is frozen is said in the model",
        label = "write `#[frozen]` before the layer: `#[frozen] base = linear -> [8]`",
        note = "such parameters have no gradient, and no optimiser moves them"
    )]
    IsFrozen, for <B: Block> Boxed<B>: { freeze unfreeze requires_grad requires_grad_ set_requires_grad }
}

answer! {
    #[diagnostic::on_unimplemented(
        message = "the layers of a network are those of its `model!`",
        label = "write the layer there, as `linear -> [8]`",
        note = "a model is also a layer of other models, by its name"
    )]
    IsExtended, for <B: Block> Boxed<B>: { add push append add_module register_parameter register_buffer extend }
}

answer! {
    #[diagnostic::on_unimplemented(
        message = "the parameters of a network are drawn when it is made",
        label = "`Net::init(&mut rng)` makes one as PyTorch does",
        note = "`Net::zeros()` has zeros; other values are written to the fields"
    )]
    IsDrawn, for <B: Block> Boxed<B>: { reset_parameters init_weights initialize build }
}
