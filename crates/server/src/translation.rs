//! A machine's translation of a text, marked as such, sentence by sentence: nothing is stored.

use crate::auth::Caller;
use crate::error::{Answer, ApiError, Said};
use crate::serve::App;
use atalaya_engine::language::{InterpretError, Interpretation, Kept, Language, Line, Sentence};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A text to be translated.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TranslationBody {
    /// 2000 characters at most.
    text: String,
    /// `es` or `en`.
    to: String,
}

/// What a machine made of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TranslationView {
    /// Language that it was translated from, `es` or `en`; the same as `to`: nothing was translated.
    from: &'static str,
    /// Language asked for.
    to: &'static str,
    text: String,
    /// Its name, or `glossary only` where no engine is there; `memory` for people's corrections, both
    /// joined by `+`.
    engine: String,
    /// What could not be checked or was not translated, each `word: explanation`.
    flags: Vec<String>,
    /// Names, places, plates, phones, positions, times, quantities.
    kept: Vec<KeptView>,
    /// Terms of the glossary.
    terms: Vec<TermView>,
    /// A machine wrote some of it; false if it is the text that was given, or people's throughout.
    machine: bool,
    /// The same, line by line and sentence by sentence; none if nothing was translated.
    lines: Vec<ParagraphView>,
}

/// A line or paragraph.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ParagraphView {
    pub sentences: Vec<SentenceView>,
}

/// A sentence and its translation.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SentenceView {
    /// Blanks before it.
    before: String,
    source: String,
    target: String,
    /// As of the whole.
    engine: String,
    /// A machine wrote it, or part of it.
    pub machine: bool,
    /// What a person has to look at.
    pub flags: Vec<String>,
    kept: Vec<KeptView>,
    terms: Vec<TermView>,
    /// Similar sentences that people have corrected.
    suggestions: Vec<SuggestionView>,
    /// The correction that stands there.
    pub correction: Option<CorrectionMark>,
}

/// What had to be kept.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct KeptView {
    text: String,
    /// The translation has it as often as the text.
    kept: bool,
}

/// A term and what stands in its place.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TermView {
    term: String,
    used: String,
}

/// A similar sentence.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SuggestionView {
    /// How similar, 0.7 to 1.
    score: f64,
    source: String,
    target: String,
}

/// Whose correction stands there.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CorrectionMark {
    /// Its number: `POST /api/v1/memory/{n}/undo` takes it back.
    n: Option<i64>,
    author: String,
    /// Of this very sentence; else of one with other names and numbers in the same places.
    exact: bool,
}

fn kept(all: &[Kept]) -> Vec<KeptView> {
    all.iter()
        .map(|k| KeptView {
            text: k.text.clone(),
            kept: k.kept,
        })
        .collect()
}

fn terms(all: &[(String, String)]) -> Vec<TermView> {
    all.iter()
        .map(|(term, used)| TermView {
            term: term.clone(),
            used: used.clone(),
        })
        .collect()
}

impl From<&Line> for ParagraphView {
    fn from(line: &Line) -> Self {
        Self {
            sentences: line.sentences.iter().map(SentenceView::from).collect(),
        }
    }
}

impl From<&Sentence> for SentenceView {
    fn from(s: &Sentence) -> Self {
        Self {
            before: s.before.clone(),
            source: s.source.clone(),
            target: s.target.clone(),
            engine: s.engine.clone(),
            machine: s.is_machine(),
            flags: s.flags.clone(),
            kept: kept(&s.kept),
            terms: terms(&s.terms),
            suggestions: s
                .suggestions
                .iter()
                .map(|g| SuggestionView {
                    score: g.score,
                    source: g.source.clone(),
                    target: g.target.clone(),
                })
                .collect(),
            correction: s.correction.as_ref().map(|c| CorrectionMark {
                n: c.n,
                author: c.author.clone(),
                exact: c.exact,
            }),
        }
    }
}

/// `es` or `en`.
pub(crate) fn language(what: &str, code: &str) -> Result<Language, ApiError> {
    match code {
        "es" => Ok(Language::Es),
        "en" => Ok(Language::En),
        other => {
            let short: String = other.chars().take(40).collect();
            Err(ApiError::bad(format!(
                "{what} '{short}' is not known; use es or en"
            )))
        }
    }
}

/// Runs what blocks while an engine works.
pub(crate) async fn waited<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, e.to_string()))
}

/// `POST /api/v1/translations`.
pub(crate) async fn translate(
    State(app): State<App>,
    _: Caller,
    Said(body): Said<TranslationBody>,
) -> Answer<TranslationView> {
    let to = language("to", &body.to)?;
    let interpreter = app.interpreter.clone();
    let made = waited(move || interpreter.interpret(&body.text, to)).await?;
    Ok(Json(view(made?)))
}

fn view(i: Interpretation) -> TranslationView {
    TranslationView {
        from: i.from.code(),
        to: i.to.code(),
        text: i.text,
        engine: i.engine,
        flags: i.flags,
        kept: kept(&i.kept),
        terms: terms(&i.terms),
        machine: i.machine,
        lines: i.lines.iter().map(ParagraphView::from).collect(),
    }
}

impl From<InterpretError> for ApiError {
    fn from(e: InterpretError) -> Self {
        let status = match e {
            InterpretError::Empty | InterpretError::Long(_) => StatusCode::BAD_REQUEST,
            InterpretError::Busy => StatusCode::SERVICE_UNAVAILABLE,
            InterpretError::Glossary(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, e.to_string())
    }
}
