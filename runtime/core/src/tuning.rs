//! Numbers that decide how fast something runs, and what it computes only by the order in which some sums are taken (steps
//! and tiles), so their rounding: tests compare with bounds that hold for any.
//!
//! Each says in what it is counted, on what kind of machine it was chosen, and which benchmark shows it: change it, and
//! run that beside what was there before. "AVX-512" and "AVX2" are x86-64 servers of two cores; where only one is named,
//! the other was not asked. The kind of machine follows from when a number was chosen, and the benchmark is the one that
//! runs what it is about. How deep sums are taken in levels (`kernel::levels`, `kernel::long`) is not here, because it
//! decides how exact they are.

// Loops over memory.

/// Bytes that one step of a long pointwise function makes for the next one, while all of it is in the first-level
/// cache. More would be slower: the first elements of a block come from memory while the block before is worked on. A
/// multiple of six vectors, and of four. AVX-512; `--bench workloads -- w6_elem_fwd`, `--bench limits`.
pub(crate) const BLOCK_BYTES: usize = 1536;
/// Bytes of an array that a core's share of a last-level cache holds: what is larger is asked for ahead of time.
/// AVX-512; `--bench limits`.
pub(crate) const NEAR_BYTES: usize = 4 << 20;
/// Rows of a factor that are so many bytes apart are loaded ahead while they are copied. AVX2; `--bench products`.
pub(crate) const APART_BYTES: usize = 512;
/// How many rows ahead. AVX2; `--bench products`.
pub(crate) const AHEAD_ROWS: usize = 8;

// Products.

/// Rows that are computed before their epilogue runs: their sums stay in the first-level cache. AVX-512;
/// `--bench products`.
pub(crate) const EPILOGUE_ROWS: usize = 24;
/// Bytes of the columns of a panel: as many as the widest vectors have in a tile. Narrower ones have several tiles.
/// AVX2; `--bench products`.
pub(crate) const PANEL_BYTES: usize = 256;
/// Panels that share a copy of the left factor's rows, where these lie side by side and sums go to where they belong.
/// AVX2; `--bench products`.
pub(crate) const WIDE_PANELS: usize = 4;
/// From how many rows on it pays to copy contiguous rows of the right factor, panel by panel, to where they follow one
/// another. AVX-512; `--bench products`.
pub(crate) const PACK_ROWS: usize = 96;
/// From how many rows on it pays to copy rows of the right factor that are not contiguous. AVX-512; `--bench products`.
pub(crate) const TURN_ROWS: usize = 8;
/// Contiguous rows are copied only if those of a panel lie scattered over so many bytes. Lines at equal distances
/// share few places in a cache, but as long as the second level holds a panel, tiles run as fast over it as over
/// a copy. AVX-512; `--bench products`.
pub(crate) const SCATTERED_BYTES: usize = 1 << 20;
/// Contiguous rows are copied from so many bytes on where a panel has several tiles, each of a line in every row. AVX2; `--bench products`.
pub(crate) const SCATTERED_TILES_BYTES: usize = 1 << 15;
/// Steps of a block: of a tile of 64 bytes they are half a first-level cache. AVX2; `--bench products`.
pub(crate) const BLOCK_STEPS: usize = 256;
/// Steps of a block whose left factor is copied. AVX2; `--bench products`.
pub(crate) const COPIED_STEPS: usize = 128;
/// Rows below which it does not pay to copy the left factor. AVX2; `--bench products`.
pub(crate) const COPIED_ROWS: usize = 8;

// Convolutions.

/// Offsets of steps that are computed at a time, and steps that are copied at a time where the sums are kept in memory.
/// AVX-512; `--bench workloads`, W3.
pub(crate) const WINDOW_STEPS: usize = 256;
/// A right factor whose steps are so many elements apart is copied even if its columns lie side by side. AVX-512;
/// `--bench workloads`, W3.
pub(crate) const APART_ELEMENTS: usize = 2048;

// Batches.

/// Bytes that the samples of a tile may take: about half of a second-level cache, so that they stay there through the
/// whole network. Flat from 128 to 768 KB on AVX2, but for W5 forward, which is 16 % slower at 128; `--bench workloads`,
/// W3, W5 and MNIST.
pub(crate) const TILE_BYTES: usize = 256 * 1024;
/// The fewest samples of a tile, of which there are multiples: rows of a register tile. AVX-512; `--bench workloads`.
pub(crate) const TILE_LEAST: usize = 4;
/// The most samples of a tile. AVX-512; `--bench workloads`.
pub(crate) const TILE_MOST: usize = 256;

// Threads.

/// Multiplications that are worth a thread: some 80 µs. To wake a thread takes 5 to 10, or 100 where its processor has
/// gone to sleep with it, and it has done so if the last work was long ago. AVX2; `--bench workloads -- w7_gemm_fwd 2`. Tests have
/// smaller products.
pub(crate) const THREAD_PRODUCTS: usize = if cfg!(debug_assertions) { 1 << 20 } else { 1 << 22 };
/// The fewest rows of a product that a thread takes. AVX2; `--bench workloads -- w7_gemm_fwd 2`.
pub(crate) const THREAD_ROWS: usize = 12;
/// The fewest parameters that a thread takes of an optimiser's step: less is done before it is awake, and takes 10 to
/// 30 µs. AVX-512; `--bench workloads -- w2_mnist_step 2`.
#[cfg(feature = "rayon")]
pub(crate) const THREAD_PARAMS: usize = 1 << 16;
