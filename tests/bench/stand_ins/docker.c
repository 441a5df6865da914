/* A docker that answers `info --format TEMPLATE` from what dockerd has read. In the template `{{json .ServerVersion}}`,
 * `{{json .DriverStatus}}` and `{{json .RegistryConfig}}` are replaced; all else is printed as it is. */
#include "common.h"

#define STATUS "[[\"Backing Filesystem\",\"extfs\"],[\"Supports d_type\",\"true\"],[\"Using metacopy\",\"false\"],[\"Native Overlay Diff\",\"true\"],[\"userxattr\",\"false\"]]"

/* Each string of a list in the configuration, with a text after it; the first has this comma before it, the others a real one. */
static void each_string(const char *key, const char *comma, const char *after) {
	const char *text = contents(IN_FORCE);
	const char *list = text == NULL ? NULL : strstr(text, key);
	const char *end = list == NULL ? NULL : strchr(list += strlen(key), ']');
	if (end == NULL) return;
	for (const char *open = strchr(list, '"'); open != NULL && open < end; open = strchr(open, '"')) {
		const char *close = strchr(++open, '"');
		if (close == NULL || close > end) return;
		printf("%s\"%.*s%s", comma, (int)(close - open), open, after);
		comma = ",";
		open = close + 1;
	}
}

static void registries(void) {
	fputs("{\"AllowNondistributableArtifactsCIDRs\":[],\"AllowNondistributableArtifactsHostnames\":[],", stdout);
	fputs("\"InsecureRegistryCIDRs\":[\"::1/128\",\"127.0.0.0/8\"],\"IndexConfigs\":{", stdout);
	fputs("\"docker.io\":{\"Name\":\"docker.io\",\"Mirrors\":[", stdout);
	each_string("\"registry-mirrors\"", "", "/\"");
	fputs("],\"Secure\":true,\"Official\":true}", stdout);
	each_string("\"insecure-registries\"", ",", "\":{\"Mirrors\":[],\"Secure\":false,\"Official\":false}");
	fputs("},\"Mirrors\":[", stdout);
	each_string("\"registry-mirrors\"", "", "/\"");
	fputs("]}", stdout);
}

static void print(const char *template) {
	const char *version = "{{json .ServerVersion}}";
	const char *status = "{{json .DriverStatus}}", *registry = "{{json .RegistryConfig}}";
	while (*template != '\0') {
		if (strncmp(template, version, strlen(version)) == 0) {
			fputs("\"" VERSION "\"", stdout);
			template += strlen(version);
		} else if (strncmp(template, status, strlen(status)) == 0) {
			fputs(STATUS, stdout);
			template += strlen(status);
		} else if (strncmp(template, registry, strlen(registry)) == 0) {
			registries();
			template += strlen(registry);
		} else {
			putchar(*template++);
		}
	}
	putchar('\n');
}

int main(int argc, char **argv) {
	if (argc == 4 && strcmp(argv[1], "info") == 0 && (strcmp(argv[2], "--format") == 0 || strcmp(argv[2], "-f") == 0)) {
		print(argv[3]);
		return 0;
	}
	fputs("docker: this stand-in only knows: docker info --format TEMPLATE\n", stderr);
	return 1;
}
