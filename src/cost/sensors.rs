//! Sensors beside the processor's own counters: a meter of the whole computer that the user provides, energy counters of drivers,
//! a battery that is being emptied.

use super::counter::Limits;
use super::zones::{Absent, Kind, Zone};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The most that one computer is believed to draw, in watts: bounds what a meter of the whole can say.
const COMPUTER_W: f64 = 5_000.0;
/// Microjoules in a kilowatt-hour.
const KILOWATT_HOUR: f64 = 3.6e12;

/// In what a sensor's file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// A whole number of microjoules, counted up.
    Microjoules,
    /// Kilowatt-hours with decimals, counted up.
    KilowattHours,
    /// A whole number of microwatts at this moment, while the battery beside it is being emptied.
    Microwatts,
}

impl Unit {
    /// What the file says now, in microjoules, or microwatts for those.
    pub(super) fn read(self, file: &Path) -> Result<u64, ErrorKind> {
        let text = fs::read_to_string(file).map_err(|e| e.kind())?;
        match self {
            Self::Microjoules => text.trim().parse().map_err(|_| ErrorKind::InvalidData),
            Self::KilowattHours => {
                let kwh = text.trim().parse::<f64>().ok().filter(|kwh| (0.0..1e6).contains(kwh)).ok_or(ErrorKind::InvalidData)?;
                Ok((kwh * KILOWATT_HOUR).round() as u64)
            }
            Self::Microwatts => {
                // On mains the figure is that of charging, or none; it says nothing of what the computer draws.
                let emptied = file.parent().and_then(|folder| fs::read_to_string(folder.join("status")).ok()).is_some_and(|s| s.trim() == "Discharging");
                text.trim().parse().ok().filter(|uw| emptied && *uw > 0).ok_or(ErrorKind::InvalidData)
            }
        }
    }
}

/// Limits of a sensor that does not wrap and may rest between its steps.
fn steps(design_w: f64) -> Limits {
    Limits { wraps_at: Some(u64::MAX), design_w, may_rest: true }
}

/// The user's meter: a file in which another program keeps the meter's reading in kilowatt-hours.
pub(super) fn external(file: &Path) -> Result<Vec<Zone>, Absent> {
    let zone = Zone {
        package: "the external meter".into(),
        kind: Kind::Computer,
        file: file.into(),
        unit: Unit::KilowattHours,
        // The bound on a reading is three times the design power.
        limits: steps(COMPUTER_W / 3.0),
    };
    zone.unit.read(file).map(|_| vec![zone]).map_err(|kind| {
        let why = match kind {
            ErrorKind::NotFound => "is not there",
            ErrorKind::PermissionDenied => "may not be read",
            _ => "holds no number of kilowatt-hours",
        };
        Absent { why: format!("the meter's file {why}"), remedy: Some("keep the meter's reading in it, a number of kilowatt-hours such as 1234.567".into()) }
    })
}

/// A driver's energy counters of the sockets, or else a battery that is being emptied.
pub(super) fn coarse(hwmon: &Path, batteries: &Path, socket_w: f64) -> Option<Vec<Zone>> {
    let zones = sockets(hwmon, socket_w);
    if !zones.is_empty() {
        return Some(zones);
    }
    let file = folders(batteries).into_iter().map(|f| f.join("power_now")).find(|f| Unit::Microwatts.read(f).is_ok())?;
    let limits = Limits { wraps_at: None, design_w: COMPUTER_W / 3.0, may_rest: true };
    Some(vec![Zone { package: "the battery".into(), kind: Kind::Computer, file, unit: Unit::Microwatts, limits }])
}

