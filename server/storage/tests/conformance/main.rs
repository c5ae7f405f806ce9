//! What the archive promises, told once and run on both engines, each story on a fresh database.
//!
//! A function of a module that the list below leaves out is dead code, which the compiler reports.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod amendments;
mod amount_answers;
mod applications;
mod carts;
mod cases;
mod catalogue;
mod document_accesses;
mod fee_quotes;
mod flow_reports;
mod imports;
mod jobs;
mod many_positions;
mod messages;
mod notice_numbers;
mod notices;
mod outcomes;
mod position_feed;
mod positions;
mod print_batches;
mod receipts;
mod search;
mod support;
mod transactions;
mod transitions;

use storage::testing::TestStore;

macro_rules! conformance {
    ($($module:ident { $($story:ident,)+ })+) => {
        mod sqlite {
            use super::TestStore;
            $($(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$module::$story(&TestStore::sqlite().await).await;
            })+)+
        }
        mod postgres {
            use super::TestStore;
            $($(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                if let Some(store) = TestStore::postgres().await {
                    super::$module::$story(&store).await;
                }
            })+)+
        }
    };
}

conformance! {
    catalogue {
        an_institution_is_kept_whole_and_brought_up_to_date,
        institutions_are_listed_by_fiscal_code,
        a_service_is_kept_whole_and_brought_up_to_date,
        how_a_service_is_paid_at_providers_is_kept_and_withdrawn,
        the_tariff_of_a_service_and_its_life_events_are_kept_and_withdrawn,
        which_program_says_what_is_due_is_kept_and_withdrawn,
        a_service_of_an_institution_not_served_here_is_refused,
        what_an_institution_prints_is_kept_and_replaced,
        a_rating_has_one_to_five_stars_and_at_most_two_hundred_characters,
    }
    positions {
        a_position_is_read_back_as_it_was_written,
        a_position_in_any_state_is_read_back_as_it_was_written,
        the_same_key_is_refused_in_one_institution_and_accepted_in_another,
        the_same_number_is_refused_in_one_institution_and_accepted_in_another,
        the_same_payment_reference_is_refused_in_one_institution_and_accepted_in_another,
        a_position_of_an_unknown_service_is_refused,
        a_refused_position_leaves_nothing_behind,
        an_option_can_have_ninety_nine_instalments,
    }
    many_positions {
        many_positions_are_read_back_as_they_were_written,
        many_positions_meet_the_same_constraints_as_one,
        after_a_mark_a_failed_row_leaves_the_others,
        one_by_one_goes_on_after_many,
    }
    imports {
        an_import_is_read_back_as_it_was_written,
        the_same_file_is_one_import_of_its_institution_until_it_came_to_nothing,
        an_import_moved_from_an_older_version_is_a_conflict,
        pieces_are_listed_in_order_and_leave_with_their_import,
        an_import_belongs_to_one_institution,
    }
    notices {
        a_notice_carries_what_its_position_and_option_say,
        a_notice_belongs_to_one_institution,
        a_notice_is_all_postal_when_every_transfer_is,
        notices_of_every_institution_are_found_by_number_and_by_payment_reference,
        at_most_twenty_notices_are_found_by_number,
        a_payable_notice_comes_with_debtor_and_transfers,
        the_notices_of_a_position_are_listed_in_order,
        a_row_the_domain_cannot_read_is_named,
    }
    transitions {
        a_receipt_moves_its_position_and_marks_its_notice,
        instalments_are_paid_one_after_the_other,
        a_transition_from_an_older_version_is_a_conflict,
        of_many_receipts_at_once_one_pays,
        events_are_kept_in_their_order,
        a_position_expires_the_day_after_its_last_day,
        a_position_that_can_still_be_paid_does_not_expire,
        the_longest_over_expire_first_and_a_few_at_a_time,
    }
    amendments {
        what_is_amended_is_read_back_and_noted_in_the_history,
        an_amendment_from_an_older_version_is_a_conflict,
        an_expired_position_is_payable_again_and_expires_again,
        the_national_archive_is_told_of_an_amendment,
    }
    search {
        every_list_goes_on_from_any_place_and_shows_each_position_once,
        what_is_looked_for_is_found_and_nothing_else,
        a_list_is_of_one_institution,
        lists_are_read_along_their_indexes,
    }
    receipts {
        a_receipt_is_read_back_as_it_was_written,
        a_receipt_delivered_twice_is_kept_once,
        a_receipt_with_other_content_under_the_same_number_is_told,
        two_institutions_may_get_the_same_receipt,
        a_receipt_delivered_by_many_at_once_is_kept_once,
        a_receipt_of_an_unknown_institution_is_kept,
        a_receipt_is_opened_by_its_token_alone,
        an_access_token_is_never_used_twice,
        many_receipts_are_found_at_once,
        receipts_of_a_notice_are_listed_newest_first_to_their_recipient,
        receipts_are_counted_by_what_they_did,
        a_persons_receipts_are_found_a_few_at_a_time,
        an_institutions_receipts_come_newest_first_with_their_positions,
    }
    messages {
        messages_are_kept_byte_by_byte,
        a_batch_of_any_size_is_kept,
        a_message_key_is_never_used_twice,
        messages_of_a_notice_are_listed_as_they_came,
        a_request_is_found_by_what_its_answer_says,
        messages_are_found_by_payment_reference_also_inside_a_notice_number,
        messages_of_a_period_are_found_its_end_excluded,
        old_messages_are_deleted_a_few_at_a_time,
    }
    flow_reports {
        a_flow_is_read_back_as_it_was_written,
        a_flow_is_announced_once_and_fetched_once,
        a_flow_fetched_by_many_at_once_is_kept_once,
        flows_are_fetched_oldest_first_and_never_a_revision_that_was_superseded,
        a_flow_of_ten_thousand_payments_is_kept_whole,
        a_payment_without_its_receipt_is_found,
        only_the_last_revision_of_a_flow_misses_receipts,
        a_receipt_asked_for_lately_or_often_is_not_missing_for_now,
        questions_are_counted_and_their_answers_noted,
        two_never_count_at_the_same_time,
    }
    notice_numbers {
        bases_are_reserved_in_a_row_for_each_institution,
        a_base_of_an_undone_transaction_is_given_out_again,
        many_at_once_never_get_the_same_base,
        bases_of_an_institution_not_served_here_are_refused,
    }
    cases {
        a_case_is_read_back_as_it_was_written,
        a_case_told_twice_is_kept_once,
        cases_are_listed_oldest_first_a_page_at_a_time,
        a_case_is_its_institutions_alone,
    }
    jobs {
        a_job_is_taken_once_and_ends,
        a_job_left_in_an_undone_transaction_was_never_left,
        a_job_waits_for_its_time_and_the_longest_due_goes_first,
        of_two_jobs_with_one_key_one_waits_with_what_was_said_last,
        a_job_taken_by_name_need_not_be_due_and_is_nobody_elses_meanwhile,
        what_is_asked_for_while_it_is_done_is_done_again,
        a_job_of_a_worker_that_is_gone_is_taken_up_again,
        a_failed_job_waits_and_keeps_count_and_reason,
        a_job_given_up_rests_until_somebody_revives_it,
        workers_that_come_together_never_take_the_same_job,
        jobs_that_ended_leave_a_few_at_a_time,
    }
    outcomes {
        a_fact_told_twice_is_recorded_once,
        a_transition_records_what_is_told_of_it_or_nothing,
        a_thousand_facts_are_recorded_in_their_order,
        facts_are_put_into_feeds_by_one_at_a_time,
        a_feed_is_read_by_number_and_acknowledged_upwards,
        an_endpoint_is_read_back_and_belongs_to_one_application,
        of_a_subject_only_the_first_that_waits_is_due,
        what_waits_is_hurried_when_its_receiver_is_back,
        what_is_given_up_is_sent_again_on_request,
        what_waited_for_something_given_up_gets_its_own_time,
        a_replay_adds_what_an_endpoint_was_never_sent,
        a_day_is_closed_once_and_found,
    }
    position_feed {
        a_new_position_and_a_changed_one_carry_the_mark,
        a_mark_outlives_what_was_sent_before_the_last_change,
        marks_are_listed_by_institution_and_a_few_at_a_time,
        what_an_archive_holds_is_read_back_as_it_was_recorded,
        a_position_in_a_file_waits_for_the_report,
        a_file_given_up_leaves_its_positions_to_be_read,
        what_was_refused_is_listed_counted_and_marked_again,
        open_positions_never_told_of_and_those_of_a_service_are_marked,
    }
    fee_quotes {
        a_quote_is_read_back_as_it_was_written,
        a_notice_of_another_institution_or_without_a_quote_has_none,
        a_token_keeps_one_quote,
        of_many_under_one_token_at_once_one_is_kept,
        a_version_of_a_tariff_is_kept_once_with_its_text,
        a_quote_without_its_version_or_its_position_is_refused,
    }
    document_accesses {
        an_access_is_read_back_as_it_was_written,
        accesses_are_those_of_one_document_the_newest_first,
        old_accesses_are_deleted_a_few_at_a_time,
    }
    print_batches {
        a_batch_is_read_back_as_it_was_written,
        a_batch_of_an_institution_not_served_here_is_refused,
        candidates_are_open_positions_that_fit_and_come_by_key,
        positions_are_chosen_by_one_worker,
        a_volume_is_made_by_one_worker_and_takes_its_items_with_it,
        a_stopped_batch_makes_no_volume_until_it_runs_again,
        lines_are_listed_in_the_order_of_the_batch,
        batches_that_ended_leave_with_all_they_had,
    }
    applications {
        an_application_is_read_back_as_it_was_written_and_changed,
        an_id_is_one_applications_and_an_application_stays_where_it_is,
        a_secret_is_kept_used_and_taken_back,
        what_is_asked_under_a_key_is_answered_once,
        of_many_under_one_key_at_once_one_goes_on,
        old_requests_are_deleted_a_few_at_a_time,
    }
    carts {
        a_cart_is_read_back_as_it_was_written,
        a_cart_goes_from_state_to_state,
        of_two_returns_at_once_one_is_kept,
        a_cart_token_is_never_used_twice,
        a_payment_is_open_from_the_hand_off_until_it_ends,
        an_open_payment_is_forgotten_after_a_while,
        old_carts_are_deleted_with_their_items,
    }
    amount_answers {
        the_answer_asked_for_last_stays,
        an_answer_about_a_notice_is_its_institutions_alone,
    }
    transactions {
        what_is_not_committed_is_undone,
        a_transaction_sees_what_it_wrote_and_others_do_not_until_it_commits,
        a_snapshot_sees_one_moment,
        a_snapshot_cannot_write,
        what_is_dropped_half_way_is_not_handed_on,
        instants_are_kept_to_the_microsecond_and_compared_right,
        what_is_committed_is_there_for_a_new_connection,
        statistics_are_gathered_as_often_as_asked,
    }
}
