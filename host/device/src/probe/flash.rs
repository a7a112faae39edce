//! Writing firmware and model: only what differs, in one go, verified.

use std::ops::Range;

use probe_rs::{
    Target,
    config::MemoryRegion,
    flashing::{DownloadOptions, FlashProgress, ProgressEvent, ProgressOperation},
};

use super::{Progress, Step, content, translate, worker::State};
use crate::{ProbeError, image::Segment};

/// What a chip's flash shall hold, and what the image needs of its RAM.
#[derive(Clone, Debug)]
pub(super) struct Job {
    /// The image.
    pub firmware: Vec<Segment>,
    /// The model, where the image wants it.
    pub model: Segment,
    /// From the image's first byte of RAM to the top of its stack.
    pub ram: Range<u64>,
}

/// What had to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The firmware was another one.
    pub firmware: bool,
    /// The model was another one.
    pub model: bool,
}

/// Makes the flash hold what `job` says.
pub(super) fn flash(state: &mut State, job: &Job, report: &mut dyn FnMut(Progress)) -> Result<Written, ProbeError> {
    fits(state.session()?.target(), job)?;
    let mut written = Written::default();
    for segment in &job.firmware {
        written.firmware |= content::difference(state, segment, Step::Compare, report)?.is_some();
    }
    written.model = content::difference(state, &job.model, Step::Compare, report)?.is_some();
    // Erasing a sector takes all that is in it.
    if written.firmware != written.model && shares_sector(state.session()?.target(), job) {
        written = Written { firmware: true, model: true };
    }
    let firmware = job.firmware.iter().filter(|_| written.firmware);
    let wanted: Vec<&Segment> = firmware.chain(Some(&job.model).filter(|_| written.model)).collect();
    if !wanted.is_empty() {
        program(state, &wanted, report)?;
    }
    Ok(written)
}

fn program(state: &mut State, wanted: &[&Segment], report: &mut dyn FnMut(Progress)) -> Result<(), ProbeError> {
    let doing = "flashing";
    let session = state.session()?;
    let mut loader = session.target().flash_loader();
    for segment in wanted {
        loader.add_data(segment.address, &segment.bytes).map_err(|error| translate::error(doing, &error))?;
    }
    let mut totals = [0; 4];
    let mut done = [0; 4];
    let progress = FlashProgress::new(|event| {
        let (operation, more) = match event {
            ProgressEvent::AddProgressBar { operation, total } => {
                totals[index(operation)] += total.unwrap_or_default();
                (operation, 0)
            }
            ProgressEvent::Started(operation) => (operation, 0),
            ProgressEvent::Progress { operation, size, .. } => (operation, size),
            _ => return,
        };
        let (index, step) = (index(operation), step(operation));
        done[index] += more;
        report(Progress { step, done: done[index], total: totals[index] });
    });
    let mut options = DownloadOptions::new();
    options.progress = progress;
    options.verify = true;
    match loader.commit(session, options).map_err(|error| translate::error(doing, &error)) {
        Ok(()) => Ok(()),
        Err(ProbeError::Verify { .. }) => Err(place(state, wanted)),
        // The library's words for a failed step need not say that nobody is there any more.
        Err(error) => Err(match state.core(doing).map(|mut core| core.status()) {
            Err(lost) if lost.ends_connection() => lost,
            Ok(Err(lost)) => Some(translate::error(doing, &lost)).filter(ProbeError::ends_connection).unwrap_or(error),
            _ => error,
        }),
    }
}

/// Where verification failed.
fn place(state: &mut State, wanted: &[&Segment]) -> ProbeError {
    for segment in wanted {
        match content::difference(state, segment, Step::Verify, &mut |_| {}) {
            Ok(None) => {}
            Ok(Some(address)) => return ProbeError::Verify { address },
            Err(error) => return error,
        }
    }
    // Now it reads right: what failed was reading, not writing.
    let reason = "what was written reads differently from one time to the next".to_owned();
    ProbeError::Flash { reason }
}

const fn index(operation: ProgressOperation) -> usize {
    match operation {
        ProgressOperation::Fill => 0,
        ProgressOperation::Erase => 1,
        ProgressOperation::Program => 2,
        ProgressOperation::Verify => 3,
    }
}

const fn step(operation: ProgressOperation) -> Step {
    match operation {
        ProgressOperation::Fill => Step::Keep,
        ProgressOperation::Erase => Step::Erase,
        ProgressOperation::Program => Step::Program,
        ProgressOperation::Verify => Step::Verify,
    }
}

