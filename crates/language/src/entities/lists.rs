//! Frequent names, and words by which names are told. Compared without case and accents.

use crate::Language;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Lower case, without the accents of Spanish.
pub(crate) fn fold(word: &str) -> String {
    word.chars()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'á' | 'à' => 'a',
            'é' | 'è' => 'e',
            'í' => 'i',
            'ó' | 'ò' => 'o',
            'ú' | 'ü' => 'u',
            'ñ' => 'n',
            '’' => '\'',
            c => c,
        })
        .collect()
}

type Set = LazyLock<BTreeSet<String>>;

fn lines(text: &str) -> BTreeSet<String> {
    text.lines().map(fold).collect()
}

fn words(text: &str) -> BTreeSet<String> {
    text.split_whitespace().map(fold).collect()
}

/// Given names frequent in Spanish- and English-speaking countries.
pub(super) static GIVEN: Set = LazyLock::new(|| lines(include_str!("../../data/given.txt")));
/// Family names.
pub(super) static SURNAMES: Set = LazyLock::new(|| lines(include_str!("../../data/surnames.txt")));
/// Countries, provinces, states, departments, towns.
pub(super) static PLACES: Set = LazyLock::new(|| lines(include_str!("../../data/places.txt")));

/// A word of a name that says that it is a place's.
pub(super) static PLACE_WORDS: Set = LazyLock::new(|| {
    words(
        "calle avenida avda av plaza plazuela paseo puerto puente rancho finca hacienda ejido rio arroyo laguna
         lago cerro sierra valle isla islas cabo bahia golfo ciudad villa colonia barrio fraccionamiento carretera
         autopista camino vereda municipio comunidad pueblo poblado poligono aeropuerto estacion cala playa
         presa cuartel mina street st road rd avenue ave boulevard blvd river creek mount mountain lake port fort
         county highway bridge island bay gulf valley ranch farm airport station beach point city town village
         district province nueva new north south east west norte sur este oeste",
    )
});

/// A word of a name that says that it is an organisation's.
pub(super) static ORGANISATION_WORDS: Set = LazyLock::new(|| {
    words(
        "cartel clan banda mafia policia guardia ejercito armada marina ministerio fiscalia secretaria procuraduria
         juzgado tribunal audiencia gobierno ayuntamiento alcaldia agencia instituto comision consejo direccion
         grupo empresa transportes logistica comercializadora constructora importadora exportadora banco
         universidad hospital asociacion fundacion sindicato partido frente bloque brigada comando unidad aduana
         interpol europol frontex police guard army navy ministry department office agency bureau court government
         council commission group company bank university association foundation party front brigade
         command unit customs sa cv sl srl ltda inc llc ltd corp",
    )
});

/// A title before a person's name.
pub(super) static TITLES: Set = LazyLock::new(|| {
    words(
        "sr sra srta don doña dr dra lic ing prof mr mrs ms miss sir señor señora señorita doctor doctora licenciado
         licenciada ingeniero ingeniera capitan captain capt cap comandante commander cmdte cdte general gral
         teniente lieutenant lt tte sargento sergeant sgt sgto cabo corporal coronel colonel mayor major inspector
         inspectora subinspector agente agent officer oficial juez jueza judge fiscal prosecutor detective
         ciudadano ciudadana alias llamado llamada nombrado hermano hermana brother sister testigo witness",
    )
});

/// Words before a name that lets one expect a place.
pub(super) static PLACE_BEFORE: Set =
    LazyLock::new(|| words("en hacia desde in at near from toward towards outside into cerca"));

/// Words with a capital that are no names: days, months, peoples and tongues in English.
static ENGLISH_CAPITALS: Set = LazyLock::new(|| {
    words(
        "i i'm i'll i've i'd monday tuesday wednesday thursday friday saturday sunday january february march april
         may june july august september october november december spanish english mexican colombian american
         british french german italian portuguese moroccan venezuelan peruvian bolivian ecuadorian guatemalan
         honduran salvadoran cuban dominican chinese russian european african latin asian arabic arab god ok
         christmas easter atlantic-side",
    )
});

/// Words that often begin a sentence and are no names.
static BEGINNINGS: Set = LazyLock::new(|| {
    words(
        "el la los las lo un una unos unas al del de en a ante bajo con contra desde durante entre hacia hasta para
         por según sin sobre tras y e o u ni pero sino aunque si no que quien quienes cual cuando cuanto donde como
         porque pues mientras este esta estos estas ese esa esos esas aquel aquella esto eso ello él ella ellos ellas
         yo tú usted ustedes nosotros se le les me te nos su sus mi mis tu tus hay hubo había ha han fue fueron es son
         está están era eran ayer hoy mañana anoche ahora luego después antes entonces también además así ya aún
         todavía nunca siempre tal tan tanto muy más menos otro otra otros otras todo toda todos todas cada ambos
         varios varias algunos algunas ningún ninguno uno dos tres cuatro cinco seis siete ocho nueve diez once doce
         enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre lunes martes
         miércoles jueves viernes sábado domingo vehículo vehículos camión camiones camioneta coche carro auto
         furgoneta moto motocicleta lancha barco embarcación avioneta detenido detenida detenidos testigo testigos
         agente agentes sujeto sujetos hombre hombres mujer mujeres persona personas conductor chofer placa placas
         matrícula teléfono contacto coordenadas ubicación posición hora fecha nota informe reporte según llamar
         llegó llegaron salió salieron vio vieron observó observaron se cerca junto frente dentro fuera llame avisar
         the a an this that these those he she it we you they i his her its our your their my there here is are was
         were be been has have had do does did will would can could may might must should not no yes and or but if
         then when while where who whom whose which what why how as at by for from in into near of off on onto out
         over since through to toward towards under until up upon with within without after before during between
         against about above across along among around behind below beside beyond one two three four five six seven
         eight nine ten both each every all some any many several few most other another such same yesterday today
         tomorrow tonight now later meanwhile also however because although vehicle vehicles truck trucks van car
         cars pickup boat vessel aircraft driver man men woman women person people suspect suspects witness
         officers officer agent agents police plate plates phone call contact coordinates location position time
         date note report according seen observed arrived left two white black red blue green grey gray please",
    )
});

/// A capital here does not make a name.
pub(crate) fn ordinary(word: &str, begins: bool, language: Language) -> bool {
    (begins && BEGINNINGS.contains(word))
        || (language == Language::En && ENGLISH_CAPITALS.contains(word))
}
