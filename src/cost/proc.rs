//! Reads the text of the kernel's accounting files: functions of the text alone.

/// Kernel ticks in a second as user programs see them: fixed at 100 in the binary interface of every architecture served here.
pub(super) const TICKS_PER_SECOND: f64 = 100.0;

/// What `/proc/PID/status` says of memory and threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Status {
    /// Resident memory now, in bytes.
    pub resident: Option<u64>,
    /// The most there ever was, in bytes.
    pub high_water: Option<u64>,
    /// Threads alive.
    pub threads: Option<u32>,
}

/// Reads `/proc/PID/status`.
pub(super) fn status(text: &str) -> Status {
    let mut status = Status::default();
    for line in text.lines() {
        let Some((key, rest)) = line.split_once(':') else { continue };
        let number = || rest.split_whitespace().next()?.parse::<u64>().ok();
        match key {
            "VmRSS" => status.resident = number().map(|kib| kib.saturating_mul(1024)),
            "VmHWM" => status.high_water = number().map(|kib| kib.saturating_mul(1024)),
            "Threads" => status.threads = number().and_then(|n| u32::try_from(n).ok()),
            _ => {}
        }
    }
    status
}

/// Reads `/proc/PID/io`: bytes read from and written to storage.
pub(super) fn storage(text: &str) -> Option<(u64, u64)> {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')?.trim().parse().ok());
    Some((field("read_bytes")?, field("write_bytes")?))
}

/// Ticks of all processors together since the machine started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Ticks {
    /// At work: user, nice, system, interrupts.
    pub busy: u64,
    /// All there were.
    pub total: u64,
    /// Wanted by this machine while another one had the processor.
    pub steal: u64,
}

/// Reads the first line of `/proc/stat`. Guest time is left out because it is already in user time.
pub(super) fn ticks(text: &str) -> Option<Ticks> {
    let mut fields = text.lines().next()?.strip_prefix("cpu ")?.split_whitespace().map(|f| f.parse::<u64>().ok());
    let mut next = || fields.next().flatten();
    let (user, nice, system, idle) = (next()?, next()?, next()?, next()?);
    let (iowait, irq, softirq, steal) = (next().unwrap_or(0), next().unwrap_or(0), next().unwrap_or(0), next().unwrap_or(0));
    let busy = user + nice + system + irq + softirq;
    Some(Ticks { busy, total: busy + idle + iowait + steal, steal })
}

/// Reads `/proc/PID/stat`: user and system seconds of a process and of the children it has waited for.
pub(super) fn process_seconds(text: &str) -> Option<(f64, f64)> {
    // The name of the program stands in parentheses and may itself hold spaces and parentheses.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace().skip(11).map(|f| f.parse::<u64>().ok());
    let mut next = || fields.next().flatten();
    let (user, system, child_user, child_system) = (next()?, next()?, next()?, next()?);
    let seconds = |ticks: u64| ticks as f64 / TICKS_PER_SECOND;
    Some((seconds(user + child_user), seconds(system + child_system)))
}

/// What `/proc/cpuinfo` says of the processor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Processor {
    /// The maker's full name of it; empty when unknown.
    pub brand: String,
    /// The maker as CPUID names it; empty when unknown.
    pub vendor: String,
    /// CPUID family.
    pub family: Option<u32>,
    /// CPUID model.
    pub model: Option<u32>,
    /// CPUID stepping.
    pub stepping: Option<u32>,
    /// Packages, at least 1.
    pub sockets: u32,
    /// Logical processors; 0 when unknown.
    pub logical: u32,
    /// A hypervisor announces itself.
    pub virtual_machine: bool,
}

/// Reads `/proc/cpuinfo`; a machine has one kind of processor.
pub(super) fn processor(text: &str) -> Processor {
    let mut found = Processor::default();
    let mut sockets: Vec<&str> = Vec::new();
    for line in text.lines() {
        let Some((key, value)) = line.split_once(':').map(|(k, v)| (k.trim(), v.trim())) else { continue };
        match key {
            "processor" => found.logical += 1,
            "physical id" if !sockets.contains(&value) => sockets.push(value),
            "model name" if found.brand.is_empty() => found.brand = value.into(),
            "vendor_id" if found.vendor.is_empty() => found.vendor = value.into(),
            "cpu family" => found.family = found.family.or(value.parse().ok()),
            "model" => found.model = found.model.or(value.parse().ok()),
            "stepping" => found.stepping = found.stepping.or(value.parse().ok()),
            "flags" if !found.virtual_machine => found.virtual_machine = value.split(' ').any(|flag| flag == "hypervisor"),
            _ => {}
        }
    }
    found.sockets = u32::try_from(sockets.len()).unwrap_or(1).max(1);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_memory_and_storage() {
        let text = "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1616 kB\nThreads:\t7\n";
        assert_eq!(status(text), Status { resident: Some(1_654_784), high_water: Some(2_097_152), threads: Some(7) });
        assert_eq!(status("VmRSS: many kB\nThreads:\n"), Status::default());
        let io = "rchar: 9\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 1\n";
        assert_eq!(storage(io), Some((4096, 8192)));
        assert_eq!(storage("read_bytes: 4096\n"), None);
    }

    #[test]
    fn reads_ticks_without_counting_guests_twice() {
        let text = "cpu  100 20 30 400 5 6 7 8 90 9\ncpu0 1 1 1 1\n";
        assert_eq!(ticks(text), Some(Ticks { busy: 163, total: 576, steal: 8 }));
        assert_eq!(ticks("cpu  1 2 3 4\n"), Some(Ticks { busy: 6, total: 10, steal: 0 }));
        assert_eq!(ticks("cpu  1 2 x 4\n"), None);
        assert_eq!(ticks(""), None);
    }

    #[test]
    fn reads_a_process_whose_name_is_odd() {
        let text = "42 (a) b (c) R 1 1 1 0 -1 4194304 1 2 3 4 150 50 30 20 20 0 1 0";
        assert_eq!(process_seconds(text), Some((1.8, 0.7)));
        assert_eq!(process_seconds("42 (a"), None);
    }

    #[test]
    fn reads_the_processor() {
        let one = |id: u32| {
            format!(
                "processor\t: {id}\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 17\nmodel name\t: AMD EPYC\nstepping\t: 1\nphysical id\t: {}\nflags\t\t: fpu hypervisor lm\n\n",
                id / 2
            )
        };
        let text: String = (0..4).map(one).collect();
        let found = processor(&text);
        assert_eq!((found.brand.as_str(), found.family, found.model, found.stepping), ("AMD EPYC", Some(25), Some(17), Some(1)));
        assert_eq!((found.sockets, found.logical, found.virtual_machine), (2, 4, true));
        assert!(!processor(&text.replace("hypervisor", "hypervisory")).virtual_machine);
        assert_eq!(processor(""), Processor { sockets: 1, ..Processor::default() });
    }
}
