/**
 * @file regconf.h
 *
 * Merges image registry settings into the existing containerd and docker configs, and pushes them to nodes over SSH.
 * Generated from the library's source; changed there, not here.
 *
 * # Ownership
 * What a function gives through an `out` or returns from `_new` is the caller's, who frees it with the `_free` of its
 * type, once; what it returns as `const` is borrowed from its first argument and lives as long as that. What is given
 * to a function is borrowed for the call: nothing is kept but copies, the observer and its `user` pointer.
 *
 * # Errors
 * A function that can fail returns a `regconf_status` and takes a `regconf_error **` last. That may be NULL; if not, it
 * gets an error when the status is not `REGCONF_OK`, and is left alone otherwise, as are all other results on failure.
 * A NULL where something must be is `REGCONF_INVALID_ARGUMENT`, never a crash; functions that cannot fail then return 0,
 * NULL or what is written with them. No exception, signal or exit leaves the library; a fault of its own ends in
 * `REGCONF_INTERNAL`, and Rust says more of it on standard error.
 *
 * # Texts
 * All texts are UTF-8, in both directions. Where a length is asked for, a NUL byte at the end is neither needed nor
 * counted. Enumerations are given to the caller only; later versions may add values to them.
 *
 * # Threads
 * Handles may be moved from thread to thread. Functions that take a handle as `const` may be called by several threads
 * at once with the same handle; one that takes it otherwise needs it alone. `regconf_cancel_set` may be called at any
 * time. Calls on nodes make threads of their own, which end with the call or a moment after it; the observer is called on
 * the caller's thread only, one event at a time. There are no globals and no state between calls.
 *
 * # Example
 * @code{.c}
 * #include <regconf.h>
 * #include <stdio.h>
 * #include <string.h>
 *
 * static int show(void *user, const regconf_event *event) {
 *     (void)user;
 *     if (regconf_event_what(event) == REGCONF_EVENT_FINISHED)
 *         fprintf(stderr, "%s is done\n", regconf_event_name(event));
 *     return 0; // any other number cancels
 * }
 *
 * int main(int argc, char **argv) {
 *     const char *wanted = "{\"ensure\":[{\"host\":\"my-registry.com\","
 *                          "\"endpoints\":[{\"url\":\"http://192.168.30.56:5000\"}]}]}";
 *     regconf_settings *settings = NULL;
 *     regconf_nodes *nodes = NULL;
 *     regconf_options *options = regconf_options_new();
 *     regconf_report *report = NULL;
 *     regconf_error *error = NULL;
 *     char *text = NULL;
 *
 *     if (argc == 2 && regconf_settings_parse(wanted, strlen(wanted), &settings, &error) == REGCONF_OK &&
 *         regconf_nodes_load(argv[1], &nodes, &error) == REGCONF_OK &&
 *         regconf_options_set_observer(options, show, NULL, &error) == REGCONF_OK &&
 *         regconf_push(nodes, settings, options, &report, &error) == REGCONF_OK &&
 *         regconf_report_text(report, &text, &error) == REGCONF_OK) {
 *         printf("%s", text);
 *         regconf_report_check(report, &error);
 *     }
 *     int failed = error != NULL || report == NULL;
 *     if (error)
 *         fprintf(stderr, "%s\n", regconf_error_text(error));
 *     regconf_error_free(error);
 *     regconf_string_free(text);
 *     regconf_report_free(report);
 *     regconf_options_free(options);
 *     regconf_nodes_free(nodes);
 *     regconf_settings_free(settings);
 *     return failed;
 * }
 * @endcode
 */


#ifndef REGCONF_H
#define REGCONF_H

#include <stddef.h>
#include <stdint.h>

/**
 * Stands for every node of a list.
 */
#define REGCONF_ALL_NODES SIZE_MAX


/**
 * The version of this header: the first of three numbers.
 */
#define REGCONF_VERSION_MAJOR 0

/**
 * The version of this header: the second of three numbers.
 */
#define REGCONF_VERSION_MINOR 1

/**
 * The version of this header: the third of three numbers.
 */
#define REGCONF_VERSION_PATCH 0

/**
 * Counts what this header has: goes up with each function that is added.
 */
#define REGCONF_ABI_VERSION 2

/**
 * How a call ended, and the kind of an error. The numbers never change their meaning; later versions may add some.
 */
typedef enum {
  /**
   * It went well.
   */
  REGCONF_OK = 0,
  /**
   * An argument or a setting has a value that it may not have.
   */
  REGCONF_INVALID_ARGUMENT = 1,
  /**
   * A file or an answer is not what its format demands.
   */
  REGCONF_PARSE = 2,
  /**
   * Two settings, or a setting and an existing file, exclude each other.
   */
  REGCONF_CONFLICT = 3,
  /**
   * The engine, its version or this library cannot do what was asked.
   */
  REGCONF_UNSUPPORTED = 4,
  /**
   * The node cannot be reached.
   */
  REGCONF_CONNECT = 5,
  /**
   * The host key is unknown, changed or revoked.
   */
  REGCONF_HOST_KEY = 6,
  /**
   * The node accepted none of the credentials.
   */
  REGCONF_AUTHENTICATION = 7,
  /**
   * Logged in, but not allowed to become root.
   */
  REGCONF_PRIVILEGE = 8,
  /**
   * The node's shell did not do what the script said.
   */
  REGCONF_COMMAND = 9,
  /**
   * A file changed after the plan was made from it; nothing was written.
   */
  REGCONF_STALE = 10,
  /**
   * An engine could not be reloaded or restarted.
   */
  REGCONF_ACTIVATION = 11,
  /**
   * The engine runs, but the new setting is not in force.
   */
  REGCONF_VERIFICATION = 12,
  /**
   * A deadline has passed.
   */
  REGCONF_TIMEOUT = 13,
  /**
   * The caller cancelled, or a limit that they set has stopped the rollout.
   */
  REGCONF_CANCELLED = 14,
  /**
   * Reading or writing failed.
   */
  REGCONF_IO = 15,
  /**
   * A fault of this library.
   */
  REGCONF_INTERNAL = 99,
} regconf_status;

