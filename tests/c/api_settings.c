#include <regconf.h>
#include <string.h>

#include "api.h"
#include "check.h"

#define ENSURE_A "{\"host\":\"a.lab\",\"insecure\":\"http\"}"
#define ENSURE_B "{\"host\":\"b.lab\",\"endpoints\":[{\"url\":\"https://10.0.0.5\"}]}"

static regconf_settings *parsed(const char *json) {
    regconf_settings *settings = NULL;
    regconf_error *error = NULL;
    CHECK_OK(regconf_settings_parse(json, strlen(json), &settings, &error));
    return settings;
}

static void check_same(const regconf_settings *settings, const char *json) {
    regconf_settings *other = parsed(json);
    CHECK(regconf_settings_equal(settings, other));
    regconf_settings_free(other);
}

static void check_change(void) {
    regconf_settings *settings = regconf_settings_new();
    regconf_error *error = NULL;
    check_same(settings, "{}");
    CHECK_OK(regconf_settings_ensure(settings, ENSURE_A, strlen(ENSURE_A), &error));
    CHECK_OK(regconf_settings_ensure(settings, ENSURE_B, strlen(ENSURE_B), &error));
    CHECK_FAILS(REGCONF_CONFLICT, regconf_settings_remove(settings, "\"a.lab\"", 7, &error));
    CHECK_FAILS(REGCONF_PARSE, regconf_settings_remove(settings, "old.lab", 7, &error));
    check_same(settings, "{\"ensure\":[" ENSURE_A "," ENSURE_B "]}");
    CHECK_OK(regconf_settings_remove(settings, "\"c.lab\"", 7, &error));
    CHECK_OK(regconf_settings_migrate(settings, &error));
    CHECK_OK(regconf_settings_enable_cri(settings, &error));
    check_same(settings, "{\"ensure\":[" ENSURE_A "," ENSURE_B "],"
                         "\"remove\":[\"c.lab\"],\"migrate\":true,\"enable_cri\":true}");
    regconf_settings_free(settings);
}

static void check_overlay(void) {
    regconf_settings *below = parsed("{\"ensure\":[" ENSURE_A "," ENSURE_B "]}");
    regconf_settings *over = parsed("{\"remove\":[\"a.lab\"]}");
    regconf_settings *both = NULL;
    regconf_error *error = NULL;
    if (CHECK_OK(regconf_settings_overlay(below, over, &both, &error)))
        check_same(both, "{\"ensure\":[" ENSURE_B "],\"remove\":[\"a.lab\"]}");
    CHECK(!regconf_settings_equal(below, both));
    regconf_settings_free(below);
    regconf_settings_free(over);
    regconf_settings_free(both);
}

static void check_forms(void) {
    regconf_settings *settings = parsed("{\"ensure\":[" ENSURE_A "," ENSURE_B "]}");
    regconf_settings *turned = parsed("{\"ensure\":[" ENSURE_B "," ENSURE_A "]}");
    regconf_error *error = NULL;
    char *json = NULL, *digest = NULL, *other = NULL;
    if (CHECK_OK(regconf_settings_to_json(settings, &json, &error)))
        check_same(settings, json);
    CHECK(!regconf_settings_equal(settings, turned));
    CHECK_OK(regconf_settings_fingerprint(settings, &digest, &error));
    CHECK_OK(regconf_settings_fingerprint(turned, &other, &error));
    CHECK(digest && strncmp(digest, "sha256:", 7) == 0);
    CHECK_TEXT(other, digest);
    regconf_string_free(json);
    regconf_string_free(digest);
    regconf_string_free(other);
    regconf_settings_free(settings);
    regconf_settings_free(turned);
}

void check_settings(void) {
    check_change();
    check_overlay();
    check_forms();
}
