//! Processor time of this thread, and the most memory the process held.

use std::{fs, time::Instant};

/// Nanoseconds that this thread ran; the clock where the system does not say.
fn now() -> f64 {
    let ran = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let ran = ran.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    ran.map_or_else(|| START.with(|start| start.elapsed().as_secs_f64()), |nanoseconds| nanoseconds / 1e9)
}

thread_local! {
    static START: Instant = Instant::now();
}

/// The median of three after one to warm up, in seconds.
pub fn median<E>(mut run: impl FnMut() -> Result<(), E>) -> Result<f64, E> {
    run()?;
    let mut times = [0.0; 3];
    for time in &mut times {
        let start = now();
        run()?;
        *time = now() - start;
    }
    times.sort_by(f64::total_cmp);
    Ok(times[1])
}

/// Forgets the most memory held so far.
pub fn reset_peak() {
    // Only Linux can; elsewhere the peak is the process's.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// The most memory held since; zero where the system does not say.
pub fn peak_rss_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()).unwrap_or(0) << 10
}
