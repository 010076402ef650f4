//! The shape of the program: imports against the arrow, files without a purpose, printing and disk access in the wrong place.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules in the order of the arrow: a module imports only from those before it.
const ARROW: [&str; 14] = ["value", "stats", "metric", "data", "text", "model", "cost", "measure", "judge", "report", "spec", "store", "pipeline", "cli"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// (module, file, code before its unit tests) of every source file.
fn modules() -> Vec<(&'static str, PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut list = Vec::new();
    for module in ARROW {
        for path in sources(&src.join(module)) {
            let text = fs::read_to_string(&path).expect("a source file");
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            // Comments may speak of anything.
            let code = code.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
            list.push((module, path, code));
        }
    }
    assert!(list.len() > 50, "the sources were not found");
    list
}

#[test]
fn every_folder_is_a_module_of_the_arrow() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(src).expect("src") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|n| n.to_str()).expect("a name").to_owned();
        assert!(ARROW.contains(&name.as_str()) || ["lib", "main"].contains(&name.as_str()), "{name} is not in the arrow");
    }
}

#[test]
fn imports_go_with_the_arrow() {
    let mut wrong = Vec::new();
    for (module, path, code) in modules() {
        let own = ARROW.iter().position(|m| *m == module).expect("a module");
        for later in &ARROW[own + 1..] {
            for pattern in [format!("crate::{later}::"), format!("crate::{later};"), format!("crate::{{{later}")] {
                if code.contains(&pattern) {
                    wrong.push(format!("{} imports {later}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "against the arrow {}:\n{}", ARROW.join(" → "), wrong.join("\n"));
}

#[test]
fn only_store_cost_and_cli_touch_the_world_and_only_cli_prints() {
    let mut wrong = Vec::new();
    for (module, path, code) in modules() {
        let world = ["std::fs", "std::net", "std::process", "std::env::", "SystemTime", "Instant::now"];
        if !["store", "cost", "cli"].contains(&module) {
            wrong.extend(world.iter().filter(|w| code.contains(**w)).map(|w| format!("{} uses {w}", path.display())));
        }
        let print = ["println!", "eprintln!", "print!(", "dbg!", "std::io::stdout", "std::io::stderr"];
        if module != "cli" {
            wrong.extend(print.iter().filter(|p| code.contains(**p)).map(|p| format!("{} uses {p}", path.display())));
        }
        if module != "data" && code.contains("polars::") {
            wrong.push(format!("{} uses polars", path.display()));
        }
        if code.contains("unsafe ") {
            wrong.push(format!("{} has unsafe code", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let silent: Vec<_> = sources(&root.join("src"))
        .into_iter()
        .chain(sources(&root.join("tests")))
        .filter(|p| !fs::read_to_string(p).expect("a file").starts_with("//! "))
        .collect();
    assert!(silent.is_empty(), "{silent:?}");
}

#[test]
fn nothing_names_this_machine() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let machine = root.to_str().expect("a path");
    for path in sources(&root.join("src")).into_iter().chain(sources(&root.join("tests"))) {
        assert!(!fs::read_to_string(&path).expect("a file").contains(machine), "{}", path.display());
    }
}
