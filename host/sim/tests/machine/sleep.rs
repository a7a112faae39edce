//! Waiting for interrupts: time passes to the next tick, and a core that nothing can wake says so.

use tinynas_sim::{bus::Width, core::Core, machine::Stop};

use crate::{machine, r};

/// loop: wfi; adds r0, #1; b loop
const SLEEPER: [u16; 3] = [0xbf30, 0x3001, 0xe7fc];

#[test]
fn nothing_wakes_a_core_without_a_timer() {
    let mut machine = machine(Core::M4F, &SLEEPER);
    assert_eq!(machine.run(1000), Stop::Sleeping);
    assert_eq!(r(&machine, 0), 0);
}

#[test]
fn the_timer_wakes_a_core_that_masks_interrupts_once_per_period() {
    // cpsid i before the loop: the exception stays pending, so WFI falls through from the first tick on.
    let mut machine = machine(Core::M4F, &[0xb672, 0xbf30, 0x3001, 0xe7fe]);
    for (address, value) in [(0xe000_e014, 999), (0xe000_e018, 0), (0xe000_e010, 7)] {
        machine.write_memory(address, value, Width::Word).expect("a register");
    }
    assert_eq!(machine.run(500), Stop::Cycles);
    assert_eq!(r(&machine, 0), 0);
    assert_eq!(machine.run(1000), Stop::Cycles);
    assert_eq!(r(&machine, 0), 1);
    assert!((1500..1520).contains(&machine.cycles()), "{}", machine.cycles());
}

#[test]
fn an_event_that_was_sent_is_not_waited_for() {
    // sev; wfe; adds r0, #1; wfe; adds r0, #1
    let mut machine = machine(Core::M4F, &[0xbf40, 0xbf20, 0x3001, 0xbf20, 0x3001]);
    assert_eq!(machine.run(1000), Stop::Sleeping);
    assert_eq!(r(&machine, 0), 1);
}
