//! Reads this process, its children and the machine's clocks and accounts, as they are now.

use super::group::Group;
use super::proc::{self, Status, Ticks};
use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use nix::time::ClockId;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Most processes followed down a tree of children, so that a storm of forks cannot hold up the run.
const MOST_CHILDREN: usize = 4_096;

/// The state of everything that is counted, at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Snapshot {
    /// Seconds since the meter started, asleep not counted.
    pub at: f64,
    /// Seconds the machine has slept since it was switched on.
    pub slept_s: f64,
    /// Processor-seconds in programs: this process, children waited for, children alive.
    pub user_s: f64,
    /// The same in the kernel.
    pub system_s: f64,
    /// The largest child that was ever waited for, in bytes.
    pub largest_child: Option<u64>,
    /// Bytes read from and written to storage: this process, children waited for, children alive.
    pub storage: Option<(u64, u64)>,
    /// Processor-seconds of everything in this process's control group.
    pub group_s: Option<f64>,
    /// The machine's processors.
    pub ticks: Option<Ticks>,
    /// Most resident memory that this process ever had, in bytes.
    pub high_water: Option<u64>,
}

/// What the children that are alive use.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Children {
    /// Processor-seconds in programs, with children of theirs that they waited for.
    pub user_s: f64,
    /// The same in the kernel.
    pub system_s: f64,
    /// Resident bytes, added up; absent when there are no children.
    pub resident: Option<u64>,
    /// Bytes read from and written to storage, with children of theirs that they waited for.
    pub storage: (u64, u64),
}

/// Reads the process and the machine through a `/proc` tree.
#[derive(Debug)]
pub(super) struct Probe {
    proc: PathBuf,
    origin: Instant,
    status: Option<File>,
    group: Option<Group>,
}

impl Probe {
    /// A probe whose time starts now; `group` is the control group the process is in, where there is one.
    pub(super) fn new(proc: &Path, group: Option<Group>) -> Self {
        // The file is kept open because it is read many times a second.
        Self { proc: proc.into(), origin: Instant::now(), status: File::open(proc.join("self/status")).ok(), group }
    }

    /// Seconds since the probe was made, asleep not counted.
    pub(super) fn at(&self) -> f64 {
        self.origin.elapsed().as_secs_f64()
    }

    /// Memory and threads of this process now.
    pub(super) fn memory(&self) -> Status {
        let mut buffer = [0u8; 8_192];
        let length = self.status.as_ref().and_then(|file| file.read_at(&mut buffer, 0).ok()).unwrap_or(0);
        proc::status(&String::from_utf8_lossy(&buffer[..length]))
    }

    /// Everything that is counted, now.
    pub(super) fn snapshot(&self) -> Snapshot {
        let text = |name: &str| fs::read_to_string(self.proc.join(name)).ok();
        let (mut alive, mut waited) = (Children::default(), usage(UsageWho::RUSAGE_CHILDREN));
        for _ in 0..3 {
            // A child that ends while they are read would be counted twice; then they are read again.
            alive = self.children();
            let again = usage(UsageWho::RUSAGE_CHILDREN);
            let same = seconds(waited) == seconds(again);
            waited = again;
            if same {
                break;
            }
        }
        let (own_user, own_system) = seconds(usage(UsageWho::RUSAGE_SELF));
        let (waited_user, waited_system) = seconds(waited);
        Snapshot {
            at: self.at(),
            slept_s: 0.0,
            user_s: own_user + waited_user + alive.user_s,
            system_s: own_system + waited_system + alive.system_s,
            largest_child: waited.and_then(|u| u64::try_from(u.max_rss()).ok()).map(|kib| kib.saturating_mul(1024)),
            // The kernel's figure holds the children that were waited for, like its processor time.
            storage: text("self/io").as_deref().and_then(proc::storage).map(|(read, written)| (read + alive.storage.0, written + alive.storage.1)),
            group_s: self.group.as_ref().and_then(Group::used),
            ticks: text("stat").as_deref().and_then(proc::ticks),
            high_water: self.memory().high_water,
        }
    }

    /// Children of this process and theirs that are alive.
    pub(super) fn children(&self) -> Children {
        let mut found = Children::default();
        let mut waiting = self.below("self");
        let mut seen = 0;
        while let Some(process) = waiting.pop() {
            let text = |name: &str| fs::read_to_string(self.proc.join(&process).join(name)).ok();
            if let Some((user, system)) = text("stat").as_deref().and_then(proc::process_seconds) {
                found.user_s += user;
                found.system_s += system;
            }
            if let Some(bytes) = text("status").and_then(|text| proc::status(&text).resident) {
                found.resident = Some(found.resident.unwrap_or(0) + bytes);
            }
            if let Some((read, written)) = text("io").as_deref().and_then(proc::storage) {
                found.storage = (found.storage.0 + read, found.storage.1 + written);
            }
            seen += 1;
            if seen < MOST_CHILDREN {
                waiting.extend(self.below(&process));
            }
        }
        found
    }

