//! The C header against the Rust sources: functions, structures, statuses, type by type.

use std::{fs, path::PathBuf};

/// C types and what they are in Rust, between functions of the header and of the library.
const TYPES: [(&str, &str); 18] = [
    ("const tinynas_model *", "*const Handle"),
    ("tinynas_model *", "*mut Handle"),
    ("tinynas_tensor *", "*mut Tensor"),
    ("tinynas_image *", "*mut Image"),
    ("tinynas_class *", "*mut Class"),
    ("tinynas_row_source", "RowSource"),
    ("const void *", "*const c_void"),
    ("void *", "*mut c_void"),
    ("const char **", "*mut *const c_char"),
    ("const char *", "*const c_char"),
    ("const uint8_t *", "*const u8"),
    ("size_t *", "*mut usize"),
    ("int8_t *", "*mut i8"),
    ("size_t", "usize"),
    ("float", "f32"),
    ("uint16_t", "u16"),
    ("uint8_t", "u8"),
    ("int8_t", "i8"),
];

fn package(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../firmware/capi").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The header without comments and lines for the preprocessor.
fn header() -> String {
    let mut text = String::new();
    for (number, part) in package("include/tinynas.h").split("/*").enumerate() {
        text += if number == 0 { part } else { part.split_once("*/").map_or("", |(_, rest)| rest) };
    }
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    words(&lines.collect::<Vec<_>>().join(" "))
}

/// The library's sources without comments.
fn sources() -> String {
    let files = ["status.rs", "foreign.rs", "model.rs", "run.rs"].map(|file| package(&format!("src/{file}")));
    let text = files.concat();
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    words(&lines.collect::<Vec<_>>().join(" "))
}

/// One space between words.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn rust_type(c: &str) -> String {
    let known = TYPES.iter().find(|(from, _)| *from == c);
    known.unwrap_or_else(|| panic!("`{c}` has no type in Rust")).1.to_owned()
}

/// `const uint8_t *pixels` as name and type.
fn declared(declaration: &str) -> (String, String) {
    let declaration = declaration.trim();
    let start = declaration.rfind([' ', '*']).expect("a type and a name") + 1;
    (declaration[start..].to_owned(), rust_type(declaration[..start].trim()))
}

/// `(name: type, …` up to the closing bracket.
fn named(list: &str) -> Vec<(String, String)> {
    let parts = list.split(',').map(str::trim).filter(|part| !part.is_empty());
    let pairs = parts.map(|part| part.split_once(": ").expect("a name and a type"));
    pairs.map(|(name, kind)| (name.trim_start_matches("pub ").to_owned(), kind.to_owned())).collect()
}

/// A function: name, arguments, result.
type Function = (String, Vec<(String, String)>, String);

fn functions_of_header() -> Vec<Function> {
    let header = header();
    let statements =
        header.split(';').filter(|statement| statement.contains(" tinynas_") || statement.contains("*tinynas_"));
    let functions = statements.filter(|statement| !statement.contains("typedef") && statement.contains('('));
    functions
        .map(|statement| {
            let statement = statement.trim_start_matches(r#" extern "C" {"#).trim();
            let (head, rest) = statement.split_once('(').expect("arguments");
            let start = head.find(" tinynas_").or_else(|| head.find("*tinynas_")).expect("a name") + 1;
            let result = match head[..start].trim() {
                "tinynas_status" => "Status".to_owned(),
                other => rust_type(other),
            };
            let arguments = rest.trim_end_matches(')').split(',').map(|argument| match argument.trim() {
                // Any number may come from C.
                "tinynas_status status" => ("status".to_owned(), "i32".to_owned()),
                argument => declared(argument),
            });
            (head[start..].to_owned(), arguments.collect(), result)
        })
        .collect()
}

fn functions_of_library() -> Vec<Function> {
    let sources = sources();
    let functions = sources.split(r#"extern "C" fn tinynas_"#).skip(1);
    functions
        .map(|text| {
            let (name, rest) = text.split_once('(').expect("arguments");
            let (arguments, rest) = rest.split_once(") -> ").expect("a result");
            let result = rest.split(" {").next().unwrap_or_default();
            (format!("tinynas_{name}"), named(arguments), result.to_owned())
        })
        .collect()
}

/// The statuses of the header, named as in Rust.
pub fn statuses() -> Vec<(String, i32)> {
    let header = package("include/tinynas.h");
    let lines = header.lines().filter_map(|line| line.strip_prefix("#define TINYNAS_"));
    let pairs = lines.filter_map(|line| line.split_once(' '));
    pairs
        .map(|(name, number)| {
            let parts = name.split('_').map(|word| word[..1].to_owned() + &word[1..].to_lowercase());
            (parts.collect(), number.parse().expect("a number"))
        })
        .collect()
}

#[test]
fn functions_are_the_same() {
    let (mut header, mut library) = (functions_of_header(), functions_of_library());
    header.sort();
    library.sort();
    assert_eq!(header, library);
    assert_eq!(header.len(), 13);
}

#[test]
fn structures_are_the_same() {
    let (header, sources) = (header(), sources());
    for (c, rust) in [("tinynas_tensor", "Tensor"), ("tinynas_image", "Image"), ("tinynas_class", "Class")] {
        let (_, rest) = header.split_once(&format!("typedef struct {c} {{")).expect(c);
        let fields = rest.split('}').next().unwrap_or_default().split(';').filter(|field| !field.trim().is_empty());
        let expected: Vec<_> = fields.map(declared).collect();
        let (_, rest) = sources.split_once(&format!("pub struct {rust} {{")).expect(rust);
        assert_eq!(named(rest.split('}').next().unwrap_or_default()), expected, "{c}");
        let (before, _) = sources.split_once(&format!("pub struct {rust} {{")).expect(rust);
        let attributes = &before[before.len().saturating_sub(90)..];
        assert!(attributes.contains("#[repr(C)]"), "{rust}: {attributes}");
    }
    // The handle's words are compared with the handle when the library is compiled.
    assert!(header.contains("typedef struct tinynas_model { uintptr_t words[3]; } tinynas_model;"));
    assert!(sources.contains("assert!(size_of::<Handle>() == 3 * size_of::<usize>())"));
}

#[test]
fn the_source_of_rows_is_the_same() {
    let arguments = [("context", "void *"), ("row", "uint16_t"), ("input", "int8_t *"), ("count", "size_t")];
    let c: Vec<_> = arguments.iter().map(|(name, kind)| format!("{kind} {name}").replace("* ", "*")).collect();
    assert!(header().contains(&format!("typedef void (*tinynas_row_source)({});", c.join(", "))));
    let rust: Vec<_> = arguments.iter().map(|(name, kind)| format!("{name}: {}", rust_type(kind))).collect();
    assert!(sources().contains(&format!(r#"RowSource = Option<unsafe extern "C" fn({})>;"#, rust.join(", "))));
}

#[test]
fn statuses_are_the_same() {
    let sources = sources();
    let (_, rest) = sources.split_once("pub enum Status {").expect("the enumeration");
    let variants =
        rest.split('}').next().unwrap_or_default().split(',').filter_map(|variant| variant.split_once(" = "));
    let library: Vec<_> = variants
        .map(|(name, number)| (name.trim().to_owned(), number.trim().parse::<i32>().expect("a number")))
        .collect();
    assert_eq!(statuses(), library);
    assert!(sources.contains(&format!("const TEXTS: [&CStr; {}]", library.len())), "a text for each");
}
