//! The logs that are known: one file each, and one line here.
//!
//! A file says what the fields of a log mean. Where that is not enough, it has a
//! function that brings a record into another shape, or a fold that goes through the
//! lines in order; neither knows of prices or of other logs.

mod anthropic_console;
mod anthropic_messages;
mod anthropic_usage_api;
mod azure_apim;
mod azure_costs;
mod azure_diagnostics;
mod claude_code;
mod cloudflare;
mod codex;
mod cursor;
mod deepseek;
mod focus;
mod helicone;
mod langfuse;
mod litellm;
mod openai_batch_object;
mod openai_batch_output;
mod openai_dashboard_costs;
mod openai_dashboard_usage;
mod openai_fine_tuning;
mod openai_legacy;
mod openai_response_log;
mod openai_usage_api;
mod openrouter;
mod otel_genai;
mod portkey;
mod tierwise;
mod vercel;

use std::sync::LazyLock;

use super::count::Count;
use super::rewrite::{Members, items, text_of, with_opened};
use super::table::{
    CachedTokens, Days, Field, Fold, Format, Modality, MoneyUnit, Scope, Signature, Target, Times,
};
use crate::usage::ServiceTier;

/// The model of tool calls that cost the same whatever model asked for them, where the
/// log names none.
const HOSTED_TOOLS: &str = "hosted-tools";

/// Every format that is recognised by content.
pub fn registry() -> &'static [Format] {
    static KNOWN: LazyLock<Vec<Format>> = LazyLock::new(known);
    &KNOWN
}

fn known() -> Vec<Format> {
    vec![
        tierwise::csv(),
        tierwise::jsonl(),
        openai_dashboard_usage::format(),
        openai_dashboard_costs::format(),
        openai_usage_api::format(),
        openai_legacy::usage(),
        openai_legacy::activity(),
        openai_legacy::billing(),
        openai_response_log::format(),
        openai_batch_output::format(),
        openai_batch_object::format(),
        openai_fine_tuning::format(),
        azure_diagnostics::format(),
        azure_diagnostics::properties(),
        azure_apim::gateway(),
        azure_apim::llm(),
        azure_apim::llm_csv(),
        azure_costs::format(),
        anthropic_console::usage(),
        anthropic_console::costs(),
        anthropic_usage_api::format(),
        anthropic_messages::format(),
        claude_code::format(),
        codex::format(),
        litellm::spend_logs(),
        litellm::spend_logs_csv(),
        litellm::payload(),
        litellm::daily(),
        openrouter::activity(),
        openrouter::generation(),
        langfuse::jsonl(),
        langfuse::csv(),
        helicone::jsonl(),
        helicone::csv(),
        portkey::format(),
        vercel::format(),
        cloudflare::logs(),
        cloudflare::logpush(),
        cursor::format(),
        deepseek::format(),
        otel_genai::format(),
        focus::format(),
        focus::estimate(),
    ]
}
