//! Messages between actors. An address is a service, or a service and the key of a durable actor:
//! `demo.Ledger/eve`.

use crate::{Payload, Result, host};

/// Sends a message that wants no reply.
pub fn tell(to: &str, name: &str, payload: &Payload) -> Result<()> {
    host::send_message(to, name, payload)
}

/// Sends a request and waits for its reply, at most as long as the call may take (0: 5 s). The other's "no" is an
/// error whose text begins with a code.
pub fn ask(to: &str, name: &str, payload: &Payload, timeout_ms: u64) -> Result<Payload> {
    host::ask(to, name, payload, timeout_ms)
}

/// The address of this actor.
pub fn self_id() -> String {
    host::self_id()
}
