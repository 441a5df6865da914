/* NULL where a handle or a place for a result must be. Texts that are NULL are among the bad texts. */
#include "misuse.h"

static void check_no_settings(const things *all) {
    regconf_settings *settings = UNTOUCHED;
    char *text = UNTOUCHED;
    REFUSED("out", regconf_settings_parse, "{}", 2, NULL);
    REFUSED("settings", regconf_settings_ensure, NULL, "{\"host\":\"a.lab\",\"insecure\":\"http\"}", 34);
    REFUSED("settings", regconf_settings_remove, NULL, "\"a.lab\"", 7);
    REFUSED("settings", regconf_settings_migrate, NULL);
    REFUSED("settings", regconf_settings_enable_cri, NULL);
    REFUSED("settings", regconf_settings_overlay, NULL, all->settings, &settings);
    REFUSED("over", regconf_settings_overlay, all->settings, NULL, &settings);
    REFUSED("out", regconf_settings_overlay, all->settings, all->settings, NULL);
    REFUSED("settings", regconf_settings_to_json, NULL, &text);
    REFUSED("out", regconf_settings_to_json, all->settings, NULL);
    REFUSED("settings", regconf_settings_fingerprint, NULL, &text);
    REFUSED("out", regconf_settings_fingerprint, all->settings, NULL);
    CHECK(settings == UNTOUCHED && text == UNTOUCHED);
    CHECK(!regconf_settings_equal(NULL, all->settings));
    CHECK(!regconf_settings_equal(all->settings, NULL));
    CHECK(!regconf_settings_equal(NULL, NULL));
}

static void check_no_facts(void) {
    REFUSED("facts", regconf_facts_add_file, NULL, "/f", "", 0);
    REFUSED("facts", regconf_facts_add_folder, NULL, "/f");
    REFUSED("facts", regconf_facts_add_answer, NULL, "{\"unit\":\"u\"}", 12, "\"absent\"", 8);
    REFUSED("facts", regconf_facts_set_version, NULL, "docker", "26.1.5");
    REFUSED("facts", regconf_facts_assume_version, NULL, "docker", "26.1.5");
    REFUSED("facts", regconf_facts_set_engine, NULL, "docker");
    REFUSED("facts", regconf_facts_set_engine, NULL, NULL);
    REFUSED("facts", regconf_facts_set_config_path, NULL, "docker", "/f");
}

static void check_no_plan(const things *all) {
    regconf_plan *plan = UNTOUCHED;
    size_t length = 1;
    char *text = UNTOUCHED;
    REFUSED("settings", regconf_plan_make, NULL, all->facts, &plan);
    REFUSED("facts", regconf_plan_make, all->settings, NULL, &plan);
    REFUSED("out", regconf_plan_make, all->settings, all->facts, NULL);
    REFUSED("plan", regconf_plan_diff, NULL, &text);
    REFUSED("out", regconf_plan_diff, all->plan, NULL);
    REFUSED("plan", regconf_plan_to_json, NULL, &text);
    REFUSED("out", regconf_plan_to_json, all->plan, NULL);
    REFUSED("plan", regconf_plan_explain, NULL, all->facts, IMAGE, &text);
    REFUSED("facts", regconf_plan_explain, all->plan, NULL, IMAGE, &text);
    REFUSED("out", regconf_plan_explain, all->plan, all->facts, IMAGE, NULL);
    REFUSED("plan", regconf_plan_explain_text, NULL, all->facts, IMAGE, &text);
    REFUSED("facts", regconf_plan_explain_text, all->plan, NULL, IMAGE, &text);
    REFUSED("out", regconf_plan_explain_text, all->plan, all->facts, IMAGE, NULL);
    CHECK(plan == UNTOUCHED && text == UNTOUCHED);
    CHECK(regconf_plan_is_empty(NULL));
    CHECK(regconf_plan_change_count(NULL) == 0);
    CHECK(regconf_plan_change_path(NULL, 0) == NULL);
    CHECK(regconf_plan_change_before(NULL, 0, &length) == NULL && length == 0);
    length = 1;
    CHECK(regconf_plan_change_after(NULL, 0, &length) == NULL && length == 0);
    CHECK(regconf_plan_change_before(all->plan, 1, NULL) != NULL);
    CHECK(regconf_plan_change_after(all->plan, 0, NULL) != NULL);
    CHECK(regconf_plan_change_mode(NULL, 0) == 0);
}

