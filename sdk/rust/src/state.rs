//! Values that all instances and keys of one service share, each with a version.

use crate::{Payload, Result, host};

/// The value and its version.
pub fn get(key: &str) -> Result<Option<(Payload, u64)>> {
    host::state_get(key)
}

/// Puts the value where the key has the version `if_version` (0: only if absent; `None`: whatever is there). The new
/// version comes back; `None` where the condition failed.
pub fn put(key: &str, value: &Payload, if_version: Option<u64>, ttl_ms: Option<u64>) -> Result<Option<u64>> {
    host::state_put(key, value, if_version, ttl_ms)
}

/// True where there was something to delete, of that version where one is given.
pub fn delete(key: &str, if_version: Option<u64>) -> Result<bool> {
    host::state_delete(key, if_version)
}

/// The keys that begin with `prefix`, in the order of their bytes.
pub fn list(prefix: &str, limit: u32) -> Result<Vec<String>> {
    host::state_list(prefix, limit)
}
