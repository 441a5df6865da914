#define _POSIX_C_SOURCE 200809L
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void give_up(const char *what) {
    perror(what);
    exit(2);
}

void *get_memory(size_t size) {
    void *memory = malloc(size);
    if (!memory)
        give_up("malloc");
    return memory;
}

char *join(const char *first, const char *second) {
    char *both = get_memory(strlen(first) + strlen(second) + 1);
    strcpy(both, first);
    return strcat(both, second);
}

char *read_file(const char *path, size_t *length) {
    struct stat status;
    FILE *file = fopen(path, "rb");
    if (!file && errno == ENOENT)
        return NULL;
    if (!file || fstat(fileno(file), &status) != 0)
        give_up(path);
    *length = (size_t)status.st_size;
    char *bytes = get_memory(*length + 1);
    if (fread(bytes, 1, *length, file) != *length || fclose(file) != 0)
        give_up(path);
    bytes[*length] = '\0';
    return bytes;
}

static int is_entry(const struct dirent *entry) {
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static void visit_entry(const char *folder, const char *name, visitor visit, void *user) {
    struct stat status;
    char *with_slash = join(folder, "/");
    char *path = join(with_slash, name);
    if (stat(path, &status) != 0)
        give_up(path);
    visit(user, path, name, S_ISDIR(status.st_mode));
    free(path);
    free(with_slash);
}

void visit_folder(const char *folder, visitor visit, void *user) {
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_entry, alphasort);
    if (count < 0 && errno != ENOENT)
        give_up(folder);
    for (int i = 0; i < count; i++) {
        visit_entry(folder, entries[i]->d_name, visit, user);
        free(entries[i]);
    }
    free(entries);
}
