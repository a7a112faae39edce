//! Scores of 120 networks of NAS-Bench-Macro against those of PyTorch: other random weights, so ranks are compared.

use std::{fs, path::PathBuf};

use tinynas_burn::{NetworkModule, cpu};
use tinynas_model::{Activation, Conv, Network, NetworkBuilder, NetworkError, Shape, TensorId};
use tinynas_score::{Batch, Proxy, Scorer, ln_synflow};

/// Rank correlation that two seeds of the weights reach among themselves is .997 (NWOT) and .998 (SynFlow).
const LEAST: f64 = 0.99;

fn shared(path: &str) -> Option<Vec<u8>> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let root = std::env::var_os("TINYNAS_SHARED").map_or(beside, PathBuf::from);
    let bytes = fs::read(root.join(path)).ok();
    if bytes.is_none() {
        eprintln!("skipped: the comparison with PyTorch's scores needs ../shared/{path}");
    }
    bytes
}

/// One network of the table.
struct Row {
    code: String,
    params: u64,
    macs: u64,
    synflow: f64,
    nwot: f64,
}

fn rows() -> Option<Vec<Row>> {
    let text = String::from_utf8(shared("reference/nas-bench/pytorch_scores_nbmacro.csv")?).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next()?.split(',').collect();
    let rows = lines.map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        let cell = |name: &str| cells[header.iter().position(|h| *h == name).unwrap()];
        Row {
            code: cell("arch").into(),
            params: cell("params").parse().unwrap(),
            macs: cell("flops").parse().unwrap(),
            synflow: cell("log_synflow").parse().unwrap(),
            nwot: cell("nwot_b32").parse().unwrap(),
        }
    });
    Some(rows.collect())
}

/// Eight digits in stages of 2, 3 and 3: identity, expansion 3 with kernel 3, expansion 6 with kernel 5.
fn network(code: &str) -> Result<Network, NetworkError> {
    let mut net = NetworkBuilder::new(Shape::new(32, 32, 3));
    let relu = |kernel, stride| Conv::same(kernel, stride, Activation::Relu);
    let linear = |stride| Conv::same(1, stride, Activation::Linear);
    let mut x = net.conv("stem", TensorId::INPUT, relu(3, 1), 32)?;
    let stages = [(0, 64), (0, 64), (1, 128), (1, 128), (1, 128), (2, 256), (2, 256), (2, 256)];
    for (index, (choice, (_, channels))) in code.chars().zip(stages).enumerate() {
        let input = x;
        let stride = if net.shape(x).c == channels { 1 } else { 2 };
        let (expansion, kernel) = match choice {
            '0' if stride == 1 => continue,
            '0' => {
                x = net.conv(&format!("b{index}"), x, linear(2), channels)?;
                continue;
            }
            '1' => (3, 3),
            _ => (6, 5),
        };
        x = net.conv(&format!("b{index}.expand"), x, relu(1, 1), net.shape(input).c * expansion)?;
        x = net.depthwise(&format!("b{index}.dw"), x, relu(kernel, stride))?;
        x = net.conv(&format!("b{index}.project"), x, linear(1), channels)?;
        if stride == 1 {
            x = net.add(&format!("b{index}.add"), input, x)?;
        }
    }
    x = net.conv("head", x, relu(1, 1), 1280)?;
    x = net.global_pool("pool", x);
    net.linear("classifier", x, 10);
    Ok(net.finish())
}

/// Spearman's rho; no ties are expected.
fn rho(a: &[f64], b: &[f64]) -> f64 {
    let rank = |x: &[f64]| -> Vec<f64> { x.iter().map(|v| x.iter().filter(|w| *w < v).count() as f64).collect() };
    let n = a.len() as f64;
    let square: f64 = rank(a).iter().zip(rank(b)).map(|(x, y)| (x - y) * (x - y)).sum();
    1.0 - 6.0 * square / (n * (n * n - 1.0))
}

/// The first images of CIFAR-10 as the mosaic has them, normalised per channel.
fn cifar(count: usize) -> Option<Batch> {
    let bytes = shared("datasets/cifar10/train_00.webp")?;
    let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(bytes)).unwrap();
    let (width, _) = decoder.dimensions();
    let mut pixels = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.read_image(&mut pixels).unwrap();
    let channels = if decoder.has_alpha() { 4 } else { 3 };
    let columns = width as usize / 32;
    let mut data = Vec::new();
    for index in 0..count {
        for (y, x) in (0..32).flat_map(|y| (0..32).map(move |x| (y, x))) {
            let at = (index / columns * 32 + y) * width as usize + index % columns * 32 + x;
            for (c, (mean, std)) in [(125.3, 63.0), (123.0, 62.1), (113.9, 66.7)].iter().enumerate() {
                data.push((f32::from(pixels[at * channels + c]) - mean) / std);
            }
        }
    }
    Some(Batch::new(data, Shape::new(32, 32, 3)).unwrap())
}

#[test]
fn synflow_ranks_as_pytorch_does() {
    let Some(rows) = rows() else { return };
    let mut scores = Vec::new();
    for row in &rows {
        let network = network(&row.code).unwrap();
        assert_eq!((network.params(), network.macs()), (row.params, row.macs), "{}", row.code);
        let weights = NetworkModule::new(&network, 0, &cpu()).weights();
        scores.push(ln_synflow(&network, &weights).unwrap());
    }
    let theirs: Vec<f64> = rows.iter().map(|row| row.synflow).collect();
    let rho = rho(&scores, &theirs);
    assert!(rho > LEAST, "rho {rho}");
    // The same definition, so the same numbers up to the random weights.
    let shift: Vec<f64> = scores.iter().zip(&theirs).map(|(a, b)| a - b).collect();
    let mean = shift.iter().sum::<f64>() / shift.len() as f64;
    assert!(mean.abs() < 0.3, "ours are {mean} nats off");
    println!("SynFlow against PyTorch, {} networks: rho {rho:.4}, mean difference {mean:.3} nats", rows.len());
}

#[test]
fn nwot_ranks_as_pytorch_does() {
    let (Some(rows), Some(images)) = (rows(), cifar(32)) else { return };
    let scorer = Scorer::new(0, &[Proxy::Nwot]).with_images(images);
    // A part of the table: a network here has a hundred times the MACs of those that the project is about.
    let some: Vec<&Row> = rows.iter().step_by(6).collect();
    let score = |row: &&Row| {
        let scores = scorer.score_with(&network(&row.code).unwrap(), 0).unwrap();
        scores.get(Proxy::Nwot).unwrap()
    };
    let scores: Vec<f64> = some.iter().map(score).collect();
    let theirs: Vec<f64> = some.iter().map(|row| row.nwot).collect();
    let rho = rho(&scores, &theirs);
    assert!(rho > 0.98, "rho {rho}: {scores:?} {theirs:?}");
    let shift = scores.iter().zip(&theirs).map(|(a, b)| a - b).sum::<f64>() / some.len() as f64;
    assert!(shift.abs() < 3.0, "ours are {shift} nats off");
    println!("NWOT against PyTorch, {} networks: rho {rho:.4}, mean difference {shift:.2} nats", some.len());
}
