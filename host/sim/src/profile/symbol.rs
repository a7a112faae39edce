//! The functions of an ELF file.

use object::{Object, ObjectSymbol, SymbolKind};

/// A function in an ELF file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Demangled name.
    pub name: String,
    /// First address, without the Thumb bit.
    pub address: u32,
    /// Bytes; 0, as hand-written assembly often has it, reaches to the next symbol.
    pub bytes: u32,
}

/// A file that has no symbols to read.
#[derive(Debug, thiserror::Error)]
#[error("the symbols of the ELF file cannot be read: {0}")]
pub struct SymbolError(#[from] object::Error);

impl SymbolError {
    /// Stable name of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "sim::elf"
    }

    /// What helps.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        "give the ELF file that the linker wrote, not a raw image"
    }
}

impl Symbol {
    /// The functions of an ELF file, by address.
    ///
    /// # Errors
    /// If `bytes` is not an ELF file.
    pub fn from_elf(bytes: &[u8]) -> Result<Vec<Self>, SymbolError> {
        let file = object::File::parse(bytes)?;
        let functions = file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.is_definition());
        let mut symbols: Vec<Self> = functions
            .filter_map(|symbol| {
                let name = symbol.name().ok()?;
                Some(Self {
                    name: format!("{:#}", rustc_demangle::demangle(name)),
                    address: u32::try_from(symbol.address()).ok()? & !1,
                    bytes: u32::try_from(symbol.size()).ok()?,
                })
            })
            .collect();
        symbols.sort_by(|a, b| a.address.cmp(&b.address).then(b.bytes.cmp(&a.bytes)));
        symbols.dedup_by_key(|symbol| symbol.address);
        Ok(symbols)
    }

    pub(super) const fn contains(&self, address: u32) -> bool {
        address >= self.address && (self.bytes == 0 || address - self.address < self.bytes)
    }
}
