//! The table of interrupts: one entry, because none is ever enabled. The usual table for an unknown chip has 240 and takes
//! 960 bytes.

unsafe extern "C" {
    fn DefaultHandler();
}

#[used]
#[unsafe(no_mangle)]
#[unsafe(link_section = ".vector_table.interrupts")]
static __INTERRUPTS: [unsafe extern "C" fn(); 1] = [DefaultHandler];
