/* Makes each node of a list as the settings say: push nodes.json settings.json */
#include <regconf.h>
#include <stdio.h>

static int show(void *user, const regconf_event *event) {
    if (regconf_event_what(event) == REGCONF_EVENT_FINISHED)
        fprintf(user, "%s is done\n", regconf_event_name(event));
    return 0; /* any other number cancels */
}

int main(int argc, char **argv) {
    static char wanted[1 << 20];
    FILE *file = argc == 3 ? fopen(argv[2], "rb") : NULL;
    size_t length = file ? fread(wanted, 1, sizeof wanted, file) : 0;
    if (!file || ferror(file) || fclose(file) != 0 || length == sizeof wanted)
        return fprintf(stderr, "push nodes.json settings.json (of less than 1 MiB)\n"), 2;
    regconf_settings *settings = NULL;
    regconf_nodes *nodes = NULL;
    regconf_options *options = regconf_options_new();
    regconf_report *report = NULL;
    regconf_error *error = NULL;
    char *text = NULL;
    int ok = regconf_settings_parse(wanted, length, &settings, &error) == REGCONF_OK &&
             regconf_nodes_load(argv[1], &nodes, &error) == REGCONF_OK &&
             regconf_options_set_observer(options, show, stderr, &error) == REGCONF_OK &&
             regconf_push(nodes, settings, options, &report, &error) == REGCONF_OK &&
             regconf_report_text(report, &text, &error) == REGCONF_OK;
    if (ok)
        printf("%s", text);
    ok = ok && regconf_report_check(report, &error) == REGCONF_OK;
    if (!ok)
        fprintf(stderr, "%s\n", regconf_error_text(error));
    regconf_error_free(error);
    regconf_string_free(text);
    regconf_report_free(report);
    regconf_options_free(options);
    regconf_nodes_free(nodes);
    regconf_settings_free(settings);
    return !ok;
}
