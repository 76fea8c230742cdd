//! What a rule has found: the events behind it, whose they are and where.

use atalaya_model::{About, Class, Event, EvidenceRef, Micros};

/// Most ids of events, references to evidence, and subjects of an alert.
pub(crate) const MOST_EVENTS: usize = 32;
pub(crate) const MOST_EVIDENCE: usize = 16;
pub(crate) const MOST_SUBJECTS: usize = 16;

/// Something that may become an alert, or join one.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub events: Vec<String>,
    pub evidence: Vec<EvidenceRef>,
    pub subjects: Vec<String>,
    pub class: Class,
    pub zone: String,
    pub lat: Option<f64>,
    pub lon: Option<f64>,
    /// Probability of the least certain event.
    pub p: f64,
    /// When the first of them was.
    pub from: Micros,
    /// When the last of them was.
    pub until: Micros,
    /// In words.
    pub what: String,
}

impl Found {
    pub fn of(e: &Event) -> Self {
        let class = e.class.unwrap_or(Class::Unknown);
        let who = match class {
            Class::Unknown => String::new(),
            c => format!("{} ", c.name()),
        };
        let place = match e.zone.as_str() {
            "" => String::new(),
            zone => format!(" {zone}"),
        };
        let what = match e.kind.name() {
            "arrival" => format!("{who}came into{place}"),
            "departure" => format!("{who}left{place}"),
            kind => {
                let place = if place.is_empty() {
                    place
                } else {
                    format!(" in{place}")
                };
                format!("{who}{}{place}: {}", kind.replace('_', " "), e.reason)
            }
        };
        Self {
            events: vec![e.id.clone()],
            evidence: e.evidence.iter().take(MOST_EVIDENCE).cloned().collect(),
            subjects: e.subjects.iter().take(MOST_SUBJECTS).cloned().collect(),
            class,
            zone: e.zone.clone(),
            lat: e.lat,
            lon: e.lon,
            p: e.p,
            from: e.time,
            until: e.time,
            what,
        }
    }

    /// Takes in what came after; place and zone are those of the last that has them.
    pub fn join(&mut self, other: &Self) {
        extend(&mut self.events, &other.events, MOST_EVENTS);
        extend(&mut self.subjects, &other.subjects, MOST_SUBJECTS);
        extend(&mut self.evidence, &other.evidence, MOST_EVIDENCE);
        if other.lat.is_some() {
            (self.lat, self.lon) = (other.lat, other.lon);
        }
        if !other.zone.is_empty() {
            self.zone.clone_from(&other.zone);
        }
        if self.class == Class::Unknown {
            self.class = other.class;
        }
        self.p = self.p.min(other.p);
        self.from = self.from.min(other.from);
        self.until = self.until.max(other.until);
    }
}

/// The moment from which on a subject is known to be there: an arrival that nobody saw was by its end.
pub(crate) fn there_since(e: &Event) -> Micros {
    match (&e.about, e.time_end) {
        (Some(About::Arrival(a)), Some(end)) if a.unseen => end,
        _ => e.time,
    }
}

/// Adds what is not there yet. When it is full, the first and the newest are kept.
pub(crate) fn extend<T: Clone + PartialEq>(into: &mut Vec<T>, from: &[T], most: usize) -> bool {
    let mut grown = false;
    for x in from {
        if into.contains(x) {
            continue;
        }
        if into.len() == most {
            into.remove(1);
        }
        into.push(x.clone());
        grown = true;
    }
    grown
}

/// Metres between two places in degrees, on a plane about them: for distances of a site.
pub(crate) fn metres((lat1, lon1): (f64, f64), (lat2, lon2): (f64, f64)) -> f64 {
    let middle = f64::midpoint(lat1, lat2).to_radians();
    // Metres of a degree of latitude, and of longitude at this one (WGS84, to a metre in a degree).
    let north = 111_132.95 - 559.82 * (2.0 * middle).cos();
    let east = 111_412.88 * middle.cos() - 93.5 * (3.0 * middle).cos();
    ((lat2 - lat1) * north).hypot((lon2 - lon1) * east)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_lists_keep_the_first_and_the_newest() {
        let mut list = vec![1, 2, 3];
        assert!(extend(&mut list, &[3, 4, 5], 4));
        assert_eq!(list, [1, 3, 4, 5]);
        assert!(!extend(&mut list, &[1, 5], 4));
    }

    #[test]
    fn metres_are_metres() {
        let d = metres((40.0, -3.0), (40.001, -3.001));
        assert!((d - 140.0).abs() < 1.0, "{d}");
    }
}
