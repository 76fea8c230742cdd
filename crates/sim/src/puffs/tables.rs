//! A world of puffs as tables, and its truth.

use super::{HALF_M, HIGH_M, PuffWorld};
use serde_json::json;
use std::fmt::Write;

impl PuffWorld {
    /// Readings: `t_s,sensor,e,n,u,ppm`, along open paths `t_s,sensor,e,n,u,e2,n2,u2,ppm`.
    pub fn obs_csv(&self) -> String {
        let paths = self.readings.iter().any(|r| r.to.is_some());
        let mut out = String::from(if paths {
            "t_s,sensor,e,n,u,e2,n2,u2,ppm\n"
        } else {
            "t_s,sensor,e,n,u,ppm\n"
        });
        for r in &self.readings {
            // Writing to a string does not fail.
            let _ = write!(out, "{},{}", r.t_s, r.sensor);
            for [e, n, u] in [r.at].into_iter().chain(r.to) {
                let _ = write!(out, ",{e:.2},{n:.2},{u:.2}");
            }
            let _ = writeln!(out, ",{:.4}", r.ppm);
        }
        out
    }

    /// The wind: `t_s,wind_speed,wind_dir_from,sig_h`.
    pub fn met_csv(&self) -> String {
        let mut out = String::from("t_s,wind_speed,wind_dir_from,sig_h\n");
        for w in &self.winds {
            let sig = w.sig_h_deg.map_or_else(String::new, |s| format!("{s:.2}"));
            let _ = writeln!(out, "{},{:.3},{:.1},{sig}", w.t_s, w.speed, w.from_deg);
        }
        out
    }

    /// Truth as `emission/1`, with what the world is made of.
    pub fn truth_json(&self) -> String {
        let round = |v: f64| (v * 1e3).round() / 1e3;
        let sources: Vec<_> = self
            .sources
            .iter()
            .enumerate()
            .map(|(i, s)| {
                let [e, n, u] = s.at.map(round);
                let mut one =
                    json!({"p": 1.0, "e": e, "n": n, "u": u, "rate_kg_h": round(s.rate_kg_h)});
                if let Some((t0, t1)) = self.spans.get(i) {
                    one["t0_s"] = json!(round(*t0));
                    one["t1_s"] = json!(round(*t1));
                    one["candidate"] = json!(self.group(s));
                }
                one
            })
            .collect();
        let doc = json!({
            "schema": "emission/1", "status": "ok", "reason": null,
            "p_any": if sources.is_empty() { 0.0 } else { 1.0 },
            "sources": sources, "flies": self.flies,
            "area": [-HALF_M, -HALF_M, 0.0, HALF_M, HALF_M, HIGH_M],
            "obstacles": self.obstacles.iter().map(|o| o.map(round)).collect::<Vec<_>>(),
        });
        format!("{doc:#}\n")
    }
}
