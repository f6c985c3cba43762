//! The report as JSON.

use super::model::Report;
use crate::scenario::Estimate;

/// The report as indented JSON with a final newline.
pub fn json(report: &Report) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    Ok(text)
}

/// An estimate as indented JSON with a final newline.
pub fn estimate_json(estimate: &Estimate) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(estimate)?;
    text.push('\n');
    Ok(text)
}
