//! Randomness, from a seed that the node draws for each message: hard to guess, and the same again when the message
//! is replayed. Nothing of it is kept in the instance between messages.

use crate::host;

/// 53 random bits make a float from 0 to 1 whose every value is as likely.
const FLOAT_BITS: u32 = 53;

/// Any 64 bits.
pub fn u64() -> u64 {
    host::random_u64()
}

/// Random bytes, as many as there is room for.
pub fn fill(bytes: &mut [u8]) {
    host::random_fill(bytes);
}

/// A seed for a generator of one's own, to be made anew for each message.
pub fn seed() -> [u8; 32] {
    let mut bytes = [0; 32];
    fill(&mut bytes);
    bytes
}

/// A whole number from 0 to `bound`, which is not among them; each is as likely.
///
/// # Panics
/// Where `bound` is 0.
pub fn below(bound: u64) -> u64 {
    assert!(bound > 0, "random::below: expected a bound above 0, found 0");
    // Lemire's method: the upper half of a product, redrawn where it would favour some.
    loop {
        let product = u128::from(u64()) * u128::from(bound);
        let [low, high] = halves(product);
        if low >= bound.wrapping_neg() % bound {
            return high;
        }
    }
}

/// A float from 0 to 1, which is not among them.
#[allow(clippy::cast_precision_loss)] // 53 bits fit a float
pub fn float() -> f64 {
    (u64() >> (u64::BITS - FLOAT_BITS)) as f64 / (1_u64 << FLOAT_BITS) as f64
}

#[allow(clippy::cast_possible_truncation)] // halves are what is asked for
fn halves(product: u128) -> [u64; 2] {
    [product as u64, (product >> u64::BITS) as u64]
}
