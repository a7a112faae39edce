//! Finds, trains, compiles and runs the best network for a microcontroller.
