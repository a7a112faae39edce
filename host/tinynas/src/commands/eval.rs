//! `tinynas eval MODEL`: accuracy of a compiled model on the host, bit-exact to the chip.

use std::num::NonZeroUsize;

use serde::Serialize;
use tinynas_quant::{Evaluation, Int8Model};
use tinynas_train::Split;

use super::model::ModelFile;
use crate::{
    args::{EvalArgs, threads},
    failure::Failure,
    output::{Align, Answer, Table, Verdict, percent, thousands},
};

/// The answer as data.
#[derive(Debug, Serialize)]
struct Evaluated {
    schema: &'static str,
    model: String,
    data: String,
    images: usize,
    correct: usize,
    accuracy: f64,
    min_accuracy: Option<f64>,
    classes: Vec<String>,
    /// `confusion[label][choice]`, images.
    confusion: Vec<Vec<u32>>,
    more: Vec<MoreImages>,
}

/// A further set of test images.
#[derive(Debug, Serialize)]
struct MoreImages {
    name: String,
    images: usize,
    accuracy: f64,
}

/// Evaluates.
pub fn run(args: &EvalArgs) -> Result<Answer, Failure> {
    let file = ModelFile::open(&args.model)?;
    let data = file.data(args.data.as_deref())?;
    let model = Int8Model::new(&file.bytes)?;
    let evaluate = |split: &Split| -> Result<Evaluation, Failure> {
        Ok(model.evaluate(
            &split.images,
            &split.labels,
            NonZeroUsize::new(threads(None)).unwrap_or(NonZeroUsize::MIN),
        )?)
    };
    let found = evaluate(&data.test)?;
    let mut more = Vec::new();
    for set in &data.more_tests {
        let found = evaluate(&set.split)?;
        more.push(MoreImages { name: set.name.clone(), images: found.images, accuracy: found.accuracy() });
    }
    let answer = Evaluated {
        schema: "tinynas/eval/1",
        model: file.path.display().to_string(),
        data: data.name.clone(),
        images: found.images,
        correct: found.correct,
        accuracy: found.accuracy(),
        min_accuracy: args.min_accuracy,
        classes: data.classes,
        confusion: found.confusion,
        more,
    };
    let enough = args.min_accuracy.is_none_or(|least| answer.accuracy >= least);
    let verdict = if enough { Verdict::Yes } else { Verdict::No };
    Ok(Answer::new(answer.human(enough), &answer)?.verdict(verdict).next(format!("tinynas bench {}", file.name())))
}

impl Evaluated {
    fn human(&self, enough: bool) -> String {
        let mut text = format!(
            "accuracy  int8 {} on {} test images of {} ({} right)",
            percent(self.accuracy),
            thousands(self.images as u64),
            self.data,
            thousands(self.correct as u64)
        );
        if let Some(least) = self.min_accuracy {
            text.push_str(&format!(
                "\nrequired  {}: {}",
                percent(least),
                if enough { "reached" } else { "not reached" }
            ));
        }
        for set in &self.more {
            text.push_str(&format!(
                "\naccuracy  int8 {} on {} images of {}",
                percent(set.accuracy),
                thousands(set.images as u64),
                set.name
            ));
        }
        let columns = [
            ("class", Align::Left),
            ("images", Align::Right),
            ("right", Align::Right),
            ("share", Align::Right),
            ("most often taken for", Align::Left),
        ];
        let mut table = Table::new(&columns);
        for (label, counts) in self.confusion.iter().enumerate() {
            table.row(self.row(label, counts));
        }
        format!("{text}\n\n{}", table.render())
    }

    fn row(&self, label: usize, counts: &[u32]) -> Vec<String> {
        let name = |class: usize| self.classes.get(class).cloned().unwrap_or_else(|| class.to_string());
        let total: u32 = counts.iter().sum();
        let right = counts.get(label).copied().unwrap_or(0);
        let wrong = counts.iter().enumerate().filter(|(choice, _)| *choice != label);
        // The first of equals, so that the text does not depend on chance.
        let worst = wrong.rev().max_by_key(|(_, count)| **count).filter(|(_, count)| **count > 0);
        vec![
            name(label),
            total.to_string(),
            right.to_string(),
            if total == 0 { "-".into() } else { percent(f64::from(right) / f64::from(total)) },
            worst.map(|(choice, count)| format!("{} ({count})", name(choice))).unwrap_or_default(),
        ]
    }
}
