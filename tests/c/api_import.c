#include <regconf.h>
#include <string.h>

#include "api.h"
#include "check.h"

static void check_parsed(void) {
    const char *text = "10.0.0.11\nops@10.0.0.12:2222\n", *options = "{\"defaults\":{\"user\":\"admin\"}}";
    regconf_imported *imported = NULL;
    regconf_nodes *nodes = NULL, *same = NULL;
    regconf_error *error = NULL;
    char *json = NULL;
    if (!CHECK_OK(regconf_import_parse(text, strlen(text), options, strlen(options), &imported, &error)))
        return;
    CHECK_TEXT(regconf_imported_format(imported), "lines");
    CHECK(regconf_imported_remark_count(imported) == 0);
    CHECK_OK(regconf_imported_nodes(imported, &nodes, &error));
    if (CHECK_OK(regconf_nodes_to_json(nodes, &json, &error))) {
        CHECK_HAS(json, "\"user\":\"admin\"");
        CHECK_OK(regconf_nodes_parse(json, strlen(json), &same, &error));
        CHECK_TEXT(regconf_nodes_place(same, 1), "10.0.0.12:2222");
    }
    regconf_string_free(json);
    regconf_nodes_free(nodes);
    regconf_nodes_free(same);
    regconf_imported_free(imported);
}

static void check_options_of_import(void) {
    regconf_imported *imported = NULL;
    regconf_error *error = NULL;
    CHECK_OK(regconf_import_parse("10.0.0.1", 8, NULL, 0, &imported, &error));
    regconf_imported_free(imported);
    imported = NULL;
    CHECK_FAILS(REGCONF_PARSE, regconf_import_parse("10.0.0.1", 8, "{\"formats\":1}", 13, &imported, &error));
    CHECK_FAILS(REGCONF_INVALID_ARGUMENT, regconf_import_parse("10.0.0.1", 8, "{\"format\":\"x\"}", 14, &imported, &error));
    CHECK_FAILS(REGCONF_INVALID_ARGUMENT, regconf_import_parse("a: 1\n", 5, NULL, 0, &imported, &error));
    CHECK_FAILS(REGCONF_IO, regconf_import_load("/nonexistent/inventory", NULL, 0, &imported, &error));
    CHECK(imported == NULL);
}

static void check_export(void) {
    const char *wanted = "{\"ensure\":[{\"host\":\"reg.lab\",\"endpoints\":[{\"url\":\"http://10.0.0.9:5000\"}]}]}";
    regconf_settings *settings = NULL;
    regconf_error *error = NULL;
    char *text = NULL, *remarks = NULL;
    CHECK_OK(regconf_settings_parse(wanted, strlen(wanted), &settings, &error));
    CHECK_OK(regconf_settings_to_k3s(settings, &text, &remarks, &error));
    CHECK_HAS(text, "\"http://10.0.0.9:5000\"");
    CHECK_HAS(remarks, "\"kind\":\"decided\"");
    regconf_string_free(text);
    regconf_string_free(remarks);
    CHECK_OK(regconf_settings_to_kubespray(settings, &text, NULL, &error));
    CHECK_HAS(text, "containerd_registries_mirrors");
    regconf_string_free(text);
    regconf_settings_free(settings);
}

void check_import(void) {
    check_parsed();
    check_options_of_import();
    check_export();
}
