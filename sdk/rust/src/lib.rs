//! What the author of a PlexSpaces actor in Rust writes against: implement [`Actor`], name the type in
//! [`export_actor!`], and `plexspaces build` makes a WebAssembly component of the crate.
//!
//! Natively (`cargo test`) the same code runs on a host in memory: see [`testing`].

mod actor;
#[cfg(target_arch = "wasm32")]
mod allocator;
pub mod clock;
pub mod durability;
pub mod environment;
mod error;
mod field;
mod from_tuple;
pub mod log;
pub mod messages;
mod payload;
pub mod random;
pub mod state;
pub mod timers;
mod tuple_json;
pub mod tuples;

#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod component;
#[cfg(target_arch = "wasm32")]
#[path = "host_of_component.rs"]
mod host;

#[cfg(not(target_arch = "wasm32"))]
#[path = "host_in_memory.rs"]
mod host;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;

pub use actor::{Actor, Message};
pub use error::{Error, Result};
pub use field::{ANY, Field, FieldType, Match, Tuple};
pub use from_tuple::{FromField, FromTuple};
pub use payload::Payload;
pub use {serde, serde_json};

/// Makes the type, which implements [`Actor`], what the component of this crate exports. Once in a crate,
/// at the top level. Natively it only looks whether it could.
#[macro_export]
macro_rules! export_actor {
    ($actor:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            type Component = $crate::component::Component<$actor>;
    $crate::component::export!(Component with_types_in $crate::component::bindings);
        };

        // Or the compiler would warn that nothing natively makes the actor.
        #[cfg(not(target_arch = "wasm32"))]
        #[doc(hidden)]
        pub fn __plexspaces_actor() {
            $crate::testing::expect_actor::<$actor>();
        }
    };
}
