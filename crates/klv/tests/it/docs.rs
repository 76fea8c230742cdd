//! The tables of docs/klv.md are those of the code; `make bless` rewrites them.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use atalaya_klv::form::{Form, Layout, PackDef, SetDef};
use atalaya_klv::{Standard, st0902};

use crate::tables::all_sets;

const BEGIN: &str = "<!-- Made from the code's tables by `make bless`: do not edit. -->\n";
const END: &str = "<!-- End of what is made. -->\n";

#[test]
fn the_tables_of_the_document_are_those_of_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/klv.md");
    let text = fs::read_to_string(&path).unwrap();
    let (head, rest) = text
        .split_once(BEGIN)
        .expect("the mark where the tables begin");
    let (_, tail) = rest.split_once(END).expect("the mark where the tables end");
    let wanted = format!("{head}{BEGIN}\n{}{END}{tail}", tables());
    if std::env::var_os("ATALAYA_BLESS").is_some() {
        fs::write(&path, &wanted).unwrap();
        return;
    }
    assert!(
        text == wanted,
        "docs/klv.md is not up to date: run make bless"
    );
}

fn tables() -> String {
    let mut out = String::new();
    let sets = all_sets();
    let lines: usize = sets.iter().map(|s| s.items.len() + s.labels.len()).sum();
    let of = |name: &str| {
        let items = sets.iter().flat_map(|s| s.items);
        items.filter(|i| i.checked.name() == name).count()
    };
    let _ = writeln!(
        out,
        "{} sets, {lines} lines. Of the lines by tag: {} example, {} sample, {} peers, {} memory.\n",
        sets.len(),
        of("example"),
        of("sample"),
        of("peers"),
        of("memory")
    );
    let _ = writeln!(out, "### Labels\n\n| label | set |\n|---|---|");
    for (key, standard) in Standard::KNOWN {
        let set = standard.set().unwrap();
        let _ = writeln!(out, "| `{key}` | {}: {} |", set.source, set.name);
    }
    let mut packs: Vec<&'static PackDef> = Vec::new();
    for set in sets.iter().copied() {
        set_table(set, &mut packs, &mut out);
    }
    let _ = writeln!(
        out,
        "\n### Packs\n\n| pack | fields; those after the bar may be cut off |\n|---|---|"
    );
    let mut n = 0;
    while n < packs.len() {
        let pack = packs[n];
        let mut fields = Vec::new();
        for (row, field) in pack.fields.iter().enumerate() {
            let bar = if row == pack.required { "¦ " } else { "" };
            let layout = match field.layout {
                Layout::Lv => ", after its length",
                Layout::Rest => ", to the end",
                Layout::Half => ", half of what is left",
                Layout::Ber => ", as a BER length",
                Layout::Fixed(_) | Layout::Oid => "",
            };
            let form = form(&field.def.form, &mut packs);
            fields.push(format!("{bar}{} ({form}{layout})", field.def.name));
        }
        let _ = writeln!(out, "| {} | {} |", pack.name, fields.join(", "));
        n += 1;
    }
    let _ = writeln!(
        out,
        "\n### Minimum set (ST 0902.8)\n\n| asked for | items |\n|---|---|"
    );
    for requirement in &st0902::MINIMUM {
        let tags: Vec<String> = requirement.tags.iter().map(u32::to_string).collect();
        let within = match requirement.security {
            0 => String::new(),
            tag => format!(", in it {tag}"),
        };
        let _ = writeln!(
            out,
            "| {} | {}{within} |",
            requirement.name,
            tags.join(" or ")
        );
    }
    out.push('\n');
    out
}

fn set_table(set: &'static SetDef, packs: &mut Vec<&'static PackDef>, out: &mut String) {
    let _ = writeln!(
        out,
        "\n### {}: {}\n\nClause: {}.\n",
        set.source, set.name, set.clause
    );
    if !set.items.is_empty() {
        let _ = writeln!(
            out,
            "| tag | item | unit | bytes to value | known by |\n|---:|---|---|---|---|"
        );
    }
    for item in set.items {
        let form = form(&item.def.form, packs);
        let many = if item.many { ", may be repeated" } else { "" };
        let longest = match item.longest {
            0 => String::new(),
            n => format!(", at most {n} bytes"),
        };
        let (tag, name, unit) = (item.tag, item.def.name, item.def.unit);
        let _ = writeln!(
            out,
            "| {tag} | {name} | {unit} | {form}{longest}{many} | {} |",
            item.checked.name()
        );
    }
    if !set.labels.is_empty() {
        let _ = writeln!(
            out,
            "| label | under tag | item | unit | bytes to value |\n|---|---:|---|---|---|"
        );
    }
    for row in set.labels {
        let form = form(&row.def.form, packs);
        let tag = if row.tag == 0 {
            "–".to_owned()
        } else {
            row.tag.to_string()
        };
        let _ = writeln!(
            out,
            "| `{:032x}` | {tag} | {} | {} | {form} |",
            row.label, row.def.name, row.def.unit
        );
    }
}

/// How bytes become a value, in a few words.
fn form(form: &Form, packs: &mut Vec<&'static PackDef>) -> String {
    let bytes = |n: u8| {
        if n == 0 {
            "1–8".to_owned()
        } else {
            n.to_string()
        }
    };
    match form {
        Form::Uint(n) => format!("uint, {}", bytes(*n)),
        Form::Int(n) => format!("int, {}", bytes(*n)),
        Form::Oid => "BER-OID".into(),
        Form::Scaled(l) => format!("uint, {}, steps of {}", l.length, l.step),
        Form::Unsigned(l) => format!("uint, {}, onto {} to {}", l.length, l.min, l.max),
        Form::Signed(s) => format!(
            "int, {}, onto ±{}; most negative: {}",
            s.length,
            s.max,
            s.aside.name()
        ),
        Form::Imap(map, n) => format!("IMAPB, written with {n}, {} to {}", map.min, map.max),
        Form::Float => "IEEE, 4 or 8".into(),
        Form::Text => "UTF-8".into(),
        Form::Wide => "UTF-16 or UTF-8".into(),
        Form::Words(n, words) => format!("uint, {n}, {} words", words.len()),
        Form::Flags(n, words) => format!("uint, {n}, {} flags", words.len()),
        Form::Uuid => "UUID".into(),
        Form::Bytes(least, most) if least == most => format!("{least} bytes"),
        Form::Bytes(..) => "bytes".into(),
        Form::LocalSet(set) | Form::UniversalSet(set) => format!("set: {}", set.name),
        Form::Pack(pack) => {
            let pack: &'static PackDef = pack;
            if !packs.iter().any(|p| std::ptr::eq(*p, pack)) {
                packs.push(pack);
            }
            format!("pack: {}", pack.name)
        }
        Form::Series(def) => format!("series of {}", self::form(&def.form, packs)),
        Form::List(def) => format!("list of {}", self::form(&def.form, packs)),
        Form::Array(def) => format!("ST 1303 array of {}", self::form(&def.form, packs)),
        Form::Rows(_) => "IMAPB by row".into(),
        Form::Correlation => "ST 1010 pack".into(),
        Form::CoreId => "ST 1204 identifier".into(),
        Form::Unknown => "kept as bytes".into(),
    }
}
