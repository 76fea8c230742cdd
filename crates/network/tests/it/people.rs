//! Made-up names with known truth: pairs of spellings of one name, and pairs of two names that are
//! easily taken for one.

use atalaya_network::names::Name;
use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const MEN: &[&str] = &[
    "José",
    "Juan",
    "Luis",
    "Carlos",
    "Francisco",
    "Antonio",
    "Manuel",
    "Jesús",
    "Miguel",
    "Ángel",
    "Javier",
    "Alejandro",
    "Enrique",
    "Ignacio",
    "Eduardo",
    "Rafael",
    "Mario",
    "Julio",
    "Óscar",
    "Tonatiuh",
    "Iker",
    "Unai",
    "Jordi",
    "Oriol",
    "Brais",
    "Anselmo",
    "Wilmer",
    "Yeison",
    "Evaristo",
    "Guillermo",
    "Alfonso",
    "Ernesto",
    "Andrés",
    "Emilio",
    "Adrián",
    "Eusebio",
    "Nahuel",
    "Efraín",
];
const WOMEN: &[&str] = &[
    "María",
    "Carmen",
    "Ana",
    "Guadalupe",
    "Dolores",
    "Isabel",
    "Rosa",
    "Teresa",
    "Lucía",
    "Elena",
    "Francisca",
    "Mercedes",
    "Rosario",
    "Patricia",
    "Concepción",
    "Pilar",
    "Julia",
    "Andrea",
    "Xiomara",
    "Itziar",
    "Nerea",
    "Montserrat",
    "Sabela",
    "Yadira",
    "Citlali",
    "Marisol",
    "Nayeli",
    "Beatriz",
    "Leticia",
    "Alejandra",
    "Yolanda",
    "Emilia",
    "Eulalia",
    "Jimena",
    "Obdulia",
];
const SURNAMES: &[&str] = &[
    "García",
    "Hernández",
    "López",
    "Martínez",
    "Rodríguez",
    "González",
    "Pérez",
    "Sánchez",
    "Fernández",
    "Ramírez",
    "Gómez",
    "Jiménez",
    "Díaz",
    "Vázquez",
    "Muñoz",
    "Núñez",
    "Zúñiga",
    "Martín",
    "Moreno",
    "Ruiz",
    "Cruz",
    "Ibarra",
    "Guzmán",
    "Peña",
    "Vega",
    "Quispe",
    "Mamani",
    "Huamán",
    "Etxeberria",
    "Goikoetxea",
    "Puigdomènech",
    "Balaguer",
    "Castiñeira",
    "Feijoo",
    "Xicoténcatl",
    "Tzompantzi",
    "Cahuich",
    "Balam",
    "Valdivieso",
    "Aristizábal",
    "Restrepo",
    "Bustamante",
    "Cifuentes",
    "Villavicencio",
    "Arredondo",
    "Zaldívar",
    "Urrutia",
    "Olazábal",
    "Berlanga",
    "Carvajal",
    "Izaguirre",
    "Llorente",
    "Yáñez",
    "Echeverría",
    "Guevara",
    "Lizárraga",
];
const PARTICLES: &[&str] = &["de la", "del", "de", "de los"];
const SHORT: &[(&str, &str)] = &[
    ("José", "Pepe"),
    ("Francisco", "Paco"),
    ("Francisco", "Pancho"),
    ("Ignacio", "Nacho"),
    ("Enrique", "Quique"),
    ("Guillermo", "Memo"),
    ("Eduardo", "Lalo"),
    ("Jesús", "Chuy"),
    ("Manuel", "Manolo"),
    ("Alfonso", "Poncho"),
    ("Rafael", "Rafa"),
    ("Luis", "Lucho"),
    ("Javier", "Javi"),
    ("Dolores", "Lola"),
    ("Guadalupe", "Lupe"),
    ("Rosario", "Charo"),
    ("Concepción", "Concha"),
    ("Teresa", "Tere"),
    ("Mercedes", "Merche"),
    ("María", "Mª"),
    ("María", "Ma."),
    ("Francisco", "Fco."),
    ("Guadalupe", "Gpe."),
    ("Hernández", "Hdez."),
    ("Fernández", "Fdez."),
    ("Rodríguez", "Rguez."),
    ("Martínez", "Mtz."),
    ("González", "Glez."),
];
const TWINS: &[(&str, &str)] = &[
    ("Mario", "María"),
    ("Francisco", "Francisca"),
    ("Julio", "Julia"),
    ("Alejandro", "Alejandra"),
    ("Emilio", "Emilia"),
    ("Adrián", "Adriana"),
];
const ALIKE: &[(&str, &str)] = &[
    ("Fernández", "Hernández"),
    ("Martín", "Martínez"),
    ("Díaz", "Diez"),
    ("Gómez", "Gámez"),
    ("Vega", "Vera"),
    ("Ruiz", "Rius"),
    ("Núñez", "Muñoz"),
    ("Peña", "Piña"),
    ("Cruz", "Ruz"),
];

