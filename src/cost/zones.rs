//! Finds and reads the energy counters that the Linux powercap interface shows.

use super::counter::Limits;
use super::sensors::Unit;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What a counter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A processor package, its cores and uncore included.
    Package,
    /// The memory modules of a package, which are not part of the package's counter.
    Memory,
    /// The whole computer.
    Computer,
}

/// One counter that is to be read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Zone {
    /// The package's name: `package-0`, or `package-0-die-1`.
    pub package: String,
    /// What it counts.
    pub kind: Kind,
    /// The file with the reading.
    pub file: PathBuf,
    /// In what it is written.
    pub unit: Unit,
    /// What is believable of it.
    pub limits: Limits,
}

/// Why there is no counter to read, and what would help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Absent {
    /// The reason in words.
    pub why: String,
    /// What an administrator can do, where something can be done.
    pub remedy: Option<String>,
}

impl Absent {
    /// A reason without a remedy.
    pub(super) fn because(why: impl Into<String>) -> Self {
        Self { why: why.into(), remedy: None }
    }

    /// The reason for a failed reading of a file.
    fn unreadable(file: &Path, kind: ErrorKind) -> Self {
        let file = file.display();
        if kind != ErrorKind::PermissionDenied {
            return Self::because(format!("{file} cannot be read as a number"));
        }
        // Access lists do not work on sysfs, so the way is a group; not everybody, because of PLATYPUS (CVE-2020-8694).
        let remedy = "an administrator can let one group read it with a udev rule: SUBSYSTEM==\"powercap\", KERNEL==\"intel-rapl*\", \
                      RUN+=\"/bin/chgrp GROUP /sys%p/energy_uj /sys%p/max_energy_range_uj\", RUN+=\"/bin/chmod g+r /sys%p/energy_uj /sys%p/max_energy_range_uj\"; \
                      not everybody, because the counter can betray secrets (CVE-2020-8694)";
        Self { why: format!("permission denied on {file}"), remedy: Some(remedy.into()) }
    }
}

/// A zone as its folder shows it.
struct Found {
    folder: String,
    name: String,
    path: PathBuf,
}

impl Found {
    /// The interface is the folder's name before the first colon; the processor's own registers come before copies of them.
    fn rank(&self) -> (bool, &str) {
        let interface = self.folder.split(':').next().unwrap_or_default();
        (interface != "intel-rapl", interface)
    }

    /// Whether the other zone's folder is this one's parent.
    fn within(&self, parent: &Self) -> bool {
        self.folder.rsplit_once(':').is_some_and(|(above, _)| above == parent.folder)
    }
}

/// Chooses each package once, and its memory once; cores and uncore are inside a package, and `psys` overlaps it.
///
/// `socket_w` is the design power of one package in watts.
pub(super) fn find(root: &Path, socket_w: f64) -> Result<Vec<Zone>, Absent> {
    let entries = fs::read_dir(root).map_err(|e| match e.kind() {
        ErrorKind::NotFound => Absent::because(format!("{} absent", root.display())),
        _ => Absent::because(format!("{} cannot be listed", root.display())),
    })?;
    let mut found: Vec<Found> = entries
        .flatten()
        .filter_map(|entry| {
            let name = fs::read_to_string(entry.path().join("name")).ok()?.trim().to_owned();
            Some(Found { folder: entry.file_name().into_string().ok()?, name, path: entry.path() })
        })
        .collect();
    found.sort_by(|a, b| a.rank().cmp(&b.rank()).then_with(|| a.folder.cmp(&b.folder)));
    let mut names: Vec<&str> = found.iter().filter(|f| f.name.starts_with("package-")).map(|f| f.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return Err(Absent::because(format!("{} shows no processor package: none there, or hidden from this container", root.display())));
    }
    let mut zones = Vec::new();
    for name in names {
        let packages: Vec<&Found> = found.iter().filter(|f| f.name == name).collect();
        let memories = packages.iter().flat_map(|p| found.iter().filter(|f| f.name == "dram" && f.within(p)));
        let package = first_readable(packages.iter().copied(), name, Kind::Package, socket_w)?;
        zones.push(package);
        zones.extend(first_readable(memories, name, Kind::Memory, socket_w).ok());
    }
    zones.sort_by_key(|zone| zone.kind);
    Ok(zones)
}

/// The first of several zones for the same thing that can be read, or why the first cannot.
fn first_readable<'a>(candidates: impl Iterator<Item = &'a Found>, package: &str, kind: Kind, socket_w: f64) -> Result<Zone, Absent> {
    let mut first = None;
    for candidate in candidates {
        let file = candidate.path.join("energy_uj");
        match number(&file) {
            Ok(_) => {
                let wraps_at = number(&candidate.path.join("max_energy_range_uj")).ok().filter(|range| *range > 0);
                let limits = Limits { wraps_at, design_w: socket_w, may_rest: kind == Kind::Memory };
                return Ok(Zone { package: package.into(), kind, file, unit: Unit::Microjoules, limits });
            }
            Err(kind) => first = first.or(Some(Absent::unreadable(&file, kind))),
        }
    }
    Err(first.unwrap_or_else(|| Absent::because(format!("no counter for {package}"))))
}

/// The whole number in a file.
fn number(file: &Path) -> Result<u64, ErrorKind> {
    Unit::Microjoules.read(file)
}

