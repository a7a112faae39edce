//! Memories and peripherals, found by address.

use std::ops::Range;

use crate::flash::{Array, FlashController};

/// Width of an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// One byte.
    Byte,
    /// Two bytes.
    Half,
    /// Four bytes.
    Word,
}

impl Width {
    /// Bytes.
    #[must_use]
    pub const fn bytes(self) -> u32 {
        match self {
            Self::Byte => 1,
            Self::Half => 2,
            Self::Word => 4,
        }
    }
}

/// Nothing answers at an address, or what answers refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bus fault at {address:#010x}")]
pub struct BusError {
    /// The address.
    pub address: u32,
}

/// A device in the memory map that is neither memory nor part of the core.
pub trait Peripheral: Send {
    /// Addresses that it answers.
    fn windows(&self) -> Vec<Range<u32>>;

    /// A read.
    ///
    /// # Errors
    /// Where it does not answer.
    fn read(&mut self, address: u32, width: Width) -> Result<u32, BusError>;

    /// A write.
    ///
    /// # Errors
    /// Where it does not answer.
    fn write(&mut self, address: u32, value: u32, width: Width) -> Result<(), BusError>;

    /// Back to the state after a reset.
    fn reset(&mut self) {}

    /// Requests of interrupts, a bit each; asked after every access to it and at the end of every [`run`](crate::machine::Machine::run).
    fn interrupts(&mut self) -> u64 {
        0
    }
}

/// A contiguous memory.
#[derive(Clone, Debug)]
pub struct Memory {
    /// Its name in the manual.
    pub name: String,
    /// First address.
    pub origin: u32,
    /// Content.
    pub bytes: Vec<u8>,
    /// Whether accesses to it are told to the wait-state model.
    pub slow: bool,
    /// Whether a plain store changes it. Flash and ROM are not writable.
    writable: bool,
}

impl Memory {
    /// Zeroed RAM.
    #[must_use]
    pub fn ram(name: impl Into<String>, origin: u32, bytes: usize) -> Self {
        Self { name: name.into(), origin, bytes: vec![0; bytes], slow: false, writable: true }
    }

    /// Constant content.
    #[must_use]
    pub fn rom(name: impl Into<String>, origin: u32, bytes: Vec<u8>) -> Self {
        Self { name: name.into(), origin, bytes, slow: false, writable: false }
    }

    /// Whether plain stores change it.
    #[must_use]
    pub const fn is_writable(&self) -> bool {
        self.writable
    }

    /// The same with wait states.
    #[must_use]
    pub fn slow(self) -> Self {
        Self { slow: true, ..self }
    }
}

/// The page table's entry for addresses without memory.
const NOWHERE: u8 = 0xff;

/// Memories begin at multiples of this, and no two share a page.
const PAGE_BITS: u32 = 16;

/// A range of addresses behind which another one is seen.
#[derive(Clone, Debug)]
struct Alias {
    seen: Range<u32>,
    target: u32,
}

/// The flash: which memory holds its cells, and who changes them.
struct Flash {
    memory: usize,
    /// Without its bytes: they are in the memory, lent for each call.
    array: Array,
    controller: Box<dyn FlashController>,
    windows: Vec<Range<u32>>,
}

/// A device with the addresses that it answers.
struct Attached {
    windows: Vec<Range<u32>>,
    device: Box<dyn Peripheral>,
}

/// What happened to memory that may hold decoded instructions.
pub(crate) type Changed = Range<u32>;

/// Everything but the core's own registers.
pub(crate) struct Bus {
    /// Index into `memories` by the upper half of an address.
    map: Box<[u8; 1 << (32 - PAGE_BITS)]>,
    memories: Vec<Memory>,
    flash: Option<Flash>,
    peripherals: Vec<Attached>,
    aliases: Vec<Alias>,
    /// Cells that a controller changed; the core forgets what it decoded there.
    changed: Option<Changed>,
}

impl Bus {
    pub fn new(
        mut memories: Vec<Memory>,
        flash: Option<(Array, Box<dyn FlashController>)>,
        peripherals: Vec<Box<dyn Peripheral>>,
    ) -> Self {
        let flash = flash.map(|(mut array, controller)| {
            let bytes = std::mem::take(&mut array.bytes);
            memories.push(Memory { name: "flash".into(), origin: array.origin, bytes, slow: true, writable: false });
            let windows = controller.windows();
            Flash { memory: memories.len() - 1, array, controller, windows }
        });
        let mut map = Box::new([NOWHERE; 1 << (32 - PAGE_BITS)]);
        for (index, memory) in memories.iter().enumerate() {
            let last = memory.origin.wrapping_add((memory.bytes.len() as u32).saturating_sub(1));
            for page in (memory.origin >> PAGE_BITS)..=(last >> PAGE_BITS) {
                if map[page as usize] == NOWHERE {
                    map[page as usize] = index as u8;
                }
            }
        }
        let peripherals =
            peripherals.into_iter().map(|device| Attached { windows: device.windows(), device }).collect();
        Self { map, memories, flash, peripherals, aliases: Vec::new(), changed: None }
    }

    /// Lets `target` be seen at `seen`, too, where no memory is.
    pub fn add_alias(&mut self, seen: Range<u32>, target: u32) {
        self.aliases.push(Alias { seen, target });
    }

    pub fn memories(&self) -> &[Memory] {
        &self.memories
    }

    pub fn reset(&mut self) {
        if let Some(flash) = &mut self.flash {
            flash.controller.reset();
        }
        for Attached { device, .. } in &mut self.peripherals {
            device.reset();
        }
    }

    /// Range of memory that controllers changed since the last call.
    pub fn take_changed(&mut self) -> Option<Changed> {
        self.changed.take()
    }

