//! GraSP (Wang, Zhang, Grosse, ICLR 2020; as a proxy: Abdelfattah et al., ICLR 2021).
//!
//! score = −Σ θ · (H g),  g the gradient and H the Hessian of the mean cross-entropy with respect to the weights
//!
//! over the weights of convolutions and linear layers, one batch, no temperature. H is never formed, nor H g. Where a
//! normalisation follows, scaling a layer's weights changes no loss: θ · g = 0 whatever the weights, and the derivative
//! of that along g says θ · (H g) = −‖g‖² for the layer. For the layers that no normalisation follows, θ · g is Σ y · dy over what
//! they give before their bias (Euler), whose derivative along g is theirs. With z − b the products of the last layer and J the
//! Hessian of the loss with respect to the logits, the norms cancel:
//!
//! score = −(z − b)ᵀ J ż − Σ over other such layers (Σ y · dy)˙
//!
//! ż and the last sum are derivatives along g. If the last layer is the only one without normalisation, the score is
//! −g · ∇(zᵀ s) with s = J (z − b) held: one more backward pass, and exact. Otherwise (the shortcuts of NAS-Bench-201)
//! they are central differences of two passes with the rectifiers held; their error is measured in the tests.
//!
//! Traps: a plain difference of two gradients is another number. Rectifiers switch between the two points and every
//! switch adds its jump, however short the step; the Hessian of autodiff, which is the published one, has none. The
//! published minus makes more better; the pruning method splits the batch and divides logits by 200. The ε of the
//! normalisation breaks θ · g = 0 by about its share of the variance, 10⁻⁴.

use tinynas_burn::{Ask, Pass};

use crate::{Proxy, ScoreError, grad_norm::square, loss, subject::Subject};

/// Largest relative change of a layer's weights in a difference.
const STEP: f64 = 5e-3;

/// What removing the weights would do to the gradient's norm.
pub fn score(subject: &Subject<'_>) -> Result<f64, ScoreError> {
    let proxy = Proxy::Grasp;
    let (pass, gradients) = (subject.pass(proxy)?, &subject.gradients(proxy)?.weights);
    let labels = subject.images(proxy)?.labels();
    let last = Last::new(pass, subject.network.layers.len(), subject.network.classes() as usize);
    if pass.loose().is_empty() {
        return Ok(match &last {
            // No layer's scale matters.
            None => gradients.iter().map(|g| square(g)).sum(),
            Some(last) => {
                let turned: Vec<f32> = last.turned(pass).into_iter().map(|t| t as f32).collect();
                let back = pass.gradients(&turned, Ask::Weights).weights;
                -gradients.iter().zip(&back).map(|(g, b)| dot(g, b)).sum::<f64>()
            }
        });
    }
    let Some(step) = step(pass, gradients) else { return Ok(0.0) };
    let side = |step: f32| {
        let moved = pass.moved(gradients, step);
        let of_logits = loss::cross_entropy(moved.logits(), labels, subject.network.classes())?;
        Ok::<_, ScoreError>((moved.logits().to_vec(), moved.gradients(&of_logits, Ask::Loose).loose))
    };
    let ((ahead, loose_ahead), (behind, loose_behind)) = (side(step)?, side(-step)?);
    let width = 2.0 * f64::from(step);
    let loose = (loose_ahead - loose_behind) / width;
    let all = match &last {
        None => gradients.iter().map(|g| square(g)).sum(),
        Some(last) => {
            let speed = ahead.iter().zip(&behind).map(|(a, b)| (f64::from(*a) - f64::from(*b)) / width);
            -speed.zip(last.turned(pass)).map(|(s, t)| s * t).sum::<f64>()
        }
    };
    Ok(all - loose)
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

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}
