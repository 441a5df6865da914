/* What the stand-ins share. A node is a root of its own, so that a path names one node's file. */
#ifndef REGCONF_BENCH_COMMON_H
#define REGCONF_BENCH_COMMON_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFIG "/etc/docker/daemon.json"
#define VERSION "28.5.2"
/* What dockerd has read at its last start or reload. */
#define IN_FORCE "/run/bench/in-force.json"
/* A line for each reload. */
#define RELOADS "/run/bench/reloads"
#define DOCKERD_PID "812"

/* The bytes of a file, ended by a zero; none for a file that is not there. */
static inline char *contents(const char *path) {
	static char text[1 << 20];
	FILE *file = fopen(path, "r");
	if (file == NULL) return NULL;
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	return text;
}

#endif
