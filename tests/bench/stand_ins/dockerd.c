/* A dockerd that says its version and judges a file by its first and last character. */
#include "common.h"

static int validate(const char *path) {
	const char *text = contents(path);
	if (text == NULL) {
		fprintf(stderr, "unable to configure the Docker daemon with file %s: no such file\n", path);
		return 1;
	}
	const char *first = text + strspn(text, " \t\r\n"), *last = text + strlen(text);
	while (last > first && strchr(" \t\r\n", last[-1]) != NULL) last--;
	if (last - first < 2 || *first != '{' || last[-1] != '}') {
		fprintf(stderr, "unable to configure the Docker daemon with file %s: invalid character\n", path);
		return 1;
	}
	puts("configuration OK");
	return 0;
}

int main(int argc, char **argv) {
	const char *path = CONFIG;
	int validates = 0;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--version") == 0) {
			puts("Docker version " VERSION ", build 89c5e8f");
			return 0;
		}
		if (strcmp(argv[i], "--validate") == 0) validates = 1;
		if (strcmp(argv[i], "--config-file") == 0 && i + 1 < argc) path = argv[++i];
		if (strncmp(argv[i], "--config-file=", 14) == 0) path = argv[i] + 14;
	}
	if (validates) return validate(path);
	fputs("dockerd: this stand-in does not run\n", stderr);
	return 1;
}
