//! Chips a second on one core, cut out of a 1080p picture and told: `make bench-chips`.

use atalaya_model::PixelBox;
use atalaya_vision::chip::{Chip, Example, Label, Look, Luma, Random, TrainOptions, train};
use std::time::Instant;

const SIZE: (usize, usize) = (1920, 1080);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut random = Random::new(1);
    let px: Vec<u8> = (0..SIZE.0 * SIZE.1).map(|_| random.bits() as u8).collect();
    let luma = Luma::new(&px, SIZE.0, SIZE.0, SIZE.1).ok_or("no picture")?;
    let look = Look::default();
    let mut boxes = |w: f32, h: f32, n: usize| -> Vec<PixelBox> {
        (0..n)
            .map(|_| PixelBox {
                x: random.between(0.0, SIZE.0 as f32 - w),
                y: random.between(0.0, SIZE.1 as f32 - h),
                w,
                h,
            })
            .collect()
    };
    // What it says is of no matter here: as many hidden units as the default has.
    let examples: Vec<Example> = boxes(20.0, 20.0, 40)
        .iter()
        .enumerate()
        .filter_map(|(i, b)| {
            Some(Example {
                chip: Chip::cut(&luma, b, &look)?,
                label: if i % 2 == 0 {
                    Label::Truck
                } else {
                    Label::Nothing
                },
                group: i as u64,
                varied: false,
            })
        })
        .collect();
    let options = TrainOptions {
        epochs: 1,
        ..TrainOptions::default()
    };
    let model = train(&examples, &options)?;
    println!("| box, px | chips/s on one core |\n|---|---:|");
    for (w, h) in [(11.0, 8.0), (40.0, 20.0), (150.0, 100.0)] {
        let all = boxes(w, h, 20_000);
        let start = Instant::now();
        let mut told = 0.0;
        for b in &all {
            if let Some(c) = Chip::cut(&luma, b, &look) {
                told += model.tell(&c).p[0];
            }
        }
        let rate = all.len() as f64 / start.elapsed().as_secs_f64();
        // Printed, so that nothing is left out as unused.
        println!("| {w}x{h} | {rate:.0} |  <!-- {told:.1} -->");
    }
    Ok(())
}
