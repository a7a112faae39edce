//! What must hold of every engine on every network.

use proptest::prelude::*;
use rand_pcg::Pcg64Mcg;
use tinynas_cost::{Bytes, Engine, cost, model_bytes, peak_layer, standard_meta};
use tinynas_model::{Network, graph};
use tinynas_plan::{Feed, Goal, plan_for};
use tinynas_space::Space;

/// A network of a shipped space.
fn network(space: usize, variant: usize, seed: u64) -> Network {
    let names = Space::shipped();
    let space = Space::open(names[space % names.len()]).unwrap();
    let variant = space.variants()[variant % space.variants().len()];
    let genotype = space.sample(&mut Pcg64Mcg::new(seed.into()));
    space.architecture(variant, &genotype, 3, 10).unwrap().network().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_peak_is_below_the_largest_tensor(space: usize, variant: usize, seed: u64) {
        let network = network(space, variant, seed);
        let tensors = network.layers.iter().map(|layer| layer.output.elements());
        let largest = tensors.chain([network.input.elements()]).max().unwrap();
        for engine in Engine::ALL {
            let found = cost(&network, engine).unwrap();
            // Under `tinynas` only the input and the output are whole in every plan.
            let least = if engine == Engine::Tinynas { network.input.elements() } else { largest };
            prop_assert!(found.sram.0 >= least, "{engine}: {} < {least}", found.sram.0);
            prop_assert!(found.flash >= found.model, "{engine}");
            prop_assert_eq!((found.macs, found.params), (network.macs(), network.params()));
        }
    }

    #[test]
    fn the_tinynas_figures_are_the_plan_and_the_file(space: usize, variant: usize, seed: u64) {
        let network = network(space, variant, seed);
        let found = cost(&network, Engine::Tinynas).unwrap();
        let plan = plan_for(&graph(&network).unwrap(), Goal::Smallest, Feed::Whole).unwrap();
        prop_assert_eq!(found.sram.0, u64::from(plan.arena_bytes));
        let meta = standard_meta(&network).unwrap();
        prop_assert_eq!(meta.classes.len(), 10);
        prop_assert_eq!(found.model, model_bytes(&network, &meta).unwrap());
        let tflm = cost(&network, Engine::Tflm).unwrap();
        prop_assert!(u64::from(plan.bound()) < tflm.sram.0);
    }

    #[test]
    fn the_peak_has_a_layer(space: usize, variant: usize, seed: u64) {
        let network = network(space, variant, seed);
        for engine in Engine::ALL {
            let (layer, peak) = peak_layer(&network, engine).unwrap();
            prop_assert_eq!(peak, cost(&network, engine).unwrap().sram);
            prop_assert!(network.layers.iter().any(|l| l.name == layer));
        }
    }
}

#[test]
fn the_layer_that_sets_the_peak_is_the_one_with_the_most_living_bytes() {
    let network = network(0, 3, 7);
    let plan = plan_for(&graph(&network).unwrap(), Goal::Smallest, Feed::Whole).unwrap();
    let most = plan.live_bytes.iter().max().unwrap();
    let at = plan.live_bytes.iter().position(|bytes| bytes == most).unwrap();
    assert_eq!(peak_layer(&network, Engine::Tinynas).unwrap().0, network.layers[at].name);
}

#[test]
fn class_names_and_provenance_are_counted_byte_by_byte() {
    let network = network(1, 0, 3);
    let standard = standard_meta(&network).unwrap();
    let named = tinynas_plan::Meta { provenance: String::new(), ..standard.clone() };
    let Bytes(difference) = model_bytes(&network, &standard).unwrap().less(model_bytes(&network, &named).unwrap());
    assert_eq!(difference, standard.provenance.len() as u64);
}

#[test]
fn engines_are_called_by_name() {
    for engine in Engine::ALL {
        assert_eq!(engine.name().parse::<Engine>().unwrap(), engine);
        assert_eq!(serde_json::to_string(&engine).unwrap(), format!("\"{engine}\""));
        assert!(engine.text().starts_with(&format!("name: {engine}\n")));
    }
    let error = "tinyengin".parse::<Engine>().unwrap_err();
    assert_eq!((error.code(), error.help().as_deref()), ("engine::unknown", Some("did you mean `tinyengine`?")));
    assert_eq!(error.to_string(), "there is no engine `tinyengin`");
}
