//! Key locks: a control register that opens only for two keys in the right order.

/// The keys of `FLASH_KEYR`, the same in every ST family (e.g. RM0390 section 3.6.2).
pub(super) const FLASH_KEYS: [u32; 2] = [0x4567_0123, 0xCDEF_89AB];
/// The keys of `FLASH_OPTKEYR` (RM0390 section 3.7.3).
pub(super) const OPTION_KEYS: [u32; 2] = [0x0819_2A3B, 0x4C5D_6E7F];

/// Writing this key was against the rules; the register stays locked until the next reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WrongKey;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Locked,
    FirstKey,
    Open,
    UntilReset,
}

/// Whether a key that comes when the lock is already open is ignored or locks until reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyWhenOpen {
    /// No manual says what happens: ignored.
    Ignored,
    /// Documented to lock (RM0433, `FLASH_CR1.LOCK1`: "if the unlock sequence is performed twice").
    Locks,
}

/// One lock.
#[derive(Debug, Clone)]
pub(super) struct KeyLock {
    keys: [u32; 2],
    when_open: KeyWhenOpen,
    state: State,
}

impl KeyLock {
    pub const fn new(keys: [u32; 2], when_open: KeyWhenOpen) -> Self {
        Self { keys, when_open, state: State::Locked }
    }

    /// One write to the key register.
    ///
    /// # Errors
    /// [`WrongKey`] if it is not the key that the sequence wants now.
    pub fn key(&mut self, value: u32) -> Result<(), WrongKey> {
        let next = match self.state {
            State::Locked if value == self.keys[0] => State::FirstKey,
            State::FirstKey if value == self.keys[1] => State::Open,
            State::Open if self.when_open == KeyWhenOpen::Ignored => State::Open,
            State::Locked | State::FirstKey | State::Open | State::UntilReset => State::UntilReset,
        };
        self.state = next;
        if next == State::UntilReset { Err(WrongKey) } else { Ok(()) }
    }

    pub fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// Software sets the lock bit: opens again with the keys.
    pub fn close(&mut self) {
        if self.state != State::UntilReset {
            self.state = State::Locked;
        }
    }

    pub const fn reset(&mut self) {
        self.state = State::Locked;
    }
}
