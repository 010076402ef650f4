//! The control group this process is in: how much processor time everything in it used, and how many processors it may use.
//!
//! Both kinds of the kernel's interface are read, and machines that have both side by side.

use std::fs;
use std::path::{Path, PathBuf};

/// Where a control group shows what it used and what it may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// A file, and whether it is of the second kind: then it has lines of names and microseconds, otherwise nanoseconds.
    usage: Option<(PathBuf, bool)>,
    /// Folders that may limit the processors, from the group to the root.
    limits: Vec<PathBuf>,
}

impl Group {
    /// The group as `/proc/self/cgroup` names it, under the folder where control groups are mounted.
    pub(super) fn find(proc: &Path, root: &Path) -> Option<Self> {
        let text = fs::read_to_string(proc.join("self/cgroup")).ok()?;
        // Lines are "number:controllers:path"; the second kind has the number 0 and no controllers.
        let lines: Vec<(&str, &str)> = text.lines().filter_map(|line| line.split_once(':')?.1.split_once(':')).collect();
        let path_of = |controller: &str| lines.iter().find(|(c, _)| c.split(',').any(|one| one == controller)).map(|(_, path)| path.trim_start_matches('/'));
        let mut usage = None;
        let mut limits = Vec::new();
        if let Some(path) = path_of("") {
            for mount in [root.to_path_buf(), root.join("unified")] {
                usage = usage.or_else(|| within(&mount, path, "cpu.stat").map(|file| (file, true)));
                limits.extend(upwards(&mount, path));
            }
        }
        for controller in ["cpuacct", "cpu"] {
            if let Some(path) = path_of(controller) {
                for mount in [root.join(controller), root.join("cpu,cpuacct"), root.join("cpuacct,cpu")] {
                    usage = usage.or_else(|| within(&mount, path, "cpuacct.usage").map(|file| (file, false)));
                    limits.extend(upwards(&mount, path));
                }
            }
        }
        Some(Self { usage, limits })
    }

    /// Processor-seconds of everything that ever ran in the group; nothing where that is not shown.
    pub(super) fn used(&self) -> Option<f64> {
        let (file, second) = self.usage.as_ref()?;
        let text = fs::read_to_string(file).ok()?;
        if *second {
            return text.lines().find_map(|line| line.strip_prefix("usage_usec ")?.trim().parse::<u64>().ok()).map(|us| us as f64 / 1e6);
        }
        text.trim().parse::<u64>().ok().map(|ns| ns as f64 / 1e9)
    }

    /// The most processors the group may keep busy, by the strictest limit on the way to the root; nothing where there is none.
    pub(super) fn processors(&self) -> Option<f64> {
        let limit = |folder: &PathBuf| {
            let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
            let (quota, period) = match read("cpu.max") {
                // "max 100000" is no limit, and no number.
                Some(text) => {
                    let mut fields = text.split_whitespace().map(|f| f.parse::<f64>().ok());
                    (fields.next().flatten()?, fields.next().flatten()?)
                }
                None => (read("cpu.cfs_quota_us")?.trim().parse().ok()?, read("cpu.cfs_period_us")?.trim().parse().ok()?),
            };
            Some(quota / period).filter(|n| n.is_finite() && *n > 0.0)
        };
        self.limits.iter().filter_map(limit).min_by(f64::total_cmp)
    }
}

/// The file of the group, or where a container sees only its own part of the tree, the one at the root.
fn within(mount: &Path, path: &str, name: &str) -> Option<PathBuf> {
    [mount.join(path).join(name), mount.join(name)].into_iter().find(|file| file.is_file())
}

/// The folders from the group up to the mount.
fn upwards(mount: &Path, path: &str) -> Vec<PathBuf> {
    mount.join(path).ancestors().take_while(|folder| folder.starts_with(mount)).map(Path::to_path_buf).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree with `/proc/self/cgroup` and the files named.
    fn group(cgroup: Option<&str>, files: &[(&str, &str)]) -> (tempfile::TempDir, Option<Group>) {
        let root = tempfile::tempdir().unwrap();
        let write = |file: &str, text: &str| {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        if let Some(text) = cgroup {
            write("proc/self/cgroup", text);
        }
        files.iter().for_each(|(file, text)| write(&format!("cgroup/{file}"), text));
        let found = Group::find(&root.path().join("proc"), &root.path().join("cgroup"));
        (root, found)
    }

    fn shown(cgroup: &str, files: &[(&str, &str)]) -> (Option<f64>, Option<f64>) {
        let (_root, group) = group(Some(cgroup), files);
        let group = group.unwrap();
        (group.used(), group.processors())
    }

    const STAT: &str = "usage_usec 1500000\nuser_usec 1000000\nsystem_usec 500000\n";

    #[test]
    fn reads_the_second_kind() {
        assert_eq!(shown("0::/app/job\n", &[("app/job/cpu.stat", STAT), ("app/job/cpu.max", "max 100000\n")]), (Some(1.5), None));
        let nested = [("app/job/cpu.stat", STAT), ("app/job/cpu.max", "400000 100000\n"), ("app/cpu.max", "150000 100000\n")];
        assert_eq!(shown("0::/app/job\n", &nested), (Some(1.5), Some(1.5)), "the strictest on the way up");
        // A container that sees only its own group, under another name than the machine's.
        assert_eq!(shown("0::/../../job\n", &[("cpu.stat", STAT), ("cpu.max", "50000 100000\n")]).0, Some(1.5));
        assert_eq!(shown("0::/\n", &[("cpu.stat", STAT), ("cpu.max", "50000 100000\n")]), (Some(1.5), Some(0.5)));
    }

    #[test]
    fn reads_the_first_kind_and_both_side_by_side() {
        let first = "4:memory:/job\n3:cpu,cpuacct:/job\n1:name=systemd:/job\n";
        let files = [
            ("cpu,cpuacct/job/cpuacct.usage", "2500000000\n"),
            ("cpu,cpuacct/job/cpu.cfs_quota_us", "200000\n"),
            ("cpu,cpuacct/job/cpu.cfs_period_us", "100000\n"),
        ];
        assert_eq!(shown(first, &files), (Some(2.5), Some(2.0)));
        let apart = [("cpuacct/cpuacct.usage", "2500000000\n"), ("cpu/cpu.cfs_quota_us", "-1\n"), ("cpu/cpu.cfs_period_us", "100000\n")];
        assert_eq!(shown("2:cpuacct:/\n1:cpu:/\n", &apart), (Some(2.5), None), "a quota of -1 is none");
        let both = [("cpuacct/cpuacct.usage", "2500000000\n"), ("unified/cpu.stat", STAT)];
        assert_eq!(shown("2:cpuacct:/\n1:cpu:/\n0::/\n", &both), (Some(1.5), None), "the second kind where both count");
    }

    #[test]
    fn what_is_missing_or_no_number_is_unknown() {
        assert_eq!(group(None, &[("cpu.stat", STAT)]).1, None);
        assert_eq!(shown("0::/\n", &[]), (None, None));
        assert_eq!(shown("nonsense\n", &[("cpu.stat", STAT)]), (None, None));
        assert_eq!(shown("0::/\n", &[("cpu.stat", "usage_usec many\n"), ("cpu.max", "some 100000\n")]), (None, None));
        assert_eq!(shown("0::/\n", &[("cpu.stat", "user_usec 1\n"), ("cpu.max", "100000 0\n")]), (None, None));
        assert_eq!(shown("1:cpu:/\n", &[("cpu/cpuacct.usage", "-3\n")]), (None, None));
    }
}
