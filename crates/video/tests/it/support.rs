//! Synthetic pictures, and multiplexes made of them.

use std::io::Write;
use std::sync::{Arc, Mutex};

use atalaya_video::{Encoder, EncoderOptions, Image, KlvKind, Packet, RateControl, TsMuxer};

/// Planes of a test picture.
pub struct Planes {
    pub width: u32,
    pub height: u32,
    pub y: Vec<u8>,
    pub u: Vec<u8>,
    pub v: Vec<u8>,
}

impl Planes {
    pub fn image(&self) -> Image<'_> {
        Image::yuv420p(self.width, self.height, &self.y, &self.u, &self.v)
    }
}

/// A textured background over which a bright square moves.
pub fn picture(width: u32, height: u32, n: u32) -> Planes {
    let (w, h) = (width as usize, height as usize);
    let mut y = vec![0u8; w * h];
    for row in 0..h {
        for column in 0..w {
            let wave = (column as f32 * 0.15).sin() * (row as f32 * 0.1).cos();
            y[row * w + column] = (110.0 + 40.0 * wave) as u8;
        }
    }
    let left = (4 + n as usize * 3) % (w - 16);
    for row in 10..22.min(h) {
        y[row * w + left..row * w + left + 12].fill(230);
    }
    let chroma = w.div_ceil(2) * h.div_ceil(2);
    Planes {
        width,
        height,
        y,
        u: vec![118; chroma],
        v: vec![140; chroma],
    }
}

/// A KLV packet with the ST 0601 key and a payload that says which it is.
pub fn klv(n: u32) -> Vec<u8> {
    let mut bytes = vec![
        0x06, 0x0e, 0x2b, 0x34, 0x02, 0x0b, 0x01, 0x01, 0x0e, 0x01, 0x03, 0x01, 0x01, 0, 0, 0,
    ];
    bytes.push(60);
    bytes.extend(std::iter::repeat_n(n as u8, 60));
    bytes
}

/// A writer that keeps what is written.
#[derive(Clone, Default)]
pub struct Shared(pub Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        assert!(bytes.len() <= 1316 && bytes.len().is_multiple_of(188));
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub const WIDTH: u32 = 160;
pub const HEIGHT: u32 = 96;
/// Presentation time of the first picture.
pub const FIRST_PTS: i64 = 90_000;
/// Ticks from picture to picture (15 a second).
pub const STEP: i64 = 6_000;

pub fn options() -> EncoderOptions {
    EncoderOptions {
        rate: RateControl::Crf(18.0),
        gop: 15,
        ..EncoderOptions::new(WIDTH, HEIGHT, (15, 1))
    }
}

/// `frames` pictures as H.264 packets.
pub fn encoded(frames: u32) -> Vec<Packet> {
    let mut encoder = Encoder::h264(options()).unwrap();
    let mut packets = Vec::new();
    for n in 0..frames {
        let planes = picture(WIDTH, HEIGHT, n);
        encoder
            .push(
                &planes.image(),
                FIRST_PTS + i64::from(n) * STEP,
                false,
                &mut packets,
            )
            .unwrap();
    }
    encoder.flush(&mut packets).unwrap();
    packets
}

/// `frames` pictures with a KLV packet each on a synchronous and on an
/// asynchronous stream, as MPEG-TS.
pub fn transport_stream(frames: u32, first_pts: i64) -> Vec<u8> {
    let shared = Shared::default();
    let kinds = [KlvKind::Synchronous, KlvKind::Asynchronous];
    let mut muxer = TsMuxer::to_writer(Box::new(shared.clone()), WIDTH, HEIGHT, &kinds).unwrap();
    for (n, packet) in encoded(frames).iter().enumerate() {
        let mut packet = packet.clone();
        let shift = first_pts - FIRST_PTS;
        packet.pts_90k = packet.pts_90k.map(|t| t + shift);
        packet.dts_90k = packet.dts_90k.map(|t| t + shift);
        muxer.klv(0, &klv(n as u32), packet.pts_90k).unwrap();
        muxer.klv(1, &klv(n as u32 + 100), None).unwrap();
        muxer.video(&packet).unwrap();
    }
    muxer.finish().unwrap();
    std::mem::take(&mut *shared.0.lock().unwrap())
}
