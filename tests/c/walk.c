/* Checks every golden case through the C API: walk tests/golden */
#include <cjson/cJSON.h>
#include <regconf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "golden.h"

/* Fewer cases than this are not all of them. */
enum { LEAST_CASES = 300 };

static int cases, failed;

/* A case at work. */
typedef struct {
    const char *folder;
    size_t root;
    const regconf_plan *plan;
    size_t wanted;
    int faults;
} trial;

static void fault(trial *at, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    printf("%s: ", at->folder);
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    at->faults++;
}

/* A file of the case, to be freed; NULL if it has none. */
static char *case_file(const trial *at, const char *name, size_t *length) {
    char *path = join(at->folder, name);
    char *bytes = read_file(path, length);
    free(path);
    return bytes;
}

static int has_file(const trial *at, const char *name) {
    size_t length = 0;
    char *bytes = case_file(at, name, &length);
    int there = bytes != NULL;
    free(bytes);
    return there;
}

/* Calls `check` with each line of a file of the case, if there is one. */
static void each_line(trial *at, const char *name, void (*check)(trial *at, const char *line, const void *user),
                      const void *user) {
    size_t length = 0;
    char *text = case_file(at, name, &length);
    for (char *line = text; line && *line != '\0';) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        check(at, line, user);
        line = end ? end + 1 : line + strlen(line);
    }
    free(text);
}

/* The index of a path's change; the count if there is none. */
static size_t find_change(const regconf_plan *plan, const char *path) {
    size_t count = regconf_plan_change_count(plan);
    for (size_t i = 0; i < count; i++)
        if (strcmp(regconf_plan_change_path(plan, i), path) == 0)
            return i;
    return count;
}

static int same(const char *a, size_t a_length, const char *b, size_t b_length) {
    return (!a && !b) || (a && b && a_length == b_length && memcmp(a, b, a_length) == 0);
}

static void compare_before(trial *at, const char *path, size_t index) {
    char *name = join("/before", path);
    size_t length = 0, given = 0;
    char *bytes = case_file(at, name, &length);
    const char *before = regconf_plan_change_before(at->plan, index, &given);
    if (!same(bytes, length, before, given))
        fault(at, "%s: the bytes before are not those of the file", path);
    if (regconf_plan_change_mode(at->plan, index) == 0)
        fault(at, "%s has no mode", path);
    free(bytes);
    free(name);
}

/* Compares a file's change with these bytes; NULL stands for a file that goes. */
static void compare_change(trial *at, const char *path, const char *bytes, size_t length) {
    size_t index = find_change(at->plan, path), made = 0;
    const char *after = regconf_plan_change_after(at->plan, index, &made);
    at->wanted++;
    if (index == regconf_plan_change_count(at->plan)) {
        fault(at, "%s is not changed", path);
        return;
    }
    if (!same(bytes, length, after, made))
        fault(at, "%s becomes other bytes; wanted:\n%splanned:\n%.*s", path, bytes ? bytes : "(no file)\n", (int)made,
              after ? after : "(no file)");
    compare_before(at, path, index);
}

static void compare_file(void *user, const char *path, const char *name, int is_folder) {
    trial *at = user;
    size_t length = 0;
    if (is_folder) {
        visit_folder(path, compare_file, at);
    } else if (strcmp(name, ".deleted") != 0) {
        char *bytes = read_file(path, &length);
        compare_change(at, path + at->root, bytes, length);
        free(bytes);
    }
}

static void compare_deleted(trial *at, const char *path, const void *user) {
    (void)user;
    compare_change(at, path, NULL, 0);
}

static void note_is_there(trial *at, const char *line, const void *user) {
    const cJSON *note = NULL;
    cJSON_ArrayForEach(note, (const cJSON *)user) {
        if (strstr(cJSON_GetStringValue(cJSON_GetObjectItem(note, "text")), line))
            return;
    }
    fault(at, "no note says \"%s\"", line);
}

static void is_not_shown(trial *at, const char *secret, const void *shown) {
    if (strstr(shown, secret))
        fault(at, "\"%s\" is shown", secret);
}

static void compare_shown(trial *at) {
    char *diff = NULL, *json = NULL;
    if (regconf_plan_diff(at->plan, &diff, NULL) != REGCONF_OK ||
        regconf_plan_to_json(at->plan, &json, NULL) != REGCONF_OK)
        bad_case(at->folder, "the plan cannot be shown");
    cJSON *plan = cJSON_Parse(json);
    each_line(at, "/notes", note_is_there, cJSON_GetObjectItem(plan, "notes"));
    if (cJSON_GetArraySize(cJSON_GetObjectItem(plan, "changes")) != (int)at->wanted)
        fault(at, "the JSON has other changes");
    if ((diff[0] == '\0') != (at->wanted == 0))
        fault(at, "the diff is not that of the changes:\n%s", diff);
    each_line(at, "/secret", is_not_shown, diff);
    each_line(at, "/secret", is_not_shown, json);
    cJSON_Delete(plan);
    regconf_string_free(diff);
    regconf_string_free(json);
}

