//! Writes a synthetic usage log of any size, for the benchmarks and for trying tierwise out.
//!
//! It owns the shape of the data (which models, how long the tails, how rare the odd cases) and
//! knows nothing of the library: its prices only make `billed_cost` plausible. A seed gives one
//! sequence of requests, the same in all formats and on every machine; no floating point is in it.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

/// 2026-10-01T00:00:00Z, the start of the month, in Unix seconds.
const MONTH_START: u64 = 1_790_812_800;
/// Seconds in a day.
const DAY: u64 = 86_400;
/// Seconds in October.
const MONTH: u64 = 31 * DAY;

/// Writes a synthetic usage log for October 2026.
#[derive(Parser)]
#[command(
    name = "generate_logs",
    after_help = "Example:\n  cargo run --release --example generate_logs -- \
                  --rows 10000000 --format csv -o october.csv"
)]
struct Args {
    /// How many requests to write.
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
    /// The shape of the log.
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
    /// The same seed gives the same bytes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where to write; `-` is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

/// The shapes a log can have.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// tierwise's own log format as CSV, with a note that sometimes needs quotes
    Csv,
    /// tierwise's own log format as JSON Lines
    Jsonl,
    /// Chat Completions responses, one a line, as an application logs them
    Chat,
}

/// What a model costs, offers and is asked.
struct Model {
    /// The id as logged.
    name: &'static str,
    /// How many of 10,000 requests go to it.
    weight: u64,
    /// Billionths of a dollar per token of input, cached input and output.
    rates: [u64; 3],
    /// Input of a request: at least (exclusive), what usually comes on top, at most.
    input: [u64; 3],
    /// The tiers it offers besides standard.
    offers: &'static [&'static str],
}

/// The models in use. gpt-5.4 is there twice: now and then it gets a whole code base, and dearer.
/// Their weights leave 5 of 10,000 requests to [`UNKNOWN_MODEL`].
#[rustfmt::skip]
static MODELS: [Model; 14] = [
    Model { name: "gpt-4.1-mini", weight: 2_200, rates: [400, 100, 1_600], input: [0, 900, 1_000_000], offers: &["priority", "batch"] },
    Model { name: "gpt-4.1-mini-2025-04-14", weight: 800, rates: [400, 100, 1_600], input: [0, 900, 1_000_000], offers: &["priority", "batch"] },
    Model { name: "gpt-4.1", weight: 1_000, rates: [2_000, 500, 8_000], input: [0, 1_400, 1_000_000], offers: &["priority", "batch"] },
    Model { name: "gpt-4o", weight: 1_000, rates: [2_500, 1_250, 10_000], input: [0, 800, 110_000], offers: &["priority", "batch"] },
    Model { name: "gpt-4o-2024-08-06", weight: 495, rates: [2_500, 1_250, 10_000], input: [0, 800, 110_000], offers: &["priority", "batch"] },
    Model { name: "gpt-4o-mini", weight: 1_300, rates: [150, 75, 600], input: [0, 600, 110_000], offers: &["priority", "batch"] },
    Model { name: "gpt-5", weight: 900, rates: [1_250, 125, 10_000], input: [0, 1_800, 272_000], offers: &["flex", "priority", "batch"] },
    Model { name: "gpt-5-mini-2025-08-07", weight: 800, rates: [250, 25, 2_000], input: [0, 1_200, 272_000], offers: &["flex", "priority", "batch"] },
    Model { name: "gpt-5-nano", weight: 500, rates: [50, 5, 400], input: [0, 500, 272_000], offers: &["flex", "batch"] },
    Model { name: "gpt-5.4", weight: 495, rates: [2_500, 250, 15_000], input: [0, 4_000, 272_000], offers: &["flex", "priority", "batch"] },
    Model { name: "gpt-5.4", weight: 5, rates: [5_000, 500, 22_500], input: [272_000, 120_000, 1_000_000], offers: &["flex", "priority", "batch"] },
    Model { name: "o3", weight: 200, rates: [2_000, 500, 8_000], input: [0, 1_500, 180_000], offers: &["flex", "priority", "batch"] },
    Model { name: "ft:gpt-4.1-mini-2025-04-14:acme::abc123", weight: 200, rates: [800, 200, 3_200], input: [0, 400, 1_000_000], offers: &["batch"] },
    Model { name: "ft:gpt-4o-mini-2024-07-18:acme:support:9xYz", weight: 100, rates: [300, 150, 1_200], input: [0, 400, 110_000], offers: &["batch"] },
];

