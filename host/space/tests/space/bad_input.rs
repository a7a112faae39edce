//! What is wrong with a file is said with its place and the step that helps.

use tinynas_space::{Space, Variant};

const GOOD: &str = "\
name: good
title: A small space
channels: 1
widths: [0.25, 0.5]
resolutions: [16, 28]
divisor: 8
activation: relu6
stem:  { width: 16, kernel: 3, stride: 2 }
first: { width: 8, kernel: 3, stride: 1 }
stages:
  - { width: 16, stride: 2, depth: [1, 2], kernel: [3, 5], expansion: [3, 4] }
  - { width: 32, stride: 2, depth: [1],    kernel: [3],    expansion: [3] }
head: { feature_mix: 64 }
";

/// The failure of the good file with `from` replaced by `to`: its code, parts of its message and its help. In `to`,
/// `^` stands before the place that it must name.
fn expect(code: &str, from: &str, to: &str, message: &str, help: &str) {
    assert!(GOOD.contains(from), "{from}");
    let marked = GOOD.replacen(from, to, 1);
    let before = marked.split('^').next().unwrap();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
    let text = marked.replace('^', "");

    let error = Space::parse(&text, "my.yaml").unwrap_err();
    let said = error.to_string();
    assert_eq!(error.code(), code, "{said}");
    if marked.contains('^') {
        assert_eq!(error.location(), Some((line, column)), "{said}");
    }
    assert!(said.starts_with("my.yaml: ") && said.contains(message), "{said}");
    assert!(error.help().unwrap().contains(help), "{:?}", error.help());
    assert_eq!((error.file(), error.text()), (Some("my.yaml"), Some(&*text)));
}

#[test]
fn the_good_file_is_good() {
    let space = Space::parse(GOOD, "my.yaml").unwrap();
    assert_eq!((space.feature_mix(), space.variants().len(), space.hash().len()), (Some(64), 4, 64));
    let architecture = space.architecture(space.variants()[3], &space.smallest(), 1, 10).unwrap();
    assert_eq!(architecture.feature_mix, Some(32));
    architecture.network().unwrap();
}

#[test]
fn fields_and_types() {
    let check = |from, to, message| expect("space::syntax", from, to, message, "spaces/README.md");
    check("divisor: 8", "^divisr: 8", "unknown field `divisr`");
    check("kernel: 3, stride: 2 }", "^kernle: 3, stride: 2 }", "stem: unknown field `kernle`");
    check("channels: 1", "channels: ^one", "channels: invalid type");
    check("kernel: [3, 5]", "kernel: [3, ^300]", "stages[0].kernel[1]: invalid value: integer `300`");
    check("expansion: [3, 4]", "expansion: ^3", "stages[0].expansion: invalid type");
    check("relu6", "^swish", "unknown variant `swish`");
    check("divisor: 8\n", "divisor: 8\n^divisor: 4\n", "duplicate");
    check("divisor: 8\n", "", "missing field `divisor`");
    check("[3, 5], expansion: [3, 4] }", "[3, 5], expansion: [3, 4]", "did not find");
    assert_eq!(Space::parse("", "empty.yaml").unwrap_err().code(), "space::syntax");
}

#[test]
fn values() {
    let check = |from, to, message, help| expect("space::invalid", from, to, message, help);
    check("name: good", "name: ^Good Space", "`Good Space` is not a name", "lower-case");
    check("A small space", "^''", "`title` is empty", "one line");
    check("channels: 1", "channels: ^2", "`channels` is 2", "3 (RGB)");
    check("[0.25, 0.5]", "^[]", "`widths` is empty", "at least one");
    check("[0.25, 0.5]", "[0.25, 0.5, ^0.25]", "0.25 stands twice in `widths`", "remove");
    check("[0.25, 0.5]", "[0.25, ^0.333]", "0.333 is not a width", "two decimals");
    check("[0.25, 0.5]", "[^0, 0.5]", "0 is not a width", "0.01");
    check("[0.25, 0.5]", "[0.25, ^.nan]", "NaN is not a width", "0.01");
    check("[16, 28]", "[16, ^2000]", "resolution 2000", "1 to 1024");
    check("[16, 28]", "[28, ^28]", "28 stands twice in `resolutions`", "remove");
    check("divisor: 8", "divisor: ^0", "divisor 0", "1 to 64");
    check("{ width: 16, kernel: 3", "{ width: ^0, kernel: 3", "width 0", "1 to 4096");
    check("kernel: 3, stride: 1", "kernel: ^4, stride: 1", "kernel 4", "odd");
    check("stride: 2, depth: [1, 2]", "stride: ^3, depth: [1, 2]", "stride 3", "1 to 2");
    check("depth: [1, 2]", "depth: [1, ^0]", "depth 0", "1 to 16");
    check("depth: [1, 2]", "depth: ^[]", "`depth` is empty", "at least one");
    check("kernel: [3, 5]", "kernel: [3, ^6]", "kernel 6", "odd");
    check("kernel: [3],", "kernel: [^1],", "kernel 1", "3 to 15");
    check("expansion: [3, 4]", "expansion: [3, ^3]", "3 stands twice in `expansion`", "remove");
    check("feature_mix: 64", "feature_mix: ^0", "feature_mix 0", "1 to 4096");
    let none = GOOD.split("stages:").next().unwrap().to_owned() + "stages: []\n";
    assert_eq!(Space::parse(&none, "my.yaml").unwrap_err().location(), Some((10, 9)));
}

