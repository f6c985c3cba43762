//! genai-prices' `data.json`: providers with their models, prices in USD per
//! million tokens.
//!
//! A price may climb with the total input of a request (`tiers`; a tier begins
//! above its `start`), and prices may change on a day (`start_date`): the last
//! of them that holds is the one. `price_variants` are prices of other service
//! tiers: the first that holds, each price on its own.

use std::collections::{BTreeMap, BTreeSet};

use super::amount::{Per, per_million};
use super::draft::{Draft, Findings};
use super::ladder::{Dated, Ladder, Start, expand};
use super::members::{Members, elements, string, tokens};
use super::{ImportError, PriceFile, is_free};
use crate::usage::{Instant, Meter, ServiceTier};

/// What the file must be.
const SHAPE: &str = "a list of providers, each with `id` and `models` (genai-prices' data.json), \
                     or an object that has it as `providers`";

/// Why a price is left out that is not the only one of a day.
const AT_SOME_HOURS: &str = "has another price in its place at some hours";

/// The names of prices.
const METERS: [(&str, Meter); 13] = [
    ("input_mtok", Meter::Input),
    ("cache_read_mtok", Meter::CachedInput),
    ("cache_write_mtok", Meter::CacheWrite),
    ("cache_write_5m_mtok", Meter::CacheWrite5m),
    ("cache_write_1h_mtok", Meter::CacheWrite1h),
    ("output_mtok", Meter::Output),
    ("input_image_mtok", Meter::ImageInput),
    ("cache_image_read_mtok", Meter::CachedImageInput),
    ("output_image_mtok", Meter::ImageOutput),
    ("input_audio_mtok", Meter::AudioInput),
    ("cache_audio_read_mtok", Meter::CachedAudioInput),
    ("output_audio_mtok", Meter::AudioOutput),
    ("input_mchars", Meter::InputCharacter),
];

/// Reads one model: knows the file and where to tell what is left out.
struct Reader<'f, 'a> {
    file: &'f PriceFile<'a>,
    findings: &'f mut Findings,
    model: String,
}

/// The models of a provider.
pub(super) fn drafts(
    file: &PriceFile<'_>,
    provider: &str,
    findings: &mut Findings,
) -> Result<Vec<Draft>, ImportError> {
    let list = match Members::parse(file.text) {
        Ok(envelope) => envelope
            .get("providers")
            .ok_or_else(|| file.wrong_shape("the object has no `providers`", SHAPE))?,
        Err(_not_an_object) => file.text,
    };
    let providers = elements(list).map_err(|error| file.shape(&error, SHAPE))?;
    let mut owners: BTreeMap<String, usize> = BTreeMap::new();
    let mut drafts = Vec::new();
    for value in providers {
        let read = Members::parse(value).ok().and_then(|members| {
            let id = members.get("id").and_then(string)?;
            Some((id, elements(members.get("models")?).ok()?, members))
        });
        let Some((id, models, members)) = read else {
            let line = file.line_of(value);
            return Err(file.wrong_shape(&format!("line {line} has no such provider"), SHAPE));
        };
        if id == provider {
            for field in ["tool_use_kcount", "price_variants"] {
                members.get(field).into_iter().for_each(|_| findings.count_unmetered(field));
            }
            drafts.extend(models.iter().filter_map(|model| draft(file, model, findings)));
        }
        let known = owners.entry(id).or_default();
        *known = known.saturating_add(models.len());
    }
    if !owners.contains_key(provider) {
        return Err(file.no_provider(provider, &owners));
    }
    Ok(drafts)
}