/**
 * What an event is about.
 */
typedef enum {
  /**
   * Time has passed.
   */
  REGCONF_EVENT_TICK = 0,
  /**
   * A batch of nodes begins or has ended.
   */
  REGCONF_EVENT_BATCH = 1,
  /**
   * A node is being connected to.
   */
  REGCONF_EVENT_CONNECTING = 2,
  /**
   * Logged in; the node's files are being read.
   */
  REGCONF_EVENT_GATHERING = 3,
  /**
   * It is known what there is to do on the node.
   */
  REGCONF_EVENT_PLANNED = 4,
  /**
   * A step of the node's change begins.
   */
  REGCONF_EVENT_APPLYING = 5,
  /**
   * The node cannot be reached and is tried again after the others.
   */
  REGCONF_EVENT_POSTPONED = 6,
  /**
   * The node's turn is over. Comes once for each node.
   */
  REGCONF_EVENT_FINISHED = 7,
  /**
   * One that this version of the header does not know.
   */
  REGCONF_EVENT_OTHER = 99,
} regconf_event_kind;

/**
 * How it ended on a node.
 */
typedef enum {
  /**
   * Everything was as wanted; nothing was touched.
   */
  REGCONF_OUTCOME_UNCHANGED = 1,
  /**
   * The plan was carried out, and its effect seen.
   */
  REGCONF_OUTCOME_CHANGED = 2,
  /**
   * There is something to do, and it was only asked what.
   */
  REGCONF_OUTCOME_PENDING = 3,
  /**
   * It is as wanted, but an image that was asked for cannot be pulled. What was changed stays.
   */
  REGCONF_OUTCOME_UNVERIFIED = 4,
  /**
   * It failed, and nothing was changed.
   */
  REGCONF_OUTCOME_FAILED = 5,
  /**
   * It could not be reached, or the link was lost before anything was changed.
   */
  REGCONF_OUTCOME_UNREACHABLE = 6,
  /**
   * It failed, and everything was put back.
   */
  REGCONF_OUTCOME_ROLLED_BACK = 7,
  /**
   * It failed, and it is not known in what state the node is. Somebody must look.
   */
  REGCONF_OUTCOME_UNKNOWN = 8,
  /**
   * Its change was not begun, because the caller cancelled or the rollout was stopped.
   */
  REGCONF_OUTCOME_NOT_TRIED = 9,
} regconf_outcome;

/**
 * The caller's word to stop. Freed by `regconf_cancel_free`, also while options or calls still use it.
 */
typedef struct regconf_cancel regconf_cancel;

/**
 * What went wrong, where, and what to do about it. Holds no secret. Made by the library only; freed by
 * `regconf_error_free`, unless it is borrowed from a report.
 */
typedef struct regconf_error regconf_error;

/**
 * Something that happened. Borrowed by the observer until it returns.
 */
typedef struct regconf_event regconf_event;

/**
 * What was read from a node: existing files, and which engines there are. Freed by `regconf_facts_free`.
 */
typedef struct regconf_facts regconf_facts;

/**
 * What was imported: nodes, settings, and remarks on what was decided or left out. Freed by `regconf_imported_free`.
 */
typedef struct regconf_imported regconf_imported;

/**
 * A list of nodes. Freed by `regconf_nodes_free`.
 */
typedef struct regconf_nodes regconf_nodes;

/**
 * How a fleet is worked on. Freed by `regconf_options_free`. What is not set has the default that stands with its
 * setter; NULL in place of options means all defaults.
 */
typedef struct regconf_options regconf_options;

/**
 * What is to be done on one node: exact bytes, and what must be activated. Freed by `regconf_plan_free`, unless it is
 * borrowed from a report.
 */
typedef struct regconf_plan regconf_plan;

/**
 * What happened on each node, in the order of the list. Freed by `regconf_report_free`.
 */
typedef struct regconf_report regconf_report;

/**
 * The plans of many nodes, not carried out yet. Freed by `regconf_rollout_free`.
 */
typedef struct regconf_rollout regconf_rollout;

/**
 * What is wanted: registries to ensure and registries to remove. Freed by `regconf_settings_free`.
 */
typedef struct regconf_settings regconf_settings;

/**
 * Hears events, on the thread that made the call, one at a time, and at least every 100 ms. What it returns other than
 * 0 cancels: nodes in the middle of a change finish or go back, no other is begun. It must return: neither an exception
 * nor a `longjmp` may leave it.
 *
 * @param user   what was given with the observer
 * @param event  borrowed until the observer returns
 */
