use atalaya_language::document::{Kind, kind, paragraphs, unwrapped};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

fn docx(name: &str, xml: &str) -> Vec<u8> {
    let mut z = zip::ZipWriter::new(Cursor::new(Vec::new()));
    z.start_file(name, SimpleFileOptions::default()).unwrap();
    z.write_all(xml.as_bytes()).unwrap();
    z.finish().unwrap().into_inner()
}

#[test]
fn kinds_are_told_by_their_first_bytes() {
    assert_eq!(kind(b"PK\x03\x04.."), Kind::Word);
    assert_eq!(kind(b"%PDF-1.7"), Kind::Pdf);
    assert_eq!(kind(b"\xd0\xcf\x11\xe0"), Kind::OldWord);
    assert_eq!(kind("Él".as_bytes()), Kind::Text);
    assert_eq!(kind(b""), Kind::Text);
}

#[test]
fn paragraphs_come_in_order_without_what_was_deleted() {
    let xml = "<?xml version=\"1.0\"?><w:document xmlns:w=\"w\" xmlns:mc=\"mc\"><w:body>\
        <w:p><w:r><w:t>El camión</w:t></w:r><w:r><w:tab/><w:t>4471 KLM &amp; m&#225;s</w:t></w:r></w:p><w:p/>\
        <w:p><w:del><w:r><w:delText>no</w:delText></w:r></w:del><w:r><w:instrText>PAGE</w:instrText></w:r>\
        <mc:AlternateContent><mc:Choice><w:r><w:t>fin</w:t></w:r></mc:Choice>\
        <mc:Fallback><w:p><w:r><w:t>fin</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent></w:p>\
        </w:body></w:document>";
    let text = paragraphs(&docx("word/document.xml", xml)).unwrap();
    assert_eq!(text, ["El camión 4471 KLM & más", "", "fin"]);
}

#[test]
fn what_is_no_word_document_is_refused_with_a_reason() {
    let deep = "<a>".repeat(300);
    for (bytes, words) in [
        (b"PK\x03\x04 nothing".to_vec(), "not a Word document"),
        (
            docx("xl/workbook.xml", "<a/>"),
            "it has no word/document.xml",
        ),
        (
            docx("word/document.xml", "<a><b></a>"),
            "not a Word document",
        ),
        (docx("word/document.xml", &deep), "too deep"),
    ] {
        let said = paragraphs(&bytes).unwrap_err().to_string();
        assert!(said.contains(words), "{said}");
        assert_eq!(said.lines().count(), 1);
    }
}

#[test]
fn lines_of_a_page_become_paragraphs_again() {
    let page = "INFORME\n\nEl camión con matrícula 4821 KTR entró en el al-\nmacén a las 05:12\ny salió.\r\n\n  \n\u{c}Segunda página 12-\n34 KLM.\n";
    assert_eq!(
        unwrapped(page),
        [
            "INFORME",
            "El camión con matrícula 4821 KTR entró en el almacén a las 05:12 y salió.",
            "Segunda página 12- 34 KLM.",
        ]
    );
    assert!(unwrapped(" \n\u{c}").is_empty());
}
