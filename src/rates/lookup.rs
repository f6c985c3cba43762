//! From the name in a log to a model of the book: exact id, declared alias,
//! declared rule. Never by substring or resemblance.

use std::collections::HashMap;

use super::book::{Entry, ModelId, RateBook};
use super::layer::Layer;
use crate::usage::Instant;

/// How a logged name was matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchRule {
    /// The id itself.
    Exact,
    /// A declared alias, for example a snapshot id.
    Alias,
    /// `ft:<base>:<org>:<suffix>:<id>[:ckpt-step-N]`, by its base.
    FineTuned,
    /// An undeclared `-YYYY-MM-DD` snapshot of a known id.
    DateSuffix,
    /// A gateway's `openai/` or `azure/` in front.
    ProviderPrefix,
    /// The user's `--alias`.
    UserAlias,
}

impl MatchRule {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Alias => "alias",
            Self::FineTuned => "fine_tuned",
            Self::DateSuffix => "date_suffix",
            Self::ProviderPrefix => "provider_prefix",
            Self::UserAlias => "user_alias",
        }
    }
}

/// A model, and how the logged name led to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// The model.
    pub model: ModelId,
    /// The rule that decided.
    pub rule: MatchRule,
}

/// What the user says that logged names stand for: `--alias FROM=TO` for
/// models, `--region` for regions.
#[derive(Debug, Clone, Default)]
pub struct Aliases {
    models: Vec<(String, String)>,
    regions: Vec<(String, String)>,
}

impl Aliases {
    /// From pairs of a logged name and the name to price it as.
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self { models: pairs, regions: Vec::new() }
    }

    /// With pairs of a logged region and the one to price it as; an empty first
    /// name stands for rows that name none.
    #[must_use]
    pub fn with_regions(self, regions: Vec<(String, String)>) -> Self {
        Self { regions, ..self }
    }

    /// The region to price a logged one as.
    pub fn region<'a>(&'a self, logged: &'a str) -> &'a str {
        let pair = self.regions.iter().find(|(from, _)| from.eq_ignore_ascii_case(logged));
        pair.map_or(logged, |(_, to)| to.as_str())
    }

    /// The pairs, as given.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.models
    }

    fn target(&self, name: &str) -> Option<&str> {
        let pair = self.models.iter().find(|(from, _)| from == name);
        pair.map(|(_, to)| to.as_str())
    }
}

/// What gateways write before the names of models. None of them changes the provider.
const PREFIXES: &[&str] = &[
    "openai",
    "azure",
    "anthropic",
    "bedrock",
    "deepseek",
    "gemini",
    "google",
    "mistral",
    "mistralai",
    "x-ai",
    "xai",
];

/// The positions of a book's models by name, each list in the book's order.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    ids: HashMap<String, Vec<usize>>,
    aliases: HashMap<String, Vec<usize>>,
}

impl Names {
    pub(super) fn new(layers: &[Layer], entries: &[Entry]) -> Self {
        let mut names = Self::default();
        for (at, entry) in entries.iter().enumerate() {
            names.ids.entry(entry.id.clone()).or_default().push(at);
            let models = entry.parts.iter().filter_map(|(layer_at, model_at)| {
                layers.get(*layer_at).and_then(|layer| layer.models.get(*model_at))
            });
            for alias in models.flat_map(|model| &model.aliases) {
                names.aliases.entry(alias.clone()).or_default().push(at);
            }
        }
        names
    }
}

impl RateBook {
    /// The model that a logged name is. `provider` is the log's, empty when it
    /// has none: then a name that several providers share is the first one's
    /// in the book's order.
    pub fn find(&self, provider: &str, name: &str, aliases: &Aliases) -> Option<Match> {
        if let Some(target) = aliases.target(name) {
            // The user knows better than the log whose model it is.
            let found =
                self.find_declared(provider, target).or_else(|| self.find_declared("", target))?;
            return Some(Match { model: found.model, rule: MatchRule::UserAlias });
        }
        self.find_declared(provider, name)
    }

    fn find_declared(&self, provider: &str, name: &str) -> Option<Match> {
        self.find_plain(provider, name).or_else(|| {
            let (prefix, stripped) = name.split_once('/')?;
            let found =
                self.find_plain(provider, stripped).filter(|_| PREFIXES.contains(&prefix))?;
            Some(Match { model: found.model, rule: MatchRule::ProviderPrefix })
        })
    }

    fn find_plain(&self, provider: &str, name: &str) -> Option<Match> {
        if let Some(found) = self.find_listed(provider, name) {
            return Some(found);
        }
        if let Some(base) = fine_tuned_base(name) {
            let found = self.find_listed(provider, &format!("ft:{base}"))?;
            return Some(Match { model: found.model, rule: MatchRule::FineTuned });
        }
        let found = self.find_listed(provider, without_date(name)?)?;
        Some(Match { model: found.model, rule: MatchRule::DateSuffix })
    }