/// Counters that a driver labels as those of whole sockets; one that cannot be read leaves all out, because a part understates the whole.
fn sockets(hwmon: &Path, socket_w: f64) -> Vec<Zone> {
    let mut zones = Vec::new();
    for folder in folders(hwmon) {
        for number in 1..=1_024 {
            let Ok(label) = fs::read_to_string(folder.join(format!("energy{number}_label"))) else { break };
            if let Some(socket) = label.trim().strip_prefix("Esocket") {
                let file = folder.join(format!("energy{number}_input"));
                let zone = Zone {
                    package: format!("socket {socket}"),
                    kind: Kind::Package,
                    file,
                    unit: Unit::Microjoules,
                    limits: Limits { may_rest: false, ..steps(socket_w) },
                };
                if zones.iter().all(|z: &Zone| z.package != zone.package) {
                    zones.push(zone);
                }
            }
        }
    }
    if zones.iter().all(|zone| zone.unit.read(&zone.file).is_ok()) { zones } else { Vec::new() }
}

/// The folders in a folder, by name.
fn folders(root: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(root).map(|entries| entries.flatten().map(|e| e.path()).collect()).unwrap_or_default();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    #[test]
    fn reads_a_meter_to_its_last_decimal() {
        let root = tree(&[("good", "1234.567\n"), ("zero", "0"), ("odd", "1,5"), ("huge", "1e9"), ("minus", "-1"), ("not", "NaN")]);
        let read = |name: &str| Unit::KilowattHours.read(&root.path().join(name));
        assert_eq!(read("good"), Ok(4_444_441_200_000_000), "1234.567 × 3.6e12");
        assert_eq!(read("zero"), Ok(0));
        for name in ["odd", "huge", "minus", "not"] {
            assert_eq!(read(name), Err(ErrorKind::InvalidData), "{name}");
            assert!(external(&root.path().join(name)).unwrap_err().why.ends_with("holds no number of kilowatt-hours"));
        }
        let zones = external(&root.path().join("good")).unwrap();
        assert_eq!((zones.len(), zones[0].kind), (1, Kind::Computer));
        let gone = external(&root.path().join("gone")).unwrap_err();
        assert!(gone.why.ends_with("is not there") && gone.remedy.is_some() && !gone.why.contains(root.path().to_str().unwrap()));
    }

    #[test]
    fn takes_sockets_of_a_driver_and_not_their_cores() {
        let energy = [
            ("h/hwmon0/name", "coretemp"),
            ("h/hwmon1/energy1_label", "Ecore000\n"),
            ("h/hwmon1/energy1_input", "5"),
            ("h/hwmon1/energy2_label", "Esocket0\n"),
            ("h/hwmon1/energy2_input", "7\n"),
            ("h/hwmon1/energy3_label", "Esocket1\n"),
        ];
        let root = tree(&energy);
        let found = || coarse(&root.path().join("h"), &root.path().join("none"), 200.0);
        assert_eq!(found(), None, "one socket of two cannot be read");
        fs::write(root.path().join("h/hwmon1/energy3_input"), "9").unwrap();
        let zones = found().unwrap();
        assert_eq!(zones.iter().map(|z| z.package.as_str()).collect::<Vec<_>>(), ["socket 0", "socket 1"]);
        assert_eq!(super::super::zones::read(&zones), [Some(7), Some(9)]);
    }

    #[test]
    fn takes_a_battery_only_while_it_is_emptied() {
        let root = tree(&[("b/AC/online", "0"), ("b/BAT0/power_now", "12500000\n"), ("b/BAT0/status", "Discharging\n")]);
        let found = || coarse(&root.path().join("none"), &root.path().join("b"), 15.0);
        let zones = found().unwrap();
        assert_eq!((zones[0].kind, zones[0].unit, super::super::zones::read(&zones)), (Kind::Computer, Unit::Microwatts, vec![Some(12_500_000)]));
        fs::write(root.path().join("b/BAT0/status"), "Charging\n").unwrap();
        assert_eq!((found(), super::super::zones::read(&zones)), (None, vec![None]));
        assert_eq!(coarse(Path::new("/nowhere"), Path::new("/nowhere"), 15.0), None);
    }
}
