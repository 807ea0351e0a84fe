//! Runs a command in Paddock's sandbox from Rust: `run DIR CMD [ARG...]`, all streams its own.
//!
//!     rustc run.rs -l paddock

use std::ffi::{c_char, c_void, CStr};
use std::ptr::{null, null_mut};

#[repr(C)]
struct Context(c_void);
#[repr(C)]
struct Text(c_void);
#[repr(C)]
struct Error(c_void);

extern "C" {
    fn paddock_abi_version() -> u32;
    fn paddock_context_new(options: *const c_void, context: *mut *mut Context, error: *mut *mut Error) -> i32;
    fn paddock_context_free(context: *mut Context);
    fn paddock_run(
        context: *const Context,
        order: *const c_char,
        order_length: usize,
        stdio: *const c_void,
        on_event: *const c_void,
        user: *mut c_void,
        exit_status: *mut i32,
        report: *mut *mut Text,
        error: *mut *mut Error,
    ) -> i32;
    fn paddock_text_free(text: *mut Text);
    fn paddock_error_message(error: *const Error) -> *const c_char;
    fn paddock_error_reason(error: *const Error) -> *const c_char;
    fn paddock_error_free(error: *mut Error);
}

const ABI_VERSION: u32 = 1;
const FAILED: i32 = 125;

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if (c as u32) < 0x20 => out += &format!("\\u{:04x}", c as u32),
            c => out.push(c),
        }
    }
    out + "\""
}

fn complain(error: *mut Error) -> i32 {
    unsafe {
        let message = CStr::from_ptr(paddock_error_message(error)).to_string_lossy();
        let reason = CStr::from_ptr(paddock_error_reason(error)).to_string_lossy();
        eprintln!("run: {message} ({reason})");
        paddock_error_free(error);
    }
    FAILED
}

fn run(workspace: &str, command: &[String]) -> i32 {
    let words: Vec<String> = command.iter().map(|word| quoted(word)).collect();
    let order = format!("{{\"workspace\": {}, \"command\": [{}]}}", quoted(workspace), words.join(", "));
    let (mut context, mut error, mut report) = (null_mut(), null_mut(), null_mut());
    let mut status = FAILED;
    unsafe {
        if paddock_abi_version() != ABI_VERSION {
            eprintln!("run: libpaddock has another interface");
            return FAILED;
        }
        if paddock_context_new(null(), &mut context, &mut error) != 0 {
            return complain(error);
        }
        let code = paddock_run(
            context, order.as_ptr().cast(), order.len(), null(), null(), null_mut(), &mut status, &mut report, &mut error,
        );
        paddock_text_free(report);
        paddock_context_free(context);
        if code == 0 { status } else { complain(error) }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.len() < 2 {
        eprintln!("usage: run DIR CMD [ARG...]");
        std::process::exit(2);
    }
    std::process::exit(run(&arguments[0], &arguments[1..]));
}
