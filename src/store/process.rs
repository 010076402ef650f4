//! Runs a program of somebody else: records in, codes out, within a time limit and with bounded output; nothing of it is left running.
//!
//! The program gets a process group of its own, which is killed as one. Its processor time and memory are in the kernel's account of this
//! process's children, so the meter has them; orphans of it become our children, so that theirs are too.

use crate::value::{Class, Problem};
use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid, waitpid};
use nix::unistd::Pid;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Bytes of standard error that are held, and lines of them that are shown.
const HELD: usize = 1 << 14;
const SHOWN: usize = 12;
/// Characters of a line that are shown.
const WIDTH: usize = 160;
/// What is left of a program that has ended may take this long to finish its output.
const GRACE: Duration = Duration::from_secs(1);

/// A program to be run once.
pub struct Job<'a> {
    /// The program and its arguments.
    pub argv: &'a [String],
    /// The folder it runs in.
    pub folder: &'a Path,
    /// Variables added to its environment.
    pub variables: &'a [(&'a str, &'a Path)],
    /// What it reads on standard input.
    pub input: Vec<u8>,
    /// How long it may run.
    pub limit: Duration,
    /// Most bytes it may write on standard output.
    pub most_output: usize,
}

/// Runs a program to its end and gives what it wrote on standard output.
///
/// # Errors
/// A program that cannot be started, takes too long, writes too much, or ends with anything but success; with the last lines of its standard
/// error.
pub fn run_program(job: Job<'_>) -> Result<Vec<u8>, Problem> {
    // Where orphans go is only a matter of accounts; without it the program runs all the same.
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_child_subreaper(true);
    let began = Instant::now();
    let mut child = start(&job)?;
    let group = Pid::from_raw(i32::try_from(child.id()).unwrap_or(i32::MAX));
    let said = Arc::new(Mutex::new(Vec::new()));
    let (output, listener) = connect(&mut child, job.input, job.most_output, &said);
    let ended = watch(group, &output, job.limit, began);
    // What the program left running ends with it, while its number cannot be another's yet.
    let _ = killpg(group, Signal::SIGKILL);
    let status = child.wait();
    reap(group);
    let bytes = match ended {
        Ok(Some(bytes)) => Ok(bytes),
        // What it left running held the output open, and has been killed.
        Ok(None) => match output.recv_timeout(GRACE) {
            Ok(Output::Whole(bytes)) => Ok(bytes),
            _ => Err(Trouble::Open),
        },
        Err(trouble) => Err(trouble),
    };
    hear_out(listener);
    let said = said.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match (bytes, status) {
        (Ok(bytes), Ok(status)) if status.success() => Ok(bytes),
        (Ok(_), Ok(status)) => Err(with_words(Trouble::Ended(status).problem(&job.limit, job.most_output), &said)),
        (Err(trouble), _) => Err(with_words(trouble.problem(&job.limit, job.most_output), &said)),
        (_, Err(error)) => Err(Problem::new(Class::Environment, format!("the program's end was not heard of: {error}")).remedy("run the study again")),
    }
}

/// Why a program's output is not taken.
enum Trouble {
    Late,
    TooMuch,
    Unread,
    Open,
    Ended(ExitStatus),
}

impl Trouble {
    fn problem(&self, limit: &Duration, most: usize) -> Problem {
        let (message, remedy) = match self {
            Self::Late => (
                format!("the program took longer than its time limit of {} seconds and was stopped", limit.as_secs_f64()),
                "see whether it waits for something, such as a terminal or a network; or raise `time_limit`",
            ),
            Self::TooMuch => (
                format!("the program wrote more than {most} bytes on standard output and was stopped"),
                "write ranked codes and nothing else, each record once; messages belong on standard error",
            ),
            Self::Unread => ("the program's output could not be read".to_owned(), "run the study again"),
            Self::Open => (
                "the program ended, but something that it started holds its output open".to_owned(),
                "let it wait for what it starts, and start no process that outlives it",
            ),
            Self::Ended(status) => {
                let how = match (status.code(), status.signal()) {
                    (Some(code), _) => format!("ended with exit code {code}"),
                    (None, Some(signal)) => format!("was killed by signal {signal}"),
                    (None, None) => "did not end well".to_owned(),
                };
                (format!("the program {how}"), "run it by hand in its folder on a few records; success is exit code 0")
            }
        };
        Problem::new(Class::Model, message).remedy(remedy)
    }
}

