//! Checks of a space's values, beyond what its types say.

use std::fmt::Display;

use crate::{
    Width,
    file::{SpaceFile, StageFile},
    locate::Step::{self, Index, Key},
};

/// A value that makes no sense, and where it stands.
#[derive(Debug)]
pub struct Problem<'a> {
    pub path: Vec<Step<'a>>,
    pub message: String,
    pub help: String,
}

type Checked<'a> = Result<(), Problem<'a>>;

const MOST_STAGES: usize = 16;
const LARGEST_RESOLUTION: u32 = 1024;
const LARGEST_BASE_WIDTH: u32 = 4096;
const LARGEST_DIVISOR: u32 = 64;
const LARGEST_KERNEL: u32 = 15;
const LARGEST_CHOICE: u32 = 16;

/// The first problem of a file, from its top.
pub fn check(file: &SpaceFile) -> Checked<'static> {
    name(&file.name)?;
    if file.title.trim().is_empty() {
        return fail(&[Key("title")], "`title` is empty", "say in one line what the space is");
    }
    if ![1, 3].contains(&file.channels) {
        let message = format!("`channels` is {}", file.channels);
        return fail(&[Key("channels")], message, "images have 1 channel (grey) or 3 (RGB)");
    }
    list(&[Key("widths")], "widths", &file.widths)?;
    for (i, width) in file.widths.iter().enumerate() {
        if Width::from_f64(*width).is_none() {
            let help = "width multipliers are 0.01 to 10.0 with at most two decimals";
            return fail(&[Key("widths"), Index(i)], format!("{width} is not a width multiplier"), help);
        }
    }
    list(&[Key("resolutions")], "resolutions", &file.resolutions)?;
    for (i, side) in file.resolutions.iter().enumerate() {
        range(&[Key("resolutions"), Index(i)], "resolution", *side, 1, LARGEST_RESOLUTION)?;
    }
    range(&[Key("divisor")], "divisor", file.divisor, 1, LARGEST_DIVISOR)?;
    let stem = &file.stem;
    layer("stem", stem.width, stem.kernel, stem.stride)?;
    if let Some(first) = &file.first {
        layer("first", first.width, first.kernel, first.stride)?;
    }
    if file.stages.is_empty() || file.stages.len() > MOST_STAGES {
        let message = format!("`stages` has {} stages", file.stages.len());
        return fail(&[Key("stages")], message, &format!("a space has 1 to {MOST_STAGES} stages"));
    }
    for (i, s) in file.stages.iter().enumerate() {
        stage(i, s)?;
    }
    if let Some(width) = file.head.feature_mix {
        range(&[Key("head"), Key("feature_mix")], "feature_mix", width, 1, LARGEST_BASE_WIDTH)?;
    }
    resolutions(file)
}

fn name(name: &str) -> Checked<'static> {
    let part = |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if name.len() <= 40 && name.split('-').all(part) {
        return Ok(());
    }
    let help = "a name has lower-case letters, digits and single hyphens, at most 40, such as `my-space`";
    fail(&[Key("name")], format!("`{name}` is not a name"), help)
}

fn layer(field: &'static str, width: u32, kernel: u32, stride: u32) -> Checked<'static> {
    range(&[Key(field), Key("width")], "width", width, 1, LARGEST_BASE_WIDTH)?;
    odd(&[Key(field), Key("kernel")], kernel)?;
    range(&[Key(field), Key("stride")], "stride", stride, 1, 2)
}

fn stage(index: usize, stage: &StageFile) -> Checked<'static> {
    let at = |field| [Key("stages"), Index(index), Key(field)];
    let within = |field, i| [Key("stages"), Index(index), Key(field), Index(i)];
    range(&at("width"), "width", stage.width, 1, LARGEST_BASE_WIDTH)?;
    range(&at("stride"), "stride", stage.stride, 1, 2)?;
    for (field, choices) in [("depth", &stage.depth), ("kernel", &stage.kernel), ("expansion", &stage.expansion)] {
        list(&at(field), field, choices)?;
        for (i, choice) in choices.iter().enumerate() {
            match field {
                "kernel" => odd(&within(field, i), u32::from(*choice))?,
                _ => range(&within(field, i), field, u32::from(*choice), 1, LARGEST_CHOICE)?,
            }
        }
    }
    Ok(())
}