/// Stem and both stages halve: of 5 rows 3, 2 and 1 are left, of 4 rows 2, 1 and 1. A second block of the first stage
/// would see that 1.
#[test]
fn resolutions_that_the_strides_use_up() {
    let smaller = |side: u32| Space::parse(&GOOD.replace("[16, 28]", &format!("[{side}]")), "my.yaml");
    assert!(smaller(5).is_ok());
    let message = "resolution 4 is too small: stages[0] gets 1 row for windows of 3 x 3";
    expect("space::invalid", "[16, 28]", "[28, ^4]", message, "at least 5");
    let error =
        Space::parse(&Space::open("mnas").unwrap().text().replace("[48, ", "[32, 16, "), "my.yaml").unwrap_err();
    assert!(error.to_string().contains("resolution 32") && error.help().unwrap().contains("at least 33"), "{error}");
}

#[test]
fn unknown_spaces() {
    let error = Space::open("mnas-smal").unwrap_err();
    assert_eq!((error.code(), error.to_string()), ("space::unknown", "there is no space `mnas-smal`".into()));
    assert_eq!(error.help().unwrap(), "did you mean `mnas-small`?");
    assert_eq!(Space::open("MNAS").unwrap_err().help().unwrap(), "did you mean `mnas`?");
    assert!(Space::open("resnet").unwrap_err().help().unwrap().contains("`mnas`, `mnas-small`"));
    let error = Space::open("no/such.yaml").unwrap_err();
    assert_eq!(error.code(), "space::unreadable");
    assert!(error.to_string().starts_with("no/such.yaml: "), "{error}");
}

#[test]
fn a_file_is_opened_by_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.yaml");
    std::fs::write(&path, GOOD).unwrap();
    let space = Space::open(path.to_str().unwrap()).unwrap();
    assert_eq!((space.name.as_str(), space.text()), ("good", GOOD));
    std::fs::write(&path, [0xff, 0xfe, 0]).unwrap();
    assert_eq!(Space::open(path.to_str().unwrap()).unwrap_err().code(), "space::unreadable");
}

#[test]
fn variants_that_a_space_does_not_have() {
    let space = Space::open("mnas").unwrap();
    for (text, nearest) in
        [("w0.5-r150", "w0.5-r144"), ("w0.55-r144", "w0.5-r144"), ("w0.5-144", "w0.5-r144"), ("w2.0-r512", "w1.0-r224")]
    {
        let error = space.variant(text).unwrap_err();
        assert_eq!(error.code(), "space::variant");
        assert_eq!(error.help().unwrap(), format!("the nearest is `{nearest}`"), "{text}");
    }
    let foreign = Variant { width: "0.35".parse().unwrap(), resolution: 144 };
    assert_eq!(space.architecture(foreign, &space.smallest(), 3, 10).unwrap_err().code(), "space::variant");
}

#[test]
fn genotypes_that_a_space_does_not_have() {
    let space = Space::parse(GOOD, "my.yaml").unwrap();
    for (text, problem) in [
        ("k3e3", "1 stages, the space has 2"),
        ("k3e3,k3e3,k3e3;k3e3", "stage 0 has 3 blocks"),
        ("k3e3;k5e3", "kernel 5 in block 0 of stage 1"),
        ("k3e3,k3e6;k3e3", "expansion 6 in block 1 of stage 0"),
    ] {
        let error = space.architecture(space.variants()[0], &text.parse().unwrap(), 1, 10).unwrap_err();
        assert_eq!(error.code(), "space::genotype");
        assert!(error.to_string().contains(problem), "{error}");
    }
}
