//! The operator's own map background: PMTiles and GeoTIFF files of one folder, with ranges.

use crate::auth::Caller;
use crate::error::{Answer, ApiError};
use crate::serve::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{ACCEPT_RANGES, CONTENT_RANGE, CONTENT_TYPE, RANGE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{Read, Seek, SeekFrom};

/// A background that can be shown.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct BackgroundView {
    /// File name, to be asked for at `/background/{name}`.
    name: String,
    bytes: u64,
}

/// Most bytes of one answer.
const MOST_BYTES: u64 = 16 << 20;

/// PMTiles, or a GeoTIFF.
fn is_background(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".pmtiles", ".tif", ".tiff"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// `GET /api/v1/backgrounds`.
pub(crate) async fn list(State(app): State<App>, _: Caller) -> Answer<Vec<BackgroundView>> {
    let Some(dir) = &app.background else {
        return Ok(Json(Vec::new()));
    };
    let entries = std::fs::read_dir(dir).map_err(|e| {
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!(
                "can't read the folder of backgrounds {}: {e}",
                dir.display()
            ),
        )
    })?;
    let mut list: Vec<BackgroundView> = entries
        .flatten()
        .filter_map(|e| {
            let name = e.file_name().into_string().ok()?;
            let meta = e.metadata().ok()?;
            (is_background(&name) && meta.is_file()).then_some(BackgroundView {
                name,
                bytes: meta.len(),
            })
        })
        .collect();
    list.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Json(list))
}

/// `GET /background/{name}` with `Range: bytes=a-b` (RFC 9110, one range).
pub(crate) async fn file(
    State(app): State<App>,
    _: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let missing = || {
        ApiError::new(
            StatusCode::NOT_FOUND,
            format!("there is no background '{name}'"),
        )
    };
    let dir = app.background.as_ref().ok_or_else(missing)?;
    let plain = is_background(&name) && !name.contains(['/', '\\', '\0']) && name != "..";
    if !plain {
        return Err(missing());
    }
    let path = dir.join(&name);
    let len = std::fs::metadata(&path).map_err(|_| missing())?.len();
    let asked = headers.get(RANGE).and_then(|r| r.to_str().ok());
    let Some((from, to)) = asked.and_then(|r| range(r, len)) else {
        return Ok((
            StatusCode::RANGE_NOT_SATISFIABLE,
            [(CONTENT_RANGE, format!("bytes */{len}"))],
        )
            .into_response());
    };
    let read = tokio::task::spawn_blocking(move || -> std::io::Result<Vec<u8>> {
        let mut file = std::fs::File::open(path)?;
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.take(to - from + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    let bytes = read.await.ok().and_then(Result::ok).ok_or_else(missing)?;
    Ok((
        StatusCode::PARTIAL_CONTENT,
        [
            (CONTENT_RANGE, format!("bytes {from}-{to}/{len}")),
            (ACCEPT_RANGES, "bytes".to_owned()),
            (CONTENT_TYPE, "application/octet-stream".to_owned()),
        ],
        bytes,
    )
        .into_response())
}

/// First and last byte of a range, cut to [`MOST_BYTES`] and to the file.
fn range(text: &str, len: u64) -> Option<(u64, u64)> {
    let (from, to) = text.strip_prefix("bytes=")?.split_once('-')?;
    let from: u64 = from.parse().ok()?;
    let to = if to.is_empty() {
        u64::MAX
    } else {
        to.parse().ok()?
    };
    let last = to
        .min(len.checked_sub(1)?)
        .min(from.saturating_add(MOST_BYTES - 1));
    (from <= last).then_some((from, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_to_the_file() {
        assert_eq!(range("bytes=0-9", 100), Some((0, 9)));
        assert_eq!(range("bytes=90-", 100), Some((90, 99)));
        assert_eq!(range("bytes=0-", MOST_BYTES * 2), Some((0, MOST_BYTES - 1)));
        for bad in [
            "bytes=100-",
            "bytes=9-0",
            "bytes=-5",
            "lines=1-2",
            "bytes=a-b",
        ] {
            assert_eq!(range(bad, 100), None, "{bad}");
        }
        assert_eq!(range("bytes=0-", 0), None);
    }
}
