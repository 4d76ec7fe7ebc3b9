//! The command line, as `--help` shows it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// An open game backend: rooms that lose nothing they acknowledged.
#[derive(Parser)]
#[command(
    name = "longhouse",
    version,
    disable_help_subcommand = true,
    after_help = "Settings come in layers, each over the one before: defaults, the file given with --config, variables \
                  LONGHOUSE_<SECTION>_<KEY>, flags. `longhouse check-config` shows the result and where each value came \
                  from."
)]
pub struct Cli {
    #[command(flatten)]
    pub settings: Settings,
    #[command(subcommand)]
    pub command: Command,
}

/// Where settings come from.
#[derive(Args)]
pub struct Settings {
    /// The configuration file (TOML) [default: LONGHOUSE_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The folder of the embedded store
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Sets any key, for example `--set rooms.grace_ms=5000`
    #[arg(long = "set", global = true, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

#[derive(Subcommand)]
pub enum Command {
    /// Runs the server until it is told to stop
    Serve(Serve),
    /// Shows the settings in force, secrets masked, or says what is wrong with them
    CheckConfig,
    /// Moves the store's schema
    #[command(subcommand)]
    Migrate(Migrate),
    /// The keys under which personal data is sealed; the server must be down
    #[command(subcommand)]
    Personal(Personal),
    /// Lists rooms with their state and the size of their logs
    Rooms(Rooms),
    /// Runs a room's log again and checks every hash in it
    Replay(Replay),
    /// Games' content: what a new one would take from players, publishing it, looking at the one in force
    #[command(subcommand)]
    Content(Content),
    /// Shows versions: of the program and of its games
    Version,
}

/// Flags of `serve`.
#[derive(Args)]
pub struct Serve {
    /// HOST:PORT to listen on; port 0 takes a free one
    #[arg(long, value_name = "HOST:PORT")]
    pub listen: Option<String>,
    /// How log lines look
    #[arg(long, value_enum)]
    pub log_format: Option<LogFormat>,
    /// error, warn, info, debug, trace, or directives such as info,store=debug
    #[arg(long, value_name = "LEVEL")]
    pub log_level: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum LogFormat {
    /// For people
    Pretty,
    /// For programs
    Json,
}

impl Serve {
    /// The flags that were given, as keys.
    pub fn keys(self) -> Vec<(String, String, String)> {
        let format = self.log_format.map(|format| match format {
            LogFormat::Pretty => "pretty".to_owned(),
            LogFormat::Json => "json".to_owned(),
        });
        [
            ("listen", self.listen, "--listen"),
            ("log.format", format, "--log-format"),
            ("log.level", self.log_level, "--log-level"),
        ]
        .into_iter()
        .filter_map(|(key, value, flag)| Some((key.to_owned(), value?, flag.to_owned())))
        .collect()
    }
}

/// Where to move the schema.
#[derive(Subcommand)]
pub enum Migrate {
    /// Up, to the newest step or to the one given
    Up {
        /// The step to end at
        #[arg(long, value_name = "STEP")]
        to: Option<u32>,
    },
    /// Down to a step, with all that later steps held: make a backup first
    Down {
        /// The step to end at; 0 is an empty store
        #[arg(long, value_name = "STEP")]
        to: u32,
    },
    /// Which steps were taken and which wait
    Status,
}

/// What to do about the keys of personal data.
#[derive(Subcommand)]
pub enum Personal {
    /// Which keys seal how much
    Status,
    /// Seals everything again that is under an old key; stopped in between, it goes on where it was
    Rotate,
}

/// What to list.
#[derive(Args)]
pub struct Rooms {
    /// Open rooms only
    #[arg(long)]
    pub open: bool,
    /// At most so many, the newest first
    #[arg(long, default_value_t = 100, value_name = "COUNT")]
    pub limit: u32,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// What to replay.
#[derive(Args)]
pub struct Replay {
    /// The room's id, or a match id
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    pub room: Option<String>,
    /// A log file instead of a room of the data folder: a room's log as its server gave it away
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The last input to take
    #[arg(long, value_name = "SEQ")]
    pub to: Option<u64>,
    /// Begin with the newest snapshot, not with the first input
    #[arg(long)]
    pub from_snapshot: bool,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// What to do about contents.
#[derive(Subcommand)]
pub enum Content {
    /// Reads a content file, then tries it on every room and says what players would lose. Changes nothing, and a server
    /// may be running. Fails if the file is wrong or anybody would lose anything
    Check {
        #[command(flatten)]
        file: ContentFile,
        /// Ask the server at this address, such as https://farm.example.com, instead of reading the data folder
        #[arg(long, value_name = "URL")]
        url: Option<String>,
    },
    /// Puts a content file in force on the running server, without a restart: rooms move to it as they stand. Refused if
    /// players would lose something
    Publish {
        #[command(flatten)]
        file: ContentFile,
        /// The server [default: the address of the configuration's `listen`]
        #[arg(long, value_name = "URL")]
        url: Option<String>,
        /// Publish it whatever players lose
        #[arg(long)]
        accept_losses: bool,
    },
    /// Lists the contents that a data folder keeps, the newest first; the one in force is marked
    List {
        /// The name of the rules, such as farm
        rules: String,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Writes a content to standard output: the one in force, or an earlier one
    Show {
        /// The name of the rules, such as farm
        rules: String,
        /// The beginning of its hash, as `list` shows it
        #[arg(long, value_name = "HASH")]
        hash: Option<String>,
    },
}

/// A content file and what it is for.
#[derive(Args)]
pub struct ContentFile {
    /// The name of the rules, such as farm
    pub rules: String,
    /// The content file
    pub file: PathBuf,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}
