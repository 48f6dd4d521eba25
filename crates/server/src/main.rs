//! The program `clinichub`.

fn main() -> std::process::ExitCode {
    clinichub_server::main()
}
