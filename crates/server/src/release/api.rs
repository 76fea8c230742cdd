//! The API of releases: board, drafts, approvals, sealing, and what partners send.

use super::desk::{Desk, DeskError, now};
use super::draft::DraftRequest;
use super::portal::file;
use crate::alerts::key_of;
use crate::auth::Caller;
use crate::decisions::ReasonBody;
use crate::error::{Answer, ApiError, Said};
use crate::serve::App;
use atalaya_model::{
    Clock, Direction, MessageKind, Release, ReleaseLanguage, ReleaseMessage, ReleaseState,
    StationTimes, station_times,
};
use atalaya_store::StoredRelease;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the report may do, wherever it is shown: nothing.
const REPORT_POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// Something that was said of a release.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct MessageView {
    /// Number in the store: `GET /api/v1/messages/{n}` gives the sealed file of one of ours.
    n: i64,
    ours: bool,
    /// It reached the other side by post; else carry its file.
    posted: bool,
    message: ReleaseMessage,
}

/// A release on the board.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ReleaseView {
    release: Release,
    clock: Clock,
    /// Its content is still there.
    has_content: bool,
    messages: Vec<MessageView>,
}

impl ReleaseView {
    fn of(s: StoredRelease) -> Self {
        let said: Vec<ReleaseMessage> = s.messages.iter().map(|m| m.message.clone()).collect();
        Self {
            clock: Clock::of(&s.release, s.fetched, &said, now()),
            release: s.release,
            has_content: s.has_content,
            messages: s
                .messages
                .into_iter()
                .map(|m| MessageView {
                    n: m.n,
                    ours: m.ours,
                    posted: m.posted,
                    message: m.message,
                })
                .collect(),
        }
    }
}

/// One direction of the board.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DirectionView {
    /// Sealed, and not recalled.
    under_way: usize,
    /// Without a decision when it was due.
    overdue: usize,
    /// How long each station took, from sealing.
    times: Vec<StationTimes>,
}

/// A partner's key, without the key.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PartnerView {
    name: String,
    /// To be compared by voice.
    fingerprint: Option<String>,
    /// The authority names it: only then may anything be released to it.
    authorised: bool,
}

/// Who we are, and who partners are.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PartnersView {
    /// Our name; null before keys were made.
    name: Option<String>,
    fingerprint: Option<String>,
    /// Our card, for partners.
    card: Option<String>,
    partners: Vec<PartnerView>,
}

/// All releases, and their clocks.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct BoardView {
    schema: &'static str,
    now_us: i64,
    sent: DirectionView,
    received: DirectionView,
    /// The latest first.
    releases: Vec<ReleaseView>,
}

impl From<DeskError> for ApiError {
    fn from(e: DeskError) -> Self {
        match e {
            DeskError::Store(e) => e.into(),
            DeskError::Failed(why) => Self::new(StatusCode::BAD_GATEWAY, why),
            other => Self::bad(other.to_string()),
        }
    }
}

fn desk(app: &App) -> Desk {
    Desk::new(app.store.clone())
}

fn view(s: StoredRelease) -> Json<ReleaseView> {
    Json(ReleaseView::of(s))
}

/// `GET /api/v1/releases`.
pub(crate) async fn board(State(app): State<App>, _: Caller) -> Answer<BoardView> {
    let all = app.store.releases().await?;
    let releases: Vec<ReleaseView> = all.into_iter().map(ReleaseView::of).collect();
    let side = |d: Direction| {
        let sealed: Vec<&ReleaseView> = releases
            .iter()
            .filter(|r| r.release.direction == d && r.release.sealed.is_some())
            .collect();
        let clocks: Vec<Clock> = sealed.iter().map(|r| r.clock.clone()).collect();
        DirectionView {
            under_way: sealed
                .iter()
                .filter(|r| r.release.state == ReleaseState::Sealed)
                .count(),
            overdue: clocks.iter().filter(|c| c.overdue_us.is_some()).count(),
            times: station_times(&clocks),
        }
    };
    Ok(Json(BoardView {
        schema: "release-board/1",
        now_us: now().0,
        sent: side(Direction::Sent),
        received: side(Direction::Received),
        releases,
    }))
}

