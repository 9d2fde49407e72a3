//! The message's clock: it begins at the message's start and moves by reads, sleeps and calls of the host. A replay
//! sees the same times. `std::time` has no clock in a component and panics.

use crate::host;
use std::time::Duration;

/// Milliseconds since 1970.
pub fn now_millis() -> u64 {
    host::now_millis()
}

/// Waits; parts of a millisecond are waited for as a whole one.
pub fn sleep(duration: Duration) {
    let millis = duration.as_nanos().div_ceil(1_000_000);
    host::sleep_millis(u64::try_from(millis).unwrap_or(u64::MAX));
}
