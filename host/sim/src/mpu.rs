//! The memory protection unit, as far as a guard below a stack needs it: one range that cannot be written.
//!
//! ARMv7-M (DDI 0403), B3.5; ARMv8-M (DDI 0553), D1.2. The lowest enabled region that allows no write by privileged
//! code is the guard; everything else is allowed.

/// Regions that it has.
const REGIONS: usize = 8;

const ENABLE: u32 = 1;

/// Registers of the unit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mpu {
    control: u32,
    number: u32,
    base: [u32; REGIONS],
    attributes: [u32; REGIONS],
    memory_attributes: [u32; 2],
    v8: bool,
}

impl Mpu {
    fn region(&self) -> usize {
        self.number as usize % REGIONS
    }

    pub fn read(&self, address: u32) -> u32 {
        match address & 0xff {
            0x90 => (REGIONS as u32) << 8,
            0x94 => self.control,
            0x98 => self.number,
            0x9c if self.v8 => self.base[self.region()],
            0x9c => self.base[self.region()] & !0x1f | self.number,
            0xa0 => self.attributes[self.region()],
            0xc0 => self.memory_attributes[0],
            0xc4 => self.memory_attributes[1],
            _ => 0,
        }
    }

    pub fn write(&mut self, address: u32, value: u32, v8: bool) {
        self.v8 = v8;
        match address & 0xff {
            0x94 => self.control = value & 7,
            0x98 => self.number = value & 7,
            0x9c => {
                // ARMv7-M: VALID selects the region that REGION names.
                if !v8 && value & 0x10 != 0 {
                    self.number = value & 7;
                }
                let region = self.region();
                self.base[region] = value;
            }
            0xa0 => {
                let region = self.region();
                self.attributes[region] = value;
            }
            0xc0 => self.memory_attributes[0] = value,
            0xc4 => self.memory_attributes[1] = value,
            _ => {}
        }
    }

    /// First address and length of the guard; length 0 if there is none.
    pub fn guard(&self) -> (u32, u32) {
        if self.control & ENABLE == 0 {
            return (0, 0);
        }
        let guards = self.base.iter().zip(self.attributes).filter_map(|(base, attributes)| {
            if attributes & ENABLE == 0 {
                return None;
            }
            if self.v8 {
                let (start, last) = (base & !0x1f, attributes | 0x1f);
                // AP[2:1]: read only from 2 on.
                return (base >> 2 & 1 != 0).then(|| (start, last.wrapping_sub(start).wrapping_add(1)));
            }
            let length = 2u32.wrapping_shl(attributes >> 1 & 31);
            let denies = matches!(attributes >> 24 & 7, 0 | 5 | 6 | 7);
            denies.then_some((base & !length.wrapping_sub(1), length))
        });
        guards.min_by_key(|(start, _)| *start).unwrap_or((0, 0))
    }
}
