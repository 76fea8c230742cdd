//! The text of a PDF, by poppler's `pdftotext` in a process of its own with little memory and time: PDF
//! comes from strangers.

use std::io::{self, Read, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

/// Memory that the program may take, bytes.
const MEMORY: &str = "--as=1073741824";
/// Processor time that it may take, seconds.
const PROCESSOR: &str = "--cpu=30";
/// Patience, seconds.
const PATIENCE: Duration = Duration::from_secs(60);
/// The longest text, bytes; a document of the page may have far less.
const LONGEST: u64 = 64 << 20;

/// The text of a PDF. The error is one line.
pub fn text(pdf: &[u8]) -> Result<String, String> {
    by_program("pdftotext", pdf, PATIENCE)
}

fn by_program(program: &str, pdf: &[u8], patience: Duration) -> Result<String, String> {
    let spawned = Command::new("prlimit")
        .args([MEMORY, PROCESSOR, "--core=0", program])
        .args(["-q", "-enc", "UTF-8", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(e) => {
            return Err(format!(
                "can't start prlimit ({e}); install the Debian package util-linux"
            ));
        }
    };
    let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(end(&mut child, "its pipes are closed"));
    };
    let bytes = pdf.to_vec();
    // It may answer before it has read everything: both ways at once. A program that has ended reads no
    // more, and what it said counts.
    std::thread::spawn(move || {
        let mut input = input;
        let _ = input.write_all(&bytes);
    });
    let (say, heard) = channel();
    std::thread::spawn(move || {
        let _ = say.send(all(output));
    });
    let answer = match heard.recv_timeout(patience) {
        Ok(Ok(answer)) if answer.len() as u64 <= LONGEST => answer,
        Ok(Ok(_)) => return Err(end(&mut child, "its text is too long")),
        Ok(Err(e)) => return Err(end(&mut child, &e.to_string())),
        Err(_) => return Err(end(&mut child, "it took too long")),
    };
    let status = child
        .wait()
        .map_err(|e| format!("PDF is not read: {program}: {e}"))?;
    match status.code() {
        Some(0) => String::from_utf8(answer)
            .map_err(|_| format!("PDF is not read: {program} gave no UTF-8")),
        // What prlimit and shells answer when there is no such program.
        Some(126 | 127) => Err(format!(
            "PDF is not read without {program}: install the Debian package poppler-utils, or save the document as text"
        )),
        Some(3) => {
            Err("the PDF may not be copied from, as its author set it; ask for the text".into())
        }
        _ => Err(format!(
            "the PDF can't be read by {program}: it is damaged, encrypted or too large; save it anew or as text"
        )),
    }
}

fn all(output: ChildStdout) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    output.take(LONGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn end(child: &mut Child, why: &str) -> String {
    // One that has ended already can't be killed: that is what is wanted.
    let _ = child.kill();
    let _ = child.wait();
    format!("the PDF can't be read: {why}; save it anew or as text")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    /// A program in the place of pdftotext.
    fn standin(name: &str, script: &str) -> String {
        let path = std::env::temp_dir().join(format!("atalaya-pdf-{}-{name}", std::process::id()));
        fs::write(&path, format!("#!/bin/bash\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    #[test]
    fn the_program_is_given_the_file_and_believed_only_when_it_ends_well() {
        let long = Duration::from_secs(30);
        let good = standin("good", "tr a-z A-Z");
        assert_eq!(by_program(&good, b"hola", long).unwrap(), "HOLA");
        // Much more than a pipe holds, answered before it is read.
        let large = vec![b'a'; 1 << 20];
        assert_eq!(by_program(&good, &large, long).unwrap().len(), 1 << 20);
        for (name, script, words) in [
            ("bad", "exit 1", "damaged, encrypted"),
            ("locked", "exit 3", "may not be copied"),
            ("slow", "exec sleep 600", "took too long"),
            ("noise", "printf '\\xff'", "no UTF-8"),
        ] {
            let program = standin(name, script);
            let patience = Duration::from_millis(if name == "slow" { 300 } else { 30_000 });
            let said = by_program(&program, b"%PDF", patience).unwrap_err();
            assert!(said.contains(words) && !said.contains('\n'), "{said}");
            fs::remove_file(program).unwrap();
        }
        fs::remove_file(good).unwrap();
        let said = by_program("/nowhere/pdftotext", b"", long).unwrap_err();
        assert!(said.contains("poppler-utils"), "{said}");
    }
}
