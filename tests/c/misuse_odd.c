/* Values that are odd, but good enough not to be refused at once. */
#include "misuse.h"

#include <stdlib.h>
#include <string.h>

static void check_empty(void) {
    regconf_settings *settings = NULL;
    regconf_facts *facts = regconf_facts_new();
    regconf_nodes *nodes = regconf_nodes_new();
    regconf_error *error = NULL;
    char *text = NULL;
    CHECK_FAILS(REGCONF_PARSE, regconf_settings_parse(NULL, 0, &settings, &error));
    CHECK_FAILS(REGCONF_PARSE, regconf_settings_parse("{}\0", 3, &settings, &error));
    CHECK_FAILS(REGCONF_UNSUPPORTED, regconf_advice(NULL, 0, &text, &error));
    CHECK_FAILS(REGCONF_UNSUPPORTED, regconf_advice("\0", 1, &text, &error));
    CHECK_FAILS(REGCONF_INVALID_ARGUMENT, regconf_registry_host_parse("", &text, &error));
    CHECK_FAILS(REGCONF_INVALID_ARGUMENT, regconf_image_parse("", &text, &error));
    CHECK_OK(regconf_facts_add_file(facts, "/etc/docker/daemon.json", NULL, 0, &error));
    CHECK_OK(regconf_nodes_append(nodes, nodes, &error));
    CHECK_OK(regconf_nodes_set_password(nodes, REGCONF_ALL_NODES, NULL, 0, &error));
    CHECK(regconf_nodes_count(nodes) == 0);
    regconf_facts_free(facts);
    regconf_nodes_free(nodes);
}

/* JSON that is nested without end ends in an error, not at the end of the stack. */
static void check_deep(const things *all) {
    enum { DEPTH = 1000000 };
    char *deep = malloc(DEPTH);
    regconf_settings *settings = NULL;
    regconf_nodes *nodes = NULL;
    regconf_error *error = NULL;
    if (!CHECK(deep != NULL))
        return;
    memset(deep, '[', DEPTH);
    CHECK_FAILS(REGCONF_PARSE, regconf_settings_parse(deep, DEPTH, &settings, &error));
    CHECK_FAILS(REGCONF_PARSE, regconf_settings_ensure(all->settings, deep, DEPTH, &error));
    CHECK_FAILS(REGCONF_PARSE, regconf_settings_remove(all->settings, deep, DEPTH, &error));
    CHECK_FAILS(REGCONF_PARSE, regconf_facts_add_answer(all->facts, deep, DEPTH, deep, DEPTH, &error));
    CHECK(regconf_nodes_parse(deep, DEPTH, &nodes, &error) != REGCONF_OK && error != NULL);
    regconf_error_free(error);
    free(deep);
}

/* A plan from these bytes of a file is made or refused, no more. */
static void check_odd_file(const things *all, const char *path, const char *data, size_t length) {
    regconf_facts *facts = regconf_facts_new();
    regconf_plan *plan = NULL;
    regconf_error *error = NULL;
    CHECK_OK(regconf_facts_add_file(facts, path, data, length, &error));
    regconf_status status = regconf_plan_make(all->settings, facts, &plan, &error);
    CHECK(status != REGCONF_INTERNAL && (status == REGCONF_OK) == (plan != NULL));
    CHECK(regconf_error_kind(error) == status);
    regconf_error_free(error);
    regconf_plan_free(plan);
    regconf_facts_free(facts);
}

static void check_odd_files(const things *all) {
    const char *paths[] = {"", "/", "relative", "/etc/containerd/config.toml", "/etc/docker/daemon.json",
                           "/etc/containerd/certs.d/my-registry.com/hosts.toml"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        check_odd_file(all, paths[i], "", 0);
        check_odd_file(all, paths[i], "\0\0\xff\xfe", 4);
        check_odd_file(all, paths[i], "[[[[[[[[", 8);
    }
}

static void check_odd_engine(const things *all) {
    regconf_facts *facts = regconf_facts_new();
    regconf_plan *plan = NULL;
    regconf_error *error = NULL;
    CHECK_OK(regconf_facts_set_version(facts, "podman", "", &error));
    CHECK_OK(regconf_facts_set_engine(facts, "", &error));
    CHECK_OK(regconf_facts_set_config_path(facts, "containerd", "", &error));
    regconf_status status = regconf_plan_make(all->settings, facts, &plan, &error);
    CHECK(status != REGCONF_INTERNAL && regconf_error_kind(error) == status);
    regconf_error_free(error);
    regconf_plan_free(plan);
    regconf_facts_free(facts);
}

/* The most that each number can be, and the least. */
static void check_limits(const things *all, size_t count, uint64_t milliseconds, const char *limit) {
    regconf_options *options = regconf_options_new();
    regconf_report *report = NULL;
    regconf_error *error = NULL;
    CHECK_OK(regconf_options_set_parallel(options, count, &error));
    CHECK_OK(regconf_options_set_parallel_apply(options, count, &error));
    CHECK_OK(regconf_options_set_canary(options, count, &error));
    CHECK_OK(regconf_options_set_control_plane_batch(options, count, &error));
    CHECK_OK(regconf_options_set_pause(options, milliseconds, &error));
    CHECK_OK(regconf_options_set_connect_timeout(options, milliseconds, &error));
    CHECK_OK(regconf_options_set_deadline(options, milliseconds, &error));
    CHECK_OK(regconf_options_set_max_failures(options, limit, &error));
    if (CHECK_OK(regconf_push(all->nodes, all->settings, options, &report, &error)))
        CHECK(regconf_report_outcome(report, 0) != REGCONF_OUTCOME_UNKNOWN);
    regconf_report_free(report);
    regconf_options_free(options);
    settle(all, all->gone);
}

/* Many digits are no number, and a list without nodes is no success. */
static void check_no_number(const things *all) {
    regconf_options *options = regconf_options_new();
    regconf_nodes *nodes = regconf_nodes_new();
    regconf_report *report = NULL;
    regconf_error *error = NULL;
    CHECK_FAILS(REGCONF_INVALID_ARGUMENT, regconf_options_set_batch(options, "99999999999999999999", &error));
    CHECK_FAILS(REGCONF_INVALID_ARGUMENT, regconf_options_set_max_failures(options, "-1", &error));
    CHECK_FAILS(REGCONF_INVALID_ARGUMENT, regconf_options_set_unreachable(options, "retry:9999999999:1", &error));
    if (CHECK_OK(regconf_push(nodes, all->settings, options, &report, &error))) {
        CHECK(regconf_report_count(report) == 0);
        CHECK(regconf_report_check(report, &error) != REGCONF_OK && error != NULL);
    }
    regconf_error_free(error);
    regconf_report_free(report);
    regconf_nodes_free(nodes);
    regconf_options_free(options);
}

void check_odd_values(const things *all) {
    check_empty();
    check_deep(all);
    check_odd_files(all);
    check_odd_engine(all);
    check_limits(all, SIZE_MAX, UINT64_MAX, "18446744073709551615");
    check_limits(all, 0, 0, "0");
    check_no_number(all);
}
