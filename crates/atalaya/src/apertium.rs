//! Apertium as a process: one pipeline of programs, kept warm. Every program is told to give out what it
//! has at a zero byte (`-z`); a pipeline that dies or takes too long is ended and started anew.

use atalaya_language::{Engine, EngineError, Language, Rendered, apertium};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

/// The longest text, in bytes: escaped it fits into the first pipe, so that writing never waits.
const LONGEST: usize = 8000;
/// The longest answer, in bytes.
const ANSWER: u64 = 1 << 20;
/// Texts in a row on which the pipeline may die before it is given up.
const DEATHS: u32 = 3;
/// A pipeline has eleven programs or twelve.
const STAGES: usize = 32;

/// Apertium for one direction.
pub struct Apertium {
    stages: Vec<Vec<String>>,
    patience: Duration,
    running: Option<Running>,
    deaths: u32,
}

struct Running {
    children: Vec<Child>,
    input: ChildStdin,
    answers: Receiver<Vec<u8>>,
}

impl Apertium {
    /// Starts the pipeline that `folder` (Debian: /usr/share/apertium/modes) has for a language, and tries it.
    pub fn start(folder: &Path, from: Language, patience: Duration) -> Result<Self, EngineError> {
        let mode = match from {
            Language::Es => "spa-eng.mode",
            Language::En => "eng-spa.mode",
        };
        let path = folder.join(mode);
        let help = "install the Debian packages apertium and apertium-eng-spa, or use --engine none (glossary and memory only)";
        let text = std::fs::read_to_string(&path).map_err(|e| {
            EngineError::Gone(format!(
                "there is no Apertium ({}: {e}): {help}",
                path.display()
            ))
        })?;
        let stages = stages(&text).ok_or_else(|| {
            EngineError::Gone(format!(
                "{} is not a pipeline of programs: {help}",
                path.display()
            ))
        })?;
        let mut engine = Self {
            stages,
            patience,
            running: None,
            deaths: 0,
        };
        engine.run().map_err(|(program, e)| {
            EngineError::Gone(format!("can't start Apertium's '{program}' ({e}): {help}"))
        })?;
        engine.translate("a").map_err(|e| {
            EngineError::Gone(format!(
                "Apertium is there but does not answer ({e}): {help}"
            ))
        })?;
        Ok(engine)
    }

    fn run(&mut self) -> Result<(), (String, io::Error)> {
        let mut children: Vec<Child> = Vec::new();
        match spawn(&self.stages, &mut children) {
            Ok((input, output)) => {
                let (say, answers) = sync_channel(1);
                std::thread::spawn(move || listen(output, &say));
                self.running = Some(Running {
                    children,
                    input,
                    answers,
                });
                Ok(())
            }
            Err(e) => {
                end(&mut children);
                Err(e)
            }
        }
    }

    fn stop(&mut self) {
        if let Some(mut r) = self.running.take() {
            end(&mut r.children);
        }
    }

    /// One question and its answer; `None` when the pipeline died over it.
    fn ask(&mut self, text: &str) -> Result<Option<Rendered>, EngineError> {
        if self.running.is_none() {
            self.run().map_err(|(program, e)| {
                EngineError::Gone(format!("can't start Apertium's '{program}' again: {e}"))
            })?;
        }
        let Some(r) = &mut self.running else {
            return Ok(None);
        };
        let sent = r
            .input
            .write_all(&apertium::encode(text))
            .and_then(|()| r.input.flush());
        if sent.is_err() {
            return Ok(None);
        }
        match r.answers.recv_timeout(self.patience) {
            Ok(bytes) => match apertium::decode(&bytes) {
                Some(rendered) => Ok(Some(rendered)),
                None => {
                    self.stop();
                    Err(EngineError::Text("Apertium's answer is no text".into()))
                }
            },
            Err(RecvTimeoutError::Timeout) => {
                self.stop();
                let s = self.patience.as_secs_f64();
                Err(EngineError::Text(format!(
                    "Apertium took longer than {s} s (--timeout)"
                )))
            }
            Err(RecvTimeoutError::Disconnected) => Ok(None),
        }
    }
}

