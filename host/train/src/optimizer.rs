//! burn's optimizers as a configuration says: decay for matrices and filters, none for the rest.

use tinynas_burn::burn::{
    module::ParamGroup,
    optim::{AdamWConfig, ModuleOptimizer, SgdConfig, decay::WeightDecayConfig, momentum::MomentumConfig},
};

use crate::{Optimizer, TrainConfig};

/// Share of the last step in the next.
const MOMENTUM: f64 = 0.9;

/// Parameters that are not decayed.
fn undecayed() -> ParamGroup {
    ParamGroup::from_any_predicates(vec!["gamma", "beta", "bias"])
}

/// A new optimizer without state.
pub fn optimizer(config: &TrainConfig) -> ModuleOptimizer {
    match config.optimizer {
        Optimizer::Sgd => {
            let momentum = MomentumConfig { momentum: MOMENTUM, dampening: 0.0, nesterov: true };
            let plain = SgdConfig::new().with_momentum(Some(momentum));
            let penalty = WeightDecayConfig { penalty: config.weight_decay as f32 };
            plain.clone().with_weight_decay(Some(penalty)).init().with_group(undecayed(), plain.build(), None)
        }
        Optimizer::AdamW => {
            let plain = AdamWConfig::new().with_epsilon(1e-8).with_weight_decay(0.0);
            let decayed = plain.clone().with_weight_decay(config.weight_decay as f32);
            decayed.init().with_group(undecayed(), plain.build(), None)
        }
    }
}
