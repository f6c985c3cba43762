//! litellm's `model_prices_and_context_window.json`: an object of models, each
//! an object of fields, prices in USD per token.
//!
//! The name of a price says all of it: what is counted, then the context band
//! (`_above_272k_tokens`, strict), then the tier (`_batches`).

use std::collections::{BTreeMap, BTreeSet};

use super::amount::{Per, per_million};
use super::draft::{Draft, DraftPrice, Findings};
use super::members::{Members, string, tokens};
use super::{ImportError, PriceFile, is_free};
use crate::usage::{Meter, ServiceTier};

/// What the file must be.
const SHAPE: &str = "an object of models by name, each an object with `litellm_provider` and \
                     prices such as `input_cost_per_token`";

/// The beginnings of the names of prices. A longer one stands before its own
/// beginning.
const METERS: [(&str, Meter); 13] = [
    ("cache_creation_input_token_cost_above_12hr", Meter::CacheWrite12h),
    ("cache_creation_input_token_cost_above_1hr", Meter::CacheWrite1h),
    ("cache_creation_input_token_cost", Meter::CacheWrite),
    ("cache_read_input_token_cost", Meter::CachedInput),
    ("cache_read_input_image_token_cost", Meter::CachedImageInput),
    ("cache_read_input_audio_token_cost", Meter::CachedAudioInput),
    ("input_cost_per_token", Meter::Input),
    ("output_cost_per_token", Meter::Output),
    ("input_cost_per_image_token", Meter::ImageInput),
    ("output_cost_per_image_token", Meter::ImageOutput),
    ("input_cost_per_audio_token", Meter::AudioInput),
    ("output_cost_per_audio_token", Meter::AudioOutput),
    ("input_cost_per_character", Meter::InputCharacter),
];

/// The ends of the names of prices that are not of the standard tier.
const TIERS: [(&str, &str); 5] = [
    ("_batches", "batch"),
    ("_flex", "flex"),
    ("_priority", "priority"),
    ("_ultrafast", "ultrafast"),
    ("_decisions", "decisions"),
];

/// Words in the names of fields that are about prices.
const PRICE_WORDS: [&str; 6] =
    ["cost", "price", "pricing", "multiplier", "uplift", "provider_specific"];

/// Where a price belongs.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    meter: Meter,
    over: Option<u64>,
    tier: ServiceTier,
}

/// The models of a provider.
pub(super) fn drafts(
    file: &PriceFile<'_>,
    provider: &str,
    findings: &mut Findings,
) -> Result<Vec<Draft>, ImportError> {
    let models = Members::parse(file.text).map_err(|error| file.shape(&error, SHAPE))?;
    let repeated = models.repeated();
    let mut owners: BTreeMap<String, usize> = BTreeMap::new();
    let mut drafts = Vec::new();
    for (name, value) in models.iter() {
        let line = file.line_of(value);
        let Ok(fields) = Members::parse(value) else {
            findings.refuse(line, name, ("", value), "is not an object of fields");
            continue;
        };
        let owner = fields.get("litellm_provider").and_then(string).unwrap_or_default();
        let own = owner == provider;
        let models = owners.entry(owner).or_default();
        *models = models.saturating_add(1);
        if own && repeated.contains(name) {
            findings.refuse(line, name, ("", ""), "is in the list more than once");
        } else if own {
            drafts.push(draft(file, name, &fields, findings));
        }
    }
    let nameless = owners.remove("").unwrap_or_default();
    if owners.is_empty() {
        return Err(file.wrong_shape("no model has a `litellm_provider`", SHAPE));
    }
    if nameless > 0 {
        findings.notes.push(format!("left out without a `litellm_provider`: {nameless}"));
    }
    if !owners.contains_key(provider) {
        return Err(file.no_provider(provider, &owners));
    }
    without_prefix(provider, &mut drafts);
    Ok(drafts)
}