impl Engine for Apertium {
    fn name(&self) -> &str {
        "apertium"
    }

    fn limit(&self) -> usize {
        LONGEST
    }

    fn translate(&mut self, text: &str) -> Result<Rendered, EngineError> {
        // It may have been killed while nobody asked: a text is only blamed for the second death.
        for _ in 0..2 {
            if let Some(rendered) = self.ask(text)? {
                self.deaths = 0;
                return Ok(rendered);
            }
            self.stop();
        }
        self.deaths += 1;
        if self.deaths >= DEATHS {
            return Err(EngineError::Gone(format!(
                "Apertium died on {DEATHS} texts in a row; does `echo hola | apertium spa-eng` work?"
            )));
        }
        Err(EngineError::Text("Apertium died on it twice".into()))
    }
}

impl Drop for Apertium {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Starts programs, each reading what the one before writes.
fn spawn(
    stages: &[Vec<String>],
    children: &mut Vec<Child>,
) -> Result<(ChildStdin, ChildStdout), (String, io::Error)> {
    let mut first = None;
    let mut last: Option<ChildStdout> = None;
    for stage in stages {
        let Some((program, arguments)) = stage.split_first() else {
            continue;
        };
        let failed = |e| (program.clone(), e);
        let input = match last.take() {
            Some(out) => Stdio::from(out),
            None => Stdio::piped(),
        };
        let mut child = Command::new(program)
            .arg("-z")
            .args(arguments)
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        if first.is_none() {
            first = child.stdin.take();
        }
        last = child.stdout.take();
        children.push(child);
    }
    first
        .zip(last)
        .ok_or_else(|| ("pipeline".into(), io::ErrorKind::NotFound.into()))
}

fn end(children: &mut [Child]) {
    for c in children.iter_mut() {
        // One that has ended already can't be killed: that is what is wanted.
        let _ = c.kill();
    }
    for c in children {
        let _ = c.wait();
    }
}

/// Hands on answers until the pipeline ends, or says more than an answer can be.
fn listen(output: ChildStdout, say: &SyncSender<Vec<u8>>) {
    let mut output = BufReader::new(output);
    loop {
        let mut answer = Vec::new();
        let read = (&mut output).take(ANSWER).read_until(0, &mut answer);
        if read.is_err() || answer.pop() != Some(0) || say.send(answer).is_err() {
            return;
        }
    }
}

/// The programs of a mode file: one line of commands with pipes between them, words in single quotes, and
/// two variables for options.
fn stages(mode: &str) -> Option<Vec<Vec<String>>> {
    let line = mode
        .lines()
        .find(|l| !l.trim().is_empty() && !l.starts_with('#'))?;
    let mut stages = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut quoted = false;
    for c in line.chars().chain([' ']) {
        match c {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' | '\t' | '|' if !quoted => {
                match word.take().as_deref() {
                    // How unknown words are shown: marked.
                    Some("$1") => stages.last_mut()?.push("-g".to_owned()),
                    Some("$2") | None => {}
                    Some(w) => stages.last_mut()?.push(w.to_owned()),
                }
                if c == '|' {
                    stages.push(Vec::new());
                }
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    let whole = !quoted && stages.len() <= STAGES && stages.iter().all(|s| !s.is_empty());
    whole.then_some(stages)
}

#[cfg(test)]
mod tests {
    use super::stages;

    #[test]
    fn a_mode_file_is_a_pipeline() {
        let mode = "lt-proc '/a b/x.bin' | tagger -g $2 'y'|lt-proc $1 'z'\n";
        let words = |s: &str| s.split('_').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            stages(mode),
            Some(vec![
                words("lt-proc_/a b/x.bin"),
                words("tagger_-g_y"),
                words("lt-proc_-g_z")
            ])
        );
        for bad in ["", "a || b", "a 'b", "|a"] {
            assert_eq!(stages(bad), None, "{bad}");
        }
    }
}
