//! `[[aircraft]]`: whose own word about where they are is listened to.

use super::parse::check_name;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// An aircraft that says over MAVLink where it is. Only listened to: `atalaya fly` is what sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AircraftConfig {
    /// Short name, used on the map.
    pub id: String,
    /// `udpin:0.0.0.0:14550`, `udpout:HOST:PORT` or `tcp:HOST:PORT`.
    pub link: String,
    /// Its MAVLink system number; the first that is heard where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<u8>,
    /// File with its signing key (32 bytes or 64 hexadecimal digits), relative to this document: then
    /// only what is signed with it is heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_key: Option<PathBuf>,
    /// Plan that it flies or is going to (`atalaya plan`), relative to this document: drawn on the map,
    /// with what its certificate says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PathBuf>,
}

/// Most aircraft of an operation.
const MOST: usize = 64;

/// Checks them all; gives the place in the list, the key and what is wrong.
pub(super) fn check(all: &[AircraftConfig]) -> Result<(), (usize, &'static str, String)> {
    for (i, a) in all.iter().enumerate() {
        check_name(&a.id).map_err(|e| (i, "id", e))?;
        if i >= MOST {
            return Err((i, "id", format!("more than {MOST} aircraft; name fewer")));
        }
        if all[..i].iter().any(|b| b.id == a.id) {
            let what = format!("aircraft '{}' is there twice; give each its own id", a.id);
            return Err((i, "id", what));
        }
        let kinds = ["udpin:", "udpout:", "tcp:"];
        if !kinds.iter().any(|k| a.link.starts_with(k)) {
            let what = format!(
                "'{}' is not a link; write udpin:0.0.0.0:14550, udpout:HOST:14550 or tcp:HOST:5760",
                a.link
            );
            return Err((i, "link", what));
        }
        if a.system == Some(0) || a.system > Some(250) {
            return Err((i, "system", "give a system from 1 to 250".into()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_aircraft_says_where_and_why() {
        let good = AircraftConfig {
            id: "eagle".into(),
            link: "udpin:0.0.0.0:14550".into(),
            system: Some(3),
            sign_key: None,
            plan: None,
        };
        assert_eq!(check(std::slice::from_ref(&good)), Ok(()));
        let with = |f: &dyn Fn(&mut AircraftConfig)| {
            let mut a = good.clone();
            a.id = "heron".into();
            f(&mut a);
            check(&[good.clone(), a]).unwrap_err()
        };
        let (i, key, what) = with(&|a| a.id = "eagle".into());
        assert!(i == 1 && key == "id" && what.contains("there twice"));
        let (_, key, what) = with(&|a| a.link = "serial:/dev/x".into());
        assert!(key == "link" && what.contains("write udpin:"));
        assert_eq!(with(&|a| a.system = Some(0)).1, "system");
        assert_eq!(with(&|a| a.id = "../x".into()).1, "id");
    }
}
