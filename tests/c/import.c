/* Checks every case of an import through the C API: import tests/import */
#include <cjson/cJSON.h>
#include <regconf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "files.h"

/* Fewer cases than this are not all of them. */
enum { LEAST_CASES = 10 };

static int cases;

/* The text with `part` taken out wherever it is; takes the text. */
static char *without(char *text, const char *part) {
    size_t length = strlen(part);
    for (char *at = strstr(text, part); at; at = strstr(at, part))
        memmove(at, at + length, strlen(at + length) + 1);
    return text;
}

static cJSON *read_json(const char *folder, const char *name) {
    size_t length = 0;
    char *path = join(folder, name);
    char *text = read_file(path, &length);
    cJSON *json = text ? cJSON_ParseWithLength(text, length) : NULL;
    CHECK(!text || json != NULL);
    free(text);
    free(path);
    return json;
}

static void keep_inventory(void *user, const char *path, const char *name, int is_folder) {
    char **kept = user;
    (void)is_folder;
    if (strncmp(name, "inventory", 9) == 0) {
        CHECK(*kept == NULL);
        *kept = join(path, "");
    }
}

/* The copies of its parts are those of its JSON, and stay when it is gone. */
static void check_parts(regconf_imported *imported, const cJSON *wanted) {
    regconf_nodes *nodes = NULL;
    regconf_settings *settings = NULL, *same = NULL;
    regconf_error *error = NULL;
    char *remarks = NULL;
    CHECK_OK(regconf_imported_nodes(imported, &nodes, &error));
    CHECK_OK(regconf_imported_settings(imported, &settings, &error));
    CHECK_OK(regconf_imported_remarks(imported, &remarks, &error));
    cJSON *listed = cJSON_Parse(remarks);
    const cJSON *all = cJSON_GetObjectItem(wanted, "remarks");
    CHECK(cJSON_GetArraySize(listed) == cJSON_GetArraySize(all));
    CHECK(regconf_imported_remark_count(imported) == (size_t)cJSON_GetArraySize(all));
    for (int i = 0; i < cJSON_GetArraySize(all); i++)
        CHECK_HAS(regconf_imported_remark(imported, (size_t)i),
                  cJSON_GetStringValue(cJSON_GetObjectItem(cJSON_GetArrayItem(all, i), "text")));
    CHECK(regconf_imported_remark(imported, regconf_imported_remark_count(imported)) == NULL);
    regconf_imported_free(imported);
    const cJSON *list = cJSON_GetObjectItem(cJSON_GetObjectItem(wanted, "nodes"), "nodes");
    CHECK(regconf_nodes_count(nodes) == (size_t)cJSON_GetArraySize(list));
    char *text = cJSON_PrintUnformatted(cJSON_GetObjectItem(wanted, "settings"));
    if (CHECK_OK(regconf_settings_parse(text, strlen(text), &same, &error)))
        CHECK(regconf_settings_equal(settings, same));
    cJSON_free(text);
    cJSON_Delete(listed);
    regconf_string_free(remarks);
    regconf_nodes_free(nodes);
    regconf_settings_free(settings);
    regconf_settings_free(same);
}

static void check_imported(regconf_imported *imported, const char *inside, const cJSON *wanted) {
    regconf_error *error = NULL;
    char *json = NULL;
    if (CHECK_OK(regconf_imported_to_json(imported, &json, &error))) {
        char *text = without(join(json, ""), inside);
        cJSON *found = cJSON_Parse(text);
        CHECK_TEXT(regconf_imported_format(imported), cJSON_GetStringValue(cJSON_GetObjectItem(wanted, "format")));
        if (!CHECK(cJSON_Compare(found, wanted, 1)))
            printf("%s: %s\n", inside, text);
        cJSON_Delete(found);
        free(text);
    }
    regconf_string_free(json);
    check_parts(imported, wanted);
}

static void check_case(void *user, const char *folder, const char *name, int is_folder) {
    char *inventory = NULL, *inside = join(folder, "/"), *options = NULL;
    regconf_imported *imported = NULL;
    regconf_error *error = NULL;
    (void)user, (void)name;
    if (is_folder) {
        cJSON *wanted = read_json(folder, "/expected.json"), *given = read_json(folder, "/options.json");
        const char *fault = cJSON_GetStringValue(cJSON_GetObjectItem(wanted, "error"));
        options = given ? cJSON_PrintUnformatted(given) : NULL;
        visit_folder(folder, keep_inventory, &inventory);
        regconf_import_load(inventory, options, options ? strlen(options) : 0, &imported, &error);
        if (error) {
            char *said = without(join(regconf_error_text(error), ""), inside);
            CHECK_TEXT(said, fault);
            free(said);
        } else {
            CHECK(fault == NULL);
            check_imported(imported, inside, wanted);
        }
        cases++;
        cJSON_free(options);
        cJSON_Delete(given);
        cJSON_Delete(wanted);
    }
    regconf_error_free(error);
    free(inventory);
    free(inside);
}

static void check_format(void *user, const char *folder, const char *name, int is_folder) {
    (void)name;
    if (is_folder)
        visit_folder(folder, check_case, user);
}

int main(int argc, char **argv) {
    if (argc != 2)
        return fprintf(stderr, "import IMPORT_FOLDER\n"), 2;
    visit_folder(argv[1], check_format, NULL);
    CHECK(cases >= LEAST_CASES);
    printf("%d cases, ", cases);
    return checks_ended();
}
