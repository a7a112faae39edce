//! Figures that others print for the same table, to be shown beside ours.

/// Spearman's rho of one proxy on NAS-Bench-201.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PublishedRho {
    /// Our name of it.
    pub name: &'static str,
    /// On CIFAR-10, all 15,625 cells: the table of the lecture, from Abdelfattah et al., ICLR 2021. Its "vote" is a
    /// share of ordered pairs.
    pub lecture: Option<f64>,
    /// PyTorch scores of 150 cells, CIFAR-10, CIFAR-100, ImageNet16-120.
    pub pytorch: Option<[f64; 3]>,
}

const fn row(name: &'static str, lecture: Option<f64>, pytorch: Option<[f64; 3]>) -> PublishedRho {
    PublishedRho { name, lecture, pytorch }
}

/// NAS-Bench-201.
pub const NASBENCH201: &[PublishedRho] = &[
    row("params", None, Some([0.770, 0.740, 0.707])),
    row("macs", None, Some([0.770, 0.740, 0.707])),
    row("synflow", Some(0.74), Some([0.795, 0.787, 0.795])),
    row("nwot", None, Some([0.794, 0.785, 0.773])),
    row("meco-opt", None, Some([0.896, 0.874, 0.855])),
    row("zico", None, Some([0.827, 0.827, 0.833])),
    row("jacob-cov", Some(0.73), Some([0.727, 0.728, 0.700])),
    row("snip", Some(0.58), Some([0.653, 0.619, 0.582])),
    row("grad-norm", Some(0.58), Some([0.653, 0.619, 0.586])),
    row("fisher", Some(0.36), Some([0.566, 0.538, 0.494])),
    row("fisher-channel", None, Some([0.464, 0.451, 0.416])),
    row("grasp", Some(0.48), Some([0.583, 0.552, 0.526])),
    row("plain", None, Some([-0.234, -0.207, -0.167])),
    row("zen", None, Some([0.450, 0.435, 0.488])),
    row("l2-norm", None, Some([0.739, 0.745, 0.728])),
    row("synflow+jacob-cov+snip", Some(0.82), None),
];

/// NAS-Bench-Macro: PyTorch scores of 120 networks; parameters, MACs and ReLU units of all.
#[allow(clippy::approx_constant)] // 0.318 is a correlation
pub const NASBENCH_MACRO: &[(&str, f64)] = &[
    ("params", 0.318),
    ("macs", 0.748),
    ("relu-units", 0.891),
    ("synflow", 0.767),
    ("nwot", 0.918),
    ("meco-opt", 0.631),
    ("zico", 0.775),
    ("jacob-cov", 0.655),
    ("snip", 0.741),
    ("grad-norm", 0.830),
    ("fisher", 0.727),
    ("fisher-channel", 0.897),
    ("grasp", 0.034),
    ("plain", -0.096),
    ("zen", 0.721),
    ("l2-norm", 0.685),
];

/// NASWOT (Mellor et al., ICML 2021, table 2): N, then test accuracy on CIFAR-10, CIFAR-100 and ImageNet16-120.
pub const NASWOT: &[(usize, [f64; 3])] =
    &[(10, [92.44, 68.62, 41.31]), (100, [92.81, 69.48, 43.10]), (1000, [92.96, 69.98, 44.44])];