fn draft(file: &PriceFile<'_>, value: &str, findings: &mut Findings) -> Option<Draft> {
    let line = file.line_of(value);
    let members = Members::parse(value).ok();
    let id = members.as_ref().and_then(|members| members.get("id").and_then(string));
    let (Some(members), Some(id)) = (members, id) else {
        findings.refuse(line, "?", ("", value), "is not a model with an `id`");
        return None;
    };
    if let Some(name) = members.repeated().first() {
        findings.refuse(line, &id, (name, ""), "is given more than once");
        return None;
    }
    let mut reader = Reader { file, findings, model: id };
    let aliases = members.get("match").map(|text| reader.aliases(text)).unwrap_or_default();
    let mut dated = members.get("prices").map(|text| reader.standard(text)).unwrap_or_default();
    if let Some(variants) = members.get("price_variants") {
        dated.extend(reader.variants(variants));
    }
    let id = reader.model;
    let context_window = members.get("context_window").and_then(tokens);
    let (prices, narrowed) = expand(&dated);
    if narrowed > 0 {
        findings.notes.push(format!(
            "`{id}`: prices of other tiers that are the same for any length, taken for shorter \
             requests alone: {narrowed}"
        ));
    }
    let starts = prices.iter().filter_map(|price| price.over).collect();
    Some(Draft { id, aliases, context_window, max_output: None, prices, starts })
}

