//! Sentences with known entities, by number: no chance in it.

use atalaya_language::{EntityKind, Language};

/// A sentence and what in it has to be kept.
pub struct Made {
    pub text: String,
    pub wanted: Vec<(String, EntityKind)>,
}

const PERSONS: [&str; 12] = [
    "María Fernández López",
    "Juan Carlos de la Cruz",
    "José Ángel Ñuñez",
    "Lucía Márquez",
    "Reyes Flores Castillo",
    "Pedro Iglesias",
    "John Walker",
    "Emily Parker",
    "J. Mendoza",
    "Rosa Blanco Torres",
    "Ramón Guerra",
    "Guadalupe Ríos",
];
const PLACES: [&str; 12] = [
    "Ciudad Juárez",
    "Nuevo Laredo",
    "San Pedro Sula",
    "Algeciras",
    "Puerto Escondido",
    "El Paso",
    "Medellín",
    "La Línea de la Concepción",
    "Rancho Las Palmas",
    "Buenaventura",
    "Tijuana",
    "Las Cruces",
];
const PLATES: [&str; 10] = [
    "4471 KLM",
    "ABC-12-34",
    "XKJ-482-B",
    "KFG 345",
    "M-1234-AB",
    "7713-BCD",
    "12-AB-3C",
    "VXR45D",
    "JHG-7731",
    "ZZ-45-678",
];
const PHONES: [&str; 8] = [
    "+34 612 345 678",
    "+52 55 1234 5678",
    "+57 301 234 5678",
    "612 34 56 78",
    "(55) 1234-5678",
    "6561234567",
    "+1 (915) 555-0134",
    "956 123 456",
];
const COORDINATES: [&str; 8] = [
    "19.4326, -99.1332",
    "31°44'22\"N 106°29'05\"O",
    "36.1408° N, 5.4562° W",
    "30S 284567 4003210",
    "13Q DV 12345 67890",
    "-4.21528 -69.94056",
    "31° 44.367' N, 106° 29.083' W",
    "18QVL1234567890",
];
const TIMES: [&str; 8] = [
    "05:12",
    "2026-11-23",
    "23/11/2026",
    "14:35 UTC",
    "0512Z",
    "231433ZNOV26",
    "2026-11-23T05:12:09Z",
    "7:05 p.m.",
];
const QUANTITIES: [&str; 8] = [
    "12 kg",
    "3,5 t",
    "1.250 kg",
    "$45,000 USD",
    "80 km/h",
    "250 ppm",
    "15 %",
    "2,400 m²",
];

const ES: [&str; 10] = [
    "El camión azul con placas {plate} llegó a {place} a las {time}.",
    "{person} llamó al {phone} desde {place} y habló de {quantity} de mercancía.",
    "La camioneta de {person} se detuvo en {coordinate} durante varios minutos.",
    "Según el testigo, {person} y {person} salieron de {place} el {time} con {quantity}.",
    "Se observó un vehículo (placas {plate}) cerca de {coordinate}; el conductor es {person}.",
    "El teléfono {phone} está a nombre de {person}, que vive en {place}.",
    "A las {time} la embarcación salió hacia {place} a {quantity}.",
    "Tres hombres descargaron {quantity} en {coordinate}, junto al coche {plate}.",
    "El detenido dijo que {person} lo esperaba en {place}. Después llamó al {phone}.",
    "¿Quién vio a {person} en {place} a las {time}?",
];
const EN: [&str; 10] = [
    "The blue truck with plates {plate} arrived at {place} at {time}.",
    "{person} called {phone} from {place} and spoke about {quantity} of goods.",
    "{person}'s pickup stopped at {coordinate} for several minutes.",
    "According to the witness, {person} and {person} left {place} on {time} with {quantity}.",
    "A vehicle (plates {plate}) was seen near {coordinate}; the driver is {person}.",
    "The phone {phone} belongs to {person}, who lives in {place}.",
    "At {time} the boat left for {place} at {quantity}.",
    "Three men unloaded {quantity} at {coordinate}, next to the car {plate}.",
    "The detainee said that {person} was waiting in {place}. Then he called {phone}.",
    "Who saw {person} in {place} at {time}?",
];

/// A hundred sentences of a language.
pub fn sentences(language: Language) -> Vec<Made> {
    let templates = match language {
        Language::Es => ES,
        Language::En => EN,
    };
    // Each list has a stride of its own, so that all its values come up and pairs change.
    let mut drawn = [0usize; 7];
    (0..100)
        .map(|n| {
            let mut text = String::new();
            let mut wanted = Vec::new();
            let mut rest = templates[n % templates.len()];
            while let Some((before, after)) = rest.split_once('{') {
                let (name, after) = after.split_once('}').unwrap();
                let (list, kind): (&[&str], _) = match name {
                    "person" => (&PERSONS, EntityKind::Person),
                    "place" => (&PLACES, EntityKind::Place),
                    "plate" => (&PLATES, EntityKind::Plate),
                    "phone" => (&PHONES, EntityKind::Phone),
                    "coordinate" => (&COORDINATES, EntityKind::Coordinate),
                    "time" => (&TIMES, EntityKind::Time),
                    _ => (&QUANTITIES, EntityKind::Quantity),
                };
                let k = kind as usize % drawn.len();
                let value = list[(drawn[k] * 5 + n / 10) % list.len()];
                drawn[k] += 1;
                text += before;
                text += value;
                wanted.push((value.to_owned(), kind));
                rest = after;
            }
            text += rest;
            Made { text, wanted }
        })
        .collect()
}
