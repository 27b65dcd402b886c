"""Lists of a provider that come in no order, lose their tokens, or never end."""

import re
from collections.abc import Callable

import pytest

from repository.errors import Unreachable
from repository.services.instance import Instance
from tests.servers.small_provider import Answer, Arguments, Record, SmallProvider, numbered
from tests.services.harvests import counts, harvested, once


def test_another_wish_begins_another_list(instance: Instance, provider: SmallProvider) -> None:
    provider.disturb = lambda arguments: Answer(status=503) if "resumptionToken" in arguments else None
    with pytest.raises(Unreachable):
        harvested(instance, provider)
    provider.disturb = lambda _arguments: None
    harvested(instance, provider, begin="2024-01-04")
    assert provider.asked()[0] == {"metadataPrefix": "oai_dc", "from": "2024-01-04T00:00:00Z"}


def test_a_forgotten_token_means_the_last_datestamp(instance: Instance, provider: SmallProvider) -> None:
    provider.forgotten = {4}
    assert counts(harvested(instance, provider)[0]) == (5, 0, 0, 0)
    assert provider.asked() == [
        {"metadataPrefix": "oai_dc"},
        {"resumptionToken": "2|"},
        {"resumptionToken": "4|"},
        {"metadataPrefix": "oai_dc", "from": "2024-01-04T00:00:00Z"},
    ]


def test_a_list_in_no_order_is_begun_again(instance: Instance, provider: SmallProvider) -> None:
    """From the last datestamp, documents 1 and 3 would be missed."""
    provider.records = [numbered(number) for number in (4, 2, 5, 1, 3)]
    forgotten = {4}

    def forget_once(arguments: Arguments) -> Answer | None:
        provider.forgotten = forgotten
        if arguments.get("resumptionToken") == "4|" and forgotten:
            answer = Answer(provider.answer(arguments).encode())
            forgotten.clear()
            return answer
        return None

    provider.disturb = forget_once
    assert counts(harvested(instance, provider)[0]) == (5, 0, 0, 0)
    assert provider.asked()[3] == {"metadataPrefix": "oai_dc"}


def forgetting_once(provider: SmallProvider, offset: int) -> Callable[[Arguments], Answer | None]:
    return once(
        Answer(provider.response(provider.error("badResumptionToken"), {}).encode()),
        lambda arguments: arguments.get("resumptionToken", "").startswith(f"{offset}|"),
    )


@pytest.mark.parametrize(
    ("order", "offset"), [((4, 5, 1, 2, 3), 2), ((4, 4, 4, 4, 3), 4)], ids=["one page", "no page later than the other"]
)
def test_a_list_that_has_not_shown_its_order_is_begun_again(
    instance: Instance, provider: SmallProvider, order: tuple[int, ...], offset: int
) -> None:
    """It is in order so far, which says nothing: from the last datestamp, what is earlier would be missed for good."""
    provider.records = [numbered(number + 1, f"2024-01-{day:02}T00:00:00Z") for number, day in enumerate(order)]
    provider.disturb = forgetting_once(provider, offset)
    done, _ = harvested(instance, provider)
    assert (counts(done), done.broken_off) == ((5, 0, 0, 0), "")
    assert {"metadataPrefix": "oai_dc"} in provider.asked()[1:]


def test_a_list_that_is_begun_again_may_show_its_order_then(instance: Instance, provider: SmallProvider) -> None:
    """The token is refused after one page, and after the third one when the list has been begun again."""
    first, second = forgetting_once(provider, 2), forgetting_once(provider, 4)
    provider.disturb = lambda arguments: first(arguments) or second(arguments)
    assert counts(harvested(instance, provider)[0]) == (5, 0, 0, 0)
    assert [arguments.get("from") for arguments in provider.asked() if "resumptionToken" not in arguments] == [
        None,
        None,
        "2024-01-04T00:00:00Z",
    ]


