//! What figures may be called, and how far modelled ones may be off.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    thread,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tinynas_cost::Core;
use tinynas_sim::{core::Core as Simulated, timing::ErrorBound};

use super::Facts;

/// What the probe of a virtual board calls itself.
const VIRTUAL: &str = "tinynas virtual board";

/// How long a probe may take to say what it is.
const QUESTION: Duration = Duration::from_millis(500);

/// Time for the probe to see that the one who asked has left: it takes one client.
const GONE: Duration = Duration::from_millis(100);

/// The model behind modelled cycles.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimingModel {
    /// The core that is modelled.
    pub name: String,
    /// Lowest error, per cent of the measured cycles; negative: the model counts too few.
    pub error_low_percent: f64,
    /// Highest error, per cent of the measured cycles.
    pub error_high_percent: f64,
    /// What the bound rests on.
    pub source: String,
}

impl TimingModel {
    /// The simulator's model of a core.
    #[must_use]
    pub fn of(core: Core) -> Self {
        let bound = ErrorBound::of(match core {
            Core::CortexM0Plus => Simulated::M0Plus,
            Core::CortexM4F => Simulated::M4F,
            Core::CortexM7F => Simulated::M7F,
            Core::CortexM33F => Simulated::M33F,
        });
        // Through text: 4.9 as a single is 4.900000095.
        let percent = |value: f32| value.to_string().parse().unwrap_or_default();
        Self {
            name: core.to_string(),
            error_low_percent: percent(bound.low),
            error_high_percent: percent(bound.high),
            source: bound.source.into(),
        }
    }

    /// The bound in short: `-4.9 to +1.8 %`.
    #[must_use]
    pub fn bound(&self) -> String {
        format!("{:+.1} to {:+.1} %", self.error_low_percent, self.error_high_percent)
    }
}

/// The word that stands beside each figure: `measured`, or `modelled, -4.9 to -1.8 %`.
#[must_use]
pub fn figures_of(facts: &Facts, model: Option<&TimingModel>) -> String {
    match model {
        Some(model) => format!("{}, error {}", facts.evidence, model.bound()),
        None => facts.evidence.clone(),
    }
}

/// Whether the probe at an address is that of a virtual board.
pub(super) fn is_virtual_board(address: SocketAddr) -> bool {
    let greeting = || {
        let mut stream = TcpStream::connect_timeout(&address, QUESTION)?;
        stream.set_read_timeout(Some(QUESTION))?;
        stream.write_all(b"+#!GA#")?;
        let mut answer = [0; 128];
        let mut count = stream.read(&mut answer)?;
        // The acknowledgement of `+` may come alone.
        if !answer[..count].ends_with(b"#") || count < 4 {
            count += stream.read(&mut answer[count..])?;
        }
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&answer[..count]).into_owned())
    };
    let found = greeting().is_ok_and(|text| text.contains(VIRTUAL));
    thread::sleep(GONE);
    found
}
