//! Several exceptions: the order by priority, nesting, tail-chaining, masks.

use conformance::{
    control::{ICSR, IPR0, NVIC, PENDSV_SET, SHPR2, SHPR3, SYSTICK_SET, icsr, read, write},
    exception::{Entry, INTERRUPT, PENDSV, SVC, SYSTICK, on},
    execute,
    semihosting::line,
};

use crate::name;

/// All of them. Priorities are multiples of 0x40: every core has those four.
pub fn all() {
    on(PENDSV, name);
    on(SYSTICK, name);
    on(INTERRUPT + 1, name);
    on(INTERRUPT + 2, name);
    line(format_args!("by priority, else by number"));
    for [svc, pendsv, systick, first, second] in [
        [0, 0, 0, 0, 0],
        [0xc0, 0x40, 0x80, 0, 0xc0],
        [0x40, 0xc0, 0x80, 0xc0, 0x40],
        [0x80; 5],
        [0, 0xc0, 0, 0xc0, 0x80],
    ] {
        priorities(svc, pendsv, systick, first, second);
        together();
        from_a_call();
        #[cfg(thumb2)]
        masked();
    }
    priorities(0, 0, 0, 0, 0);
    write(NVIC[1], 0b110);
}

fn priorities(svc: u32, pendsv: u32, systick: u32, first: u32, second: u32) {
    write(SHPR2, svc << 24);
    write(SHPR3, systick << 24 | pendsv << 16);
    write(IPR0, second << 16 | first << 8);
    write(NVIC[0], 0b110);
    line(format_args!("priorities {:08x} {:08x} {:08x}", read(SHPR2), read(SHPR3), read(IPR0)));
}

fn pend_all() {
    write(NVIC[2], 0b110);
    write(ICSR, PENDSV_SET | SYSTICK_SET);
}

fn together() {
    line(format_args!("all at once"));
    execute!("cpsid i");
    pend_all();
    line(format_args!("icsr {:08x}", icsr()));
    execute!("cpsie i", "isb");
}

fn from_a_call() {
    line(format_args!("while a call is handled"));
    on(SVC, |entry: &Entry| {
        name(entry);
        pend_all();
        line(format_args!("  icsr {:08x}", icsr()));
    });
    execute!("svc #9");
    line(format_args!("after it"));
}

#[cfg(thumb2)]
fn masked() {
    use conformance::special;

    for mask in [0x40, 0x80, 0xc0] {
        special!("basepri" = mask);
        pend_all();
        line(format_args!("mask {:x} icsr {:08x}", special!("basepri"), icsr()));
        special!("basepri" = 0);
    }
    execute!("cpsid f");
    pend_all();
    line(format_args!("faultmask {} icsr {:08x}", special!("faultmask"), icsr()));
    execute!("cpsie f", "isb");
}
