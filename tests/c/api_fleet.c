#include <cjson/cJSON.h>
#include <regconf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "check.h"
#include "files.h"

/* Settings for a host. */
#define WANTED "{\"ensure\":[{\"host\":\"%s\",\"endpoints\":[{\"url\":\"http://10.0.0.5:5000\"}]}]}"
#define GONE "{\"remove\":[\"%s\"]}"

/* A list of one node on which nothing listens. */
#define UNREACHABLE "{\"nodes\":[{\"name\":\"gone\",\"address\":\"127.0.0.1\",\"port\":1,\"password\":\"hunter2\"}]}"

/* What an observer has heard. */
typedef struct {
    const regconf_nodes *nodes;
    size_t finished, batches, others;
} hearing;

/* A fleet and what is wanted of it. */
typedef struct {
    regconf_nodes *nodes;
    regconf_settings *wanted, *gone;
    regconf_options *options;
} fleet;

static regconf_settings *settings_of(const char *form, const char *host) {
    char json[1024];
    regconf_settings *settings = NULL;
    regconf_error *error = NULL;
    snprintf(json, sizeof json, form, host);
    CHECK_OK(regconf_settings_parse(json, strlen(json), &settings, &error));
    return settings;
}

static fleet fleet_for(const char *image) {
    fleet all = {regconf_nodes_new(), NULL, NULL, patient_options()};
    regconf_error *error = NULL;
    char *parts = NULL;
    const char *host = CHECK_OK(regconf_image_parse(image, &parts, &error)) ? text_in(parts, "host") : "";
    all.wanted = settings_of(WANTED, host);
    all.gone = settings_of(GONE, host);
    CHECK_OK(regconf_options_assume_version(all.options, "containerd", "1.7.24", &error));
    regconf_string_free(parts);
    return all;
}

static void free_fleet(fleet *all) {
    regconf_nodes_free(all->nodes);
    regconf_settings_free(all->wanted);
    regconf_settings_free(all->gone);
    regconf_options_free(all->options);
}

static void check_event(const hearing *heard, const regconf_event *event) {
    size_t node = regconf_event_node(event);
    const char *json = regconf_event_json(event);
    if (node == REGCONF_ALL_NODES) {
        CHECK_TEXT(regconf_event_name(event), NULL);
        CHECK_TEXT(text_in(json, "event"), regconf_event_what(event) == REGCONF_EVENT_BATCH ? "batch" : "tick");
    } else {
        CHECK_TEXT(regconf_event_name(event), regconf_nodes_name(heard->nodes, node));
        CHECK_TEXT(text_in(json, "event"), "node");
        CHECK(text_in(json, "stage") != NULL);
    }
}

static int hear(void *user, const regconf_event *event) {
    hearing *heard = user;
    check_event(heard, event);
    switch (regconf_event_what(event)) {
    case REGCONF_EVENT_FINISHED: heard->finished++; break;
    case REGCONF_EVENT_BATCH: heard->batches++; break;
    default: heard->others++;
    }
    return 0;
}

/* Each node has ended so, has a plan, and nothing went wrong. */
static void check_report(const fleet *all, const regconf_report *report, regconf_outcome outcome) {
    CHECK(regconf_report_count(report) == regconf_nodes_count(all->nodes));
    CHECK(regconf_report_failed(report) == 0);
    CHECK(regconf_report_stopped(report) == NULL);
    for (size_t i = 0; i < regconf_report_count(report); i++) {
        CHECK_TEXT(regconf_report_node(report, i), regconf_nodes_name(all->nodes, i));
        CHECK_TEXT(regconf_outcome_name((int)regconf_report_outcome(report, i)), regconf_outcome_name((int)outcome));
        CHECK_TEXT(regconf_error_text(regconf_report_error(report, i)), NULL);
        CHECK(regconf_report_plan(report, i) != NULL);
        CHECK(regconf_plan_is_empty(regconf_report_plan(report, i)) == (outcome == REGCONF_OUTCOME_UNCHANGED));
    }
}

static void check_shown(const regconf_report *report, const char *words) {
    regconf_error *error = NULL;
    char *json = NULL, *text = NULL;
    if (CHECK_OK(regconf_report_text(report, &text, &error)))
        CHECK_HAS(text, words);
    if (CHECK_OK(regconf_report_to_json(report, &json, &error))) {
        cJSON *object = cJSON_Parse(json);
        CHECK((size_t)cJSON_GetArraySize(cJSON_GetObjectItem(object, "nodes")) == regconf_report_count(report));
        cJSON_Delete(object);
    }
    regconf_string_free(json);
    regconf_string_free(text);
}

static void push(const fleet *all, const regconf_settings *settings, regconf_outcome outcome) {
    regconf_report *report = NULL;
    regconf_error *error = NULL;
    if (CHECK_OK(regconf_push(all->nodes, settings, all->options, &report, &error))) {
        check_report(all, report, outcome);
        check_shown(report, regconf_outcome_name((int)outcome));
        CHECK_OK(regconf_report_check(report, &error));
    }
    regconf_report_free(report);
}

