//! Where the feeds come together: the gate, then activity, in the total order of event time.

use crate::context::Context;
use crate::error::EngineError;
use crate::gas::GasStage;
use crate::item::Item;
use crate::pipeline::Analysed;
use crate::watching::Watching;
use atalaya_activity::{Activity, ActivityOut, CueFix, TrackFix};
use atalaya_authority::Gate;
use atalaya_geo::{Cov2, Geodetic, Homography, LocalFrame, Polygon, Vector2};
use atalaya_model::operation::{FeedKind, ZoneConfig};
use atalaya_model::{
    Alert, Coverage, Cue, EmissionMap, Event, FeedIx, Micros, Sensed, Stamped, TrackPoint,
};
use atalaya_track::{Fuse, FuseSettings, Fused};

/// What a frame led to, all of it inside the authority.
#[derive(Clone, Debug, Default)]
pub struct Passed {
    /// The frame may be shown and stored.
    pub shown: bool,
    /// What it covered.
    pub coverage: Option<Coverage>,
    /// Zones outlined on an earlier frame, where they lie in this one: id and display pixels.
    pub drawn: Vec<(String, Vec<[f32; 2]>)>,
    /// Tracks.
    pub points: Vec<TrackPoint>,
    /// The same by subject: one name for all that feeds see of a thing, and one place.
    pub subjects: Vec<TrackPoint>,
    /// Events.
    pub events: Vec<Event>,
    /// Alerts.
    pub alerts: Vec<Alert>,
    /// What is known of sources of gas.
    pub emissions: Vec<EmissionMap>,
}

/// The gate and the stages behind it; one instance per run.
pub struct Junction {
    gate: Gate,
    fuse: Fuse,
    activity: Activity,
    feeds: Vec<Feed>,
    frame: LocalFrame,
    last: Micros,
    watching: Option<Watching>,
}

struct Feed {
    id: String,
    sensor: atalaya_model::operation::SensorKind,
    unplaced: bool,
    anchor: Option<u32>,
    /// Zones outlined on a frame that has not come yet.
    drawn: Vec<ZoneConfig>,
    /// Those that have come, in the pixels that the picture is anchored to.
    carried: Vec<(String, Polygon)>,
    /// Of a gas feed.
    gas: Option<GasStage>,
    /// Of ground sensors: an object is not said again before so many seconds of silence.
    quiet_s: f64,
}

impl Feed {
    /// The carried zones in a frame with this map; one that reaches beyond the horizon is left out.
    fn outlines(&self, map: &Homography) -> Vec<(String, Vec<[f32; 2]>)> {
        let Some(back) = map.inverse() else {
            return Vec::new();
        };
        let outline = |p: &Polygon| -> Option<Vec<[f32; 2]>> {
            let points = p.vertices().iter();
            points
                .map(|v| back.apply(*v).map(|px| [px.x as f32, px.y as f32]))
                .collect()
        };
        let carried = self.carried.iter();
        carried
            .filter_map(|(id, p)| Some((id.clone(), outline(p)?)))
            .collect()
    }
}

impl Junction {
    /// For a run of the operation.
    pub fn new(context: &Context) -> Result<Self, EngineError> {
        let op = &context.operation;
        let feeds = op
            .feeds
            .iter()
            .enumerate()
            .map(|(i, f)| Feed {
                gas: (f.kind() == FeedKind::Gas)
                    .then(|| GasStage::new(context, FeedIx(i as u16)))
                    .flatten(),
                quiet_s: f.ground.clone().unwrap_or_default().quiet_s,
                id: f.id.clone(),
                sensor: f.sensor,
                unplaced: f.unplaced,
                anchor: None,
                drawn: op
                    .site
                    .zones
                    .iter()
                    .filter(|z| z.drawn.as_ref().is_some_and(|d| d.feed == f.id))
                    .cloned()
                    .collect(),
                carried: Vec::new(),
            })
            .collect();
        Ok(Self {
            gate: context.gate()?,
            fuse: Fuse::new(FuseSettings::default(), context.frame.clone()),
            activity: Activity::new(op, context.frame.clone()),
            frame: context.frame.clone(),
            feeds,
            last: Micros::MIN,
            watching: context.watch.as_ref().map(Watching::new),
        })
    }

    /// The gate with its tallies.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The next in total order.
    pub fn take(&mut self, input: &Stamped<Item>) -> Passed {
        let mut passed = match &input.body {
            Item::Frame(a) => self.push(&input.with(&**a)),
            Item::Sensed(s) => self.sense(input.with(()), s),
        };
        self.watch(&mut passed);
        passed
    }

    /// What the armed watch document finds in it.
    fn watch(&mut self, passed: &mut Passed) {
        if let Some(watching) = &mut self.watching {
            watching.apply(self.last, &self.activity, passed);
        }
    }

    /// The next word of a sensor that is not a camera, in total order.
    fn sense(&mut self, at: Stamped<()>, sensed: &Sensed) -> Passed {
        self.last = self.last.max(at.t);
        let mut passed = Passed::default();
        match sensed {
            Sensed::Gas(sample) => {
                let Some(feed) = self.feeds.get_mut(usize::from(at.feed.0)) else {
                    return passed;
                };
                let Some(stage) = &mut feed.gas else {
                    return passed;
                };
                let places = stage.places(sample);
                let verdict = self.gate.sample(feed.sensor, sample.t, &places);
                if self.gate.count(verdict).is_err() {
                    return passed;
                }
                if let Some(map) = stage.push(sample) {
                    self.emission(&at, map, &mut passed);
                }
            }
            Sensed::Cue(cue) => self.cue(&at, cue, &mut passed),
        }
        passed
    }

