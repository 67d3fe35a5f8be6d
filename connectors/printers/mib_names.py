"""What the numbers of Printer-MIB, Finisher-MIB and HOST-RESOURCES-MIB mean (RFC 3805, RFC 3806, RFC 2790)."""

import re

from connectors.printers.reading import DeviceState, PrinterState, SupplyKind, TrainingLevel, TrayKind, Unit

PRINTER_STATES = {
    1: PrinterState.OTHER,
    2: PrinterState.UNKNOWN,
    3: PrinterState.IDLE,
    4: PrinterState.PRINTING,
    5: PrinterState.WARMUP,
}
"""hrPrinterStatus."""

DEVICE_STATES = {
    1: DeviceState.UNKNOWN,
    2: DeviceState.RUNNING,
    3: DeviceState.WARNING,
    4: DeviceState.TESTING,
    5: DeviceState.DOWN,
}
"""hrDeviceStatus."""

ERROR_REASONS = (
    "media-low",
    "media-empty",
    "toner-low",
    "toner-empty",
    "door-open",
    "media-jam",
    "offline",
    "service-needed",
    "input-tray-missing",
    "output-tray-missing",
    "marker-supply-missing",
    "output-area-almost-full",
    "output-area-full",
    "media-empty",
    "maintenance-overdue",
)
"""The bits of hrPrinterDetectedErrorState from the first octet's highest, as printer-state-reasons."""

SUPPLY_KINDS = {
    3: SupplyKind.TONER,
    4: SupplyKind.WASTE,
    5: SupplyKind.INK,
    6: SupplyKind.INK,
    7: SupplyKind.INK,
    8: SupplyKind.WASTE,
    9: SupplyKind.PHOTOCONDUCTOR,
    10: SupplyKind.OTHER,
    11: SupplyKind.FUSER,
    12: SupplyKind.INK,
    13: SupplyKind.INK,
    14: SupplyKind.WASTE,
    15: SupplyKind.FUSER,
    16: SupplyKind.MAINTENANCE,
    17: SupplyKind.FUSER,
    18: SupplyKind.MAINTENANCE,
    19: SupplyKind.FUSER,
    20: SupplyKind.TRANSFER,
    21: SupplyKind.TONER,
    22: SupplyKind.FUSER,
    24: SupplyKind.WASTE,
    26: SupplyKind.WASTE,
    29: SupplyKind.STAPLES,
    32: SupplyKind.STAPLES,
}
"""PrtMarkerSuppliesTypeTC; what is not here is `OTHER`."""

SUPPLY_TYPE_NAMES = {
    "toner": 3, "wasteToner": 4, "ink": 5, "inkCartridge": 6, "inkRibbon": 7, "wasteInk": 8, "opc": 9,
    "developer": 10, "fuserOil": 11, "solidWax": 12, "ribbonWax": 13, "wasteWax": 14, "fuser": 15, "coronaWire": 16,
    "fuserOilWick": 17, "cleanerUnit": 18, "fuserCleaningPad": 19, "transferUnit": 20, "tonerCartridge": 21,
    "fuserOiler": 22, "water": 23, "wasteWater": 24, "wastePaper": 26, "stitchingWire": 29, "staples": 32,
}  # fmt: skip
"""The same types by the names that IPP writes them with (PWG 5100.13, printer-supply)."""

SOLD_BY_COLOUR = frozenset({SupplyKind.TONER, SupplyKind.INK, SupplyKind.PHOTOCONDUCTOR, SupplyKind.OTHER})
RECEPTACLE = 4
"""PrtMarkerSuppliesClassTC: receptacleThatIsFilled."""

KIND_WORDS = (
    (SupplyKind.WASTE, ("waste", "resttoner", "overflow", "maintenance box")),
    (SupplyKind.STAPLES, ("staple", "heftklammer", "agrafe")),
    (SupplyKind.FUSER, ("fuser", "fixing", "fixier", "fusing")),
    (SupplyKind.TRANSFER, ("transfer", "belt")),
    (SupplyKind.PHOTOCONDUCTOR, ("drum", "photoconductor", "imaging unit", "imaging kit", "opc", "trommel", "tambour")),
    (SupplyKind.MAINTENANCE, ("maintenance", "kit", "roller", "feeder", "cleaner", "separation")),
    (SupplyKind.TONER, ("toner", "print cartridge", "cartridge")),
    (SupplyKind.INK, ("ink", "tinte", "encre")),
)
"""How supplies are told apart that have no type: the first that has one of its words in the description."""

