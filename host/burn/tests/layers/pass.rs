//! The pass on slices computes what the module computes, and its gradients are those of burn's own operations.
use crate::networks::{all, images};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use tinynas_burn::{
    Ask, Mode, NetworkModule, Ops, Pass, batch, burn, cpu_autodiff, forward, initial_weights, with_threads,
};
use tinynas_model::Network;

const IMAGES: usize = 12;

fn dims(network: &Network) -> [usize; 4] {
    [IMAGES, network.input.h as usize, network.input.w as usize, network.input.c as usize]
}

/// Weighs each logit differently.
fn loss(network: &Network) -> Vec<f32> {
    (0..IMAGES * network.classes() as usize).map(|i| ((i * 31) % 17) as f32 / 8.0 - 1.0).collect()
}

fn apart(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    let square = |x: &mut dyn Iterator<Item = f64>| x.map(|x| x * x).sum::<f64>().sqrt();
    let difference = square(&mut a.iter().zip(b).map(|(a, b)| f64::from(a - b)));
    difference / square(&mut b.iter().map(|b| f64::from(*b))).max(1e-3)
}

#[test]
fn gradients_are_those_of_burns_own_operations() {
    for (name, network) in all() {
        let data = images(IMAGES, &network);
        let weights = initial_weights(&network, 5);
        let pass = Pass::new(&network, &weights, &data).unwrap();
        let module = NetworkModule::new(&network, 5, &cpu_autodiff()).with_ops(Ops::Burn);
        let x = batch(data.clone(), dims(&network), &cpu_autodiff()).require_grad();
        let logits = module.forward(x.clone(), Mode::BatchStats);
        let factors = Tensor::<1>::from_data(loss(&network).as_slice(), &cpu_autodiff());
        let mut grads = (logits.clone() * factors.reshape(logits.dims())).sum().backward();
        let image = x.grad_remove(&mut grads).unwrap().into_data().try_into_vec::<f32>().unwrap();
        let grads = module.gradients(&GradientsParams::from_grads(grads, &module));
        let logits = logits.into_data().try_into_vec::<f32>().unwrap();
        assert!(apart(pass.logits(), &logits) < 1e-5, "{name}");

        let ours = pass.gradients(&loss(&network), Ask::Weights);
        assert!(ours.input.is_empty());
        let input = pass.gradients(&loss(&network), Ask::Input);
        assert!(apart(&input.input, &image) < 1e-3, "{name}: images differ by {}", apart(&input.input, &image));
        assert!(input.weights.iter().all(Vec::is_empty));
        // Of the module's parameters, weights are the first of each layer.
        let mut theirs = grads.iter();
        for (index, layer) in network.layers.iter().enumerate() {
            let count = match layer.op {
                tinynas_model::Op::Conv(_) | tinynas_model::Op::Depthwise(_) => 3,
                tinynas_model::Op::Linear | tinynas_model::Op::Norm => 2,
                tinynas_model::Op::PlainConv(_) => 1,
                _ => 0,
            };
            let of_layer: Vec<_> = theirs.by_ref().take(count).collect();
            if layer.op.has_weights() {
                let difference = apart(&ours.weights[index], of_layer[0]);
                assert!(difference < 1e-3, "{name}: {} differs by {difference}", layer.name);
            } else {
                assert!(ours.weights[index].is_empty() && ours.flows[index].is_empty());
            }
        }
    }
}

#[test]
fn a_forward_pass_that_keeps_nothing_gives_the_same_bits() {
    for (name, network) in all() {
        let data = images(IMAGES, &network);
        let weights = initial_weights(&network, 3);
        let pass = Pass::new(&network, &weights, &data).unwrap();
        let mut seen = 0;
        let logits = forward(&network, &weights, &data, |index, output| {
            seen += 1;
            if network.layers[index].op.is_rectified() {
                assert_eq!(output, pass.output(index), "{name}: {}", network.layers[index].name);
            }
        });
        assert_eq!(logits.unwrap(), pass.logits(), "{name}");
        assert_eq!(seen, network.layers.len());
    }
}

#[test]
fn threads_change_no_bit() {
    let (_, network) = all().swap_remove(0);
    let (data, weights) = (images(IMAGES, &network), initial_weights(&network, 3));
    let run = |threads| {
        with_threads(threads, || {
            let pass = Pass::new(&network, &weights, &data).unwrap();
            let found = pass.gradients(&loss(&network), Ask::Weights);
            let flows = found.flows.concat().into_iter().map(f64::to_bits).collect::<Vec<_>>();
            (found.weights.concat().into_iter().map(f32::to_bits).collect::<Vec<_>>(), flows)
        })
    };
    let one = run(1);
    assert!([2, 5].into_iter().all(|threads| run(threads) == one));
}

/// Rectifiers held, a network moved by nothing is the network; moved a little its loss moves by its slope.
#[test]
fn a_moved_pass_is_the_network_at_the_moved_weights() {
    for (name, network) in all() {
        let (data, weights) = (images(IMAGES, &network), initial_weights(&network, 3));
        let pass = Pass::new(&network, &weights, &data).unwrap();
        let gradients = pass.gradients(&loss(&network), Ask::Weights).weights;
        let still = pass.moved(&gradients, 0.0);
        assert!(apart(still.logits(), pass.logits()) < 1e-6, "{name}");
        let again = still.gradients(&loss(&network), Ask::Weights).weights;
        assert!(apart(&again.concat(), &gradients.concat()) < 1e-5, "{name}");
        let square: f64 = gradients.concat().iter().map(|g| f64::from(*g).powi(2)).sum();
        let step = (1e-3 / square.sqrt()) as f32;
        let value = |step| {
            let moved = pass.moved(&gradients, step);
            moved.logits().iter().zip(loss(&network)).map(|(z, f)| f64::from(z * f)).sum::<f64>()
        };
        let slope = (value(step) - value(-step)) / (2.0 * f64::from(step));
        assert!((slope / square - 1.0).abs() < 5e-3, "{name}: {slope} {square}");
    }
}

#[test]
fn what_no_path_leads_from_has_a_gradient_of_zeros() {
    use tinynas_model::{Activation, Conv, NetworkBuilder, Shape, TensorId};
    let mut net = NetworkBuilder::new(Shape::new(4, 4, 2));
    let conv = Conv::same(3, 1, Activation::Relu);
    let a = net.conv("a", TensorId::INPUT, conv, 3).unwrap();
    net.conv("unread", a, conv, 3).unwrap();
    let b = net.conv("cut", TensorId::INPUT, conv, 3).unwrap();
    let zero = net.zero("zero", b);
    let x = net.add("sum", a, zero).unwrap();
    let x = net.global_pool("pool", x);
    net.linear("classifier", x, 2);
    let network = net.finish();
    assert_eq!(network.reaching(), [true, false, false, true, true, true, true]);
    let (data, weights) = (images(3, &network), initial_weights(&network, 3));
    let pass = Pass::new(&network, &weights, &data).unwrap();
    let found = pass.gradients(&[1.0, -1.0, 0.5, 0.0, 2.0, 1.0], Ask::Weights);
    assert!(found.weights[1].iter().chain(&found.weights[2]).all(|g| *g == 0.0));
    assert_eq!((found.weights[1].len(), found.weights[2].len(), found.flows[2].len()), (81, 54, 9));
    assert!(found.weights[0].iter().any(|g| *g != 0.0));
}
