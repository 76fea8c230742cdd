//! An operation with what follows from it.

use crate::error::EngineError;
use crate::reference::SiteReference;
use crate::settings::{EngineSettings, hex};
use crate::watching::Armed;
use atalaya_authority::Gate;
use atalaya_geo::geoid::undulation_m;
use atalaya_geo::{Geodetic, LocalFrame, Vector2, Vector3};
use atalaya_model::{Micros, North, Operation, PlatformState, VerticalDatum};
use atalaya_track::Pointing;
use sha2::{Digest, Sha256};
use std::path::Path;

/// An operation, the local frame all its positions are in, and the settings it runs with.
#[derive(Clone, Debug)]
pub struct Context {
    /// The document.
    pub operation: Operation,
    /// East-north-up about the middle of the authority's area, at the height of the ground.
    pub frame: LocalFrame,
    /// Settings.
    pub settings: EngineSettings,
    /// [`EngineSettings::hash`], and of the reference if there is one.
    pub hash: String,
    /// The picture of the ground that the document names, once it is read
    /// ([`Context::with_reference`]).
    pub reference: Option<SiteReference>,
    /// The watch document that is armed.
    pub watch: Option<Armed>,
}

impl Context {
    /// Checks that the authority can be applied, and fixes the frame.
    pub fn new(operation: Operation, settings: EngineSettings) -> Result<Self, EngineError> {
        let area = &operation.authority.area;
        let n = area.len().max(1) as f64;
        let lon = area.iter().map(|p| p[0]).sum::<f64>() / n;
        let lat = area.iter().map(|p| p[1]).sum::<f64>() / n;
        let ground = operation.site.ground_m.unwrap_or(0.0);
        let frame = LocalFrame::new(Geodetic::from_degrees(lat, lon, ground));
        Gate::new(&operation, &frame)?;
        let hash = settings.hash(&operation);
        Ok(Self {
            operation,
            frame,
            settings,
            hash,
            reference: None,
            watch: None,
        })
    }

    /// Reads the reference that the document names, if it does; its file is relative to `base`.
    pub fn with_reference(mut self, base: &Path) -> Result<Self, EngineError> {
        if let Some(config) = &self.operation.site.reference {
            let reference = SiteReference::open(config, &self.operation, base)?;
            let both = format!("{} {}", self.hash, reference.sha256);
            self.hash = hex(&Sha256::digest(both));
            self.reference = Some(reference);
        }
        Ok(self)
    }

    /// With a watch document, whose alerts come beside those of the operation's rules. It is kept
    /// beside a live run, and is not part of the hash.
    pub fn with_watch(mut self, armed: Option<Armed>) -> Self {
        self.watch = armed;
        self
    }

    /// A fresh gate.
    pub fn gate(&self) -> Result<Gate, EngineError> {
        Ok(Gate::new(&self.operation, &self.frame)?)
    }

    /// Where metadata say that a picture lies. The ground is where the operation says; else where
    /// the metadata's frame centre or slant range put it. `None` when they don't say enough.
    pub fn pointing(&self, p: &PlatformState, size: (u32, u32)) -> Option<Pointing> {
        // The document's height is in the metadata's datum; the camera is above the ellipsoid.
        let up = self.operation.site.ground_m.map(|_| match p.datum {
            Some(VerticalDatum::Msl) => {
                let at = self.frame.origin();
                undulation_m(at.lat, at.lon)
            }
            Some(VerticalDatum::Hae) | None => 0.0,
        });
        pointing(&self.frame, up, p, size)
    }

    /// From where a feed's metadata count headings and azimuths.
    pub fn north_of(&self, feed: usize) -> North {
        let feed = self.operation.feeds.get(feed);
        feed.map(|f| f.north).unwrap_or_default()
    }

    /// Event time at which a feed without time of its own starts.
    pub fn start_of(&self, feed: usize) -> Option<Micros> {
        let start = self.operation.feeds.get(feed)?.start.as_deref()?;
        Micros::parse_rfc3339(start)
    }
}

/// Where metadata say that a picture lies in a local frame. `up` is the height of the ground there,
/// metres; without it the metadata's frame centre or slant range tell it.
pub fn pointing(
    frame: &LocalFrame,
    up: Option<f64>,
    p: &PlatformState,
    size: (u32, u32),
) -> Option<Pointing> {
    let camera = p.camera(frame, size).and_then(Result::ok);
    let up = if up.is_some() {
        up
    } else if let Some((lat, lon, Some(height))) = p.frame_centre {
        let g = Geodetic {
            lat,
            lon,
            hae_m: height,
        };
        Some(frame.to_enu(&g).z)
    } else if let (Some(c), Some(range)) = (&camera, p.slant_range_m) {
        Some((c.position + c.to_local * Vector3::new(0.0, 0.0, range)).z)
    } else {
        None
    };
    let height = frame.origin().hae_m + up.unwrap_or(0.0);
    let corners = p.corners.map(|c| {
        c.map(|(lat, lon)| {
            let g = Geodetic {
                lat,
                lon,
                hae_m: height,
            };
            let v = frame.to_enu(&g);
            Vector2::new(v.x, v.y)
        })
    });
    let up = up.or(corners.map(|_| 0.0))?;
    (camera.is_some() || corners.is_some()).then_some(Pointing {
        camera,
        corners,
        up,
    })
}
