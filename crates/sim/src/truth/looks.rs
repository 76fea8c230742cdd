//! What vehicles look like.

use crate::world::{Kind, World};
use std::fmt::Write;

/// `id,class,length_m,width_m,height_m,paint,body` of every vehicle: sizes of its outline, colours of its paint and
/// of a truck's box as `rrggbb` (sRGB, before sun and shade).
pub fn looks_csv(world: &World) -> String {
    let mut out = String::from("id,class,length_m,width_m,height_m,paint,body\n");
    for a in world.actors.iter().filter(|a| a.kind.is_vehicle()) {
        let [l, w, h] = a.kind.size_m();
        let body = if a.kind == Kind::Truck {
            a.color2
        } else {
            a.color
        };
        let (paint, body) = (hex(a.color), hex(body));
        // Writing to a string does not fail.
        let _ = writeln!(out, "{},{},{l},{w},{h},{paint},{body}", a.id, a.kind.word());
    }
    out
}

fn hex(rgb: [f32; 3]) -> String {
    let [r, g, b] = rgb.map(|v| (255.0 * v.clamp(0.0, 1.0)).round() as u8);
    format!("{r:02x}{g:02x}{b:02x}")
}