    /// By id, then by alias.
    pub(super) fn find_listed(&self, provider: &str, name: &str) -> Option<Match> {
        let of_provider = |at: &&usize| {
            provider.is_empty()
                || self.entries.get(**at).is_some_and(|e| e.provider.eq_ignore_ascii_case(provider))
        };
        let first = |names: &HashMap<String, Vec<usize>>| {
            names.get(name).and_then(|models| models.iter().find(of_provider).copied())
        };
        let found = |at, rule| Match { model: ModelId(at), rule };
        first(&self.names.ids)
            .map(|at| found(at, MatchRule::Exact))
            .or_else(|| first(&self.names.aliases).map(|at| found(at, MatchRule::Alias)))
    }

    /// The fine-tuned twin whose price a base model trains at.
    pub(super) fn trained_as(&self, model: ModelId) -> Option<ModelId> {
        let provider = self.model_provider(model);
        let names = self.describe(model).flat_map(|(_, part)| {
            std::iter::once(part.id.as_str()).chain(part.aliases.iter().map(String::as_str))
        });
        let twins = names.filter_map(|name| self.find_listed(provider, &format!("ft:{name}")));
        twins.map(|found| found.model).next()
    }
}

/// The base of `ft:<base>:<org>:<suffix>:<id>[:ckpt-step-N]`.
fn fine_tuned_base(name: &str) -> Option<&str> {
    let parts: Vec<&str> = name.strip_prefix("ft:")?.split(':').collect();
    let checkpoint = parts.get(4).is_none_or(|part| part.starts_with("ckpt-step-"));
    let shape = (4..=5).contains(&parts.len()) && checkpoint;
    parts.first().copied().filter(|base| shape && !base.is_empty())
}

/// A name without its `-YYYY-MM-DD`, or one of Anthropic's without its `-YYYYMMDD`.
fn without_date(name: &str) -> Option<&str> {
    without_dashed_date(name).or_else(|| {
        let (head, date) = name.rsplit_once('-').filter(|_| name.starts_with("claude-"))?;
        let digits = date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
        let (year, rest) = date.split_at_checked(4).filter(|_| digits)?;
        let (month, day) = rest.split_at_checked(2)?;
        Instant::parse_log(&format!("{year}-{month}-{day}")).map(|_| head)
    })
}

fn without_dashed_date(name: &str) -> Option<&str> {
    let at = name.len().checked_sub(11)?;
    let (head, tail) = (name.get(..at)?, name.get(at..)?);
    let date = tail.strip_prefix('-').filter(|date| date.contains('-'))?;
    Instant::parse_log(date).map(|_| head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_by_declared_rules_alone() {
        let book = RateBook::built_in().unwrap();
        let aliases = Aliases::new(vec![("my-deployment".into(), "gpt-4.1-mini".into())]);
        for (name, expected) in [
            ("gpt-4.1-mini", Some(("gpt-4.1-mini", MatchRule::Exact))),
            ("gpt-4.1-mini-2025-04-14", Some(("gpt-4.1-mini", MatchRule::Alias))),
            ("gpt-4o-2024-05-13", Some(("gpt-4o-2024-05-13", MatchRule::Exact))),
            ("gpt-4.1-mini-2026-01-01", Some(("gpt-4.1-mini", MatchRule::DateSuffix))),
            ("openai/gpt-4o", Some(("gpt-4o", MatchRule::ProviderPrefix))),
            ("elsewhere/gpt-4o", None),
            ("azure/gpt-4o-2024-11-20", Some(("gpt-4o", MatchRule::ProviderPrefix))),
            ("my-deployment", Some(("gpt-4.1-mini", MatchRule::UserAlias))),
            (
                "ft:gpt-4.1-mini-2025-04-14:acme::abc123",
                Some(("ft:gpt-4.1-mini-2025-04-14", MatchRule::FineTuned)),
            ),
            (
                "ft:gpt-4.1-mini-2025-04-14:acme:x:abc123:ckpt-step-84",
                Some(("ft:gpt-4.1-mini-2025-04-14", MatchRule::FineTuned)),
            ),
            ("ft:gpt-4.1-mini-2025-04-14:acme", None),
            ("ft:gpt-9:acme::abc123", None),
            ("gpt-4.1-minimal", None),
            ("GPT-4.1-mini", None),
            ("gpt-4.1-mini-20250414", None),
            ("gpt-4.1-mini-9999-99-99", None),
            ("", None),
        ] {
            let found = book.find("openai", name, &aliases);
            let found = found.map(|m| (book.model_name(m.model).to_owned(), m.rule));
            assert_eq!(found, expected.map(|(id, rule)| (id.to_owned(), rule)), "{name}");
        }
        for (name, rule) in [
            ("anthropic/claude-sonnet-4-5", MatchRule::ProviderPrefix),
            ("claude-sonnet-4-5-20250929", MatchRule::DateSuffix),
        ] {
            let found = book.find("anthropic", name, &aliases).unwrap();
            assert_eq!((book.model_name(found.model), found.rule), ("claude-sonnet-4-5", rule));
        }
        assert!(book.find("", "claude-sonnet-4-5-20251301", &aliases).is_none());
        assert!(book.find("anthropic", "gpt-4.1-mini", &aliases).is_none());
        assert!(book.find("", "gpt-4.1-mini", &aliases).is_some());
    }
}
