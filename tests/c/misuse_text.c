/* Texts, lengths and indexes that cannot be. */
#include "misuse.h"

#include <string.h>

/* Texts that end with a NUL byte and may not be NULL. */
static void check_bad_text(const things *all, const char *bad) {
    char *text = UNTOUCHED;
    regconf_nodes *nodes = UNTOUCHED;
    REFUSED("host", regconf_registry_host_parse, bad, &text);
    REFUSED("image", regconf_image_parse, bad, &text);
    REFUSED("path", regconf_facts_add_file, all->facts, bad, "", 0);
    REFUSED("path", regconf_facts_add_folder, all->facts, bad);
    REFUSED("engine", regconf_facts_set_version, all->facts, bad, "26.1.5");
    REFUSED("version", regconf_facts_set_version, all->facts, "docker", bad);
    REFUSED("engine", regconf_facts_assume_version, all->facts, bad, "26.1.5");
    REFUSED("version", regconf_facts_assume_version, all->facts, "docker", bad);
    REFUSED("engine", regconf_facts_set_config_path, all->facts, bad, "/f");
    REFUSED("path", regconf_facts_set_config_path, all->facts, "docker", bad);
    REFUSED("image", regconf_plan_explain, all->plan, all->facts, bad, &text);
    REFUSED("image", regconf_plan_explain_text, all->plan, all->facts, bad, &text);
    REFUSED("path", regconf_nodes_load, bad, &nodes);
    REFUSED("root", regconf_nodes_add_local, all->nodes, bad);
    REFUSED("size", regconf_options_set_batch, all->options, bad);
    REFUSED("policy", regconf_options_set_unreachable, all->options, bad);
    REFUSED("image", regconf_options_add_verify_pull, all->options, bad);
    REFUSED("engine", regconf_options_assume_version, all->options, bad, "26.1.5");
    REFUSED("version", regconf_options_assume_version, all->options, "docker", bad);
    CHECK(text == UNTOUCHED && nodes == UNTOUCHED);
}

/* Texts that come with their length. */
static void check_bad_bytes(const things *all, const char *bad, size_t length) {
    const char *query = "{\"unit\":\"u\"}", *answer = "\"absent\"";
    regconf_settings *settings = UNTOUCHED;
    regconf_nodes *nodes = UNTOUCHED;
    char *text = UNTOUCHED;
    REFUSED("said", regconf_advice, bad, length, &text);
    REFUSED("json", regconf_settings_parse, bad, length, &settings);
    REFUSED("registry", regconf_settings_ensure, all->settings, bad, length);
    REFUSED("removal", regconf_settings_remove, all->settings, bad, length);
    REFUSED("query", regconf_facts_add_answer, all->facts, bad, length, answer, strlen(answer));
    REFUSED("answer", regconf_facts_add_answer, all->facts, query, strlen(query), bad, length);
    REFUSED("list", regconf_nodes_parse, bad, length, &nodes);
    REFUSED("password", regconf_nodes_set_password, all->nodes, 0, bad, length);
    REFUSED("password", regconf_nodes_set_become_password, all->nodes, 0, bad, length);
    CHECK(text == UNTOUCHED && settings == UNTOUCHED && nodes == UNTOUCHED);
}

void check_bad_texts(const things *all) {
    /* A lone byte, one that is cut off, a surrogate, an overlong NUL, and one beyond Unicode. */
    const char *bad[] = {"\xff", "a\xe2\x82", "\xed\xa0\x80", "\xc0\x80", "\xf4\x90\x80\x80"};
    check_bad_text(all, NULL);
    check_bad_bytes(all, NULL, 1);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        check_bad_text(all, bad[i]);
        check_bad_bytes(all, bad[i], strlen(bad[i]));
        REFUSED("engine", regconf_facts_set_engine, all->facts, bad[i]);
        REFUSED("limit", regconf_options_set_max_failures, all->options, bad[i]);
        REFUSED("path", regconf_options_set_journal, all->options, bad[i]);
    }
}

/* Lengths that no object has are refused before a byte is read. */
void check_bad_lengths(const things *all) {
    const size_t bad[] = {SIZE_MAX, SIZE_MAX / 2 + 1};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        check_bad_bytes(all, "{}", bad[i]);
        check_bad_bytes(all, NULL, bad[i]);
        REFUSED("data", regconf_facts_add_file, all->facts, "/f", "", bad[i]);
    }
    REFUSED("data", regconf_facts_add_file, all->facts, "/f", NULL, 1);
}

static void check_bad_index(const things *all, size_t index) {
    size_t length = 1;
    CHECK(regconf_plan_change_path(all->plan, index) == NULL);
    CHECK(regconf_plan_change_before(all->plan, index, &length) == NULL && length == 0);
    length = 1;
    CHECK(regconf_plan_change_after(all->plan, index, &length) == NULL && length == 0);
    CHECK(regconf_plan_change_after(all->plan, index, NULL) == NULL);
    CHECK(regconf_plan_change_mode(all->plan, index) == 0);
    CHECK(regconf_nodes_name(all->nodes, index) == NULL);
    CHECK(regconf_nodes_place(all->nodes, index) == NULL);
    CHECK(regconf_nodes_warning(all->nodes, index) == NULL);
    CHECK(regconf_report_node(all->report, index) == NULL);
    CHECK(regconf_report_outcome(all->report, index) == REGCONF_OUTCOME_UNKNOWN);
    CHECK(regconf_report_error(all->report, index) == NULL);
    CHECK(regconf_report_plan(all->report, index) == NULL);
}

void check_bad_indexes(const things *all) {
    const size_t bad[] = {2, SIZE_MAX / 2, SIZE_MAX / sizeof(void *) + 1, SIZE_MAX - 1};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        check_bad_index(all, bad[i]);
        REFUSED("index", regconf_nodes_set_password, all->nodes, bad[i], "p", 1);
        REFUSED("index", regconf_nodes_set_become_password, all->nodes, bad[i], "p", 1);
    }
    check_bad_index(all, SIZE_MAX);
}
