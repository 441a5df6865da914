/* The input of a golden case, as tests/golden/README.md describes it. */
#ifndef GOLDEN_H
#define GOLDEN_H

#include <regconf.h>

/* The facts of a case's files and facts.json, to be freed. Ends the program if the case is not as described. */
regconf_facts *golden_facts(const char *folder);

/* Ends the program, saying what is wrong with a case's files. */
void bad_case(const char *folder, const char *why);

#endif
