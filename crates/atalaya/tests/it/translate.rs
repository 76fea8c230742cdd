//! `atalaya translate`: what it does without Apertium, with bad input, and with stand-ins for Apertium's
//! programs; those named `apertium…` need the real one.

use crate::support::{Said, atalaya, atalaya_with, folder, lines};
use atalaya_language::Language;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

#[path = "../../../language/tests/it/generator.rs"]
mod generator;

const ES_EN: [&str; 5] = ["translate", "--from", "es", "--to", "en"];

fn translate(input: &str, more: &[&str]) -> Said {
    atalaya_with(input.as_bytes(), &[&ES_EN, more].concat())
}

fn write(dir: &Path, name: &str, bytes: impl AsRef<[u8]>) -> String {
    let path = dir.join(name);
    fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A folder of modes whose pipeline is one shell script; `$dir` in it is the folder.
fn standin(test: &str, script: &str) -> PathBuf {
    let dir = folder(test);
    let path = dir.join("program");
    let script = script.replace("$dir", dir.to_str().unwrap());
    fs::write(&path, format!("#!/bin/bash\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let mode = format!("'{}' $1\n", path.display());
    fs::write(dir.join("spa-eng.mode"), mode).unwrap();
    dir
}

#[test]
fn without_apertium_one_line_names_the_packages() {
    translate("hola\n", &["--apertium", "/nowhere"]).fails_with(&[
        "no Apertium",
        "apertium-eng-spa",
        "--engine none",
    ]);
}

#[test]
fn without_an_engine_glossary_and_memory_still_serve() {
    let dir = folder("translate-memory");
    let memory = dir.join("m.jsonl");
    let memory = memory.to_str().unwrap();
    let corrections = write(
        &dir,
        "c.tsv",
        "El camión 4471 KLM llegó.\tThe truck 4471 KLM is here.\n",
    );
    let correct = [
        "--memory",
        memory,
        "--correct",
        &corrections,
        "--author",
        "ana",
    ];
    translate("", &correct).ok().says(&["corrections taken: 1"]);
    let more = ["--engine", "none", "--memory", memory, "--format", "jsonl"];
    let said = translate("El camión 7713 BCD llegó. Vieron al sicario.\n", &more).ok();
    said.says(&["no engine", "1 of 1", "1 lines to look at"]);
    let record = &lines(&said.out)[0];
    assert_eq!(record["schema"], "translation/1");
    assert_eq!(
        record["target"],
        "The truck 7713 BCD is here. Vieron al hired killer."
    );
    assert_eq!(record["engine"], "none+memory");
    assert_eq!(record["entities"][0]["kind"], "plate");
    assert_eq!(record["glossary"][0]["term"], "sicario");
    let tmx = dir.join("m.tmx");
    translate("", &["--memory", memory, "--tmx", tmx.to_str().unwrap()]).ok();
    let other = dir.join("other.jsonl");
    let other = other.to_str().unwrap();
    let take = [
        "--memory",
        other,
        "--take",
        tmx.to_str().unwrap(),
        "--author",
        "eva",
    ];
    translate("", &take)
        .ok()
        .says(&["pairs taken: 1; refused: 0"]);
    let more = ["--engine", "none", "--memory", other];
    let said = translate("El camión 9034 BCD llegó.\n", &more).ok();
    assert_eq!(said.out, "The truck 9034 BCD is here.\n");
    assert!(
        fs::read_to_string(tmx)
            .unwrap()
            .contains("<seg>The truck 4471 KLM is here.</seg>")
    );
}

#[test]
fn bad_input_says_what_and_where() {
    let dir = folder("translate-bad");
    let none = ["--engine", "none"];
    let with = |file: &str| translate("", &[&none[..], &[file]].concat());
    with("/nowhere.txt").fails_with(&["can't read /nowhere.txt"]);
    with(&write(&dir, "a.pdf", "%PDF-1.7")).fails_with(&["a.pdf", "PDF", "pdftotext"]);
    with(&write(&dir, "a.doc", b"\xd0\xcf\x11\xe0")).fails_with(&["old Word document", ".docx"]);
    with(&write(&dir, "a.docx", b"PK\x03\x04")).fails_with(&["a.docx", "not a Word document"]);
    with(&write(&dir, "a.txt", b"uno\n\xff\n")).fails_with(&["a.txt:2: not UTF-8"]);
    let long = "a".repeat(70_000);
    with(&write(&dir, "b.txt", long)).fails_with(&["b.txt:1: the line is longer than 65536 bytes"]);
    let glossary = write(&dir, "g.tsv", "x\n");
    translate("", &["--engine", "none", "--glossary", &glossary])
        .fails_with(&["g.tsv:1: the header is not"]);
    let memory = write(&dir, "m.jsonl", "x\n");
    translate("", &["--engine", "none", "--memory", &memory])
        .fails_with(&["m.jsonl:1: not a record of memory/1"]);
    let new = dir.join("new.jsonl");
    for (text, words) in [
        ("sin tabulador\n", "c.tsv:1: no tab"),
        ("Pagó 3 kg.\tHe paid.\n", "lacks '3 kg'"),
    ] {
        let file = write(&dir, "c.tsv", text);
        let path = new.to_str().unwrap();
        translate("", &["--memory", path, "--correct", &file, "--author", "a"])
            .fails_with(&[words]);
    }
    let same = atalaya(&["translate", "--from", "es", "--to", "es"]);
    assert_eq!(same.code, Some(2));
    same.says(&["the same language"]);
}

/// Answers every question with itself; what the arms add makes it die or hang.
const ECHO: &str = "while IFS= read -r -d '' text; do\n  case \"$text\" in $arms esac\n  printf '%s\\0' \"$text\"\ndone";

fn echo(test: &str, arms: &str) -> PathBuf {
    standin(test, &ECHO.replace("$arms", arms))
}

#[test]
fn a_pipeline_that_dies_is_started_again() {
    // Dies once, on the first question that has this word.
    let arms = "*muere*) if [ ! -e $dir/died ]; then touch $dir/died; exit 1; fi;;";
    let dir = echo("translate-dies", arms);
    let said = translate("uno\nmuere\ndos\n", &["--apertium", dir.to_str().unwrap()]).ok();
    assert_eq!(said.out, "uno\nmuere\ndos\n");
    assert!(dir.join("died").exists());
    assert!(!said.err.contains("to look at"), "{}", said.err);
}

#[test]
fn a_text_that_kills_or_stalls_the_pipeline_is_left_and_flagged() {
    let dir = echo("translate-kills", "*muere*) exit 1;; *cuelga*) sleep 600;;");
    let more = [
        "--apertium",
        dir.to_str().unwrap(),
        "--timeout",
        "1",
        "--format",
        "jsonl",
    ];
    let said = translate("muere\ncuelga\ndos\n", &more).ok();
    let records = lines(&said.out);
    assert_eq!(
        records[0]["flags"][0],
        "untranslated: Apertium died on it twice"
    );
    assert_eq!(
        records[1]["flags"][0],
        "untranslated: Apertium took longer than 1 s (--timeout)"
    );
    assert_eq!(records[2]["target"], "dos");
}

#[test]
fn a_pipeline_that_always_dies_ends_the_command() {
    let dir = standin("translate-dead", "exit 1");
    translate("uno\n", &["--apertium", dir.to_str().unwrap()])
        .fails_with(&["does not answer", "apertium-eng-spa"]);
    let dir = echo("translate-dying", "'a[]') ;; *) exit 1;;");
    translate(
        "uno\ndos\ntres\ncuatro\n",
        &["--apertium", dir.to_str().unwrap()],
    )
    .fails_with(&["died on 3 texts in a row"]);
}

/// Two hundred sentences through the real engine: everything that was put in is there, unchanged.
#[test]
#[ignore = "needs Apertium: make test-translate"]
fn apertium_keeps_all_of_two_hundred_sentences() {
    for (from, to, language) in [("es", "en", Language::Es), ("en", "es", Language::En)] {
        let made = generator::sentences(language);
        let input: String = made.iter().map(|m| m.text.clone() + "\n").collect();
        let arguments = ["translate", "--from", from, "--to", to, "--format", "jsonl"];
        let said = atalaya_with(input.as_bytes(), &arguments).ok();
        let records = lines(&said.out);
        assert_eq!(records.len(), made.len());
        let mut pieces = 0;
        for (m, r) in made.iter().zip(&records) {
            let mut rest = r["target"].as_str().unwrap().to_owned();
            for (text, _) in &m.wanted {
                let at = rest
                    .find(text)
                    .unwrap_or_else(|| panic!("no '{text}' in {r}"));
                rest.replace_range(at..at + text.len(), "");
            }
            assert!(!rest.chars().any(char::is_numeric), "a number made up: {r}");
            assert!(
                r["entities"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .all(|e| e["kept"] == true),
                "{r}"
            );
            assert_ne!(r["source"], r["target"]);
            pieces += usize::from(r["flags"].to_string().contains("pieces"));
        }
        assert_eq!(pieces, 0, "Apertium keeps the placeholders, {from}");
    }
}

#[test]
#[ignore = "needs Apertium: make test-translate"]
fn apertium_translates_and_marks_what_it_does_not_know() {
    let text = "El camión llegó el 3 de marzo de 2026 a las 05:12.\nEl zurrupio [se] detuvo *aquí* ^ahora$.\n";
    let said = translate(text, &["--format", "jsonl"]).ok();
    said.says(&["machine translation by Apertium"]);
    let r = lines(&said.out);
    let first = r[0]["target"].as_str().unwrap();
    assert!(
        first.contains("truck") && first.contains("3 March 2026") && first.contains("05:12"),
        "{first}"
    );
    assert_eq!(r[0]["engine"], "apertium");
    assert_eq!(r[1]["flags"][0], "unknown word: zurrupio");
    let second = r[1]["target"].as_str().unwrap();
    assert!(
        second.contains("zurrupio [") && second.contains("*here* ^now$."),
        "{second}"
    );
}

/// A page of one font without compression, as the standard's own example (ISO 32000-1, annex H.3).
fn pdf(lines: &[&str]) -> Vec<u8> {
    let mut page = String::from("BT /F1 12 Tf 72 720 Td 14 TL\n");
    for l in lines {
        let escaped: String = l
            .chars()
            .map(|c| match c {
                '(' | ')' | '\\' => format!("\\{c}"),
                c if c.is_ascii() => c.to_string(),
                c => format!("\\{:03o}", c as u32),
            })
            .collect();
        page += &format!("({escaped}) Tj T*\n");
    }
    page += "ET\n";
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".into(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".into(),
        format!("<< /Length {} >>\nstream\n{page}endstream", page.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".into(),
    ];
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut at = Vec::new();
    for (i, o) in objects.iter().enumerate() {
        at.push(out.len());
        out.extend(format!("{} 0 obj\n{o}\nendobj\n", i + 1).bytes());
    }
    let start = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for a in at {
        out.extend(format!("{a:010} 00000 n \n").bytes());
    }
    let size = objects.len() + 1;
    out.extend(
        format!("trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes(),
    );
    out
}

#[test]
#[ignore = "needs Apertium and pdftotext: make test-translate"]
fn apertium_translates_what_pdftotext_takes_out() {
    let dir = folder("translate-pdf");
    let made = pdf(&[
        "El cami\u{f3}n con matr\u{ed}cula 4821 KTR lleg\u{f3} a la",
        "finca a las 05:12.",
        "",
        "",
        "Sali\u{f3} por el norte.",
    ]);
    let path = write(&dir, "informe.pdf", made);
    let said = translate("", &[&path]).ok();
    let out: Vec<&str> = said.out.lines().collect();
    assert_eq!(out.len(), 2, "{}", said.out);
    for part in ["truck", "4821 KTR", "05:12"] {
        assert!(out[0].contains(part), "no {part} in {}", out[0]);
    }
    assert!(out[1].contains("north"), "{}", out[1]);
}
