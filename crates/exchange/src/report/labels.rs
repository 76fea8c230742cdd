//! Names on the map, kept apart.

use super::map::WIDTH;
use std::fmt::Write;

/// Names on the map. Those that must be there are; others give way.
#[derive(Default)]
pub(super) struct Labels {
    names: Vec<(&'static str, String, f64, f64, bool)>,
    taken: Vec<[f64; 4]>,
}

impl Labels {
    pub fn push(&mut self, class: &'static str, text: String, x: f64, y: f64, always: bool) {
        self.names.push((class, text, x, y, always));
    }

    pub fn keep_free(&mut self, x: f64, y: f64, w: f64, h: f64) {
        self.taken.push([x, y, w, h]);
    }

    pub fn draw(mut self, out: &mut String) {
        // A stable sort: those that must be there come first.
        self.names.sort_by_key(|n| !n.4);
        for (class, text, x, y, always) in self.names {
            let wide = 6.6 * text.chars().count() as f64;
            let x = if class == "nolookname" {
                x
            } else {
                x.min(WIDTH - wide - 4.0)
            };
            let from = if class == "nolookname" {
                x - 0.5 * wide
            } else {
                x
            };
            let mine = [from, y - 11.0, wide, 14.0];
            let clash = self.taken.iter().any(|t| {
                mine[0] < t[0] + t[2]
                    && t[0] < mine[0] + mine[2]
                    && mine[1] < t[1] + t[3]
                    && t[1] < mine[1] + mine[3]
            });
            if clash && !always {
                continue;
            }
            self.taken.push(mine);
            let _ = write!(
                out,
                "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>"
            );
        }
    }
}
