//! `tinynas spaces [NAME]`: what can be searched.

use serde_json::{Value, json};
use tinynas_space::{Space, Stage};

use crate::{
    args::NameArgs,
    failure::Failure,
    output::{Align, Answer, Table},
};

/// Lists the spaces, or shows one.
pub fn run(args: &NameArgs) -> Result<Answer, Failure> {
    match &args.name {
        Some(name) => one(&Space::open(name)?),
        None => all(),
    }
}

fn all() -> Result<Answer, Failure> {
    let spaces = Space::shipped().into_iter().map(Space::open).collect::<Result<Vec<_>, _>>()?;
    let columns = [
        ("space", Align::Left),
        ("variants", Align::Right),
        ("widths", Align::Left),
        ("resolutions", Align::Left),
        ("networks per variant", Align::Right),
    ];
    let mut table = Table::new(&columns);
    for space in &spaces {
        table.row(vec![
            space.name.clone(),
            space.variants().len().to_string(),
            range(space.widths()),
            range(space.resolutions()),
            format!("{:.1e}", space.size()),
        ]);
    }
    let json = json!({ "schema": "tinynas/spaces/1", "spaces": spaces.iter().map(summary).collect::<Vec<_>>() });
    let titles: Vec<String> = spaces.iter().map(|space| format!("\n{:<11} {}", space.name, space.title)).collect();
    let human = format!("{}\n{}", table.render(), titles.concat());
    Ok(Answer::new(human, &json)?.next("tinynas spaces mnas"))
}

fn one(space: &Space) -> Result<Answer, Failure> {
    let columns = [
        ("stage", Align::Right),
        ("width", Align::Right),
        ("stride", Align::Right),
        ("depth", Align::Left),
        ("kernel", Align::Left),
        ("expansion", Align::Left),
    ];
    let mut table = Table::new(&columns);
    for (index, stage) in space.stages().iter().enumerate() {
        table.row(vec![
            (index + 1).to_string(),
            stage.width.to_string(),
            stage.stride.to_string(),
            list(&stage.depth),
            list(&stage.kernel),
            list(&stage.expansion),
        ]);
    }
    let (stem, colour) = (space.stem(), if space.channels() == 1 { "grey" } else { "RGB" });
    let mut text = format!(
        "{}: {}\n\nwidths       {}\nresolutions  {}\nvariants     {}\nnetworks     {:.1e} per variant\n\
         images       {colour}, unless the data says otherwise",
        space.name,
        space.title,
        list(space.widths()),
        list(space.resolutions()),
        space.variants().len(),
        space.size(),
    );
    text.push_str(&format!(
        "\nstem         {0}x{0} stride {1}, {2} channels at width 1.0",
        stem.kernel, stem.stride, stem.width
    ));
    if let Some(first) = space.first() {
        text.push_str(&format!(
            "\nfirst block  {0}x{0} stride {1}, no expansion, {2} channels at width 1.0",
            first.kernel, first.stride, first.width
        ));
    }
    if let Some(width) = space.feature_mix() {
        text.push_str(&format!("\nhead         1x1 to {width} channels at width 1.0"));
    }
    if let Some(source) = &space.source {
        text.push_str(&format!("\nsource       {source}"));
    }
    let smallest = space.smallest();
    text.push_str(&format!("\n\n{}\n\nsmallest     '{smallest}'", table.render()));
    let mut json = summary(space);
    json["schema"] = json!("tinynas/space/1");
    json["hash"] = json!(space.hash());
    json["source"] = json!(space.source);
    json["stages"] = space.stages().iter().map(stage).collect();
    json["smallest"] = json!(smallest);
    let example =
        space.variants().first().map(|variant| format!("tinynas score '{}@{variant}:{smallest}'", space.name));
    let answer = Answer::new(text, &json)?;
    Ok(match example {
        Some(example) => answer.next(example),
        None => answer,
    })
}

fn summary(space: &Space) -> Value {
    json!({
        "name": space.name, "title": space.title, "channels": space.channels(), "networks_per_variant": space.size(),
        "widths": space.widths().iter().map(|width| f64::from(width.hundredths()) / 100.0).collect::<Vec<_>>(),
        "resolutions": space.resolutions(), "variants": space.variants() })
}

fn stage(stage: &Stage) -> Value {
    json!({ "width": stage.width, "stride": stage.stride, "depth": stage.depth, "kernel": stage.kernel, "expansion": stage.expansion })
}

/// `48 to 224 (12)`.
fn range<T: ToString>(values: &[T]) -> String {
    match values {
        [] => "none".into(),
        [only] => only.to_string(),
        [first, .., last] => format!("{} to {} ({})", first.to_string(), last.to_string(), values.len()),
    }
}

/// `3, 5, 7`.
fn list<T: ToString>(values: &[T]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
