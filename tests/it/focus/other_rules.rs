//! The rules of FOCUS 1.2 that do not apply to the file, each with its reason.

/// What the ids of rules begin with, and their ends.
pub(super) type Rules = &'static [(&'static str, &'static str)];

/// Why rules do not apply, and which.
pub(super) const OTHER_RULES: &[(&str, Rules)] = &[
    (
        "permits something, and demands nothing",
        &[
            ("ColumnHandling", "A-007-O A-014-O"),
            ("ContractedUnitPrice", "C-007-O"),
            ("EffectiveCost", "C-007-O"),
            ("InvoiceId", "C-006-O"),
            ("ListUnitPrice", "C-006-O"),
            ("PricingCategory", "C-005-O"),
            ("PricingQuantity", "C-006-O"),
            ("RegionId", "C-005-C"),
            ("SkuId", "C-006-O C-012-O"),
            ("SkuPriceDetails", "C-005-C C-011-O C-015-O"),
            ("SkuPriceId", "C-006-O C-011-O"),
            ("Tags", "C-002-O C-007-O"),
            ("UnitFormat", "A-002-O"),
        ],
    ),
    (
        "the other one of two: every charge is of the estimate, which stands for an invoice to come",
        &[("InvoiceId", "C-004-C")],
    ),
    (
        "the file has no corrections of other files",
        &[
            ("ChargeClass", "C-004-C C-005-C"),
            ("ConsumedQuantity", "C-006-C C-007-C"),
            ("ContractedCost", "C-010-C"),
            ("ContractedUnitPrice", "C-012-C"),
            ("ListCost", "C-010-C"),
            ("ListUnitPrice", "C-011-C"),
            ("PricingQuantity", "C-010-C"),
            ("StringHandling", "A-008-C"),
        ],
    ),
    (
        "the file has no taxes, no purchases, and no charges that are computed from others",
        &[
            ("ChargeFrequency", "C-004-C"),
            ("ContractedCost", "C-007-C"),
            ("ContractedUnitPrice", "C-005-C"),
            ("EffectiveCost", "C-005-C C-009-C"),
            ("ListCost", "C-007-C"),
            ("ListUnitPrice", "C-004-C"),
            ("PricingCategory", "C-003-C"),
            ("PricingQuantity", "C-004-C"),
            ("SkuId", "C-004-C"),
            ("SkuPriceId", "C-004-C"),
        ],
    ),
    (
        "no commitment is known: a discount is a multiplier of rates",
        &[
            ("CommitmentDiscountCategory", "C-001-M C-003-C C-004-C C-005-M"),
            ("CommitmentDiscountId", "C-005-C C-007-M C-008-C"),
            ("CommitmentDiscountName", "C-001-M C-002-M C-004-C C-006-C C-007-C"),
            (
                "CommitmentDiscountQuantity",
                "C-001-M C-002-M C-005-C C-006-C C-007-C C-009-M C-011-C C-012-C C-014-C C-015-C",
            ),
            ("CommitmentDiscountStatus", "C-005-M"),
            ("CommitmentDiscountType", "C-001-M C-002-M C-004-C C-005-C"),
            (
                "CommitmentDiscountUnit",
                "C-001-M C-002-M C-003-M C-005-C C-006-C C-008-M C-009-M C-010-C",
            ),
            (
                "DiscountHandling",
                "A-001-C A-003-C A-004-C A-006-C A-007-C A-009-C A-010-C A-011-C A-012-C A-013-C A-014-C A-015-C A-016-C A-017-C A-018-C A-019-C A-020-C",
            ),
            ("EffectiveCost", "C-012-C C-013-C"),
            ("PricingCategory", "C-009-C"),
            ("CostAndUsage", "D-012-C D-014-C D-015-C D-016-C D-018-C"),
        ],
    ),
    (
        "every price is a standing one of a list or a card",
        &[("PricingCategory", "C-010-C C-011-C")],
    ),
    (
        "no capacity is reserved",
        &[
            ("CapacityReservationId", "C-001-M C-002-M C-004-C C-005-C C-006-C C-008-M C-009-O"),
            ("CapacityReservationStatus", "C-001-M C-003-C C-004-C C-006-M C-007-C C-008-C"),
            ("CostAndUsage", "D-020-C D-065-C"),
        ],
    ),
    (
        "nothing is provisioned: usage is of a service, not of a resource",
        &[
            ("ResourceId", "C-001-M C-002-M C-004-C C-005-C C-007-M C-008-O"),
            ("ResourceName", "C-001-M C-002-M C-004-C C-005-C C-006-C"),
            ("ResourceType", "C-001-M C-002-M C-004-C C-005-C"),
            ("CostAndUsage", "D-039-C D-043-C D-044-C"),
        ],
    ),
    (
        "services have no availability zones",
        &[("AvailabilityZone", "C-001-M C-002-M C-003-C"), ("CostAndUsage", "D-003-C")],
    ),
    (
        "prices and bills are in one currency, and in no virtual one",
        &[
            ("PricingCurrency", "C-001-M C-002-M C-003-M C-004-M"),
            (
                "PricingCurrencyContractedUnitPrice",
                "C-001-M C-002-M C-004-C C-005-C C-006-O C-008-C C-009-C C-010-C",
            ),
            ("PricingCurrencyEffectiveCost", "C-001-M C-002-M C-003-M C-004-M C-005-M C-006-M"),
            (
                "PricingCurrencyListUnitPrice",
                "C-001-M C-002-M C-004-C C-005-C C-006-O C-008-M C-009-M C-010-C",
            ),
            ("CurrencyFormat", "A-002-C"),
            (
                "CostAndUsage",
                "D-045-C D-047-C D-048-C D-049-C D-051-C D-052-C D-053-C D-055-C D-056-C D-057-C",
            ),
        ],
    ),
    (
        "billing accounts are of one kind",
        &[
            ("BillingAccountType", "C-001-M C-002-M C-004-C C-005-C C-006-M"),
            ("CostAndUsage", "D-007-C"),
        ],
    ),
    (
        "no invoice is known to compare with",
        &[("BilledCost", "C-007-M"), ("BillingCurrency", "C-005-M"), ("PricingUnit", "C-009-C")],
    ),
    (
        "about what a provider publishes beside the file",
        &[
            ("ChargeDescription", "C-004-O"),
            ("NumericFormat", "A-012-M A-013-O"),
            ("Tags", "C-009-M C-013-M"),
        ],
    ),
    (
        "the names of the columns are those of the specification",
        &[("ColumnHandling", "A-002-M A-004-O A-006-M")],
    ),
    (
        "about files of other times: each is made anew, of the names in its logs",
        &[
            ("StringHandling", "A-004-M A-005-M A-006-M"),
            ("SkuPriceDetails", "C-013-O C-014-O"),
            ("Tags", "C-005-M"),
        ],
    ),
    ("the id is what the user gives", &[("BillingAccountId", "C-005-O")]),
    ("the specification has a suitable category", &[("ServiceName", "C-006-C C-009-C")]),
    (
        "the properties that the specification defines are those of machines",
        &[("SkuPriceDetails", "C-009-C C-010-C C-020-M C-021-M C-022-C")],
    ),
    (
        "tags are columns of the log: they have values, no prefixes, and the tool adds none",
        &[("Tags", "C-008-M C-012-M C-015-C C-017-M")],
    ),
];