COLOUR_WORDS = {
    "black": ("black", "schwarz", "noir", "nero", "negro", "preto", "svart", "sort", "zwart", "musta"),
    "cyan": ("cyan", "cian", "ciano", "cyaan"),
    "magenta": ("magenta", "magent"),
    "yellow": ("yellow", "gelb", "jaune", "giallo", "amarillo", "amarelo", "gul", "geel", "keltainen"),
}
COLOURLESS = frozenset({"", "none", "unknown", "other", "no color", "unassigned"})

SUPPLY_UNITS = {
    1: Unit.OTHER,
    3: Unit.TEN_THOUSANDTHS_OF_INCHES,
    4: Unit.MICROMETRES,
    5: Unit.CHARACTERS,
    6: Unit.LINES,
    7: Unit.IMPRESSIONS,
    8: Unit.SHEETS,
    9: Unit.DOT_ROWS,
    11: Unit.HOURS,
    12: Unit.THOUSANDTHS_OF_OUNCES,
    13: Unit.TENTHS_OF_GRAMS,
    14: Unit.HUNDREDTHS_OF_FLUID_OUNCES,
    15: Unit.TENTHS_OF_MILLILITRES,
    16: Unit.FEET,
    17: Unit.METRES,
    18: Unit.ITEMS,
    19: Unit.PERCENT,
}
"""PrtMarkerSuppliesSupplyUnitTC, PrtCapacityUnitTC and PrtMarkerCounterUnitTC: they agree where they overlap."""

TRAY_KINDS = {
    1: TrayKind.OTHER,
    3: TrayKind.REMOVABLE,
    4: TrayKind.FIXED,
    5: TrayKind.MANUAL,
    6: TrayKind.ROLL,
    7: TrayKind.ROLL,
}
"""PrtInputTypeTC."""

TRAY_TYPE_NAMES = {
    "other": TrayKind.OTHER,
    "sheetFeedAutoRemovableTray": TrayKind.REMOVABLE,
    "sheetFeedAutoNonRemovableTray": TrayKind.FIXED,
    "sheetFeedManual": TrayKind.MANUAL,
    "continuousRoll": TrayKind.ROLL,
    "continuousFanFold": TrayKind.ROLL,
}

TRAINING_LEVELS = {
    1: TrainingLevel.OTHER,
    3: TrainingLevel.UNTRAINED,
    4: TrainingLevel.TRAINED,
    5: TrainingLevel.FIELD_SERVICE,
    6: TrainingLevel.MANAGEMENT,
    7: TrainingLevel.NONE,
}
"""PrtAlertTrainingLevelTC."""

ALERT_GROUPS = {
    1: "other", 3: "hostResourcesMIBStorageTable", 4: "hostResourcesMIBDeviceTable", 5: "generalPrinter", 6: "cover",
    7: "localization", 8: "input", 9: "output", 10: "marker", 11: "markerSupplies", 12: "markerColorant",
    13: "mediaPath", 14: "channel", 15: "interpreter", 16: "consoleDisplayBuffer", 17: "consoleLights", 18: "alert",
    30: "finDevice", 31: "finSupply", 32: "finSupplyMediaInput", 33: "finAttribute",
}  # fmt: skip
"""PrtAlertGroupTC."""

