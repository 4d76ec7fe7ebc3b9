//! A studio's own server: Longhouse with a game and seven pieces of code, one file each.
//!
//! ```text
//! cargo run -p studio -- serve --data /tmp/studio
//! ```

mod board;
mod gift;
mod heroes;
mod matched;
mod news;
mod shop;
mod table;

use server::serve::Games;

fn main() -> std::process::ExitCode {
    let games = Games::new()
        .with::<plaza::Plaza>(b"")
        .with_extension(gift::register)
        .with_extension(news::register)
        .with_extension(board::register)
        .with_extension(table::register)
        .with_extension(matched::register)
        .with_extension(heroes::register)
        .with_extension(shop::register);
    server::command::main(games)
}
