//! Selection: the published rule, its result on the published budget, and what it says when the rule is thin.

use tinynas_cost::{
    Bytes, CostError, Engine, Limit, Limits,
    select::{SelectConfig, Selection, cdf_svg, select},
};
use tinynas_space::Space;

fn config(samples: u32, classes: u32, channels: u32) -> SelectConfig {
    SelectConfig { samples, seed: 1, min_feasible: None, sample_until: None, classes, channels }
}

fn limits(engine: Engine, sram: Bytes, flash: Bytes) -> Limits {
    Limits { engine, sram, flash, macs: None }
}

fn mnas(samples: u32, engine: Engine) -> Selection {
    let space = Space::open("mnas").unwrap();
    select(&space, &limits(engine, Bytes::kib(256), Bytes::mib(1)), &config(samples, 1000, 3), 2).unwrap()
}

/// STM32F412 in MCUNet: 256 KiB, 1 MiB; the released network is of the space w0.5-r160.
#[test]
fn the_published_budget_gives_the_published_variant() {
    let selection = mnas(1000, Engine::Tinyengine);
    assert_eq!(selection.winner().variant.to_string(), "w0.5-r160");
    assert_eq!(selection.variants.len(), 108);
    assert_eq!(selection.schema, "tinynas/select/1");
    assert!(selection.variants.iter().all(|stats| stats.samples == 1000));
}

/// With less memory per network, larger variants fit: that is what the planner is for.
#[test]
fn our_plan_lets_larger_variants_fit() {
    let (theirs, ours) = (mnas(200, Engine::Tinyengine), mnas(200, Engine::Tinynas));
    assert!(ours.winner().mean_macs > theirs.winner().mean_macs, "{:?} {:?}", ours.winner(), theirs.winner());
}

#[test]
fn the_result_does_not_depend_on_threads() {
    let space = Space::open("mnas-small").unwrap();
    let limits = Limits { macs: Some(1_500_000), ..limits(Engine::Tinynas, Bytes::kib(24), Bytes::kib(160)) };
    let of = |threads| select(&space, &limits, &config(100, 10, 1), threads).unwrap();
    let one = of(1);
    for threads in [0, 2, 5, 1000] {
        assert_eq!(of(threads), one, "{threads}");
    }
}

/// A variant's networks are the same whatever else is drawn; another seed draws others.
#[test]
fn every_variant_has_its_own_random_numbers() {
    let space = Space::open("mnas-small").unwrap();
    let lone = Space::parse(&space.text().replace("[0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.8]", "[0.3]"), "lone")
        .unwrap();
    let limits = limits(Engine::Tinyengine, Bytes::kib(64), Bytes::mib(1));
    let all = select(&space, &limits, &config(50, 10, 1), 2).unwrap();
    let some = select(&lone, &limits, &config(50, 10, 1), 1).unwrap();
    assert!(some.variants.len() < all.variants.len());
    for stats in &some.variants {
        assert!(all.variants.contains(stats), "{}", stats.variant);
    }
    let other = SelectConfig { seed: 2, ..config(50, 10, 1) };
    assert_ne!(select(&lone, &limits, &other, 1).unwrap().variants, some.variants);
}

#[test]
fn variants_are_ranked_by_the_mean_of_what_fits() {
    let selection = mnas(300, Engine::Tinyengine);
    let (fitting, none): (Vec<_>, Vec<_>) = selection.variants.iter().partition(|stats| stats.fitting > 0);
    assert!(fitting.windows(2).all(|pair| pair[0].mean_macs >= pair[1].mean_macs));
    assert!(selection.variants[..fitting.len()].iter().all(|stats| stats.fitting > 0));
    assert!(!none.is_empty() && none.iter().all(|stats| stats.cdf.is_empty() && stats.p80_macs.is_none()));
    for stats in fitting {
        let (first, last) = (stats.cdf[0].0, stats.cdf[stats.cdf.len() - 1]);
        assert!(first <= stats.mean_macs && stats.mean_macs <= last.0, "{}", stats.variant);
        assert_eq!(last.1, 1.0);
        assert!(stats.cdf.len() <= 101);
        assert_eq!(stats.feasible_share, f64::from(stats.fitting) / f64::from(stats.samples));
    }
}

/// 512 KiB and 2 MiB: a variant wins of which one network in eight fits. A floor keeps such out, drawing on measures
/// them.
#[test]
fn a_thin_variant_is_kept_out_by_the_floor_and_measured_by_drawing_on() {
    let space = Space::open("mnas").unwrap();
    let limits = limits(Engine::Tinyengine, Bytes::kib(512), Bytes::mib(2));
    let free = select(&space, &limits, &config(300, 1000, 3), 2).unwrap();
    let share = free.winner().feasible_share;
    assert!(share < 0.2, "{}: {share}", free.winner().variant);
    let floor = SelectConfig { min_feasible: Some(0.2), ..config(300, 1000, 3) };
    let held = select(&space, &limits, &floor, 2).unwrap();
    assert!(held.winner().feasible_share >= 0.2);
    assert!(held.winner().mean_macs < free.winner().mean_macs);
    let note = held.notes.iter().find(|note| note.contains("the floor of 20.0 % decided")).expect("a note");
    assert!(note.contains(&free.winner().variant.to_string()), "{note}");
    let below = held.variants.iter().position(|stats| stats.feasible_share < 0.2).unwrap();
    assert!(held.variants[below..].iter().all(|stats| stats.feasible_share < 0.2));

    let until = SelectConfig { sample_until: Some(60), ..config(300, 1000, 3) };
    let more = select(&space, &limits, &until, 2).unwrap();
    let drawn_on: Vec<_> = more.variants.iter().filter(|stats| stats.samples > 300).collect();
    assert!(drawn_on.iter().all(|stats| stats.fitting == 60 || stats.samples == 30_000));
    assert!(drawn_on.iter().any(|stats| stats.fitting == 60));
    // What cannot fit is not drawn on, and what had enough is as it was.
    assert!(more.variants.iter().any(|stats| stats.fitting == 0 && stats.samples == 300));
    let enough = free.variants.iter().filter(|stats| stats.fitting >= 60);
    assert!(enough.into_iter().all(|stats| more.variants.contains(stats)));
}