fn draft(file: &PriceFile<'_>, name: &str, fields: &Members<'_>, findings: &mut Findings) -> Draft {
    let repeated = fields.repeated();
    let (mut prices, mut starts) = (Vec::new(), BTreeSet::new());
    for (field, text) in fields.iter().filter(|(_, text)| *text != "null") {
        let place = place(field);
        if place.is_none() && !PRICE_WORDS.iter().any(|word| field.contains(word)) {
            continue;
        }
        let line = file.line_of(text);
        let Some(place) = place else {
            findings.count_unmetered(field);
            continue;
        };
        starts.extend(place.over);
        if repeated.contains(field) {
            findings.refuse(line, name, (field, text), "is given more than once");
            continue;
        }
        match per_million(text, Per::Unit).and_then(|usd| is_free(usd, place.meter)) {
            Err(reason) => findings.refuse(line, name, (field, text), reason),
            Ok(usd) => prices.push(DraftPrice {
                line,
                field: field.to_owned(),
                text: text.to_owned(),
                tier: place.tier,
                over: place.over,
                from: None,
                to: None,
                meter: place.meter,
                usd,
            }),
        }
    }
    // `max_input_tokens` is no context window: that has room for output too.
    let max_output = fields.get("max_output_tokens").and_then(tokens);
    Draft {
        id: name.to_owned(),
        aliases: Vec::new(),
        context_window: None,
        max_output,
        prices,
        starts,
    }
}

/// Where a field's price belongs, if a meter is for it.
fn place(field: &str) -> Option<Place> {
    let (rest, meter) =
        METERS.iter().find_map(|(start, meter)| Some((field.strip_prefix(start)?, *meter)))?;
    let (rest, over) = match rest.strip_prefix("_above_").and_then(|r| r.split_once("k_tokens")) {
        Some((thousands, rest)) => (rest, Some(tokens(&format!("{thousands}000"))?)),
        None => (rest, None),
    };
    let tier = match rest {
        "" => "standard",
        end => TIERS.iter().find(|(own, _)| *own == end)?.1,
    };
    Some(Place { meter, over, tier: ServiceTier::from_card(tier)? })
}

/// `gemini/gemini-2.5-pro` is `gemini-2.5-pro` of gemini, unless the list has a
/// model of that name as well.
fn without_prefix(provider: &str, drafts: &mut [Draft]) {
    let prefix = format!("{provider}/");
    let names: BTreeSet<String> = drafts.iter().map(|draft| draft.id.clone()).collect();
    for draft in drafts {
        let short = draft.id.strip_prefix(&prefix).map(str::to_owned);
        if let Some(short) = short.filter(|short| !short.is_empty() && !names.contains(short)) {
            draft.aliases.push(std::mem::replace(&mut draft.id, short));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_price_says_where_it_belongs() {
        for (field, meter, over, tier) in [
            ("input_cost_per_token", "input", None, "standard"),
            ("cache_read_input_token_cost_flex", "cached_input", None, "flex"),
            ("cache_creation_input_token_cost_above_1hr", "cache_write_1h", None, "standard"),
            ("output_cost_per_token_above_272k_tokens", "output", Some(272_000), "standard"),
            ("input_cost_per_token_above_200k_tokens_batches", "input", Some(200_000), "batch"),
            (
                "cache_creation_input_token_cost_above_12hr_above_272k_tokens_ultrafast",
                "cache_write_12h",
                Some(272_000),
                "ultrafast",
            ),
        ] {
            let place = place(field).unwrap();
            assert_eq!((place.meter.name(), place.over), (meter, over), "{field}");
            assert_eq!(place.tier.name(), tier, "{field}");
        }
        for field in [
            "input_cost_per_second",
            "output_cost_per_image",
            "input_cost_per_token_gold",
            "input_cost_per_token_above_xk_tokens",
            "input_cost_per_token_above_99999999999999999999k_tokens",
            "output_cost_per_token_flex_above_272k_tokens",
            "mode",
        ] {
            assert_eq!(place(field), None, "{field}");
        }
    }
}
