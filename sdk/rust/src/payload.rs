use crate::{Error, Result};
use serde::{Serialize, de::DeserializeOwned};

/// Bytes that the node does not look into; JSON by convention.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payload(Vec<u8>);

/// Of a payload that is not what was expected, an error quotes this much.
const EXCERPT_BYTES: usize = 40;

impl Payload {
    /// No bytes at all.
    pub const fn empty() -> Self {
        Self(Vec::new())
    }

    /// The value as compact JSON, its fields in the order of their declaration.
    pub fn json(value: &(impl Serialize + ?Sized)) -> Result<Self> {
        serde_json::to_vec(value).map(Self).map_err(Error::from)
    }

    /// The value that the JSON stands for. The error says what was expected and where.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.0)
            .map_err(|error| Error::new(format!("payload: {error}, found {}", self.excerpt())))
    }

    /// As [`Payload::read`]; the type's default where there is nothing.
    pub fn read_or_default<T: DeserializeOwned + Default>(&self) -> Result<T> {
        if self.is_empty() { Ok(T::default()) } else { self.read() }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, without a copy.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn excerpt(&self) -> String {
        let shown = self.0.get(..EXCERPT_BYTES).unwrap_or(&self.0);
        let more = if self.0.len() > EXCERPT_BYTES { "…" } else { "" };
        format!("`{}{more}`", String::from_utf8_lossy(shown))
    }
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for Payload {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl From<&str> for Payload {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl From<serde_json::Value> for Payload {
    fn from(value: serde_json::Value) -> Self {
        Self(value.to_string().into_bytes())
    }
}
