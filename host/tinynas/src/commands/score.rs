//! `tinynas score NETWORK`: what the proxies say of one network.

use std::path::Path;

use serde_json::json;
use tinynas_model::{CandidateId, Network};
use tinynas_score::{Batch, Proxy};
use tinynas_space::Space;
use tinynas_train::Dataset;

use super::network::{Member, Reference};
use crate::{
    args::ScoreArgs,
    data,
    experiment::Experiment,
    failure::Failure,
    output::{Align, Answer, Table, thousands},
    pipeline::{Chosen, SearchRecord, candidates, place, scorer},
    run_dir::{RunDir, names},
};

/// Scores.
pub fn run(args: &ScoreArgs) -> Result<Answer, Failure> {
    let asked = Asked::new(args)?;
    let dataset = data::open(&asked.data)?;
    let (name, id, network) = network(&args.network, &dataset)?;
    let proxies: Vec<Proxy> = if args.proxy.is_empty() { Proxy::ALL.to_vec() } else { args.proxy.clone() };
    let scorer = scorer(&dataset, network.input.h, &proxies, asked.images, asked.seed)?;
    let scores = scorer.score(&network, id)?;
    let mut table = Table::new(&[("proxy", Align::Left), ("score", Align::Right)]);
    for (proxy, score) in scores.iter() {
        let whole = score.fract() == 0.0 && score >= 0.0;
        table.row(vec![proxy.to_string(), if whole { thousands(score as u64) } else { format!("{score:.4}") }]);
    }
    let seen = if proxies.iter().any(|proxy| proxy.needs_images()) {
        format!(
            "\nimages    {} of {}, seed {}; compare only scores of the same batch",
            asked.images, dataset.name, asked.seed
        )
    } else {
        String::new()
    };
    let human = format!("network   {name}\nid        {id}{seen}\n\n{}", table.render());
    let json = json!({
        "schema": "tinynas/score/1", "network": name, "id": id, "seed": asked.seed, "images": asked.images,
        "data": dataset.name, "macs": network.macs(), "params": network.params(), "scores": scores });
    Answer::new(human, &json)
}

/// Data, seed and images of the batch: as asked, else the run's, so that scores are those of its search.
struct Asked {
    data: String,
    seed: u64,
    images: u32,
}

impl Asked {
    fn new(args: &ScoreArgs) -> Result<Self, Failure> {
        let path = Path::new(&args.network);
        let mut default = Self { data: data::SHIPPED.into(), seed: 1, images: Batch::DEFAULT_IMAGES as u32 };
        if path.is_dir() {
            let (dir, record) = RunDir::open(path)?;
            let (experiment, _) = Experiment::load(&dir.file(names::EXPERIMENT))?;
            default.data = place(Path::new(&record.base), &experiment.data, &[data::SHIPPED]);
            default.seed = experiment.seed;
            default.images = experiment.search.images;
        } else {
            // A wrong name is said before a large data set is read.
            Reference::parse(&args.network).member()?;
        }
        Ok(Self {
            data: args.data.clone().unwrap_or(default.data),
            seed: args.seed.unwrap_or(default.seed),
            images: args.images.unwrap_or(default.images),
        })
    }
}

/// The network by name, or the best one of a run so far.
fn network(text: &str, dataset: &Dataset) -> Result<(String, CandidateId, Network), Failure> {
    let path = Path::new(text);
    if path.is_dir() {
        let (dir, _) = RunDir::open(path)?;
        if dir.has(names::BEST) {
            let best: Chosen = dir.read_json(names::BEST)?;
            return Ok((format!("{}@{}:{}", best.space, best.variant, best.genotype), best.id, best.network()?));
        }
        if !dir.has(names::SEARCH) {
            return Err(Failure::new("run::unfinished", format!("{text} has found no network yet"))
                .help(format!("go on with: tinynas resume {text}")));
        }
        let record: SearchRecord = dir.read_json(names::SEARCH)?;
        let found = candidates(&dir)?.into_iter().find(|candidate| candidate.id == record.best_id);
        let found = found.ok_or_else(|| {
            Failure::new("run::damaged", format!("{text}: the best candidate is not in {}", names::CANDIDATES))
        })?;
        return member(
            &Member { space: Space::open(&record.space)?, variant: found.variant, genotype: found.genotype },
            dataset,
        );
    }
    member(&Reference::parse(text).member()?, dataset)
}

fn member(member: &Member, dataset: &Dataset) -> Result<(String, CandidateId, Network), Failure> {
    let (channels, classes) = (dataset.channels() as u32, dataset.classes.len() as u32);
    let network = member.architecture(channels, classes)?.network()?;
    Ok((format!("{}@{}:{}", member.space.name, member.variant, member.genotype), member.id(), network))
}
