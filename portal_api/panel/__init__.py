"""The panel of printers: pages for the touch screen, served by the portal and opened by the printer (docs/panel.md).

A small application of its own at /panel, apart from the portal's pages: plain HTML, CSS and modules, so that five
hundred slow devices can have it open. How an app is added to it stands in `portal_api.panel.apps`.
"""
