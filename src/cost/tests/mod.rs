//! Tests of the whole meter: on this machine, and on trees of files that stand for others.

mod accounting;
mod metered;
mod powercap;
mod properties;

use super::probe::thread_seconds;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use std::env;
use std::os::unix::process::CommandExt;
use std::process::{Command, Output, Stdio};

/// Says inside a test's own process that it is there.
const INSIDE: &str = "COST_TEST_ALONE";

/// What runs one of these tests alone in a process of its own, where no other test's work is counted.
fn itself(name: &str, before: Option<&str>) -> Command {
    let path = format!("{}::{name}", module_path!().split_once("::").unwrap().1);
    let program = env::current_exe().unwrap();
    let mut command = match before {
        // A shell that turns into the program leaves it the time of the children it waited for, as `cargo run` does.
        Some(script) => {
            let mut command = shell(&format!("{script}; exec \"$0\" \"$@\""));
            command.arg(program);
            command
        }
        None => Command::new(program),
    };
    command.args([&path, "--exact", "--test-threads=1"]).env(INSIDE, "1");
    command
}

/// Runs one of these tests in its own process, after a shell did `before`; true inside it.
fn alone(name: &str, before: Option<&str>) -> bool {
    if env::var_os(INSIDE).is_some() {
        return true;
    }
    passed(&itself(name, before).output().unwrap());
    false
}

/// Runs one of these tests as somebody who may not read everything, which the administrator may; true inside it.
fn as_nobody(name: &str) -> bool {
    if env::var_os(INSIDE).is_some() || !nix::unistd::geteuid().is_root() {
        return true;
    }
    // Where nobody may even start the tests there is nothing to see.
    if let Ok(output) = itself(name, None).uid(65_534).gid(65_534).env("TMPDIR", "/tmp").output() {
        passed(&output);
    }
    false
}

fn passed(output: &Output) {
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

/// Processor-seconds of this process and the children it waited for, as the kernel counts them.
fn kernel_seconds() -> f64 {
    let of = |who| getrusage(who).map(|u| (u.user_time().num_microseconds() + u.system_time().num_microseconds()) as f64 / 1e6).unwrap();
    of(UsageWho::RUSAGE_SELF) + of(UsageWho::RUSAGE_CHILDREN)
}

/// Keeps one thread busy for so many processor-seconds.
fn burn(seconds: f64) {
    let start = thread_seconds().unwrap();
    while thread_seconds().unwrap() - start < seconds {
        std::hint::black_box((0..1_000u64).sum::<u64>());
    }
}

/// A shell with a script.
fn shell(script: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script]).stdin(Stdio::null());
    command
}