/// What every counter says now; nothing where it cannot be read as a number.
pub(super) fn read(zones: &[Zone]) -> Vec<Option<u64>> {
    zones.iter().map(|zone| zone.unit.read(&zone.file).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(zones: &[(&str, &str, &str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (folder, name, energy, range) in zones {
            let path = root.path().join(folder);
            fs::create_dir(&path).unwrap();
            for (file, text) in [("name", name), ("energy_uj", energy), ("max_energy_range_uj", range)] {
                if !text.is_empty() {
                    fs::write(path.join(file), format!("{text}\n")).unwrap();
                }
            }
        }
        root
    }

    fn chosen(zones: &[(&str, &str, &str, &str)]) -> Result<Vec<String>, Absent> {
        let root = tree(zones);
        let zones = find(root.path(), 200.0)?;
        Ok(zones.iter().map(|z| format!("{} {:?} {}", z.package, z.kind, z.file.parent().unwrap().file_name().unwrap().to_str().unwrap())).collect())
    }

    const TOP: &str = "262143328850";

    #[test]
    fn chooses_packages_and_memory_and_nothing_inside_them() {
        let whole = [
            ("intel-rapl", "", "", ""),
            ("intel-rapl:0", "package-0", "1", TOP),
            ("intel-rapl:0:0", "core", "1", TOP),
            ("intel-rapl:0:1", "uncore", "1", TOP),
            ("intel-rapl:0:2", "dram", "1", TOP),
            ("intel-rapl:1", "package-1", "1", TOP),
            ("intel-rapl:1:0", "dram", "1", TOP),
            ("intel-rapl:2", "psys", "1", TOP),
        ];
        let expected =
            ["package-0 Package intel-rapl:0", "package-1 Package intel-rapl:1", "package-0 Memory intel-rapl:0:2", "package-1 Memory intel-rapl:1:0"];
        assert_eq!(chosen(&whole).unwrap(), expected);
    }

    #[test]
    fn takes_one_interface_where_two_show_the_same_package() {
        let both = [("intel-rapl-mmio:0", "package-0", "1", TOP), ("intel-rapl-mmio:0:0", "dram", "1", TOP), ("intel-rapl:0", "package-0", "1", TOP)];
        assert_eq!(chosen(&both).unwrap(), ["package-0 Package intel-rapl:0", "package-0 Memory intel-rapl-mmio:0:0"]);
        let broken = [("intel-rapl-mmio:0", "package-0", "1", TOP), ("intel-rapl:0", "package-0", "busy", TOP)];
        assert_eq!(chosen(&broken).unwrap(), ["package-0 Package intel-rapl-mmio:0"]);
    }

    #[test]
    fn keeps_dies_apart_for_the_mirror_check() {
        let dies = [("intel-rapl:0", "package-0-die-0", "1", TOP), ("intel-rapl:1", "package-0-die-1", "1", TOP)];
        assert_eq!(chosen(&dies).unwrap(), ["package-0-die-0 Package intel-rapl:0", "package-0-die-1 Package intel-rapl:1"]);
    }

    #[test]
    fn says_why_there_is_nothing() {
        let gone = find(Path::new("/nowhere/powercap"), 200.0).unwrap_err();
        assert_eq!(gone.why, "/nowhere/powercap absent");
        assert!(chosen(&[]).unwrap_err().why.ends_with("hidden from this container"));
        assert!(chosen(&[("intel-rapl:0", "psys", "1", TOP)]).unwrap_err().why.contains("no processor package"), "psys alone is not the processor");
        assert!(chosen(&[("intel-rapl:0", "package-0", "", TOP)]).unwrap_err().why.ends_with("energy_uj cannot be read as a number"));
        assert!(chosen(&[("intel-rapl:0", "package-0", "n/a", TOP)]).unwrap_err().why.ends_with("energy_uj cannot be read as a number"));
        // One package of two that cannot be read would understate the whole.
        assert!(chosen(&[("intel-rapl:0", "package-0", "1", TOP), ("intel-rapl:1", "package-1", "-1", TOP)]).is_err());
    }

    #[test]
    fn names_the_remedy_for_missing_permission_and_only_then() {
        let denied = Absent::unreadable(Path::new("/sys/class/powercap/intel-rapl:0/energy_uj"), ErrorKind::PermissionDenied);
        assert_eq!(denied.why, "permission denied on /sys/class/powercap/intel-rapl:0/energy_uj");
        let remedy = denied.remedy.unwrap();
        assert!(remedy.contains("chgrp GROUP /sys%p/energy_uj") && remedy.contains("CVE-2020-8694") && !remedy.contains("sudo") && !remedy.contains("a+r"));
        assert_eq!(Absent::unreadable(Path::new("x"), ErrorKind::InvalidData).remedy, None);
    }

    #[test]
    fn reads_now_and_survives_a_counter_that_vanishes() {
        let root = tree(&[("intel-rapl:0", "package-0", "123456789", "0"), ("intel-rapl:0:0", "dram", "5", "")]);
        let zones = find(root.path(), 200.0).unwrap();
        assert_eq!((zones[0].limits.wraps_at, zones[1].limits.wraps_at), (None, None), "a range of 0 or none is unknown");
        assert_eq!(read(&zones), [Some(123_456_789), Some(5)]);
        fs::remove_dir_all(root.path().join("intel-rapl:0")).unwrap();
        fs::write(root.path().join("intel-rapl:0:0/energy_uj"), "?").unwrap();
        assert_eq!(read(&zones), [None, None]);
    }
}