typedef int (*regconf_observer)(void *user, const regconf_event *event);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the library, such as `0.1.0`.
 *
 * @return  a text that is never freed
 */
const char *regconf_version(void);

/**
 * The `REGCONF_ABI_VERSION` that the library was built with. A program that was built with a higher one may miss
 * functions.
 */
uint32_t regconf_abi_version(void);

/**
 * Checks a registry host, such as `my-registry.com:5000`, and gives it as the library writes it.
 *
 * @param host  what stands before the first `/` of an image reference
 * @param out   gets a text to be freed by `regconf_string_free`
 */
regconf_status regconf_registry_host_parse(const char *host, char **out, regconf_error **error);

/**
 * Takes an image reference apart.
 *
 * @param image  such as `my-registry.com/team/app:v1`
 * @param out    gets a JSON object with `host`, `repository`, `tag` and `digest`, to be freed by `regconf_string_free`
 */
regconf_status regconf_image_parse(const char *image, char **out, regconf_error **error);

/**
 * What an error of containerd, docker or a registry means, and what to do.
 *
 * @param said    what a pull, a start or a log gave
 * @param length  its length in bytes
 * @param out     gets a JSON object with `cause` and `remedy`, to be freed by `regconf_string_free`
 * @return  `REGCONF_UNSUPPORTED` if the error is none that is known
 */
regconf_status regconf_advice(const char *said, size_t length, char **out, regconf_error **error);

/**
 * The kind.
 *
 * @return  `REGCONF_OK` if `error` is NULL
 */
regconf_status regconf_error_kind(const regconf_error *error);

/**
 * All of it as one text: `context: file:line: key: message; hint`.
 *
 * @return  borrowed from `error`; NULL if that is NULL
 */
const char *regconf_error_text(const regconf_error *error);

/**
 * What was wrong, without place and hint.
 *
 * @return  borrowed from `error`; NULL if that is NULL
 */
const char *regconf_error_message(const regconf_error *error);

/**
 * The file.
 *
 * @return  borrowed from `error`; NULL if it is about none
 */
const char *regconf_error_path(const regconf_error *error);

/**
 * The line in that file or text, counted from 1.
 *
 * @return  0 if it is about none
 */
size_t regconf_error_line(const regconf_error *error);

/**
 * The key of a setting or of a file, such as `ensure[0].endpoints[1].url`.
 *
 * @return  borrowed from `error`; NULL if it is about none
 */
const char *regconf_error_key(const regconf_error *error);

/**
 * What to do.
 *
 * @return  borrowed from `error`; NULL if there is no advice
 */
const char *regconf_error_hint(const regconf_error *error);

/**
 * The error as a JSON object, as it stands in reports: `kind`, `message`, `context`, `path`, `line`, `key`, `hint`.
 * Its `message` is all of it, as `regconf_error_text` gives it.
 *
 * @param out  gets a text to be freed by `regconf_string_free`
 */
regconf_status regconf_error_to_json(const regconf_error *error, char **out, regconf_error **failed);

/**
 * Frees an error; NULL is fine. Not one that is borrowed from a report.
 */
void regconf_error_free(regconf_error *error);

/**
 * The name of a status, such as `host_key`; `ok` for success, `unknown` for a number that is none.
 *
 * @param status  any number
 * @return  a text that is never freed
 */
const char *regconf_status_name(int status);

/**
 * Settings that want nothing.
 */
regconf_settings *regconf_settings_new(void);

/**
 * Reads settings from JSON: `{"ensure": [registry, …], "remove": [host, …]}`. Unknown keys and contradictions are errors.
 *
 * @param json    the text
 * @param length  its length in bytes
 * @param out     gets the settings, to be freed by `regconf_settings_free`
 */
regconf_status regconf_settings_parse(const char *json,
                                      size_t length,
                                      regconf_settings **out,
                                      regconf_error **error);

/**
 * Adds a registry that shall be set up. If it cannot be added, the settings are as before.
 *
 * @param registry  an entry of `ensure` in JSON: `{"host": "my-registry.com", "endpoints": [{"url": "http://10.0.0.5:5000"}]}`
 * @param length    its length in bytes
 */
regconf_status regconf_settings_ensure(regconf_settings *settings,
                                       const char *registry,
                                       size_t length,
                                       regconf_error **error);

/**
 * Adds a registry that shall be taken out. If it cannot be added, the settings are as before.
 *
 * @param removal  an entry of `remove` in JSON: `"old.lan:5000"` with its quotes, or an object with `host`, and
 *                 `endpoints`, `engines` or both
 * @param length   its length in bytes
 */
regconf_status regconf_settings_remove(regconf_settings *settings,
                                       const char *removal,
                                       size_t length,
                                       regconf_error **error);

/**
 * Has `mirrors` and `configs.*.tls` of an existing config.toml moved to hosts.toml files. Stays on.
 */
regconf_status regconf_settings_migrate(regconf_settings *settings, regconf_error **error);

/**
 * Has containerd's CRI plugin taken out of `disabled_plugins`. Stays on.
 */
regconf_status regconf_settings_enable_cri(regconf_settings *settings, regconf_error **error);

