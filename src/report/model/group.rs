//! Groups in the report. There may be millions of them, so each is put into its form
//! when it is asked for.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::money::{Money, Share};
use crate::scenario::{Caching, Group, Groups, Scenario, TierChoice};

/// The groups of a report, in its order.
#[derive(Debug, Clone, Default)]
pub struct GroupTable {
    /// The asked properties.
    pub(crate) names: Vec<String>,
    pub(crate) groups: Arc<Groups>,
    /// The same groups with a share of their input assumed to be cached.
    pub(crate) assumed: Option<(Share, Arc<Groups>)>,
    /// Which of the groups come first.
    pub(crate) order: Arc<[usize]>,
}

/// One group of a table.
#[derive(Debug, Clone, Copy)]
pub struct GroupRow<'t> {
    table: &'t GroupTable,
    at: usize,
    group: &'t Group,
}

/// One group.
#[derive(Debug, Clone, Serialize)]
pub struct GroupInfo<'t> {
    /// The asked properties and their values, null where a row has none.
    #[serde(serialize_with = "as_object")]
    pub key: Vec<(&'t str, Option<&'t str>)>,
    /// Rows.
    pub rows: u64,
    /// Requests.
    pub requests: u128,
    /// Usage by meter.
    #[serde(serialize_with = "as_object")]
    pub quantities: Vec<(&'static str, u128)>,
    /// The totals.
    pub scenarios: Vec<GroupScenario>,
}

/// One scenario of a group.
#[derive(Debug, Clone, Serialize)]
pub struct GroupScenario {
    /// The tier assignment.
    pub tier: &'static str,
    /// The caching assumption.
    pub caching: &'static str,
    /// The total.
    pub total_usd: Money,
    /// The total minus what the same rows cost as recorded.
    pub delta_usd: Money,
    /// Rows that the tier cannot price.
    pub fallback_rows: u64,
}

impl GroupTable {
    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The groups.
    pub fn rows(&self) -> impl Iterator<Item = GroupRow<'_>> + Clone + '_ {
        self.rows_from(0)
    }

    /// The groups from one of them on.
    pub fn rows_from(&self, start: usize) -> impl Iterator<Item = GroupRow<'_>> + Clone + '_ {
        self.order
            .get(start..)
            .unwrap_or_default()
            .iter()
            .filter_map(|at| Some(GroupRow { table: self, at: *at, group: self.groups.get(*at)? }))
    }

    /// The values of each property, by the numbers that groups have of them.
    pub fn every_value(&self) -> &[Vec<Option<Arc<str>>>] {
        self.groups.every_value()
    }

    /// The groups, each in the form of reports.
    pub fn infos(&self) -> impl Iterator<Item = GroupInfo<'_>> + '_ {
        self.rows().map(|row| row.info())
    }
}

impl Serialize for GroupTable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.infos())
    }
}

impl<'t> GroupRow<'t> {
    /// The values of the asked properties.
    pub fn values(&self) -> impl Iterator<Item = Option<&'t str>> + use<'t> {
        self.table.groups.values(self.at)
    }

    /// Their numbers, as [`Groups`] has them.
    pub fn numbers(&self) -> &'t [u32] {
        self.table.groups.numbers(self.at)
    }

    /// The amounts of the totals.
    pub fn amounts(&self) -> impl Iterator<Item = Money> + use<'t> {
        let assumed = self.assumed().map(|(_, total)| total.usd);
        self.group.amounts().iter().copied().chain(assumed)
    }

    /// The group.
    pub const fn group(&self) -> &'t Group {
        self.group
    }

    /// The same in the form of reports.
    pub fn info(&self) -> GroupInfo<'t> {
        GroupInfo { scenarios: self.scenarios().collect(), ..self.without_scenarios() }
    }

    /// The totals.
    pub(crate) fn scenarios(&self) -> impl Iterator<Item = GroupScenario> + Clone + use<'t> {
        let own = Scenario::all().zip(self.group.totals());
        own.chain(self.assumed()).map(|(scenario, total)| GroupScenario {
            tier: scenario.tier.name(),
            caching: scenario.caching.name(),
            total_usd: total.usd,
            delta_usd: total.delta.unwrap_or_default(),
            fallback_rows: total.fallback_rows,
        })
    }

    /// The same as [`info`](Self::info), its list of totals empty.
    pub(crate) fn without_scenarios(&self) -> GroupInfo<'t> {
        let names = self.table.names.iter().map(String::as_str);
        let quantities = self.group.quantities.iter();
        GroupInfo {
            key: names.zip(self.values()).collect(),
            rows: self.group.volume.rows,
            requests: self.group.volume.requests,
            quantities: quantities.map(|(meter, sum)| (meter.name(), *sum)).collect(),
            scenarios: Vec::new(),
        }
    }

    /// The totals with the assumed share: both are of one ledger, so that their groups
    /// are the same.
    fn assumed(
        &self,
    ) -> impl Iterator<Item = (Scenario, crate::scenario::GroupTotal)> + Clone + use<'t> {
        let assumed = self.table.assumed.as_ref().and_then(|(share, groups)| {
            let same = groups.values(self.at).eq(self.values());
            groups.get(self.at).filter(|_| same).map(|group| (*share, group))
        });
        assumed.into_iter().flat_map(|(share, group)| {
            let caching = Caching::Assumed(share);
            let scenarios = TierChoice::ALL.into_iter().map(move |tier| Scenario { tier, caching });
            scenarios.zip(group.totals())
        })
    }
}

/// Pairs as a JSON object, in their order.
fn as_object<S: Serializer, N: Serialize, V: Serialize>(
    pairs: &[(N, V)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}