fn start(job: &Job<'_>) -> Result<Child, Problem> {
    let (name, arguments) = job.argv.split_first().ok_or_else(|| Problem::new(Class::Study, "there is no program to run"))?;
    // A path is meant from the folder, wherever this program was started; a bare name is looked up as a shell would.
    let program = if name.contains('/') { absolute(&job.folder.join(name)) } else { PathBuf::from(name) };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder(job.folder)).envs(job.variables.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    command.spawn().map_err(|error| {
        let shown = escaped(name, WIDTH);
        let problem = |message: String, remedy: &str| Problem::new(Class::Environment, message).remedy(remedy);
        match error.kind() {
            ErrorKind::NotFound => problem(
                format!("the program `{shown}` was not found"),
                "install it, or name its file from the folder of the model file: command = [\"./coder.sh\"]; its first line must name an interpreter that is there",
            ),
            ErrorKind::PermissionDenied => {
                problem(format!("the program `{shown}` may not be run"), "make it executable (chmod +x), or name the interpreter: command = [\"python3\", \"coder.py\"]")
            }
            _ => problem(format!("the program `{shown}` could not be started: {error}"), "name the interpreter: command = [\"python3\", \"coder.py\"]"),
        }
    })
}

fn folder(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// What was read of standard output.
enum Output {
    Whole(Vec<u8>),
    TooMuch,
    Unread,
}

/// Threads of their own feed the program and hear it, so that neither side waits for the other; they end when the program's pipes do.
fn connect(child: &mut Child, input: Vec<u8>, most: usize, said: &Arc<Mutex<Vec<u8>>>) -> (Receiver<Output>, Option<JoinHandle<()>>) {
    let (tell, hear) = channel();
    if let Some(mut pipe) = child.stdin.take() {
        // A program that stops reading is judged by its output and its exit code.
        thread::spawn(move || drop(pipe.write_all(&input)));
    }
    if let Some(pipe) = child.stdout.take() {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let read = pipe.take(most as u64 + 1).read_to_end(&mut bytes);
            let output = match read {
                Ok(_) if bytes.len() > most => Output::TooMuch,
                Ok(_) => Output::Whole(bytes),
                Err(_) => Output::Unread,
            };
            let _ = tell.send(output);
        });
    }
    let listener = child.stderr.take().map(|mut pipe| {
        let said = Arc::clone(said);
        thread::spawn(move || {
            let mut buffer = [0u8; 4096];
            while let Ok(count @ 1..) = pipe.read(&mut buffer) {
                let mut held = said.lock().unwrap_or_else(PoisonError::into_inner);
                held.extend_from_slice(&buffer[..count]);
                let over = held.len().saturating_sub(HELD);
                held.drain(..over);
            }
        })
    });
    (hear, listener)
}

/// Waits until the last words were heard; not for long, because something that left the group may hold the pipe open.
fn hear_out(listener: Option<JoinHandle<()>>) {
    let began = Instant::now();
    while listener.as_ref().is_some_and(|l| !l.is_finished()) && began.elapsed() < GRACE {
        thread::sleep(Duration::from_millis(1));
    }
}

/// Waits until the program has ended and its output with it; nothing when it has ended but its output has not.
fn watch(group: Pid, output: &Receiver<Output>, limit: Duration, began: Instant) -> Result<Option<Vec<u8>>, Trouble> {
    let mut pause = Duration::from_millis(1);
    let (mut bytes, mut ended): (Option<Vec<u8>>, Option<Instant>) = (None, None);
    loop {
        if bytes.is_none() {
            match output.recv_timeout(pause) {
                Ok(Output::Whole(whole)) => bytes = Some(whole),
                Ok(Output::TooMuch) => return Err(Trouble::TooMuch),
                Ok(Output::Unread) | Err(RecvTimeoutError::Disconnected) => return Err(Trouble::Unread),
                Err(RecvTimeoutError::Timeout) => {}
            }
        } else {
            thread::sleep(pause);
        }
        if ended.is_none() && is_over(group) {
            ended = Some(Instant::now());
        }
        match ended {
            Some(_) if bytes.is_some() => return Ok(bytes),
            Some(since) if since.elapsed() > GRACE => return Ok(None),
            None if began.elapsed() > limit => return Err(Trouble::Late),
            _ => pause = (pause * 2).min(Duration::from_millis(20)),
        }
    }
}

