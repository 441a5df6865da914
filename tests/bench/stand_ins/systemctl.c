/* A systemctl that knows one service, docker: as many forks and bytes as the real one, without a bus. */
#include "common.h"

#include <unistd.h>

struct property {
	const char *name, *value;
};

/* As systemd 252 shows a docker from docker.com's packages. */
static const struct property docker[] = {
	{"Type", "notify"},
	{"NRestarts", "0"},
	{"MainPID", DOCKERD_PID},
	{"ExecStart", "{ path=/usr/local/bin/dockerd ; argv[]=/usr/local/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock ; "
		      "ignore_errors=no ; start_time=[Mon 2026-01-05 08:11:02 UTC] ; stop_time=[n/a] ; pid=" DOCKERD_PID
		      " ; code=(null) ; status=0/0 }"},
	{"KillMode", "process"},
	{"Id", "docker.service"},
	{"Names", "docker.service"},
	{"LoadState", "loaded"},
	{"ActiveState", "active"},
	{"SubState", "running"},
	{"FragmentPath", "/etc/systemd/system/docker.service"},
	{"UnitFileState", "enabled"},
	{"CanReload", "yes"},
	{"NeedDaemonReload", "no"},
};

static int is_docker(const char *unit) {
	return strcmp(unit, "docker") == 0 || strcmp(unit, "docker.service") == 0;
}

/* Whether -p asked for it; all are shown if none was asked for. */
static int is_asked(const char *name, char **asked, int count) {
	size_t length = strlen(name);
	for (int i = 0; i < count; i++) {
		for (const char *list = asked[i]; list != NULL; list = strchr(list, ',')) {
			list += *list == ',';
			if (strncmp(list, name, length) == 0 && (list[length] == '\0' || list[length] == ',')) return 1;
			if (*list == '\0') break;
		}
	}
	return count == 0;
}

static void show_other(const char *unit, char **asked, int count) {
	const struct property other[] = {
		{"MainPID", "0"}, {"NRestarts", "0"}, {"LoadState", "not-found"}, {"ActiveState", "inactive"}, {"SubState", "dead"}, {"CanReload", "no"}, {"NeedDaemonReload", "no"},
	};
	if (is_asked("Id", asked, count)) printf("Id=%s%s\n", unit, strchr(unit, '.') ? "" : ".service");
	for (size_t i = 0; i < sizeof other / sizeof *other; i++)
		if (is_asked(other[i].name, asked, count)) printf("%s=%s\n", other[i].name, other[i].value);
}

/* The units' properties, an empty line between two. */
static void show(char **units, int count, char **asked, int asked_count) {
	for (int i = 0; i < count; i++) {
		if (i > 0) putchar('\n');
		if (!is_docker(units[i])) {
			show_other(units[i], asked, asked_count);
			continue;
		}
		for (size_t k = 0; k < sizeof docker / sizeof *docker; k++)
			if (is_asked(docker[k].name, asked, asked_count)) printf("%s=%s\n", docker[k].name, docker[k].value);
	}
}

/* dockerd reads its configuration again. The reload is recorded by one write, which other appends cannot cut. */
static int reload(void) {
	const char *text = contents(CONFIG);
	FILE *read = fopen(IN_FORCE ".new", "w"), *reloads = fopen(RELOADS, "a");
	if (text == NULL || read == NULL || reloads == NULL) {
		fputs("Job for docker.service failed.\n", stderr);
		return 1;
	}
	fputs(text, read);
	fputs("reload\n", reloads);
	int failed = fclose(read) | fclose(reloads) | rename(IN_FORCE ".new", IN_FORCE);
	return failed != 0;
}

static int run(const char *verb, char **units, int count, char **asked, int asked_count) {
	if (strcmp(verb, "show") == 0) {
		show(units, count, asked, asked_count);
		return 0;
	}
	for (int i = 0; i < count; i++) {
		if (strcmp(verb, "is-active") == 0) puts(is_docker(units[i]) ? "active" : "inactive");
		if (strcmp(verb, "is-enabled") == 0 && is_docker(units[i])) puts("enabled");
		if (!is_docker(units[i])) return 3;
		if (strcmp(verb, "reload") == 0 && reload() != 0) return 1;
	}
	const char *known[] = {"is-active", "is-enabled", "reload", "reset-failed"};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(verb, known[i]) == 0) return 0;
	fprintf(stderr, "Unknown command verb %s.\n", verb);
	return 1;
}

int main(int argc, char **argv) {
	char *words[64], *asked[64];
	int words_count = 0, asked_count = 0;
	for (int i = 1; i < argc && words_count < 64 && asked_count < 64; i++) {
		if (strcmp(argv[i], "-p") == 0 && i + 1 < argc) {
			asked[asked_count++] = argv[++i];
		} else if (strncmp(argv[i], "--property=", 11) == 0) {
			asked[asked_count++] = argv[i] + 11;
		} else if (strncmp(argv[i], "-p", 2) == 0) {
			asked[asked_count++] = argv[i] + 2;
		} else if (argv[i][0] != '-') {
			words[words_count++] = argv[i];
		}
	}
	if (words_count == 0) {
		fputs("systemctl: nothing to do\n", stderr);
		return 1;
	}
	return run(words[0], words + 1, words_count - 1, asked, asked_count);
}