    /// Numbers of the processes that one process started.
    fn below(&self, process: &str) -> Vec<String> {
        let Ok(threads) = fs::read_dir(self.proc.join(process).join("task")) else { return Vec::new() };
        let lists = threads.flatten().filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
        lists.flat_map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
    }
}

/// The kernel's account. It cannot fail for these two arguments; if it ever did, the phase would count what is left.
fn usage(who: UsageWho) -> Option<Usage> {
    getrusage(who).ok()
}

/// User and system seconds of an account.
fn seconds(usage: Option<Usage>) -> (f64, f64) {
    usage.map_or((0.0, 0.0), |u| (u.user_time().num_microseconds() as f64 / 1e6, u.system_time().num_microseconds() as f64 / 1e6))
}

/// Asks the kernel to give this process the children of children that end before them, as a daemon's parent does on purpose:
/// otherwise their time would belong to nobody. Where the system cannot, they are not counted.
pub(super) fn adopt() {
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_child_subreaper(true).ok();
}

/// Seconds the machine has slept since it started; 0 where the system keeps no such clock.
pub(super) fn slept() -> f64 {
    #[cfg(target_os = "linux")]
    {
        let micros = |clock: ClockId| clock.now().map_or(0, |time| time.num_microseconds());
        let mut least = 0;
        for _ in 0..5 {
            // This thread may lose the processor between two readings, which must not look like sleep: then read again.
            let (before, all, after) = (micros(ClockId::CLOCK_MONOTONIC), micros(ClockId::CLOCK_BOOTTIME), micros(ClockId::CLOCK_MONOTONIC));
            least = (all - after).max(0);
            if after - before < 1_000 {
                break;
            }
        }
        least as f64 / 1e6
    }
    #[cfg(not(target_os = "linux"))]
    0.0
}

/// Processor-seconds of the calling thread.
pub(super) fn thread_seconds() -> Option<f64> {
    ClockId::CLOCK_THREAD_CPUTIME_ID.now().ok().map(|t| t.num_microseconds() as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_tree_of_children() {
        let root = tempfile::tempdir().unwrap();
        let write = |file: &str, text: &str| {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("self/status", "VmRSS: 10 kB\nVmHWM: 20 kB\nThreads: 3\n");
        write("self/task/1/children", "7 ");
        write("self/task/2/children", "8 9");
        write("7/stat", "7 (sh) S 1 1 1 0 -1 0 0 0 0 0 100 50 0 25 20 0 1 0");
        write("7/status", "VmRSS: 4 kB\n");
        write("7/task/7/children", "77");
        write("77/stat", "77 (python) S 1 1 1 0 -1 0 0 0 0 0 300 0 0 0 20 0 1 0");
        write("77/status", "VmRSS: 6 kB\n");
        write("7/io", "read_bytes: 5\nwrite_bytes: 6\n");
        write("77/io", "read_bytes: 50\nwrite_bytes: 60\n");
        write("8/stat", "nonsense");
        let probe = Probe::new(root.path(), None);
        assert_eq!(probe.children(), Children { user_s: 4.0, system_s: 0.75, resident: Some(10_240), storage: (55, 66) });
        assert_eq!(probe.memory(), Status { resident: Some(10_240), high_water: Some(20_480), threads: Some(3) });
        let snapshot = probe.snapshot();
        assert_eq!((snapshot.storage, snapshot.ticks, snapshot.high_water), (None, None, Some(20_480)));
        assert!(snapshot.user_s >= 4.0 && snapshot.system_s >= 0.75);
        write("self/io", "read_bytes: 1000\nwrite_bytes: 2000\n");
        assert_eq!(probe.snapshot().storage, Some((1_055, 2_066)), "own and of living children");
    }

    #[test]
    fn waiting_is_not_sleeping() {
        let before = slept();
        std::thread::sleep(std::time::Duration::from_millis(50));
        let more = slept() - before;
        assert!(before >= 0.0 && more.abs() < 0.045, "{more}");
    }

    #[test]
    fn knows_nothing_of_an_empty_tree() {
        let root = tempfile::tempdir().unwrap();
        let probe = Probe::new(root.path(), None);
        assert_eq!((probe.children(), probe.memory()), (Children::default(), Status::default()));
    }
}