#[derive(Clone, PartialEq)]
struct Person {
    given: Vec<&'static str>,
    surnames: [&'static str; 2],
    particle: Option<&'static str>,
}

/// A pair of spellings, and whether they are of one name.
pub struct Pair {
    pub left: String,
    pub right: String,
    pub same: bool,
}

/// Pairs by a seed, half of them the same name, without those with the same words.
pub fn pairs(seed: u64, count: usize) -> Vec<Pair> {
    let mut r = ChaCha8Rng::seed_from_u64(seed);
    let mut made = Vec::with_capacity(count);
    while made.len() < count {
        let same = r.random_bool(0.5);
        let (left, right) = if r.random_bool(0.3) {
            companies(&mut r, same)
        } else {
            let a = person(&mut r);
            let b = if same { a.clone() } else { other(&mut r, &a) };
            (spelt(&mut r, &a), spelt(&mut r, &b))
        };
        // Two persons of one name are one name: no spelling can tell them apart.
        if !Name::parse(&left).same_words(&Name::parse(&right)) {
            made.push(Pair { left, right, same });
        }
    }
    made
}

/// A list of names: every tenth a second spelling of the one before it.
pub fn list(seed: u64, count: usize) -> Vec<String> {
    let mut r = ChaCha8Rng::seed_from_u64(seed);
    let mut made = Vec::with_capacity(count);
    let mut last = person(&mut r);
    while made.len() < count {
        if made.len() % 10 != 9 {
            last = person(&mut r);
        }
        made.push(spelt(&mut r, &last));
    }
    made
}

/// Frequent names first, as in life.
fn draw(r: &mut ChaCha8Rng, from: &[&'static str]) -> &'static str {
    let u: f64 = r.random();
    from[(u * u * from.len() as f64) as usize]
}

fn person(r: &mut ChaCha8Rng) -> Person {
    let names = if r.random_bool(0.6) { MEN } else { WOMEN };
    let mut given = vec![draw(r, names)];
    if r.random_bool(0.5) {
        let second = draw(r, names);
        if second != given[0] {
            given.push(second);
        }
    }
    Person {
        given,
        surnames: [draw(r, SURNAMES), draw(r, SURNAMES)],
        particle: r.random_bool(0.08).then(|| *PARTICLES.choose(r).unwrap()),
    }
}

/// Somebody else who is easily taken for `a`.
fn other(r: &mut ChaCha8Rng, a: &Person) -> Person {
    let mut b = a.clone();
    for _ in 0..20 {
        b = a.clone();
        let fresh = person(r);
        match r.random_range(0..100) {
            0..25 => b = fresh,
            25..45 => b.given = fresh.given,
            45..62 => b.surnames[1] = fresh.surnames[1],
            62..70 => b.surnames[0] = fresh.surnames[0],
            70..80 => {
                b.given.truncate(1);
                b.given.push(fresh.given[0]);
            }
            80..85 => b.surnames.swap(0, 1),
            85..92 => {
                let (x, y) = *TWINS.choose(r).unwrap();
                b.given = vec![x];
                return if r.random_bool(0.5) {
                    Person {
                        given: vec![y],
                        ..b
                    }
                } else {
                    b
                };
            }
            _ => {
                let (x, y) = *ALIKE.choose(r).unwrap();
                if let Some(i) = a.surnames.iter().position(|s| *s == x) {
                    b.surnames[i] = y;
                } else if let Some(i) = a.surnames.iter().position(|s| *s == y) {
                    b.surnames[i] = x;
                }
            }
        }
        let contained = |x: &[&str], y: &[&str]| x.iter().all(|n| y.contains(n));
        let near = contained(&a.given, &b.given) || contained(&b.given, &a.given);
        if !(near && a.surnames == b.surnames) {
            return b;
        }
    }
    b
}

/// One way to write a name.
fn spelt(r: &mut ChaCha8Rng, p: &Person) -> String {
    let mut given: Vec<String> = p.given.iter().map(|g| (*g).to_owned()).collect();
    let mut surnames: Vec<String> = p.surnames.iter().map(|s| (*s).to_owned()).collect();
    if given.len() > 1 && r.random_bool(0.2) {
        given.truncate(1);
    }
    if r.random_bool(0.2) {
        surnames.truncate(1);
    }
    for word in given.iter_mut().chain(&mut surnames) {
        let short: Vec<_> = SHORT.iter().filter(|s| s.0 == word).collect();
        if !short.is_empty() && r.random_bool(0.08) {
            *word = short.choose(r).unwrap().1.to_owned();
        } else if r.random_bool(0.03) {
            *word = misheard(r, word);
        } else if r.random_bool(0.04) {
            *word = mistyped(r, word);
        }
    }
    for (i, word) in given.iter_mut().enumerate() {
        if r.random_bool(if i == 0 { 0.04 } else { 0.1 }) {
            *word = format!("{}.", word.chars().next().unwrap());
        }
    }
    if let Some(particle) = p.particle
        && r.random_bool(0.8)
    {
        surnames[0] = format!("{particle} {}", surnames[0]);
    }
    if surnames.len() == 2 && r.random_bool(0.01) {
        surnames.swap(0, 1);
    }
    let (given, surnames) = (given.join(" "), surnames.join(" "));
    let text = match r.random_range(0..10) {
        0..6 => format!("{given} {surnames}"),
        6..9 => format!("{surnames}, {given}"),
        _ => format!("{surnames} {given}"),
    };
    dressed(r, text)
}

/// Accents and case.
fn dressed(r: &mut ChaCha8Rng, text: String) -> String {
    let text = if r.random_bool(0.5) {
        text.chars().map(plain).collect()
    } else {
        text
    };
    match r.random_range(0..10) {
        0..2 => text.to_uppercase(),
        2 => text.to_lowercase(),
        _ => text,
    }
}

fn plain(c: char) -> char {
    match c {
        'á' | 'à' => 'a',
        'é' | 'è' => 'e',
        'í' => 'i',
        'ó' => 'o',
        'ú' | 'ü' => 'u',
        'ñ' => 'n',
        'Á' => 'A',
        'Ó' => 'O',
        c => c,
    }
}

fn misheard(r: &mut ChaCha8Rng, word: &str) -> String {
    const SWAPS: &[(&str, &str)] = &[
        ("z", "s"),
        ("s", "z"),
        ("v", "b"),
        ("b", "v"),
        ("ll", "y"),
        ("h", ""),
        ("Ji", "Gi"),
        ("ge", "je"),
        ("I", "Y"),
        ("qu", "k"),
        ("i", "y"),
    ];
    let possible: Vec<_> = SWAPS.iter().filter(|s| word.contains(s.0)).collect();
    match possible.choose(r) {
        Some((from, to)) => word.replacen(from, to, 1),
        None => word.to_owned(),
    }
}

fn mistyped(r: &mut ChaCha8Rng, word: &str) -> String {
    let mut c: Vec<char> = word.chars().collect();
    if c.len() < 4 {
        return word.to_owned();
    }
    let i = r.random_range(1..c.len() - 1);
    match r.random_range(0..4) {
        0 => c.swap(i, i + 1),
        1 => {
            c.remove(i);
        }
        2 => c.insert(i, c[i]),
        _ => c[i] = char::from(b'a' + r.random_range(0..26u8)),
    }
    c.into_iter().collect()
}

const TRADES: &[(&str, &str)] = &[
    ("Transportes", "Transp."),
    ("Constructora", "Constructora"),
    ("Comercializadora", "Comercializadora"),
    ("Distribuidora", "Dist."),
    ("Grupo", "Gpo."),
    ("Inmobiliaria", "Inm."),
    ("Servicios", "Serv."),
    ("Agrícola", "Agrícola"),
    ("Industrias", "Ind."),
    ("Materiales", "Mat."),
];
const OWN: &[&str] = &[
    "Norte",
    "Bajío",
    "Azul",
    "Pacífico",
    "Horizonte",
    "Vargas",
    "Quetzal",
    "Tres Ríos",
    "Ibérica",
    "San Jorge",
    "Almendros",
    "Cóndor",
    "Levante",
    "Urrutia",
    "Mezquite",
    "Orión",
    "Delta",
    "Atlas",
    "Las Palmas",
    "Montaña",
    "Luján",
    "Ocampo",
    "Sotavento",
    "Tizayuca",
    "Olmeca",
    "Lirio",
];
const FORMS: &[&[&str]] = &[
    &[
        "S.A. de C.V.",
        "SA de CV",
        "S. A. de C. V.",
        "Sociedad Anónima de Capital Variable",
    ],
    &["S.L.", "SL", "Sociedad Limitada", "S. L."],
    &["S.A.", "SA", "Sociedad Anónima"],
    &["S. de R.L. de C.V.", "S de RL de CV"],
    &["Ltda.", "Limitada", "LTDA"],
];

#[derive(Clone, PartialEq)]
struct Company {
    trade: Option<usize>,
    own: Vec<&'static str>,
    number: Option<u32>,
    form: usize,
}

fn company(r: &mut ChaCha8Rng) -> Company {
    let mut own = vec![*OWN.choose(r).unwrap()];
    if r.random_bool(0.4) {
        let more = *OWN.choose(r).unwrap();
        if more != own[0] {
            own.push(more);
        }
    }
    Company {
        trade: r.random_bool(0.8).then(|| r.random_range(0..TRADES.len())),
        own,
        number: r.random_bool(0.1).then(|| r.random_range(1..100)),
        form: r.random_range(0..FORMS.len()),
    }
}

fn companies(r: &mut ChaCha8Rng, same: bool) -> (String, String) {
    let a = company(r);
    let mut b = a.clone();
    while !same && b == a {
        let fresh = company(r);
        match r.random_range(0..100) {
            0..30 => b = fresh,
            30..55 => b.own = fresh.own,
            55..70 => b.trade = Some(r.random_range(0..TRADES.len())),
            70..80 => b.form = fresh.form,
            80..90 => b.number = Some(r.random_range(1..100)),
            _ => b.own.push(fresh.own[0]),
        }
    }
    if same && r.random_bool(0.03) {
        b.trade = None;
    }
    if same && r.random_bool(0.03) {
        b.form = r.random_range(0..FORMS.len());
    }
    if same && r.random_bool(0.04) {
        b.own.truncate(1);
    }
    let (left, mut right) = (written(r, &a), written(r, &b));
    if let Some(trade) = b.trade
        && b.own.len() > 1
        && r.random_bool(0.1)
    {
        let words = [TRADES[trade].0, b.own[0], b.own[1]].join(" ");
        let first = words.split(' ').filter_map(|w| w.chars().next());
        right = format!("{} {}", first.collect::<String>(), FORMS[b.form][0]);
    }
    (left, right)
}

fn written(r: &mut ChaCha8Rng, c: &Company) -> String {
    let mut words: Vec<String> = Vec::new();
    if let Some(t) = c.trade {
        let short = r.random_bool(0.15);
        let t = TRADES[t];
        words.push(if short { t.1 } else { t.0 }.to_owned());
        if r.random_bool(0.3) {
            words.push("del".into());
        }
    }
    for own in &c.own {
        words.push(if r.random_bool(0.06) {
            mistyped(r, own)
        } else if r.random_bool(0.03) {
            misheard(r, own)
        } else {
            (*own).to_owned()
        });
    }
    if let Some(n) = c.number {
        words.push(n.to_string());
    }
    let mut text = words.join(" ");
    // Without a form or a trade it would read like a person.
    if c.trade.is_none() || r.random_bool(0.75) {
        let form = FORMS[c.form].choose(r).unwrap();
        text = format!("{text}{} {form}", if r.random_bool(0.4) { "," } else { "" });
    }
    dressed(r, text)
}