static void check_dry_run(const fleet *all) {
    regconf_report *report = NULL;
    regconf_error *error = NULL;
    CHECK_OK(regconf_options_set_dry_run(all->options, 1, &error));
    if (CHECK_OK(regconf_push(all->nodes, all->wanted, all->options, &report, &error)))
        check_report(all, report, REGCONF_OUTCOME_PENDING);
    regconf_report_free(report);
    CHECK_OK(regconf_options_set_dry_run(all->options, 0, &error));
}

/* A survey finds what a push would do; applied, it does that, and its plans are stale then. */
static void check_survey(const fleet *all) {
    regconf_rollout *rollout = NULL;
    regconf_report *found = NULL, *done = NULL, *again = NULL;
    regconf_error *error = NULL;
    CHECK_OK(regconf_survey(all->nodes, all->wanted, all->options, &rollout, &error));
    if (CHECK_OK(regconf_rollout_report(rollout, &found, &error)))
        check_report(all, found, REGCONF_OUTCOME_PENDING);
    if (CHECK_OK(regconf_rollout_apply(rollout, all->options, &done, &error)))
        check_report(all, done, REGCONF_OUTCOME_CHANGED);
    if (CHECK_OK(regconf_rollout_apply(rollout, all->options, &again, &error))) {
        CHECK(regconf_error_kind(regconf_report_error(again, 0)) == REGCONF_STALE);
        CHECK(regconf_report_failed(again) == regconf_report_count(again));
        CHECK_FAILS(REGCONF_STALE, regconf_report_check(again, &error));
    }
    regconf_report_free(found);
    regconf_report_free(done);
    regconf_report_free(again);
    regconf_rollout_free(rollout);
}

/* Sets the fleet up and takes it back, and hears of each node once a push. */
static void check_way(const fleet *all) {
    hearing heard = {all->nodes, 0, 0, 0};
    regconf_error *error = NULL;
    CHECK_OK(regconf_options_set_observer(all->options, hear, &heard, &error));
    push(all, all->wanted, REGCONF_OUTCOME_CHANGED);
    CHECK(heard.finished == regconf_nodes_count(all->nodes));
    CHECK(heard.batches == 2 && heard.others > 0);
    push(all, all->wanted, REGCONF_OUTCOME_UNCHANGED);
    push(all, all->gone, REGCONF_OUTCOME_CHANGED);
    CHECK(heard.finished == 3 * regconf_nodes_count(all->nodes));
    CHECK_OK(regconf_options_set_observer(all->options, NULL, NULL, &error));
}

/* With a node that cannot be reached and no failure allowed, the next is not begun. */
static void check_stop(const fleet *all, const char *folder) {
    fleet both = {NULL, all->wanted, all->gone, patient_options()};
    regconf_report *report = NULL;
    regconf_error *error = NULL;
    CHECK_OK(regconf_nodes_parse(UNREACHABLE, strlen(UNREACHABLE), &both.nodes, &error));
    CHECK_OK(regconf_nodes_add_local(both.nodes, folder, &error));
    CHECK_OK(regconf_options_set_batch(both.options, "1", &error));
    CHECK_OK(regconf_options_set_max_failures(both.options, "0", &error));
    if (CHECK_OK(regconf_push(both.nodes, both.wanted, both.options, &report, &error))) {
        CHECK(regconf_report_outcome(report, 0) == REGCONF_OUTCOME_UNREACHABLE);
        CHECK(regconf_error_kind(regconf_report_error(report, 0)) == REGCONF_CONNECT);
        CHECK(regconf_report_outcome(report, 1) == REGCONF_OUTCOME_NOT_TRIED);
        CHECK(regconf_error_kind(regconf_report_stopped(report)) == REGCONF_CANCELLED);
        CHECK_FAILS(REGCONF_CONNECT, regconf_report_check(report, &error));
        check_shown(report, "gone");
    }
    regconf_report_free(report);
    regconf_options_free(both.options);
    regconf_nodes_free(both.nodes);
}

/* What a journal has as done is not done again. */
static void check_journal(const fleet *all, const char *folder) {
    char *path = join(folder, "/journal");
    regconf_error *error = NULL;
    size_t length = 0;
    CHECK_OK(regconf_options_set_journal(all->options, path, &error));
    push(all, all->wanted, REGCONF_OUTCOME_CHANGED);
    char *journal = read_file(path, &length);
    CHECK(journal && length > 0);
    CHECK_OK(regconf_options_set_journal(all->options, NULL, &error));
    push(all, all->gone, REGCONF_OUTCOME_CHANGED);
    remove(path);
    free(journal);
    free(path);
}

void check_fleet(const char *folder, const char *list, const char *image) {
    fleet all = fleet_for(image);
    regconf_nodes *others = NULL;
    regconf_error *error = NULL;
    CHECK_OK(regconf_nodes_add_local(all.nodes, folder, &error));
    check_dry_run(&all);
    check_survey(&all);
    push(&all, all.wanted, REGCONF_OUTCOME_UNCHANGED);
    push(&all, all.gone, REGCONF_OUTCOME_CHANGED);
    check_journal(&all, folder);
    check_stop(&all, folder);
    CHECK_OK(regconf_nodes_load(list, &others, &error));
    CHECK_OK(regconf_nodes_append(all.nodes, others, &error));
    regconf_nodes_free(others);
    check_dry_run(&all);
    check_way(&all);
    free_fleet(&all);
}
