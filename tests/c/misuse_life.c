/* Handles that end before those that were made with them, and observers that cancel. */
#include "misuse.h"

#include <string.h>

/* A word to stop that the caller has freed holds nobody up, and one that was said before counts. */
static void check_freed_cancel(const things *all) {
    regconf_options *options = regconf_options_new();
    regconf_report *report = NULL;
    regconf_error *error = NULL;
    for (int said = 0; said < 2; said++) {
        regconf_cancel *cancel = regconf_cancel_new();
        CHECK_OK(regconf_options_set_cancel(options, cancel, &error));
        for (int i = 0; i < 2 * said; i++)
            regconf_cancel_set(cancel);
        CHECK(regconf_cancel_is_set(cancel) == said);
        regconf_cancel_free(cancel);
        if (CHECK_OK(regconf_push(all->nodes, all->gone, options, &report, &error)))
            CHECK((regconf_report_outcome(report, 0) == REGCONF_OUTCOME_NOT_TRIED) == said);
        regconf_report_free(report);
    }
    regconf_options_free(options);
}

/* A list of one node that cannot be reached, and the folder. */
static regconf_nodes *unreachable_and_folder(const things *all) {
    const char *list = "{\"nodes\":[{\"name\":\"gone\",\"address\":\"127.0.0.1\",\"port\":1,"
                       "\"password\":\"hunter2\"}]}";
    regconf_nodes *nodes = NULL;
    regconf_error *error = NULL;
    CHECK_OK(regconf_nodes_parse(list, strlen(list), &nodes, &error));
    CHECK_OK(regconf_nodes_add_local(nodes, all->folder, &error));
    return nodes;
}

static void check_borrowed(const regconf_report *report) {
    const regconf_error *why = regconf_report_error(report, 0);
    const regconf_plan *plan = regconf_report_plan(report, 1);
    regconf_error *error = NULL;
    char *text = NULL;
    CHECK_TEXT(regconf_report_node(report, 0), "gone");
    CHECK_TEXT(regconf_report_node(report, 1), "localhost");
    CHECK(regconf_error_kind(why) == REGCONF_CONNECT);
    CHECK_HAS(regconf_error_text(why), regconf_error_message(why));
    CHECK(regconf_error_key(why) == NULL);
    CHECK_OK(regconf_error_to_json(why, &text, &error));
    regconf_string_free(text);
    CHECK_OK(regconf_plan_diff(plan, &text, &error));
    CHECK_HAS(text, "http://10.0.0.5:5000");
    CHECK(regconf_plan_change_after(plan, 0, NULL) != NULL);
    regconf_string_free(text);
}

/* Plans and reports need nothing of what they were made from. */
static void check_order_of_ends(const things *all) {
    regconf_nodes *nodes = unreachable_and_folder(all);
    regconf_settings *settings = settings_of(WANTED);
    regconf_options *options = regconf_options_new();
    regconf_rollout *rollout = NULL;
    regconf_report *found = NULL, *done = NULL;
    regconf_error *error = NULL;
    CHECK_OK(regconf_survey(nodes, settings, options, &rollout, &error));
    regconf_nodes_free(nodes);
    regconf_settings_free(settings);
    regconf_options_free(options);
    CHECK_OK(regconf_rollout_report(rollout, &found, &error));
    CHECK_OK(regconf_rollout_apply(rollout, NULL, &done, &error));
    regconf_rollout_free(rollout);
    check_borrowed(found);
    CHECK(regconf_report_outcome(done, 1) == REGCONF_OUTCOME_CHANGED);
    check_borrowed(done);
    regconf_report_free(found);
    regconf_report_free(done);
    settle(all, all->gone);
}

/* An error outlives all that it was about. */
static void check_error_outlives(void) {
    regconf_settings *settings = regconf_settings_new();
    regconf_error *error = NULL;
    CHECK(regconf_settings_remove(settings, "\"\"", 2, &error) == REGCONF_INVALID_ARGUMENT);
    regconf_settings_free(settings);
    CHECK(regconf_error_text(error) != NULL);
    regconf_error_free(error);
}

void check_lives(const things *all) {
    check_freed_cancel(all);
    check_order_of_ends(all);
    check_error_outlives();
}

/* Cancels at the first event of a kind. */
typedef struct {
    regconf_event_kind kind;
    int seen;
} canceller;

static int cancel_at(void *user, const regconf_event *event) {
    canceller *at = user;
    if (regconf_event_what(event) != at->kind)
        return 0;
    at->seen = 1;
    return -1;
}

static void check_cancelled_at(const things *all, regconf_event_kind kind) {
    canceller at = {kind, 0};
    regconf_nodes *nodes = unreachable_and_folder(all);
    regconf_options *options = regconf_options_new();
    regconf_report *report = NULL;
    regconf_error *error = NULL;
    CHECK_OK(regconf_options_set_unreachable(options, "retry:1:1", &error));
    CHECK_OK(regconf_options_set_observer(options, cancel_at, &at, &error));
    if (CHECK_OK(regconf_push(nodes, all->settings, options, &report, &error))) {
        CHECK(at.seen);
        CHECK(regconf_report_outcome(report, 0) != REGCONF_OUTCOME_CHANGED);
        CHECK(regconf_report_outcome(report, 1) != REGCONF_OUTCOME_UNKNOWN);
        CHECK(regconf_report_check(report, NULL) != REGCONF_OK);
    }
    regconf_report_free(report);
    regconf_options_free(options);
    regconf_nodes_free(nodes);
    settle(all, all->gone);
}

/* Makes a whole push of its own at each event but those of time. */
static int push_inside(void *user, const regconf_event *event) {
    const things *all = user;
    regconf_report *report = NULL;
    regconf_error *error = NULL;
    if (regconf_event_what(event) == REGCONF_EVENT_TICK)
        return 0;
    CHECK_OK(regconf_options_set_dry_run(all->options, 1, &error));
    if (CHECK_OK(regconf_push(all->nodes, all->settings, all->options, &report, &error)))
        CHECK(regconf_report_count(report) == 1);
    regconf_report_free(report);
    CHECK_OK(regconf_options_set_dry_run(all->options, 0, &error));
    return 0;
}

static void check_push_inside(const things *all) {
    things copy = *all;
    regconf_options *options = regconf_options_new();
    regconf_report *report = NULL;
    regconf_error *error = NULL;
    CHECK_OK(regconf_options_set_observer(options, push_inside, &copy, &error));
    if (CHECK_OK(regconf_push(all->nodes, all->settings, options, &report, &error)))
        CHECK(regconf_report_outcome(report, 0) == REGCONF_OUTCOME_CHANGED);
    regconf_report_free(report);
    regconf_options_free(options);
    settle(all, all->gone);
}

void check_observers(const things *all) {
    for (int kind = REGCONF_EVENT_TICK; kind <= REGCONF_EVENT_FINISHED; kind++)
        check_cancelled_at(all, (regconf_event_kind)kind);
    check_push_inside(all);
}
