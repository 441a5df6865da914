#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <regconf.h>
#include <semaphore.h>
#include <string.h>

#include "api.h"
#include "check.h"

/* So long that no test waits for its end. */
enum { A_DAY = 24 * 60 * 60 * 1000 };

/* A push of nothing to two nodes, one after the other. */
typedef struct {
    regconf_nodes *nodes;
    regconf_settings *settings;
    regconf_options *options;
} pair;

/* A word to stop, and the moment to say it. */
typedef struct {
    regconf_cancel *cancel;
    sem_t first_is_done;
} waiting;

static pair pair_on(const char *folder) {
    pair two = {regconf_nodes_new(), regconf_settings_new(), regconf_options_new()};
    regconf_error *error = NULL;
    CHECK_OK(regconf_nodes_add_local(two.nodes, folder, &error));
    CHECK_OK(regconf_nodes_add_local(two.nodes, folder, &error));
    CHECK_OK(regconf_options_set_batch(two.options, "1", &error));
    return two;
}

/* Pushes; so many nodes must have had their turn, the others not. Frees the pair. */
static void push_cancelled(pair two, size_t tried) {
    regconf_report *report = NULL;
    regconf_error *error = NULL;
    if (CHECK_OK(regconf_push(two.nodes, two.settings, two.options, &report, &error))) {
        for (size_t i = 0; i < 2; i++)
            CHECK((regconf_report_outcome(report, i) == REGCONF_OUTCOME_NOT_TRIED) == (i >= tried));
        CHECK(regconf_error_kind(regconf_report_stopped(report)) == REGCONF_CANCELLED);
        CHECK_FAILS(REGCONF_CANCELLED, regconf_report_check(report, &error));
    }
    regconf_report_free(report);
    regconf_nodes_free(two.nodes);
    regconf_settings_free(two.settings);
    regconf_options_free(two.options);
}

static void check_before(const char *folder) {
    pair two = pair_on(folder);
    regconf_cancel *cancel = regconf_cancel_new();
    regconf_error *error = NULL;
    CHECK_OK(regconf_options_set_cancel(two.options, cancel, &error));
    CHECK(!regconf_cancel_is_set(cancel));
    regconf_cancel_set(cancel);
    CHECK(regconf_cancel_is_set(cancel));
    push_cancelled(two, 0);
    regconf_cancel_free(cancel);
}

static void check_abandon(const char *folder) {
    pair two = pair_on(folder);
    regconf_cancel *cancel = regconf_cancel_new();
    regconf_error *error = NULL;
    CHECK_OK(regconf_options_set_cancel(two.options, cancel, &error));
    regconf_cancel_abandon(NULL);
    regconf_cancel_abandon(cancel);
    CHECK(regconf_cancel_is_set(cancel));
    push_cancelled(two, 0);
    regconf_cancel_free(cancel);
}

static int stop_at_first(void *user, const regconf_event *event) {
    (void)user;
    return regconf_event_what(event) == REGCONF_EVENT_FINISHED;
}

static void check_by_observer(const char *folder) {
    pair two = pair_on(folder);
    regconf_error *error = NULL;
    CHECK_OK(regconf_options_set_observer(two.options, stop_at_first, NULL, &error));
    push_cancelled(two, 1);
}

static int tell_first(void *user, const regconf_event *event) {
    waiting *at = user;
    if (regconf_event_what(event) == REGCONF_EVENT_FINISHED && regconf_event_node(event) == 0)
        sem_post(&at->first_is_done);
    return 0;
}

static void *cancel_then(void *user) {
    waiting *at = user;
    while (sem_wait(&at->first_is_done) != 0)
        ;
    regconf_cancel_set(at->cancel);
    return NULL;
}

/* The pause before the second node ends by a word from another thread. */
static void check_by_thread(const char *folder) {
    pair two = pair_on(folder);
    waiting at = {.cancel = regconf_cancel_new()};
    regconf_error *error = NULL;
    pthread_t thread;
    CHECK(sem_init(&at.first_is_done, 0, 0) == 0);
    CHECK_OK(regconf_options_set_cancel(two.options, at.cancel, &error));
    CHECK_OK(regconf_options_set_pause(two.options, A_DAY, &error));
    CHECK_OK(regconf_options_set_observer(two.options, tell_first, &at, &error));
    CHECK(pthread_create(&thread, NULL, cancel_then, &at) == 0);
    push_cancelled(two, 1);
    sem_post(&at.first_is_done);
    pthread_join(thread, NULL);
    CHECK(regconf_cancel_is_set(at.cancel));
    sem_destroy(&at.first_is_done);
    regconf_cancel_free(at.cancel);
}

void check_cancel(const char *folder) {
    check_before(folder);
    check_abandon(folder);
    check_by_observer(folder);
    check_by_thread(folder);
}
