//! To and from a partner's portal over HTTP. What is carried is signed and encrypted by itself.

use atalaya_exchange::release::MOST_BODY;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);
/// Longest answer, bytes: a sealed release, in base64.
const LONGEST: u64 = (MOST_BODY as u64) / 3 * 4 + 4096;

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .max_redirects(0)
        .http_status_as_error(false)
        .build()
        .into()
}

fn checked(url: &str) -> Result<String, String> {
    let ok = (url.starts_with("https://") || url.starts_with("http://"))
        && url.len() < 1024
        && url.split_once("/portal/").is_some();
    if ok {
        Ok(url.to_owned())
    } else {
        Err("this is not a link to a portal; it looks like https://host/portal/…".into())
    }
}

/// The host of a link, for messages: the token in it is nobody's business.
fn host(url: &str) -> &str {
    url.split("/portal/").next().unwrap_or_default()
}

type Reply = Result<ureq::http::Response<ureq::Body>, ureq::Error>;

async fn ask(
    url: &str,
    how: impl FnOnce(&ureq::Agent, &str) -> Reply + Send + 'static,
) -> Result<String, String> {
    let url = checked(url)?;
    let there = host(&url).to_owned();
    let made = tokio::task::spawn_blocking(move || {
        let mut reply = how(&agent(), &url).map_err(|e| e.to_string())?;
        let body = reply.body_mut().with_config().limit(LONGEST);
        let text = body.read_to_string().map_err(|e| e.to_string())?;
        if reply.status().is_success() {
            return Ok(text);
        }
        let line = text.lines().next().unwrap_or_default();
        let said: String = line.chars().take(200).collect();
        Err(format!("it answers {}: {said}", reply.status()))
    })
    .await
    .map_err(|_| "the request was broken off".to_owned())?;
    made.map_err(|why: String| format!("{there}: {why}; check the link, or carry the file by hand"))
}

pub(super) async fn post(url: &str, body: String) -> Result<String, String> {
    ask(url, move |agent, url| {
        agent
            .post(url)
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .send(body)
    })
    .await
}

pub(super) async fn get(url: &str) -> Result<String, String> {
    ask(url, |agent, url| agent.get(url).call()).await
}
