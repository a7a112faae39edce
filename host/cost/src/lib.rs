//! MACs, params, SRAM and flash of a network under several engines; boards.