/// Whether the chip has the memories that the image was linked for.
fn fits(target: &Target, job: &Job) -> Result<(), ProbeError> {
    let nvm = |region: &MemoryRegion| region.is_nvm();
    for segment in job.firmware.iter().chain([&job.model]) {
        within(target, "flash", segment.address..segment.address + segment.bytes.len() as u64, nvm)?;
    }
    within(target, "RAM", job.ram.clone(), |region| region.is_ram())
}

fn within(
    target: &Target,
    what: &'static str,
    wanted: Range<u64>,
    kind: impl Fn(&MemoryRegion) -> bool,
) -> Result<(), ProbeError> {
    let regions = || target.memory_map.iter().filter(|region| kind(region)).map(MemoryRegion::address_range);
    let mut limit = wanted.start;
    // Banks lie side by side; some maps list an alias of a region before it.
    while let Some(end) = regions().filter(|region| region.contains(&limit)).map(|region| region.end).max() {
        if end >= wanted.end {
            return Ok(());
        }
        limit = end;
    }
    if wanted.is_empty() { Ok(()) } else { Err(ProbeError::ImageTooLarge { what, end: wanted.end, limit }) }
}

/// Whether an erase for the model would take a part of the firmware or the other way round.
fn shares_sector(target: &Target, job: &Job) -> bool {
    let end = job.firmware.iter().map(|segment| segment.address + segment.bytes.len() as u64).max().unwrap_or_default();
    match (sector(target, end.saturating_sub(1)), sector(target, job.model.address)) {
        (Some(last), Some(first)) => last == first,
        // Without knowledge of sectors both are written together.
        _ => true,
    }
}

/// The first address of the sector that holds `address`.
fn sector(target: &Target, address: u64) -> Option<u64> {
    let properties = target
        .flash_algorithms
        .iter()
        .map(|algorithm| &algorithm.flash_properties)
        .find(|properties| properties.address_range.contains(&address))?;
    let offset = address - properties.address_range.start;
    let kind = properties.sectors.iter().rfind(|kind| kind.address <= offset)?;
    Some(properties.address_range.start + kind.address + (offset - kind.address) / kind.size * kind.size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(name: &str) -> Target {
        probe_rs::config::Registry::from_builtin_families().get_target_by_name(name).expect(name)
    }

    fn job(model: u64, bytes: usize, ram: u64) -> Job {
        let firmware = vec![Segment { address: 0x0800_0000, bytes: vec![1; 0x6000] }];
        Job { firmware, model: Segment { address: model, bytes: vec![2; bytes] }, ram: 0x2000_0000..0x2000_0000 + ram }
    }

    #[test]
    fn an_image_for_a_larger_chip_does_not_fit() {
        let f446 = target("STM32F446RETx");
        assert_eq!(fits(&f446, &job(0x0802_0000, 0x6_0000, 0x2_0000)), Ok(()));
        let flash = fits(&f446, &job(0x0802_0000, 0x6_0001, 0x2_0000)).expect_err("one byte too much");
        assert_eq!(flash, ProbeError::ImageTooLarge { what: "flash", end: 0x0808_0001, limit: 0x0808_0000 });
        let ram = fits(&f446, &job(0x0802_0000, 1, 0x2_0004)).expect_err("one word too much");
        assert_eq!(ram, ProbeError::ImageTooLarge { what: "RAM", end: 0x2002_0004, limit: 0x2002_0000 });
        assert_eq!(fits(&f446, &job(0x9000_0000, 1, 4)).expect_err("nothing there").code(), "device::image_too_large");
    }

    #[test]
    fn sectors_of_different_sizes_are_told_apart() {
        let f446 = target("STM32F446RETx");
        // RM0390, flash module organization: 4 sectors of 16 KiB, one of 64, three of 128.
        let places = [(0x0800_3fff, 0x0800_0000), (0x0800_4000, 0x0800_4000), (0x0801_ffff, 0x0801_0000)];
        for (address, start) in places {
            assert_eq!(sector(&f446, address), Some(start), "{address:#x}");
        }
        assert!(!shares_sector(&f446, &job(0x0802_0000, 1, 0)));
        assert!(!shares_sector(&f446, &job(0x0800_8000, 1, 0)));
        assert!(shares_sector(&f446, &job(0x0800_6000, 1, 0)));
    }
}