static void check_no_import(const things *all) {
    regconf_imported *imported = UNTOUCHED;
    regconf_nodes *nodes = UNTOUCHED;
    regconf_settings *settings = UNTOUCHED;
    char *text = UNTOUCHED, *remarks = UNTOUCHED;
    REFUSED("path", regconf_import_load, NULL, NULL, 0, &imported);
    REFUSED("out", regconf_import_load, "/nonexistent", NULL, 0, NULL);
    REFUSED("source", regconf_import_parse, NULL, 1, NULL, 0, &imported);
    REFUSED("options", regconf_import_parse, "10.0.0.1", 8, NULL, 1, &imported);
    REFUSED("out", regconf_import_parse, "10.0.0.1", 8, NULL, 0, NULL);
    REFUSED("imported", regconf_imported_nodes, NULL, &nodes);
    REFUSED("imported", regconf_imported_settings, NULL, &settings);
    REFUSED("imported", regconf_imported_remarks, NULL, &text);
    REFUSED("imported", regconf_imported_to_json, NULL, &text);
    REFUSED("nodes", regconf_nodes_to_json, NULL, &text);
    REFUSED("out", regconf_nodes_to_json, all->nodes, NULL);
    REFUSED("settings", regconf_settings_to_kubespray, NULL, &text, &remarks);
    REFUSED("out", regconf_settings_to_kubespray, all->settings, NULL, &remarks);
    REFUSED("settings", regconf_settings_to_k3s, NULL, &text, &remarks);
    REFUSED("out", regconf_settings_to_k3s, all->settings, NULL, &remarks);
    CHECK(imported == UNTOUCHED && nodes == UNTOUCHED && settings == UNTOUCHED);
    CHECK(text == UNTOUCHED && remarks == UNTOUCHED);
    CHECK(regconf_imported_format(NULL) == NULL);
    CHECK(regconf_imported_remark_count(NULL) == 0);
    CHECK(regconf_imported_remark(NULL, 0) == NULL);
    regconf_imported_free(NULL);
}

static void check_no_nodes(const things *all) {
    REFUSED("out", regconf_nodes_parse, "10.0.0.1", 8, NULL);
    REFUSED("out", regconf_nodes_load, "/nonexistent", NULL);
    REFUSED("nodes", regconf_nodes_add_local, NULL, "/mnt");
    REFUSED("nodes", regconf_nodes_append, NULL, all->nodes);
    REFUSED("others", regconf_nodes_append, all->nodes, NULL);
    REFUSED("nodes", regconf_nodes_set_password, NULL, 0, "p", 1);
    REFUSED("nodes", regconf_nodes_set_become_password, NULL, REGCONF_ALL_NODES, "p", 1);
    CHECK(regconf_nodes_count(all->nodes) == 1);
    CHECK(regconf_nodes_count(NULL) == 0);
    CHECK(regconf_nodes_name(NULL, 0) == NULL);
    CHECK(regconf_nodes_place(NULL, 0) == NULL);
    CHECK(regconf_nodes_warning_count(NULL) == 0);
    CHECK(regconf_nodes_warning(NULL, 0) == NULL);
}

static void check_no_options(const things *all) {
    REFUSED("options", regconf_options_set_parallel, NULL, 1);
    REFUSED("options", regconf_options_set_parallel_apply, NULL, 1);
    REFUSED("options", regconf_options_set_canary, NULL, 1);
    REFUSED("options", regconf_options_set_batch, NULL, "1");
    REFUSED("options", regconf_options_set_control_plane_batch, NULL, 1);
    REFUSED("options", regconf_options_set_pause, NULL, 1);
    REFUSED("options", regconf_options_set_max_failures, NULL, "1");
    REFUSED("options", regconf_options_set_max_failures, NULL, NULL);
    REFUSED("options", regconf_options_set_unreachable, NULL, "skip");
    REFUSED("options", regconf_options_set_journal, NULL, "/f");
    REFUSED("options", regconf_options_set_journal, NULL, NULL);
    REFUSED("options", regconf_options_set_connect_timeout, NULL, 1);
    REFUSED("options", regconf_options_set_deadline, NULL, 1);
    REFUSED("options", regconf_options_set_cancel, NULL, all->cancel);
    REFUSED("cancel", regconf_options_set_cancel, all->options, NULL);
    REFUSED("options", regconf_options_set_dry_run, NULL, 1);
    REFUSED("options", regconf_options_add_verify_pull, NULL, IMAGE);
    REFUSED("options", regconf_options_set_probe, NULL, 1);
    REFUSED("options", regconf_options_assume_version, NULL, "docker", "26.1.5");
    REFUSED("options", regconf_options_set_observer, NULL, NULL, NULL);
}

