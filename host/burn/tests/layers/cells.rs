//! The operations of benchmark cells: rectifier first, averages, convolutions and normalisations alone, nothing.
use crate::networks::{cell, images};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use tinynas_burn::{Mode, NetworkModule, Ops, batch, burn, cpu, cpu_autodiff};
use tinynas_model::{NetworkBuilder, Pool, Shape, TensorId};

fn gradients(ops: Ops, mode: Mode) -> (Vec<f32>, Vec<Vec<f32>>) {
    let module = NetworkModule::new(&cell(), 5, &cpu_autodiff()).with_ops(ops);
    let logits = module.forward(batch(images(12, &cell()), [12, 7, 7, 3], &cpu_autodiff()), mode);
    let weights = (0..48).map(|i| ((i * 31) % 17) as f32 / 8.0 - 1.0).collect::<Vec<_>>();
    let weights = Tensor::<1>::from_data(weights.as_slice(), &cpu_autodiff()).reshape([12, 4]);
    let grads = GradientsParams::from_grads((logits.clone() * weights).sum().backward(), &module);
    (logits.into_data().try_into_vec().unwrap(), module.gradients(&grads))
}

#[test]
fn gradients_of_a_cell_are_those_of_burn() {
    for mode in [Mode::BatchStats, Mode::Eval] {
        let ((logits, ours), (expected, theirs)) = (gradients(Ops::Fast, mode), gradients(Ops::Burn, mode));
        assert!(logits.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-4), "{mode:?}");
        // stem, three edges, three of the halving block, the last normalisation, the classifier.
        assert_eq!(ours.len(), 3 * 5 + 1 + 2 + 2);
        let square = |x: &[f32]| x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
        // A shift before a normalisation has no gradient but noise.
        let least = 1e-2 * square(&theirs.concat()).sqrt();
        for (index, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            let apart: Vec<f32> = ours.iter().zip(theirs).map(|(a, b)| a - b).collect();
            assert!(square(&apart).sqrt() < 1e-4 * square(theirs).sqrt().max(least), "tensor {index}, {mode:?}");
        }
    }
}

#[test]
fn padding_is_not_counted_in_an_average_and_zeros_are_zeros() {
    let mut net = NetworkBuilder::new(Shape::new(2, 3, 1));
    let x = net.average_pool("a", TensorId::INPUT, Pool { kernel: 3, stride: 1, pad: 1 }).unwrap();
    let zero = net.zero("zero", TensorId::INPUT);
    net.add("sum", x, zero).unwrap();
    let network = net.finish();
    assert_eq!((network.params(), network.macs(), network.relu_units()), (0, 0, 0));
    let module = NetworkModule::new(&network, 0, &cpu());
    let y = module.forward(batch(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1, 2, 3, 1], &cpu()), Mode::Eval);
    // Corners see four pixels, the middle six.
    assert_eq!(y.into_data().try_into_vec::<f32>().unwrap(), [3.0, 3.5, 4.0, 3.0, 3.5, 4.0]);
}

#[test]
fn rectifiers_alone_are_observed_and_counted() {
    let network = cell();
    let module = NetworkModule::new(&network, 1, &cpu());
    let mut units = 0;
    let x = batch(images(4, &network), [4, 7, 7, 3], &cpu());
    let _ = module.forward_observed(x, Mode::BatchStats, &mut |index, y| {
        if network.layers[index].op.is_rectified() {
            units += y.dims().iter().product::<usize>() as u64 / 4;
        }
    });
    assert_eq!(units, network.relu_units());
    // Four rectifiers alone and the one of `half.cut`.
    assert_eq!(units, 49 * 5 * 3 + 9 * 8 * 2);
}
