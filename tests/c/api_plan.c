#include <cjson/cJSON.h>
#include <regconf.h>
#include <string.h>

#include "api.h"
#include "check.h"

#define CONFIG "version = 2\n# mine\n"
#define WANTED "{\"ensure\":[{\"host\":\"my-registry.com\",\"endpoints\":[{\"url\":\"http://10.0.0.5:5000\"}]}]}"
#define IMAGE "my-registry.com/team/app:v1"

static regconf_plan *made(const char *wanted, const regconf_facts *facts) {
    regconf_settings *settings = NULL;
    regconf_plan *plan = NULL;
    regconf_error *error = NULL;
    CHECK_OK(regconf_settings_parse(wanted, strlen(wanted), &settings, &error));
    CHECK_OK(regconf_plan_make(settings, facts, &plan, &error));
    regconf_settings_free(settings);
    return plan;
}

static void check_first_path(const regconf_facts *facts, const char *wanted, const char *path) {
    regconf_plan *plan = made(wanted, facts);
    CHECK_TEXT(regconf_plan_change_path(plan, 0), path);
    regconf_plan_free(plan);
}

static void check_engines(void) {
    const char *wanted = "{\"ensure\":[{\"host\":\"a.lab\",\"insecure\":\"http\"}]}";
    regconf_facts *facts = regconf_facts_new();
    regconf_error *error = NULL;
    CHECK_OK(regconf_facts_assume_version(facts, "containerd", "1.7.24", &error));
    CHECK_OK(regconf_facts_set_version(facts, "docker", "26.1.5", &error));
    check_first_path(facts, wanted, "/etc/docker/daemon.json");
    CHECK_OK(regconf_facts_set_config_path(facts, "docker", "/opt/daemon.json", &error));
    check_first_path(facts, wanted, "/opt/daemon.json");
    CHECK_OK(regconf_facts_add_file(facts, "/etc/containerd/config.toml", CONFIG, strlen(CONFIG), &error));
    CHECK_OK(regconf_facts_set_engine(facts, "containerd", &error));
    check_first_path(facts, wanted, "/etc/containerd/certs.d/a.lab/hosts.toml");
    CHECK_OK(regconf_facts_set_engine(facts, "docker", &error));
    check_first_path(facts, wanted, "/opt/daemon.json");
    CHECK_OK(regconf_facts_set_engine(facts, NULL, &error));
    check_first_path(facts, wanted, "/etc/containerd/certs.d/a.lab/hosts.toml");
    regconf_facts_free(facts);
}

/* What a running dockerd has as a flag is not written into its file. */
static void check_answers(void) {
    const char *query = "{\"unit\":\"docker\"}";
    const char *answer = "{\"text\":\"LoadState=loaded\\nActiveState=active\\nMainPID=1\\nArg=/usr/bin/dockerd\\n"
                         "Arg=--insecure-registry=a.lab\\n\"}";
    regconf_facts *facts = regconf_facts_new();
    regconf_error *error = NULL;
    regconf_plan *plan = NULL;
    CHECK_OK(regconf_facts_set_version(facts, "docker", "26.1.5", &error));
    CHECK_OK(regconf_facts_add_folder(facts, "/etc/docker", &error));
    CHECK_OK(regconf_facts_add_answer(facts, query, strlen(query), answer, strlen(answer), &error));
    CHECK_FAILS(REGCONF_PARSE, regconf_facts_add_answer(facts, query, strlen(query), "{\"file\":\"\"}", 11, &error));
    plan = made("{\"ensure\":[{\"host\":\"a.lab\",\"insecure\":\"http\"}]}", facts);
    CHECK(plan && regconf_plan_change_count(plan) == 0);
    regconf_plan_free(plan);
    regconf_facts_free(facts);
}

void check_facts(void) {
    check_engines();
    check_answers();
}

