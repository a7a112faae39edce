//! `tinynas score NETWORK`: what the proxies say of one network.

use std::path::Path;

use serde_json::json;
use tinynas_model::{CandidateId, Network};
use tinynas_score::Proxy;
use tinynas_space::Space;
use tinynas_train::Dataset;

use super::network::{Member, Reference};
use crate::{
    args::ScoreArgs,
    data,
    failure::Failure,
    output::{Align, Answer, Table, thousands},
    pipeline::{Chosen, SearchRecord, candidates, scorer},
    run_dir::{RunDir, names},
};

/// Scores.
pub fn run(args: &ScoreArgs) -> Result<Answer, Failure> {
    if !Path::new(&args.network).is_dir() {
        // A wrong name is said before a large data set is read.
        Reference::parse(&args.network).member()?;
    }
    let dataset = data::open(&args.data)?;
    let (name, id, network) = network(&args.network, &dataset)?;
    let proxies: Vec<Proxy> = if args.proxy.is_empty() { Proxy::ALL.to_vec() } else { args.proxy.clone() };
    let scorer = scorer(&dataset, network.input.h, &proxies, args.images, args.seed)?;
    let scores = scorer.score(&network, id)?;
    let mut table = Table::new(&[("proxy", Align::Left), ("score", Align::Right)]);
    for (proxy, score) in scores.iter() {
        let whole = score.fract() == 0.0 && score >= 0.0;
        table.row(vec![proxy.to_string(), if whole { thousands(score as u64) } else { format!("{score:.4}") }]);
    }
    let seen = if proxies.iter().any(|proxy| proxy.needs_images()) {
        format!(
            "\nimages    {} of {}, seed {}; compare only scores of the same batch",
            args.images, dataset.name, args.seed
        )
    } else {
        String::new()
    };
    let human = format!("network   {name}\nid        {id}{seen}\n\n{}", table.render());
    let json = json!({
        "schema": "tinynas/score/1", "network": name, "id": id, "seed": args.seed, "images": args.images,
        "data": dataset.name, "macs": network.macs(), "params": network.params(), "scores": scores });
    Answer::new(human, &json)
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
