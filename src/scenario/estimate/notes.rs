//! What a reader of an estimate needs to know.

use std::collections::{BTreeMap, BTreeSet};

use super::{OneModel, OutOfRange, TIERS};
use crate::money::thousands;
use crate::rates::{Evidence, SESSION_FLOOR_MINUTES};
use crate::scenario::{Caching, TierChoice};
use crate::usage::Meter;

impl OneModel<'_> {
    pub(super) fn notes(&self) -> Result<Vec<String>, OutOfRange> {
        let mut notes = Vec::new();
        self.note_assumed(&mut notes);
        self.note_limits(&mut notes);
        if let Some(lender) = self.lender() {
            let own = self.book.model_provider(self.found.model);
            notes.push(format!(
                "{lender}'s list price is taken where no {own} price is known, as the article says \
                 that they are generally synchronized (evidence `article`)"
            ));
        }
        for tier in TIERS {
            self.note_rates(tier, &mut notes);
        }
        self.note_factors(&mut notes);
        self.note_tools(&mut notes)?;
        Ok(notes)
    }

    /// The other provider whose list prices are taken.
    fn lender(&self) -> Option<&str> {
        let costs = TIERS.iter().filter_map(|tier| self.list(*tier)?.price(&self.touched()).ok());
        costs.flat_map(|cost| cost.lines).find_map(|line| line.price.lender)
    }

    fn note_limits(&self, notes: &mut Vec<String>) {
        let (input, output) = (self.request.quantities.total_input(), self.output());
        if let Some(window) =
            self.part(|part| part.context_window).filter(|w| input > u128::from(*w))
        {
            notes.push(format!(
                "{} input tokens a request are more than the context window of {}",
                thousands(input),
                thousands(u128::from(window))
            ));
        }
        if let Some(cap) = self.part(|part| part.max_output).filter(|cap| output > u128::from(*cap))
        {
            notes.push(format!(
                "{} output tokens a request are more than the output cap of {}",
                thousands(output),
                thousands(u128::from(cap))
            ));
        }
        let band = self.book.band(self.found.model, self.context);
        if let Some(band) = band.checked_sub(1).and_then(|at| self.part(|part| part.bands.get(at)))
        {
            let over = if band.start.exclusive { "over" } else { "at or over" };
            notes.push(format!(
                "the `{}` rates hold for requests {over} {} input tokens, for all of their tokens",
                band.name,
                thousands(u128::from(band.start.tokens))
            ));
        }
    }

    /// Multipliers of the rates, each once.
    fn note_factors(&self, notes: &mut Vec<String>) {
        let costs = TIERS.iter().filter_map(|tier| self.list(*tier)?.price(&self.touched()).ok());
        let lines = costs.flat_map(|cost| cost.lines);
        let factors = lines.flat_map(|line| self.book.factors(line.price.factors));
        let told: BTreeSet<String> = factors
            .map(|factor| {
                let (name, by, source) = (&factor.name, factor.multiplier, &factor.source);
                format!(
                    "rates are multiplied by {by} ({name}, {}: {source})",
                    factor.evidence.name()
                )
            })
            .collect();
        notes.extend(told);
    }

    fn output(&self) -> u128 {
        [Meter::Output, Meter::ImageOutput, Meter::AudioOutput]
            .into_iter()
            .fold(0, |sum, meter| sum.saturating_add(self.request.quantities.get(meter)))
    }

    /// Borrowed rates, and rates that others vouch for.
    fn note_rates(&self, tier: TierChoice, notes: &mut Vec<String>) {
        let Some(list) = self.list(tier) else { return };
        let Ok(cost) = list.price(&self.touched()) else {
            return;
        };
        let name = tier.name();
        let mut vouched: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        let has_content = self.request.search_content
            && self.part(|part| part.web_search_block).is_some()
            && self.request.quantities.get(Meter::WebSearchCall) > 0;
        if let Ok(input) = list.of(Meter::Input)
            && has_content
            && input.evidence != Evidence::Provider
            && input.lender.is_none()
        {
            let key = (input.evidence.name(), &*input.cell.source);
            vouched.entry(key).or_default().push("web_search_content");
        }
        for line in cost.lines.iter().filter(|line| line.meter.is_token()) {
            let evidence = line.price.evidence.name();
            if let Some(from) = line.price.borrowed_from {
                let (meter, from) = (line.meter.name(), from.name());
                notes.push(format!(
                    "{name}: no {meter} rate is published, the {name} {from} rate is taken"
                ));
            }
            if evidence != "provider" && line.price.lender.is_none() {
                vouched
                    .entry((evidence, &line.price.cell.source))
                    .or_default()
                    .push(line.meter.name());
            }
        }
        for ((evidence, source), meters) in vouched {
            let meters = meters.join(", ");
            notes.push(format!(
                "{name}: not from the provider's own table but `{evidence}` ({source}): {meters}"
            ));
        }
    }

    fn note_tools(&self, notes: &mut Vec<String>) -> Result<(), OutOfRange> {
        let Some(list) = self.list(TierChoice::Standard) else {
            return Ok(());
        };
        let quantities = self.quantities(Caching::Recorded);
        let calls = quantities.get(Meter::WebSearchCall);
        if let (Ok(plain), Ok(preview)) =
            (list.of(Meter::WebSearchCall), list.of(Meter::WebSearchPreviewCall))
            && calls > 0
            && preview.rate > plain.rate
        {
            let upper = preview.rate.cost(calls).ok_or(OutOfRange)?.at_least(2);
            notes.push(format!(
                "upper figure: as calls of the preview tool the fee is {upper} USD ({} per 1,000)",
                preview.rate.cost(1000).ok_or(OutOfRange)?.at_least(2)
            ));
        }
        let block = self.part(|part| part.web_search_block);
        if let Some(block) = block.filter(|_| calls > 0 && self.request.search_content) {
            let block = thousands(u128::from(block));
            notes.push(format!(
                "web_search_content: the provider bills {block} input tokens a call on this model; \
                 leave it out with --no-search-content"
            ));
        }
        let sessions = quantities.get(Meter::CodeInterpreterSession);
        if let (Ok(session), Ok(minute)) =
            (list.of(Meter::CodeInterpreterSession), list.of(Meter::ContainerMinute))
            && sessions > 0
            && session.borrowed_from == Some(Meter::ContainerMinute)
        {
            let minutes = sessions.saturating_mul(u128::from(SESSION_FLOOR_MINUTES));
            let floor = minute.rate.cost(minutes).ok_or(OutOfRange)?;
            notes.push(format!("sessions are billed by the minute; each is taken as 20 minutes, the least is {floor} USD (5 minutes)"));
        }
        Ok(())
    }
}