/// A model that no rate card knows.
#[rustfmt::skip]
static UNKNOWN_MODEL: Model = Model { name: "acme-internal-7b", weight: 5, rates: [100, 100, 100], input: [0, 700, 32_000], offers: &[] };

/// What answers are made of, as JSON text; some of it only looks like structure or usage.
const SENTENCES: [&str; 8] = [
    "The refund was issued on the third and should reach the account within five days. ",
    "1. Check the invoice number against the ledger.\\n2. Ask for the delivery note.\\n\\n",
    "The customer wrote \\\"please cancel my plan\\\" and did not reply afterwards. ",
    "Le caf\\u00e9 de l'\\u00e9cole ouvre \\u00e0 huit heures, d'après l'affiche. ",
    "Yes. ",
    "```json\\n{\\\"usage\\\":{\\\"prompt_tokens\\\":7,\\\"completion_tokens\\\":3}}\\n```\\n",
    "Paths such as C:\\\\logs\\\\october are kept as they are; braces {} and commas, too. ",
    "I could not find an order under that name, but two under a similar one. ",
];

/// The `SplitMix64` generator: small, fast, and the same everywhere.
struct Random(u64);

impl Random {
    /// The next 64 bits.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`, which itself is below 2^32.
    fn below(&mut self, limit: u64) -> u64 {
        ((self.next() >> 32) * limit) >> 32
    }

    /// A log-normal count around a median. Counting 64 coin tosses gives a bell curve (mean 32,
    /// deviation 4); each head is worth 112/256 of an octave; a straight line fills the octave.
    fn long_tail(&mut self, [least, median, cap]: [u64; 3]) -> u64 {
        let heads = u64::from(self.next().count_ones());
        let octaves = heads * 112 + self.below(112);
        let power = (256 + octaves % 256) << (octaves / 256);
        (least + ((median * power) >> (8 + 14))).clamp(least + 1, cap)
    }

    /// A model, by weight.
    fn model(&mut self) -> &'static Model {
        let mut roll = self.below(10_000);
        for model in &MODELS {
            match roll.checked_sub(model.weight) {
                Some(rest) => roll = rest,
                None => return model,
            }
        }
        &UNKNOWN_MODEL
    }

    /// A tier that the model offers, mostly standard. Priority takes no input over 272,000 tokens.
    fn tier(&mut self, model: &Model, input: u64) -> &'static str {
        let wanted = match self.below(100) {
            0..=6 if input <= 272_000 => "priority",
            7..=13 => "flex",
            14..=23 => "batch",
            _ => "standard",
        };
        let offered = model.offers.contains(&wanted);
        if offered { wanted } else { "standard" }
    }

    /// How much of the input was cached: whole blocks of 128, from 1,024 tokens on, 90 % at most.
    fn cached(&mut self, input: u64) -> u64 {
        let share = self.below(91);
        let hit = self.below(1_000) < 550 && input >= 1_024;
        u64::from(hit) * (input * share / 100 / 128 * 128)
    }

    /// Free text. Most rows have none; what there is needs quotes in CSV.
    fn note(&mut self) -> String {
        if self.below(1_000) >= 48 {
            return String::new();
        }
        let ticket = 10_000 + self.below(90_000);
        match self.below(40) {
            0 => format!("moved from the old queue,\nsee ticket {ticket}"),
            1..=15 => format!("customer says \"it's slow\" in the caf\u{e9}, ticket {ticket}"),
            _ => format!("retry after timeout, ticket {ticket}"),
        }
    }
}

/// One request, before a format writes it.
struct Row {
    /// Seconds since the start of the month.
    second: u64,
    /// A random number that no other row has.
    id: u64,
    /// One of 40 projects; the low numbers are busier.
    project: u64,
    /// One of 1,000 users, mostly one of the project's own.
    user: u64,
    /// The model it went to.
    model: &'static Model,
    /// The tier it ran under.
    tier: &'static str,
    /// All input tokens.
    input: u64,
    /// Input tokens read from the cache.
    cached: u64,
    /// Input tokens that were images.
    image: u64,
    /// Output tokens, reasoning included.
    output: u64,
    /// Output tokens nobody sees.
    reasoning: u64,
    /// Web search calls.
    searches: u64,
    /// Code interpreter sessions.
    sessions: u64,
    /// Free text, mostly empty.
    note: String,
}