ALERT_CODES = {
    1: "other", 3: "coverOpen", 4: "coverClosed", 5: "interlockOpen", 6: "interlockClosed", 7: "configurationChange",
    8: "jam", 9: "subunitMissing", 10: "subunitLifeAlmostOver", 11: "subunitLifeOver", 12: "subunitAlmostEmpty",
    13: "subunitEmpty", 14: "subunitAlmostFull", 15: "subunitFull", 16: "subunitNearLimit", 17: "subunitAtLimit",
    18: "subunitOpened", 19: "subunitClosed", 20: "subunitTurnedOn", 21: "subunitTurnedOff", 22: "subunitOffline",
    23: "subunitPowerSaver", 24: "subunitWarmingUp", 25: "subunitAdded", 26: "subunitRemoved",
    27: "subunitResourceAdded", 28: "subunitResourceRemoved", 29: "subunitRecoverableFailure",
    30: "subunitUnrecoverableFailure", 31: "subunitRecoverableStorageError", 32: "subunitUnrecoverableStorageError",
    33: "subunitMotorFailure", 34: "subunitMemoryExhausted", 35: "subunitUnderTemperature",
    36: "subunitOverTemperature", 37: "subunitTimingFailure", 38: "subunitThermistorFailure", 501: "doorOpen",
    502: "doorClosed", 503: "powerUp", 504: "powerDown", 505: "printerNMSReset", 506: "printerManualReset",
    507: "printerReadyToPrint", 801: "inputMediaTrayMissing", 802: "inputMediaSizeChange",
    803: "inputMediaWeightChange", 804: "inputMediaTypeChange", 805: "inputMediaColorChange",
    806: "inputMediaFormPartsChange", 807: "inputMediaSupplyLow", 808: "inputMediaSupplyEmpty",
    809: "inputMediaChangeRequest", 810: "inputManualInputRequest", 811: "inputTrayPositionFailure",
    812: "inputTrayElevationFailure", 813: "inputCannotFeedSizeSelected", 901: "outputMediaTrayMissing",
    902: "outputMediaTrayAlmostFull", 903: "outputMediaTrayFull", 904: "outputMailboxSelectFailure",
    1001: "markerFuserUnderTemperature", 1002: "markerFuserOverTemperature", 1003: "markerFuserTimingFailure",
    1004: "markerFuserThermistorFailure", 1005: "markerAdjustingPrintQuality", 1101: "markerTonerEmpty",
    1102: "markerInkEmpty", 1103: "markerPrintRibbonEmpty", 1104: "markerTonerAlmostEmpty",
    1105: "markerInkAlmostEmpty", 1106: "markerPrintRibbonAlmostEmpty", 1107: "markerWasteTonerReceptacleAlmostFull",
    1108: "markerWasteInkReceptacleAlmostFull", 1109: "markerWasteTonerReceptacleFull",
    1110: "markerWasteInkReceptacleFull", 1111: "markerOpcLifeAlmostOver", 1112: "markerOpcLifeOver",
    1113: "markerDeveloperAlmostEmpty", 1114: "markerDeveloperEmpty", 1115: "markerTonerCartridgeMissing",
    1301: "mediaPathMediaTrayMissing", 1302: "mediaPathMediaTrayAlmostFull", 1303: "mediaPathMediaTrayFull",
    1304: "mediaPathCannotDuplexMediaSelected", 1501: "interpreterMemoryIncrease", 1502: "interpreterMemoryDecrease",
    1503: "interpreterCartridgeAdded", 1504: "interpreterCartridgeDeleted", 1505: "interpreterResourceAdded",
    1506: "interpreterResourceDeleted", 1507: "interpreterResourceUnavailable",
    1509: "interpreterComplexPageEncountered", 1801: "alertRemovalOfBinaryChangeEntry",
}  # fmt: skip
"""PrtAlertCodeTC."""

REASON_OF_CODE = {
    "jam": "media-jam",
    "inputMediaTrayMissing": "input-tray-missing",
    "inputMediaSupplyLow": "media-low",
    "inputMediaSupplyEmpty": "media-empty",
    "inputMediaChangeRequest": "media-needed",
    "inputManualInputRequest": "media-needed",
    "outputMediaTrayMissing": "output-tray-missing",
    "outputMediaTrayAlmostFull": "output-area-almost-full",
    "outputMediaTrayFull": "output-area-full",
    "markerFuserUnderTemperature": "fuser-under-temp",
    "markerFuserOverTemperature": "fuser-over-temp",
    "markerTonerEmpty": "toner-empty",
    "markerInkEmpty": "marker-supply-empty",
    "markerTonerAlmostEmpty": "toner-low",
    "markerInkAlmostEmpty": "marker-supply-low",
    "markerWasteTonerReceptacleAlmostFull": "marker-waste-almost-full",
    "markerWasteInkReceptacleAlmostFull": "marker-waste-almost-full",
    "markerWasteTonerReceptacleFull": "marker-waste-full",
    "markerWasteInkReceptacleFull": "marker-waste-full",
    "markerOpcLifeAlmostOver": "opc-near-eol",
    "markerOpcLifeOver": "opc-life-over",
    "markerDeveloperAlmostEmpty": "developer-low",
    "markerDeveloperEmpty": "developer-empty",
    "markerTonerCartridgeMissing": "marker-supply-missing",
}
"""Where printer-state-reasons has a word of its own (RFC 8011 §5.4.12, PWG 5100.9); others are written with hyphens."""

NO_REASON = frozenset({"other", "unknown", "configurationChange", "alertRemovalOfBinaryChangeEntry"})


def keyword_of(code_name: str) -> str:
    """A name of PrtAlertCodeTC as a keyword of printer-state-reasons; empty for names that say nothing."""
    if code_name in NO_REASON:
        return ""
    known = REASON_OF_CODE.get(code_name)
    return known or re.sub(r"(?<=[a-z])(?=[A-Z])", "-", code_name).lower()
