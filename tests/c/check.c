#include "check.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int checks, failures;

static int count(int holds, const char *file, int line, const char *format, ...) {
    va_list arguments;
    pthread_mutex_lock(&lock);
    checks++;
    if (!holds) {
        failures++;
        va_start(arguments, format);
        printf("%s:%d: ", file, line);
        vprintf(format, arguments);
        printf("\n");
        va_end(arguments);
    }
    pthread_mutex_unlock(&lock);
    return holds;
}

static const char *shown(const char *text) {
    return text ? text : "NULL";
}

int check(int holds, const char *file, int line, const char *what) {
    return count(holds, file, line, "%s", what);
}

int check_text(const char *text, const char *wanted, const char *file, int line, const char *what) {
    int same = text && wanted ? strcmp(text, wanted) == 0 : text == wanted;
    return count(same, file, line, "%s is \"%s\", wanted \"%s\"", what, shown(text), shown(wanted));
}

int check_has(const char *text, const char *words, const char *file, int line, const char *what) {
    return count(text && strstr(text, words), file, line, "%s is \"%s\", wanted with \"%s\"", what, shown(text), words);
}

int check_status(regconf_status status, regconf_status wanted, regconf_error **error, const char *file, int line,
                 const char *call) {
    int right = status == wanted && regconf_error_kind(*error) == status;
    count(right, file, line, "%s: %s: %s", call, regconf_status_name(status), shown(regconf_error_text(*error)));
    regconf_error_free(*error);
    *error = NULL;
    return right;
}

int checks_ended(void) {
    printf("%d checks, %d failed\n", checks, failures);
    return failures > 0;
}

regconf_options *patient_options(void) {
    regconf_options *options = regconf_options_new();
    regconf_error *error = NULL;
    CHECK_OK(regconf_options_set_connect_timeout(options, 600000, &error));
    CHECK_OK(regconf_options_set_deadline(options, 1200000, &error));
    return options;
}
