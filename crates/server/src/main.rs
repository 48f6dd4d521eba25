//! The program `clinichub`.

/// An answer is a hundred small allocations and a large one, made on one thread and freed on another: what the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    clinichub_server::main()
}
