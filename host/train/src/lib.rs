//! Data sets, training, calibration.
