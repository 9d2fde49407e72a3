//! The allocator that the standard library has for components, which says where it has nothing left: Rust's own words
//! for it go to a standard error that a component does not have, and the abort behind them says nothing.

use crate::host;
use dlmalloc::GlobalDlmalloc;
use std::alloc::{GlobalAlloc, Layout};
use std::fmt::{self, Write};

/// Room for the whole sentence, since there may be none anywhere else.
const SENTENCE_BYTES: usize = 64;

struct TellingAllocator;

#[global_allocator]
static ALLOCATOR: TellingAllocator = TellingAllocator;

// SAFETY: each call goes to that allocator as it is, and its answer comes back as it is.
unsafe impl GlobalAlloc for TellingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        told(unsafe { GlobalDlmalloc.alloc(layout) }, layout.size())
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { GlobalDlmalloc.dealloc(pointer, layout) };
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        told(unsafe { GlobalDlmalloc.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        told(unsafe { GlobalDlmalloc.realloc(pointer, layout, new_size) }, new_size)
    }
}

fn told(pointer: *mut u8, size: usize) -> *mut u8 {
    if pointer.is_null() {
        let mut sentence = Sentence { bytes: [0; SENTENCE_BYTES], length: 0 };
        // The sentence has room for every size.
        let _ = write!(sentence, "memory allocation of {size} bytes failed");
        host::log("error", sentence.text());
    }
    pointer
}

struct Sentence {
    bytes: [u8; SENTENCE_BYTES],
    length: usize,
}

impl Sentence {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl Write for Sentence {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}
