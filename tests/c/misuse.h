/* What `misuse` checks, part by part. */
#ifndef MISUSE_H
#define MISUSE_H

#include <regconf.h>

#include "check.h"

/* One of each handle, all good. */
typedef struct {
    const char *folder;
    regconf_settings *settings, *gone;
    regconf_facts *facts;
    regconf_plan *plan;
    regconf_nodes *nodes;
    regconf_options *options;
    regconf_cancel *cancel;
    regconf_rollout *rollout;
    regconf_report *report;
    regconf_error *error;
} things;

#define WANTED "{\"ensure\":[{\"host\":\"my-registry.com\",\"endpoints\":[{\"url\":\"http://10.0.0.5:5000\"}]}]}"
#define GONE "{\"remove\":[\"my-registry.com\"]}"
#define IMAGE "my-registry.com/team/app:v1"

/* What a result is before a call, and must still be when that fails. */
#define UNTOUCHED ((void *)untouched)
extern char untouched[1];

/* The call is refused for this argument, with an error or with no place for one. */
#define REFUSED(argument, function, ...) \
    do { \
        regconf_error *refusal = NULL; \
        CHECK(function(__VA_ARGS__, &refusal) == REGCONF_INVALID_ARGUMENT); \
        CHECK_TEXT(regconf_error_key(refusal), argument); \
        regconf_error_free(refusal); \
        CHECK(function(__VA_ARGS__, NULL) == REGCONF_INVALID_ARGUMENT); \
    } while (0)

void check_null(const things *all);
void check_nothing(void);
void check_bad_texts(const things *all);
void check_bad_lengths(const things *all);
void check_bad_indexes(const things *all);
void check_odd_values(const things *all);
void check_lives(const things *all);
void check_observers(const things *all);

/* With the folder, and with it and the nodes of a list. */
void check_threads(const things *all, const char *list);

/* The settings that JSON says. */
regconf_settings *settings_of(const char *json);

/* Makes the folder as the settings say, whatever it was. */
void settle(const things *all, const regconf_settings *settings);

#endif
