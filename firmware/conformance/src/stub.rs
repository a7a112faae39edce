//! The code around each group: loads the state, executes the text, stores what is left.

/// A list of groups: the operands, then one text each. r8 to r12 and lr are free.
#[macro_export]
macro_rules! groups {
    ($operands:ident: $($text:expr),* $(,)?) => {
        &[$($crate::state::Group {
            text: $text,
            operands: $crate::state::Operands::$operands,
            run: {
                #[unsafe(naked)]
                unsafe extern "C" fn run(_state: &mut $crate::state::State) {
                    core::arch::naked_asm!(
                        $crate::extensions!(),
                        $crate::load_state!(),
                        $text,
                        $crate::store_state!(),
                        options(raw)
                    )
                }
                run
            },
        }),*]
    };
}

#[cfg(not(thumb2))]
#[doc(hidden)]
#[macro_export]
macro_rules! load_state {
    () => {
        "push {r4-r7, lr}
         mov r4, r8
         mov r5, r9
         push {r0, r4, r5}
         ldr r1, [r0, #32]
         msr apsr, r1
         ldr r1, [r0, #4]
         ldr r2, [r0, #8]
         ldr r3, [r0, #12]
         ldr r4, [r0, #16]
         ldr r5, [r0, #20]
         ldr r6, [r0, #24]
         ldr r7, [r0, #28]
         ldr r0, [r0, #0]"
    };
}

#[cfg(not(thumb2))]
#[doc(hidden)]
#[macro_export]
macro_rules! store_state {
    () => {
        "mov r12, r0
         ldr r0, [sp]
         str r1, [r0, #4]
         str r2, [r0, #8]
         str r3, [r0, #12]
         str r4, [r0, #16]
         str r5, [r0, #20]
         str r6, [r0, #24]
         str r7, [r0, #28]
         mov r1, r12
         str r1, [r0, #0]
         mrs r1, apsr
         str r1, [r0, #32]
         pop {r0, r4, r5}
         mov r8, r4
         mov r9, r5
         pop {r4-r7, pc}"
    };
}

#[cfg(all(thumb2, not(fpu)))]
#[doc(hidden)]
#[macro_export]
macro_rules! load_state {
    () => {
        "push {r0, r4-r11, lr}
         ldr r1, [r0, #32]
         msr apsr_nzcvq, r1
         ldm r0, {r0-r7}"
    };
}

#[cfg(all(thumb2, not(fpu)))]
#[doc(hidden)]
#[macro_export]
macro_rules! store_state {
    () => {
        "ldr r12, [sp]
         stm r12, {r0-r7}
         mrs r0, apsr
         str r0, [r12, #32]
         pop {r0, r4-r11, pc}"
    };
}

// The assembler takes the target's base architecture, not what the core has beyond it.
#[cfg(all(fpu, not(v8m)))]
#[doc(hidden)]
#[macro_export]
macro_rules! extensions {
    () => {
        ".fpu fpv4-sp-d16"
    };
}

#[cfg(v8m)]
#[doc(hidden)]
#[macro_export]
macro_rules! extensions {
    () => {
        ".cpu cortex-m33"
    };
}

#[cfg(not(fpu))]
#[doc(hidden)]
#[macro_export]
macro_rules! extensions {
    () => {
        ""
    };
}

#[cfg(fpu)]
#[doc(hidden)]
#[macro_export]
macro_rules! load_state {
    () => {
        "push {r0, r4-r11, lr}
         ldr r1, [r0, #32]
         msr apsr_nzcvqg, r1
         ldr r1, [r0, #36]
         vmsr fpscr, r1
         add r1, r0, #40
         vldmia r1, {s0-s15}
         ldm r0, {r0-r7}"
    };
}

// The compiler's code needs the modes it starts with, so FPSCR is set back.
#[cfg(fpu)]
#[doc(hidden)]
#[macro_export]
macro_rules! store_state {
    () => {
        "ldr r12, [sp]
         stm r12, {r0-r7}
         mrs r0, apsr
         str r0, [r12, #32]
         vmrs r0, fpscr
         str r0, [r12, #36]
         add r0, r12, #40
         vstmia r0, {s0-s15}
         mov r0, #0
         vmsr fpscr, r0
         pop {r0, r4-r11, pc}"
    };
}