/// A release to be drafted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DraftBody {
    /// The alert's key, `run~id`.
    alert: String,
    /// Number of the decision; the latest that refers the alert to the partner when absent.
    #[serde(default)]
    decision: Option<i64>,
    /// To whom: as the authority names it.
    partner: String,
    /// The report's language.
    language: ReleaseLanguage,
    /// One line.
    title: String,
    /// What the partner should know.
    summary: String,
    /// An answer is wanted within so many hours.
    reply_within_h: u32,
    /// Title, summary and the decision's assessment are in the other language: a machine translates them into
    /// that of the report, which says so and has the originals.
    #[serde(default)]
    translate: bool,
}

/// `POST /api/v1/releases`.
pub(crate) async fn draft(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Said(body): Said<DraftBody>,
) -> Answer<ReleaseView> {
    let (run, alert) = key_of(&body.alert)?;
    let new = DraftRequest {
        run: run.to_owned(),
        alert: alert.to_owned(),
        decision: body.decision,
        partner: body.partner,
        language: body.language,
        title: body.title,
        summary: body.summary,
        reply_within_h: body.reply_within_h,
    };
    let _turn = app.still_turns.acquire().await;
    let (desk, stills) = (desk(&app), app.stills.clone());
    let made = if body.translate {
        let interpreter = app.interpreter.clone();
        desk.draft_translated(&app.operation, stills, new, interpreter, &author)
            .await?
    } else {
        desk.draft(&app.operation, stills, new, &author).await?
    };
    Ok(view(made))
}

/// `GET /api/v1/releases/{id}`.
pub(crate) async fn release(
    State(app): State<App>,
    _: Caller,
    Path(id): Path<String>,
) -> Answer<ReleaseView> {
    Ok(view(app.store.release(&id).await?))
}

/// `GET /api/v1/releases/{id}/report`. Reading it is an act.
pub(crate) async fn report(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let package = desk(&app).package(&id).await?;
    app.store
        .note_act(&author, "release.view", &id, &())
        .await?;
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, REPORT_POLICY),
    ];
    Ok((headers, package.report().to_owned()).into_response())
}

/// `POST /api/v1/releases/{id}/approve`.
pub(crate) async fn approve(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Path(id): Path<String>,
    Said(body): Said<ReasonBody>,
) -> Answer<ReleaseView> {
    let judged = desk(&app).judge(&id, true, &body.reason, &author).await?;
    Ok(view(judged))
}

/// `POST /api/v1/releases/{id}/turn-down`.
pub(crate) async fn turn_down(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Path(id): Path<String>,
    Said(body): Said<ReasonBody>,
) -> Answer<ReleaseView> {
    let judged = desk(&app).judge(&id, false, &body.reason, &author).await?;
    Ok(view(judged))
}

/// How it is to travel.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SealBody {
    /// The address under which the partner reaches this server; null to carry it by file only.
    #[serde(default)]
    portal: Option<String>,
}

/// A sealed release and its link.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SealedView {
    /// Works once. It is told here only, and only now.
    link: Option<String>,
    #[serde(flatten)]
    view: ReleaseView,
}

/// `POST /api/v1/releases/{id}/seal`.
pub(crate) async fn seal(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Path(id): Path<String>,
    Said(body): Said<SealBody>,
) -> Answer<SealedView> {
    let sealing = desk(&app)
        .seal(&id, body.portal.as_deref(), &author)
        .await?;
    Ok(Json(SealedView {
        link: sealing.link,
        view: ReleaseView::of(sealing.release),
    }))
}

/// `GET /api/v1/releases/{id}/sealed`: the file, to be carried. An act.
pub(crate) async fn sealed(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let Some(text) = app.store.sealed_release(&id).await? else {
        return Err(ApiError::new(
            StatusCode::NOT_FOUND,
            format!("release {id} is not sealed, or its content is gone"),
        ));
    };
    app.store
        .note_act(&author, "release.carry", &id, &())
        .await?;
    Ok(file(&format!("release-{id}.sealed.json"), text))
}

