//! Processors whose thermal design power is published, and the families of those that hide their model.
//!
//! Design power from codecarbon's `cpu_power.csv` 3.3.2 and the Green Algorithms tables; threads from the makers' specifications.

use super::proc::Processor;
use std::ops::RangeInclusive;

/// One processor: what a single package is designed to draw, and over how many hardware threads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cpu {
    /// Brand without trade marks, clock rate and core count; see [`plain`].
    pub name: &'static str,
    /// Thermal design power of one package in watts.
    pub tdp_w: f64,
    /// Hardware threads of one package.
    pub threads: u32,
    /// A laptop or desktop part, which may draw far more than its design power for a while.
    pub client: bool,
}

/// A server part.
const fn server(name: &'static str, tdp_w: f64, threads: u32) -> Cpu {
    Cpu { name, tdp_w, threads, client: false }
}

/// A laptop part.
const fn client(name: &'static str, tdp_w: f64, threads: u32) -> Cpu {
    Cpu { name, tdp_w, threads, client: true }
}

/// The processors known by name.
pub(super) static CPUS: &[Cpu] = &[
    server("AMD EPYC 7601", 180.0, 64),
    server("AMD EPYC 7742", 225.0, 128),
    server("AMD EPYC 7B12", 240.0, 128),
    server("AMD EPYC 7543", 225.0, 64),
    server("AMD EPYC 7713", 225.0, 128),
    server("AMD EPYC 7763", 280.0, 128),
    server("AMD EPYC 7R13", 225.0, 96),
    server("AMD EPYC 8534P", 200.0, 128),
    server("AMD EPYC 9354", 280.0, 64),
    server("AMD EPYC 9654", 360.0, 192),
    server("AMD EPYC 9755", 500.0, 256),
    server("Intel Xeon E5-2680 v4", 120.0, 28),
    server("Intel Xeon E5-2699 v4", 145.0, 44),
    server("Intel Xeon Gold 6130", 125.0, 32),
    server("Intel Xeon Gold 6248", 150.0, 40),
    server("Intel Xeon Platinum 8175M", 240.0, 48),
    server("Intel Xeon Platinum 8259CL", 210.0, 48),
    server("Intel Xeon Platinum 8375C", 300.0, 64),
    server("Intel Xeon Platinum 8380", 270.0, 80),
    server("Intel Xeon Platinum 8480+", 350.0, 112),
    client("Intel Core i5-8265U", 15.0, 8),
    client("Intel Core i5-1145G7", 28.0, 8),
    client("Intel Core Ultra 7 155H", 28.0, 22),
    client("AMD Ryzen 7 PRO 5850U", 15.0, 16),
    client("AMD Ryzen 7 7840U", 28.0, 16),
    client("Apple M1", 10.0, 8),
    client("Apple M2", 22.0, 8),
    client("Apple M3 Pro", 35.0, 12),
];

/// A family of server processors, known by the numbers that a virtual machine shows even when it hides the brand.
struct Family {
    /// CPUID vendor.
    vendor: &'static str,
    /// How the plain brand must begin, because desktop parts share some of the numbers.
    brand: &'static str,
    /// CPUID family.
    family: u32,
    /// CPUID model.
    model: u32,
    /// CPUID stepping.
    stepping: RangeInclusive<u32>,
    /// The many-core part that such a host is taken to be: an assumption, and named as one.
    like: &'static str,
}

/// One AMD server family of any stepping.
const fn amd(family: u32, model: u32, like: &'static str) -> Family {
    Family { vendor: "AuthenticAMD", brand: "AMD EPYC", family, model, stepping: 0..=u32::MAX, like }
}

/// One Intel server family.
const fn intel(model: u32, stepping: RangeInclusive<u32>, like: &'static str) -> Family {
    Family { vendor: "GenuineIntel", brand: "Intel Xeon", family: 6, model, stepping, like }
}

/// The families known by number.
static FAMILIES: &[Family] = &[
    amd(23, 1, "AMD EPYC 7601"),
    amd(23, 49, "AMD EPYC 7742"),
    amd(25, 1, "AMD EPYC 7763"),
    amd(25, 17, "AMD EPYC 9654"),
    amd(25, 160, "AMD EPYC 8534P"),
    amd(26, 2, "AMD EPYC 9755"),
    intel(79, 0..=u32::MAX, "Intel Xeon E5-2699 v4"),
    intel(85, 0..=4, "Intel Xeon Platinum 8175M"),
    intel(85, 5..=7, "Intel Xeon Platinum 8259CL"),
    intel(106, 0..=u32::MAX, "Intel Xeon Platinum 8375C"),
    intel(143, 0..=u32::MAX, "Intel Xeon Platinum 8480+"),
];

/// A processor that was recognised.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Known {
    /// Its entry, or that of the part its family is taken to be.
    pub cpu: Cpu,
    /// What was recognised, in words.
    pub class: String,
}

/// Recognises a processor: the exact brand first, then family and model; never by likeness of names.
pub(super) fn find(processor: &Processor) -> Option<Known> {
    let brand = plain(&processor.brand);
    if let Some(cpu) = named(&brand) {
        return Some(Known { cpu, class: cpu.name.into() });
    }
    let (family, model) = (processor.family?, processor.model?);
    let matched = FAMILIES.iter().find(|f| {
        f.vendor == processor.vendor
            && brand.starts_with(f.brand)
            && f.family == family
            && f.model == model
            && f.stepping.contains(&processor.stepping.unwrap_or(0))
    })?;
    let maker = if matched.vendor == "AuthenticAMD" { "AMD" } else { "Intel" };
    Some(Known { cpu: named(matched.like)?, class: format!("{maker} family {family} model {model}, taken as {}", matched.like) })
}