static void check_changes(const regconf_plan *plan) {
    size_t length = 1;
    const char *bytes = NULL;
    CHECK(!regconf_plan_is_empty(plan));
    CHECK(regconf_plan_change_count(plan) == 2);
    CHECK_TEXT(regconf_plan_change_path(plan, 0), "/etc/containerd/certs.d/my-registry.com/hosts.toml");
    CHECK(regconf_plan_change_before(plan, 0, &length) == NULL && length == 0);
    CHECK(regconf_plan_change_after(plan, 0, &length) != NULL && length > 0);
    CHECK(regconf_plan_change_mode(plan, 0) == 0644);
    CHECK_TEXT(regconf_plan_change_path(plan, 1), "/etc/containerd/config.toml");
    bytes = regconf_plan_change_before(plan, 1, &length);
    CHECK(bytes && length == strlen(CONFIG) && memcmp(bytes, CONFIG, length) == 0);
    bytes = regconf_plan_change_after(plan, 1, &length);
    CHECK(bytes && length > strlen(CONFIG) && memcmp(bytes, CONFIG, strlen(CONFIG)) == 0);
    CHECK(regconf_plan_change_path(plan, 2) == NULL);
}

static void check_shown(const regconf_plan *plan) {
    regconf_error *error = NULL;
    char *diff = NULL, *json = NULL;
    if (CHECK_OK(regconf_plan_diff(plan, &diff, &error)))
        CHECK_HAS(diff, "+server = \"http://10.0.0.5:5000\"\n");
    if (CHECK_OK(regconf_plan_to_json(plan, &json, &error))) {
        cJSON *object = cJSON_Parse(json);
        CHECK(cJSON_GetArraySize(cJSON_GetObjectItem(object, "changes")) == 2);
        CHECK(cJSON_IsArray(cJSON_GetObjectItem(object, "activations")));
        CHECK(cJSON_IsArray(cJSON_GetObjectItem(object, "notes")));
        cJSON_Delete(object);
    }
    regconf_string_free(diff);
    regconf_string_free(json);
}

static const char *first_url(const cJSON *explained, const char *moment) {
    const cJSON *engine = cJSON_GetArrayItem(cJSON_GetObjectItem(explained, "engines"), 0);
    const cJSON *hosts = cJSON_GetObjectItem(cJSON_GetObjectItem(engine, moment), "hosts");
    return cJSON_GetStringValue(cJSON_GetObjectItem(cJSON_GetArrayItem(hosts, 0), "url"));
}

static void check_explained(const regconf_plan *plan, const regconf_facts *facts) {
    regconf_facts *others = regconf_facts_new();
    regconf_error *error = NULL;
    char *json = NULL, *text = NULL;
    if (CHECK_OK(regconf_plan_explain(plan, facts, IMAGE, &json, &error))) {
        cJSON *explained = cJSON_Parse(json);
        CHECK_TEXT(first_url(explained, "before"), "https://my-registry.com/v2");
        CHECK_TEXT(first_url(explained, "after"), "http://10.0.0.5:5000/v2");
        cJSON_Delete(explained);
    }
    if (CHECK_OK(regconf_plan_explain_text(plan, facts, IMAGE, &text, &error)))
        CHECK_HAS(text, "containerd: " IMAGE " -> http://10.0.0.5:5000/v2 (plain http)");
    regconf_string_free(json);
    regconf_string_free(text);
    CHECK_FAILS(REGCONF_STALE, regconf_plan_explain(plan, others, IMAGE, &json, &error));
    CHECK_FAILS(REGCONF_STALE, regconf_plan_explain_text(plan, others, IMAGE, &text, &error));
    regconf_facts_free(others);
}

void check_plans(void) {
    regconf_facts *facts = regconf_facts_new();
    regconf_error *error = NULL;
    regconf_plan *plan = NULL;
    CHECK_OK(regconf_facts_add_file(facts, "/etc/containerd/config.toml", "replaced", 8, &error));
    CHECK_OK(regconf_facts_add_file(facts, "/etc/containerd/config.toml", CONFIG, strlen(CONFIG), &error));
    CHECK_OK(regconf_facts_set_version(facts, "containerd", "1.7.24", &error));
    plan = made(WANTED, facts);
    check_changes(plan);
    check_shown(plan);
    check_explained(plan, facts);
    regconf_plan_free(plan);
    plan = made("{}", facts);
    CHECK(plan && regconf_plan_is_empty(plan));
    regconf_plan_free(plan);
    regconf_facts_free(facts);
}