/// `POST /api/v1/releases/{id}/recall`.
pub(crate) async fn recall(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Path(id): Path<String>,
    Said(body): Said<ReasonBody>,
) -> Answer<ReleaseView> {
    Ok(view(desk(&app).recall(&id, &body.reason, &author).await?))
}

/// `POST /api/v1/releases/inbox`: the body is a sealed file as it was received.
pub(crate) async fn inbox(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    body: Bytes,
) -> Answer<ReleaseView> {
    Ok(view(desk(&app).take_in(&body, &author).await?))
}

/// A link of a partner's portal.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkBody {
    link: String,
}

/// `POST /api/v1/releases/fetch`.
pub(crate) async fn fetch_by_link(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Said(body): Said<LinkBody>,
) -> Answer<ReleaseView> {
    Ok(view(desk(&app).fetch(&body.link, &author).await?))
}

/// `POST /api/v1/releases/{id}/check`: posts what waits, and asks whether it was recalled.
pub(crate) async fn check(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Path(id): Path<String>,
) -> Answer<ReleaseView> {
    Ok(view(desk(&app).check(&id, &author).await?))
}

/// What is said of a release.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SayBody {
    /// Words; needed for a refusal and an outcome.
    #[serde(default)]
    text: String,
}

/// `POST /api/v1/releases/{id}/say/{kind}`.
pub(crate) async fn say(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Path((id, kind)): Path<(String, String)>,
    Said(body): Said<SayBody>,
) -> Answer<ReleaseView> {
    let Some(kind) = MessageKind::of(&kind) else {
        return Err(ApiError::new(
            StatusCode::NOT_FOUND,
            format!(
                "'{kind}' can't be said of a release; use receipt, accepted, refused, acting or outcome"
            ),
        ));
    };
    Ok(view(desk(&app).say(&id, kind, &body.text, &author).await?))
}

/// `GET /api/v1/messages/{n}`: the sealed file of something we said. An act.
pub(crate) async fn message(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Path(n): Path<i64>,
) -> Result<Response, ApiError> {
    let text = app.store.sealed_message(n).await?;
    app.store
        .note_act(&author, "release.carry", &format!("message {n}"), &())
        .await?;
    Ok(file(&format!("answer-{n}.sealed.json"), text))
}

/// `GET /api/v1/partners`.
pub(crate) async fn partners(State(app): State<App>, _: Caller) -> Answer<PartnersView> {
    let desk = desk(&app);
    let identity = desk.identity()?;
    let card = identity.as_ref().map(|i| i.card());
    let named = &app.operation.authority.partners;
    let cards = desk.partners().await?;
    let mut partners: Vec<PartnerView> = cards
        .iter()
        .map(|c| PartnerView {
            name: c.name.clone(),
            fingerprint: Some(c.fingerprint()),
            authorised: named.contains(&c.name),
        })
        .collect();
    for name in named {
        if !partners.iter().any(|p| p.name == *name) {
            partners.push(PartnerView {
                name: name.clone(),
                fingerprint: None,
                authorised: true,
            });
        }
    }
    Ok(Json(PartnersView {
        name: identity.map(|i| i.name().to_owned()),
        fingerprint: card.as_ref().map(|c| c.fingerprint()),
        card: card.map(|c| c.text()),
        partners,
    }))
}

/// A partner's card.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CardBody {
    /// The text of the file.
    card: String,
}

/// `POST /api/v1/partners`.
pub(crate) async fn add_partner(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Said(body): Said<CardBody>,
) -> Answer<PartnerView> {
    let card = desk(&app).add_partner(&body.card, &author).await?;
    Ok(Json(PartnerView {
        authorised: app.operation.authority.partners.contains(&card.name),
        fingerprint: Some(card.fingerprint()),
        name: card.name,
    }))
}

/// Our name to partners.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentityBody {
    name: String,
}

/// `POST /api/v1/identity`: makes our keys, once.
pub(crate) async fn make_identity(
    State(app): State<App>,
    caller: Caller,
    Said(body): Said<IdentityBody>,
) -> Answer<PartnersView> {
    desk(&app).make_identity(&body.name, &caller.author).await?;
    partners(State(app), caller).await
}
