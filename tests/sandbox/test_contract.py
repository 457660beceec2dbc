"""The contract for a faithful simulator, row by row: each row and each acceptance check has named tests.

The rows are those of the fact sheet's section 10; a row without a test, or a test that is gone, fails here.
"""

import importlib

import pytest

ROWS = {
    "Time": {
        "test_consent": "test_a_code_is_good_for_an_hour",
        "test_acceptance": "test_a_short_lived_token_dies_after_an_hour "
        "test_a_token_is_refreshed_between_a_day_and_sixty_days test_an_expired_token_cannot_be_refreshed "
        "test_a_container_expires_after_a_day_and_a_new_one_publishes "
        "test_the_quota_is_counted_at_publish_and_frees_itself_after_a_day",
        "test_graph": "test_stories_have_a_list_of_their_own_for_a_day",
        "test_fetching": "test_the_four_hundred_and_first_container_of_a_day_is_refused",
        "test_facebook": "test_data_access_ends_ninety_days_after_the_last_login test_a_code_is_good_for_an_hour",
    },
    "OAuth": {
        "test_consent": "test_a_wrong_request_is_refused_on_instagrams_own_page test_a_code_is_good_once "
        "test_allowing_comes_back_with_code_and_state test_what_was_unticked_is_not_granted "
        "test_a_wrong_exchange_is_refused_and_leaves_the_code_usable",
        "test_acceptance": "test_the_shapes_of_the_token_answer_are_switchable",
        "test_facebook": "test_a_wrong_request_is_refused_on_facebooks_own_page test_a_code_is_good_once "
        "test_allowing_comes_back_with_code_state_and_facebooks_fragment "
        "test_denying_comes_back_with_facebooks_words test_permissions_are_listed_with_their_status "
        "test_a_wrong_exchange_is_refused_and_leaves_the_code_usable",
    },
    "Accounts": {
        "test_acceptance": "test_a_personal_account_signs_in_and_cannot_publish test_a_restricted_account_is_told_so",
        "test_facebook": "test_a_disconnected_page_has_no_account_any_more test_a_lost_role_kills_the_page_token "
        "test_a_page_that_needs_authorization_refuses_to_publish test_dead_sessions_tell_their_reason",
        "test_pages": "test_a_changed_password_kills_the_tokens test_a_page_is_changed_and_changed_back "
        "test_the_role_on_a_page_is_taken_away_and_given_back test_an_account_turns_personal_and_back",
    },
    "Ids": {
        "test_graph": "test_an_account_answers_to_its_two_ids_and_me",
        "test_facebook": "test_the_account_has_one_id_and_no_type_here "
        "test_a_family_of_tokens_is_refused_on_the_others_host",
    },
    "/media": {
        "test_parameters": "test_each_type_is_accepted_with_what_it_requires test_what_a_type_may_carry_is_accepted "
        "test_what_a_type_forbids_is_a_100 test_missing_and_contradictory_media_are_a_100 "
        "test_a_caption_beyond_its_limits_is_refused test_user_tags_on_a_picture "
        "test_some_parameters_are_facebooks_only test_a_place_is_a_page_with_a_location "
        "test_every_parameter_is_written_down_as_it_arrived",
        "test_fetching": "test_a_picture_is_fetched_as_metas_crawler_does test_only_a_plain_jpeg_is_a_picture "
        "test_other_shapes_are_refused test_a_picture_above_eight_mebibytes_is_refused "
        "test_the_four_hundred_and_first_container_of_a_day_is_refused",
    },
    "Fetch faults": {
        "test_fetching": "test_a_picture_that_cannot_be_had_is_a_9004_that_is_not_transient "
        "test_a_slow_host_is_a_minus_two test_robots_txt_is_honoured test_real_sockets_that_fail "
        "test_a_bad_host_of_a_film_shows_in_the_status"
    },
    "Processing": {
        "test_fetching": "test_a_film_takes_its_time",
        "test_faults": "test_a_scripted_outcome_of_a_container test_every_way_of_processing_to_fail_is_on_the_menu",
        "test_acceptance": "test_reads_fail_with_100_33_for_a_while_although_publishing_works",
    },
    "media_publish": {
        "test_publishing": "test_a_container_in_progress_is_not_available test_an_unknown_container_does_not_exist "
        "test_a_child_cannot_be_published_alone test_a_standalone_video_is_made_and_refused_when_published",
        "test_faults": "test_blocked_although_it_is_live test_not_ready_once_although_it_is_finished "
        "test_published_although_answered_500 "
        "test_a_spoilt_publish_is_done_only_when_the_script_says_after",
        "test_acceptance": "test_a_publish_that_timed_out_is_live_exactly_once",
    },
    "Publish twice": {"test_publishing": "test_a_second_publish_is_refused_and_makes_no_second_post"},
    "Reads": {
        "test_graph": "test_an_unknown_field_is_a_100 test_the_permalink_opens test_posts_are_listed_newest_first "
        "test_pages_follow_the_cursor test_since_and_until_cut_the_list "
        "test_stories_have_a_list_of_their_own_for_a_day "
        "test_new_posts_may_be_missing_from_the_list_for_a_while"
    },
    "Limit endpoint": {
        "test_graph": "test_the_quota_tells_only_its_usage_by_default test_the_quota_is_25_50_or_100",
        "test_acceptance": "test_the_quota_is_counted_at_publish_and_frees_itself_after_a_day",
    },
    "Comments/insights": {
        "test_acceptance": "test_a_comment_with_fields_is_written_and_answered_with_an_error",
        "test_conversation": "test_replies_are_listed_only_inside_what_they_answer "
        "test_a_comment_is_hidden_and_deleted test_missing_numbers_are_an_empty_list "
        "test_a_story_with_few_viewers_says_so test_one_metric_that_does_not_fit_fails_the_entire_call "
        "test_an_accounts_metrics_have_their_period_and_breakdowns test_deleting_is_facebooks_only",
    },
    "Resumable": {
        "test_upload": "test_a_wrong_offset_or_size_is_refused test_an_upload_that_broke_goes_on_where_it_stopped "
        "test_instagrams_tokens_are_unauthorized test_an_uploaded_reel_goes_live "
        "test_the_video_can_be_pulled_from_an_address test_a_second_complete_upload_is_refused"
    },
    "Rate limiting": {
        "test_faults": "test_usage_can_be_told_on_every_third_answer "
        "test_every_limit_can_be_switched_on_for_minutes test_a_throttle_tells_the_minutes_and_counts_on"
    },
    "Errors": {
        "test_faults": "test_every_row_of_the_error_tables_can_be_scripted "
        "test_user_texts_can_come_in_another_language",
        "test_fetching": "test_a_picture_that_cannot_be_had_is_a_9004_that_is_not_transient",
    },
    "Callbacks": {
        "test_callbacks": "test_a_signed_request_verifies_as_documented "
        "test_who_removes_the_app_on_instagram_is_told_and_loses_every_token "
        "test_a_deletion_is_answered_with_a_page_and_a_code test_a_webhook_is_verified_by_its_bare_challenge "
        "test_an_event_is_signed_over_its_raw_bytes "
        "test_an_event_that_fails_is_sent_again_less_and_less_often_for_36_hours"
    },
    "Unknown params": {
        "test_parameters": "test_unknown_parameters_are_ignored test_an_unknown_media_type_has_its_own_subcode"
    },
}
CHECKS = {
    "a": "test_a_photo_goes_live test_a_reel_goes_live test_a_picture_story_goes_live_without_its_caption "
    "test_a_video_story_goes_live test_a_carousel_goes_live_in_the_order_of_its_children",
    "b": "test_a_denial_comes_back_with_its_reason_and_state",
    "c": "test_a_token_is_refreshed_between_a_day_and_sixty_days test_an_expired_token_cannot_be_refreshed",
    "d": "test_a_carousel_with_a_failing_child_cannot_be_published",
    "e": "test_a_publish_that_timed_out_is_live_exactly_once",
    "f": "test_the_quota_is_counted_at_publish_and_frees_itself_after_a_day "
    "test_a_throttle_tells_its_minutes_grows_and_ends",
    "g": "test_reads_fail_with_100_33_for_a_while_although_publishing_works",
    "h": "test_a_container_expires_after_a_day_and_a_new_one_publishes",
    "i": "test_a_story_of_sixty_seconds_is_refused_when_published",
    "j": "test_a_comment_whose_answer_was_lost_is_found_in_the_list",
}
NAMED = [(row, module, name) for row, tests in ROWS.items() for module in tests for name in tests[module].split()]
NAMED += [(f"({letter})", "test_acceptance", name) for letter, names in CHECKS.items() for name in names.split()]


@pytest.mark.parametrize(("row", "module", "name"), NAMED)
def test_a_row_of_the_contract_has_its_tests(row, module, name):
    assert callable(getattr(importlib.import_module(f"tests.sandbox.{module}"), name, None))


def test_the_contract_is_whole():
    areas = (
        "Time|OAuth|Accounts|Ids|/media|Fetch faults|Processing|media_publish|Publish twice|Reads|Limit endpoint|"
        "Comments/insights|Resumable|Rate limiting|Errors|Callbacks|Unknown params"
    )
    assert list(ROWS) == areas.split("|")
    assert list(CHECKS) == list("abcdefghij")


@pytest.mark.parametrize("letter", sorted(set(CHECKS) - {"b", "c"}))
def test_a_check_runs_on_both_hosts(letter):
    """Both hosts, because the module's `token` is one of either family; denial and tokens differ by login."""
    module = importlib.import_module("tests.sandbox.test_acceptance")
    for name in CHECKS[letter].split():
        assert "token" in getattr(module, name).__code__.co_varnames
