//! Numbers that decide how fast generated code runs, or how long rustc takes for it, and what it computes only by the order
//! in which some sums are taken.
//!
//! Each says in what it is counted, on what kind of machine it was chosen, or that it was not measured, and what shows
//! it: change it, and measure beside what was there before. "AVX-512" and "AVX2" are x86-64 servers of two cores.

/// How many loops back a value looks for one to join: keeps fusing linear in the program. Not measured.
pub const FUSE_REACH: usize = 8;
/// Functions of more loops than this run each out of line: what a compiler does to a function takes more than twice as
/// long for twice the function, and the forward map and both derivatives share most of their loops. For a few small
/// ones the call would be felt. AVX-512; a clean release build of W5, and `--bench workloads` W1.
pub const INLINED_LOOPS: usize = 8;
/// VJPs of more loops than this are not written a second time for cotangents that are known beforehand: what that saves
/// is not felt. AVX-512; `--bench workloads` W1 and W2.
pub const FUSED_VJP_LOOPS: usize = 8;
/// Multiplications in a sample from which on a product may be shared among threads. The driver decides by how many
/// samples there are, and whether each thread gets enough. AVX2; `--bench workloads -- w7_gemm_fwd 2`.
pub const SHARED_PRODUCTS: i64 = 1 << 21;
/// Queries of attention that have all their scores in memory at once; more come in blocks. AVX-512; `--bench workloads`
/// W5.
pub const QUERIES_AT_ONCE: i64 = 128;
/// Queries of a block. AVX-512; `--bench workloads` W5.
pub const QUERIES_OF_A_BLOCK: i64 = 32;
/// Elements of a pooling window that are taken together; a larger one is taken axis by axis, which takes fewer
/// operations and a pass over memory more. By counting, not measured.
pub const POOLED_TOGETHER: i64 = 9;
/// Elements of a mirrored edge that are written one by one; more are mirrored in a loop, which takes rustc less
/// time. Not measured.
pub const MIRRORED_ONE_BY_ONE: i64 = 4;
