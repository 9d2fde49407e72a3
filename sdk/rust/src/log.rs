//! Lines for the node's log. A component has no standard output: `println!` goes nowhere.

use crate::host;

/// For who develops the actor.
pub fn debug(message: &str) {
    host::log("debug", message);
}

/// What happens as it should.
pub fn info(message: &str) {
    host::log("info", message);
}

/// What somebody should look at.
pub fn warn(message: &str) {
    host::log("warn", message);
}

/// What went wrong.
pub fn error(message: &str) {
    host::log("error", message);
}
