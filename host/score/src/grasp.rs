//! GraSP (Wang, Zhang, Grosse, ICLR 2020; as a proxy: Abdelfattah et al., ICLR 2021).
//!
//! score = −Σ θ · (H g),  g the gradient and H the Hessian of the mean cross-entropy with respect to the weights
//!
//! over the weights of convolutions and linear layers, one batch, no temperature. H is never formed, nor H g: with
//! p(s) = Σ θ · ∂L/∂θ at the weights θ + s g,
//!
//! score = ‖g‖² − p'(0)
//!
//! and by Euler's theorem a layer's θ · ∂L/∂θ is Σ y · dy over its products y: no gradient of a weight is needed. Where a
//! normalisation follows, scaling the weights changes no loss and only the share of the ε is left of it. For the last
//! layer, with z − b its products, ż their derivative and J the loss's Hessian with respect to the logits, p' is
//! ‖g‖² + (z − b)ᵀ J ż, and the norms, most of it all, cancel:
//!
//! score = −(z − b)ᵀ J ż − p'(0) of the other layers
//!
//! ż and p' are central differences of two passes with the rectifiers held; the error is measured in the tests.
//!
//! Traps: a plain difference of two gradients is another number. Rectifiers switch between the two points and every
//! switch adds its jump, however short the step; the Hessian of autodiff, which is the published one, has none. The
//! published minus makes more better; the pruning method splits the batch and divides logits by 200. The ε of the
//! normalisation breaks θ · g = 0 by about its share of the variance, 10⁻⁴.

use tinynas_burn::{Ask, Pass};

use crate::{Proxy, ScoreError, grad_norm::square, loss, subject::Subject};

/// Largest relative change of a layer's weights in a difference. The loss bends sharply along g: ten times as much
/// costs ten percent.
const STEP: f64 = 2e-4;

/// What removing the weights would do to the gradient's norm.
pub fn score(subject: &Subject<'_>) -> Result<f64, ScoreError> {
    let proxy = Proxy::Grasp;
    let (pass, gradients) = (subject.pass(proxy)?, &subject.gradients(proxy)?.weights);
    let labels = subject.images(proxy)?.labels();
    let last = Last::new(pass, subject.network.layers.len(), subject.network.classes() as usize);
    let Some(step) = step(pass, gradients) else { return Ok(0.0) };
    let side = |step: f32| {
        let moved = pass.moved(gradients, step);
        let of_logits = loss::cross_entropy(moved.logits(), labels, subject.network.classes())?;
        Ok::<_, ScoreError>((moved.logits().to_vec(), moved.gradients(&of_logits, Ask::Scale).scale))
    };
    let ((ahead, scale_ahead), (behind, scale_behind)) = (side(step)?, side(-step)?);
    let width = 2.0 * f64::from(step);
    let others = (scale_ahead - scale_behind) / width;
    let last = match &last {
        None => gradients.iter().map(|g| square(g)).sum(),
        Some(last) => {
            let speed = ahead.iter().zip(&behind).map(|(a, b)| (f64::from(*a) - f64::from(*b)) / width);
            -speed.zip(last.turned(pass)).map(|(s, t)| s * t).sum::<f64>()
        }
    };
    Ok(last - others)
}

/// The last layer, if no normalisation follows it.
struct Last<'a> {
    bias: &'a [f32],
    classes: usize,
}

impl<'a> Last<'a> {
    fn new(pass: &'a Pass<'_>, layers: usize, classes: usize) -> Option<Self> {
        pass.bias(layers.checked_sub(1)?).map(|bias| Self { bias, classes })
    }

    /// J (z − b).
    fn turned(&self, pass: &Pass<'_>) -> Vec<f64> {
        let logits = pass.logits();
        let products: Vec<f64> =
            logits.iter().zip(self.bias.iter().cycle()).map(|(z, b)| f64::from(*z) - f64::from(*b)).collect();
        loss::turn(logits, &products, self.classes)
    }
}

/// The step that changes no layer's weights by more than [`STEP`] of their norm; `None` if nothing moves.
fn step(pass: &Pass<'_>, gradients: &[Vec<f32>]) -> Option<f32> {
    let ratio = |(index, g): (usize, &Vec<f32>)| {
        let (w, g) = (square(pass.weights(index)?), square(g));
        (g > 0.0).then(|| (w / g).sqrt())
    };
    let least = gradients.iter().enumerate().filter_map(ratio).reduce(f64::min)?;
    Some((STEP * least) as f32)
}
