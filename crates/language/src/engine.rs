/// What turns a piece of text into another language. It may be a process, a model, a stand-in: it is
/// not trusted to keep anything.
pub trait Engine {
    /// Its name, as the record of a translation says it.
    fn name(&self) -> &str;

    /// The longest text it takes, in bytes.
    fn limit(&self) -> usize {
        8000
    }

    /// Translates a text of one line without control characters.
    fn translate(&mut self, text: &str) -> Result<Rendered, EngineError>;
}

/// What an engine made of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// Words it did not know and left as they were.
    pub unknown: Vec<String>,
}

/// Why an engine gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// This text was too much for it; others may do.
    #[error("{0}")]
    Text(String),
    /// It is gone, and won't come back.
    #[error("{0}")]
    Gone(String),
}

/// No engine: gives the text back, so that only glossary and memory have a say.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoEngine;

impl NoEngine {
    pub(crate) const NAME: &str = "none";
}

impl Engine for NoEngine {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn translate(&mut self, text: &str) -> Result<Rendered, EngineError> {
        Ok(Rendered {
            text: text.to_owned(),
            unknown: Vec::new(),
        })
    }
}
