/* Checks that count and name what does not hold. May be used by several threads at once. */
#ifndef CHECK_H
#define CHECK_H

#include <regconf.h>

/* Each gives whether it holds. */
#define CHECK(holds) check((holds) != 0, __FILE__, __LINE__, #holds)
#define CHECK_TEXT(text, wanted) check_text(text, wanted, __FILE__, __LINE__, #text)
#define CHECK_HAS(text, words) check_has(text, words, __FILE__, __LINE__, #text)

/* Calls that take `&error`, a variable of the caller's that is NULL before and after. */
#define CHECK_OK(call) check_status(call, REGCONF_OK, &error, __FILE__, __LINE__, #call)
#define CHECK_FAILS(kind, call) check_status(call, kind, &error, __FILE__, __LINE__, #call)

int check(int holds, const char *file, int line, const char *what);
int check_text(const char *text, const char *wanted, const char *file, int line, const char *what);
int check_has(const char *text, const char *words, const char *file, int line, const char *what);
int check_status(regconf_status status, regconf_status wanted, regconf_error **error, const char *file, int line,
                 const char *call);

/* Says how many checks there were; the exit status of the program. */
int checks_ended(void);

/* Options with time enough: under valgrind a login may take a minute. */
regconf_options *patient_options(void);

#endif