/// The entry of exactly that plain name.
fn named(name: &str) -> Option<Cpu> {
    CPUS.iter().find(|cpu| cpu.name == name).copied()
}

/// The brand without what makers add to it: trade marks, generation, core count, clock rate, built-in graphics.
fn plain(brand: &str) -> String {
    let brand = brand.replace("(R)", " ").replace("(TM)", " ");
    let brand = brand.split('@').next().unwrap_or_default();
    let brand = brand.split(" with ").next().unwrap_or_default().split(" w/ ").next().unwrap_or_default();
    let words: Vec<&str> = brand.split_whitespace().collect();
    let words = match words.as_slice() {
        [ordinal, "Gen", rest @ ..] if ordinal.ends_with("th") => rest,
        all => all,
    };
    let kept = words.iter().filter(|w| !matches!(**w, "CPU" | "Processor") && !w.ends_with("-Core"));
    kept.copied().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(brand: &str, vendor: &str, family: u32, model: u32, stepping: u32) -> Option<String> {
        let (vendor, brand) = (vendor.into(), brand.into());
        find(&Processor { brand, vendor, family: Some(family), model: Some(model), stepping: Some(stepping), ..Processor::default() }).map(|k| k.class)
    }

    #[test]
    fn knows_the_brands_as_the_kernel_prints_them() {
        for (brand, name) in [
            ("AMD EPYC 7763 64-Core Processor", "AMD EPYC 7763"),
            ("AMD EPYC 7B12", "AMD EPYC 7B12"),
            ("AMD EPYC 7R13 Processor", "AMD EPYC 7R13"),
            ("Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz", "Intel Xeon E5-2680 v4"),
            ("Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz", "Intel Xeon Gold 6130"),
            ("Intel(R) Xeon(R) Platinum 8480+", "Intel Xeon Platinum 8480+"),
            ("Intel(R) Core(TM) i5-8265U CPU @ 1.60GHz", "Intel Core i5-8265U"),
            ("11th Gen Intel(R) Core(TM) i5-1145G7 @ 2.60GHz", "Intel Core i5-1145G7"),
            ("Intel(R) Core(TM) Ultra 7 155H", "Intel Core Ultra 7 155H"),
            ("AMD Ryzen 7 PRO 5850U with Radeon Graphics", "AMD Ryzen 7 PRO 5850U"),
            ("AMD Ryzen 7 7840U w/ Radeon  780M Graphics", "AMD Ryzen 7 7840U"),
            ("Apple M1", "Apple M1"),
        ] {
            assert_eq!(find(&Processor { brand: brand.into(), ..Processor::default() }).map(|k| k.class).as_deref(), Some(name), "{brand}");
        }
    }

    #[test]
    fn knows_a_hidden_model_by_its_family() {
        assert_eq!(shown("AMD EPYC", "AuthenticAMD", 25, 17, 1).as_deref(), Some("AMD family 25 model 17, taken as AMD EPYC 9654"));
        assert_eq!(shown("AMD EPYC-Rome Processor", "AuthenticAMD", 23, 49, 0).as_deref(), Some("AMD family 23 model 49, taken as AMD EPYC 7742"));
        let xeon = |stepping| shown("Intel(R) Xeon(R) CPU @ 2.00GHz", "GenuineIntel", 6, 85, stepping);
        assert_eq!(xeon(3).as_deref(), Some("Intel family 6 model 85, taken as Intel Xeon Platinum 8175M"));
        assert_eq!(xeon(7).as_deref(), Some("Intel family 6 model 85, taken as Intel Xeon Platinum 8259CL"));
        assert_eq!(xeon(11), None);
    }

    #[test]
    fn is_never_fuzzy() {
        assert_eq!(shown("AMD EPYC 7763X 64-Core Processor", "AuthenticAMD", 99, 1, 1), None);
        assert_eq!(shown("AMD Ryzen 7 1700 Eight-Core Processor", "AuthenticAMD", 23, 1, 1), None, "a desktop part with a server part's numbers");
        assert_eq!(shown("Intel(R) Core(TM) i9-7900X CPU @ 3.30GHz", "GenuineIntel", 6, 85, 4), None);
        assert_eq!(find(&Processor { brand: "AMD EPYC".into(), ..Processor::default() }), None, "no numbers");
        assert_eq!(find(&Processor::default()), None);
    }

    #[test]
    fn is_sound_throughout() {
        for (i, cpu) in CPUS.iter().enumerate() {
            let watts = cpu.tdp_w / f64::from(cpu.threads);
            assert!((0.9..=5.1).contains(&watts), "{}: {watts} W a thread", cpu.name);
            assert_eq!(plain(cpu.name), cpu.name);
            assert!(CPUS[i + 1..].iter().all(|other| other.name != cpu.name), "{} twice", cpu.name);
        }
        for family in FAMILIES {
            let cpu = named(family.like).expect("the part a family is taken to be is in the table");
            assert!(!cpu.client && cpu.name.starts_with(family.brand));
        }
    }
}
