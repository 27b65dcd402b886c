"""Rules for Apache, 2.4.13 or later, with the modules rewrite, headers, proxy, proxy_http, filter and deflate."""

from site_builder.hosting.facts import (
    COMPRESSED,
    COMPRESSIBLE,
    PERSONAL,
    SESSION,
    SUFFIXES,
    WANTS_PAGE,
    Facts,
    Header,
    Rule,
    filled,
)
from site_builder.hosting.words import introduced, joined

_HOW = """A host of its own, to lie in /etc/apache2/sites-enabled. Look at the line marked HERE, add TLS, set
`serve.proxies = 1`, and switch on what it needs: a2enmod rewrite headers proxy proxy_http filter deflate"""
_CODINGS = {"br": "br", "gz": "gzip"}
_SAFE = "^[A-Za-z0-9._~/:+-]*$"
"""What an address of a file consists of. Others go to the service: no character of them means anything to a rule."""


def write(facts: Facts) -> str:
    return joined(
        introduced("Apache", _HOW),
        _opening(facts),
        _wishes(facts),
        _files(facts),
        "    # Headers of what lies on the disk, as the service sends them.\n" + "\n".join(_headers(facts)),
        _service(facts),
    )


def _opening(facts: Facts) -> str:
    return f"""
# HERE: with TLS, port 443, `SSLEngine on` and its certificate
<VirtualHost *:80>
    ServerName {facts.host}
    DocumentRoot {facts.root}
    <Directory {facts.root}>
        Options FollowSymLinks
        AllowOverride None
        Require all granted
        # `.br` is no Breton here
        RemoveLanguage .br
        RemoveEncoding .br .gz
    </Directory>
    # Names of files of records may have any character, and two slashes in a row.
    AllowEncodedSlashes NoDecode
    MergeSlashes Off
    LimitRequestBody 0
    DirectorySlash Off
    RewriteEngine On
    RewriteRule "{facts.record}" - [E=RECORD:$1]
"""


def _wishes(facts: Facts) -> str:
    return f"""
    # Only who reads, and has no session, token or draft, gets a file.
    RewriteCond %{{REQUEST_METHOD}} !^(GET|HEAD)$ [OR]
    RewriteCond %{{QUERY_STRING}} "{PERSONAL}" [OR]
    RewriteCond %{{HTTP:Authorization}} . [OR,NV]
    RewriteCond %{{HTTP:Cookie}} "{SESSION}" [OR,NV]
    RewriteCond %{{REQUEST_URI}} "!{_SAFE}"
    RewriteRule ^ - [END]

    # The page of a record that was withdrawn, once its address was answered with 410.
    RewriteCond %{{ENV:REDIRECT_STATUS}} =410
    RewriteRule /tombstone\\.html$ - [E=FILE:%{{REQUEST_URI}}]
    RewriteCond %{{ENV:REDIRECT_STATUS}} !=410
    RewriteRule "{facts.hidden}" - [END]
"""