/// A window must be odd to have a middle; below 3 it would not see a neighbour.
fn odd(path: &[Step<'static>], kernel: u32) -> Checked<'static> {
    if kernel % 2 == 1 && (3..=LARGEST_KERNEL).contains(&kernel) {
        return Ok(());
    }
    let help = format!("kernels are odd, from 3 to {LARGEST_KERNEL}");
    fail(path, format!("kernel {kernel} is not possible"), &help)
}

fn range(path: &[Step<'static>], what: &str, value: u32, least: u32, most: u32) -> Checked<'static> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    fail(path, format!("{what} {value} is not possible"), &format!("it can be {least} to {most}"))
}

/// A list of choices has some, each once.
fn list<T: PartialEq + Display>(path: &[Step<'static>], field: &str, choices: &[T]) -> Checked<'static> {
    if choices.is_empty() {
        return fail(path, format!("`{field}` is empty"), "give at least one value");
    }
    for (i, choice) in choices.iter().enumerate() {
        if choices[..i].contains(choice) {
            let path = [path, &[Index(i)]].concat();
            return fail(&path, format!("{choice} stands twice in `{field}`"), "remove one of them");
        }
    }
    Ok(())
}

/// Every resolution leaves each window something to do.
fn resolutions(file: &SpaceFile) -> Checked<'static> {
    for (i, resolution) in file.resolutions.iter().enumerate() {
        if let Err(Starved { layer, side, kernel }) = fed(file, *resolution) {
            let rows = if side == 1 { "1 row".into() } else { format!("{side} rows") };
            let message =
                format!("resolution {resolution} is too small: {layer} gets {rows} for windows of {kernel} x {kernel}");
            let least = (*resolution..=LARGEST_RESOLUTION).find(|side| fed(file, *side).is_ok());
            let help = match least {
                Some(least) => format!("the strides and kernels of this space need at least {least}"),
                None => "use fewer stages of stride 2".into(),
            };
            return fail(&[Key("resolutions"), Index(i)], message, &help);
        }
    }
    Ok(())
}

/// A layer some of whose weights meet padding wherever its window is put.
struct Starved {
    layer: String,
    side: u32,
    kernel: u32,
}

/// Follows an image of `side` rows through the strides. A window of k reaches (k − 1)/2 rows to each side; with fewer
/// than (k + 1)/2 rows its outermost weights meet nothing but padding. The least kernel of each stage must not.
fn fed(file: &SpaceFile, side: u32) -> Result<(), Starved> {
    let stem = ("stem".to_owned(), file.stem.kernel, file.stem.stride, 1);
    let first = file.first.map(|f| ("first".to_owned(), f.kernel, f.stride, 1));
    let stage = |(i, s): (usize, &StageFile)| {
        let kernel = s.kernel.iter().copied().min().unwrap_or(3);
        (format!("stages[{i}]"), u32::from(kernel), s.stride, s.depth.iter().copied().max().unwrap_or(1))
    };
    let layers = std::iter::once(stem).chain(first).chain(file.stages.iter().enumerate().map(stage));
    let mut rows = side;
    for (layer, kernel, stride, depth) in layers {
        let starved = |side| Starved { layer: layer.clone(), side, kernel };
        if rows < kernel.div_ceil(2) {
            return Err(starved(rows));
        }
        rows = rows.div_ceil(stride);
        if depth > 1 && rows < kernel.div_ceil(2) {
            return Err(starved(rows));
        }
    }
    Ok(())
}

fn fail(path: &[Step<'static>], message: impl Into<String>, help: &str) -> Checked<'static> {
    Err(Problem { path: path.to_vec(), message: message.into(), help: help.into() })
}
