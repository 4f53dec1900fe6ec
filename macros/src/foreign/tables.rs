//! The tables: options of other frameworks, and what they are here.

/// Options by other names: what they are called elsewhere, and here, the first that an op has.
#[rustfmt::skip]
pub const OPTIONS: &[(&str, &[&str])] = &[
    ("dim dims axis axes dimension", &["axis", "axes"]),
    ("dims reps multiples", &["times"]),
    ("keepdims keep_dims", &["keepdim"]),
    ("kernel_size pool_size window_shape window_size window kernel_shape filter_size", &["kernel"]),
    ("strides window_strides", &["stride"]),
    ("dilations dilation_rate kernel_dilation rhs_dilation", &["dilation"]),
    ("num_groups feature_group_count n_groups", &["groups"]),
    ("use_bias with_bias has_bias", &["bias"]),
    ("negative_slope alpha leak", &["slope"]),
    ("epsilon", &["eps"]),
    ("elementwise_affine use_scale scale center", &["affine"]),
    ("rate prob drop_prob dropout_rate drop_rate probability keep_prob", &["p"]),
    ("ord", &["p"]),
    ("num_heads nhead n_heads n_head heads_num num_attention_heads", &["heads"]),
    ("num_kv_heads n_kv_heads num_key_value_heads", &["kv_heads"]),
    ("is_causal use_causal_mask", &["causal"]),
    ("logits_soft_cap soft_cap", &["softcap"]),
    ("scale_factor", &["scale"]),
    ("upscale_factor downscale_factor block_size", &["factor"]),
    ("output_size target_size", &["size"]),
    ("min_val min_value a_min lower", &["min"]),
    ("max_val max_value a_max upper", &["max"]),
    ("lambd", &["lambda"]),
    ("stddev sigma", &["std"]),
    ("ddof", &["correction"]),
    ("dim0 axis1", &["first"]),
    ("dim1 axis2", &["second"]),
    ("shifts", &["shift"]),
    ("pad pad_width paddings", &["padding"]),
    ("fill_value constant_values", &["value"]),
    ("theta rope_theta", &["base"]),
    ("ignore_class", &["ignore_index"]),
    ("class_weight class_weights weights", &["weight"]),
    ("go_backwards", &["reverse"]),
    ("init_std", &["std"]),
];

/// How wide a result is, which an arrow says.
pub const WIDTHS: &str = "out_features out_channels units filters features embedding_dim embed_dim hidden_size hidden_dim output_dim output_size out num_units n_out out_dim dim_out d_out width";

/// What an op knows from the value it is given.
pub const INPUTS: &str = "in_features in1_features in2_features in_channels input_size input_dim input_shape num_embeddings vocab_size num_features normalized_shape num_channels n_in in_dim dim_in d_in embed_dim key_dim qkv_features d_model channels head_dim kdim vdim";

/// Options that mean something to these ops alone, by how their names begin.
pub const ONLY: [(&str, &str); 6] = [
    ("approximate", "gelu"),
    ("beta", "softplus"),
    ("threshold", "softplus"),
    ("start_dim", "flatten"),
    ("end_dim", "flatten"),
    ("mode", "upsample"),
];

/// Options without a counterpart, and what there is instead.
#[rustfmt::skip]
pub const WITHOUT: &[(&str, &str)] = &[
    ("device", "everything runs on the CPU"),
    ("dtype param_dtype precision", "the type of the numbers is that of `Net::<f32>`"),
    ("inplace", "values are never changed in place"),
    ("batch_first time_major", "a sample is [steps, width]: the batch is not an axis"),
    ("batch_size batch_shape", "the batch is not an axis: batches are slices of samples"),
    ("requires_grad trainable frozen freeze", "`#[frozen]` before a step keeps its parameters as they are"),
    ("training deterministic use_running_average is_training train", "training calls are those of `net.training()`"),
    ("key rng rngs seed generator", "training calls are given a `Key`"),
    ("name", "a step has its name before it: `fc1 = ..`"),
    ("activation nonlinearity act", "an activation is the step after it"),
    ("kernel_init kernel_initializer bias_init bias_initializer embeddings_initializer embedding_init weight_init initializer init", "parameters begin as PyTorch's, and the program may overwrite them, as in `net.fc1.weight`"),
    ("kernel_regularizer bias_regularizer activity_regularizer weight_decay", "weights decay in the optimiser, as in `AdamW`"),
    ("num_layers", "several layers are several steps, each as wide as its arrow says"),
    ("bidirectional", "for both directions, run it again with `reverse = true` and `concat` both along axis 1"),
    ("return_sequences return_state", "the states of all steps are given, and `slice` takes the last"),
    ("h0 c0 hx initial_state init_state", "the state begins as 0; a `scan(h: [16] = h0) { … }` begins where it is told"),
    ("axis_ data_format channels_last", "channels are the first axis"),
    ("padding_mode", "`reflection_pad2d` and the like are steps before it"),
    ("track_running_stats", "`batch_norm` always has running statistics"),
    ("from_logits", "losses take logits"),
    ("need_weights average_attn_weights", "the weights of an attention are not given"),
    ("sparse max_norm norm_type scale_grad_by_freq return_indices antialias add_bias_kv add_zero_attn memory_format", "there is none"),
    ("approximate", "`gelu_tanh` is the approximation"),
    ("beta threshold", "PyTorch's `beta` is `softplus(beta * x) / beta`"),
    ("start_dim end_dim", "`flatten` makes one axis of all, `reshape -> [..]` of some"),
    ("mode", "each mode is an op of its own, as `upsample_bilinear2d`"),
    ("dropout attn_dropout dropout_p", "`dropout(0.1)` is a step of its own"),
    ("attn_mask key_padding_mask mask attention_mask", "a mask is the last of the values"),
    ("unbiased", "`correction = 0` is the variance of all, 1 that of a sample"),
    ("size_average reduce", "`reduction = \"sum\"` is the other reduction"),
    ("input query value inputs input_tensor tensor tensors", "values are given without a name"),
];
