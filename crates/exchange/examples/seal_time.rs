//! How long sealing and opening take: `cargo run -p atalaya-exchange --example seal_time`.

use atalaya_exchange::release::{Identity, Parcel, open, seal};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (us, them) = (Identity::new("Sender")?, Identity::new("Receiver")?);
    let card = us.card();
    for (what, bytes, times) in [
        ("an answer", 400, 200),
        ("a release with four pictures", 400_000, 100),
        ("the largest", atalaya_exchange::release::MOST_BODY, 5),
    ] {
        let body = vec![b'x'; bytes];
        let mut sealing = Vec::new();
        let mut opening = Vec::new();
        for _ in 0..times {
            let begun = Instant::now();
            let sealed = seal(Parcel::Release, &body, &us, &them.card())?;
            sealing.push(begun.elapsed());
            let begun = Instant::now();
            open(sealed.as_bytes(), &them, std::slice::from_ref(&card))?;
            opening.push(begun.elapsed());
        }
        sealing.sort();
        opening.sort();
        println!(
            "{what}, {bytes} bytes: sealed in {:?}, opened in {:?} (median of {times}); slowest {:?}, {:?}",
            sealing[times / 2],
            opening[times / 2],
            sealing[times - 1],
            opening[times - 1]
        );
    }
    Ok(())
}
