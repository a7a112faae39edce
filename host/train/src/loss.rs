//! Cross-entropy against smoothed labels.

use tinynas_burn::burn::tensor::{Device, Tensor, TensorData, activation::log_softmax};

/// Targets `[n, classes]`: `smoothing` spread evenly over all classes, the rest on the label.
pub fn targets(labels: &[u16], classes: usize, smoothing: f64, device: &Device) -> Tensor<2> {
    let spread = (smoothing / classes as f64) as f32;
    let mut data = vec![spread; labels.len() * classes];
    for (row, label) in labels.iter().enumerate() {
        data[row * classes + usize::from(*label)] = (1.0 - smoothing + smoothing / classes as f64) as f32;
    }
    Tensor::from_data(TensorData::new(data, [labels.len(), classes]), device)
}

/// Mean over the images of −Σ target · ln softmax(logit).
pub fn cross_entropy(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
    let images = logits.dims()[0] as f64;
    (log_softmax(logits, 1) * targets).sum().mul_scalar(-1.0 / images)
}

#[cfg(test)]
mod tests {
    use tinynas_burn::cpu;

    use super::*;

    #[test]
    fn it_is_the_textbook_sum() {
        let rows = [[2.0_f32, -1.0, 0.5], [0.0, 0.0, 30.0]];
        let labels = [0_u16, 1];
        let logits = Tensor::from_data(TensorData::new(rows.concat(), [2, 3]), &cpu());
        let got = cross_entropy(logits, targets(&labels, 3, 0.3, &cpu())).into_scalar::<f32>();
        let mut expected = 0.0;
        for (row, label) in rows.iter().zip(labels) {
            let sum: f64 = row.iter().map(|x| f64::from(*x).exp()).sum();
            for (class, x) in row.iter().enumerate() {
                let target = 0.1 + if class == usize::from(label) { 0.7 } else { 0.0 };
                expected -= target * (f64::from(*x).exp() / sum).ln() / 2.0;
            }
        }
        assert!((f64::from(got) - expected).abs() < 1e-5, "{got} {expected}");
    }
}
