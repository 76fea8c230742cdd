//! Boxes of one thing to one box.

use super::manifest::Thresholds;
use atalaya_model::Detection;

/// Most boxes that are compared, the surest.
const MOST: usize = 3000;

/// The surest boxes, without those of the same class that overlap a surer one; a vehicle is a vehicle,
/// whichever it is taken for.
pub fn merge(mut found: Vec<Detection>, t: &Thresholds) -> Vec<Detection> {
    // Equal scores stay in order: the same outputs give the same boxes.
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found.truncate(MOST);
    let alike = |a: &Detection, b: &Detection| {
        a.class == b.class || (a.class.is_vehicle() && b.class.is_vehicle())
    };
    let mut kept: Vec<Detection> = Vec::new();
    for d in found {
        if kept.len() >= t.most {
            break;
        }
        if !kept
            .iter()
            .any(|k| alike(k, &d) && k.bbox.iou(&d.bbox) > t.overlap)
        {
            kept.push(d);
        }
    }
    kept
}