/**
 * Settings with others laid over them: what the others say of a host takes the place of what these say of it.
 *
 * @param out  gets the settings, to be freed by `regconf_settings_free`
 */
regconf_status regconf_settings_overlay(const regconf_settings *settings,
                                        const regconf_settings *over,
                                        regconf_settings **out,
                                        regconf_error **error);

/**
 * Whether both want the same, with the hosts in the same order.
 *
 * @return  1 or 0; 0 if one of them is NULL
 */
int regconf_settings_equal(const regconf_settings *a, const regconf_settings *b);

/**
 * The JSON that `regconf_settings_parse` reads as the same settings. **Secrets are in it**: keys of client
 * certificates and values of headers.
 *
 * @param out  gets a text to be freed by `regconf_string_free`
 */
regconf_status regconf_settings_to_json(const regconf_settings *settings, char **out, regconf_error **error);

/**
 * A digest of what is wanted, as `sha256:…`, the same in whatever order the hosts are named.
 *
 * @param out  gets a text to be freed by `regconf_string_free`
 */
regconf_status regconf_settings_fingerprint(const regconf_settings *settings, char **out, regconf_error **error);

/**
 * Frees settings; NULL is fine.
 */
void regconf_settings_free(regconf_settings *settings);

/**
 * Facts that know of nothing; what is not added is not there.
 */
regconf_facts *regconf_facts_new(void);

/**
 * Adds an existing file; it takes the place of one with the same path. An engine is on the node when there is a file
 * below its folder, `/etc/containerd` or `/etc/docker`, or when its version is known.
 *
 * @param path    its absolute path on the node
 * @param data    its bytes, of any kind
 * @param length  how many there are
 */
regconf_status regconf_facts_add_file(regconf_facts *facts,
                                      const char *path,
                                      const char *data,
                                      size_t length,
                                      regconf_error **error);

/**
 * Adds a folder, empty but for what else is known to be in it. The folders of files need not be added.
 *
 * @param path  its absolute path on the node, without a slash at its end
 */
regconf_status regconf_facts_add_folder(regconf_facts *facts, const char *path, regconf_error **error);

/**
 * Adds what the node answers to a question that is not about a file's bytes. Plans of files need it only where the
 * running daemon makes a difference.
 *
 * @param query          a JSON object with one key: `dir`, `unit`, `command` (an array of words), `daemon`, `program` or
 *                       `modified`
 * @param query_length   its length in bytes
 * @param answer         a JSON object with one key, `text`, `names` (an array) or `unusable`; or `"absent"` with its quotes
 * @param answer_length  its length in bytes
 */
regconf_status regconf_facts_add_answer(regconf_facts *facts,
                                        const char *query,
                                        size_t query_length,
                                        const char *answer,
                                        size_t answer_length,
                                        regconf_error **error);

/**
 * Says which version of an engine runs there, which also says that it is there.
 *
 * @param engine   `containerd` or `docker`
 * @param version  such as `1.7.24`
 */
regconf_status regconf_facts_set_version(regconf_facts *facts,
                                         const char *engine,
                                         const char *version,
                                         regconf_error **error);

/**
 * Says which version an engine has if it is there.
 *
 * @param engine   `containerd` or `docker`
 * @param version  such as `1.7.24`
 */
regconf_status regconf_facts_assume_version(regconf_facts *facts,
                                            const char *engine,
                                            const char *version,
                                            regconf_error **error);

/**
 * Restricts what is planned to one engine; NULL means every one that is there, as at first.
 *
 * @param engine  `containerd`, `docker` or NULL
 */
regconf_status regconf_facts_set_engine(regconf_facts *facts, const char *engine, regconf_error **error);

/**
 * Says where an engine's configuration is, if not where it usually is.
 *
 * @param engine  `containerd` or `docker`
 * @param path    the absolute path of its config.toml or daemon.json
 */
regconf_status regconf_facts_set_config_path(regconf_facts *facts,
                                             const char *engine,
                                             const char *path,
                                             regconf_error **error);

/**
 * Frees facts; NULL is fine.
 */
void regconf_facts_free(regconf_facts *facts);

/**
 * What is to be done so that a node with these facts is as the settings say. Reads and writes nothing.
 *
 * @param out  gets the plan, to be freed by `regconf_plan_free`
 */
regconf_status regconf_plan_make(const regconf_settings *settings,
                                 const regconf_facts *facts,
                                 regconf_plan **out,
                                 regconf_error **error);

/**
 * Whether nothing is to be done: no file to write and no engine to activate.
 *
 * @return  1 or 0; 1 if `plan` is NULL
 */
int regconf_plan_is_empty(const regconf_plan *plan);

/**
 * The changes as a unified diff, without secrets; empty if no file changes.
 *
 * @param out  gets a text to be freed by `regconf_string_free`
 */
regconf_status regconf_plan_diff(const regconf_plan *plan, char **out, regconf_error **error);

/**
 * The plan as a JSON object: `changes` with their diffs, `activations` and `notes`. Without secrets.
 *
 * @param out  gets a text to be freed by `regconf_string_free`
 */
regconf_status regconf_plan_to_json(const regconf_plan *plan, char **out, regconf_error **error);

/**
 * How many files change.
 *
 * @return  0 if `plan` is NULL
 */
