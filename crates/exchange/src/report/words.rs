//! The report's words, English and Spanish side by side.

use atalaya_model::{Class, EventKind, Severity};

/// The reader's language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Spanish.
    Es,
}

macro_rules! words {
    ($($key:ident: $en:literal / $es:literal,)*) => {
        /// What the report says; `{}` stands for a value, one after the other.
        pub(super) struct Words { $(pub $key: &'static str,)* }

        const EN: Words = Words { $($key: $en,)* };
        const ES: Words = Words { $($key: $es,)* };

        #[cfg(test)]
        const ALL: &[(&str, &str, &str)] = &[$((stringify!($key), $en, $es),)*];
    };
}

words! {
    lang: "en" / "es",
    report: "Operation report" / "Informe de la operación",
    simulated: "SIMULATED" / "SIMULADO",
    simulated_note: "This world does not exist: training, rehearsal or acceptance."
        / "Este mundo no existe: instrucción, ensayo o aceptación.",
    period: "Observed" / "Observado",
    to: "to" / "a",
    utc_note: "All times are UTC." / "Todas las horas son UTC.",
    no_time: "no frame was received" / "no se recibió ningún fotograma",
    // authority
    authority: "Authority" / "Autorización",
    issuer: "Issued by" / "Emitida por",
    legal_basis: "Legal basis" / "Base legal",
    reference: "Reference" / "Referencia",
    purpose: "Purpose" / "Finalidad",
    window: "Valid" / "Vigencia",
    sensors: "Sensors" / "Sensores",
    objects: "May be followed" / "Se puede seguir a",
    retention: "Kept" / "Conservación",
    retention_value: "bystanders {} h, evidence {} days" / "terceros {} h, pruebas {} días",
    object_vehicle: "vehicles" / "vehículos",
    object_person: "persons (anonymous)" / "personas (anónimas)",
    object_unknown: "not told apart" / "sin identificar",
    sensor_eo: "visible light" / "luz visible",
    sensor_ir: "thermal" / "térmico",
    sensor_gas: "gas sensor" / "sensor de gases",
    sensor_ground: "ground sensor" / "sensor terrestre",
    // summary
    summary: "In one paragraph" / "En un párrafo",
    sum_period: "From {} to {} UTC the site “{}” was watched by {} for {}."
        / "De {} a {} UTC se vigiló el sitio «{}» con {} durante {}.",
    feed_one: "1 feed" / "1 fuente",
    feed_many: "{} feeds" / "{} fuentes",
    sum_nothing: "Nobody was seen to enter, stay in or leave a zone."
        / "No se vio a nadie entrar, permanecer ni salir de ninguna zona.",
    sum_visits: "There were {} ({})." / "Hubo {} ({}).",
    visit_one: "1 visit to a zone" / "1 visita a una zona",
    visit_many: "{} visits to zones" / "{} visitas a zonas",
    sum_moves: "Arrivals seen: {}; departures seen: {}." / "Llegadas vistas: {}; salidas vistas: {}.",
    sum_open: "Of {} it is not known where the visitor came from, of {} whether it left."
        / "En {} no se sabe de dónde venía el visitante; en {}, si se marchó.",
    sum_longest: "The longest stay was {} in {}: {}." / "Estancia más larga: {} en {}, {}.",
    at_least: "at least {}" / "al menos {}",
    sum_alert_none: "No watch rule raised an alert." / "Ninguna regla de vigilancia generó alertas.",
    sum_alert_one: "One alert was raised: {}." / "Se generó una alerta: {}.",
    sum_alert_many: "{} alerts were raised, the first at {}: {}."
        / "Se generaron {} alertas, la primera a las {}: {}.",
    sum_gaps: "Zones were out of view {} for {} in all; what was not seen is not known to be absent."
        / "Las zonas quedaron fuera de la vista {}, {} en total; lo que no se vio no consta como ausente.",
    time_one: "once" / "una vez",
    time_many: "{} times" / "{} veces",
    // tiles and the table of classes
    alerts: "Alerts" / "Alertas",
    visits: "Visits" / "Visitas",
    arrivals: "Arrivals" / "Llegadas",
    departures: "Departures" / "Salidas",
    longest: "Longest stay" / "Estancia más larga",
    out_of_view: "Out of view" / "Sin ver",
    of_zones: "zones together" / "suma de zonas",
    class: "Class" / "Clase",
    tracks: "Tracks" / "Trazas",
    came_unseen: "First seen inside" / "Vistos ya dentro",
    left_unseen: "Last seen inside" / "Perdidos dentro",
    // alerts
    no_alerts: "No alerts." / "Ninguna alerta.",
    rule: "Rule" / "Regla",
    zone: "Zone" / "Zona",
    who: "Who" / "Quién",
    raised: "Raised" / "Generada",
    place: "Place" / "Lugar",
    state: "State" / "Estado",
    frame: "frame {}" / "fotograma {}",
    close_up: "close-up" / "detalle",
    no_still: "No picture is included; the evidence names the frames."
        / "No se incluye imagen; la prueba indica los fotogramas.",
    more_alerts: "{} more alerts are in alerts.jsonl." / "Hay {} alertas más en alerts.jsonl.",
    alert_dwell: "{} in {} for more than {}" / "{} en {} más de {}",
    alert_arrival: "{} came into {}" / "{} entró en {}",
    alert_departure: "{} left {}" / "{} salió de {}",
    state_open: "open" / "abierta",
    state_acknowledged: "acknowledged" / "atendida",
    state_rejected: "rejected" / "rechazada",
    state_closed: "closed" / "cerrada",
    state_expired: "expired" / "vencida",
    severity_info: "information" / "información",
    severity_warning: "warning" / "aviso",
    severity_critical: "critical" / "crítica",
    // events
    chronology: "What happened" / "Qué ocurrió",
    no_events: "No events." / "Ningún suceso.",
    time: "Time" / "Hora",
    what: "What" / "Qué",
    probability: "Prob." / "Prob.",
    reason: "Why" / "Por qué",
    picture: "Picture" / "Imagen",
    more_events: "{} more events are in events.jsonl." / "Hay {} sucesos más en events.jsonl.",
    kind_arrival: "arrival" / "llegada",
    kind_departure: "departure" / "salida",
    kind_appeared: "appeared" / "apareció",
    kind_lost: "lost" / "se perdió",
    kind_dwell: "long stay" / "estancia larga",
    kind_gap: "not observed" / "sin observar",
    kind_emission: "emission" / "emisión",
    kind_cue: "cue" / "aviso de sensor",
    kind_stop: "stops" / "se detiene",
    kind_start: "drives off" / "arranca",
    kind_turn_left: "turns left" / "gira a la izquierda",
    kind_turn_right: "turns right" / "gira a la derecha",
    kind_u_turn: "turns round" / "da la vuelta",
    kind_reverse: "goes backwards" / "va marcha atrás",
    kind_enter_vehicle: "gets into a vehicle" / "sube a un vehículo",
    kind_exit_vehicle: "gets out of a vehicle" / "baja de un vehículo",
    kind_enter_structure: "goes into a building" / "entra en un edificio",
    kind_exit_structure: "comes out of a building" / "sale de un edificio",
    kind_drop_off: "drops a person off" / "deja a una persona",
    kind_pick_up: "picks a person up" / "recoge a una persona",
    kind_load: "loading" / "carga",
    kind_unload: "unloading" / "descarga",
    kind_delivery: "delivery in" / "entrega",
    kind_shipment: "shipment out" / "envío",
    kind_meeting: "meeting" / "encuentro",
    kind_convoy: "vehicles in convoy" / "convoy",
    kind_handover: "handover between vehicles" / "traspaso entre vehículos",
    kind_turned_away: "turned away" / "dio media vuelta",
    kind_return: "here again" / "aquí de nuevo",
    kind_novelty: "out of routine" / "fuera de lo habitual",
    kind_change: "routine has changed" / "cambio de rutina",
    why_arrival: "seen outside the zone, then inside" / "se vio fuera de la zona y después dentro",
    why_departure: "seen beyond the exit margin for long enough"
        / "se vio más allá del margen de salida el tiempo suficiente",
    why_departure_unseen: "seen beyond the exit margin, then out of the picture"
        / "se vio más allá del margen de salida y después fuera de la imagen",
    why_appeared: "first seen inside; where it came from was not observed"
        / "visto por primera vez dentro; no se observó de dónde venía",
    why_lost: "last seen inside; whether it left was not observed"
        / "visto por última vez dentro; no se observó si salió",
    why_dwell: "inside for longer than the rule allows" / "dentro más tiempo del que fija la regla",
    why_emission: "{}: source of {} kg/h ({} to {}, 90 %)" / "{}: fuente de {} kg/h ({} a {}, 90 %)",
    why_cue: "ground sensor {}: look there" / "sensor terrestre {}: mire allí",
    why_gap: "the zone was not in view for {}" / "la zona no estuvo a la vista durante {}",
    class_unknown: "unknown" / "desconocido",
    class_person: "person" / "persona",
    class_car: "car" / "coche",
    class_pickup: "pickup" / "camioneta",
    class_truck: "truck" / "camión",
    class_other: "other" / "otro",
    // timeline
    timeline: "Timeline" / "Cronograma",
    timeline_note: "A bar is a stay in a zone, from when it was seen to begin to when it was seen to end. A jagged end is open: the coming or going was not observed. Hatched: the zone was out of view."
        / "Cada barra es una estancia en una zona, desde que se vio empezar hasta que se vio terminar. Un extremo dentado está abierto: no se observó la llegada o la salida. Rayado: la zona no estaba a la vista.",
    more_lanes: "+{} not drawn" / "+{} sin dibujar",
    legend_alert: "alert" / "alerta",
    legend_gap: "out of view" / "fuera de la vista",
    // map
    map: "Map" / "Mapa",
    map_note: "Local metres about {}, north up. Lighter ground was in the picture."
        / "Metros locales en torno a {}, norte arriba. El suelo más claro estuvo en la imagen.",
    no_map: "There is no map: nothing has a place on the ground."
        / "No hay mapa: nada tiene posición en el terreno.",
    no_look: "NO LOOK" / "NO MIRAR",
    area: "authorised area" / "área autorizada",
    north: "N" / "N",
    tracks_cut: "{} more tracks are in tracks.geojson." / "Hay {} trazas más en tracks.geojson.",
    footprint: "footprint" / "huella de la imagen",
    // not seen
    unseen: "What was not seen" / "Lo que no se vio",
    unseen_note: "Not observed is never absent." / "No observado no significa ausente.",
    unseen_nothing: "No feed failed and the gate refused nothing."
        / "Ninguna fuente falló y el control no rechazó nada.",
    gaps_zone: "Out of view" / "Fuera de la vista",
    gaps_share: "Share of the time" / "Parte del tiempo",
    gaps_longest: "Longest" / "Más largo",
    gaps_times: "Times" / "Veces",
    zones_table: "Zones" / "Zonas",
    feeds_table: "Feeds" / "Fuentes",
    no_gaps: "No zone on the ground was out of view for long."
        / "Ninguna zona del terreno estuvo mucho tiempo fuera de la vista.",
    unplaced_zones: "No feed was placed on the ground: whether a zone was in view is not known."
        / "Ninguna fuente se situó en el terreno: no se sabe si las zonas estaban a la vista.",
    feed_no_frame: "no frame could be decoded" / "no se pudo descodificar ningún fotograma",
    feed_no_position: "the video carries no position; tracks are in picture coordinates only"
        / "el vídeo no lleva posición; las trazas están solo en coordenadas de imagen",
    feed_partly: "{} of {} frames had no metadata in time (too old {}, absent {}) and are not placed by them"
        / "{} de {} fotogramas sin metadatos a tiempo (antiguos {}, ausentes {}); no se sitúan con ellos",
    feed_no_clock: "the video carries no time; times count from 1970-01-01"
        / "el vídeo no lleva hora; las horas cuentan desde 1970-01-01",
    feed_bad: "{} metadata packets had a bad checksum and were not used"
        / "{} paquetes de metadatos con suma errónea, no usados",
    feed_damaged: "{} packets or pictures were damaged" / "{} paquetes o imágenes dañados",
    feed_gaps: "the stream was interrupted: {}" / "la señal se interrumpió: {}",
    feed_shed: "{} frames were not analysed: they came too fast"
        / "{} fotogramas sin analizar: llegaron demasiado rápido",
    feed_lost: "the picture could not be followed: {}" / "no se pudo seguir la imagen: {}",
    gate: "The gate" / "El control",
    gate_note: "Refused because the authority does not reach there: counted, and dropped before anything was stored or shown."
        / "Rechazado porque la autorización no alcanza: se contó y se descartó antes de guardar o mostrar nada.",
    gate_frames: "Frames" / "Fotogramas",
    gate_points: "Track points" / "Puntos de traza",
    gate_passed: "passed" / "admitido",
    gate_window: "outside the time window" / "fuera del plazo",
    gate_sensor: "sensor not allowed" / "sensor no permitido",
    gate_object: "kind of object not allowed" / "tipo de objeto no permitido",
    gate_area: "outside the area" / "fuera del área",
    gate_no_look: "inside a no-look area" / "dentro de un área de no mirar",
    gate_unplaced: "without position" / "sin posición",
    remarks: "Remarks" / "Observaciones",
    as_recorded: "as recorded" / "tal como se registró",
    // evidence
    evidence: "Evidence" / "Pruebas",
    evidence_note: "The same recordings, operation and settings give the same results, byte for byte. Compare a recording with its SHA-256 to know that it was not altered."
        / "Las mismas grabaciones, operación y ajustes dan los mismos resultados, byte a byte. Compare cada grabación con su SHA-256 para saber que no se alteró.",
    feed: "Feed" / "Fuente",
    source: "Source" / "Origen",
    first_last: "First and last frame" / "Primer y último fotograma",
    frames: "Frames" / "Fotogramas",
    analysed: "analysed" / "analizados",
    placed: "placed" / "situados",
    hash_none: "not recorded" / "no registrado",
    settings: "Settings (hash)" / "Ajustes (hash)",
    version: "Atalaya version" / "Versión de Atalaya",
    operation_id: "Operation" / "Operación",
}

impl Language {
    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::En => &EN,
            Self::Es => &ES,
        }
    }
}

