//! The table of proxies.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    ScoreError, depth, fisher, fisher_channel, grad_norm, grad_norm_l2, grasp, jacob_cov, l2_norm, linear_regions,
    macs, meco_opt, nwot, params, plain, relu_units, snip, subject::Subject, synflow, zen, zico,
};

/// What a proxy looks at beside the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Needs {
    /// Nothing.
    Nothing,
    /// Images.
    Images,
    /// Images, whose gradients are asked for.
    Gradients,
    /// Images and their labels, for the gradients of a loss.
    Labels,
}

/// Makes the enum of proxies and all that depends on the list.
macro_rules! proxies {
    ($($(#[$doc:meta])* $variant:ident, $name:literal, $needs:ident, $score:path;)*) => {
        /// A training-free score. Text form: kebab case, for example `relu-units`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        #[non_exhaustive]
        pub enum Proxy {
            $($(#[$doc])* $variant,)*
        }

        impl Proxy {
            /// All proxies, in the order of reports.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name on the command line and in files.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            const fn needs(self) -> Needs {
                match self {
                    $(Self::$variant => Needs::$needs,)*
                }
            }

            pub(crate) fn score(self, subject: &Subject<'_>) -> Result<f64, ScoreError> {
                match self {
                    $(Self::$variant => $score(subject),)*
                }
            }
        }
    };
}

proxies! {
    /// Trainable parameters.
    Params, "params", Nothing, params::score;
    /// Multiply-accumulates of one inference.
    Macs, "macs", Nothing, macs::score;
    /// Elements that pass through a rectifier.
    ReluUnits, "relu-units", Nothing, relu_units::score;
    /// Layers with weights.
    Depth, "depth", Nothing, depth::score;
    /// Log-determinant of how differently the images switch the ReLU units (nats).
    Nwot, "nwot", Images, nwot::score;
    /// Logarithm of the synaptic flow (nats).
    Synflow, "synflow", Nothing, synflow::score;
    /// Sum of the layers' gradient norms.
    GradNorm, "grad-norm", Labels, grad_norm::score;
    /// Norm of the whole gradient.
    GradNormL2, "grad-norm-l2", Labels, grad_norm_l2::score;
    /// Sum of weight times gradient.
    Plain, "plain", Labels, plain::score;
    /// Sum of the magnitudes of weight times gradient.
    Snip, "snip", Labels, snip::score;
    /// Squared flow of gradient times activation, every weight counting its channel.
    Fisher, "fisher", Labels, fisher::score;
    /// The same, every channel counting once.
    FisherChannel, "fisher-channel", Labels, fisher_channel::score;
    /// What removing the weights would do to the gradient's norm.
    Grasp, "grasp", Labels, grasp::score;
    /// How little the images' input gradients are alike.
    JacobCov, "jacob-cov", Gradients, jacob_cov::score;
    /// Sum of the norms of the layers' initial weights.
    L2Norm, "l2-norm", Nothing, l2_norm::score;
    /// How much features move with the image, and the scales that normalisation took away (nats).
    Zen, "zen", Nothing, zen::score;
    /// Smallest eigenvalues of the correlations between channels.
    MecoOpt, "meco-opt", Nothing, meco_opt::score;
    /// Different ReLU codes of a thin copy.
    LinearRegions, "linear-regions", Nothing, linear_regions::score;
    /// Mean over deviation of the gradients of two batches (nats).
    Zico, "zico", Labels, zico::score;
}

impl Proxy {
    /// The pair whose rank sum decides unless said otherwise; the reasons are in the crate's description.
    pub const DEFAULT: &[Self] = &[Self::Nwot, Self::Synflow];

    /// Whether it looks at images.
    #[must_use]
    pub fn needs_images(self) -> bool {
        self.needs() > Needs::Nothing
    }

    /// Whether it looks at the images' labels.
    #[must_use]
    pub fn needs_labels(self) -> bool {
        self.needs() == Needs::Labels
    }

    /// Whether it looks at gradients of the images' forward pass.
    pub(crate) fn needs_gradients(self) -> bool {
        self.needs() >= Needs::Gradients
    }
}

/// A name that is no proxy.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{name}` is not a proxy; known: {}", Proxy::ALL.iter().map(|p| p.name()).collect::<Vec<_>>().join(", "))]
pub struct UnknownProxy {
    /// The name.
    pub name: String,
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Proxy {
    type Err = UnknownProxy;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().find(|proxy| proxy.name() == text);
        found.copied().ok_or_else(|| UnknownProxy { name: text.into() })
    }
}

impl TryFrom<String> for Proxy {
    type Error = UnknownProxy;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Proxy> for String {
    fn from(proxy: Proxy) -> Self {
        proxy.name().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kebab_case_and_read_back() {
        for proxy in Proxy::ALL {
            assert_eq!(proxy.to_string().parse(), Ok(*proxy));
            assert!(proxy.name().chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{proxy}");
        }
        assert_eq!(Proxy::ReluUnits.to_string(), "relu-units");
    }

    #[test]
    fn a_wrong_name_gets_the_list() {
        let error = "NWOT".parse::<Proxy>().unwrap_err().to_string();
        assert!(error.starts_with("`NWOT` is not a proxy; known: params, macs, relu-units, depth, nwot, "), "{error}");
    }
}
