//! A machine's translation of a text, marked as such: nothing is stored.

use crate::auth::Caller;
use crate::error::{Answer, ApiError, Said};
use crate::serve::App;
use atalaya_engine::language::{InterpretError, Interpretation, Language};
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
    /// Its name, or `glossary only` where no engine is there.
    engine: String,
    /// What could not be checked or was not translated, each `word: explanation`.
    flags: Vec<String>,
    /// Names, places, plates, phones, positions, times, quantities.
    kept: Vec<KeptView>,
    /// Terms of the glossary.
    terms: Vec<TermView>,
    /// A machine wrote it; false if it is the text that was given.
    machine: bool,
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

/// `POST /api/v1/translations`.
pub(crate) async fn translate(
    State(app): State<App>,
    _: Caller,
    Said(body): Said<TranslationBody>,
) -> Answer<TranslationView> {
    let to = match body.to.as_str() {
        "es" => Language::Es,
        "en" => Language::En,
        other => {
            let short: String = other.chars().take(40).collect();
            return Err(ApiError::bad(format!(
                "to '{short}' is not known; use es or en"
            )));
        }
    };
    let interpreter = app.interpreter.clone();
    let made = tokio::task::spawn_blocking(move || interpreter.interpret(&body.text, to))
        .await
        .map_err(|e| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, e.to_string()))?;
    made.map(|i| Json(view(i))).map_err(refused)
}

fn view(i: Interpretation) -> TranslationView {
    TranslationView {
        from: i.from.code(),
        to: i.to.code(),
        text: i.text,
        engine: i.engine,
        flags: i.flags,
        kept: i
            .kept
            .into_iter()
            .map(|k| KeptView {
                text: k.text,
                kept: k.kept,
            })
            .collect(),
        terms: i
            .terms
            .into_iter()
            .map(|(term, used)| TermView { term, used })
            .collect(),
        machine: i.machine,
    }
}

fn refused(e: InterpretError) -> ApiError {
    let status = match e {
        InterpretError::Empty | InterpretError::Long(_) => StatusCode::BAD_REQUEST,
        InterpretError::Busy => StatusCode::SERVICE_UNAVAILABLE,
        InterpretError::Glossary(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    ApiError::new(status, e.to_string())
}
