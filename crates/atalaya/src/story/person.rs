//! A person at a post: what the page does for somebody, done without a page.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::fmt::Write;
use std::time::Duration;

/// Longest answer, bytes.
const LONGEST: u64 = 64 << 20;

/// A post, by its documented API.
pub struct Post {
    url: String,
    agent: ureq::Agent,
}

impl Post {
    /// The post whose page is at `url`, which ends in a slash.
    pub fn new(url: String) -> Self {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(30)))
            .max_redirects(0)
            .http_status_as_error(false)
            .build()
            .into();
        Self { url, agent }
    }

    /// Its page.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Reads.
    pub fn get(&self, path: &str) -> Result<Value> {
        let asked = format!("{}api/v1/{path}", self.url);
        self.answer(path, self.agent.get(&asked).call())
    }

    /// Does something, as somebody whose name nobody has verified.
    pub fn act(&self, who: &str, path: &str, body: &Value) -> Result<Value> {
        self.bring(who, path, &body.to_string())
    }

    /// Brings a file, the same way.
    pub fn bring(&self, who: &str, path: &str, body: &str) -> Result<Value> {
        let asked = format!("{}api/v1/{path}", self.url);
        let request = self
            .agent
            .post(&asked)
            .header("content-type", "application/json")
            .header("x-atalaya-name", encoded(who));
        self.answer(path, request.send(body))
    }

    fn answer(
        &self,
        path: &str,
        said: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Value> {
        let mut said = said.with_context(|| format!("{}: no answer", self.url))?;
        let text = said
            .body_mut()
            .with_config()
            .limit(LONGEST)
            .read_to_string()
            .with_context(|| format!("{path}: half an answer"))?;
        let value: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        if !said.status().is_success() {
            let line = value["error"].as_str().unwrap_or(&text).to_owned();
            bail!("{line}");
        }
        Ok(value)
    }
}

/// For a header or a path: whatever is not plain is percent-encoded (RFC 3986, section 2.1).
pub fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
            out.push(char::from(b));
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "%{b:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn what_is_not_plain_is_encoded() {
        assert_eq!(encoded("L. Ríos"), "L.%20R%C3%ADos");
        assert_eq!(encoded("run~a/b"), "run~a%2Fb");
    }
}
