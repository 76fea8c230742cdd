//! A rehearsal that tells itself: what its guide says, and how it is told to go on.

use crate::auth::Caller;
use crate::error::{Answer, ApiError, Said};
use crate::serve::App;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Its turn has not come.
    Waits,
    /// It is its turn.
    Now,
    /// It happened.
    Done,
    /// It was tried and did not happen; it is its turn still.
    Failed,
}

/// Who did a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepBy {
    /// The rehearsal itself.
    Story,
    /// A person, on the page.
    Hand,
}

/// A step of the story.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct StepView {
    /// What it is; its words are the page's.
    pub id: &'static str,
    /// Where it stands.
    pub state: StepState,
    /// Who did it.
    pub by: Option<StepBy>,
    /// When, microseconds UTC.
    pub at_us: Option<i64>,
    /// What came of it: names, numbers, keys of records.
    pub facts: BTreeMap<&'static str, Value>,
    /// Why it did not happen.
    pub why: Option<String>,
    /// Seconds that it leaves to read before it goes on by itself; 0: it waits for the world.
    pub reading_s: f64,
    /// How many of them have passed.
    pub read_s: f64,
}

/// The story.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct StoryView {
    /// Always `story/1`.
    pub schema: &'static str,
    /// It goes on by itself.
    pub playing: bool,
    /// Which step's turn it is; the number of steps when all are done.
    pub at: usize,
    /// The partner agency's page.
    pub partner_url: String,
    /// In their order.
    pub steps: Vec<StepView>,
}

/// What it can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StoryOrder {
    /// Go on by yourself.
    Play,
    /// Wait for me.
    Pause,
    /// Do this step now.
    Next,
    /// From the beginning.
    Again,
}

/// Tells a story; asked from threads that may not block for long.
pub trait Story: Send + Sync {
    /// Where it stands.
    fn view(&self) -> StoryView;
    /// How it is to go on.
    fn order(&self, order: StoryOrder);
}

/// `GET /api/v1/story`: nothing where none is told.
pub(crate) async fn story(State(app): State<App>, _: Caller) -> Answer<Option<StoryView>> {
    Ok(Json(app.story.as_ref().map(|s| s.view())))
}

/// How the story is to go on.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoryBody {
    order: StoryOrder,
}

/// `POST /api/v1/story`.
pub(crate) async fn order(
    State(app): State<App>,
    _: Caller,
    Said(body): Said<StoryBody>,
) -> Answer<StoryView> {
    let story = app
        .story
        .as_ref()
        .ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, "no story is told here".to_owned()))?;
    story.order(body.order);
    Ok(Json(story.view()))
}
