"""Sign-in at somebody else's identity provider: OpenID Connect and SAML 2.0, and what both tell about a person.

Protocols only: nothing here knows an organization, a user or a session. A provider is described by frozen models that
can be stored (`OidcProvider`, `SamlProvider`); the two protocols end in the same `Identity`.
"""