#[test]
fn a_floor_that_no_variant_meets_is_an_error() {
    let space = Space::open("mnas").unwrap();
    let limits = limits(Engine::Tinyengine, Bytes::kib(48), Bytes::kib(256));
    let floor = SelectConfig { min_feasible: Some(1.0), ..config(100, 1000, 3) };
    let error = select(&space, &limits, &floor, 2).unwrap_err();
    assert_eq!(error.code(), "select::floor");
    assert!(error.help().unwrap().starts_with("lower --min-feasible to 0."), "{error}");
}

#[test]
fn what_cannot_fit_says_the_smallest_network_and_its_layer() {
    let space = Space::open("mnas-small").unwrap();
    let limits = |sram, flash, macs| Limits { engine: Engine::Tinynas, sram, flash, macs };
    let explain = |limits: &Limits| select(&space, limits, &config(10, 10, 1), 2).unwrap_err();

    let error = explain(&limits(Bytes(512), Bytes::mib(1), None));
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        ("budget::infeasible", "no network in `mnas-small` fits 512 B of SRAM")
    );
    let CostError::Infeasible { limit: Limit::Sram, smallest, layer: Some(layer), variant, .. } = &error else {
        panic!("{error:?}")
    };
    let table = space.architecture(space.variant(variant).unwrap(), &space.smallest(), 1, 10).unwrap();
    let network = table.network().unwrap();
    assert_eq!(tinynas_cost::peak_layer(&network, Engine::Tinynas).unwrap(), (layer.clone(), Bytes(*smallest)));
    let help = error.help().unwrap();
    assert!(help.contains(&format!("set by layer `{layer}`")) && help.contains("raise the SRAM limit to"), "{help}");
    // Exactly that much is enough.
    let enough = select(&space, &limits(Bytes(*smallest), Bytes::mib(1), None), &config(2000, 10, 1), 2);
    assert!(enough.is_ok(), "{:?}", enough.err());

    let error = explain(&limits(Bytes::kib(64), Bytes::kib(33), None));
    assert!(matches!(error, CostError::Infeasible { limit: Limit::Flash, layer: None, .. }), "{error:?}");
    assert_eq!(error.to_string(), "no network in `mnas-small` fits 33.0 KiB of flash");
    let error = explain(&limits(Bytes::kib(64), Bytes::mib(1), Some(1000)));
    assert!(matches!(error, CostError::Infeasible { limit: Limit::Macs, .. }), "{error:?}");
    assert_eq!(error.to_string(), "no network in `mnas-small` fits 1,000 MACs");
}

#[test]
fn numbers_out_of_range_are_refused() {
    let space = Space::open("mnas-small").unwrap();
    let limits = limits(Engine::Naive, Bytes::kib(64), Bytes::mib(1));
    let base = config(10, 10, 1);
    for (config, field) in [
        (SelectConfig { samples: 0, ..base.clone() }, "samples"),
        (SelectConfig { classes: 0, ..base.clone() }, "classes"),
        (SelectConfig { channels: 0, ..base.clone() }, "channels"),
        (SelectConfig { sample_until: Some(0), ..base.clone() }, "sample_until"),
        (SelectConfig { min_feasible: Some(f64::NAN), ..base.clone() }, "min_feasible"),
        (SelectConfig { min_feasible: Some(1.5), ..base.clone() }, "min_feasible"),
    ] {
        let error = select(&space, &limits, &config, 1).unwrap_err();
        assert!(matches!(error, CostError::Config { field: found, .. } if found == field), "{error}");
    }
}

#[test]
fn a_selection_is_read_back_from_its_json() {
    let selection = mnas(50, Engine::Tinyengine);
    let text = serde_json::to_string(&selection).unwrap();
    assert_eq!(serde_json::from_str::<Selection>(&text).unwrap(), selection);
    assert!(text.starts_with("{\"schema\":\"tinynas/select/1\""), "{}", &text[..80]);
}

#[test]
fn the_figure_has_a_curve_a_mark_and_a_line_of_legend_per_variant() {
    let selection = mnas(200, Engine::Tinyengine);
    let svg = cdf_svg(&selection);
    assert_eq!(svg.matches("<polyline").count(), 10);
    assert_eq!(svg.matches("<circle").count(), 10);
    for stats in &selection.variants[..10] {
        assert!(
            svg.contains(&format!(">{} | {:.1} M</text>", stats.variant, stats.mean_macs / 1e6)),
            "{}",
            stats.variant
        );
    }
    assert!(svg.contains("MACs of the network (millions)") && svg.contains(">P80</text>"));
    assert_eq!(svg, cdf_svg(&selection));
    let open = svg.matches('<').count() - svg.matches("</").count() - svg.matches("/>").count();
    assert_eq!(open, svg.matches("</").count(), "every element is closed");
}