static void check_no_fleet(const things *all) {
    regconf_rollout *rollout = UNTOUCHED;
    regconf_report *report = UNTOUCHED;
    REFUSED("nodes", regconf_survey, NULL, all->settings, all->options, &rollout);
    REFUSED("settings", regconf_survey, all->nodes, NULL, all->options, &rollout);
    REFUSED("out", regconf_survey, all->nodes, all->settings, all->options, NULL);
    REFUSED("rollout", regconf_rollout_report, NULL, &report);
    REFUSED("out", regconf_rollout_report, all->rollout, NULL);
    REFUSED("rollout", regconf_rollout_apply, NULL, all->options, &report);
    REFUSED("out", regconf_rollout_apply, all->rollout, all->options, NULL);
    REFUSED("nodes", regconf_push, NULL, all->settings, all->options, &report);
    REFUSED("settings", regconf_push, all->nodes, NULL, all->options, &report);
    REFUSED("out", regconf_push, all->nodes, all->settings, all->options, NULL);
    CHECK(rollout == UNTOUCHED && report == UNTOUCHED);
}

static void check_no_report(const things *all) {
    char *text = UNTOUCHED;
    regconf_error *error = NULL;
    CHECK_FAILS(REGCONF_INVALID_ARGUMENT, regconf_report_check(NULL, &error));
    CHECK(regconf_report_check(NULL, NULL) == REGCONF_INVALID_ARGUMENT);
    REFUSED("report", regconf_report_to_json, NULL, &text);
    REFUSED("out", regconf_report_to_json, all->report, NULL);
    REFUSED("report", regconf_report_text, NULL, &text);
    REFUSED("out", regconf_report_text, all->report, NULL);
    CHECK(text == UNTOUCHED);
    CHECK(regconf_report_count(NULL) == 0);
    CHECK(regconf_report_failed(NULL) == 0);
    CHECK(regconf_report_node(NULL, 0) == NULL);
    CHECK(regconf_report_outcome(NULL, 0) == REGCONF_OUTCOME_UNKNOWN);
    CHECK(regconf_report_error(NULL, 0) == NULL);
    CHECK(regconf_report_plan(NULL, 0) == NULL);
    CHECK(regconf_report_stopped(NULL) == NULL);
}

static void check_no_error(const things *all) {
    char *text = UNTOUCHED;
    REFUSED("error", regconf_error_to_json, NULL, &text);
    REFUSED("out", regconf_error_to_json, all->error, NULL);
    CHECK(text == UNTOUCHED);
    CHECK(regconf_error_kind(NULL) == REGCONF_OK);
    CHECK(regconf_error_text(NULL) == NULL);
    CHECK(regconf_error_message(NULL) == NULL);
    CHECK(regconf_error_path(NULL) == NULL);
    CHECK(regconf_error_line(NULL) == 0);
    CHECK(regconf_error_key(NULL) == NULL);
    CHECK(regconf_error_hint(NULL) == NULL);
}

void check_null(const things *all) {
    REFUSED("out", regconf_registry_host_parse, "a.lab", NULL);
    REFUSED("out", regconf_image_parse, IMAGE, NULL);
    REFUSED("out", regconf_advice, "no space left on device", 23, NULL);
    check_no_settings(all);
    check_no_facts();
    check_no_plan(all);
    check_no_nodes(all);
    check_no_import(all);
    check_no_options(all);
    check_no_fleet(all);
    check_no_report(all);
    check_no_error(all);
}

void check_nothing(void) {
    regconf_string_free(NULL);
    regconf_error_free(NULL);
    regconf_settings_free(NULL);
    regconf_facts_free(NULL);
    regconf_plan_free(NULL);
    regconf_nodes_free(NULL);
    regconf_cancel_free(NULL);
    regconf_options_free(NULL);
    regconf_rollout_free(NULL);
    regconf_report_free(NULL);
    regconf_cancel_set(NULL);
    CHECK(regconf_cancel_is_set(NULL) == 0);
    CHECK(regconf_event_what(NULL) == REGCONF_EVENT_TICK);
    CHECK(regconf_event_node(NULL) == REGCONF_ALL_NODES);
    CHECK(regconf_event_name(NULL) == NULL);
    CHECK(regconf_event_json(NULL) == NULL);
}
