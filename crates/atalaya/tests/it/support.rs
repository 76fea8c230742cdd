//! Runs the built program, and makes its inputs.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use atalaya_video::{Encoder, EncoderOptions, Image, TsMuxer};

/// What a command said.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Said {
    fn of(o: Output) -> Self {
        Self {
            code: o.status.code(),
            out: String::from_utf8(o.stdout).unwrap(),
            err: String::from_utf8(o.stderr).unwrap(),
        }
    }

    /// It worked.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{}", self.err);
        self
    }

    /// It failed with one line that holds all these words.
    #[track_caller]
    pub fn fails_with(&self, words: &[&str]) {
        assert_eq!(self.code, Some(1), "{}", self.err);
        assert_eq!(self.err.lines().count(), 1, "not one line: {}", self.err);
        self.says(words);
        assert!(self.err.starts_with("atalaya: "), "{}", self.err);
    }

    /// Its standard error holds all these words, and no panic.
    #[track_caller]
    pub fn says(&self, words: &[&str]) {
        for word in words {
            assert!(self.err.contains(word), "no '{word}' in: {}", self.err);
        }
        assert!(!self.err.contains("panicked"), "{}", self.err);
    }
}

/// The program with arguments; not started yet.
pub fn command<A: AsRef<OsStr>>(arguments: &[A]) -> Command {
    let mut c = Command::new(env!("CARGO_BIN_EXE_atalaya"));
    c.args(arguments)
        .env_remove("ATALAYA_LOG")
        .stdin(Stdio::null());
    c
}

/// Runs the program to its end.
pub fn atalaya<A: AsRef<OsStr>>(arguments: &[A]) -> Said {
    Said::of(command(arguments).output().unwrap())
}

/// Runs the program in a folder.
pub fn atalaya_in(folder: &Path, arguments: &[&str]) -> Said {
    Said::of(command(arguments).current_dir(folder).output().unwrap())
}

/// Runs the program with this on its standard input.
pub fn atalaya_with(input: &[u8], arguments: &[&str]) -> Said {
    use std::io::Write;
    let mut child = command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command may refuse its input before it has read all of it.
    let _ = child.stdin.take().unwrap().write_all(input);
    Said::of(child.wait_with_output().unwrap())
}

/// An empty folder for a test.
pub fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    if path.exists() {
        fs::remove_dir_all(&path).unwrap();
    }
    fs::create_dir_all(&path).unwrap();
    path
}

/// Seconds of the simulated world, and its frames.
const WORLD_S: u32 = 3;
pub const WORLD_FRAMES: usize = 45;

/// A simulated world on disk: `eo.ts`, `operation.toml`, `zones.geojson`, `truth/`.
pub fn world() -> &'static Path {
    static WORLD: OnceLock<PathBuf> = OnceLock::new();
    WORLD.get_or_init(|| {
        let dir = folder("world");
        let seconds = WORLD_S.to_string();
        let out = dir.to_str().unwrap();
        let said = atalaya(&[
            "sim",
            "compound",
            "--seed",
            "5",
            "--duration",
            &seconds,
            "--density",
            "busy",
            "--no-thermal",
            "--out",
            out,
        ])
        .ok();
        said.says(&["45 pictures", "SIMULATED"]);
        dir
    })
}

/// The operation of [`world`], with its feed's source (and more lines after it) replaced.
pub fn operation(source: &str, more: &str) -> String {
    let text = fs::read_to_string(world().join("operation.toml")).unwrap();
    let made = text.replace(
        "source = \"eo.ts\"",
        &format!("source = \"{source}\"\n{more}"),
    );
    assert_ne!(text, made);
    made
}

/// Writes an operation over a source beside it and runs it into `out` of the same folder.
pub fn run_over(folder: &Path, source: &str, more: &str) -> Said {
    fs::write(folder.join("operation.toml"), operation(source, more)).unwrap();
    atalaya_in(folder, &["run", "operation.toml", "--out", "out"])
}

/// The summary of a run in `out`.
pub fn summary(folder: &Path) -> serde_json::Value {
    let text = fs::read_to_string(folder.join("out/summary.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The remarks of a run in `out`, in one string.
pub fn remarks(folder: &Path) -> String {
    summary(folder)["remarks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| format!("{}\n", r.as_str().unwrap()))
        .collect()
}

/// JSON Lines.
pub fn lines(text: &str) -> Vec<serde_json::Value> {
    text.lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

/// All files of a folder and below it, by name.
pub fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            for (inner, bytes) in files(&path) {
                all.insert(format!("{name}/{inner}"), bytes);
            }
        } else {
            all.insert(name, fs::read(&path).unwrap());
        }
    }
    all
}

/// Video without metadata: two seconds of a bright square that moves over a texture.
pub fn write_plain_video(path: &Path) {
    const W: u32 = 160;
    const H: u32 = 96;
    let mut encoder = Encoder::h264(EncoderOptions {
        gop: 10,
        ..EncoderOptions::new(W, H, (10, 1))
    })
    .unwrap();
    let mut muxer = TsMuxer::create(path, W, H, &[]).unwrap();
    let mut packets = Vec::new();
    let chroma = vec![128u8; (W * H / 4) as usize];
    for n in 0..20u32 {
        let mut luma: Vec<u8> = (0..W * H)
            .map(|i| {
                let (x, y) = (i % W, i / W);
                90 + (x * 7 + y * 13 + (x * y) % 31) as u8 % 60
            })
            .collect();
        for y in 40..52 {
            let left = (y * W + 8 + n * 4) as usize;
            luma[left..left + 12].fill(240);
        }
        let image = Image::yuv420p(W, H, &luma, &chroma, &chroma);
        let pts = 90_000 + i64::from(n) * 9_000;
        encoder.push(&image, pts, false, &mut packets).unwrap();
    }
    encoder.flush(&mut packets).unwrap();
    for p in &packets {
        muxer.video(p).unwrap();
    }
    muxer.finish().unwrap();
}

/// Grey levels as a bitmap of 24 bits, which the program reads.
pub fn bitmap(w: u32, h: u32, level: impl Fn(u32, u32) -> u8) -> Vec<u8> {
    let line = (3 * w).next_multiple_of(4);
    let mut out = b"BM".to_vec();
    for v in [
        54 + line * h,
        0,
        54,
        40,
        w,
        h.wrapping_neg(),
        (24 << 16) | 1,
    ] {
        out.extend(v.to_le_bytes());
    }
    out.extend([0; 24]);
    for y in 0..h {
        let end = out.len() + line as usize;
        for x in 0..w {
            out.extend([level(x, y); 3]);
        }
        out.resize(end, 0);
    }
    out
}