    /// The memory that holds `address`, by index.
    #[inline(always)]
    pub fn memory_at(&self, address: u32) -> Option<usize> {
        let index = self.map[(address >> PAGE_BITS) as usize] as usize;
        let memory = self.memories.get(index)?;
        ((address.wrapping_sub(memory.origin) as usize) < memory.bytes.len()).then_some(index)
    }

    /// Address behind an alias, or the address itself.
    pub fn resolve(&self, address: u32) -> u32 {
        if self.memory_at(address).is_some() {
            return address;
        }
        let alias = self.aliases.iter().find(|alias| alias.seen.contains(&address));
        alias.map_or(address, |alias| address - alias.seen.start + alias.target)
    }

    /// `N` bytes of memory, and whether they are slow.
    #[inline(always)]
    pub fn load<const N: usize>(&self, address: u32) -> Option<([u8; N], bool)> {
        let index = self.map[(address >> PAGE_BITS) as usize] as usize;
        let memory = self.memories.get(index)?;
        let offset = address.wrapping_sub(memory.origin) as usize;
        let bytes = memory.bytes.get(offset..)?.first_chunk::<N>()?;
        Some((*bytes, memory.slow))
    }

    /// Changes `N` bytes of writable memory; tells whether they are slow.
    #[inline(always)]
    pub fn store<const N: usize>(&mut self, address: u32, value: [u8; N]) -> Option<bool> {
        let index = self.map[(address >> PAGE_BITS) as usize] as usize;
        let memory = self.memories.get_mut(index)?;
        let offset = address.wrapping_sub(memory.origin) as usize;
        let bytes = memory.bytes.get_mut(offset..)?.first_chunk_mut::<N>()?;
        if !memory.writable {
            return None;
        }
        *bytes = value;
        Some(memory.slow)
    }

    /// Changes memory whether it is writable or not.
    pub fn overwrite(&mut self, address: u32, bytes: &[u8]) -> Result<(), BusError> {
        let error = BusError { address };
        let address = self.resolve(address);
        let index = self.memory_at(address).ok_or(error)?;
        let memory = self.memories.get_mut(index).ok_or(error)?;
        let offset = (address - memory.origin) as usize;
        memory.bytes.get_mut(offset..offset + bytes.len()).ok_or(error)?.copy_from_slice(bytes);
        Ok(())
    }

    /// Any read outside the core's own registers.
    #[cold]
    pub fn read(&mut self, address: u32, width: Width) -> Result<u32, BusError> {
        let address = self.resolve(address);
        let found = match width {
            Width::Byte => self.load::<1>(address).map(|(bytes, _)| u32::from(bytes[0])),
            Width::Half => self.load::<2>(address).map(|(bytes, _)| u32::from(u16::from_le_bytes(bytes))),
            Width::Word => self.load::<4>(address).map(|(bytes, _)| u32::from_le_bytes(bytes)),
        };
        if let Some(value) = found {
            return Ok(value);
        }
        self.with_controller(address, |controller, array| controller.read(address, width, array)).unwrap_or_else(|| {
            match self.peripheral(address) {
                Some(peripheral) => peripheral.read(address, width),
                None => Err(BusError { address }),
            }
        })
    }

    /// Any write outside the core's own registers.
    #[cold]
    pub fn write(&mut self, address: u32, value: u32, width: Width) -> Result<(), BusError> {
        let address = self.resolve(address);
        let stored = match width {
            Width::Byte => self.store(address, [value as u8]),
            Width::Half => self.store(address, (value as u16).to_le_bytes()),
            Width::Word => self.store(address, value.to_le_bytes()),
        };
        if stored.is_some() {
            return Ok(());
        }
        if let Some(index) = self.memory_at(address) {
            return match &self.flash {
                Some(flash) if flash.memory == index => self
                    .lent(|controller, array| controller.store(address, value, width, array))
                    .unwrap_or(Err(BusError { address })),
                _ => Err(BusError { address }),
            };
        }
        self.with_controller(address, |controller, array| controller.write(address, value, width, array))
            .unwrap_or_else(|| match self.peripheral(address) {
                Some(peripheral) => peripheral.write(address, value, width),
                None => Err(BusError { address }),
            })
    }

    /// Requests of all peripherals.
    pub fn interrupts(&mut self) -> u64 {
        self.peripherals.iter_mut().fold(0, |all, attached| all | attached.device.interrupts())
    }

    fn peripheral(&mut self, address: u32) -> Option<&mut Box<dyn Peripheral>> {
        let answers = |attached: &&mut Attached| attached.windows.iter().any(|window| window.contains(&address));
        self.peripherals.iter_mut().find(answers).map(|attached| &mut attached.device)
    }

    /// Calls the flash controller if `address` is one of its registers.
    fn with_controller<T>(
        &mut self,
        address: u32,
        act: impl FnOnce(&mut dyn FlashController, &mut Array) -> T,
    ) -> Option<T> {
        if !self.flash.as_ref()?.windows.iter().any(|window| window.contains(&address)) {
            return None;
        }
        self.lent(act)
    }

    /// Lends the cells to the controller for one call.
    fn lent<T>(&mut self, act: impl FnOnce(&mut dyn FlashController, &mut Array) -> T) -> Option<T> {
        let Flash { memory, array, controller, .. } = self.flash.as_mut()?;
        let memory = self.memories.get_mut(*memory)?;
        std::mem::swap(&mut memory.bytes, &mut array.bytes);
        let result = act(controller.as_mut(), array);
        std::mem::swap(&mut memory.bytes, &mut array.bytes);
        if let Some(dirty) = array.take_dirty() {
            self.changed = Some(match self.changed.take() {
                Some(old) => old.start.min(dirty.start)..old.end.max(dirty.end),
                None => dirty,
            });
        }
        Some(result)
    }
}
