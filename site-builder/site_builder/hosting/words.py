"""What stands in the rules for every kind of host."""

_NOTE = """Colophon behind {host}: the frozen site from the disk, everything else from `colophon serve`.

Made by `colophon site rules`, from the settings of the instance.
{how}

All rules go by the form of an address; there is none for a single record. What a rule does not recognise goes to the
service, which is always right and only slower."""


def introduced(host: str, how: str, mark: str = "#") -> str:
    """The comment at the top. `how`: what has to be done with the file."""
    return commented(_NOTE.format(host=host, how=how), mark)


def commented(text: str, mark: str = "#") -> str:
    return "\n".join(f"{mark} {line}".rstrip() for line in text.splitlines())


def joined(*parts: str) -> str:
    """Parts with an empty line between them, and one line end in the end."""
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"
