//! The tuple space: Linda's operations on the actor's own namespace. The oldest match comes first.
//!
//! ```
//! use plexspaces::{ANY, FieldType, pattern, tuple, tuples};
//!
//! # fn main() -> plexspaces::Result<()> {
//! tuples::write(&tuple!["result", "add", 6.0])?;
//! let found = tuples::take(&pattern!["result", ANY, FieldType::Float])?;
//! assert_eq!(found, Some(tuple!["result", "add", 6.0]));
//! # Ok(())
//! # }
//! ```

use crate::{Match, Result, Tuple, host};

/// Puts the tuple into the space.
pub fn write(tuple: &Tuple) -> Result<()> {
    host::tuplespace_write(tuple)
}

/// The tuple is gone after `ttl_ms` milliseconds unless the lease that comes back is renewed.
pub fn write_with_ttl(tuple: &Tuple, ttl_ms: u64) -> Result<u64> {
    host::tuplespace_write_with_ttl(tuple, ttl_ms)
}

/// Lets a tuple that was written with a TTL live for `ttl_ms` from now on. False: it is gone already.
pub fn renew(lease: u64, ttl_ms: u64) -> Result<bool> {
    host::tuplespace_renew(lease, ttl_ms)
}

/// The oldest match, which stays.
pub fn read(pattern: &[Match]) -> Result<Option<Tuple>> {
    host::tuplespace_read(pattern)
}

/// As [`read`]; waits for a match, at most as long as the call may take (0: 5 s).
pub fn read_blocking(pattern: &[Match], timeout_ms: u64) -> Result<Option<Tuple>> {
    host::tuplespace_read_blocking(pattern, timeout_ms)
}

/// Removes the oldest match, which nobody else gets then.
pub fn take(pattern: &[Match]) -> Result<Option<Tuple>> {
    host::tuplespace_take(pattern)
}

/// As [`take`]; waits for a match, at most as long as the call may take (0: 5 s).
pub fn take_blocking(pattern: &[Match], timeout_ms: u64) -> Result<Option<Tuple>> {
    host::tuplespace_take_blocking(pattern, timeout_ms)
}

/// The oldest `limit` matches, 10,000 and 4 MB at most.
pub fn read_all(pattern: &[Match], limit: u32) -> Result<Vec<Tuple>> {
    host::tuplespace_read_all(pattern, limit)
}

/// How many match.
pub fn count(pattern: &[Match]) -> Result<u64> {
    host::tuplespace_count(pattern)
}

/// Replaces the oldest match by a new tuple, the youngest, if it equals `expected`. False: it does not.
pub fn compare_and_swap(pattern: &[Match], expected: &Tuple, replacement: &Tuple) -> Result<bool> {
    host::tuplespace_compare_and_swap(pattern, expected, replacement)
}

/// Each later write that matches comes to [`crate::Actor::on_message`] as a message `tuple`; see
/// [`crate::Message::tuple`].
pub fn subscribe(pattern: &[Match]) -> Result<u64> {
    host::tuplespace_subscribe(pattern)
}

/// False: there is no such subscription of this actor.
pub fn unsubscribe(subscription: u64) -> Result<bool> {
    host::tuplespace_unsubscribe(subscription)
}