size_t regconf_plan_change_count(const regconf_plan *plan);

/**
 * The path of a file that changes. Files are in the order in which they are to be written.
 *
 * @param index  counted from 0
 * @return  borrowed from `plan`; NULL if there is no such change
 */
const char *regconf_plan_change_path(const regconf_plan *plan, size_t index);

/**
 * The bytes of the file before. **They may hold secrets of the file.**
 *
 * @param index   counted from 0
 * @param length  gets how many bytes there are; may be NULL
 * @return  borrowed from `plan`, not ended by a NUL byte; NULL if the file is new or there is no such change
 */
const char *regconf_plan_change_before(const regconf_plan *plan, size_t index, size_t *length);

/**
 * The bytes of the file after. **They may hold secrets of the file.**
 *
 * @param index   counted from 0
 * @param length  gets how many bytes there are; may be NULL
 * @return  borrowed from `plan`, not ended by a NUL byte; NULL if the file goes or there is no such change
 */
const char *regconf_plan_change_after(const regconf_plan *plan, size_t index, size_t *length);

/**
 * The permission bits of the file if it is new, such as 0644. A file that is there keeps its own.
 *
 * @param index  counted from 0
 * @return  0 if there is no such change
 */
uint32_t regconf_plan_change_mode(const regconf_plan *plan, size_t index);

/**
 * Which file, which hosts in order and which trust each engine uses for an image, before the plan and after it.
 *
 * @param facts  those that the plan was made from; with others, `REGCONF_STALE`
 * @param image  such as `my-registry.com/team/app:v1`
 * @param out    gets a JSON object, to be freed by `regconf_string_free`
 */
regconf_status regconf_plan_explain(const regconf_plan *plan,
                                    const regconf_facts *facts,
                                    const char *image,
                                    char **out,
                                    regconf_error **error);

/**
 * The same for people, one line for each engine, as it is after the plan.
 *
 * @param facts  those that the plan was made from; with others, `REGCONF_STALE`
 * @param image  such as `my-registry.com/team/app:v1`
 * @param out    gets a text to be freed by `regconf_string_free`
 */
regconf_status regconf_plan_explain_text(const regconf_plan *plan,
                                         const regconf_facts *facts,
                                         const char *image,
                                         char **out,
                                         regconf_error **error);

/**
 * Frees a plan; NULL is fine. Not one that is borrowed from a report.
 */
void regconf_plan_free(regconf_plan *plan);

/**
 * A list without nodes.
 */
regconf_nodes *regconf_nodes_new(void);

/**
 * Reads a node list: one `[user@]host[:port]` a line with `#` comments, or JSON. Secrets in it must stand there as
 * text; names of files are taken from the folder that the program runs in.
 *
 * @param list    the text
 * @param length  its length in bytes
 * @param out     gets the list, to be freed by `regconf_nodes_free`
 */
regconf_status regconf_nodes_parse(const char *list, size_t length, regconf_nodes **out, regconf_error **error);

/**
 * Reads a node list from a file. Secrets may stand in variables of the environment and in files; names of files are
 * taken from the list's folder.
 *
 * @param path  the file
 * @param out   gets the list, to be freed by `regconf_nodes_free`
 */
regconf_status regconf_nodes_load(const char *path, regconf_nodes **out, regconf_error **error);

/**
 * Adds this machine, or a folder on it that holds a system, in which files are merged and nothing is activated.
 *
 * @param root  `/`, or the absolute path of the folder
 */
regconf_status regconf_nodes_add_local(regconf_nodes *nodes, const char *root, regconf_error **error);

/**
 * Adds copies of the nodes of another list.
 */
regconf_status regconf_nodes_append(regconf_nodes *nodes, const regconf_nodes *others, regconf_error **error);

/**
 * Says the password for the login, as a program does that has asked a person. It is kept out of everything shown and
 * wiped when the list is freed.
 *
 * @param index     counted from 0, or `REGCONF_ALL_NODES`
 * @param password  the text
 * @param length    its length in bytes
 */
regconf_status regconf_nodes_set_password(regconf_nodes *nodes,
                                          size_t index,
                                          const char *password,
                                          size_t length,
                                          regconf_error **error);

/**
 * Says the password for becoming root by sudo, in the same way.
 *
 * @param index     counted from 0, or `REGCONF_ALL_NODES`
 * @param password  the text
 * @param length    its length in bytes
 */
regconf_status regconf_nodes_set_become_password(regconf_nodes *nodes,
                                                 size_t index,
                                                 const char *password,
                                                 size_t length,
                                                 regconf_error **error);

/**
 * How many nodes there are.
 *
 * @return  0 if `nodes` is NULL
 */
size_t regconf_nodes_count(const regconf_nodes *nodes);

/**
 * A node's name.
 *
 * @param index  counted from 0
 * @return  borrowed from `nodes` until that changes; NULL if there is no such node
 */
const char *regconf_nodes_name(const regconf_nodes *nodes, size_t index);

/**
 * Where a node is, such as `10.0.0.11:22`.
 *
 * @param index  counted from 0
 * @return  borrowed from `nodes` until that changes; NULL if there is no such node
 */
const char *regconf_nodes_place(const regconf_nodes *nodes, size_t index);

/**
 * How many warnings there are: what was not understood in an OpenSSH config that the list names.
 *
 * @return  0 if `nodes` is NULL
 */