    /// An estimate passes when its source, if there is one, lies where the authority reaches.
    fn emission(&mut self, at: &Stamped<()>, map: EmissionMap, passed: &mut Passed) {
        if let Some(place) = map.lon_lat {
            let [a, b, c, d] = map.cov;
            let source = self.local(place);
            let verdict = self.gate.source(map.t, source, &Cov2::new(a, b, c, d));
            if self.gate.count(verdict).is_err() {
                return;
            }
        }
        let mut out = Vec::new();
        let input = Stamped {
            t: map.t,
            ..at.with(map)
        };
        self.activity.emission(&input, &mut out);
        passed.emissions.push(input.body);
        sort_out(out, passed);
    }

    fn cue(&mut self, at: &Stamped<()>, cue: &Cue, passed: &mut Passed) {
        let place = self.local(cue.lon_lat);
        let [a, b, c, d] = cue.cov;
        let verdict = self
            .gate
            .cue(cue.t, cue.class, place, &Cov2::new(a, b, c, d));
        if self.gate.count(verdict).is_err() {
            return;
        }
        let Some(feed) = self.feeds.get(usize::from(at.feed.0)) else {
            return;
        };
        let fix = CueFix {
            feed: feed.id.clone(),
            at: place,
            quiet_s: feed.quiet_s,
            cue: cue.clone(),
        };
        let mut out = Vec::new();
        self.activity.cue(&at.with(fix), &mut out);
        sort_out(out, passed);
    }

    fn local(&self, [lon, lat]: [f64; 2]) -> Vector2<f64> {
        let height = self.frame.origin().hae_m;
        self.frame
            .to_enu(&Geodetic::from_degrees(lat, lon, height))
            .xy()
    }

    fn push(&mut self, input: &Stamped<&Analysed>) -> Passed {
        self.last = self.last.max(input.t);
        let mut passed = Passed::default();
        let Some(feed) = self.feeds.get_mut(usize::from(input.feed.0)) else {
            return passed;
        };
        let a = input.body;
        let mut out = Vec::new();
        // Zones outlined on a frame live as long as the pixels they were outlined in.
        if feed.anchor.is_some_and(|anchor| anchor != a.tracks.anchor) {
            self.activity.suspend(&input.with(input.feed), &mut out);
            feed.carried.clear();
        }
        feed.anchor = Some(a.tracks.anchor);
        if let Some(map) = &a.tracks.map
            && !a.placed
        {
            let due = |z: &ZoneConfig| z.drawn.as_ref().is_some_and(|d| d.frame <= a.frame);
            for zone in feed.drawn.extract_if(.., |z| due(z)) {
                let outline = zone.drawn.iter().flat_map(|d| &d.polygon);
                let points: Option<Vec<_>> = outline
                    .map(|[x, y]| map.apply(Vector2::new(*x, *y)))
                    .collect();
                if let Some(outline) = points.and_then(Polygon::new) {
                    feed.carried.push((zone.id.clone(), outline.clone()));
                    self.activity.draw_zone(input.feed, &zone, outline);
                }
            }
            passed.drawn = feed.outlines(map);
        }
        if let Some(coverage) = &a.tracks.coverage {
            passed.shown = self
                .gate
                .frame(feed.sensor, feed.unplaced, input.t, coverage)
                .is_ok();
            if passed.shown {
                self.activity.cover(&input.with(coverage.clone()), &mut out);
                passed.coverage = Some(coverage.clone());
            }
        }
        if passed.shown {
            if let Some(errors) = &a.tracks.errors {
                self.fuse.hear(&input.with(errors));
            }
            for point in &a.tracks.points {
                if self
                    .gate
                    .point(feed.sensor, feed.unplaced, input.t, point)
                    .is_err()
                {
                    continue;
                }
                if let Some(fused) = self.fuse.push(&input.with(point.clone())) {
                    if let Some(double) = fused.renamed {
                        self.activity.forget(double);
                    }
                    let fix = TrackFix {
                        feed: feed.id.clone(),
                        point: fused.named(),
                    };
                    passed.subjects.push(fix.point.clone());
                    self.activity.push(&input.with(fix), &mut out);
                }
                passed.points.push(point.clone());
            }
        }
        let over = self.fuse.advance(input.t);
        self.end(over, &mut out);
        sort_out(out, &mut passed);
        passed
    }

    /// Tells activity of subjects that are over.
    fn end(&mut self, over: Vec<Stamped<Fused>>, out: &mut Vec<Stamped<ActivityOut>>) {
        for o in over {
            let feed = self.feeds.get(usize::from(o.feed.0));
            let fix = TrackFix {
                feed: feed.map_or_else(String::new, |f| f.id.clone()),
                point: o.body.named(),
            };
            self.activity.push(&o.with(fix), out);
        }
    }

    /// The end of the run.
    pub fn finish(&mut self) -> Passed {
        let mut out = Vec::new();
        let mut passed = Passed::default();
        if self.last > Micros::MIN {
            let end = Stamped {
                t: self.last,
                feed: FeedIx(0),
                seq: u64::MAX,
                body: (),
            };
            for i in 0..self.feeds.len() {
                let map = self.feeds[i].gas.as_mut().and_then(GasStage::finish);
                if let Some(map) = map {
                    self.emission(&end.with(()), map, &mut passed);
                }
            }
            let over = self.fuse.finish(self.last);
            self.end(over, &mut out);
            self.activity.finish(&end, &mut out);
        }
        sort_out(out, &mut passed);
        if self.last > Micros::MIN {
            self.watch(&mut passed);
        }
        passed
    }
}

fn sort_out(out: Vec<Stamped<ActivityOut>>, passed: &mut Passed) {
    for o in out {
        match o.body {
            ActivityOut::Event(e) => passed.events.push(e),
            ActivityOut::Alert(a) => passed.alerts.push(a),
        }
    }
}
