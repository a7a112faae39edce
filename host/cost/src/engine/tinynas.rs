//! `tinynas`: not a formula, but the planner and the compiler that make the model the chip runs.

use tinynas_model::{Network, graph};
use tinynas_plan::{Graph, Meta, MetaPreprocess};

use super::{Peak, constants::Constants};
use crate::{Bytes, CostError, walk::LayerUse};

/// A lower bound of every plan: the bytes that are alive at once whatever is cut where. Of a layer's input and output
/// rows overwrite rows, so at least the larger one is there, unless both lie inside a segment.
pub(super) fn bound(uses: &[LayerUse]) -> Peak {
    // The network's input and output are whole in any plan.
    let ends = [uses.first().map(|layer| layer.input.elements()), uses.last().map(|layer| layer.output.elements())];
    Peak::over(ends.into_iter().map(Option::unwrap_or_default))
}

/// A lower bound of the model's size: the weights alone.
pub(super) fn least_model_bytes(uses: &[LayerUse]) -> u64 {
    uses.iter().map(LayerUse::weights).sum()
}

/// Size of the `.tnm` of a planned graph with the standard texts.
pub(crate) fn standard_model_bytes(graph: &Graph, classes: u32, constants: &Constants) -> u64 {
    u64::from(tinynas_plan::model_bytes(graph, &bare_meta())) + standard_texts(classes, constants)
}

/// What class names and provenance of the standard meta data add to a model: two bytes of length per name.
fn standard_texts(classes: u32, constants: &Constants) -> u64 {
    let flash = &constants.tinynas.flash;
    flash.provenance_bytes.value.0 + u64::from(classes) * (2 + flash.class_name_bytes.value.0)
}

fn bare_meta() -> Meta {
    let preprocess = MetaPreprocess { size: 0, channels: 0, mean: 0, scale: 1.0 };
    Meta { preprocess, classes: Vec::new(), sram_budget: 0, flash_budget: 0, provenance: String::new() }
}

/// Size in bytes of the `.tnm` file that `network` is compiled to with `meta`: exact, before any weight exists.
///
/// # Errors
/// [`CostError::Graph`] if a size does not fit the format.
pub fn model_bytes(network: &Network, meta: &Meta) -> Result<Bytes, CostError> {
    Ok(Bytes(u64::from(tinynas_plan::model_bytes(&graph(network)?, meta))))
}

/// The meta data that [`crate::cost`] counts with, where class names and provenance are not known yet: names and
/// provenance of the lengths in `memory-models/engines/tinynas.yaml`.
///
/// # Errors
/// If the shipped constants are damaged.
pub fn standard_meta(network: &Network) -> Result<Meta, CostError> {
    let flash = &Constants::shipped()?.tinynas.flash;
    let text = |bytes: &Bytes| "-".repeat(usize::try_from(bytes.0).unwrap_or_default());
    let name = text(&flash.class_name_bytes.value);
    Ok(Meta {
        classes: (0..network.classes()).map(|_| name.clone()).collect(),
        provenance: text(&flash.provenance_bytes.value),
        ..bare_meta()
    })
}

#[cfg(test)]
mod tests {
    use tinynas_model::{Activation, Conv, NetworkBuilder, Shape, TensorId};

    use super::*;

    #[test]
    fn standard_texts_are_those_of_the_standard_meta() {
        let mut net = NetworkBuilder::new(Shape::new(8, 8, 3));
        let x = net.conv("stem", TensorId::INPUT, Conv::same(3, 2, Activation::Relu6), 8).unwrap();
        let x = net.global_pool("pool", x);
        net.linear("classifier", x, 37);
        let net = net.finish();
        let counted = standard_model_bytes(&graph(&net).unwrap(), 37, Constants::shipped().unwrap());
        assert_eq!(model_bytes(&net, &standard_meta(&net).unwrap()).unwrap(), Bytes(counted));
        assert!(least_model_bytes(&crate::walk::of_network(&net).unwrap()) < counted);
    }
}
