//! XML to events. Anything from outside is hostile: sizes are bounded and entities not expanded.

use crate::{CotEvent, CotPoint};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Largest document read, bytes.
const MAX_BYTES: usize = 1 << 16;

/// Why a document is no event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CotError {
    /// Too large.
    #[error("the document has {0} bytes, more than {MAX_BYTES}; refused")]
    Size(usize),
    /// Not XML.
    #[error("not XML: {0}")]
    Xml(String),
    /// Something is missing or no number.
    #[error("{0}")]
    Content(String),
}

impl CotEvent {
    /// Reads one document.
    pub fn parse(xml: &str) -> Result<Self, CotError> {
        if xml.len() > MAX_BYTES {
            return Err(CotError::Size(xml.len()));
        }
        let mut reader = Reader::from_str(xml);
        let mut event: Option<Self> = None;
        let mut point = None;
        let mut text_of_remarks = false;
        loop {
            let next = reader
                .read_event()
                .map_err(|e| CotError::Xml(e.to_string()))?;
            match next {
                Event::Start(e) | Event::Empty(e) => match e.local_name().as_ref() {
                    "event" => event = Some(head(&e)?),
                    "point" => point = Some(place(&e)?),
                    "contact" => set(&mut event, |v| {
                        v.callsign = attribute(&e, "callsign").ok();
                    }),
                    "track" => {
                        let course = number(&e, "course").ok();
                        let speed = number(&e, "speed").ok();
                        set(&mut event, |v| {
                            v.course_deg = course;
                            v.speed_m_s = speed;
                        });
                    }
                    "remarks" => text_of_remarks = true,
                    _ => {}
                },
                Event::Text(t) if text_of_remarks => {
                    let text: &str = t.as_ref();
                    set(&mut event, |v| {
                        v.remarks.get_or_insert_default().push_str(text);
                    });
                }
                Event::GeneralRef(r) if text_of_remarks => {
                    let c = match r.as_ref() {
                        "amp" => '&',
                        "lt" => '<',
                        "gt" => '>',
                        "quot" => '"',
                        "apos" => '\'',
                        _ => continue,
                    };
                    set(&mut event, |v| v.remarks.get_or_insert_default().push(c));
                }
                Event::End(e) if e.local_name().as_ref() == "remarks" => text_of_remarks = false,
                Event::DocType(_) => {
                    return Err(CotError::Content("a document type is not allowed".into()));
                }
                Event::Eof => break,
                _ => {}
            }
        }
        let mut event = event.ok_or_else(|| CotError::Content("there is no event".into()))?;
        event.point = point.ok_or_else(|| CotError::Content("the event has no point".into()))?;
        Ok(event)
    }
}

fn set(event: &mut Option<CotEvent>, change: impl FnOnce(&mut CotEvent)) {
    if let Some(e) = event {
        change(e);
    }
}

fn attribute(e: &BytesStart<'_>, name: &str) -> Result<String, CotError> {
    let found = e
        .try_get_attribute(name)
        .map_err(|e| CotError::Xml(e.to_string()))?
        .ok_or_else(|| CotError::Content(format!("attribute '{name}' is missing")))?;
    quick_xml::escape::unescape(&found.value)
        .map(|v| v.into_owned())
        .map_err(|e| CotError::Xml(e.to_string()))
}

fn number(e: &BytesStart<'_>, name: &str) -> Result<f64, CotError> {
    let text = attribute(e, name)?;
    text.parse()
        .ok()
        .filter(|v: &f64| v.is_finite())
        .ok_or_else(|| CotError::Content(format!("'{text}' of '{name}' is not a number")))
}

fn head(e: &BytesStart<'_>) -> Result<CotEvent, CotError> {
    Ok(CotEvent {
        uid: attribute(e, "uid")?,
        kind: attribute(e, "type")?,
        how: attribute(e, "how")?,
        time: attribute(e, "time")?,
        start: attribute(e, "start")?,
        stale: attribute(e, "stale")?,
        point: CotPoint {
            lat: 0.0,
            lon: 0.0,
            hae: CotPoint::UNKNOWN,
            ce: CotPoint::UNKNOWN,
            le: CotPoint::UNKNOWN,
        },
        callsign: None,
        course_deg: None,
        speed_m_s: None,
        remarks: None,
    })
}

fn place(e: &BytesStart<'_>) -> Result<CotPoint, CotError> {
    let p = CotPoint {
        lat: number(e, "lat")?,
        lon: number(e, "lon")?,
        hae: number(e, "hae")?,
        ce: number(e, "ce")?,
        le: number(e, "le")?,
    };
    if p.lat.abs() > 90.0 || p.lon.abs() > 180.0 {
        return Err(CotError::Content(format!(
            "{}, {} is not a place",
            p.lat, p.lon
        )));
    }
    Ok(p)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> CotEvent {
        CotEvent {
            uid: "a\"<&'b".into(),
            kind: "b-a-g".into(),
            how: "m-f".into(),
            time: "2026-11-22T05:12:00Z".into(),
            start: "2026-11-22T05:12:00Z".into(),
            stale: "2026-11-22T05:13:00Z".into(),
            point: CotPoint {
                lat: 40.25,
                lon: -3.5,
                hae: 650.0,
                ce: 2.5,
                le: CotPoint::UNKNOWN,
            },
            callsign: Some("camión <A17>".into()),
            course_deg: None,
            speed_m_s: Some(3.5),
            remarks: Some("stays > 30 s & waits".into()),
        }
    }

    #[test]
    fn hostile_characters_round_trip() {
        assert_eq!(CotEvent::parse(&event().to_xml()).unwrap(), event());
    }

    #[test]
    fn bad_documents_are_refused_in_words() {
        let say = |xml: &str| CotEvent::parse(xml).unwrap_err().to_string();
        assert_eq!(say("<x/>"), "there is no event");
        assert!(say("<event uid='a'").starts_with("not XML"));
        assert_eq!(say("<event uid='a'/>"), "attribute 'type' is missing");
        let xml = event().to_xml().replace("40.25", "94.25");
        assert!(say(&xml).ends_with("is not a place"));
        assert!(say("<!DOCTYPE a [<!ENTITY b 'c'>]><event/>").contains("document type"));
        assert!(say(&" ".repeat(MAX_BYTES + 1)).contains("refused"));
    }
}