size_t regconf_nodes_warning_count(const regconf_nodes *nodes);

/**
 * A warning.
 *
 * @param index  counted from 0
 * @return  borrowed from `nodes`; NULL if there is no such warning
 */
const char *regconf_nodes_warning(const regconf_nodes *nodes, size_t index);

/**
 * The JSON that `regconf_nodes_parse` reads as the same nodes. **Secrets are in it**: passwords, passphrases and keys.
 *
 * @param out  gets a text to be freed by `regconf_string_free`
 * @return  `REGCONF_UNSUPPORTED` for what the form cannot say, such as a key that is tried before a file
 */
regconf_status regconf_nodes_to_json(const regconf_nodes *nodes, char **out, regconf_error **error);

/**
 * Frees a list; NULL is fine.
 */
void regconf_nodes_free(regconf_nodes *nodes);

/**
 * Imports a file: an inventory of Kuboard-Spray, kubespray or kubeasz, of RKE or KubeKey, `registries.yaml` of k3s, an
 * OpenSSH client configuration, plain lines, or JSON of this library. What an inventory has beside it, such as
 * `group_vars`, is read too, and the path may be that of its folder.
 *
 * @param path     the file or folder
 * @param options  a JSON object, or NULL for none: `format` (such as `kubespray`; guessed if not given), `defaults` (as
 *                 `defaults` of a node list: what nodes have that the file leaves open), `variables` (values for
 *                 `{{ name }}`), `all_hosts` and `removed` (true or false), `insecure` (`http` or `skip_verify`: what that
 *                 means where no protocol is told). Unknown keys are errors.
 * @param length   the length of the options in bytes
 * @param out      gets what was imported, to be freed by `regconf_imported_free`
 */
regconf_status regconf_import_load(const char *path,
                                   const char *options,
                                   size_t length,
                                   regconf_imported **out,
                                   regconf_error **error);

/**
 * Imports a text. What it says of other files is a remark.
 *
 * @param source          the text
 * @param source_length   its length in bytes
 * @param options         as for `regconf_import_load`
 * @param options_length  their length in bytes
 * @param out             gets what was imported, to be freed by `regconf_imported_free`
 */
regconf_status regconf_import_parse(const char *source,
                                    size_t source_length,
                                    const char *options,
                                    size_t options_length,
                                    regconf_imported **out,
                                    regconf_error **error);

/**
 * The name of the form that was read, such as `kuboard-spray`.
 *
 * @return  borrowed from `imported`; NULL if that is NULL
 */
const char *regconf_imported_format(const regconf_imported *imported);

/**
 * A copy of the nodes; a list without nodes if the form has only registries.
 *
 * @param out  gets the list, to be freed by `regconf_nodes_free`
 */
regconf_status regconf_imported_nodes(const regconf_imported *imported, regconf_nodes **out, regconf_error **error);

/**
 * A copy of what is wanted of every node. What one node has of its own is with the node.
 *
 * @param out  gets the settings, to be freed by `regconf_settings_free`
 */
regconf_status regconf_imported_settings(const regconf_imported *imported,
                                         regconf_settings **out,
                                         regconf_error **error);

/**
 * How many remarks there are.
 *
 * @return  0 if `imported` is NULL
 */
size_t regconf_imported_remark_count(const regconf_imported *imported);

/**
 * A remark as one text: `file:line: key: what`. It holds no secret.
 *
 * @param index  counted from 0
 * @return  borrowed from `imported`; NULL if there is no such remark
 */
const char *regconf_imported_remark(const regconf_imported *imported, size_t index);

/**
 * The remarks as a JSON array of objects with `kind` (`decided`, `ineffective`, `unknown`, `unresolved`, `skipped`),
 * `path`, `line`, `key` and `text`. No secret is in it.
 *
 * @param out  gets a text to be freed by `regconf_string_free`
 */
regconf_status regconf_imported_remarks(const regconf_imported *imported, char **out, regconf_error **error);

/**
 * All of it as a JSON object: `format`, `nodes` (a node list as `regconf_nodes_parse` reads it), `settings` (as
 * `regconf_settings_parse` reads them) and `remarks`. **Secrets are in it.**
 *
 * @param out  gets a text to be freed by `regconf_string_free`
 */
regconf_status regconf_imported_to_json(const regconf_imported *imported, char **out, regconf_error **error);

/**
 * Frees what was imported; NULL is fine. Nodes and settings that were copied from it stay.
 */
void regconf_imported_free(regconf_imported *imported);

/**
 * The settings as variables of a current kubespray, in YAML.
 *
 * @param out      gets a text to be freed by `regconf_string_free`
 * @param remarks  gets what kubespray cannot say, in the form of `regconf_imported_remarks`, to be freed by
 *                 `regconf_string_free`; NULL if nobody wants to know
 */
regconf_status regconf_settings_to_kubespray(const regconf_settings *settings,
                                             char **out,
                                             char **remarks,
                                             regconf_error **error);

/**
 * The settings as `registries.yaml` of k3s and RKE2.
 *
 * @param out      gets a text to be freed by `regconf_string_free`
 * @param remarks  gets what k3s cannot say, in the form of `regconf_imported_remarks`, to be freed by
 *                 `regconf_string_free`; NULL if nobody wants to know
 */