impl Words {
    pub(super) fn class(&self, class: Class) -> &'static str {
        match class {
            Class::Unknown => self.class_unknown,
            Class::Person => self.class_person,
            Class::Car => self.class_car,
            Class::Pickup => self.class_pickup,
            Class::Truck => self.class_truck,
            Class::Other => self.class_other,
        }
    }

    pub(super) fn kind(&self, kind: EventKind) -> &'static str {
        match kind {
            EventKind::Arrival => self.kind_arrival,
            EventKind::Departure => self.kind_departure,
            EventKind::Appeared => self.kind_appeared,
            EventKind::Lost => self.kind_lost,
            EventKind::Dwell => self.kind_dwell,
            EventKind::CoverageGap => self.kind_gap,
            EventKind::Emission => self.kind_emission,
            EventKind::Cue => self.kind_cue,
            EventKind::Stop => self.kind_stop,
            EventKind::Start => self.kind_start,
            EventKind::TurnLeft => self.kind_turn_left,
            EventKind::TurnRight => self.kind_turn_right,
            EventKind::UTurn => self.kind_u_turn,
            EventKind::Reverse => self.kind_reverse,
            EventKind::EnterVehicle => self.kind_enter_vehicle,
            EventKind::ExitVehicle => self.kind_exit_vehicle,
            EventKind::EnterStructure => self.kind_enter_structure,
            EventKind::ExitStructure => self.kind_exit_structure,
            EventKind::DropOff => self.kind_drop_off,
            EventKind::PickUp => self.kind_pick_up,
            EventKind::Load => self.kind_load,
            EventKind::Unload => self.kind_unload,
            EventKind::Delivery => self.kind_delivery,
            EventKind::Shipment => self.kind_shipment,
            EventKind::Meeting => self.kind_meeting,
            EventKind::Convoy => self.kind_convoy,
            EventKind::Handover => self.kind_handover,
            EventKind::TurnedAway => self.kind_turned_away,
            EventKind::Return => self.kind_return,
            EventKind::Novelty => self.kind_novelty,
            EventKind::Change => self.kind_change,
        }
    }

    pub(super) fn severity(&self, severity: Severity) -> &'static str {
        match severity {
            Severity::Info => self.severity_info,
            Severity::Warning => self.severity_warning,
            Severity::Critical => self.severity_critical,
        }
    }

    /// Why the gate refused; a reason that is not known here stands as it is.
    pub(super) fn refusal<'a>(&self, reason: &'a str) -> &'a str {
        match reason {
            "window" => self.gate_window,
            "sensor" => self.gate_sensor,
            "object" => self.gate_object,
            "area" => self.gate_area,
            "no_look" => self.gate_no_look,
            "unplaced" => self.gate_unplaced,
            other => other,
        }
    }
}

/// `template` with its `{}` replaced, one after the other. Values are not looked into.
pub(super) fn fill(template: &str, values: &[&str]) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut values = values.iter();
    for (i, part) in template.split("{}").enumerate() {
        if i > 0 {
            out.push_str(values.next().unwrap_or(&""));
        }
        out.push_str(part);
    }
    out
}

/// `one`, or `many` with the number.
pub(super) fn count(n: u64, one: &str, many: &str) -> String {
    if n == 1 {
        one.to_owned()
    } else {
        fill(many, &[&n.to_string()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_say_everything_with_the_same_values() {
        // The same word in both languages, and rightly so.
        let same = ["north", "probability"];
        for (key, en, es) in ALL {
            assert!(!en.trim().is_empty() && !es.trim().is_empty(), "{key}");
            let holes = |s: &str| s.matches("{}").count();
            assert_eq!(holes(en), holes(es), "{key}");
            assert_eq!(en == es, same.contains(key), "{key}");
        }
    }

    #[test]
    fn values_are_not_taken_for_templates() {
        assert_eq!(fill("{} in {}", &["{}", "x"]), "{} in x");
        assert_eq!(count(1, "once", "{} times"), "once");
        assert_eq!(count(3, "once", "{} times"), "3 times");
    }
}