impl Row {
    /// The `index`-th of `rows` requests: in its place in the month, or up to 90 seconds off it;
    /// with no more than 16,000 tokens of output, which fits every model's output cap.
    fn draw(random: &mut Random, index: u64, rows: u64) -> Self {
        let place = u128::from(index) * u128::from(MONTH) / u128::from(rows.max(1));
        let place = u64::try_from(place).unwrap_or(MONTH) + random.below(181);
        let project = random.below(40).min(random.below(40));
        let model = random.model();
        let input = random.long_tail(model.input);
        let cached = random.cached(input);
        let thinks = model.offers.contains(&"flex");
        let output = random.long_tail([0, if thinks { 500 } else { 180 }, 16_000]);
        let pictures = model.name.starts_with("gpt-4.1-mini") && random.below(1_000) < 30;
        let images = u64::from(pictures) * 85 * (1 + random.below(16));
        Self {
            second: place.saturating_sub(90).min(MONTH - 1),
            id: random.next(),
            project,
            user: (project * 25 + random.below(30)) % 1_000,
            model,
            tier: random.tier(model, input),
            input,
            cached,
            image: images.min(input - cached),
            output,
            reasoning: u64::from(thinks) * (output * random.below(80) / 100 / 64 * 64),
            searches: u64::from(random.below(1_000) < 5) * (1 + random.below(3)),
            sessions: u64::from(random.below(1_000) < 1),
            note: random.note(),
        }
    }

    /// Roughly what the provider billed, in dollars.
    fn billed(&self) -> String {
        let [input, cached, output] = self.model.rates;
        let read = (self.input - self.cached) * input + self.cached * cached;
        let quarters = match self.tier {
            "priority" => 7,
            "standard" => 4,
            _ => 2,
        };
        let tokens = (read + self.output * output) * quarters / 4;
        let billed = tokens + self.searches * 10_000_000 + self.sessions * 30_000_000;
        let (dollars, rest) = (billed / 1_000_000_000, billed / 10 % 100_000_000);
        format!("{dollars}.{rest:08}")
    }

    /// Hands on the columns of tierwise's own log format: name, whether it is text, value.
    fn columns<E>(&self, mut emit: E) -> io::Result<()>
    where
        E: FnMut(&str, bool, &dyn Display) -> io::Result<()>,
    {
        let (project, user, created) = (self.project, self.user, MONTH_START + self.second);
        let id = format!("req_{created:x}{user:08}{:016x}", self.id);
        emit("timestamp", true, &stamp(self.second))?;
        emit("request_id", true, &id)?;
        emit("project", true, &format_args!("project-{project:02}"))?;
        emit("user", true, &format_args!("user-{user:04}"))?;
        emit("api_key", true, &format_args!("key-{:02}", project % 20))?;
        emit("model", true, &self.model.name)?;
        emit("service_tier", true, &self.tier)?;
        emit("input_tokens", false, &self.input)?;
        emit("cached_input_tokens", false, &self.cached)?;
        emit("output_tokens", false, &self.output)?;
        emit("image_input_tokens", false, &self.image)?;
        emit("web_search_calls", false, &self.searches)?;
        emit("code_interpreter_sessions", false, &self.sessions)?;
        emit("billed_cost", false, &self.billed())?;
        emit("note", true, &self.note)
    }
}

