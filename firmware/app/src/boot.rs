//! What the boot ROM of a Raspberry Pi chip wants to see in flash.

/// RP2040 Datasheet, 2.8.1.3: the first 256 bytes set the flash up for reading four bits at a time. Those of the Pico's
/// W25Q16JV, as Raspberry Pi publishes them; flash clock: half the core's.
#[cfg(family = "rp2040")]
#[unsafe(link_section = ".boot2")]
#[used]
static BOOT2: [u8; 256] = rp2040_boot2::BOOT_LOADER_W25Q080;

/// RP2350 Datasheet, 5.1.4 "Blocks" and 5.9.5.1 "Minimum Arm IMAGE_DEF": an executable for the Arm core in secure state.
/// The ROM has tried the fastest way to read the flash that works, so that no second stage is needed.
#[cfg(family = "rp235x")]
#[unsafe(link_section = ".start_block")]
#[used]
static IMAGE_DEFINITION: [u32; 5] = [
    0xffff_ded3, // start of a block
    0x1021_0142, // image type: executable, secure, Arm, RP2350
    0x0000_01ff, // last item, after one word
    0x0000_0000, // the only block: its successor is itself
    0xab12_3579, // end of the block
];