regconf_status regconf_settings_to_k3s(const regconf_settings *settings,
                                       char **out,
                                       char **remarks,
                                       regconf_error **error);

/**
 * A word not yet said.
 */
regconf_cancel *regconf_cancel_new(void);

/**
 * Says it: nodes in the middle of a change finish or go back, no other is begun. May be called from any thread, while
 * calls run, more than once, and from a signal handler. NULL is fine.
 */
void regconf_cancel_set(const regconf_cancel *cancel);

/**
 * Says it, and waits for nobody: nodes in the middle of a change finish it or go back by themselves, but how that ended is
 * not heard. Their outcome is `REGCONF_OUTCOME_UNKNOWN`, their error `REGCONF_CANCELLED`, and their next push tells. May
 * follow `regconf_cancel_set`, for those who wait a while, and be called where that may.
 */
void regconf_cancel_abandon(const regconf_cancel *cancel);

/**
 * Whether it was said.
 *
 * @return  1 or 0
 */
int regconf_cancel_is_set(const regconf_cancel *cancel);

/**
 * Frees a handle; NULL is fine.
 */
void regconf_cancel_free(regconf_cancel *cancel);

/**
 * Options with all defaults.
 */
regconf_options *regconf_options_new(void);

/**
 * How many nodes are worked on at once. Default 0: as many as there are, at most 256.
 */
regconf_status regconf_options_set_parallel(regconf_options *options, size_t nodes, regconf_error **error);

/**
 * How many nodes at once may restart an engine. Default 0: as many as are worked on.
 */
regconf_status regconf_options_set_parallel_apply(regconf_options *options, size_t nodes, regconf_error **error);

/**
 * How many nodes are changed first; if one of them fails, no other is begun. Default 0.
 */
regconf_status regconf_options_set_canary(regconf_options *options, size_t nodes, regconf_error **error);

/**
 * How many nodes are a batch.
 *
 * @param size  `all`, the default; a number such as `10`; or a part such as `25%`
 */
regconf_status regconf_options_set_batch(regconf_options *options, const char *size, regconf_error **error);

/**
 * How many nodes of the control plane, which come last, are a batch. Default 1.
 */
regconf_status regconf_options_set_control_plane_batch(regconf_options *options, size_t nodes, regconf_error **error);

/**
 * How long to wait between two batches, in milliseconds. Default 0.
 */
regconf_status regconf_options_set_pause(regconf_options *options, uint64_t milliseconds, regconf_error **error);

/**
 * How many nodes may fail; with one more, no other is begun.
 *
 * @param limit  a number such as `3`, a part such as `10%`, or NULL, the default, for any number
 */
regconf_status regconf_options_set_max_failures(regconf_options *options, const char *limit, regconf_error **error);

/**
 * What it means that a node cannot be reached.
 *
 * @param policy  `fail`, the default; `skip`; `retry`, which tries again after all others; or `retry:ROUNDS:SECONDS`
 */
regconf_status regconf_options_set_unreachable(regconf_options *options, const char *policy, regconf_error **error);

/**
 * Records how each node ended, so that a later call does only what is left.
 *
 * @param path  a file, which is made if it is not there; NULL, the default, for none
 */
regconf_status regconf_options_set_journal(regconf_options *options, const char *path, regconf_error **error);

/**
 * How long connecting and logging in to one node may take, in milliseconds. Default 15,000.
 */
regconf_status regconf_options_set_connect_timeout(regconf_options *options,
                                                   uint64_t milliseconds,
                                                   regconf_error **error);

/**
 * How long one node may take until its change begins, in milliseconds. Default 120,000.
 */
regconf_status regconf_options_set_deadline(regconf_options *options, uint64_t milliseconds, regconf_error **error);

/**
 * Listens to the caller's word to stop. Default: to none but what the observer returns.
 */
regconf_status regconf_options_set_cancel(regconf_options *options,
                                          const regconf_cancel *cancel,
                                          regconf_error **error);

/**
 * Only finds out what there is to do.
 *
 * @param on  0, the default, or any other number
 */
regconf_status regconf_options_set_dry_run(regconf_options *options, int on, regconf_error **error);

/**
 * Adds an image that each node pulls once it is set up.
 *
 * @param image  such as `my-registry.com/team/app:v1`
 */
regconf_status regconf_options_add_verify_pull(regconf_options *options, const char *image, regconf_error **error);

/**
 * Has each node ask every endpoint at `/v2/` what answers there.
 *
 * @param on  0, the default, or any other number
 */
regconf_status regconf_options_set_probe(regconf_options *options, int on, regconf_error **error);

/**
 * Says which version an engine has where it is found but cannot be asked, as in a folder that holds a system.
 *
 * @param engine   `containerd` or `docker`
 * @param version  such as `1.7.24`
 */
regconf_status regconf_options_assume_version(regconf_options *options,
                                              const char *engine,
                                              const char *version,
                                              regconf_error **error);

/**
 * Sets who hears events.
 *
 * @param observer  NULL, the default, for nobody
 * @param user      handed on as it is; it must live as long as calls with these options run
 */
regconf_status regconf_options_set_observer(regconf_options *options,
                                            regconf_observer observer,
                                            void *user,
                                            regconf_error **error);