/// True when the program has ended; it stays in the process table, so that its number is still its own.
fn is_over(program: Pid) -> bool {
    !matches!(waitid(Id::Pid(program), WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT), Ok(WaitStatus::StillAlive) | Err(Errno::EINTR))
}

/// Takes the orphans of the group out of the process table, which adds what they used to our account.
fn reap(group: Pid) {
    let began = Instant::now();
    loop {
        match waitpid(Pid::from_raw(-group.as_raw()), Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::StillAlive) if began.elapsed() < GRACE => thread::sleep(Duration::from_millis(2)),
            Ok(WaitStatus::StillAlive) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

/// Adds the last lines of standard error to a problem.
fn with_words(mut problem: Problem, said: &[u8]) -> Problem {
    let text = String::from_utf8_lossy(said);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.is_empty() {
        problem.message.push_str("; it said nothing on standard error");
        return problem;
    }
    problem.message.push_str("; the last it said on standard error:");
    for line in &lines[lines.len().saturating_sub(SHOWN)..] {
        problem.message.push_str("\n  | ");
        problem.message.push_str(&escaped(line, WIDTH));
    }
    problem
}

/// A text of somebody else for a terminal: what would move the cursor, turn the writing or hide is written out, and it ends somewhere.
pub fn escaped(text: &str, width: usize) -> String {
    let mut shown = String::new();
    for c in text.chars().take(width) {
        let hidden = c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        match c {
            '\t' => shown.push(' '),
            _ if hidden => shown.extend(c.escape_unicode()),
            _ => shown.push(c),
        }
    }
    if text.chars().nth(width).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(script: &str, input: &str, limit: f64, most: usize) -> Result<String, String> {
        let argv = ["sh".to_owned(), "-c".to_owned(), script.to_owned()];
        let job = Job { argv: &argv, folder: Path::new(""), variables: &[], input: input.into(), limit: Duration::from_secs_f64(limit), most_output: most };
        run_program(job).map(|bytes| String::from_utf8(bytes).unwrap()).map_err(|problem| {
            assert!(problem.remedy.is_some(), "{problem}");
            problem.to_string()
        })
    }

    #[test]
    fn what_goes_in_comes_out() {
        let long = "0123456789abcdef\n".repeat(100_000);
        assert_eq!(run("cat", &long, 60.0, usize::MAX / 2).unwrap(), long);
        assert_eq!(run("echo x; exec <&-", &long, 60.0, 100).unwrap(), "x\n", "a program need not read all");
    }

    #[test]
    fn faults_are_told_with_the_last_words() {
        let told = |script: &str, limit: f64, texts: &[&str]| {
            let told = run(script, "", limit, 1000).unwrap_err();
            texts.iter().for_each(|t| assert!(told.contains(t), "no `{t}` in {told}"));
        };
        told("sleep 600 & sleep 600", 0.3, &["longer than its time limit of 0.3 seconds", "said nothing"]);
        told("echo no model >&2; exit 3", 60.0, &["exit code 3", "| no model"]);
        told("kill -9 $$", 60.0, &["killed by signal 9"]);
        told("yes", 60.0, &["more than 1000 bytes"]);
        told("printf 'a\\033[2Jb\\342\\200\\256c\\n' >&2; exit 1", 60.0, &["a\\u{1b}[2Jb\\u{202e}c"]);
        told("i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo line $i >&2; done; exit 1", 60.0, &["| line 2989\n", "| line 3000"]);
    }

    #[test]
    fn nothing_is_left_running() {
        let marked = run("sleep 600 & echo $!", "", 60.0, 1000).unwrap();
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", marked.trim()));
        assert!(stat.is_err(), "the child of a program outlived it: {stat:?}");
    }

    #[test]
    fn what_cannot_start_says_why() {
        for (argv, told) in [("no-such-program-anywhere", "not found"), ("./Cargo.toml", "may not be run")] {
            let argv = [argv.to_owned()];
            let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
            let job = Job { argv: &argv, folder, variables: &[], input: Vec::new(), limit: Duration::from_secs(9), most_output: 9 };
            let problem = run_program(job).unwrap_err().to_string();
            assert!(problem.contains(told) && problem.contains("help:"), "{problem}");
        }
    }
}
