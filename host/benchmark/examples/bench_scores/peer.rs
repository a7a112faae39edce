//! PyTorch: timed in this run if it can be, and as recorded.

use std::process::Command;

use serde::{Deserialize, Serialize};

/// What `peer.py` says; processor seconds.
#[derive(Deserialize, Serialize)]
pub struct Peer {
    pub all7_single_s: f64,
    pub all7_fused_s: f64,
    pub nwot_s: f64,
    pub fwd_bwd_s: f64,
    pub synflow_s: f64,
    pub zico_s: f64,
    pub gemm_gflops: f64,
    pub params: u64,
    pub version: String,
}

/// PyTorch 2.5.1 on an idle AMD EPYC with AVX-512, one thread, batch 64: seconds of the published code
/// (SamsungLabs/zero-cost-nas) for all seven, of shared passes written for the comparison, and of the rest.
#[derive(Clone, Copy, Serialize)]
pub struct Recorded {
    #[serde(skip)]
    pub network: &'static str,
    pub all7_published_s: f64,
    pub all7_fused_s: f64,
    pub nwot_s: f64,
    pub fwd_bwd_s: f64,
    pub synflow_s: f64,
    pub zico_s: f64,
}

/// In the order of the networks.
pub const PUBLISHED: [Recorded; 3] = [
    Recorded {
        network: "mobilenetv2-w0.5-cifar",
        all7_published_s: 4.35,
        all7_fused_s: 2.54,
        nwot_s: 0.342,
        fwd_bwd_s: 0.300,
        synflow_s: 0.047,
        zico_s: 0.494,
    },
    Recorded {
        network: "mobilenetv2-w0.5-imagenet",
        all7_published_s: 1.23,
        all7_fused_s: 0.47,
        nwot_s: 0.033,
        fwd_bwd_s: 0.071,
        synflow_s: 0.037,
        zico_s: 0.161,
    },
    Recorded {
        network: "nasbench201-best",
        all7_published_s: 4.86,
        all7_fused_s: 2.86,
        nwot_s: 0.361,
        fwd_bwd_s: 0.425,
        synflow_s: 0.057,
        zico_s: 0.777,
    },
];

/// Times PyTorch on one network; `None` if there is none.
pub fn run(network: &str) -> Option<Peer> {
    let python = std::env::var("TINYNAS_PYTHON").unwrap_or_else(|_| "python3".into());
    let output = Command::new(python).args(["-c", include_str!("peer.py"), network]).output().ok()?;
    if !output.status.success() {
        return None;
    }
    serde_json::from_slice(&output.stdout).ok()
}
