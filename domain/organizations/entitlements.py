"""Services an organization may be entitled to (AC-12, AC-16); account management is always on."""

from enum import StrEnum

from connectors.messages import N_


class Entitlement(StrEnum):
    """One service. Roles of a service count only where the organization is entitled to it."""

    FLEET = "fleet"
    PRINT_CLOUD = "print_cloud"
    PRINT_HYBRID = "print_hybrid"
    PRINT_DIRECT = "print_direct"
    SCAN = "scan"
    SOLUTIONS = "solutions"
    TRANSLATION = "translation"
    REDACTION = "redaction"
    OCR = "ocr"
    QUOTA = "quota"
    ANALYTICS = "analytics"
    MANAGED_PRINT = "mpp"


TITLES = {
    Entitlement.FLEET: N_("Fleet management"),
    Entitlement.PRINT_CLOUD: N_("Cloud print release"),
    Entitlement.PRINT_HYBRID: N_("Hybrid print"),
    Entitlement.PRINT_DIRECT: N_("Direct print"),
    Entitlement.SCAN: N_("Scan management"),
    Entitlement.SOLUTIONS: N_("Solutions"),
    Entitlement.TRANSLATION: N_("Translation"),
    Entitlement.REDACTION: N_("Redaction"),
    Entitlement.OCR: N_("OCR"),
    Entitlement.QUOTA: N_("Page quotas"),
    Entitlement.ANALYTICS: N_("Analytics"),
    Entitlement.MANAGED_PRINT: N_("Managed-print programme"),
}
"""What people call them."""

IRREVERSIBLE = frozenset({Entitlement.MANAGED_PRINT})
"""Once granted, only the operator of the installation can take it back (AC-14)."""

USUAL = tuple(entitlement for entitlement in Entitlement if entitlement not in IRREVERSIBLE)
"""What a new organization is entitled to unless its creator says otherwise."""
