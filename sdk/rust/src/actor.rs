use crate::{Error, Payload, Result, Tuple};

/// A message on its way to a handler.
#[derive(Clone, Debug)]
pub struct Message {
    /// The sender's address; `client` for who is outside the node.
    pub from: String,
    /// The method that was called, or the type of what was told.
    pub name: String,
    /// What came with it, JSON by convention.
    pub payload: Payload,
}

impl Message {
    /// The tuple of a message of type `tuple`, which a subscription sends.
    pub fn tuple(&self) -> Result<Tuple> {
        Tuple::from_json(&self.payload)
    }

    /// The answer to a message whose name no handler has: `unknown method: <name>`.
    pub fn unknown(&self) -> Error {
        Error::new(format!("unknown method: {}", self.name))
    }
}

/// An actor. One instance handles one message at a time.
///
/// An `Err` is the actor's own "no": the caller gets its text, and what was changed before stays changed. A panic
/// ends the instance: the caller gets its message and place, and the state is as before the message.
pub trait Actor: Sized + 'static {
    /// Called once before any message, with no state, with the initial state of the deployment, or with what
    /// [`Actor::snapshot`] gave. Of the host's functions only `log` may be called where a snapshot is restored.
    fn init(state: &Payload) -> Result<Self>;

    /// Every request; what comes back is the reply.
    fn handle(&mut self, message: &Message) -> Result<Payload>;

    /// Every message that wants no reply: what is told, timers, subscriptions. By default as a request.
    fn on_message(&mut self, message: &Message) -> Result<()> {
        self.handle(message).map(drop)
    }

    /// The whole state, for [`Actor::init`] to take back; the same state must give the same bytes. `None`: this
    /// actor keeps no snapshot. What is left out is a cache and is gone after a restart.
    fn snapshot(&self) -> Result<Option<Payload>> {
        Ok(None)
    }

    /// The last call, on a clean stop only.
    fn shutdown(&mut self) -> Result<()> {
        Ok(())
    }
}
