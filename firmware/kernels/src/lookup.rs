//! Any function of one int8 value, as a table: sigmoids, hard swish, ReLUs of their own.

use crate::KernelError;

/// Outputs for the inputs −128…127, in this order.
pub type Table = [i8; 256];

/// Computes `output[i] = table[input[i] + 128]`.
///
/// # Errors
/// If the slices differ in length.
pub fn lookup(input: &[i8], table: &Table, output: &mut [i8]) -> Result<(), KernelError> {
    if input.len() != output.len() {
        return Err(KernelError::Output);
    }
    output.copy_from_slice(input);
    lookup_in_place(output, table);
    Ok(())
}

/// Like [`lookup`], the input replaced by the output.
pub fn lookup_in_place(data: &mut [i8], table: &Table) {
    for x in data {
        *x = entry(table, *x);
    }
}

fn entry(table: &Table, x: i8) -> i8 {
    // Flipping the sign bit adds 128.
    table[usize::from(x as u8 ^ 0x80)]
}
