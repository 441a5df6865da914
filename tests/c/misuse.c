/* Does to the library what a program must not, and what it may though it looks odd: misuse FOLDER nodes.json */
#include "misuse.h"

#include <stdio.h>
#include <string.h>

char untouched[1];

regconf_settings *settings_of(const char *json) {
    regconf_settings *settings = NULL;
    regconf_error *error = NULL;
    CHECK_OK(regconf_settings_parse(json, strlen(json), &settings, &error));
    return settings;
}

void settle(const things *all, const regconf_settings *settings) {
    regconf_report *report = NULL;
    regconf_error *error = NULL;
    if (CHECK_OK(regconf_push(all->nodes, settings, all->options, &report, &error)))
        CHECK_OK(regconf_report_check(report, &error));
    regconf_report_free(report);
}

static things make_things(const char *folder) {
    const char *config = "version = 2\n";
    things all = {.folder = folder, .settings = settings_of(WANTED), .gone = settings_of(GONE)};
    regconf_settings *bad = NULL;
    regconf_error *error = NULL;
    all.facts = regconf_facts_new();
    all.nodes = regconf_nodes_new();
    all.options = patient_options();
    all.cancel = regconf_cancel_new();
    CHECK_OK(regconf_facts_add_file(all.facts, "/etc/containerd/config.toml", config, strlen(config), &error));
    CHECK_OK(regconf_plan_make(all.settings, all.facts, &all.plan, &error));
    CHECK_OK(regconf_nodes_add_local(all.nodes, folder, &error));
    CHECK_OK(regconf_options_assume_version(all.options, "containerd", "1.7.24", &error));
    CHECK_OK(regconf_survey(all.nodes, all.settings, all.options, &all.rollout, &error));
    CHECK_OK(regconf_rollout_report(all.rollout, &all.report, &error));
    CHECK(regconf_settings_parse("[]", 2, &bad, &all.error) == REGCONF_PARSE && bad == NULL);
    return all;
}

static void free_things(things *all) {
    regconf_settings_free(all->settings);
    regconf_settings_free(all->gone);
    regconf_facts_free(all->facts);
    regconf_plan_free(all->plan);
    regconf_nodes_free(all->nodes);
    regconf_options_free(all->options);
    regconf_cancel_free(all->cancel);
    regconf_rollout_free(all->rollout);
    regconf_report_free(all->report);
    regconf_error_free(all->error);
}

#ifdef REGCONF_TEST_PANIC
/* Only in a library that was built for this. */
regconf_status regconf_test_panic(regconf_error **error);

static void check_panic(const things *all) {
    regconf_error *error = NULL;
    CHECK(regconf_test_panic(&error) == REGCONF_INTERNAL);
    CHECK_TEXT(regconf_error_text(error), "a fault of this library: on purpose");
    regconf_error_free(error);
    CHECK(regconf_test_panic(NULL) == REGCONF_INTERNAL);
    settle(all, all->gone);
}
#endif

int main(int argc, char **argv) {
    if (argc != 3)
        return fprintf(stderr, "misuse FOLDER nodes.json\n"), 2;
    things all = make_things(argv[1]);
    check_null(&all);
    check_nothing();
    check_bad_texts(&all);
    check_bad_lengths(&all);
    check_bad_indexes(&all);
    check_odd_values(&all);
    check_lives(&all);
    check_observers(&all);
    check_threads(&all, argv[2]);
#ifdef REGCONF_TEST_PANIC
    check_panic(&all);
#endif
    free_things(&all);
    return checks_ended();
}
