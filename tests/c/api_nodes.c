#define _POSIX_C_SOURCE 200809L
#include <regconf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api.h"
#include "check.h"
#include "files.h"

static void check_lines(void) {
    const char *list = "# two nodes\nops@10.0.0.11:2222\n10.0.0.12\n";
    regconf_nodes *nodes = NULL, *both = regconf_nodes_new();
    regconf_error *error = NULL;
    CHECK_OK(regconf_nodes_parse(list, strlen(list), &nodes, &error));
    CHECK(regconf_nodes_count(nodes) == 2);
    CHECK_TEXT(regconf_nodes_name(nodes, 0), "10.0.0.11");
    CHECK_TEXT(regconf_nodes_place(nodes, 0), "10.0.0.11:2222");
    CHECK_TEXT(regconf_nodes_name(nodes, 2), NULL);
    CHECK_TEXT(regconf_nodes_place(nodes, 2), NULL);
    CHECK_OK(regconf_nodes_add_local(both, "/mnt/image", &error));
    CHECK_OK(regconf_nodes_append(both, nodes, &error));
    CHECK(regconf_nodes_count(both) == 3);
    CHECK_TEXT(regconf_nodes_name(both, 0), "localhost");
    CHECK_HAS(regconf_nodes_place(both, 0), "/mnt/image");
    CHECK_TEXT(regconf_nodes_name(both, 2), "10.0.0.12");
    CHECK(regconf_nodes_count(nodes) == 2);
    CHECK_OK(regconf_nodes_set_password(both, 1, "hunter2", 7, &error));
    CHECK_OK(regconf_nodes_set_become_password(both, REGCONF_ALL_NODES, "hunter2", 7, &error));
    CHECK_FAILS(REGCONF_INVALID_ARGUMENT, regconf_nodes_set_password(both, 3, "hunter2", 7, &error));
    CHECK_FAILS(REGCONF_INVALID_ARGUMENT, regconf_nodes_set_become_password(both, 3, "hunter2", 7, &error));
    regconf_nodes_free(nodes);
    regconf_nodes_free(both);
}

static char *write_file(const char *folder, const char *name, const char *text) {
    char *path = join(folder, name);
    FILE *file = fopen(path, "wb");
    CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
    return path;
}

/* An option of an OpenSSH config that is not known is said. */
static void check_warnings(void) {
    char folder[] = "/tmp/regconf-api-XXXXXX";
    regconf_nodes *nodes = NULL;
    regconf_error *error = NULL;
    CHECK(mkdtemp(folder) != NULL);
    char *config = write_file(folder, "/config", "Host *\n  NoSuchOption yes\n");
    char *list = write_file(folder, "/nodes.json",
                            "{\"ssh_config\":\"config\",\"nodes\":[{\"address\":\"10.0.0.1\"}]}");
    CHECK_OK(regconf_nodes_load(list, &nodes, &error));
    CHECK(regconf_nodes_warning_count(nodes) == 1);
    CHECK_HAS(regconf_nodes_warning(nodes, 0), "nosuchoption");
    CHECK_TEXT(regconf_nodes_warning(nodes, 1), NULL);
    regconf_nodes_free(nodes);
    remove(config);
    remove(list);
    rmdir(folder);
    free(config);
    free(list);
}

void check_nodes(const char *list) {
    regconf_nodes *nodes = NULL;
    regconf_error *error = NULL;
    CHECK_OK(regconf_nodes_load(list, &nodes, &error));
    CHECK(regconf_nodes_count(nodes) > 0);
    CHECK(regconf_nodes_warning_count(nodes) == 0);
    regconf_nodes_free(nodes);
    CHECK_FAILS(REGCONF_IO, regconf_nodes_load("/nonexistent/nodes.json", &nodes, &error));
    check_lines();
    check_warnings();
}

static void check_numbers(regconf_options *options) {
    regconf_error *error = NULL;
    CHECK_OK(regconf_options_set_parallel(options, 8, &error));
    CHECK_OK(regconf_options_set_parallel_apply(options, 2, &error));
    CHECK_OK(regconf_options_set_canary(options, 1, &error));
    CHECK_OK(regconf_options_set_control_plane_batch(options, 2, &error));
    CHECK_OK(regconf_options_set_pause(options, 500, &error));
    CHECK_OK(regconf_options_set_connect_timeout(options, 5000, &error));
    CHECK_OK(regconf_options_set_deadline(options, 60000, &error));
    CHECK_OK(regconf_options_set_dry_run(options, 1, &error));
    CHECK_OK(regconf_options_set_probe(options, 1, &error));
    CHECK_OK(regconf_options_assume_version(options, "docker", "26.1.5", &error));
}

static void check_texts(regconf_options *options) {
    regconf_error *error = NULL;
    CHECK_OK(regconf_options_set_batch(options, "all", &error));
    CHECK_OK(regconf_options_set_batch(options, "10", &error));
    CHECK_OK(regconf_options_set_batch(options, "25%", &error));
    CHECK_FAILS(REGCONF_INVALID_ARGUMENT, regconf_options_set_batch(options, "0", &error));
    CHECK_FAILS(REGCONF_INVALID_ARGUMENT, regconf_options_set_batch(options, "101%", &error));
    CHECK_OK(regconf_options_set_max_failures(options, "10%", &error));
    CHECK_OK(regconf_options_set_max_failures(options, NULL, &error));
    CHECK_FAILS(REGCONF_INVALID_ARGUMENT, regconf_options_set_max_failures(options, "few", &error));
    CHECK_OK(regconf_options_set_unreachable(options, "skip", &error));
    CHECK_OK(regconf_options_set_unreachable(options, "retry:2:1", &error));
    CHECK_FAILS(REGCONF_INVALID_ARGUMENT, regconf_options_set_unreachable(options, "retry:2:1:1", &error));
    CHECK_OK(regconf_options_set_journal(options, "journal", &error));
    CHECK_OK(regconf_options_set_journal(options, NULL, &error));
    CHECK_OK(regconf_options_add_verify_pull(options, "my-registry.com/team/app:v1", &error));
    CHECK_FAILS(REGCONF_INVALID_ARGUMENT, regconf_options_add_verify_pull(options, "Not An Image", &error));
    CHECK_OK(regconf_options_set_observer(options, NULL, NULL, &error));
}

void check_options(void) {
    regconf_options *options = regconf_options_new();
    check_numbers(options);
    check_texts(options);
    regconf_options_free(options);
}