/// A second of the month as RFC 3339.
fn stamp(second: u64) -> String {
    let (day, time) = (second / DAY + 1, second % DAY);
    let (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60);
    format!("2026-10-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Writes the CSV log: a header, then one record a row.
fn write_csv(rows: impl Iterator<Item = Row>, out: &mut impl Write) -> io::Result<()> {
    let mut before = "";
    Row::draw(&mut Random(0), 0, 1).columns(|name, _, _| {
        let lead = std::mem::replace(&mut before, ",");
        write!(out, "{lead}{name}")
    })?;
    for mut row in rows {
        // No other column holds anything that CSV quotes, and every note does.
        if !row.note.is_empty() {
            row.note = format!("\"{}\"", row.note.replace('"', "\"\""));
        }
        let mut before = b"\n";
        row.columns(|_, _, value| {
            out.write_all(before)?;
            before = b",";
            write!(out, "{value}")
        })?;
    }
    out.write_all(b"\n")
}

/// Writes one JSON object a line, with the same columns.
fn write_jsonl(rows: impl Iterator<Item = Row>, out: &mut impl Write) -> io::Result<()> {
    for mut row in rows {
        // No other column holds anything that JSON escapes.
        row.note = row.note.replace('"', "\\\"").replace('\n', "\\n");
        let mut before = b"{\"";
        row.columns(|name, text, value| {
            let quote: &[u8] = if text { b"\"" } else { b"" };
            out.write_all(before)?;
            out.write_all(name.as_bytes())?;
            out.write_all(b"\":")?;
            out.write_all(quote)?;
            write!(out, "{value}")?;
            before = b",\"";
            out.write_all(quote)
        })?;
        out.write_all(b"}\n")?;
    }
    Ok(())
}

/// Writes one Chat Completions response a line. A batch row says `default`, as the provider does.
fn write_chat(rows: impl Iterator<Item = Row>, out: &mut impl Write) -> io::Result<()> {
    for row in rows {
        let tier = match row.tier {
            "flex" => r#""service_tier":"flex","#,
            "priority" => r#""service_tier":"priority","#,
            _ if row.id % 8 == 0 => "",
            _ => r#""service_tier":"default","#,
        };
        let (id, created, name) = (row.id, MONTH_START + row.second, row.model.name);
        write!(
            out,
            "{{\"id\":\"chatcmpl-{created:x}{id:016x}\",\"object\":\"chat.completion\",\
             \"created\":{created},\"model\":\"{name}\",{tier}\"choices\":[{{\
             \"index\":0,\"message\":{{\"role\":\"assistant\",\"content\":\""
        )?;
        // The text is about as long as the output, cut as an application would cut it.
        let mut words = Random(id);
        for _ in 0..(row.output / 16).clamp(1, 11) {
            let at = usize::try_from(words.below(8)).unwrap_or(0);
            out.write_all(SENTENCES.get(at).copied().unwrap_or_default().as_bytes())?;
        }
        let (input, cached, output) = (row.input, row.cached, row.output);
        let (reasoning, project, user) = (row.reasoning, row.project, row.user);
        let (total, build) = (input + output, id % 4);
        writeln!(
            out,
            "\",\"refusal\":null,\"annotations\":[]}},\"logprobs\":null,\
             \"finish_reason\":\"stop\"}}],\"usage\":{{\"prompt_tokens\":{input},\
             \"completion_tokens\":{output},\"total_tokens\":{total},\"prompt_tokens_details\":{{\
             \"cached_tokens\":{cached},\"audio_tokens\":0}},\"completion_tokens_details\":{{\
             \"reasoning_tokens\":{reasoning},\"audio_tokens\":0,\
             \"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}}},\
             \"system_fingerprint\":\"fp_07871e2ad{build}\",\
             \"metadata\":{{\"project\":\"project-{project:02}\",\"user\":\"user-{user:04}\"}}}}"
        )?;
    }
    Ok(())
}

/// Opens the output and fills it.
fn run(args: &Args) -> io::Result<()> {
    let sink: Box<dyn Write> = if args.output.as_os_str() == "-" {
        Box::new(io::stdout().lock())
    } else {
        let named = |why| io::Error::other(format!("{}: {why}", args.output.display()));
        Box::new(File::create(&args.output).map_err(named)?)
    };
    let mut out = BufWriter::with_capacity(1 << 20, sink);
    let mut random = Random(args.seed);
    let rows = (0..args.rows).map(|index| Row::draw(&mut random, index, args.rows));
    match args.format {
        Format::Csv => write_csv(rows, &mut out)?,
        Format::Jsonl => write_jsonl(rows, &mut out)?,
        Format::Chat => write_chat(rows, &mut out)?,
    }
    out.flush()
}

/// Runs, and reports a failure in one line; a reader that has seen enough is not a failure.
fn main() -> ExitCode {
    match run(&Args::parse()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let _ = writeln!(io::stderr(), "generate_logs: {error}");
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}
