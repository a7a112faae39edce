//! The table of proxies.

use std::{cell::OnceCell, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tinynas_burn::{NetworkModule, cpu};
use tinynas_model::{Network, Weights};

use crate::{Batch, ScoreError, macs, nwot, params, relu_units, synflow};

/// What a proxy may look at.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The network.
    pub network: &'a Network,
    /// The images, if any were given.
    pub images: Option<&'a Batch>,
    seed: u64,
    module: OnceCell<NetworkModule>,
}

impl<'a> Subject<'a> {
    /// A network whose initial weights follow from `seed`.
    pub const fn new(network: &'a Network, images: Option<&'a Batch>, seed: u64) -> Self {
        Self { network, images, seed, module: OnceCell::new() }
    }

    /// The network with PyTorch's default initial weights, made once and shared by the proxies.
    pub fn module(&self) -> &NetworkModule {
        self.module.get_or_init(|| NetworkModule::new(self.network, self.seed, &cpu()))
    }
}

/// The initial weights that the proxies see: they follow from `seed` alone.
#[must_use]
pub fn initial_weights(network: &Network, seed: u64) -> Weights {
    NetworkModule::new(network, seed, &cpu()).weights()
}

/// Makes the enum of proxies and all that depends on the list.
macro_rules! proxies {
    ($($(#[$doc:meta])* $variant:ident, $name:literal, $score:path;)*) => {
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
    Params, "params", params::score;
    /// Multiply-accumulates of one inference.
    Macs, "macs", macs::score;
    /// Elements that pass through a rectifier.
    ReluUnits, "relu-units", relu_units::score;
    /// Log-determinant of how differently the images switch the ReLU units (nats).
    Nwot, "nwot", nwot::score;
    /// Logarithm of the synaptic flow (nats).
    Synflow, "synflow", synflow::score;
}

impl Proxy {
    /// The pair whose rank sum decides unless said otherwise; the reasons are in the crate's description.
    pub const DEFAULT: &[Self] = &[Self::Nwot, Self::Synflow];

    /// Whether it looks at images.
    #[must_use]
    pub const fn needs_images(self) -> bool {
        matches!(self, Self::Nwot)
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
            assert!(proxy.name().chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{proxy}");
        }
        assert_eq!(Proxy::ReluUnits.to_string(), "relu-units");
    }

    #[test]
    fn a_wrong_name_gets_the_list() {
        let error = "NWOT".parse::<Proxy>().unwrap_err().to_string();
        assert_eq!(error, "`NWOT` is not a proxy; known: params, macs, relu-units, nwot, synflow");
    }
}
