/* What `api` checks, part by part. */
#ifndef API_H
#define API_H

#include <stddef.h>

void check_names(void);
void check_errors(void);
void check_settings(void);
void check_facts(void);
void check_plans(void);
void check_nodes(const char *list);
void check_import(void);
void check_options(void);

/* Pushes to a folder that holds a system, and to it and the nodes of a list together. */
void check_fleet(const char *folder, const char *list, const char *image);
void check_cancel(const char *folder);

/* The value of a key, as text, in a JSON object; NULL if there is none. Until the next call. */
const char *text_in(const char *json, const char *key);

#endif
