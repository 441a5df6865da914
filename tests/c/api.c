/* Calls each function of the header with sense: api FOLDER nodes.json image */
#include "api.h"

#include <cjson/cJSON.h>
#include <regconf.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

const char *text_in(const char *json, const char *key) {
    static char text[4096];
    cJSON *object = cJSON_Parse(json);
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItem(object, key));
    if (value)
        snprintf(text, sizeof text, "%s", value);
    cJSON_Delete(object);
    return value ? text : NULL;
}

static void check_versions(void) {
    char wanted[64];
    snprintf(wanted, sizeof wanted, "%d.%d.%d", REGCONF_VERSION_MAJOR, REGCONF_VERSION_MINOR, REGCONF_VERSION_PATCH);
    CHECK_TEXT(regconf_version(), wanted);
    CHECK(regconf_abi_version() == REGCONF_ABI_VERSION);
}

static void check_numbers(void) {
    CHECK_TEXT(regconf_status_name(REGCONF_OK), "ok");
    CHECK_TEXT(regconf_status_name(REGCONF_HOST_KEY), "host_key");
    CHECK_TEXT(regconf_status_name(REGCONF_INTERNAL), "internal");
    CHECK_TEXT(regconf_status_name(16), "unknown");
    CHECK_TEXT(regconf_outcome_name(REGCONF_OUTCOME_UNCHANGED), "unchanged");
    CHECK_TEXT(regconf_outcome_name(REGCONF_OUTCOME_ROLLED_BACK), "rolled_back");
    CHECK_TEXT(regconf_outcome_name(REGCONF_OUTCOME_NOT_TRIED), "not_tried");
    CHECK_TEXT(regconf_outcome_name(-1), "unknown");
}

void check_names(void) {
    const char *said = "http: server gave HTTP response to HTTPS client";
    regconf_error *error = NULL;
    char *text = NULL;
    check_versions();
    check_numbers();
    if (CHECK_OK(regconf_registry_host_parse("my-registry.com:5000", &text, &error)))
        CHECK_TEXT(text, "my-registry.com:5000");
    regconf_string_free(text);
    CHECK_FAILS(REGCONF_INVALID_ARGUMENT, regconf_registry_host_parse("http://my-registry.com", &text, &error));
    if (CHECK_OK(regconf_image_parse("my-registry.com/team/app:v1", &text, &error))) {
        CHECK_TEXT(text_in(text, "host"), "my-registry.com");
        CHECK_TEXT(text_in(text, "repository"), "team/app");
        CHECK_TEXT(text_in(text, "tag"), "v1");
        CHECK_TEXT(text_in(text, "digest"), NULL);
    }
    regconf_string_free(text);
    CHECK_FAILS(REGCONF_INVALID_ARGUMENT, regconf_image_parse("my-registry.com/Team", &text, &error));
    if (CHECK_OK(regconf_advice(said, strlen(said), &text, &error))) {
        CHECK_HAS(text_in(text, "cause"), "plain http");
        CHECK(text_in(text, "remedy") != NULL);
    }
    regconf_string_free(text);
    CHECK_FAILS(REGCONF_UNSUPPORTED, regconf_advice("all is well", 11, &text, &error));
}

void check_errors(void) {
    const char *wanted = "{\"ensure\":\n [{\"host\": \"reg.lab\", \"endpoint\": []}]}";
    regconf_error *error = NULL, *failed = NULL;
    regconf_settings *settings = NULL;
    char *json = NULL;
    CHECK(regconf_settings_parse(wanted, strlen(wanted), &settings, &error) == REGCONF_PARSE);
    CHECK(settings == NULL);
    CHECK(regconf_error_kind(error) == REGCONF_PARSE);
    CHECK(regconf_error_line(error) == 2);
    CHECK_TEXT(regconf_error_path(error), NULL);
    CHECK_HAS(regconf_error_message(error), "endpoint");
    CHECK_HAS(regconf_error_text(error), regconf_error_message(error));
    if (CHECK(regconf_error_to_json(error, &json, &failed) == REGCONF_OK)) {
        CHECK_TEXT(text_in(json, "kind"), "parse");
        CHECK_TEXT(text_in(json, "message"), regconf_error_text(error));
    }
    regconf_string_free(json);
    regconf_error_free(error);

    error = NULL;
    wanted = "{\"host\": \"reg.lab\", \"endpoints\": [{\"url\": \"ftp://reg.lab\"}]}";
    settings = regconf_settings_new();
    CHECK(regconf_settings_ensure(settings, wanted, strlen(wanted), &error) == REGCONF_INVALID_ARGUMENT);
    CHECK_HAS(regconf_error_key(error), "endpoints[0].url");
    CHECK(regconf_error_hint(error) != NULL);
    regconf_error_free(error);
    regconf_settings_free(settings);
}

int main(int argc, char **argv) {
    if (argc != 4)
        return fprintf(stderr, "api FOLDER nodes.json image\n"), 2;
    check_names();
    check_errors();
    check_settings();
    check_facts();
    check_plans();
    check_nodes(argv[2]);
    check_import();
    check_options();
    check_fleet(argv[1], argv[2], argv[3]);
    check_cancel(argv[1]);
    return checks_ended();
}