/**
 * Frees options; NULL is fine.
 */
void regconf_options_free(regconf_options *options);

/**
 * What it is about.
 *
 * @return  `REGCONF_EVENT_TICK` if `event` is NULL
 */
regconf_event_kind regconf_event_what(const regconf_event *event);

/**
 * The node's place in the list that was given, counted from 0.
 *
 * @return  `REGCONF_ALL_NODES` if it is about no single node
 */
size_t regconf_event_node(const regconf_event *event);

/**
 * The node's name.
 *
 * @return  borrowed from `event`; NULL if it is about no single node
 */
const char *regconf_event_name(const regconf_event *event);

/**
 * The event as a JSON object, with all that there is to know: `event` (`tick`, `batch` or `node`), and for a node its
 * `stage` with `plan`, `step` or `report`.
 *
 * @return  borrowed from `event`; NULL if that is NULL
 */
const char *regconf_event_json(const regconf_event *event);

/**
 * Finds out what each node needs, and changes nothing. What happened on a node is in the report, not in the status.
 *
 * @param options  NULL for all defaults
 * @param out      gets the plans, to be freed by `regconf_rollout_free`
 */
regconf_status regconf_survey(const regconf_nodes *nodes,
                              const regconf_settings *settings,
                              const regconf_options *options,
                              regconf_rollout **out,
                              regconf_error **error);

/**
 * What each node needs, and why some cannot be planned for.
 *
 * @param out  gets the report, to be freed by `regconf_report_free`
 */
regconf_status regconf_rollout_report(const regconf_rollout *rollout, regconf_report **out, regconf_error **error);

/**
 * Carries the plans out. A file that has changed since then stops its node with `REGCONF_STALE`. What happened on a node
 * is in the report, not in the status. May be called again.
 *
 * @param options  NULL for all defaults
 * @param out      gets the report, to be freed by `regconf_report_free`
 */
regconf_status regconf_rollout_apply(const regconf_rollout *rollout,
                                     const regconf_options *options,
                                     regconf_report **out,
                                     regconf_error **error);

/**
 * Makes each node as the settings say, in one connection each. What happened on a node is in the report, not in the
 * status: see `regconf_report_check`.
 *
 * @param options  NULL for all defaults
 * @param out      gets the report, to be freed by `regconf_report_free`
 */
regconf_status regconf_push(const regconf_nodes *nodes,
                            const regconf_settings *settings,
                            const regconf_options *options,
                            regconf_report **out,
                            regconf_error **error);

/**
 * Frees plans; NULL is fine.
 */
void regconf_rollout_free(regconf_rollout *rollout);

/**
 * The name of an outcome as in JSON, such as `rolled_back`; `unknown` for a number that is none.
 *
 * @param outcome  any number
 * @return  a text that is never freed
 */
const char *regconf_outcome_name(int outcome);

/**
 * Whether all went well: `REGCONF_OK` if no node failed, none was left out and at least one is as wanted; otherwise the
 * kind of the first failure, with an error that counts and names.
 */
regconf_status regconf_report_check(const regconf_report *report, regconf_error **error);

/**
 * How many nodes there are.
 *
 * @return  0 if `report` is NULL
 */
size_t regconf_report_count(const regconf_report *report);

/**
 * How many nodes did not end well.
 *
 * @return  0 if `report` is NULL
 */
size_t regconf_report_failed(const regconf_report *report);

/**
 * A node's name.
 *
 * @param index  counted from 0
 * @return  borrowed from `report`; NULL if there is no such node
 */
const char *regconf_report_node(const regconf_report *report, size_t index);

/**
 * How a node ended.
 *
 * @param index  counted from 0
 * @return  `REGCONF_OUTCOME_UNKNOWN` if there is no such node
 */
regconf_outcome regconf_report_outcome(const regconf_report *report, size_t index);

/**
 * Why a node did not end well.
 *
 * @param index  counted from 0
 * @return  borrowed from `report`; NULL if it ended well or there is no such node
 */
const regconf_error *regconf_report_error(const regconf_report *report, size_t index);

/**
 * What was to be done on a node.
 *
 * @param index  counted from 0
 * @return  borrowed from `report`; NULL if it did not come to a plan or there is no such node
 */
const regconf_plan *regconf_report_plan(const regconf_report *report, size_t index);

/**
 * Why some nodes were not begun.
 *
 * @return  borrowed from `report`; NULL if all were
 */
const regconf_error *regconf_report_stopped(const regconf_report *report);

/**
 * The report as a JSON object, as `schema/report.schema.json` describes it. Without secrets.
 *
 * @param out  gets a text to be freed by `regconf_string_free`
 */
regconf_status regconf_report_to_json(const regconf_report *report, char **out, regconf_error **error);

/**
 * The report for people: nodes with the same end stand together, each with what changed or why it failed.
 *
 * @param out  gets a text to be freed by `regconf_string_free`
 */
regconf_status regconf_report_text(const regconf_report *report, char **out, regconf_error **error);

/**
 * Frees a report, and with it what is borrowed from it; NULL is fine.
 */
void regconf_report_free(regconf_report *report);

/**
 * Frees a text that a function gave through `char **`; NULL is fine. Not one that is borrowed.
 */
void regconf_string_free(char *text);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* REGCONF_H */
