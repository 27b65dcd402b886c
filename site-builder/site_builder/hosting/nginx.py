"""Rules for nginx, to be included in `http { … }`."""

import re

from site_builder.hosting.facts import (
    COMPRESSIBLE,
    LIVE,
    PERSONAL,
    SESSION,
    SUFFIXES,
    WANTS_PAGE,
    Facts,
    Header,
    filled,
)
from site_builder.hosting.words import introduced, joined

LIVE_PREFIX = "/.service"
"""A prefix that names no file sends a request to the service: what is mapped is empty where a frozen file will do."""


def write(facts: Facts) -> str:
    said = introduced("nginx", _HOW)
    return joined(said, _upstream(facts), _wishes(facts), _headers(facts), _server(facts))


_HOW = """To be included in `http { … }`, as what lies in /etc/nginx/conf.d is. Look at the lines marked HERE, add TLS,
and set `serve.proxies = 1`."""


def _upstream(facts: Facts) -> str:
    return f"""
upstream colophon {{
    server {facts.service};{" " * max(1, 49 - len(facts.service))}# HERE: host and port of `colophon serve`
    keepalive 32;
}}
"""


def _map(source: str, target: str, *rules: tuple[str, str], otherwise: str = "") -> str:
    """The first regular expression that matches decides, texts (no `~`) before all of them."""
    lines = [f'    default "{otherwise}";', *(f'    "{wanted}" {_quoted(value)};' for wanted, value in rules)]
    return "\n".join((f"map {source} ${target} {{", *lines, "}"))


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _wishes(facts: Facts) -> str:
    formats = [(f":{wish}", name) for wish, name in facts.wishes.items()]
    return joined(
        "# A prefix that names no file sends a request to the service: these are empty where a frozen file will do.",
        _map("$request_method", "colophon_method", ("GET", ""), ("HEAD", ""), otherwise=LIVE_PREFIX),
        _map("$args", "colophon_arguments", (f"~{PERSONAL}", LIVE_PREFIX)),
        _map("$http_authorization", "colophon_token", ("", ""), otherwise=LIVE_PREFIX),
        _map("$http_cookie", "colophon_session", (f"~{SESSION}", LIVE_PREFIX)),
        _map(
            '"$colophon_method$colophon_arguments$colophon_token$colophon_session"',
            "colophon_live",
            ("", ""),
            otherwise=LIVE_PREFIX,
        ),
        "# Whoever asks as browsers and crawlers do gets the page; who asks for one format, and nothing else, gets\n"
        "# its file. Any other wish is weighed by the service.",
        _map("$http_accept", "colophon_accept", (f"~{WANTS_PAGE}", ""), otherwise=LIVE_PREFIX),
        _map("$http_accept_profile", "colophon_profile", ("", ""), otherwise=LIVE_PREFIX),
        _map('"$colophon_live$colophon_accept$colophon_profile"', "colophon_page", ("", ""), otherwise=LIVE_PREFIX),
        _map('"$colophon_live$colophon_profile:$http_accept"', "colophon_format", *formats),
        "# Which file an address means.",
        _map(
            "$uri",
            "colophon_file",
            (f"~{facts.hidden}", LIVE_PREFIX),
            (f"~{facts.document}", "$colophon_live$uri"),
            (f"~{facts.bare}", "$colophon_page$uri/index.html"),
            (f"~{facts.folder}", "$colophon_page${uri}index.html"),
            otherwise=LIVE_PREFIX,
        ),
    )


def _headers(facts: Facts) -> str:
    record = re.sub(r"\(\[\^/\]\+\)", "(?<colophon_id>[^/]+)", facts.record)
    return joined(
        "# Headers of what lies on the disk, as the service sends them.",
        _map("$uri", "colophon_record", (f"~{record}", "$colophon_id")),
        *(_header(header) for header in facts.headers if header.rules),
    )


def _header(header: Header) -> str:
    rules = [(f"~{rule.path}", _filled(rule.value)) for rule in header.rules]
    return _map("$uri", f"colophon_{header.key}", *rules, otherwise=_filled(header.otherwise))


def _filled(value: str) -> str:
    return filled(value, "$colophon_record", "$uri")


def _server(facts: Facts) -> str:
    proxied = "\n".join(f"    location {path} {{ proxy_pass http://colophon; }}" for path in LIVE)
    suffixes = "\n".join(f"            {kind.partition(';')[0]} {end};" for end, kind in SUFFIXES.items())
    always = [f'        add_header {name} "{value}" always;' for name, value in facts.always]
    varying = [f"        add_header {one.name} $colophon_{one.key} always;" for one in facts.headers]
    typed = "\n".join(_typed(rule.path, rule.value) for rule in facts.types)
    return f"""
server {{
    listen 80;                                              # HERE: with TLS, `listen 443 ssl http2;` and more
    server_name {facts.host};
    root {facts.root};{" " * max(1, 48 - len(facts.root))}# the folder `current` in `site.output`

    merge_slashes off;                                      # names of files may have two in a row
    server_tokens off;
    client_max_body_size 0;                                 # `files.max_size` says what is too large

    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_request_buffering off;                            # uploads and downloads pass through
    proxy_max_temp_file_size 0;
    proxy_read_timeout 180s;                                # S3 may take two minutes to put an upload in parts together

{proxied}
    location @service {{ proxy_pass http://colophon; }}

    location / {{
        try_files $colophon_file @service;

        gzip_static on;                                     # what lies compressed beside a file
        # brotli_static on;                                 # HERE: with the module ngx_http_brotli_static_module
        gzip on;                                            # what does not yet
        gzip_vary on;
        gzip_types {" ".join(COMPRESSIBLE)};
        charset utf-8;
        charset_types text/plain;                           # and text/html, as always
        types {{
{suffixes}
        }}
{chr(10).join(always + varying)}

        location ~ ^/records/[^/]+/files/ {{ proxy_pass http://colophon; }}

        # A landing page, one of its formats, or what is left of a record that was withdrawn.
        location ~ "{facts.landing}" {{
            if (-f $document_root$uri/$colophon_format) {{ rewrite "{facts.negotiated}" $uri/$colophon_format last; }}
            if (-f $document_root$colophon_page$uri/tombstone.html) {{ return 410; }}
            error_page 410 $uri/tombstone.html;
            try_files $colophon_file @service;
        }}
        location ~ /tombstone\\.html$ {{
            internal;
            error_page 404 = @service;
        }}

        # Files whose names do not tell what they are.
{typed}
    }}
}}
"""


def _typed(path: str, media_type: str) -> str:
    return f"""        location ~ "{path}" {{
            types {{ }}
            default_type '{media_type}';
            try_files $colophon_file @service;
        }}"""
