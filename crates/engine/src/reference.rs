//! The picture of the ground that an operation names, and what looking for frames on it has come to.

use crate::error::EngineError;
use crate::settings::hex;
use atalaya_geo::{Georeference, Ortho};
use atalaya_model::operation::ReferenceImage;
use atalaya_model::{Operation, ReferenceFit};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// Largest file, bytes.
const MOST_BYTES: u64 = 1 << 30;
/// Most looks whose outcome is kept.
const FITS: usize = 100;

/// An orthophoto, ready for vision and tracking.
#[derive(Clone)]
pub struct SiteReference {
    /// What vision looks at.
    pub picture: Arc<atalaya_vision::Reference>,
    /// Where it lies.
    pub place: Georeference,
    /// How well that is known, metres per axis.
    pub sigma_m: f64,
    /// SHA-256 of the file in hex.
    pub sha256: String,
}

impl fmt::Debug for SiteReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SiteReference")
            .field("place", &self.place)
            .field("sigma_m", &self.sigma_m)
            .field("sha256", &self.sha256)
            .finish_non_exhaustive()
    }
}

impl SiteReference {
    /// Reads it; its file is relative to `base`. One that lies nowhere in the authority's area is a mistake.
    pub fn open(
        config: &ReferenceImage,
        operation: &Operation,
        base: &Path,
    ) -> Result<Self, EngineError> {
        let path = base.join(&config.image);
        let fail = |why: String| EngineError::File {
            path: path.clone(),
            why: format!("can't be the reference: {why}"),
        };
        let file = File::open(&path).map_err(|e| EngineError::io(&path, &e))?;
        let mut bytes = Vec::new();
        file.take(MOST_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| EngineError::io(&path, &e))?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(fail(
                "it is larger than 1 GiB; cut it with gdalwarp -te".into(),
            ));
        }
        let ortho = Ortho::read(&bytes).map_err(|e| fail(e.to_string()))?;
        if !touches(&ortho, operation) {
            return Err(fail(
                "it shows nothing of the authority's area; check its coordinates with gdalinfo"
                    .into(),
            ));
        }
        let picture = atalaya_vision::Reference::new(ortho.width, ortho.height, ortho.luma);
        Ok(Self {
            picture: Arc::new(picture.ok_or_else(|| fail("it is empty".into()))?),
            place: ortho.place,
            sigma_m: config.sigma_m,
            sha256: hex(&Sha256::digest(&bytes)),
        })
    }
}

/// The rectangles about both overlap.
fn touches(ortho: &Ortho, operation: &Operation) -> bool {
    let at = operation
        .authority
        .area
        .iter()
        .map(|[lon, lat]| ortho.place.pixel(lat.to_radians(), lon.to_radians()));
    let none = (f64::INFINITY, f64::NEG_INFINITY);
    let (x, y) = at.fold((none, none), |(x, y), (c, r)| {
        ((x.0.min(c), x.1.max(c)), (y.0.min(r), y.1.max(r)))
    });
    let over = |v: (f64, f64), n: usize| v.0 < n as f64 && v.1 > 0.0;
    over(x, ortho.width) && over(y, ortho.height)
}

/// What looking for a feed's frames on the reference has come to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Registrations {
    /// Frames that were looked for.
    pub looks: u64,
    /// Those that were found, and believed.
    pub taken: u64,
    /// Those that were found where the stated errors can't put them, and not believed.
    pub doubted: u64,
    /// What became of them (the first hundred).
    pub fits: Vec<ReferenceFit>,
}

impl Registrations {
    /// Counts a look.
    pub fn add(&mut self, fit: &ReferenceFit) {
        self.looks += 1;
        self.taken += u64::from(fit.taken);
        self.doubted += u64::from(fit.off_m.is_some() && !fit.taken);
        if self.fits.len() < FITS {
            self.fits.push(fit.clone());
        }
    }

    /// What a reader must know.
    pub fn remark(&self) -> Option<String> {
        let looks = self.looks;
        let first = self.fits.iter().find(|f| f.taken);
        match (
            first.and_then(|f| Some((f.off_m?, f.sigma_m?))),
            self.doubted,
        ) {
            (Some((off, [before, after])), _) => Some(format!(
                "it was recognised on the reference {} of {looks} times; at first its places were {off:.1} m beside it, and their common error went from {before:.1} to {after:.1} m per axis",
                self.taken
            )),
            (None, 0) if looks > 0 => Some(format!(
                "it was not recognised on the reference in {looks} looks, and places keep the metadata's errors; is the reference of this ground, sharp enough, and of the same kind of picture?"
            )),
            (None, n) if n > 0 => Some(format!(
                "it was found {n} times on the reference, but further off than the stated errors can put it, and that was not believed; check sigma_m of the reference and errors of the feed"
            )),
            _ => None,
        }
    }
}

/// Tells the log what became of a look at a live feed's frame.
pub fn tell(feed: &str, fit: &ReferenceFit) {
    let (found, tried) = (fit.found, fit.tried);
    match (fit.taken, fit.off_m) {
        (true, off_m) => {
            tracing::info!(feed, found, tried, off_m, sigma_m = ?fit.sigma_m, "registered to the reference")
        }
        (false, Some(off_m)) => tracing::warn!(
            feed,
            found,
            tried,
            off_m,
            "found on the reference further off than stated errors can put it; not believed"
        ),
        (false, None) => tracing::debug!(feed, tried, "not recognised on the reference"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use atalaya_model::Micros;

    #[test]
    fn what_it_came_to_is_said_as_it_was() {
        let fit = |found, off_m, taken| ReferenceFit {
            time: Micros(0),
            found,
            tried: 30,
            off_m,
            taken,
            sigma_m: off_m.map(|_| [2.0, 0.6]),
        };
        let mut r = Registrations::default();
        assert_eq!(r.remark(), None);
        r.add(&fit(0, None, false));
        assert!(
            r.remark()
                .unwrap()
                .contains("not recognised on the reference in 1 looks")
        );
        r.add(&fit(20, Some(40.0), false));
        assert!(r.remark().unwrap().contains("found 1 times"));
        r.add(&fit(25, Some(3.04), true));
        let said = r.remark().unwrap();
        assert!(
            said.contains("1 of 3 times") && said.contains("3.0 m beside it"),
            "{said}"
        );
        assert_eq!((r.looks, r.taken, r.doubted, r.fits.len()), (3, 1, 1, 3));
    }
}
