//! The network of all-MiniLM-L6-v2: the encoder of BERT (Devlin et al. 2018), six layers deep.

use pullback::model;

/// Tokens of a sentence, padding included. The checkpoint knows positions up to [`POSITIONS`].
pub(crate) const TOKENS: usize = 32;
/// Different tokens.
pub(crate) const VOCABULARY: usize = 30522;
/// Positions that have an embedding.
const POSITIONS: usize = 512;
/// Texts that BERT reads at once, of which each has an embedding; a sentence is the first.
const TEXTS: usize = 2;
/// Numbers for each token.
pub(crate) const WIDTH: usize = 384;
/// Heads of an attention.
const HEADS: usize = 12;
/// Numbers that a head sees of each token.
const SIZE: usize = 32;
/// Width of the hidden layer between two attentions.
const HIDDEN: usize = 4 * WIDTH;

model! {
    /// Attention and two layers, each beside a skip connection and before a norm. `mask` is 1 for a token
    /// and 0 for padding.
    pub(crate) Layer(x: [TOKENS, WIDTH], mask: [1, TOKENS]) -> [TOKENS, WIDTH] {
        query = linear(x) -> [TOKENS, HEADS * SIZE],
        reshape -> [TOKENS, HEADS, SIZE],
        queries = transpose(0, 1),
        key = linear(x) -> [TOKENS, HEADS * SIZE],
        reshape -> [TOKENS, HEADS, SIZE],
        keys = transpose(0, 1),
        value = linear(x) -> [TOKENS, HEADS * SIZE],
        reshape -> [TOKENS, HEADS, SIZE],
        values = transpose(0, 1),
        scaled_dot_product_attention(queries, keys, values, mask),
        transpose(0, 1),
        reshape -> [TOKENS, HEADS * SIZE],
        attention = linear -> [TOKENS, WIDTH],
        attention_norm = layer_norm(x + attention, eps = 1e-12),

        intermediate = linear -> [TOKENS, HIDDEN],
        gelu,
        output = linear -> [TOKENS, WIDTH],
        output_norm = layer_norm(attention_norm + output, eps = 1e-12),
    }

    /// A sentence in, a vector of length 1 out; sentences that mean the same have vectors that point the
    /// same way.
    pub(crate) MiniLm(tokens: [TOKENS] of index(VOCABULARY), mask: [1, TOKENS]) -> [WIDTH] {
        position_embeddings = parameter -> [POSITIONS, WIDTH],
        positions = slice(0..TOKENS),
        token_type_embeddings = parameter -> [TEXTS, WIDTH],
        first_text = slice(0..1),
        word_embeddings = embedding(tokens) -> [TOKENS, WIDTH],
        word_embeddings + positions + first_text,
        embeddings_norm = layer_norm(eps = 1e-12),

        layers = [Layer(mask); 6],

        // The mean over the tokens that are no padding.
        total = matmul(mask, layers),
        mean = total / sum(mask),
        reshape -> [WIDTH],
        normalize,
    }
}
