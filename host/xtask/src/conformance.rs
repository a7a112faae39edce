//! Builds the programs that the simulator's tests run on QEMU and on the simulator.

use crate::{
    shell::{Failure, Workspace, run},
    toolchain::{ARMV6M, ARMV7EM, ARMV8M, Toolchain},
};

/// Cortex-M3: what ARMv7-M has without DSP instructions. No board of ours has one; QEMU does.
const ARMV7M: &str = "thumbv7m-none-eabi";

const TARGETS: [&str; 4] = [ARMV6M, ARMV7M, ARMV7EM, ARMV8M];

/// Builds them to `target/conformance/<target>/release`.
pub fn programs(workspace: &Workspace) -> Result<(), Failure> {
    let toolchain = Toolchain::find(workspace, &TARGETS)?;
    TARGETS.iter().try_for_each(|target| {
        let mut command = toolchain.cargo(workspace, target);
        command.current_dir(workspace.root().join("firmware/conformance"));
        command.arg("--target-dir").arg(workspace.root().join("target/conformance"));
        run(command)
    })
}
