//! Both ends of SRT on the loopback.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use atalaya_video::{Error, Interrupt, SrtListener, SrtOptions, SrtReceived, SrtSent, SrtSocket};

fn options(sender: bool) -> SrtOptions {
    SrtOptions {
        latency_ms: 200,
        passphrase: None,
        stream_id: None,
        sender,
    }
}

fn listen(options: &SrtOptions) -> (SrtListener, SocketAddr) {
    let any = "127.0.0.1:0".parse().unwrap();
    let listener = SrtListener::bind("srt://127.0.0.1:0", any, options).unwrap();
    let address = listener.local_address().unwrap();
    (listener, address)
}

fn accept(listener: &SrtListener) -> SrtSocket {
    loop {
        if let Some(socket) = listener.accept().unwrap() {
            return socket;
        }
        thread::yield_now();
    }
}

fn connect(address: SocketAddr, options: &SrtOptions) -> Result<SrtSocket, Error> {
    SrtSocket::connect("srt://peer", address, options, &Interrupt::default())
}

#[test]
fn what_was_sent_before_the_farewell_is_received_to_the_last_byte() {
    let (listener, address) = listen(&options(false));
    let sender = thread::spawn(move || {
        let socket = connect(address, &options(true)).unwrap();
        for n in 0..500u32 {
            let message = [n.to_be_bytes().as_slice(), &[7; 1312]].concat();
            while socket.send(&message) == SrtSent::Full {}
        }
        while socket.unsent_bytes().is_some_and(|n| n > 0) {
            thread::yield_now();
        }
        // Said goodbye while a whole latency's worth waits at the other side.
    });
    let socket = accept(&listener);
    assert_eq!(socket.latency(), Duration::from_millis(200));
    let (mut buffer, mut next, mut lost) = ([0; 1500], 0u32, None);
    while lost.is_none_or(|since: Instant| since.elapsed() < socket.latency() * 2) {
        match socket.receive(&mut buffer) {
            SrtReceived::Bytes(n) => {
                assert_eq!(n, 1316);
                assert_eq!(buffer[..4], next.to_be_bytes());
                next += 1;
            }
            SrtReceived::Nothing => {}
            SrtReceived::Lost => {
                lost.get_or_insert_with(Instant::now);
                thread::yield_now();
            }
        }
    }
    assert_eq!(next, 500);
    sender.join().unwrap();
}

#[test]
fn a_wrong_passphrase_is_refused_and_not_said() {
    let with = |words: &str, sender| SrtOptions {
        passphrase: Some(words.into()),
        ..options(sender)
    };
    let (_listener, address) = listen(&with("the right words", false));
    let Err(error) = connect(address, &with("the wrong words", true)) else {
        panic!("let in");
    };
    let text = error.to_string();
    assert!(
        text.starts_with("srt://peer: ") && text.contains("passphrase"),
        "{text}"
    );
    assert!(!text.contains("words"), "{text}");
    let Err(error) = connect(address, &with("short", true)) else {
        panic!("accepted");
    };
    assert!(error.to_string().contains("10 to 79"), "{error}");
}

#[test]
fn a_call_that_nobody_answers_ends_when_it_is_told_to() {
    let interrupt = Interrupt::default();
    interrupt.stop();
    // Nobody listens there: without the word it would try for three seconds.
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let begun = SrtSocket::connect("srt://peer", address, &options(true), &interrupt);
    assert!(begun.is_err_and(|e| e.to_string().contains("stopped")));
}
