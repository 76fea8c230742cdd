//! Events to XML.

use crate::CotEvent;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

impl CotEvent {
    /// One document, without a line break, as TAK servers and clients read it over UDP and TCP.
    pub fn to_xml(&self) -> String {
        let mut buffer = Vec::with_capacity(512);
        // A vector never refuses bytes.
        let _ = self.write(&mut Writer::new(&mut buffer));
        String::from_utf8_lossy(&buffer).into_owned()
    }

    fn write(&self, w: &mut Writer<&mut Vec<u8>>) -> std::io::Result<()> {
        w.write_event(Event::Decl(BytesDecl::new(
            "1.0",
            Some("UTF-8"),
            Some("yes"),
        )))?;
        let number = |v: f64| format!("{v}");
        w.create_element("event")
            .with_attribute(("version", "2.0"))
            .with_attribute(("uid", self.uid.as_str()))
            .with_attribute(("type", self.kind.as_str()))
            .with_attribute(("time", self.time.as_str()))
            .with_attribute(("start", self.start.as_str()))
            .with_attribute(("stale", self.stale.as_str()))
            .with_attribute(("how", self.how.as_str()))
            .write_inner_content(|w| {
                let p = &self.point;
                w.create_element("point")
                    .with_attribute(("lat", format!("{:.7}", p.lat).as_str()))
                    .with_attribute(("lon", format!("{:.7}", p.lon).as_str()))
                    .with_attribute(("hae", number(p.hae).as_str()))
                    .with_attribute(("ce", number(p.ce).as_str()))
                    .with_attribute(("le", number(p.le).as_str()))
                    .write_empty()?;
                w.create_element("detail").write_inner_content(|w| {
                    if let Some(c) = &self.callsign {
                        w.create_element("contact")
                            .with_attribute(("callsign", c.as_str()))
                            .write_empty()?;
                    }
                    if self.course_deg.is_some() || self.speed_m_s.is_some() {
                        let mut track = w.create_element("track");
                        if let Some(c) = self.course_deg {
                            track = track.with_attribute(("course", number(c).as_str()));
                        }
                        if let Some(s) = self.speed_m_s {
                            track = track.with_attribute(("speed", number(s).as_str()));
                        }
                        track.write_empty()?;
                    }
                    if let Some(r) = &self.remarks {
                        w.create_element("remarks")
                            .write_text_content(BytesText::new(r))?;
                    }
                    Ok(())
                })?;
                Ok(())
            })?;
        Ok(())
    }
}
