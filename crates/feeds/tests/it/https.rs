//! Feeds over HTTPS: a certificate that nobody vouches for is refused.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use atalaya_feeds::{Fmv, FmvOptions, Unit};
use atalaya_model::operation::StreamAddress;
use atalaya_video::{HttpInput, Interrupt};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// A server for 127.0.0.1 that signed its certificate itself; gives its port.
fn serve(body: &'static [u8]) -> u16 {
    let certificate = CertificateDer::from_pem_file(fixture("self_signed.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(fixture("self_signed_key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let stream = StreamOwned::new(connection, stream);
            std::thread::spawn(move || answer(stream, body));
        }
    });
    port
}

fn answer(mut stream: StreamOwned<ServerConnection, TcpStream>, body: &[u8]) {
    let mut request = [0; 1024];
    // Who does not trust it asks nothing.
    let Ok(1..) = stream.read(&mut request) else {
        return;
    };
    assert!(request.starts_with(b"GET /live.ts"));
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    let _ = stream.write_all(&[head.as_bytes(), body].concat());
    // Until the client has read it and goes.
    let _ = stream.read(&mut request);
}

#[test]
fn a_certificate_that_is_not_trusted_is_refused_in_a_clear_line_without_secrets() {
    let port = serve(b"nobody should read this");
    let url = format!("https://name:secret@127.0.0.1:{port}/live.ts");
    let address = StreamAddress::parse(&url).unwrap();
    let mut fmv = Fmv::stream(&address, FmvOptions::default()).unwrap();
    let Some(Unit::Fault(text)) = fmv.next_unit().unwrap() else {
        panic!("no fault");
    };
    fmv.stop_handle().unwrap().stop();
    while fmv.next_unit().unwrap().is_some() {}
    assert!(
        text.contains("its certificate is not trusted") && text.contains("SSL_CERT_FILE"),
        "{text}"
    );
    assert!(
        text.contains(&format!("127.0.0.1:{port}/live.ts: ")),
        "{text}"
    );
    assert!(
        !text.contains("secret") && text.lines().count() == 1,
        "{text}"
    );
}

#[test]
fn a_certificate_of_a_named_authority_is_trusted_for_its_own_name_alone() {
    let port = serve(b"all of it");
    let own = fixture("self_signed.pem");
    let open = |host: &str, trusted: &Path| {
        let url = format!("https://{host}:{port}/live.ts");
        HttpInput::open("cam", &url, Some(trusted), &Interrupt::default())
    };
    let mut got = Vec::new();
    let mut input = open("127.0.0.1", &own).unwrap();
    input.read_to_end(&mut got).unwrap();
    assert_eq!(got, b"all of it");
    // The same machine under a name that the certificate does not have.
    let refused = open("127.0.0.2", &own).err().unwrap().to_string();
    assert!(refused.contains("not trusted"), "{refused}");
    let none = open("127.0.0.1", &fixture("none.pem")).err().unwrap();
    assert!(none.to_string().contains("none.pem: "), "{none}");
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let url = format!("https://{free}/live.ts");
    let away = HttpInput::open("cam", &url, Some(&own), &Interrupt::default());
    let away = away.err().unwrap().to_string();
    assert!(
        away.contains("refused") && !away.contains("trusted"),
        "{away}"
    );
}
