//! Prices of units that are others' parts or sums: fees of tools, sessions of minutes,
//! seconds of a minute.

use super::layer::Cell;
use super::pricing::{Lookup, Priced, WhyNoRate};
use crate::usage::Meter;

/// Minutes that a code interpreter session counts for where only minutes have a
/// price: OpenAI's 20-minute session.
const SESSION_MINUTES: u32 = 20;

impl<'b> Lookup<'b, '_> {
    /// A second of audio costs the sixtieth part of a minute, where that is exact.
    pub(super) fn second(&self, meter: Meter) -> Option<Priced<'b>> {
        let minute = self.own(Meter::AudioMinute, meter).filter(|_| meter == Meter::AudioSecond)?;
        Some(Priced { rate: minute.rate.of_part(60)?, ..minute })
    }

    /// A tool's fee: of the model, else of every model of the provider. A
    /// session counts as 20 minutes where only minutes have a price.
    pub(super) fn tool(&self, meter: Meter) -> Option<Priced<'b>> {
        if let Some(price) = self.tool_cell(meter) {
            return Some(price);
        }
        let of_minutes = minutes_of(meter)?;
        let minute = self.tool_cell(of_minutes)?;
        let rate = minute.rate.of(SESSION_MINUTES)?;
        Some(Priced { rate, borrowed_from: Some(of_minutes), ..minute })
    }

    /// The strongest layer's fee: one that names the model before one of all.
    fn tool_cell(&self, meter: Meter) -> Option<Priced<'b>> {
        let id = self.book.model_name(self.model);
        self.book.tool_layers(self.model).find_map(|layer| {
            let holds = |cell: &&Cell| {
                cell.meter == meter && cell.is_of_model(id) && cell.holds_at(self.at)
            };
            let cell = layer.tools.iter().filter(holds).min_by_key(|cell| cell.models.is_empty());
            self.priced(layer, cell?, None)
        })
    }

    pub(super) fn why_no_tool(&self, meter: Meter) -> WhyNoRate {
        let id = self.book.model_name(self.model);
        let fees = self.book.tool_layers(self.model).flat_map(|layer| &layer.tools);
        let fees = fees.filter(|cell| cell.meter == meter && cell.is_of_model(id));
        self.when(fees).unwrap_or(WhyNoRate::NoEvidence)
    }
}

/// The meter of the minutes of a session's container.
const fn minutes_of(session: Meter) -> Option<Meter> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "no other meter is a session")]
    match session {
        Meter::CodeInterpreterSession => Some(Meter::ContainerMinute),
        Meter::CodeInterpreterSession4g => Some(Meter::ContainerMinute4g),
        Meter::CodeInterpreterSession16g => Some(Meter::ContainerMinute16g),
        Meter::CodeInterpreterSession64g => Some(Meter::ContainerMinute64g),
        _ => None,
    }
}