impl<'a> Reader<'_, 'a> {
    fn refuse(&mut self, value: &str, field: &str, reason: &str) {
        let line = self.file.line_of(value);
        self.findings.refuse(line, &self.model, (field, value), reason);
    }

    /// The names that match exactly; what matches by resemblance is counted.
    fn aliases(&mut self, text: &'a str) -> Vec<String> {
        let clauses = match Members::parse(text).ok().and_then(|clause| clause.get("or")) {
            Some(any) => elements(any).unwrap_or_default(),
            None => vec![text],
        };
        let equals = |clause: &str| {
            let clause = Members::parse(clause).ok()?;
            clause.get("equals").and_then(string)
        };
        let (exact, others): (Vec<_>, Vec<_>) =
            clauses.into_iter().map(equals).partition(Option::is_some);
        for _other in others {
            self.findings.count_unmetered("match, other than `equals`");
        }
        exact.into_iter().flatten().filter(|alias| *alias != self.model).collect()
    }

    /// The prices of the standard tier, over time.
    fn standard(&mut self, text: &'a str) -> Vec<Dated> {
        if Members::parse(text).is_ok() {
            let ladders = self.ladders(text);
            return vec![Dated { tier: ServiceTier::Standard, start: Start::Always, ladders }];
        }
        let Ok(entries) = elements(text) else {
            self.refuse(text, "prices", "is neither an object of prices nor a list of them");
            return Vec::new();
        };
        let mut read: Vec<Dated> = Vec::new();
        for entry in entries {
            let Some(start) = self.start(entry) else {
                // It may hold instead of those before it, at times not known.
                self.refuse_all(&mut read, AT_SOME_HOURS);
                continue;
            };
            let prices = Members::parse(entry).ok().and_then(|entry| entry.get("prices"));
            let ladders = prices.map(|prices| self.ladders(prices)).unwrap_or_default();
            read.push(Dated { tier: ServiceTier::Standard, start, ladders });
        }
        super::ladder::last_wins(read)
    }

    fn refuse_all(&mut self, read: &mut Vec<Dated>, reason: &str) {
        for ladder in read.drain(..).flat_map(|dated| dated.ladders) {
            let told = (ladder.field.as_str(), ladder.base_text.as_str());
            self.findings.refuse(ladder.line, &self.model, told, reason);
        }
    }

    /// When an entry begins to hold; told and `None` where that is not a day.
    fn start(&mut self, entry: &'a str) -> Option<Start> {
        let members = Members::parse(entry).ok();
        let Some(constraint) = members.as_ref().map(|members| members.get("constraint")) else {
            self.refuse(entry, "prices", "is not an object with `prices`");
            return None;
        };
        let Some(text) = constraint else {
            return Some(Start::Always);
        };
        let day = Members::parse(text).ok().filter(|own| own.iter().count() == 1);
        let day = day.and_then(|own| own.get("start_date").or_else(|| own.get("start")));
        let instant = day.and_then(string).and_then(|day| Instant::parse_log(&day));
        if instant.is_none() {
            self.refuse(text, "constraint", "is not a `start_date`: a card's prices change by day");
        }
        instant.map(|time| Start::At(time.instant))
    }

    /// The prices of other tiers, over time.
    fn variants(&mut self, text: &'a str) -> Vec<Dated> {
        let Ok(entries) = elements(text) else {
            self.refuse(text, "price_variants", "is not a list");
            return Vec::new();
        };
        let mut of_tiers: BTreeMap<&'a str, Vec<Dated>> = BTreeMap::new();
        let mut hourly: BTreeSet<&'a str> = BTreeSet::new();
        for entry in entries {
            let members = Members::parse(entry).ok();
            let part = |name| members.as_ref().and_then(|members: &Members<'a>| members.get(name));
            let (when, prices) = (part("when").unwrap_or("?"), part("prices").unwrap_or("{}"));
            let Some(tier) = variant_tier(when) else {
                self.refuse(entry, "price_variants", "is for no service tier of a card");
                continue;
            };
            if let Some(start) = self.start(entry) {
                let ladders = self.ladders(prices);
                let dated = Dated { tier, start, ladders };
                if hourly.contains(when) {
                    self.refuse_all(&mut vec![dated], AT_SOME_HOURS);
                } else {
                    of_tiers.entry(when).or_default().push(dated);
                }
            } else {
                hourly.insert(when);
            }
        }
        of_tiers.into_values().flat_map(super::ladder::first_wins).collect()
    }

    /// The prices of an object that can be read.
    fn ladders(&mut self, text: &'a str) -> Vec<Ladder> {
        let Ok(members) = Members::parse(text) else {
            self.refuse(text, "prices", "is not an object of prices");
            return Vec::new();
        };
        let mut ladders = Vec::new();
        for (field, value) in members.iter().filter(|(_, value)| *value != "null") {
            let Some((_, meter)) = METERS.iter().find(|(own, _)| *own == field) else {
                self.findings.count_unmetered(field);
                continue;
            };
            if members.repeated().contains(field) {
                self.refuse(value, field, "is given more than once");
                continue;
            }
            match self.ladder(field, *meter, value) {
                Ok(ladder) => ladders.push(ladder),
                Err(reason) => self.refuse(value, field, reason),
            }
        }
        ladders
    }

    /// A price, or `{base, tiers: [{start, price}]}`. One number that is refused
    /// takes the others along: without it they say something else.
    fn ladder(&self, field: &str, meter: Meter, text: &'a str) -> Result<Ladder, &'static str> {
        let amount =
            |text: &str| per_million(text, Per::Million).and_then(|usd| is_free(usd, meter));
        let climbing = Members::parse(text).ok();
        let mut steps = Vec::new();
        if let Some(climbing) = &climbing {
            let tiers = climbing.get("tiers").and_then(|tiers| elements(tiers).ok());
            for tier in tiers.ok_or("is neither a number nor `base` with `tiers`")? {
                let tier = Members::parse(tier).map_err(|_error| "has a tier that is no object")?;
                let start =
                    tier.get("start").and_then(tokens).ok_or("has a tier without `start`")?;
                let price = tier.get("price").ok_or("has a tier without `price`")?;
                steps.push((start, amount(price)?, price.to_owned()));
            }
        }
        steps.sort_by_key(|(start, ..)| *start);
        if steps.windows(2).any(|two| two.first().map(|s| s.0) == two.last().map(|s| s.0)) {
            return Err("has two tiers that begin alike");
        }
        let base = match &climbing {
            Some(climbing) => climbing.get("base").ok_or("has no `base`")?,
            None => text,
        };
        Ok(Ladder {
            line: self.file.line_of(text),
            field: field.to_owned(),
            meter,
            base: amount(base)?,
            base_text: base.to_owned(),
            steps: climbing.is_some().then_some(steps),
        })
    }
}

/// The tier of `{"service_tier": "flex"}` or `{"processing": "batch"}`.
fn variant_tier(when: &str) -> Option<ServiceTier> {
    let members = Members::parse(when).ok().filter(|own| own.iter().count() == 1)?;
    let (key, value) = members.iter().next()?;
    let tier = match (key, string(value)?.as_str()) {
        ("service_tier", "default" | "standard") => ServiceTier::Standard,
        ("service_tier", "flex") => ServiceTier::Flex,
        ("service_tier", "priority" | "fast") => ServiceTier::Priority,
        ("service_tier", "ultrafast") => ServiceTier::Ultrafast,
        ("processing" | "service_tier", "batch") => ServiceTier::Batch,
        _ => return None,
    };
    Some(tier)
}
