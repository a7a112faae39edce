//! One network with its initial weights, and all that proxies share: nothing is computed twice, nothing unasked.

use std::cell::OnceCell;

use tinynas_burn::{Ask, Pass, PassGradients, initial_weights};
use tinynas_model::{Network, Weights};

use crate::{Batch, Proxy, ScoreError, loss::cross_entropy};

/// What a proxy may look at.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The network.
    pub network: &'a Network,
    /// The images, if any were given.
    pub images: Option<&'a Batch>,
    /// A second batch, if one was given.
    pub second: Option<&'a Batch>,
    seed: u64,
    /// Whether a proxy of this run asks for gradients, so that others may read the same forward pass.
    shares_pass: bool,
    weights: &'a OnceCell<Weights>,
    pass: OnceCell<Pass<'a>>,
    gradients: OnceCell<PassGradients>,
}

impl<'a> Subject<'a> {
    /// A network whose initial weights follow from `seed`; `weights` is where they are kept.
    pub fn new(
        network: &'a Network,
        [images, second]: [Option<&'a Batch>; 2],
        seed: u64,
        weights: &'a OnceCell<Weights>,
        proxies: &[Proxy],
    ) -> Self {
        Self {
            network,
            images,
            second,
            seed,
            shares_pass: proxies.iter().any(|proxy| proxy.needs_gradients()),
            weights,
            pass: OnceCell::new(),
            gradients: OnceCell::new(),
        }
    }

    /// What all that is drawn for this network follows from.
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// PyTorch's default initial weights.
    pub fn weights(&self) -> &'a Weights {
        self.weights.get_or_init(|| initial_weights(self.network, self.seed))
    }

    /// The images, of the shape that the network reads.
    pub fn images(&self, proxy: Proxy) -> Result<&'a Batch, ScoreError> {
        self.fitting(self.images.ok_or(ScoreError::NoImages { proxy })?)
    }

    /// A batch, of the shape that the network reads.
    pub fn fitting<'b>(&self, images: &'b Batch) -> Result<&'b Batch, ScoreError> {
        if images.shape() != self.network.input {
            return Err(ScoreError::ImageShape { network: self.network.input, images: images.shape() });
        }
        Ok(images)
    }

    /// The images' forward pass, if some proxy of this run needs all of it anyway.
    pub fn shared_pass(&self, proxy: Proxy) -> Result<Option<&Pass<'a>>, ScoreError> {
        if self.shares_pass { self.pass(proxy).map(Some) } else { Ok(None) }
    }

    /// The images' forward pass.
    pub fn pass(&self, proxy: Proxy) -> Result<&Pass<'a>, ScoreError> {
        let images = self.images(proxy)?;
        if self.pass.get().is_none() {
            let _ = self.pass.set(Pass::new(self.network, self.weights(), images.data())?);
        }
        Ok(self.pass.get_or_init(|| unreachable!("just set")))
    }

    /// The gradients of the images' loss.
    pub fn gradients(&self, proxy: Proxy) -> Result<&PassGradients, ScoreError> {
        let images = self.images(proxy)?;
        if self.gradients.get().is_none() {
            let pass = self.pass(proxy)?;
            let _ = self.gradients.set(loss_gradients(pass, images, proxy, self.network.classes())?);
        }
        Ok(self.gradients.get_or_init(|| unreachable!("just set")))
    }

    /// The gradients of another batch's loss; nothing of its pass is kept.
    pub fn gradients_of(&self, images: &Batch, proxy: Proxy) -> Result<PassGradients, ScoreError> {
        let pass = Pass::new(self.network, self.weights(), self.fitting(images)?.data())?;
        loss_gradients(&pass, images, proxy, self.network.classes())
    }

    /// Weights and their gradients, layer by layer, of layers that have any.
    pub fn weights_and_gradients(&self, proxy: Proxy) -> Result<impl Iterator<Item = (&[f32], &[f32])>, ScoreError> {
        let (pass, gradients) = (self.pass(proxy)?, &self.gradients(proxy)?.weights);
        Ok(gradients.iter().enumerate().filter_map(|(index, g)| Some((pass.weights(index)?, &g[..]))))
    }
}

fn loss_gradients(pass: &Pass<'_>, images: &Batch, proxy: Proxy, classes: u32) -> Result<PassGradients, ScoreError> {
    if images.labels().is_empty() {
        return Err(ScoreError::NoLabels { proxy });
    }
    let logits = cross_entropy(pass.logits(), images.labels(), classes)?;
    Ok(pass.gradients(&logits, Ask::Weights))
}
