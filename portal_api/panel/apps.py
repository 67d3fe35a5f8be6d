"""The apps of the panel: which there are, and which of them a person finds at a printer.

How an app is added, in four steps:

1. A module of its own, `portal_api/panel/NAME.py`, with the routes of its pages' JSON and its `PanelApp`:

       router = APIRouter(prefix="/api/NAME")

       @router.get("/things", responses=NOBODY)
       def list_things(at: PanelVisitor) -> list[Thing]: …

       APP = PanelApp("scan", N_("Scan"), "scan", "/scan", "scan.js", lambda at: at.actor.may(Permission.SCAN_USE),
                      router=router)

   (`PanelApp` is in `portal_api.panel.app_kind`) and the app in `APPS` below. `app_id` is that of the fleet app: the
   tile is there where the printer has it started (`PrinterApp`), and where `may_use` says so. Routes name
   `PanelVisitor` (`portal_api.panel.access`), which gives `.actor`, `.printer_id`, `.screen`, `.place`; faults become
   problem details in the person's language by themselves.

2. Its page, `portal_api/panel/static/NAME.js`, an ES module that exports `open(panel, root, rest)`: `root` is the empty
   content area, `rest` what stands behind the app's path in the address. It may return a function that is called when
   the page is left. `panel` is what the shell offers (see the comment in `static/panel.js`): `call` for JSON, `on` for
   events, `go`, `back`, `title`, `message`, `ask`, `problem`, `busy`. Elements are made by `h` of `static/dom.js`;
   texts of the page are marked `t("…")`, numbers go in as `t("{count} jobs", {count})`. No inline script and no inline
   style: the policy forbids both. Styles go into `static/NAME.css` and are named in `styles`.

3. Icons are symbols in `static/icons.svg`; `icon` is the id of one.

4. What happens later is told by events: `portal_api.panel.events.watched` and `watch`.

`scripts/update-catalogues` collects `t("…")` of all `static/*.js` as it does `N_("…")`.
"""

from collections.abc import Sequence

from portal_api.panel import release, scan, solutions
from portal_api.panel.access import Visitor
from portal_api.panel.app_kind import PanelApp

APPS: tuple[PanelApp, ...] = (release.APP, scan.APP, solutions.APP)
"""In the order of the tiles."""


def apps_for(at: Visitor) -> Sequence[PanelApp]:
    """What the person finds: installed on the printer, fit for its screen, and allowed by role and entitlement."""
    return [app for app in APPS if app.is_for(at)]


def opened_at_sign_in(at: Visitor) -> str:
    """The page that signing in leads to by itself, the first that any app names; empty for the home screen."""
    return next(filter(None, (app.at_sign_in(at) for app in apps_for(at))), "")
