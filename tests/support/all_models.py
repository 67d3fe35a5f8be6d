"""Every table there is: all models of the rooms, imported by walking their packages."""

from importlib import import_module
from pkgutil import walk_packages

import domain
import fleet
from connectors.database import Base
from domain.tenancy import Tenant, TenantRow

MODULES = [
    import_module(found.name)
    for room in (domain, fleet)
    for found in walk_packages(room.__path__, f"{room.__name__}.")
    if found.name.endswith((".models", "_models"))
]
CLASSES = sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda each: each.__name__)
TENANT_TABLES = sorted(each.__tablename__ for each in CLASSES if issubclass(each, TenantRow))
INSTALLATION_TABLES = sorted(each.__tablename__ for each in CLASSES if not issubclass(each, TenantRow | Tenant))
