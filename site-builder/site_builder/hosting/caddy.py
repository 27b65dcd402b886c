"""Rules for Caddy, 2.6 or later."""

from site_builder.hosting.facts import COMPRESSED, SESSION, SUFFIXES, WANTS_PAGE, Facts, Header, filled
from site_builder.hosting.words import introduced, joined
from site_builder.rendering import PERSONAL_ARGUMENTS

_HOW = """The three variables may be set, or their values written in their places; with a host as its address Caddy
fetches a certificate by itself. Set `serve.proxies = 1`."""
_ENCODINGS = {"br": "br", "gz": "gzip"}


def write(facts: Facts) -> str:
    return joined(introduced("Caddy", _HOW), _matchers(), _headers(facts), _site(facts))


def _matchers() -> str:
    personal = "\n".join(f"\tnot query {name}=*" for name in PERSONAL_ARGUMENTS)
    return f"""
# Nobody's session, nothing but reading: what may be a frozen file.
(anonymous) {{
	method GET HEAD
{personal}
	not header Authorization *
	not header_regexp Cookie "{SESSION}"
}}

# Whoever asks as browsers and crawlers do gets the page; any other wish is weighed by the service.
(html) {{
	not header Accept-Profile *
	not {{
		header Accept *
		not header_regexp Accept "{WANTS_PAGE}"
	}}
}}
"""


def _types(facts: Facts) -> list[str]:
    """The last one that matches decides; the path is the file's by now."""
    lines = ["\t# Media types: by the end of a name, then of files whose names do not tell."]
    for end, media_type in SUFFIXES.items():
        lines += _when(f"type_{end}", rf"\.{end}$", "", f"Content-Type `{media_type}`")
    for number, rule in reversed([*enumerate(facts.types)]):
        lines += _when(f"type_{number}", rule.path, "", f"Content-Type `{rule.value}`")
    return lines


def _headers(facts: Facts) -> str:
    lines = ["# Headers of what lies on the disk, as the service sends them.", "(frozen) {", *_types(facts), ""]
    lines += [f"\theader {name} `{value}`" for name, value in facts.always]
    lines += [f"\t@record path_regexp record {facts.record}", "\tvars @record record {re.record.1}"]
    for header in facts.headers:
        lines += _header(header)
    return "\n".join((*lines, "\theader +Vary Accept-Encoding", "\tencode gzip", "}"))


def _header(header: Header) -> list[str]:
    lines: list[str] = []
    for number, (path, spared, value) in enumerate(header.set_in_turn()):
        lines += _when(f"{header.key}_{number}", path, spared, f"{header.name} `{_filled(value)}`")
    return lines


def _when(name: str, path: str, spared: str, field: str) -> list[str]:
    """Sets a field where the path matches one expression and not the other; an empty one counts for nothing."""
    if path and not spared:
        return [f'\t@{name} path_regexp "{path}"', f"\theader @{name} {field}"]
    matchers = [f'\t\tpath_regexp "{path}"'] if path else []
    matchers += [f'\t\tnot path_regexp "{spared}"'] if spared else []
    return [f"\t@{name} {{", *matchers, "\t}", f"\theader @{name} {field}"] if matchers else [f"\theader {field}"]


def _filled(value: str) -> str:
    return filled(value, "{vars.record}", "{path}")


def _site(facts: Facts) -> str:
    formats = "\n".join(f'\t\t"{wish}" "{name}"' for wish, name in facts.wishes.items())
    beside = " ".join(_ENCODINGS[end] for end in COMPRESSED)
    return f"""
{{$COLOPHON_ADDRESS:{facts.url}}} {{
	root * {{$COLOPHON_FROZEN:{facts.root}}}

	# Who asks for one format of a record, and nothing else, gets its file.
	map {{header.Accept}} {{colophon_format}} {{
{formats}
		default .none
	}}

	@tombstone {{
		import anonymous
		import html
		path_regexp "{facts.landing}"
		file {{path}}/tombstone.html
	}}
	@format {{
		import anonymous
		not header Accept-Profile *
		path_regexp "{facts.negotiated}"
		file {{path}}/{{colophon_format}}
	}}
	@document {{
		import anonymous
		path_regexp "{facts.document}"
		not path_regexp "{facts.hidden}"
		file {{path}}
	}}
	@bare {{
		import anonymous
		import html
		path_regexp "{facts.bare}"
		file {{path}}/index.html
	}}
	@folder {{
		import anonymous
		import html
		path_regexp "{facts.folder}"
		not path_regexp "{facts.hidden}"
		file {{path}}index.html
	}}

	route {{
		route @tombstone {{
			rewrite * {{path}}/tombstone.html
			import frozen
			file_server {{
				precompressed {beside}
				status 410
			}}
		}}
		route @format {{
			rewrite * {{path}}/{{colophon_format}}
			import frozen
			file_server {{
				precompressed {beside}
			}}
		}}
		route @document {{
			import frozen
			file_server {{
				precompressed {beside}
			}}
		}}
		route @bare {{
			rewrite * {{path}}/index.html
			import frozen
			file_server {{
				precompressed {beside}
			}}
		}}
		route @folder {{
			rewrite * {{path}}index.html
			import frozen
			file_server {{
				precompressed {beside}
			}}
		}}
		# Uploads and downloads pass through; S3 may take two minutes to put an upload in parts together.
		reverse_proxy {{$COLOPHON_SERVICE:{facts.service}}} {{
			flush_interval -1
			transport http {{
				response_header_timeout 180s
			}}
		}}
	}}
}}
"""
