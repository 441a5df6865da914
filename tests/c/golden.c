#include "golden.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

/* Facts that are being gathered, and how long the path of their folder is. */
typedef struct {
    regconf_facts *facts;
    size_t root;
} gathering;

typedef void (*teller)(regconf_facts *facts, const cJSON *entry, regconf_error **error);

void bad_case(const char *folder, const char *why) {
    fprintf(stderr, "%s: %s\n", folder, why);
    exit(2);
}

static void add_path(void *user, const char *path, const char *name, int is_folder) {
    gathering *into = user;
    size_t length = 0;
    (void)name;
    if (is_folder) {
        visit_folder(path, add_path, into);
        return;
    }
    char *bytes = read_file(path, &length);
    if (regconf_facts_add_file(into->facts, path + into->root, bytes, length, NULL) != REGCONF_OK)
        bad_case(path, "is no file for facts");
    free(bytes);
}

static void add_files(regconf_facts *facts, const char *folder) {
    char *before = join(folder, "/before");
    gathering into = {facts, strlen(before)};
    visit_folder(before, add_path, &into);
    free(before);
}

/* Adds a text as the answer to a question. Takes the query. */
static void add_text(regconf_facts *facts, cJSON *query, const cJSON *text, regconf_error **error) {
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddStringToObject(answer, "text", text->valuestring);
    char *asked = cJSON_PrintUnformatted(query), *said = cJSON_PrintUnformatted(answer);
    regconf_facts_add_answer(facts, asked, strlen(asked), said, strlen(said), error);
    cJSON_free(asked);
    cJSON_free(said);
    cJSON_Delete(query);
    cJSON_Delete(answer);
}

static void add_version(regconf_facts *facts, const cJSON *entry, regconf_error **error) {
    regconf_facts_set_version(facts, entry->string, entry->valuestring, error);
}

static void add_unit(regconf_facts *facts, const cJSON *entry, regconf_error **error) {
    cJSON *query = cJSON_CreateObject();
    cJSON_AddStringToObject(query, "unit", entry->string);
    add_text(facts, query, entry, error);
}

static void add_daemon(regconf_facts *facts, const cJSON *entry, regconf_error **error) {
    cJSON *query = cJSON_CreateObject();
    cJSON_AddStringToObject(query, "daemon", entry->string);
    add_text(facts, query, entry, error);
}

/* How long the first word of a command is: a blank between `{{` and `}}` belongs to it. */
static size_t first_word(const char *command) {
    const char *end = strchr(command, ' ');
    const char *open = strstr(command, "{{"), *close = strstr(command, "}}");
    if (end && open && close && open < end && end < close)
        end = strchr(close, ' ');
    return end ? (size_t)(end - command) : strlen(command);
}

static void add_output(regconf_facts *facts, const cJSON *entry, regconf_error **error) {
    cJSON *query = cJSON_CreateObject(), *words = cJSON_AddArrayToObject(query, "command");
    for (const char *rest = entry->string; *rest != '\0'; rest += *rest == ' ') {
        size_t length = first_word(rest);
        char *word = join(rest, "");
        word[length] = '\0';
        cJSON_AddItemToArray(words, cJSON_CreateString(word));
        free(word);
        rest += length;
    }
    add_text(facts, query, entry, error);
}

static void add_folder(regconf_facts *facts, const cJSON *entry, regconf_error **error) {
    regconf_facts_add_folder(facts, entry->valuestring, error);
}

static const struct {
    const char *key;
    teller tell;
} TELLERS[] = {
    {"versions", add_version}, {"units", add_unit},     {"daemons", add_daemon},
    {"outputs", add_output},   {"folders", add_folder},
};

static teller find_teller(const char *key) {
    for (size_t i = 0; i < sizeof TELLERS / sizeof *TELLERS; i++)
        if (strcmp(TELLERS[i].key, key) == 0)
            return TELLERS[i].tell;
    return NULL;
}

static void add_told(regconf_facts *facts, const char *folder, const cJSON *told) {
    const cJSON *part = NULL, *entry = NULL;
    regconf_error *error = NULL;
    if (!cJSON_IsObject(told))
        bad_case(folder, "facts.json is no object");
    cJSON_ArrayForEach(part, told) {
        teller tell = find_teller(part->string);
        cJSON_ArrayForEach(entry, part) {
            if (!tell || !cJSON_IsString(entry))
                bad_case(folder, "facts.json has what is not described");
            tell(facts, entry, &error);
            if (error)
                bad_case(folder, regconf_error_text(error));
        }
    }
}

regconf_facts *golden_facts(const char *folder) {
    regconf_facts *facts = regconf_facts_new();
    char *path = join(folder, "/facts.json");
    size_t length = 0;
    char *text = read_file(path, &length);
    add_files(facts, folder);
    if (text) {
        cJSON *told = cJSON_ParseWithLength(text, length);
        add_told(facts, folder, told);
        cJSON_Delete(told);
    }
    free(text);
    free(path);
    return facts;
}
