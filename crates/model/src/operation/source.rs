//! Addresses as people write them, some with a secret in them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// Stands for a secret; long enough to be read as one again.
const HIDDEN: &str = "**********";
/// Options whose value is a secret.
const SECRETS: [&str; 1] = ["passphrase"];

/// A source or destination as written in the operation. It is shown, logged and stored without the
/// secrets in it; only [`Self::secret_text`] has them.
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct FeedSource(String);

impl FeedSource {
    /// As it was written, with its secrets.
    pub fn secret_text(&self) -> &str {
        &self.0
    }
}

impl From<&str> for FeedSource {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for FeedSource {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for FeedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&redact(&self.0))
    }
}

impl fmt::Debug for FeedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", redact(&self.0))
    }
}

impl Serialize for FeedSource {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&redact(&self.0))
    }
}

/// An address without its secrets: passwords before `@`, passphrases among the options.
pub fn redact(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else {
        return address.to_owned();
    };
    let (place, options) = match rest.split_once('?') {
        Some((place, options)) => (place, Some(options)),
        None => (rest, None),
    };
    let (host, path) = match place.split_once('/') {
        Some((host, path)) => (host, format!("/{path}")),
        None => (place, String::new()),
    };
    let host = match host.rsplit_once('@') {
        Some((user, host)) if !user.is_empty() => {
            let name = user.split(':').next().unwrap_or_default();
            format!("{name}:{HIDDEN}@{host}")
        }
        _ => host.to_owned(),
    };
    let mut out = format!("{scheme}://{host}{path}");
    for (n, option) in options.iter().flat_map(|o| o.split('&')).enumerate() {
        out.push(if n == 0 { '?' } else { '&' });
        match option.split_once('=') {
            Some((key, _)) if SECRETS.contains(&key) => {
                out.push_str(key);
                out.push('=');
                out.push_str(HIDDEN);
            }
            _ => out.push_str(option),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_in_no_output() {
        for (written, shown) in [
            (
                "srt://h:9000?mode=caller&passphrase=horse battery&latency=200",
                "srt://h:9000?mode=caller&passphrase=**********&latency=200",
            ),
            (
                "rtsp://eve:s3cret@cam.example/one?x=1",
                "rtsp://eve:**********@cam.example/one?x=1",
            ),
            ("udp://@239.1.1.1:5000", "udp://@239.1.1.1:5000"),
            ("recordings/gate.ts", "recordings/gate.ts"),
        ] {
            let source = FeedSource::from(written);
            assert_eq!(source.to_string(), shown);
            assert_eq!(format!("{source:?}"), format!("{shown:?}"));
            assert_eq!(
                serde_json::to_string(&source).unwrap(),
                format!("{shown:?}")
            );
            assert_eq!(source.secret_text(), written);
        }
    }
}
