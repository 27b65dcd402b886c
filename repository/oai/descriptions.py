"""The `<description>` containers of Identify: how identifiers are formed, which providers are friends, our icon.

Specified by: OAI-PMH 2.0, 4.2 Identify; guidelines on oai-identifier, friends and branding.
"""

import re

from repository.oai.envelope import element
from repository.records.identifiers import oai_identifier
from repository.settings import Settings

_NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
_SAMPLE_ID = "00000-00098"
# A domain without a dot (localhost) has no place in this schema. Specified by: oai-identifier.xsd.
_DOMAIN = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*(\.[a-zA-Z][a-zA-Z0-9-]*)+")


def descriptions(settings: Settings) -> str:
    return _identifiers(settings.oai_domain) + _friends(settings.oai_friends) + _branding(settings)


def _identifiers(domain: str) -> str:
    if not _DOMAIN.fullmatch(domain):
        return ""
    return _container(
        "oai-identifier",
        "oai-identifier",
        element("scheme", "oai")
        + element("repositoryIdentifier", domain)
        + element("delimiter", ":")
        + element("sampleIdentifier", oai_identifier(domain, _SAMPLE_ID)),
    )


def _friends(addresses: tuple[str, ...]) -> str:
    if not addresses:
        return ""
    return _container("friends", "friends/", "".join(element("baseURL", address) for address in addresses))


def _branding(settings: Settings) -> str:
    if not settings.oai_icon:
        return ""
    icon = element("url", settings.oai_icon) + element("link", settings.site_url)
    icon += element("title", settings.site_name)
    return _container("branding", "branding/", f"<collectionIcon>{icon}</collectionIcon>")


def _container(name: str, space: str, content: str) -> str:
    namespace = _NAMESPACE + space
    return (
        f'<description><{name} xmlns="{namespace}" xsi:schemaLocation="{namespace} {_NAMESPACE}{name}.xsd">'
        f"{content}</{name}></description>"
    )
