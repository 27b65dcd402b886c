"""What every search engine must do, as functions: each adapter's tests call all of RULES.

KIT = Kit(make=lambda folder: (SomeIndex(folder), SomeEngine(folder)))

@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_some_engine(rule, tmp_path):
    rule(KIT, tmp_path)
"""

from collections.abc import Callable
from pathlib import Path

from tests.search import rules_completing, rules_finding, rules_seeing, rules_storing, rules_walking
from tests.search.kit import Kit

RULES: tuple[Callable[[Kit, Path], None], ...] = (
    rules_finding.queries_find_what_they_say,
    rules_finding.what_can_not_be_asked_is_refused,
    rules_finding.without_an_index_there_are_no_hits,
    rules_finding.facets_count_without_their_own_selection,
    rules_finding.selections_are_any_of_each_facet_and_all_facets,
    rules_finding.sorts_go_by_number_then_by_id,
    rules_finding.a_page_that_crosses_the_window_is_cut,
    rules_finding.the_known_item_comes_first,
    rules_finding.hyphenated_words_are_found_in_all_spellings,
    rules_finding.all_scripts_and_hostile_texts_are_found,
    rules_seeing.the_newest_version_that_one_may_see_is_found,
    rules_seeing.closed_records_leave_no_trace,
    rules_storing.an_older_position_never_comes_back,
    rules_storing.an_entry_that_can_not_be_indexed_changes_nothing,
    rules_storing.a_new_generation_takes_over_at_once,
    rules_finding.organisations_and_open_intervals_do_no_harm,
    rules_finding.forms_of_words_are_found_behind_the_word_itself,
    rules_finding.keys_are_counted_and_selected_as_they_are_written,
    rules_finding.a_chosen_key_is_shown_however_rare,
    rules_walking.a_walk_by_keys_meets_each_hit_once,
    rules_walking.a_walk_goes_past_the_window,
    rules_walking.a_walk_goes_on_while_records_come_and_go,
    rules_completing.beginnings_of_titles_names_and_identifiers_are_found,
    rules_completing.corrections_lead_to_hits,
    rules_completing.corrections_are_as_if_closed_records_were_not_there,
)
