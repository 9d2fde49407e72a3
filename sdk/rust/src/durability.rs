//! What a durable actor may ask about its own journal.

use crate::{Result, host};

/// Asks for a checkpoint after this message.
pub fn checkpoint() -> Result<()> {
    host::checkpoint()
}

/// The number of the message being handled.
pub fn sequence() -> u64 {
    host::get_journal_sequence()
}

/// True in an `init` that restores a snapshot; always false in handlers.
pub fn is_restoring() -> bool {
    host::is_replay_mode()
}
