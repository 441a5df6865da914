/* Handles that several threads use at once, as the header allows. */
#include <pthread.h>
#include <string.h>

#include "misuse.h"

enum { THREADS = 4, ROUNDS = 20 };

static void run_threads(void *(*work)(void *), const things *all) {
    pthread_t threads[THREADS];
    things copies[THREADS];
    for (int i = 0; i < THREADS; i++) {
        copies[i] = *all;
        CHECK(pthread_create(&threads[i], NULL, work, &copies[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
}

static void plan_once(const things *all, const char *wanted) {
    regconf_plan *plan = NULL;
    regconf_error *error = NULL;
    char *diff = NULL, *text = NULL, *digest = NULL;
    CHECK_OK(regconf_plan_make(all->settings, all->facts, &plan, &error));
    CHECK_OK(regconf_plan_diff(plan, &diff, &error));
    CHECK_TEXT(diff, wanted);
    CHECK_OK(regconf_plan_explain_text(all->plan, all->facts, IMAGE, &text, &error));
    CHECK_HAS(text, "http://10.0.0.5:5000");
    CHECK_OK(regconf_settings_fingerprint(all->settings, &digest, &error));
    regconf_string_free(diff);
    regconf_string_free(text);
    regconf_string_free(digest);
    regconf_plan_free(plan);
}

static void *plan_often(void *user) {
    const things *all = user;
    regconf_error *error = NULL;
    char *wanted = NULL;
    CHECK_OK(regconf_plan_diff(all->plan, &wanted, &error));
    for (int i = 0; i < ROUNDS; i++)
        plan_once(all, wanted);
    regconf_string_free(wanted);
    return NULL;
}

/* That all events come on the thread that made the call. */
typedef struct {
    pthread_t thread;
    int events;
} home;

static int hear_at_home(void *user, const regconf_event *event) {
    home *at = user;
    CHECK(pthread_equal(at->thread, pthread_self()));
    CHECK(regconf_event_json(event) != NULL);
    at->events++;
    return 0;
}

/* Each node is as wanted, was not begun, or another push was at work on it or has just been. */
static void check_ends(const regconf_report *report) {
    for (size_t i = 0; i < regconf_report_count(report); i++) {
        regconf_outcome outcome = regconf_report_outcome(report, i);
        regconf_status why = regconf_error_kind(regconf_report_error(report, i));
        if (outcome == REGCONF_OUTCOME_FAILED)
            CHECK(why == REGCONF_CONFLICT || why == REGCONF_STALE);
        else
            CHECK(outcome == REGCONF_OUTCOME_CHANGED || outcome == REGCONF_OUTCOME_UNCHANGED ||
                  outcome == REGCONF_OUTCOME_NOT_TRIED);
    }
}

static void *push_at_once(void *user) {
    const things *all = user;
    home at = {pthread_self(), 0};
    regconf_options *options = patient_options();
    regconf_report *report = NULL;
    regconf_error *error = NULL;
    CHECK_OK(regconf_options_set_cancel(options, all->cancel, &error));
    CHECK_OK(regconf_options_set_observer(options, hear_at_home, &at, &error));
    if (CHECK_OK(regconf_push(all->nodes, all->settings, options, &report, &error)))
        check_ends(report);
    CHECK(at.events > 0);
    regconf_report_free(report);
    regconf_options_free(options);
    return NULL;
}

static void *survey_at_once(void *user) {
    const things *all = user;
    regconf_rollout *rollout = NULL;
    regconf_report *report = NULL;
    regconf_error *error = NULL;
    CHECK_OK(regconf_survey(all->nodes, all->settings, all->options, &rollout, &error));
    CHECK_OK(regconf_rollout_report(rollout, &report, &error));
    for (size_t i = 0; i < regconf_nodes_count(all->nodes); i++)
        CHECK(regconf_report_outcome(report, i) == REGCONF_OUTCOME_PENDING);
    regconf_report_free(report);
    regconf_rollout_free(rollout);
    return NULL;
}

static void *cancel_at_once(void *user) {
    const things *all = user;
    for (int i = 0; i < ROUNDS; i++)
        regconf_cancel_set(all->cancel);
    CHECK(regconf_cancel_is_set(all->cancel));
    return NULL;
}

static void *push_or_cancel(void *user) {
    const things *all = user;
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, cancel_at_once, user) == 0);
    push_at_once(user);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(regconf_cancel_is_set(all->cancel));
    return NULL;
}

/* A handle that one thread made and another ends. */
static void *end_settings(void *user) {
    regconf_settings_free(user);
    return NULL;
}

static void check_moved(void) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, end_settings, settings_of(WANTED)) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

static void check_calls(const things *all) {
    run_threads(survey_at_once, all);
    run_threads(push_at_once, all);
    settle(all, all->settings);
    settle(all, all->gone);
}

void check_threads(const things *all, const char *list) {
    things fleet = *all;
    regconf_error *error = NULL;
    fleet.nodes = NULL;
    CHECK_OK(regconf_nodes_load(list, &fleet.nodes, &error));
    CHECK_OK(regconf_nodes_append(fleet.nodes, all->nodes, &error));
    run_threads(plan_often, all);
    check_calls(all);
    check_calls(&fleet);
    run_threads(push_or_cancel, &fleet);
    settle(&fleet, all->gone);
    check_moved();
    regconf_nodes_free(fleet.nodes);
}