def test_a_token_that_stays_the_same_may_lead_on(instance: Instance, provider: SmallProvider) -> None:
    """Some providers keep the place in a list to themselves; also where everything of it is here already."""
    page = provider.answer({"verb": "ListRecords"})
    pages = [page, page.replace("small:1<", "small:8<").replace("small:2<", "small:9<")]
    last = re.sub("<resumptionToken>.*</resumptionToken>", "", page)
    for added in (4, 0):
        left = [*pages, last]
        provider.disturb = lambda asked, left=left: Answer(left.pop(0).encode()) if "List" in asked["verb"] else None
        done, _ = harvested(instance, provider, begin="2024-01-01")
        assert (counts(done), done.broken_off) == ((added, 0, 0, 0), "")


def test_tokens_that_are_never_taken_break_the_harvest_off(instance: Instance, provider: SmallProvider) -> None:
    provider.records = [numbered(number, "2024-01-01T00:00:00Z") for number in range(1, 6)]
    provider.forgotten = {2}
    done, _ = harvested(instance, provider)
    assert "tokens" in done.broken_off
    assert done.imported.added == 2


def test_a_list_without_end_is_broken_off(instance: Instance, provider: SmallProvider) -> None:
    page = provider.answer({"verb": "ListRecords"}).encode()
    provider.disturb = lambda arguments: Answer(page) if "resumptionToken" in arguments else None
    done, _ = harvested(instance, provider)
    assert "end" in done.broken_off
    assert done.imported.added == 2


def circling(provider: SmallProvider, verb: str) -> Callable[[Arguments], Answer | None]:
    """The list of a verb leads from its second page to its first one, under tokens that are new each time."""
    first, second = (provider.answer({"verb": verb, "resumptionToken": token}) for token in ("0|", "2|"))
    tokens = iter(range(1000, 1_000_000))

    def answer(arguments: Arguments) -> Answer | None:
        if arguments["verb"] != verb:
            return None
        number = next(tokens)
        page = (first, second)[number % 2]
        return Answer(re.sub("<resumptionToken>[^<]*", f"<resumptionToken>{number}", page).encode())

    return answer


@pytest.mark.timeout(120)
def test_a_list_that_leads_in_a_circle_is_broken_off(instance: Instance, provider: SmallProvider) -> None:
    """Also where some of its records are refused each time."""
    provider.records[1] = Record("oai:small:2", "2024-01-02T00:00:00Z", "<unknown xmlns='urn:x'/>")
    provider.disturb = circling(provider, "ListRecords")
    done, _ = harvested(instance, provider)
    assert "end" in done.broken_off
    assert done.imported.added == 3
    assert len(provider.asked()) < 200


@pytest.mark.timeout(120)
def test_a_list_of_identifiers_that_leads_in_a_circle_is_broken_off(
    instance: Instance, provider: SmallProvider
) -> None:
    circle = circling(provider, "ListIdentifiers")
    fails = Answer(b"<html><p>Internal error</html>")
    provider.disturb = lambda arguments: fails if arguments["verb"] == "ListRecords" else circle(arguments)
    done, _ = harvested(instance, provider)
    assert "end" in done.broken_off
    assert done.imported.added == 4


@pytest.mark.timeout(120)
def test_a_list_may_repeat_what_it_had_for_a_while(instance: Instance, provider: SmallProvider) -> None:
    """Records that are added before the others shift a list whose tokens are offsets."""
    page = provider.answer({"verb": "ListRecords"})
    again = [Answer(page.replace("2|", f"{number or 2}|").encode()) for number in (0, *range(100, 120))]
    provider.disturb = lambda arguments: again.pop() if "resumptionToken" in arguments and again else None
    done, _ = harvested(instance, provider)
    assert (counts(done), done.broken_off) == ((5, 0, 0, 0), "")


def test_a_list_that_comes_in_one_page_may_have_very_many_items(
    any_instance: Instance, provider: SmallProvider
) -> None:
    """More than a database takes values in one statement."""
    harvested(any_instance, provider)
    many = 70_000
    provider.records = [Record(f"oai:small:{number}", "2024-06-02T00:00:00Z") for number in range(2, many)]
    provider.page = many
    done, _ = harvested(any_instance, provider)
    assert (counts(done), done.broken_off) == ((0, 0, 4, 0), "")
