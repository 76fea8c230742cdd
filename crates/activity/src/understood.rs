//! What an operation's tracks amount to beyond coming and going: goods, returns, routine ([`Sites`]) and what one or two
//! do ([`Composed`]), live.
//!
//! Coming and going that somebody saw is told by the zones' visits ([`crate::Visits`]); of what [`Sites`] says of
//! it, only that which nobody saw is added.

use crate::activity::TrackFix;
use crate::composed::Composed;
use crate::fix::{Finding, Fix};
use crate::presence::{Cover, Look};
use crate::sites::{Placed, Sites};
use crate::zone::Zone;
use atalaya_geo::{Polygon, Vector2};
use atalaya_model::{
    About, Event, EventKind, FeedIx, Micros, Stamped, TrackId, VehicleLook, Walked,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Seconds between two moments at which it is told what is covered.
const TICK_S: f64 = 1.0;
/// A picture covers the ground for so long, seconds.
const FRESH_S: f64 = 2.0;
/// Probability that a person, and a standing vehicle, in the picture is being followed. Of simulated recordings, see
/// docs/measurements.md; a map of what could have been seen would take their place.
const P_PERSON: f64 = 0.8;
const P_VEHICLE: f64 = 0.95;
/// Looks at a vehicle's colour after which it is compared with others, and the share of its size that may be unknown.
const LOOKS: u32 = 3;
const VAGUE: f32 = 0.2;
/// Two tracks of one vehicle lie so much farther apart than each says of itself (docs/measurements.md, looks on rendered
/// worlds): what can't tell trucks apart must not claim to.
const APART: f64 = 3.0;
/// Moments that show what was handled: at most so many.
const MOMENTS: usize = 6;

/// An event without evidence and coordinates, with where it was, whom its evidence shows, and when.
pub(crate) struct Told {
    pub event: Event,
    /// On the zones' plane.
    pub at: Option<Vector2<f64>>,
    pub who: Option<TrackId>,
    pub moments: Vec<Micros>,
}

/// The stages that understand, over all feeds of an operation.
pub(crate) struct Understood {
    sites: Sites,
    composed: Composed,
    pictures: BTreeMap<FeedIx, (Micros, Polygon)>,
    tick: Option<Micros>,
    names: BTreeMap<TrackId, Arc<str>>,
}

impl Understood {
    pub fn new(zones: &[Zone]) -> Self {
        Self {
            sites: Sites::new(zones.to_vec()),
            composed: Composed::new(zones.to_vec()),
            pictures: BTreeMap::new(),
            tick: None,
            names: BTreeMap::new(),
        }
    }

    /// An observed point on the ground.
    pub fn push(&mut self, input: &Stamped<TrackFix>, out: &mut Vec<Told>) {
        let p = &input.body.point;
        let Some(g) = &p.ground else { return };
        let name = self.names.entry(p.track);
        let name = name.or_insert_with(|| p.track.to_string().into()).clone();
        let [a, _, _, d] = g.cov_random;
        let fix = Fix {
            t: input.t,
            subject: name,
            class: p.class,
            at: Vector2::new(g.e, g.n),
            sigma_m: (0.5 * (a + d)).max(0.0).sqrt(),
        };
        let mut placed = Vec::new();
        let look = p.look.as_ref().and_then(known_look);
        self.sites
            .push(&fix, input.feed.0, look.as_ref(), &mut placed);
        let mut found = Vec::new();
        self.composed.push(&fix, &mut found);
        self.tell(&placed, &found, out);
    }

    /// Under which track the vehicle is known that this one shows.
    pub fn known_as(&self, track: TrackId) -> TrackId {
        let name = self.names.get(&track);
        let known = name.and_then(|n| self.sites.known_as(n));
        known.and_then(|n| n.parse().ok()).unwrap_or(track)
    }

    /// Vehicles that are taken to be there.
    pub fn residents(&self) -> Vec<TrackId> {
        self.sites.residents().flat_map(|n| n.parse()).collect()
    }

    /// A track is over.
    pub fn end(&mut self, track: TrackId) {
        self.names.remove(&track);
    }

    /// A track turned out to be a double of another.
    pub fn forget(&mut self, track: TrackId) {
        if let Some(name) = self.names.remove(&track) {
            self.sites.forget(&name);
            self.composed.forget(&name);
        }
    }

    /// What a picture covers. Gives true when time has gone on by a tick.
    pub fn cover(&mut self, at: &Stamped<Polygon>, out: &mut Vec<Told>) -> bool {
        let t = at.t;
        self.composed.cover(at.feed.0, at.body.clone());
        self.pictures.insert(at.feed, (t, at.body.clone()));
        let before = *self.tick.get_or_insert(t);
        if t.since(before) < TICK_S {
            return false;
        }
        self.tick = Some(t);
        let mut placed = Vec::new();
        self.pictures
            .retain(|_, (seen, _)| t.since(*seen) <= FRESH_S);
        for (_, outline) in self.pictures.values() {
            let cover = Cover {
                outline: outline.clone(),
                p_person: P_PERSON,
                p_vehicle: P_VEHICLE,
            };
            self.sites.cover(t, &cover, &mut placed);
        }
        let pictures: Vec<&Polygon> = self.pictures.values().map(|p| &p.1).collect();
        // A gap is no watching: what went by in it could not have been seen.
        let seconds = t.since(before).min(FRESH_S);
        for site in self.sites.in_view(&pictures) {
            self.sites
                .watched(&site, t, seconds, P_VEHICLE, &mut placed);
        }
        self.sites.advance(t, &mut placed);
        let mut found = Vec::new();
        self.composed.advance(t, &mut found);
        self.tell(&placed, &found, out);
        true
    }

    /// A ground sensor at a zone reports a vehicle.
    pub fn cue(&mut self, t: Micros, zone: &str) {
        self.sites.cue(t, zone);
    }

    /// Gas comes from a zone.
    pub fn emission(&mut self, t: Micros, zone: &str, p: f64, out: &mut Vec<Told>) {
        let mut placed = Vec::new();
        self.sites.emission(t, zone, p, &mut placed);
        self.tell(&placed, &[], out);
    }

    /// The end of the input.
    pub fn finish(&mut self, t: Micros, out: &mut Vec<Told>) {
        let mut found = Vec::new();
        self.composed.finish(t, &mut found);
        self.tell(&[], &found, out);
    }

    fn tell(&self, placed: &[Placed], found: &[Finding], out: &mut Vec<Told>) {
        let placed = placed.iter().filter(|p| is_news(&p.finding));
        out.extend(placed.map(|p| told(p.event(), &p.finding)));
        let found = found.iter().map(|f| told(self.composed.event(f, None), f));
        out.extend(found);
    }
}

/// A look that is known well enough to tell one vehicle from another.
fn known_look(look: &VehicleLook) -> Option<Look> {
    let colour = look.colour.filter(|c| c.n >= LOOKS)?;
    let vague =
        look.size_sd_m[0] > VAGUE * look.length_m || look.size_sd_m[1] > VAGUE * look.width_m;
    let (length, width) = (look.length_m, look.width_m);
    let known = Look::new(length.into(), width.into(), colour.lab.map(f64::from));
    let more = |said: f32, least: f64| least.max(APART * f64::from(said));
    known.filter(|_| !vague).map(|l| Look {
        sd: [
            more(look.size_sd_m[0] / length, l.sd[0]),
            more(look.size_sd_m[1] / width, l.sd[1]),
            more(colour.sd[0], l.sd[2]),
            more(colour.sd[1], l.sd[3]),
            more(colour.sd[2], l.sd[4]),
        ],
        ..l
    })
}

/// Coming and going that was seen is told by the visits themselves, and so is who was first seen inside while its place was
/// in view.
fn is_news(f: &Finding) -> bool {
    match f.kind {
        EventKind::Appeared | EventKind::Lost => false,
        EventKind::Arrival => matches!(&f.about, Some(About::Arrival(a)) if a.unseen && !a.in_view),
        EventKind::Departure => matches!(&f.about, Some(About::Departure(d)) if d.unseen),
        _ => true,
    }
}

fn told(event: Event, f: &Finding) -> Told {
    let end = f.time_end.unwrap_or(f.time);
    let mut moments = vec![f.time, Micros(f.time.0.midpoint(end.0)), end];
    if let Some(About::Handling(h)) = &f.about {
        // Who carries shows best where a walk reaches the vehicle or leaves it.
        let step = h.walks.len().div_ceil(MOMENTS).max(1);
        let at = |w: &Walked| if w.to_vehicle { w.to } else { w.from };
        moments.extend(h.walks.iter().step_by(step).map(at));
    }
    let who = f.subjects.first().and_then(|s| s.parse().ok());
    Told {
        event,
        at: (f.at != Vector2::zeros()).then_some(f.at),
        who,
        moments,
    }
}
