//! Messages that an actor sends itself later.

use crate::{Payload, Result, host};

/// Sends this actor the message after `delay_ms`; it comes to [`crate::Actor::on_message`]. What comes back is the
/// timer's number.
pub fn send_after(delay_ms: u64, name: &str, payload: &Payload) -> Result<u64> {
    host::send_after(delay_ms, name, payload)
}

/// True: it was waiting still, and will not come.
pub fn cancel(timer: u64) -> Result<bool> {
    host::cancel_timer(timer)
}
