/* Files and folders, read whole. */
#ifndef FILES_H
#define FILES_H

#include <stddef.h>

/* A file's bytes with a NUL byte behind them, to be freed; NULL if there is no such file. Ends the program if it cannot
 * be read. */
char *read_file(const char *path, size_t *length);

/* `first` and `second` as one text, to be freed. */
char *join(const char *first, const char *second);

/* What to do with an entry of a folder. */
typedef void (*visitor)(void *user, const char *path, const char *name, int is_folder);

/* Visits the entries of a folder in the order of their names, none if there is no such folder. */
void visit_folder(const char *folder, visitor visit, void *user);

/* malloc that ends the program when there is no memory. */
void *get_memory(size_t size);

#endif
