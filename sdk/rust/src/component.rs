//! The component's export: the node's calls go to the one instance of the author's actor.
//!
//! C1. A panic's message and place are the last line that the instance logs: the node takes them for the trap's words.
//! C2. The instance is made by `init`. A trap leaves it to nobody: the node never calls a component again that trapped.

pub use bindings::export;
pub use bindings::exports::plexspaces::actor::actor::Guest;

use crate::{Actor, Error, Message, Payload, Result, host};
use std::cell::RefCell;
use std::marker::PhantomData;
use std::panic::{self, PanicHookInfo};

#[allow(missing_docs, clippy::all, clippy::pedantic)]
#[path = "bindings.rs"]
#[rustfmt::skip]
pub mod bindings;

/// What the component of an actor `A` exports.
pub struct Component<A>(PhantomData<A>);

thread_local! {
    static INSTANCE: RefCell<Option<Box<dyn Instance>>> = const { RefCell::new(None) };
}

/// An actor of whatever type: a component has one.
trait Instance {
    fn handle(&mut self, message: &Message) -> Result<Payload>;
    fn on_message(&mut self, message: &Message) -> Result<()>;
    fn snapshot(&self) -> Result<Option<Payload>>;
    fn shutdown(&mut self) -> Result<()>;
}

impl<A: Actor> Instance for A {
    fn handle(&mut self, message: &Message) -> Result<Payload> {
        Actor::handle(self, message)
    }

    fn on_message(&mut self, message: &Message) -> Result<()> {
        Actor::on_message(self, message)
    }

    fn snapshot(&self) -> Result<Option<Payload>> {
        Actor::snapshot(self)
    }

    fn shutdown(&mut self) -> Result<()> {
        Actor::shutdown(self)
    }
}

impl<A: Actor> Guest for Component<A> {
    fn init(initial_state: Vec<u8>) -> std::result::Result<(), String> {
        panic::set_hook(Box::new(tell_of_panic)); // C1
        let made = answer(A::init(&Payload::from(initial_state)))?;
        INSTANCE.with_borrow_mut(|instance| *instance = Some(Box::new(made))); // C2
        Ok(())
    }

    fn handle_request(from: String, name: String, payload: Vec<u8>) -> std::result::Result<Vec<u8>, String> {
        let message = Message { from, name, payload: Payload::from(payload) };
        with_instance(|instance| instance.handle(&message)).map(Payload::into_bytes)
    }

    fn handle_message(from: String, name: String, payload: Vec<u8>) -> std::result::Result<(), String> {
        let message = Message { from, name, payload: Payload::from(payload) };
        with_instance(|instance| instance.on_message(&message))
    }

    fn snapshot_state() -> std::result::Result<Option<Vec<u8>>, String> {
        with_instance(|instance| instance.snapshot()).map(|state| state.map(Payload::into_bytes))
    }

    fn shutdown() -> std::result::Result<(), String> {
        with_instance(|instance| instance.shutdown())
    }
}

fn with_instance<T>(call: impl FnOnce(&mut dyn Instance) -> Result<T>) -> std::result::Result<T, String> {
    INSTANCE.with_borrow_mut(|instance| match instance {
        Some(instance) => answer(call(instance.as_mut())),
        None => Err("expected init before any other call, found none".to_owned()),
    })
}

fn answer<T>(result: Result<T>) -> std::result::Result<T, String> {
    result.map_err(|error: Error| error.message().to_owned())
}

fn tell_of_panic(info: &PanicHookInfo<'_>) {
    let message = info.payload_as_str().unwrap_or("a value that is no text");
    let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    host::log("error", &format!("panicked at {place}: {message}"));
}
