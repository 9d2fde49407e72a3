use std::fmt::{self, Display, Formatter};

/// What a handler, or a function of the host, gives back.
pub type Result<T> = std::result::Result<T, Error>;

/// The actor's own "no", or the host's: a text, which a caller gets as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    message: String,
}

impl Error {
    /// A "no" in the actor's own words: say what was expected and what was found.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    /// The whole text.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The code that an error of the host begins with, such as `RESOURCE_EXHAUSTED`.
    pub fn code(&self) -> Option<&str> {
        let (code, _) = self.message.split_once(": ")?;
        let is_code = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        is_code.then_some(code)
    }
}

impl Display for Error {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<String> for Error {
    fn from(message: String) -> Self {
        Self { message }
    }
}

impl From<&str> for Error {
    fn from(message: &str) -> Self {
        Self::new(message)
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::new(error.to_string())
    }
}
