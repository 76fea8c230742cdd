//! The words of a release in the other language, by a machine, marked as such.

use super::desk::{DeskError, invalid};
use atalaya_engine::language::{Interpreter, Language, Line, Recognised, by_whom, recognise};
use atalaya_exchange::release::Translated;
use atalaya_model::{MachineMark, ReleaseLanguage};
use std::sync::Arc;

/// Flags that are kept.
const MOST_FLAGS: usize = 40;

/// Title, summary and assessment in a language, from the other one. What is in that language already is
/// left as it is.
pub(super) async fn translated(
    interpreter: Arc<Interpreter>,
    [title, summary, assessment]: [String; 3],
    to: ReleaseLanguage,
) -> Result<Translated, DeskError> {
    let (target, from) = match to {
        ReleaseLanguage::En => (Language::En, ReleaseLanguage::Es),
        ReleaseLanguage::Es => (Language::Es, ReleaseLanguage::En),
    };
    let own = move |text: &str| recognise(text) == Recognised::Is(target);
    // A title alone is too short to tell its language: it goes with its summary.
    let head = own(&format!("{title}\n{summary}"));
    if head && own(&assessment) {
        return Err(invalid(format!(
            "title, summary and assessment look like {} already: there is nothing to translate",
            target.name()
        )));
    }
    let work = move || {
        let mut all: Vec<Line> = Vec::new();
        let mut made = |text: &str, leave: bool| {
            if leave {
                return Ok(text.to_owned());
            }
            let lines: Vec<String> = text.lines().map(str::to_owned).collect();
            let lines = interpreter.interpret_document(&lines, target.other())?;
            let text: Vec<String> = lines.iter().map(Line::target).collect();
            all.extend(lines);
            Ok(text.join("\n"))
        };
        let leave = own(&assessment);
        let words = [
            made(&title, head)?,
            made(&summary, head)?,
            made(&assessment, leave)?,
        ];
        Ok((words, all))
    };
    let failed = |e: String| DeskError::Failed(format!("the release was not translated: {e}"));
    let ([title, summary, assessment], lines) = tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| failed(e.to_string()))?
        .map_err(|e: atalaya_engine::language::InterpretError| failed(e.to_string()))?;
    let sentences = || lines.iter().flat_map(|l| &l.sentences);
    let mut flags: Vec<String> = Vec::new();
    for f in sentences().flat_map(|s| &s.flags) {
        if flags.len() < MOST_FLAGS && !flags.contains(f) {
            flags.push(f.clone());
        }
    }
    Ok(Translated {
        mark: MachineMark {
            from,
            engine: by_whom(sentences()),
            flags,
        },
        title,
        summary,
        assessment,
    })
}
