//! `atalaya relay`: byte for byte, and refusals without secrets.

use crate::support::*;
use std::fs;
use std::net::UdpSocket;
use std::time::Duration;

#[test]
fn a_recording_is_passed_on_byte_for_byte() {
    let dir = folder("relay");
    write_plain_video(&dir.join("plain.ts"));
    let bytes = fs::read(dir.join("plain.ts")).unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let to = format!("udp://{}", socket.local_addr().unwrap());
    let size = bytes.len();
    let receiver = std::thread::spawn(move || {
        let (mut got, mut buffer) = (Vec::new(), [0; 2048]);
        while got.len() < size {
            let n = socket.recv(&mut buffer).unwrap();
            got.extend_from_slice(&buffer[..n]);
        }
        got
    });
    let said = atalaya_in(&dir, &["relay", "plain.ts", "--fast", "--to", &to]).ok();
    said.says(&[&format!("{to}: {size} bytes passed on, 0 shed")]);
    assert!(receiver.join().unwrap() == bytes);
}

#[test]
fn addresses_that_cannot_be_used_are_refused_without_their_secrets() {
    let dir = folder("relay-refused");
    for (source, to, words) in [
        ("rtmp://h/x", "udp://127.0.0.1:9", "scheme"),
        ("none.ts", "udp://127.0.0.1:9", "none.ts"),
        ("srt://:1", "http://127.0.0.1/x", "udp:// or srt://"),
        (
            "none.ts",
            "srt://h:9000?passphrase=horse-battery&pbkeylen=32",
            "'pbkeylen'",
        ),
    ] {
        let said = atalaya_in(&dir, &["relay", source, "--to", to]);
        said.fails_with(&[words]);
        assert!(!said.err.contains("horse"), "{}", said.err);
    }
}
