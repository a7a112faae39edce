//! `tinynas probes`: the debug probes that are connected, and whether this user may open them.

use serde_json::{Value, json};
use tinynas_device::{ProbeError, ProbeInfo, list_probes};

use crate::{
    failure::Failure,
    output::{Align, Answer, Table, Verdict},
};

/// Lists the probes.
pub fn run() -> Result<Answer, Failure> {
    answer(&list_probes())
}

fn answer(probes: &[ProbeInfo]) -> Result<Answer, Failure> {
    let json = json!({ "schema": "tinynas/probes/1", "probes": probes.iter().map(row).collect::<Vec<_>>() });
    if probes.is_empty() {
        let human = "no debug probe was found\n\n\
                     one that is reached over TCP is not listed: give its address, --probe 1d50:6018:HOST:PORT";
        return Ok(Answer::new(human, &json)?
            .verdict(Verdict::No)
            .next("plug one in, or go on without: tinynas bench RUN --board nucleo-f446re --virtual"));
    }
    let columns = [("probe", Align::Left), ("kind", Align::Left), ("name", Align::Left), ("", Align::Left)];
    let mut table = Table::new(&columns);
    for probe in probes {
        let access = if probe.accessible { "" } else { "permission denied" };
        table.row(vec![probe.selector.to_string(), probe.kind.clone(), probe.name.clone(), access.into()]);
    }
    let mut human = table.render();
    if let Some(hint) = probes.iter().find(|probe| !probe.accessible).and_then(hint) {
        human.push_str(&format!("\n\nhelp: {hint}"));
    }
    let next = match probes {
        [_] => "tinynas flash RUN --board NAME".to_owned(),
        several => format!("tinynas flash RUN --board NAME --probe {}", several[0].selector),
    };
    Ok(Answer::new(human, &json)?.next(next))
}

fn row(probe: &ProbeInfo) -> Value {
    json!({
        "selector": probe.selector.to_string(),
        "kind": probe.kind,
        "name": probe.name,
        "accessible": probe.accessible,
        "help": if probe.accessible { None } else { hint(probe) },
    })
}

fn hint(probe: &ProbeInfo) -> Option<String> {
    ProbeError::Permission { probe: probe.selector.to_string() }.help()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(accessible: bool) -> ProbeInfo {
        let selector = "0483:374b:066EFF55".parse().unwrap();
        ProbeInfo { name: "STLink V2-1".into(), kind: "ST-LINK".into(), selector, accessible }
    }

    #[test]
    fn a_probe_that_may_not_be_opened_comes_with_the_udev_rule() {
        let answer = answer(&[probe(false)]).unwrap();
        assert!(answer.human.contains("permission denied") && answer.human.contains("69-probe-rs.rules"));
        assert!(answer.json["probes"][0]["help"].as_str().unwrap().contains("udevadm"));
    }

    #[test]
    fn none_is_a_no_and_one_needs_no_name() {
        assert_eq!(answer(&[]).unwrap().verdict, Verdict::No);
        let one = answer(&[probe(true)]).unwrap();
        assert!(!one.human.contains("help:") && one.json["probes"][0]["help"].is_null());
        assert!(!one.next.unwrap().contains("--probe"));
        assert!(answer(&[probe(true), probe(true)]).unwrap().next.unwrap().contains("--probe 0483:374b:066EFF55"));
    }
}