def _files(facts: Facts) -> str:
    wishes = "\n".join(
        f'    RewriteCond %{{HTTP:Accept}} "={wish}" [NV]\n'
        f'    RewriteCond %{{HTTP:Accept-Profile}} ="" [NV]\n'
        f'    RewriteRule "{facts.negotiated}" - [E=FILE:%{{REQUEST_URI}}/{name}]'
        for wish, name in facts.wishes.items()
    )
    compressed = "\n".join(
        f'    RewriteCond %{{HTTP:Accept-Encoding}} "(^|[ ,]){coding}( *[,;]|$)" [NV]\n'
        f'    RewriteCond %{{HTTP:Accept-Encoding}} "!(^|[ ,]){coding} *; *q=0(\\.0*)?( *,|$)" [NV]\n'
        f"    RewriteCond %{{DOCUMENT_ROOT}}%{{ENV:FILE}}.{end} -f\n"
        f"    RewriteRule ^ %{{DOCUMENT_ROOT}}%{{ENV:FILE}}.{end} [E=CODING:{coding},E=no-gzip:1,E=no-brotli:1,END]"
        for end, coding in ((end, _CODINGS[end]) for end in COMPRESSED)
    )
    return f"""
    # Which file an address means. Whoever asks as browsers and crawlers do gets the page; who asks for one format, and
    # nothing else, gets its file. Any other wish is weighed by the service.
    RewriteCond %{{ENV:FILE}} =""
    RewriteRule "{facts.document}" - [E=FILE:%{{REQUEST_URI}}]
{wishes}
    RewriteCond %{{HTTP:Accept}} "{WANTS_PAGE}" [NV]
    RewriteCond %{{HTTP:Accept-Profile}} ="" [NV]
    RewriteCond %{{ENV:FILE}} =""
    RewriteRule ^ - [E=PAGE:1]
    RewriteCond %{{ENV:PAGE}} =1
    RewriteRule "{facts.folder}" - [E=FILE:$1index.html]
    RewriteCond %{{ENV:PAGE}} =1
    RewriteRule "{facts.bare}" - [E=FILE:%{{REQUEST_URI}}/index.html]

    # What is left of a record that was withdrawn.
    RewriteCond %{{ENV:PAGE}} =1
    RewriteCond %{{REQUEST_URI}} "{facts.landing}"
    RewriteCond %{{DOCUMENT_ROOT}}%{{REQUEST_URI}}/tombstone.html -f
    RewriteRule ^/(.*)$ - [E=GONE:$1,G]
    ErrorDocument 410 "/%{{reqenv:GONE}}/tombstone.html"

    # Whatever is not on the disk is the service's; what lies compressed beside a file is taken where it may be.
    RewriteCond %{{ENV:FILE}} =""
    RewriteRule ^ - [END]
    RewriteCond %{{DOCUMENT_ROOT}}%{{ENV:FILE}} !-f
    RewriteRule ^ - [E=!FILE,END]
    RewriteRule ^ - [E=STATIC:1]

    # Media types: by the end of a name, then of files whose names do not tell.
{_types(facts)}

{compressed}
    RewriteRule ^ %{{DOCUMENT_ROOT}}%{{ENV:FILE}} [END]
"""


def _types(facts: Facts) -> str:
    """The last rule that matches decides."""
    rules = [*(Rule(rf"\.{end}$", media_type) for end, media_type in SUFFIXES.items()), *reversed(facts.types)]
    return "\n".join(
        f"    RewriteCond %{{ENV:FILE}} \"{rule.path}\"\n    RewriteRule ^ - '[T={rule.value}]'" for rule in rules
    )


def _headers(facts: Facts) -> list[str]:
    lines = [f'    Header always set {name} "{value}" env=STATIC' for name, value in facts.always]
    for header in facts.headers:
        lines += _header(header)
    return [
        *lines,
        "    Header always set Content-Encoding %{CODING}e env=CODING",
        "    Header always merge Vary Accept-Encoding env=STATIC",
        f"    AddOutputFilterByType DEFLATE text/html {' '.join(COMPRESSIBLE)}",
        "    DeflateAlterETag NoChange",
    ]


def _header(header: Header) -> list[str]:
    lines = []
    for path, spared, value in header.set_in_turn():
        wanted = ["-n reqenv('STATIC')"]
        wanted += [f"reqenv('FILE') =~ m#{path}#"] if path else []
        wanted += [f"! (reqenv('FILE') =~ m#{spared}#)"] if spared else []
        said = filled(value, "%{RECORD}e", "%{FILE}e").replace('"', '\\"')
        lines.append(f'    Header always set {header.name} "{said}" "expr={" && ".join(wanted)}"')
    return lines


def _service(facts: Facts) -> str:
    return f"""
    # Uploads and downloads pass through; S3 may take two minutes to put an upload in parts together.
    ProxyPreserveHost On
    ProxyPass / http://{facts.service}/ nocanon timeout=180
</VirtualHost>
"""
