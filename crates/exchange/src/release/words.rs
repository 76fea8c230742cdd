//! The words of a release, English and Spanish side by side.

use atalaya_model::{Choice, EventKind, ReleaseLanguage};

macro_rules! words {
    ($($key:ident: $en:literal / $es:literal,)*) => {
        /// What a release says; `{}` stands for a value, one after the other.
        pub(super) struct Words { $(pub $key: &'static str,)* }

        const EN: Words = Words { $($key: $en,)* };
        const ES: Words = Words { $($key: $es,)* };

        #[cfg(test)]
        const ALL: &[(&str, &str, &str)] = &[$((stringify!($key), $en, $es),)*];
    };
}

words! {
    lang: "en" / "es",
    release: "Release" / "Comunicación",
    simulated: "SIMULATED" / "SIMULADO",
    simulated_note: "This world does not exist: training, rehearsal or acceptance."
        / "Este mundo no existe: instrucción, ensayo o aceptación.",
    from: "From" / "De",
    to: "For" / "Para",
    number: "Number" / "Número",
    utc_note: "All times are UTC." / "Todas las horas son UTC.",
    summary: "What you should know" / "Lo que debe saber",
    assessment: "Assessment of the sender" / "Valoración del remitente",
    machine: "Machine translation" / "Traducción automática",
    machine_note: "A machine ({}) translated title, summary and assessment from {}. They go out only after a second person has read and approved them as such; the originals stand beside them and hold."
        / "Una máquina ({}) tradujo título, resumen y valoración del {}. Solo salen después de que una segunda persona los lea y apruebe como tales; los originales figuran al lado y son los que valen.",
    machine_look: "Could not be checked" / "No se pudo comprobar",
    original: "Original" / "Original",
    from_en: "English" / "inglés",
    from_es: "Spanish" / "español",
    decided: "Decision" / "Decisión",
    seen: "What was seen" / "Lo que se vio",
    when: "Time" / "Hora",
    what: "What" / "Qué",
    place: "Where" / "Dónde",
    who: "Who" / "Quién",
    probability: "Probability" / "Probabilidad",
    pictures: "Pictures" / "Imágenes",
    no_pictures: "No picture is part of this release." / "Esta comunicación no incluye imágenes.",
    removed: "What was left out, and why" / "Lo que se ha omitido y por qué",
    basis: "Authority" / "Autorización",
    issuer: "Issued by" / "Emitida por",
    legal_basis: "Legal basis" / "Base legal",
    reference: "Reference" / "Referencia",
    purpose: "Purpose" / "Finalidad",
    until: "Valid until" / "Vigente hasta",
    handling: "How to handle it" / "Cómo tratarla",
    only_purpose: "Use it for the purpose above only, and pass it on to nobody without the sender's consent."
        / "Úsela solo para la finalidad indicada y no la ceda a nadie sin el consentimiento del remitente.",
    delete_by: "Delete it by {}, or at once when it is recalled."
        / "Elimínela antes del {}, o de inmediato si se retira.",
    reply: "Please confirm receipt, and say within {} h whether you take it on."
        / "Confirme la recepción y diga en un plazo de {} h si se hace cargo.",
    anonymous: "People and vehicles have working names that mean nothing outside this release. Nobody was identified by face, gait, voice or plate."
        / "Personas y vehículos llevan nombres de trabajo que nada significan fuera de esta comunicación. No se ha identificado a nadie por rostro, andar, voz ni matrícula.",
    why_other_tracks: "others who were in view and are not part of this alert; they are painted over in the pictures"
        / "otros que estaban a la vista y no forman parte de esta alerta; en las imágenes están cubiertos",
    why_no_look: "no-look areas of the authority, painted over in every picture"
        / "zonas que la autorización prohíbe mirar, cubiertas en todas las imágenes",
    why_refused_picture: "pictures that the authority does not let out, or that are no longer stored"
        / "imágenes que la autorización no permite ceder o que ya no se conservan",
    why_aircraft: "place, height and type of the aircraft, and the metadata of its sensors"
        / "posición, altura y tipo de la aeronave, y los metadatos de sus sensores",
    why_internal_words: "comments and names of the watch, and the options that were considered"
        / "comentarios y nombres de la guardia, y las opciones consideradas",
    why_segments: "the recorded video itself; its hashes are in the manifest, so that the original can be asked for"
        / "el propio vídeo grabado; sus huellas están en el manifiesto, para poder solicitar el original",
    event_arrival: "arrival" / "llegada",
    event_departure: "departure" / "salida",
    event_appeared: "first seen" / "visto por primera vez",
    event_lost: "last seen" / "visto por última vez",
    event_dwell: "stays on" / "permanece",
    event_coverage_gap: "not observed" / "no observado",
    event_stop: "stops" / "se detiene",
    event_start: "drives off" / "arranca",
    event_turn_left: "turns left" / "gira a la izquierda",
    event_turn_right: "turns right" / "gira a la derecha",
    event_u_turn: "turns round" / "da la vuelta",
    event_reverse: "goes backwards" / "va marcha atrás",
    event_enter_vehicle: "gets into a vehicle" / "sube a un vehículo",
    event_exit_vehicle: "gets out of a vehicle" / "baja de un vehículo",
    event_enter_structure: "goes into a building" / "entra en un edificio",
    event_exit_structure: "comes out of a building" / "sale de un edificio",
    event_drop_off: "drops a person off" / "deja a una persona",
    event_pick_up: "picks a person up" / "recoge a una persona",
    event_load: "loading" / "carga",
    event_unload: "unloading" / "descarga",
    event_delivery: "delivery in" / "entrega",
    event_shipment: "shipment out" / "envío",
    event_meeting: "meeting" / "encuentro",
    event_convoy: "vehicles in convoy" / "convoy",
    event_handover: "handover between vehicles" / "traspaso entre vehículos",
    event_turned_away: "turned away" / "dio media vuelta",
    event_return: "here again" / "aquí de nuevo",
    event_novelty: "out of routine" / "fuera de lo habitual",
    event_change: "routine has changed" / "cambio de rutina",
    choice_continue: "continue watching" / "seguir vigilando",
    choice_change_tasking: "change the tasking" / "cambiar la tarea",
    choice_refer_to_partner: "refer to a partner" / "remitir a un socio",
    choice_seek_order: "seek an order" / "solicitar una orden",
    choice_recommend_entry: "recommend entry by those authorised" / "recomendar la entrada a quien esté autorizado",
}

pub(super) fn words(language: ReleaseLanguage) -> &'static Words {
    match language {
        ReleaseLanguage::En => &EN,
        ReleaseLanguage::Es => &ES,
    }
}

impl Words {
    /// An event in words; a kind that has none keeps its own.
    pub fn event(&self, kind: EventKind) -> &str {
        match kind.name() {
            "arrival" => self.event_arrival,
            "departure" => self.event_departure,
            "appeared" => self.event_appeared,
            "lost" => self.event_lost,
            "dwell" => self.event_dwell,
            "coverage_gap" => self.event_coverage_gap,
            "stop" => self.event_stop,
            "start" => self.event_start,
            "turn_left" => self.event_turn_left,
            "turn_right" => self.event_turn_right,
            "u_turn" => self.event_u_turn,
            "reverse" => self.event_reverse,
            "enter_vehicle" => self.event_enter_vehicle,
            "exit_vehicle" => self.event_exit_vehicle,
            "enter_structure" => self.event_enter_structure,
            "exit_structure" => self.event_exit_structure,
            "drop_off" => self.event_drop_off,
            "pick_up" => self.event_pick_up,
            "load" => self.event_load,
            "unload" => self.event_unload,
            "delivery" => self.event_delivery,
            "shipment" => self.event_shipment,
            "meeting" => self.event_meeting,
            "convoy" => self.event_convoy,
            "handover" => self.event_handover,
            "turned_away" => self.event_turned_away,
            "return" => self.event_return,
            "novelty" => self.event_novelty,
            "change" => self.event_change,
            other => other,
        }
    }

    pub fn choice(&self, choice: Choice) -> &'static str {
        match choice {
            Choice::Continue => self.choice_continue,
            Choice::ChangeTasking => self.choice_change_tasking,
            Choice::ReferToPartner => self.choice_refer_to_partner,
            Choice::SeekOrder => self.choice_seek_order,
            Choice::RecommendEntry => self.choice_recommend_entry,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_say_as_much() {
        for (key, en, es) in ALL {
            assert!(!en.is_empty() && !es.is_empty(), "{key}");
            assert_eq!(en.matches("{}").count(), es.matches("{}").count(), "{key}");
        }
    }
}
