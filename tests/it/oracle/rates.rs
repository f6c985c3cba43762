//! Names to models, and the price of one meter.

use num_rational::BigRational;

use super::cards::{Book, Fee, ModelCard, decimal};
use super::counts::uncached;

/// Minutes of a code interpreter session that has no price of its own.
const SESSION_MINUTES: i64 = 20;

/// A model of the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// Whose prices.
    pub(crate) provider: String,
    /// The id that it is priced as.
    pub(crate) id: String,
}

/// What decides a price besides the meter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot<'q> {
    pub(super) model: &'q Named,
    pub(super) tier: &'q str,
    /// Total input of the (average) request, as a fraction.
    pub(super) context: (i128, i128),
    pub(super) at: i64,
}

/// A price of one unit, and whether the provider itself vouches for it.
pub(super) struct Found {
    pub(super) unit: BigRational,
    pub(super) own: bool,
}

impl Book {
    /// The model that a logged name is.
    pub(crate) fn resolve(&self, provider: &str, name: &str) -> Option<Named> {
        let plain = self.resolve_plain(provider, name);
        plain.or_else(|| {
            let bare = name.strip_prefix("openai/").or_else(|| name.strip_prefix("azure/"));
            self.resolve_plain(provider, bare?)
        })
    }

    fn resolve_plain(&self, provider: &str, name: &str) -> Option<Named> {
        if let Some(found) = self.listed(provider, name) {
            return Some(found);
        }
        if let Some(rest) = name.strip_prefix("ft:") {
            let parts: Vec<&str> = rest.split(':').collect();
            let checkpoint = parts.get(4).is_none_or(|part| part.starts_with("ckpt-step-"));
            if (parts.len() == 4 || parts.len() == 5) && checkpoint {
                return self.listed(provider, &format!("ft:{}", parts.first()?));
            }
        }
        self.listed(provider, undated(name)?)
    }

    /// By exact id, then by declared alias.
    fn listed(&self, provider: &str, name: &str) -> Option<Named> {
        let cards = || {
            let fits = |own: &str| provider.is_empty() || own.eq_ignore_ascii_case(provider);
            self.cards.iter().filter(move |card| fits(&card.provider))
        };
        let all = || cards().flat_map(|card| card.models.iter().map(move |model| (card, model)));
        let by_id = all().find(|(_, model)| model.id == name);
        let by_alias = || all().find(|(_, model)| model.aliases.iter().any(|alias| alias == name));
        let (card, model) = by_id.or_else(by_alias)?;
        Some(Named { provider: card.provider.clone(), id: model.id.clone() })
    }

    /// What the cards say of a model, the strongest first, each with the region
    /// of rows that name none.
    fn parts(&self, named: &Named) -> impl Iterator<Item = (&str, &ModelCard)> {
        let cards = self.cards.iter().filter(|card| card.provider == named.provider);
        cards.flat_map(|card| {
            let region = card.default_region.as_str();
            let models = card.models.iter().filter(|model| model.id == named.id);
            models.map(move |model| (region, model))
        })
    }

    /// The price of one unit of a meter, its own or a borrowed one.
    pub(super) fn price(&self, spot: Spot<'_>, meter: &'static str) -> Option<Found> {
        match meter {
            "web_search_call" | "file_search_call" => self.fee(spot, meter, 1000),
            "code_interpreter_session" => self.session(spot),
            "training" => self.training(spot),
            _ => self.lenders(spot, meter).iter().find_map(|lender| self.cell(spot, lender)),
        }
    }

    /// Cached -> uncached of its modality, write -> input, image -> text where
    /// the card says so (a cached image: cached text, then text).
    fn lenders(&self, spot: Spot<'_>, meter: &'static str) -> Vec<&'static str> {
        let mut lenders = vec![meter];
        if uncached(meter) != meter {
            lenders.push(uncached(meter));
        }
        if self.parts(spot.model).any(|(_, model)| model.images_as_text) {
            match meter {
                "image_input" => lenders.push("input"),
                "cached_image_input" => lenders.extend(["cached_input", "input"]),
                _ => {}
            }
        }
        lenders
    }

    fn cell(&self, spot: Spot<'_>, meter: &str) -> Option<Found> {
        let band = self.band(spot);
        self.parts(spot.model).find_map(|(region, model)| {
            let fits = model.prices.iter().find(|price| {
                price.tier == spot.tier
                    && price.meter == meter
                    && price.band == band
                    && (price.regions.is_empty() || price.regions.iter().any(|r| r == region))
                    && price.interval.holds(spot.at)
            });
            fits.map(|price| Found {
                unit: per(&price.published, 1_000_000),
                own: price.evidence == "provider",
            })
        })
    }

    /// The highest band that the context reaches.
    fn band(&self, spot: Spot<'_>) -> Option<String> {
        let (input, requests) = spot.context;
        let bands = self.parts(spot.model).flat_map(|(_, model)| &model.bands);
        let reached = bands.filter(|(_, tokens, above)| {
            let limit = i128::from(*tokens) * requests;
            if *above { input > limit } else { input >= limit }
        });
        reached.max_by_key(|(_, tokens, above)| (*tokens, *above)).map(|(name, ..)| name.clone())
    }

    fn fee(&self, spot: Spot<'_>, meter: &str, units: i64) -> Option<Found> {
        let provider = &spot.model.provider;
        let own = || self.cards.iter().filter(|card| card.provider == *provider);
        let lender = own().find_map(|card| card.borrows.as_ref());
        let lent = self.cards.iter().filter(|card| Some(&card.provider) == lender);
        own().chain(lent).find_map(|card| {
            let holds = |fee: &&Fee| fee.meter == meter && fee.interval.holds(spot.at);
            let fees = || card.fees.iter().filter(holds);
            let named = fees().find(|fee| fee.models.contains(&spot.model.id));
            let fee = named.or_else(|| fees().find(|fee| fee.models.is_empty()))?;
            let own = fee.evidence == "provider" && card.provider == *provider;
            Some(Found { unit: per(&fee.published, units), own })
        })
    }

    /// By the session, else by the minute.
    fn session(&self, spot: Spot<'_>) -> Option<Found> {
        let session = self.fee(spot, "code_interpreter_session", 1);
        session.or_else(|| {
            let minute = self.fee(spot, "container_minute", 1)?;
            let twenty = BigRational::from_integer(SESSION_MINUTES.into());
            Some(Found { unit: minute.unit * twenty, own: minute.own })
        })
    }

    /// A base model trains at the price of its fine-tuned twin.
    fn training(&self, spot: Spot<'_>) -> Option<Found> {
        if let Some(own) = self.cell(spot, "training") {
            return Some(own);
        }
        let names = self.parts(spot.model).flat_map(|(_, model)| {
            std::iter::once(&model.id).chain(&model.aliases).map(|name| format!("ft:{name}"))
        });
        let names: Vec<String> = names.collect();
        let twin = names.iter().find_map(|name| self.listed(&spot.model.provider, name))?;
        self.cell(Spot { model: &twin, context: (0, 1), ..spot }, "training")
    }
}

/// `amount` for `units` units, as the price of one.
fn per(amount: &str, units: i64) -> BigRational {
    decimal(amount) / BigRational::from_integer(units.into())
}

/// A name without its `-YYYY-MM-DD`.
fn undated(name: &str) -> Option<&str> {
    let (head, date) = name.split_at_checked(name.len().checked_sub(11)?)?;
    let shape: String = date.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    (shape == "-9999-99-99").then_some(head)
}
