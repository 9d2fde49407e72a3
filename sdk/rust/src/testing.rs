//! Runs an actor without a node, on a host in memory. Each thread, and with it each test, has a host of its own.
//!
//! What is not here needs a node: waits that another actor would end, leases that run out, subscriptions that tell,
//! timers that fire.
//!
//! ```
//! use plexspaces::{Actor, Message, Payload, Result, testing::TestActor};
//!
//! struct Greeter;
//!
//! impl Actor for Greeter {
//!     fn init(_state: &Payload) -> Result<Self> {
//!         Ok(Self)
//!     }
//!     fn handle(&mut self, message: &Message) -> Result<Payload> {
//!         let name: String = message.payload.read()?;
//!         Payload::json(&format!("Hello, {name}!"))
//!     }
//! }
//!
//! let mut greeter = TestActor::<Greeter>::start();
//! assert_eq!(greeter.request("greet", "\"Ada\"").unwrap(), Payload::from("\"Hello, Ada!\""));
//! ```

pub use crate::host::{FakeHost, Sent, Timer};

use crate::{Actor, Message, Payload, Result, host};

/// An actor as the node would hold it.
pub struct TestActor<A> {
    /// The actor itself.
    pub actor: A,
}

impl<A: Actor> TestActor<A> {
    /// A fresh one.
    ///
    /// # Panics
    /// Where `init` says no.
    pub fn start() -> Self {
        Self::restore(&Payload::empty()).expect("init of a fresh actor")
    }

    /// One that begins with that state.
    pub fn restore(state: &Payload) -> Result<Self> {
        Ok(Self { actor: A::init(state)? })
    }

    /// The reply to a request of the sender `tester`.
    pub fn request(&mut self, name: &str, payload: impl Into<Payload>) -> Result<Payload> {
        self.actor.handle(&message(name, payload.into()))
    }

    /// A message of the sender `tester`, which wants no reply.
    pub fn tell(&mut self, name: &str, payload: impl Into<Payload>) -> Result<()> {
        self.actor.on_message(&message(name, payload.into()))
    }

    /// Another one, of this one's snapshot, as after a crash. It is checked to give the same snapshot again.
    ///
    /// # Panics
    /// Where there is no snapshot, or one that does not restore itself.
    pub fn restarted(&self) -> Self {
        let state = self.actor.snapshot().expect("a snapshot").expect("an actor that keeps a snapshot");
        let restored = Self::restore(&state).expect("init of the snapshot");
        let again = restored.actor.snapshot().expect("a snapshot of the restored actor");
        assert_eq!(again, Some(state), "the restored actor gives another snapshot");
        restored
    }
}

/// Looks into this thread's host, or changes it. No function of the SDK may be called meanwhile.
pub fn with_host<T>(look: impl FnOnce(&mut FakeHost) -> T) -> T {
    host::with(look)
}

/// What `export_actor!` names must be an actor.
#[doc(hidden)]
pub fn expect_actor<A: Actor>() {}

fn message(name: &str, payload: Payload) -> Message {
    Message { from: "tester".to_owned(), name: name.to_owned(), payload }
}