static void compare_plan(trial *at) {
    char *after = join(at->folder, "/after");
    at->root = strlen(after);
    visit_folder(after, compare_file, at);
    free(after);
    each_line(at, "/after/.deleted", compare_deleted, NULL);
    if (regconf_plan_change_count(at->plan) != at->wanted)
        fault(at, "%zu files change, wanted are %zu", regconf_plan_change_count(at->plan), at->wanted);
    if (at->wanted > 0 && regconf_plan_is_empty(at->plan))
        fault(at, "the plan is said to be empty");
    if ((at->wanted == 0) != has_file(at, "/unchanged"))
        fault(at, "must have exactly one of after/, error.json and unchanged");
    compare_shown(at);
}

static int is_text(const cJSON *wanted, const char *key, const char *is) {
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(wanted, key));
    return !text || (is && strcmp(text, is) == 0);
}

static void compare_error(trial *at, const cJSON *wanted, const regconf_error *error) {
    const cJSON *line = cJSON_GetObjectItem(wanted, "line");
    const char *words = cJSON_GetStringValue(cJSON_GetObjectItem(wanted, "contains"));
    const char *text = regconf_error_text(error);
    char *json = NULL;
    if (!is_text(wanted, "kind", regconf_status_name(regconf_error_kind(error))) ||
        !is_text(wanted, "path", regconf_error_path(error)) || !is_text(wanted, "key", regconf_error_key(error)) ||
        (line && regconf_error_line(error) != (size_t)line->valuedouble) || (words && !strstr(text, words)))
        fault(at, "another error: %s: %s", regconf_status_name(regconf_error_kind(error)), text);
    if (regconf_error_to_json(error, &json, NULL) != REGCONF_OK)
        bad_case(at->folder, "the error cannot be shown");
    each_line(at, "/secret", is_not_shown, text);
    each_line(at, "/secret", is_not_shown, json);
    regconf_string_free(json);
}

/* The plan of the case; NULL, and an error, if it is refused. */
static regconf_plan *make_plan(const trial *at, regconf_error **error) {
    regconf_settings *settings = NULL;
    regconf_facts *facts = golden_facts(at->folder);
    regconf_plan *plan = NULL;
    size_t length = 0;
    char *text = case_file(at, "/settings.json", &length);
    if (!text)
        bad_case(at->folder, "has no settings.json");
    if (regconf_settings_parse(text, length, &settings, error) == REGCONF_OK)
        regconf_plan_make(settings, facts, &plan, error);
    free(text);
    regconf_facts_free(facts);
    regconf_settings_free(settings);
    return plan;
}

static void compare(trial *at, const regconf_error *error, const cJSON *wanted) {
    if (error && wanted)
        compare_error(at, wanted, error);
    else if (error)
        fault(at, "error: %s", regconf_error_text(error));
    else if (wanted)
        fault(at, "no error");
    else
        compare_plan(at);
}

static void check_case(void *user, const char *folder, const char *name, int is_folder) {
    trial at = {folder, 0, NULL, 0, 0};
    regconf_error *error = NULL;
    size_t length = 0;
    (void)user, (void)name;
    if (!is_folder)
        return;
    regconf_plan *plan = make_plan(&at, &error);
    char *text = case_file(&at, "/error.json", &length);
    cJSON *wanted = text ? cJSON_ParseWithLength(text, length) : NULL;
    if (text && !wanted)
        bad_case(folder, "error.json is no JSON");
    at.plan = plan;
    compare(&at, error, wanted);
    cases++;
    failed += at.faults > 0;
    cJSON_Delete(wanted);
    free(text);
    regconf_plan_free(plan);
    regconf_error_free(error);
}

static void check_engine(void *user, const char *folder, const char *name, int is_folder) {
    (void)name;
    if (is_folder)
        visit_folder(folder, check_case, user);
}

int main(int argc, char **argv) {
    if (argc != 2)
        return fprintf(stderr, "walk GOLDEN_FOLDER\n"), 2;
    visit_folder(argv[1], check_engine, NULL);
    printf("%d cases, %d failed\n", cases, failed);
    return failed > 0 || cases < LEAST_CASES;
}
