//! What `env` of `plexspaces.json` says. `std::env` is empty in a component.

use crate::host;

/// The value of that name.
pub fn get(name: &str) -> Option<String> {
    host::environment().into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}
