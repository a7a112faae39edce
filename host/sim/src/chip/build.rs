//! From a chip's description to a simulated chip.

use std::sync::Arc;

use super::watched::Watched;
use super::{ChipError, ChipSpec, Constants, Family};
use crate::bus::Memory;
use crate::flash::{Array, ReadProtection};
use crate::machine::Machine;
use crate::probe::faults::Switches;
use crate::waits::MemoryTiming;

impl ChipSpec {
    /// The chip after power-on, with erased flash. `switches` are what its identity registers and flash share with
    /// its debug port.
    ///
    /// # Errors
    /// [`ChipError`] if the chip's family is not simulated.
    pub fn build(&self, switches: &Arc<Switches>) -> Result<Machine, ChipError> {
        let family = Family::of(&self.name)?;
        let flash = self.flash.origin..self.flash.origin + self.flash.bytes;
        let timing = MemoryTiming::for_chip(&self.name, self.core, self.flash.wait_states, flash);
        let mut memories: Vec<Memory> = Vec::new();
        let listed = self.memories.iter().map(|memory| (memory.name.as_str(), memory.origin, memory.bytes));
        for (name, origin, bytes) in listed.chain(family.memories_beside().iter().copied()) {
            if memories.iter().any(|memory| memory.origin == origin) {
                continue;
            }
            let memory = Memory::ram(name, origin, bytes as usize);
            let slow = timing.is_slow(&(origin..origin.saturating_add(bytes)));
            memories.push(if slow { memory.slow() } else { memory });
        }
        let rom = family.rom(self);
        let boot = rom.as_ref().map(|rom| rom.origin);
        memories.extend(rom);
        let locked = family.controller(self, ReadProtection::Level1);
        let controller = Watched::new(
            family.controller(self, ReadProtection::Open),
            (!family.disables_ports_when_locked()).then_some(locked),
            switches,
        );
        let array = Array::new(self.flash.origin, self.flash.bytes as usize);
        let mut peripherals = family.peripherals(self, switches);
        for component in Constants::core_components(self.core) {
            peripherals.push(Box::new(component));
        }
        let mut machine = Machine::new(self.core, memories, Some((array, Box::new(controller))), peripherals);
        for (seen, target) in family.aliases(self) {
            machine.add_alias(seen, target);
        }
        if let Some(boot) = boot {
            machine.set_boot(boot);
        }
        machine.set_memory_timing(timing);
        machine.reset();
        Ok(machine)
    }
}
